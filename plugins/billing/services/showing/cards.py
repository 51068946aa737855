"""The figures of money on the first page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from core.documents import Document
from core.documents.models import Claim
from core.hooks.values import Card
from core.money import told
from core.reports import visible
from core.search import figures
from core.text import _
from core.work import Work
from plugins.billing.documents import Invoice, Receipt, Request

INVOICE, RECEIPT, REQUEST = "billing.invoice", "billing.receipt", "billing.request"


def all_of(work: Work) -> Iterator[Card]:
    """Requests and invoices in hand, receipts to confirm, what is owed and what of it is overdue."""
    if work.may(f"{REQUEST}.read"):
        count, amount = figures.by_state(work, Request, ("agreed",)).get("agreed", (0, Decimal(0)))
        if count:
            yield _card(work, f"{REQUEST}.agreed", _("To be invoiced"), count, REQUEST, "agreed", amount, 50)
    if work.may(f"{RECEIPT}.read"):
        count, amount = figures.by_state(work, Receipt, ("draft",)).get("draft", (0, Decimal(0)))
        yield _card(work, f"{RECEIPT}.draft", _("Receipts to confirm"), count, RECEIPT, "draft", amount, 51)
    if work.may(f"{INVOICE}.read"):
        count, amount = figures.by_state(work, Invoice, ("draft",)).get("draft", (0, Decimal(0)))
        yield _card(work, f"{INVOICE}.draft", _("Invoices in the making"), count, INVOICE, "draft", amount, 52)
        owed, overdue = _owed(work)
        states = (("state", "issued,handed,booked"),)
        note = _("Of that overdue: {amount}", amount=told(overdue, work.company.currency)) if overdue else None
        title, tone = _("Owed by customers"), "red" if overdue else "blue"
        yield Card(f"{INVOICE}.owed", title, owed, INVOICE, states, note, tone, 53, work.company.currency)


def _card(work: Work, key: str, title: Any, count: int, kind: str, state: str, amount: Decimal, place: int) -> Card:
    note = told(amount, work.company.currency) if amount else None
    return Card(key, title, count, kind, (("state", state),), note, "orange" if count else "blue", place)


def _owed(work: Work) -> tuple[Decimal, Decimal]:
    """What is open of the receivables that the actor sees in the company's currency, and what of it is overdue."""
    left = Claim.amount - Claim.settled
    late = Claim.due < work.today
    statement = (
        select(func.sum(left), func.sum(case((late, left), else_=None)))
        .join(Document, Document.id == Claim.document_id)
        .where(
            Claim.settled < Claim.amount,
            Claim.claim_kind != "milestone",
            Claim.currency == work.company.currency,
            Document.kind == INVOICE,
        )
    )
    statement = statement.where(visible(work, Invoice))
    owed, overdue = work.session.execute(statement).one()
    return owed or Decimal(0), overdue or Decimal(0)
