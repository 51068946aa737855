"""The quotation: priced lines for a customer, good until a day, bound by the approval it got."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Mapped

from core.db.base import Name, field
from core.documents import Document, Stage, State, Transition, Workflow
from core.errors import Objection
from core.roles import REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)


def says_something(work: Work, quotation: Quotation) -> Iterator[Objection]:
    """An empty quotation is not offered."""
    if quotation.gross <= 0:
        yield Objection("quotation.empty", _("The quotation has no amount yet."))


def still_valid(work: Work, quotation: Quotation) -> Iterator[Objection]:
    """What has expired is revised, not accepted."""
    if quotation.valid_until and quotation.valid_until < work.today:
        yield Objection("quotation.expired", _("The quotation was valid until {day}.", day=quotation.valid_until))


class Quotation(Document, kind="quotation.quotation"):
    """A priced promise to a customer, good until ``valid_until`` (QTN-05, QTN-09)."""

    label = _("Quotation")
    label_plural = _("Quotations")
    plural = "quotations"
    icon = "file-dollar"
    stage = Stage.OFFER
    series = "BJ-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "subject", "gross", "valid_until", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "valid_until",
        "subject",
        "reference",
        "contact_name",
        "contact_phone",
        "owner_id",
        "payment_terms",
        "delivery_terms",
        "warranty",
        "prices_include_tax",
        "remark",
        "internal_remark",
    )

    valid_until: Mapped[date | None] = field(_("Valid until"))
    delivery_terms: Mapped[Name] = field(_("Delivery terms"), default="")
    warranty: Mapped[Name] = field(_("Warranty"), default="")

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
                checks=(says_something,),
                tone="primary",
            ),
            Transition("send", "approved", "sent", _("Mark as sent"), SELLERS, tone="primary"),
            Transition(
                "accept",
                "sent",
                "accepted",
                _("Customer accepts"),
                SELLERS,
                checks=(still_valid,),
                releases=True,
                tone="success",
            ),
            Transition("decline", "sent", "declined", _("Customer declines"), SELLERS, reason=True),
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
