"""People: one account each, employed by one or several companies, with roles and rights in each."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Key, Name, OfCompany, company_args, refers
from core.db.types import BigId


class Account(Base):
    """A person who signs in. ``version`` rises when a right or an employment of the person changes."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("login"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    email: Mapped[Name] = mapped_column(default="")
    phone: Mapped[Code] = mapped_column(default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    password_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(20), default="")
    theme: Mapped[str] = mapped_column(String(10), default="")
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class LoginSession(Base):
    """A signed-in browser. The cookie holds a random key, the table only its hash."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("key_hash"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[Code] = mapped_column(default="")
    agent: Mapped[Name] = mapped_column(default="")
    # By a password, by a further step, by single sign-on, or as anybody in the demonstration.
    way: Mapped[str] = mapped_column(String(20), default="password")


class LoginThrottle(Base):
    """Failed sign-ins by hashed login or address; bounded, since old rows are swept."""

    __tablename__ = "login_throttle"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None]
    last_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """A program's key: it acts as one account in one company. Only the hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"))
    name: Mapped[Name]
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Department(CompanyRow, Base):
    """A part of the company; departments form a tree, each with a head."""

    __tablename__ = "department"
    __table_args__ = company_args(UniqueConstraint("company_id", "code"), refers("parent_id", "department"))

    code: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    parent_id: Mapped[int | None] = mapped_column(BigId)
    head_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    active: Mapped[bool] = mapped_column(default=True)


class Employment(CompanyRow, Base):
    """An account works for a company: in a department, under a superior, between two days."""

    __tablename__ = "employment"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "account_id"),
        refers("department_id", "department"),
        Index("ix_employment_account_id", "account_id"),
    )

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    department_id: Mapped[int | None] = mapped_column(BigId)
    superior_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    title: Mapped[Name] = mapped_column(default="")
    title_en: Mapped[Name] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class CompanyRole(CompanyRow, Base):
    """A role as the company names it; the standard ones keep their keys."""

    __tablename__ = "company_role"
    __table_args__ = company_args(UniqueConstraint("company_id", "key"))

    key: Mapped[Code]
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class RoleGrant(CompanyRow, Base):
    """What a role may do and how far: role × permission × scope × dates."""

    __tablename__ = "role_grant"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "role_id", "permission", "scope"),
        refers("role_id", "company_role"),
        CheckConstraint("scope IN ('own', 'team', 'territory', 'company')", name="scope"),
    )

    role_id: Mapped[int] = mapped_column(BigId)
    permission: Mapped[Code]
    scope: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class AccountRole(CompanyRow, Base):
    """An account holds a role in the company, between two days."""

    __tablename__ = "account_role"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "account_id", "role_id"),
        refers("role_id", "company_role"),
    )

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    role_id: Mapped[int] = mapped_column(BigId)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class SeenRequest(OfCompany, Base):
    """The answer given to a request that carried a key, so that a repeated one acts once."""

    __tablename__ = "seen_request"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[str] = mapped_column(String(2000), default="")
    body: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(index=True)
