"""What a customer owes by invoices, less what he has paid ahead; bills that may still fail count if so chosen."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from core.hooks.values import Exposure
from core.money import convert
from core.operations import flow
from core.text import _
from core.work import Work
from plugins.billing.documents import Receipt
from plugins.billing.settings import COMMERCIAL_BILLS

ZERO = Decimal(0)
OWED = ("billing.invoice", "billing.refund")


def of_party(work: Work, party_id: int) -> Iterator[Exposure]:
    """Each part once, in the company's currency; nothing is said of parts that are zero."""
    totals = {one.kind: one.uninvoiced + one.unsettled for one in flow.open_totals(work, party_id)}
    owed = sum((totals.get(kind, ZERO) for kind in OWED), ZERO)
    credit, paid = totals.get("billing.credit_note", ZERO), totals.get("billing.receipt", ZERO)
    bills = _commercial_bills(work, party_id) if work.setting(COMMERCIAL_BILLS) else ZERO
    if owed:
        yield Exposure("billing.unpaid", _("Invoiced, not paid"), owed, 30)
    if bills:
        yield Exposure("billing.bills", _("Commercial acceptance bills, not paid yet"), bills, 40)
    if credit:
        yield Exposure("billing.credit", _("Red letters, not set against anything"), -credit, 50)
    if paid:
        yield Exposure("billing.advances", _("Paid in advance"), -paid, 60, "advance")


def _commercial_bills(work: Work, party_id: int) -> Decimal:
    rows = work.session.execute(_BILLS, {"party": party_id})
    return sum((convert(amount, rate) for rate, amount in rows), ZERO)


_BILLS = (
    select(Receipt.exchange_rate, func.sum(Receipt.gross))
    .where(Receipt.party_id == bindparam("party"), Receipt.state == "confirmed", Receipt.method == "commercial_bill")
    .group_by(Receipt.exchange_rate)
)
