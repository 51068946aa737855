"""The quotation: a priced promise to a customer, good until a day, bound by the approval it got."""

from __future__ import annotations

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Line, Name, field
from core.documents import Document, Stage, State, Transition, Workflow
from core.roles import REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from plugins.quotation.documents import checks

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
SENT_BY = (
    ("", _("Not decided")),
    ("paper", _("On paper, sealed")),
    ("email", _("E-mail message")),
    ("wechat", _("WeChat")),
    ("hand", _("Handed over")),
)


class Quotation(Document, kind="quotation.quotation"):
    """A priced promise to a customer, good until ``valid_until`` (QTN-05, QTN-09)."""

    label = _("Quotation")
    label_plural = _("Quotations")
    plural = "quotations"
    icon = "file-dollar"
    stage = Stage.OFFER
    printed_in = frozenset({"approved", "sent", "accepted", "declined", "expired"})
    series = "BJ-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "project", "gross", "valid_until", "state", "owner_id")
    line_columns = (
        "item_id",
        "specification",
        "quantity",
        "unit",
        "list_price",
        "discount_rate",
        "gross_price",
        "gross",
        "lead_time",
        "price_source",
        "remark",
    )
    searched = ("number", "party_name", "subject", "reference", "project")
    header = (
        "party_id",
        "date",
        "valid_until",
        "project",
        "subject",
        "reference",
        "contact_name",
        "contact_phone",
        "owner_id",
        "currency",
        "exchange_rate",
        "prices_include_tax",
        "payment_terms",
        "delivery_terms",
        "freight_terms",
        "packing",
        "warranty",
        "sent_by",
        "remark",
        "internal_remark",
    )

    valid_until: Mapped[date | None] = field(_("Valid until"), help=_("This day included."))
    project: Mapped[Name] = field(_("Project"), default="")
    delivery_terms: Mapped[Name] = field(_("Delivery terms"), default="")
    freight_terms: Mapped[Name] = field(_("Freight borne by"), default="")
    packing: Mapped[Name] = field(_("Packing"), default="")
    warranty: Mapped[Name] = field(_("Warranty"), default="")
    sent_by: Mapped[str] = field(_("Sent by"), String(10), choices=SENT_BY, default="")
    lost_reason: Mapped[Line] = field(_("Why it was lost"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("approved", _("Approved"), "blue", frozen=True),
            State("sent", _("Sent"), "orange", frozen=True),
            State("accepted", _("Accepted"), "green", frozen=True, ends=True),
            State("declined", _("Declined"), "red", frozen=True, ends=True, aside=True),
            State("expired", _("Expired"), "grey", frozen=True, ends=True, aside=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "approved",
                _("Submit"),
                SELLERS,
                approval=True,
                numbers=True,
                checks=(checks.says_something, checks.still_valid, checks.fair_prices),
                tone="primary",
            ),
            Transition(
                "send",
                "approved",
                "sent",
                _("Mark as sent"),
                SELLERS,
                checks=(checks.still_valid,),
                tone="primary",
            ),
            Transition(
                "accept",
                "sent",
                "accepted",
                _("Customer accepts"),
                SELLERS,
                approval=True,
                checks=(checks.still_valid,),
                releases=True,
                tone="success",
            ),
            Transition(
                "decline",
                "sent",
                "declined",
                _("Customer declines"),
                SELLERS,
                reason=True,
                keeps="lost_reason",
            ),
            Transition(
                "revise",
                ("approved", "sent", "declined", "expired"),
                "draft",
                _("Revise"),
                SELLERS,
                revises=True,
            ),
            Transition("expire", "sent", "expired", _("Expire"), system=True),
            Transition(
                "cancel",
                ("draft", "approved", "sent"),
                "cancelled",
                _("Cancel"),
                SELLERS,
                reason=True,
                closes=True,
            ),
        ),
    )
