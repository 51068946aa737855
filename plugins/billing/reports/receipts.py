"""Receipts of a period, 收款明细: what came in, by which way, and what of it stands against nothing yet."""

from __future__ import annotations

from sqlalchemy import select

from core import reports
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row, Statement
from core.text import _
from core.work import Work
from plugins.billing.documents import Receipt
from plugins.billing.documents.receipt import METHODS
from plugins.billing.reports.shared import CURRENCY, RECEIPT, ROLES, said


def _receipts(work: Work, chosen: Chosen) -> Statement:
    """Every receipt that was confirmed in the period."""
    statement = select(
        Receipt.id.label("document_id"),
        Receipt.date.label("date"),
        Receipt.number.label("number"),
        Receipt.party_id.label("party_id"),
        Receipt.method.label("method"),
        Receipt.payer.label("payer"),
        Receipt.bank_reference.label("bank_reference"),
        Receipt.bill_number.label("bill_number"),
        Receipt.matures_on.label("matures_on"),
        Receipt.gross.label("gross"),
        Receipt.settled.label("settled"),
        (Receipt.gross - Receipt.settled).label("free"),
        Receipt.owner_id.label("owner_id"),
    ).where(
        Receipt.state.in_(("confirmed", "honoured")),
        chosen.period().holds(Receipt.date),
        Receipt.currency == work.company.currency,
        reports.visible(work, Receipt, Receipt),
    )
    if method := chosen.text("method"):
        statement = statement.where(Receipt.method == method)
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Receipt.party_id == party)
    return statement


def _receipt(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(RECEIPT, row["document_id"], row["number"] or "")


RECEIPTS = Report(
    key="billing.receipts",
    label=_("Receipts of a period"),
    about=_("What came in day by day, by which way, and what of it stands against nothing yet."),
    icon="cash",
    columns=(
        Column("date", _("Date"), "date"),
        Column("number", _("Number")),
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("method_label", _("Way of payment"), reckon=said(METHODS, "method")),
        Column("payer", _("Payer")),
        Column("bank_reference", _("Bank reference")),
        Column("bill_number", _("Bill number")),
        Column("matures_on", _("Matures on"), "date"),
        Column("gross", _("Amount received"), "amount", total=True),
        Column("settled", _("Set against it"), "amount", total=True),
        Column("free", _("Advance"), "amount", total=True),
        Column("owner_id", _("Responsible"), "ref", references="core.account"),
    ),
    rows=_receipts,
    order=("date", "document_id"),
    filters=(reports.period(), reports.party(), reports.choice("method", _("Way of payment"), METHODS)),
    roles=ROLES,
    drill=_receipt,
    notes=(CURRENCY,),
)
