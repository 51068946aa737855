"""The tracking sheet: one row for each customer, with how warm it is and when somebody must call again (CRM-02)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Long, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master
from core.entities.party import Party
from core.errors import Fault
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work
from plugins.crm.settings import BY_CLASS, WAYS

HEATS = (
    ("hot", _("About to order")),
    ("interested", _("Interested")),
    ("promising", _("Promising")),
    ("possible", _("Possible")),
)
SOURCES = (
    ("", _("Not known")),
    ("referral", _("Referral")),
    ("returning", _("Returning customer")),
    ("fair", _("Fair")),
    ("cold_call", _("Cold call")),
    ("phone", _("Called us")),
    ("email", _("E-mail")),
    ("web", _("Website or search")),
    ("advertisement", _("Advertisement")),
    ("tender", _("Tender")),
)


def days_for(work: Work, party_class: str, own: int | None) -> int:
    """After how many days the customer is contacted again: its own interval, else that of its class."""
    return own or int(work.setting(BY_CLASS.get(party_class, BY_CLASS[""])))


def check_customer(work: Work, record: Tracking) -> Iterator[Fault]:
    """The customer is here and has no other row; what was left open follows from it."""
    return (fault for _record, fault in check_customers(work, [record]))


def check_customers(work: Work, records: Sequence[Tracking]) -> Iterator[tuple[Tracking, Fault]]:
    """As ``check_customer``, of many rows: two statements."""
    ids = {record.party_id for record in records}
    columns = (Party.id, Party.name, Party.party_class, Party.owner_id)
    found = {row.id: row for row in work.session.execute(select(*columns).where(Party.id.in_(ids)))}
    known = select(Tracking.party_id, Tracking.id).where(Tracking.party_id.in_(ids))
    rows = {row.party_id: row.id for row in work.session.execute(known)}
    for record in records:
        key = rows.get(record.party_id)
        yield from ((record, fault) for fault in _check(work, record, found.get(record.party_id), key))


def _check(work: Work, record: Tracking, found: Any, other: int | None) -> Iterator[Fault]:
    if found is None:
        yield Fault("party_id", _("There is no such customer, or it is no longer active."), "reference")
        return
    if other not in (None, record.id):
        yield Fault("party_id", _("{name} is on the tracking sheet already.", name=found.name), "duplicate")
    if record.owner_id is not None and record.owner_id not in work.company.people:
        yield Fault("owner_id", _("Nobody of this company."), "reference")
    record.party_name = found.name
    record.owner_id = record.owner_id or found.owner_id
    # A new row has no day yet; the column has one once it is written.
    agreed: date | None = record.next_contact
    days = timedelta(days=days_for(work, found.party_class, record.interval_days))
    record.next_contact = agreed or (record.last_contact or work.today) + days


class Tracking(Master, kind="crm.tracking"):
    """A customer's row on the tracking sheet, 客户跟踪表; its sales life, beside core's customer file."""

    __tablename__ = "crm_tracking"
    __table_args__: Any = company_args(
        refers("party_id", "party"),
        UniqueConstraint("company_id", "party_id"),
        Index("ix_crm_tracking_next", "company_id", "next_contact", "id"),
        Index("ix_crm_tracking_name", "company_id", "party_name", "id"),
        Index("ix_crm_tracking_owner", "company_id", "owner_id", "next_contact", "id"),
        Index("ix_crm_tracking_creator", "company_id", "created_by", "id"),
    )
    label = _("Customer tracking")
    label_plural = _("Customer tracking sheet")
    plural = "tracking"
    icon = "list-check"
    columns: ClassVar = (
        "party_name",
        "heat",
        "source",
        "wanted",
        "expected_amount",
        "expected_on",
        "chance",
        "last_contact",
        "next_contact",
        "owner_id",
    )
    searched = ("party_name", "wanted")
    sorts = ("next_contact", "party_name")
    filters = ("heat", "source", "owner_id", "party_id", "next_contact", "active")
    readers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER)
    writers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
    owned = True
    checks = (check_customer,)
    checks_together: ClassVar = {check_customer: check_customers}

    party_id: Mapped[int] = field(_("Customer"), BigId, references="core.party", required=True)
    party_name: Mapped[Name] = field(_("Customer name"), default="", writable=False)
    heat: Mapped[str] = field(_("Heat"), String(12), choices=HEATS, default="possible")
    source: Mapped[str] = field(_("Source"), String(15), choices=SOURCES, default="")
    wanted: Mapped[Name] = field(_("Wanted products"), default="")
    expected_amount: Mapped[Amount] = field(_("Expected amount"), default=Decimal(0), least=0)
    expected_on: Mapped[date | None] = field(_("Order expected on"))
    chance: Mapped[int] = field(_("Chance (percent)"), default=0, least=0, most=100)
    interval_days: Mapped[int | None] = field(
        _("Own interval (days)"), help=_("Left empty, that of the customer's class counts."), least=1, most=730
    )
    last_contact: Mapped[date | None] = field(_("Last contact"))
    last_way: Mapped[str] = field(
        _("Last contact by"), String(10), default="", writable=False, choices=(("", _("None")), *WAYS)
    )
    next_contact: Mapped[date] = field(_("Next contact"), help=_("Left empty, it follows from the interval."))
    owner_id: Mapped[int | None] = field(_("Responsible"), BigId, ForeignKey("account.id"), references="core.account")
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)

    @property
    def title(self) -> str:
        """The customer's name."""
        return self.party_name
