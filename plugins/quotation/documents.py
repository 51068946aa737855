"""Inquiry and quotation: what a customer asks for, and the priced promise it is answered with."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Line, Name, field
from core.documents import Document, Stage, State, Transition, Workflow
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from plugins.quotation import checks

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
LEADERS = (SALES_MANAGER, GENERAL_MANAGER)

INQUIRY_KINDS = (("inquiry", _("Inquiry")), ("tender", _("Invitation to tender")))
WAYS = (
    ("", _("Not known")),
    ("email", _("E-mail")),
    ("phone", _("Phone")),
    ("wechat", _("WeChat")),
    ("visit", _("Visit")),
    ("fair", _("Fair")),
    ("website", _("Website")),
    ("platform", _("Tender platform")),
    ("letter", _("Letter or fax")),
)
PRIORITIES = (("normal", _("Normal")), ("urgent", _("Urgent")), ("low", _("Can wait")))
SENT_BY = (
    ("", _("Not decided")),
    ("paper", _("On paper, sealed")),
    ("email", _("E-mail")),
    ("wechat", _("WeChat")),
    ("hand", _("Handed over")),
)


class Inquiry(Document, kind="quotation.inquiry"):
    """What a customer asks for, or is invited to tender for; the manager hears of it at once (QTN-01)."""

    label = _("Inquiry")
    label_plural = _("Inquiries")
    plural = "inquiries"
    icon = "inbox"
    stage = Stage.OFFER
    entry = True
    priced = False
    series = "XJ-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "project", "inquiry_kind", "deadline", "state", "owner_id")
    line_columns = ("item_id", "name", "specification", "quantity", "unit", "deadline", "remark")
    searched = ("number", "party_name", "subject", "reference", "project")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "inquiry_kind",
        "project",
        "deadline",
        "priority",
        "way",
        "reference",
        "contact_name",
        "contact_phone",
        "expected_amount",
        "owner_id",
        "remark",
        "internal_remark",
    )

    inquiry_kind: Mapped[str] = field(_("Kind of inquiry"), String(10), choices=INQUIRY_KINDS, default="inquiry")
    project: Mapped[Name] = field(_("Project"), default="")
    way: Mapped[str] = field(_("Received by"), String(10), choices=WAYS, default="")
    priority: Mapped[str] = field(_("Priority"), String(10), choices=PRIORITIES, default="normal")
    expected_amount: Mapped[Amount] = field(_("Expected amount"), default=Decimal(0), least=0)
    outcome: Mapped[Line] = field(_("Why it was dropped"), default="", writable=False)

    workflow = Workflow(
        states=(
            State("received", _("Received"), "orange"),
            State("accepted", _("We take part"), "blue"),
            State("quoted", _("Quoted"), "green", frozen=True, ends=True),
            State("dropped", _("Dropped"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "accept",
                "received",
                "accepted",
                _("Take part"),
                LEADERS,
                approval=True,
                checks=(checks.is_major,),
                tone="primary",
            ),
            Transition(
                "quote",
                ("received", "accepted"),
                "quoted",
                _("Make the quotation"),
                SELLERS,
                checks=(checks.is_decided, checks.has_lines),
                releases="quotation.quotation",
                tone="primary",
            ),
            Transition(
                "drop",
                ("received", "accepted"),
                "dropped",
                _("Drop"),
                (*SELLERS, GENERAL_MANAGER),
                reason=True,
                closes=True,
                keeps="outcome",
            ),
        ),
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
    lost_reason: Mapped[Line] = field(_("Why it was lost"), default="", writable=False)

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
