"""The statement of account: what moved in a period, agreed to by the customer, and locked from then on (对账单)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Amount, JsonDict, Line, Name, field
from core.documents import Document, State, Transition, Workflow
from core.text import _
from plugins.billing.documents import periods
from plugins.billing.documents.common import CASHIERS, CLERKS, EVERYBODY


class Statement(Document, kind="billing.statement"):
    """Opening balance, movements and closing balance of a customer in a period (BIL-10)."""

    __table_args__: Any = (
        Index("ix_billing_statement_period", "company_id", "period_to"),
        CheckConstraint("period_from <= period_to", name="period"),
    )
    label = _("Statement of account")
    label_plural = _("Statements of account")
    plural = "statements"
    icon = "list-check"
    has_lines = False
    ends_business = True
    readers = EVERYBODY
    writers = CLERKS
    printed_in = frozenset({"sent", "confirmed", "disputed"})
    series = "DZ-{yyyy}{MM}-{n:04}"
    columns = ("number", "date", "party_name", "period_from", "period_to", "closing", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "period_from",
        "period_to",
        "deadline",
        "contact_name",
        "contact_phone",
        "currency",
        "adjustment",
        "adjusted_why",
        "owner_id",
        "remark",
        "internal_remark",
    )

    period_from: Mapped[date] = field(_("From"), required=True)
    period_to: Mapped[date] = field(_("Until"), required=True, help=_("This day included."))
    adjustment: Mapped[Amount] = field(_("Adjustment"), default=Decimal(0), help=_("Negative when less is owed."))
    adjusted_why: Mapped[Line] = field(_("Why it is adjusted"), default="")
    opening: Mapped[Amount] = field(_("Opening balance"), default=Decimal(0), writable=False)
    charged: Mapped[Amount] = field(_("Invoiced in the period"), default=Decimal(0), writable=False)
    corrected: Mapped[Amount] = field(_("Credited in the period"), default=Decimal(0), writable=False)
    paid: Mapped[Amount] = field(_("Received in the period"), default=Decimal(0), writable=False)
    closing: Mapped[Amount] = field(_("Closing balance"), default=Decimal(0), writable=False)
    overdue: Mapped[Amount] = field(_("Of that overdue"), default=Decimal(0), writable=False)
    movements: Mapped[JsonDict | None] = mapped_column()
    confirmed_by: Mapped[Name] = field(_("Confirmed by"), default="", writable=False, living=True)
    confirmed_on: Mapped[date | None] = field(_("Confirmed on"), writable=False, living=True)
    difference: Mapped[Line] = field(_("Difference and its reason"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("sent", _("Sent"), "orange", frozen=True),
            State("disputed", _("Disputed"), "red", frozen=True, aside=True),
            State("confirmed", _("Confirmed by the customer"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "send",
                "draft",
                "sent",
                _("Send"),
                CLERKS,
                approval=True,
                numbers=True,
                checks=(periods.period_is_over, periods.adjustment_is_explained, periods.follows_the_last),
                tone="primary",
            ),
            Transition(
                "confirm",
                ("sent", "disputed"),
                "confirmed",
                _("Customer confirms"),
                CLERKS,
                asks=("confirmed_by", "confirmed_on"),
                musts=("confirmed_by",),
                checks=(periods.nothing_changed,),
                confirm=_("The period is locked from then on."),
                tone="success",
            ),
            Transition(
                "dispute",
                "sent",
                "disputed",
                _("Customer disagrees"),
                CLERKS,
                reason=True,
                keeps="difference",
                confirm=_("How large is the difference, and why?"),
            ),
            Transition(
                "revise",
                ("sent", "disputed", "confirmed"),
                "draft",
                _("Revise"),
                CASHIERS,
                reason=True,
                revises=True,
            ),
            Transition("cancel", ("draft", "sent", "disputed"), "cancelled", _("Cancel"), CLERKS, reason=True),
        ),
    )
