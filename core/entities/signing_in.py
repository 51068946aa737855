"""How people sign in beyond a password: second steps, recovery codes, earlier passwords, other houses' identities.

None of these tables belongs to a company but ``invitation``: an account is its owner's.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, CompanyRow, Key, Name, company_args
from core.db.types import BigId


class TwoStep(Base):
    """The second step of an account: a seed locked with the installation's key. In force once it is confirmed.

    ``last_step`` is the interval of the last code that was taken; no code of it or before it is taken again.
    """

    __tablename__ = "two_step"

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True, autoincrement=False)
    seed: Mapped[str] = mapped_column(String(400))
    last_step: Mapped[int] = mapped_column(BigId, default=0)
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code for whoever has lost the telephone: kept as a hash, gone when it was used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))


class EarlierPassword(Base):
    """The hash of a password that an account had before, so that it does not come back too soon."""

    __tablename__ = "earlier_password"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]


class AccountIdentity(Base):
    """Somebody of a single sign-on provider who signs in here as this account."""

    __tablename__ = "account_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    label: Mapped[Name] = mapped_column(default="")
    created_at: Mapped[datetime]


class Invitation(CompanyRow, Base):
    """A company asks somebody who has an account already to work for it; the owner of the account accepts or not."""

    __tablename__ = "invitation"
    __table_args__ = company_args(UniqueConstraint("company_id", "account_id"))

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), index=True)
    invited_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    created_at: Mapped[datetime]
