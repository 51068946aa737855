"""The company: who sells, in which areas, in which currency and time zone."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Bytes32, Code, Key, Line, Name, OfCompany
from core.db.types import BigId

ZERO = bytes(32)


class Company(Base):
    """One selling company of the installation. ``version`` rises with every change of what is cached about it."""

    __tablename__ = "company"
    __table_args__ = (UniqueConstraint("code"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[Name]
    name_en: Mapped[Name] = mapped_column(default="")
    tax_number: Mapped[Code] = mapped_column(default="")
    address: Mapped[Line] = mapped_column(default="")
    address_en: Mapped[Line] = mapped_column(default="")
    phone: Mapped[Code] = mapped_column(default="")
    bank: Mapped[Name] = mapped_column(default="")
    bank_account: Mapped[Code] = mapped_column(default="")
    language: Mapped[str] = mapped_column(String(20), default="zh_Hans_CN")
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    colour: Mapped[str] = mapped_column(String(20), default="blue")
    # ISO weekdays worked, Monday first: "12345", or "123456" where Saturday is a workday.
    week: Mapped[str] = mapped_column(String(7), default="12345")
    closed_until: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    head: Mapped[Bytes32] = mapped_column(default=ZERO)
    created_at: Mapped[datetime]


class EnabledArea(OfCompany, Base):
    """An area that the company uses; the row goes when it is switched off, the area's data stay."""

    __tablename__ = "enabled_area"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    area: Mapped[Code] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))


class Setting(OfCompany, Base):
    """A value that the company chose; a setting without a row has the default of its declaration."""

    __tablename__ = "setting"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    key: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(String(2000))


class CalendarDay(OfCompany, Base):
    """A day that differs from the company's week: a holiday, or a weekend worked in exchange (调休)."""

    __tablename__ = "calendar_day"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    is_workday: Mapped[bool]
    name: Mapped[Name] = mapped_column(default="")
    name_en: Mapped[Name] = mapped_column(default="")


class NumberSeries(OfCompany, Base):
    """How the company numbers one type of document; a type without a row uses the series of its declaration."""

    __tablename__ = "number_series"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    pattern: Mapped[Code]


class Counter(OfCompany, Base):
    """The last number taken in one series and period."""

    __tablename__ = "counter"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    kind: Mapped[Code] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
    last_date: Mapped[date | None]


class SeenPermission(OfCompany, Base):
    """A permission whose default grants the company has been given once; it may have changed them since."""

    __tablename__ = "seen_permission"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    permission: Mapped[Code] = mapped_column(primary_key=True)
