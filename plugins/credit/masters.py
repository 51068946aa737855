"""The credit file of a customer: grade, limit and until when, and what was granted on top for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Amount, Line, Long, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.entities.party import Party
from core.errors import Fault
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work

GRADES = (
    ("", _("Not graded")),
    ("A", _("A – good")),
    ("B", _("B – fair")),
    ("C", _("C – poor")),
    ("D", _("D – bad")),
)


class Allowance(Part):
    """Credit on top of the limit, between two days, if need be for one order only (临时额度)."""

    __tablename__ = "credit_allowance"
    __table_args__ = company_args(
        refers("file_id", "credit_file"),
        refers("used_by_id", "document"),
        Index("ix_credit_allowance_file", "company_id", "file_id"),
        CheckConstraint("amount > 0 AND valid_from <= valid_until", name="validity"),
    )
    key = "allowances"
    label = _("Temporary credit")
    owner = "file_id"
    columns = ("amount", "valid_from", "valid_until", "single_use", "used_on", "remark")

    file_id: Mapped[int] = mapped_column(BigId)
    amount: Mapped[Amount] = field(_("Amount"), required=True, least=Decimal("0.01"))
    valid_from: Mapped[date] = field(_("Valid from"), required=True)
    valid_until: Mapped[date] = field(_("Valid until"), required=True, help=_("This day included."))
    single_use: Mapped[bool] = field(_("For one order only"), default=False)
    used_on: Mapped[date | None] = field(_("Used on"), writable=False)
    used_by_id: Mapped[int | None] = mapped_column(BigId)
    remark: Mapped[Line] = field(_("Remark"), default="")


def check_file(work: Work, record: CreditFile) -> Iterator[Fault]:
    """One file for each customer, under his name, which ends after it begins."""
    return (fault for _record, fault in check_files(work, [record]))


def check_files(work: Work, records: Sequence[CreditFile]) -> Iterator[tuple[CreditFile, Fault]]:
    """As ``check_file``, of many files: two statements."""
    ids = {record.party_id for record in records}
    found = work.session.execute(select(Party.id, Party.name).where(Party.id.in_(ids)))
    names: dict[int, str] = {row.id: row.name for row in found}
    known = work.session.execute(select(CreditFile.party_id, CreditFile.id).where(CreditFile.party_id.in_(ids)))
    files: dict[int, int] = {row.party_id: row.id for row in known}
    for record in records:
        record.party_name = names.get(record.party_id, "")
        yield from ((record, fault) for fault in _check(record, files.get(record.party_id)))


def _check(record: CreditFile, other: int | None) -> Iterator[Fault]:
    if other not in (None, record.id):
        yield Fault("party_id", _("This customer has a credit file already."), "duplicate")
    if record.frozen and not record.active:
        yield Fault("active", _("Thaw the customer first."), "frozen")
    if record.valid_from and record.valid_until and record.valid_until < record.valid_from:
        yield Fault("valid_until", _("It ends before it begins."), "order")


class CreditFile(Master, kind="credit.file"):
    """How far a customer is trusted: his grade, his limit and its days, and whether he is frozen (CRD-02, CRD-03)."""

    __tablename__ = "credit_file"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "party_id"),
        refers("party_id", "party"),
        Index("ix_credit_file_name", "company_id", "party_name", "id"),
        Index("ix_credit_file_grade", "company_id", "grade", "id"),
        CheckConstraint("amount >= 0", name="amount"),
    )
    label = _("Credit file")
    label_plural = _("Credit files")
    plural = "credit-files"
    icon = "shield-check"
    columns: ClassVar = (
        "party_name",
        "grade",
        "amount",
        "valid_from",
        "valid_until",
        "review_on",
        "frozen",
        "active",
    )
    searched = ("party_name",)
    sorts = ("party_name", "grade")
    filters = ("party_id", "grade", "frozen", "active")
    parts = (Allowance,)
    readers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, FINANCE)
    writers = (GENERAL_MANAGER,)
    checks = (check_file,)
    checks_together: ClassVar = {check_file: check_files}

    party_id: Mapped[int] = field(_("Customer"), BigId, references="core.party", required=True)
    party_name: Mapped[Name] = field(_("Customer"), default="", writable=False)
    grade: Mapped[str] = field(_("Credit grade"), String(1), choices=GRADES, default="")
    amount: Mapped[Amount] = field(
        _("Credit limit"), default=Decimal(0), least=0, help=_("In the company's currency, taxes included.")
    )
    valid_from: Mapped[date | None] = field(_("Valid from"))
    valid_until: Mapped[date | None] = field(_("Valid until"), help=_("This day included."))
    review_on: Mapped[date | None] = field(_("Review on"))
    frozen: Mapped[bool] = field(_("Frozen"), default=False, help=_("Nothing but receipts until it is thawed."))
    frozen_why: Mapped[Line] = field(_("Why it is frozen"), default="")
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
