"""The red letter: takes back what one invoice said, in part or in whole, for one of four reasons (红字发票)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, column
from sqlalchemy.orm import Mapped

from core.db.base import Code, field, refers
from core.db.types import BigId
from core.documents import Document, Point, Stage, State, Transition, Workflow
from core.text import _
from plugins.billing.documents import checks
from plugins.billing.documents.common import CASHIERS, CLERKS, EVERYBODY, TITLE_FIELDS, Titled
from plugins.billing.documents.invoice import Invoice

_NUMBERED = column("invoice_number") != ""
WRONG, RETURNED, STOPPED, REDUCED = "01", "02", "03", "04"
REASONS = (
    (WRONG, _("Issued by mistake")),
    (RETURNED, _("Goods returned")),
    (STOPPED, _("Service ended")),
    (REDUCED, _("Price reduced afterwards")),
)
CONFIRMATIONS = (
    ("", _("Not asked for yet")),
    ("01", _("No confirmation needed")),
    ("02", _("Entered by us, waiting for the buyer")),
    ("03", _("Entered by the buyer, waiting for us")),
    ("04", _("Confirmed by both sides")),
    ("05", _("Void: refused by the buyer")),
    ("06", _("Void: refused by us")),
    ("07", _("Void: not confirmed within 72 hours")),
    ("08", _("Void: withdrawn by who entered it")),
    ("09", _("Void: withdrawn after confirmation")),
    ("10", _("Void: irregular voucher")),
    ("11", _("Void: stopped by the taxpayer's status")),
    ("12", _("Void: refused by the person")),
    ("13", _("Void: a tax refund was applied for")),
)
CONFIRMED, WAITING = frozenset({"01", "04"}), frozenset({"02", "03"})


class CreditNote(Titled, Document, kind="billing.credit_note"):
    """A red letter to one issued invoice; never more than that one in quantity and amount (BIL-12)."""

    __table_args__: Any = (
        UniqueConstraint("company_id", "id"),
        Index(
            "uq_billing_credit_note_number",
            "company_id",
            "invoice_code",
            "invoice_number",
            unique=True,
            sqlite_where=_NUMBERED,
            postgresql_where=_NUMBERED,
        ),
        Index("ix_billing_credit_note_invoice", "company_id", "invoice_id"),
        refers("invoice_id", Invoice.__tablename__),
    )
    label = _("Red letter")
    label_plural = _("Red letters")
    plural = "credit-notes"
    icon = "receipt-refund"
    stage = Stage.INVOICE
    corrects = True
    corrects_by = "invoice_id"
    strict = True
    readers = EVERYBODY
    noted = {
        "allocate": _("set it against what is owed"),
        "take_back": _("took back what it was set against"),
        "offset": _("set it off against its invoice, which was open again"),
        "refund": _("paid part of it back"),
    }
    writers = CLERKS
    series = "HZ-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "invoice_id", "red_reason", "gross", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "invoice_id",
        "red_reason",
        "confirmation",
        "confirmation_number",
        "asked_on",
        *TITLE_FIELDS,
        "invoice_code",
        "invoice_number",
        "owner_id",
        "prices_include_tax",
        "remark",
        "internal_remark",
    )
    searched = ("number", "party_name", "reference", "buyer", "invoice_number", "confirmation_number")

    invoice_id: Mapped[int | None] = field(_("Corrects the invoice"), BigId, references="billing.invoice")
    red_reason: Mapped[str] = field(_("Why it is corrected"), String(2), choices=REASONS, default=RETURNED)
    confirmation: Mapped[str] = field(_("Red-letter confirmation"), String(2), choices=CONFIRMATIONS, default="")
    confirmation_number: Mapped[Code] = field(_("Confirmation number"), default="")
    asked_on: Mapped[date | None] = field(_("Confirmation asked for on"), help=_("The other side has 72 hours."))
    invoice_code: Mapped[str] = field(
        _("Red invoice code"), String(12), default="", compact=True, help=_("On paper invoices only: 10 or 12 digits.")
    )
    invoice_number: Mapped[str] = field(
        _("Red invoice number"),
        String(20),
        default="",
        compact=True,
        help=_("As given by the tax bureau: 20 digits for digital invoices, 8 on paper."),
    )

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("issued", _("Registered as issued"), "red", frozen=True, ends=True),
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
                checks=(
                    checks.has_come,
                    checks.takes_back,
                    checks.is_confirmed,
                    checks.is_registered,
                    checks.within_the_invoice,
                ),
                point=Point.INVOICE,
                tone="primary",
            ),
            Transition(
                "settle",
                "issued",
                "issued",
                _("Set against what is due first"),
                CASHIERS,
                checks=(checks.is_free,),
            ),
            Transition(
                "unsettle",
                "issued",
                "issued",
                _("Take back what it is set against"),
                CASHIERS,
                reason=True,
                checks=(checks.is_used_elsewhere,),
            ),
            Transition("cancel", "draft", "cancelled", _("Cancel"), CLERKS, reason=True, closes=True),
        ),
    )
