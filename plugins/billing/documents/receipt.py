"""The receipt: money that came in, as it came: by transfer, cheque, acceptance bill, bank draft or in cash."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Code, Line, Name, field
from core.documents import Document, Point, Stage, State, Transition, Workflow
from core.text import _
from plugins.billing.documents import checks
from plugins.billing.documents.common import CASHIERS, EVERYBODY, SELLERS

METHODS = (
    ("transfer", _("Bank transfer")),
    ("cheque", _("Cheque")),
    ("bank_bill", _("Bank acceptance bill")),
    ("commercial_bill", _("Commercial acceptance bill")),
    ("bank_draft", _("Bank draft")),
    ("cash", _("Cash")),
    ("wechat", _("WeChat Pay")),
    ("alipay", _("Alipay")),
    ("card", _("Card")),
    ("offset", _("Set off against goods")),
)
BILLS = frozenset({"bank_bill", "commercial_bill"})
PURPOSES = (
    ("goods", _("For goods or services")),
    ("advance", _("Down payment (advance)")),
    ("deposit", _("Earnest money (deposit)")),
    ("retention", _("Retained money")),
    ("bond", _("Bond")),
    ("other", _("Other")),
)


class Receipt(Document, kind="billing.receipt"):
    """Money from a customer with the data of its way here; what is not set against anything is an advance (BIL-06)."""

    __table_args__: Any = (
        UniqueConstraint("company_id", "id"),
        Index("ix_billing_receipt_maturity", "company_id", "matures_on"),
        CheckConstraint("amount > 0", name="amount"),
    )
    label = _("Receipt")
    label_plural = _("Receipts")
    plural = "receipts"
    icon = "cash"
    stage = Stage.RECEIPT
    has_lines = False
    ends_business = True
    strict = True
    readers = EVERYBODY
    writers = SELLERS
    noted = {
        "allocate": _("set it against what is owed"),
        "take_back": _("took back what it was set against"),
        "refund": _("paid part of it back"),
    }
    printed_in = frozenset({"confirmed", "honoured"})
    series = "SK-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "method", "gross", "matures_on", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "amount",
        "method",
        "purpose",
        "payer",
        "bank_reference",
        "our_account",
        "bill_number",
        "bill_range",
        "drawer",
        "acceptor",
        "bill_issued_on",
        "matures_on",
        "currency",
        "exchange_rate",
        "owner_id",
        "remark",
        "internal_remark",
    )
    searched = ("number", "party_name", "reference", "payer", "bank_reference", "bill_number")

    amount: Mapped[Amount] = field(_("Amount received"), required=True, least=Decimal("0.01"))
    method: Mapped[str] = field(_("Way of payment"), String(20), choices=METHODS, default="transfer")
    purpose: Mapped[str] = field(_("Purpose"), String(20), choices=PURPOSES, default="goods")
    payer: Mapped[Name] = field(_("Payer"), default="", help=_("When somebody else pays for the customer."))
    bank_reference: Mapped[Code] = field(
        _("Bank reference"), default="", help=_("Of the transfer; the number of a cheque or bank draft.")
    )
    our_account: Mapped[Name] = field(_("Into our account"), default="")
    bill_number: Mapped[str] = field(_("Bill number"), String(30), default="", compact=True, help=_("30 digits."))
    bill_range: Mapped[str] = field(
        _("Sub-range of the bill"), String(25), default="", help=_("First and last unit, such as 1-500000; 0 if whole.")
    )
    drawer: Mapped[Name] = field(_("Drawer"), default="")
    acceptor: Mapped[Name] = field(_("Acceptor"), default="")
    bill_issued_on: Mapped[date | None] = field(_("Bill issued on"))
    matures_on: Mapped[date | None] = field(_("Matures on"))
    dishonoured_on: Mapped[date | None] = field(_("Not paid on"), writable=False, living=True)
    dishonour_reason: Mapped[Line] = field(_("Why it was not paid"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("confirmed", _("Confirmed"), "green", frozen=True),
            State("honoured", _("Honoured"), "green", frozen=True, ends=True, aside=True),
            State("dishonoured", _("Dishonoured"), "red", frozen=True, ends=True, aside=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "confirm",
                "draft",
                "confirmed",
                _("Confirm receipt"),
                CASHIERS,
                approval=True,
                numbers=True,
                checks=(checks.has_come, checks.bill_is_whole, checks.bill_is_new),
                point=Point.RECEIPT,
                tone="primary",
            ),
            Transition(
                "settle",
                "confirmed",
                "confirmed",
                _("Set against what is due first"),
                CASHIERS,
                checks=(checks.is_free,),
                tone="primary",
            ),
            Transition(
                "unsettle",
                "confirmed",
                "confirmed",
                _("Take back what it is set against"),
                CASHIERS,
                reason=True,
                checks=(checks.is_used, checks.nothing_refunded),
            ),
            Transition(
                "honour",
                "confirmed",
                "honoured",
                _("Bill was paid"),
                CASHIERS,
                checks=(checks.is_a_bill, checks.has_matured),
                tone="success",
            ),
            Transition(
                "dishonour",
                ("confirmed", "honoured"),
                "dishonoured",
                _("Not paid after all"),
                CASHIERS,
                reason=True,
                keeps="dishonour_reason",
                checks=(checks.nothing_refunded,),
                confirm=_("What it had settled is owed again."),
                tone="danger",
            ),
            Transition("cancel", "draft", "cancelled", _("Cancel"), SELLERS, reason=True),
        ),
    )
