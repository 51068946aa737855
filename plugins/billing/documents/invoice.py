"""The invoice: registered as the tax bureau numbered it, handed to the customer, booked there; never edited."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Amount, Line, Name, field, refers
from core.db.types import BigId
from core.documents import Document, Point, Stage, State, Transition, Workflow
from core.text import _
from core.work import Work
from plugins.billing.documents import checks
from plugins.billing.documents.common import CLERKS, EVERYBODY, SELLERS, TITLE_FIELDS, Titled
from plugins.billing.settings import REQUESTS

_NUMBERED = column("invoice_number") != ""


class Invoice(Titled, Document, kind="billing.invoice"):
    """What the customer owes for goods or services, by a day; corrected by red letters only (BIL-12)."""

    __table_args__: Any = (
        UniqueConstraint("company_id", "id"),
        Index(
            "uq_billing_invoice_number",
            "company_id",
            "invoice_code",
            "invoice_number",
            unique=True,
            sqlite_where=_NUMBERED,
            postgresql_where=_NUMBERED,
        ),
        CheckConstraint("credited >= 0", name="credited"),
        refers("milestone_id", "claim"),
    )
    label = _("Invoice")
    label_plural = _("Invoices")
    plural = "invoices"
    icon = "receipt"
    stage = Stage.INVOICE
    strict = True
    readers = EVERYBODY
    noted = {"credit": _("took part of it back by a red letter")}
    writers = CLERKS
    series = "FP-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "invoice_number", "gross", "due_on", "state", "owner_id")
    header = (
        "party_id",
        "date",
        *TITLE_FIELDS,
        "invoice_code",
        "invoice_number",
        "due_on",
        "owner_id",
        "payment_terms",
        "currency",
        "exchange_rate",
        "prices_include_tax",
        "on_invoice",
        "remark",
        "internal_remark",
    )
    searched = ("number", "party_name", "subject", "reference", "buyer", "invoice_number")

    invoice_code: Mapped[str] = field(
        _("Invoice code"), String(12), default="", compact=True, help=_("On paper invoices only: 10 or 12 digits.")
    )
    invoice_number: Mapped[str] = field(
        _("Invoice number"),
        String(20),
        default="",
        compact=True,
        help=_("As given by the tax bureau: 20 digits for digital invoices, 8 on paper."),
    )
    due_on: Mapped[date | None] = field(_("Due on"), help=_("Left empty, it follows from the payment terms."))
    on_invoice: Mapped[Line] = field(_("Remark on the invoice"), default="")
    handed_on: Mapped[date | None] = field(_("Handed over on"), writable=False, living=True)
    handed_to: Mapped[Name] = field(_("Handed over to"), default="", writable=False, living=True)
    booked_on: Mapped[date | None] = field(_("Booked on"), writable=False, living=True)
    booked_by: Mapped[Name] = field(_("Booked there by"), default="", writable=False, living=True)
    credited: Mapped[Amount] = field(_("Credited"), default=Decimal(0), writable=False, living=True)
    milestone_id: Mapped[int | None] = mapped_column(BigId)

    @classmethod
    def enters(cls, work: Work) -> bool:
        """What is to be invoiced comes here at once where nobody asks first."""
        return not work.setting(REQUESTS)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("issued", _("Registered as issued"), "orange", frozen=True),
            State("handed", _("Handed to the customer"), "blue", frozen=True),
            State("booked", _("Booked by the customer"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "issue",
                "draft",
                "issued",
                _("Register as issued"),
                CLERKS,
                approval=True,
                numbers=True,
                checks=(checks.has_amount, checks.has_come, checks.has_title, checks.is_registered),
                point=Point.INVOICE,
                releases="billing.credit_note",
                tone="primary",
            ),
            Transition(
                "hand_over",
                "issued",
                "handed",
                _("Hand over"),
                SELLERS,
                asks=("handed_to", "handed_on"),
                musts=("handed_to",),
                tone="primary",
            ),
            Transition(
                "book",
                ("issued", "handed"),
                "booked",
                _("Booked"),
                SELLERS,
                asks=("booked_by", "booked_on"),
                musts=("booked_by",),
                tone="success",
            ),
            Transition("cancel", "draft", "cancelled", _("Cancel"), CLERKS, reason=True, closes=True),
        ),
    )
