"""Announcements: decisions, sales policies, price changes and papers, to whom they concern, and who has read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Line, Long, Name, OfCompany, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import (
    ADMINISTRATOR,
    CONTRACT_ADMINISTRATOR,
    FINANCE,
    GENERAL_MANAGER,
    MARKETING,
    SALES_ADMINISTRATOR,
    SALES_MANAGER,
)
from core.text import Text, _

if TYPE_CHECKING:
    from core.work import Work

AUTHORS = (
    GENERAL_MANAGER,
    SALES_MANAGER,
    SALES_ADMINISTRATOR,
    CONTRACT_ADMINISTRATOR,
    MARKETING,
    FINANCE,
    ADMINISTRATOR,
)
SUBJECTS = (
    ("decision", _("Decision")),
    ("policy", _("Sales policy")),
    ("price", _("Price change")),
    ("paper", _("Company paper")),
    ("other", _("Other")),
)
STATES = (
    ("draft", _("Draft")),
    ("announced", _("Announced")),
    ("replaced", _("Replaced by a newer one")),
    ("withdrawn", _("Withdrawn")),
)
WHOM = (
    ("role", _("Who holds a role")),
    ("department", _("Who works in a department")),
    ("person", _("A certain person")),
)
DRAFT, ANNOUNCED, REPLACED, WITHDRAWN = (key for key, _label in STATES)


def check_concerned(work: Work, announcement: Announcement, row: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """A row names whom it says it concerns, somebody of this company."""
    name = f"{row['whom']}_id"
    known: Mapping[str, Any] = {
        "role_id": work.company.roles,
        "department_id": work.company.departments,
        "person_id": work.company.people,
    }
    for one, here in known.items():
        if row[one] is None:
            if one == name:
                yield Fault(f"{path}/{one}", _("This is needed."), "required")
        elif row[one] not in here:
            yield Fault(f"{path}/{one}", _("There is no such record."), "reference")


class Concerned(Part):
    """Whom an announcement concerns: who holds a role, works in a department or below it, or a certain person."""

    __tablename__ = "announcement_concerned"
    __table_args__ = company_args(
        refers("announcement_id", "announcement"),
        refers("role_id", "company_role"),
        refers("department_id", "department"),
        Index("ix_announcement_concerned_announcement", "company_id", "announcement_id"),
        CheckConstraint("whom IN ('role', 'department', 'person')", name="whom"),
    )
    key = "concerned"
    label = _("Whom it concerns")
    owner = "announcement_id"
    row_checks = (check_concerned,)
    columns = ("whom", "role_id", "department_id", "person_id")

    announcement_id: Mapped[int] = mapped_column(BigId)
    whom: Mapped[str] = field(_("Whom"), String(10), choices=WHOM, default="role")
    role_id: Mapped[int | None] = field(_("Role"), BigId, references="core.company_role")
    department_id: Mapped[int | None] = field(_("Department"), BigId, references="core.department")
    person_id: Mapped[int | None] = field(_("Person"), BigId, ForeignKey("account.id"), references="core.account")


def check_dates(work: Work, announcement: Announcement) -> Iterator[Fault]:
    """It holds for a day at least."""
    first, last = announcement.valid_from, announcement.valid_until
    if first is not None and last is not None and last < first:
        yield Fault("valid_until", _("It ends before it begins."), "range")


class Announcement(Master, kind="core.announcement"):
    """What a company tells its people (PLT-15): everybody, or those it concerns, from one day to another.

    A draft is edited; once announced it is frozen, and a newer edition takes its place.
    """

    __tablename__ = "announcement"
    __table_args__ = company_args(
        refers("replaces_id", "announcement"),
        Index("ix_announcement_name", "company_id", "name", "id"),
        Index("ix_announcement_state", "company_id", "state", "announced_at", "id"),
        CheckConstraint("state IN ('draft', 'announced', 'replaced', 'withdrawn')", name="state"),
        CheckConstraint("subject IN ('decision', 'policy', 'price', 'paper', 'other')", name="subject"),
    )
    label = _("Announcement")
    label_plural = _("Announcements")
    plural = "announcements"
    icon = "speakerphone"
    columns: ClassVar = ("name", "subject", "state", "valid_from", "valid_until", "announced_at")
    searched = ("name", "name_en")
    sorts = ("name",)
    filters = ("state",)
    parts = (Concerned,)
    readers = AUTHORS
    writers = AUTHORS
    checks = (check_dates,)

    name: Mapped[Name] = field(_("Heading"), required=True)
    name_en: Mapped[Name] = field(_("Heading in English"), default="")
    subject: Mapped[str] = field(_("What it is"), String(10), choices=SUBJECTS, default="decision")
    body: Mapped[Long] = field(_("Text"), default="", multiline=True)
    body_en: Mapped[Long] = field(_("Text in English"), default="", multiline=True)
    valid_from: Mapped[date | None] = field(_("Valid from"), help=_("Left empty, from the day it is announced."))
    valid_until: Mapped[date | None] = field(_("Valid until"), help=_("Left empty, until it is withdrawn or replaced."))
    promised: Mapped[bool] = field(
        _("Ask for a promise"),
        default=False,
        help=_("Readers confirm: I have read it and will follow it."),
    )
    state: Mapped[str] = field(_("State"), String(10), choices=STATES, default=DRAFT, writable=False)
    replaces_id: Mapped[int | None] = field(_("Replaces"), BigId, references="core.announcement", writable=False)
    announced_at: Mapped[datetime | None] = field(_("Announced at"), writable=False)
    announced_by: Mapped[int | None] = field(
        _("Announced by"), BigId, ForeignKey("account.id"), references="core.account", writable=False
    )
    ended_reason: Mapped[Line] = field(_("Why it was withdrawn"), default="", writable=False)

    @property
    def closed_because(self) -> Text | None:
        """People have read it; what it says stays."""
        return None if self.state == DRAFT else _("It was announced. Make a newer edition of it.")


class Receipt(OfCompany, Base):
    """What one person has done about an announcement: read it, promised to follow it; or was reminded of it."""

    __tablename__ = "announcement_receipt"
    __table_args__ = (
        refers("announcement_id", "announcement"),
        Index("ix_announcement_receipt_account", "company_id", "account_id", "announcement_id"),
    )
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    announcement_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"), primary_key=True)
    read_at: Mapped[datetime | None]
    promised_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
