"""The refund: what of a receipt, or of a red letter's credit, goes back to the customer: nothing stands against it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Code, Name, field, refers
from core.db.types import BigId
from core.documents import Document, State, Transition, Workflow
from core.text import _
from plugins.billing.documents.checks import advance_is_there, has_come, one_source
from plugins.billing.documents.common import CASHIERS, EVERYBODY, SELLERS
from plugins.billing.documents.credit_note import CreditNote
from plugins.billing.documents.receipt import Receipt

WAYS = (("transfer", _("Bank transfer")), ("cheque", _("Cheque")), ("cash", _("Cash")))


class Refund(Document, kind="billing.refund"):
    """Money paid back out of one receipt's advance, or of one red letter's credit."""

    __table_args__: Any = (
        Index("ix_billing_refund_receipt", "company_id", "receipt_id"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_billing_refund_credit_note", "company_id", "credit_note_id"),
        CheckConstraint("receipt_id IS NULL OR credit_note_id IS NULL", name="source"),
        refers("receipt_id", Receipt.__tablename__),
        refers("credit_note_id", CreditNote.__tablename__),
    )
    label = _("Refund")
    label_plural = _("Refunds")
    plural = "refunds"
    icon = "cash-off"
    has_lines = False
    ends_business = True
    pays_back = True
    strict = True
    checks = (one_source,)
    readers = EVERYBODY
    writers = SELLERS
    series = "TK-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "receipt_id", "gross", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "receipt_id",
        "credit_note_id",
        "amount",
        "way",
        "payee",
        "payee_account",
        "bank_reference",
        "currency",
        "exchange_rate",
        "owner_id",
        "remark",
        "internal_remark",
    )
    searched = ("number", "party_name", "reference", "payee", "bank_reference")

    receipt_id: Mapped[int | None] = field(_("Out of the receipt"), BigId, references="billing.receipt")
    credit_note_id: Mapped[int | None] = field(
        _("Out of the red letter"), BigId, references="billing.credit_note", help=_("What of it was not set off.")
    )
    amount: Mapped[Amount] = field(_("Amount paid back"), required=True, least=Decimal("0.01"))
    way: Mapped[str] = field(_("Paid back by"), String(20), choices=WAYS, default="transfer")
    payee: Mapped[Name] = field(_("Payee"), default="")
    payee_account: Mapped[Code] = field(_("Payee's account"), default="")
    bank_reference: Mapped[Code] = field(_("Bank reference"), default="")

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("paid", _("Paid back"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "pay",
                "draft",
                "paid",
                _("Pay back"),
                CASHIERS,
                approval=True,
                numbers=True,
                checks=(has_come, advance_is_there),
                tone="primary",
            ),
            Transition("cancel", "draft", "cancelled", _("Cancel"), SELLERS, reason=True),
        ),
    )
