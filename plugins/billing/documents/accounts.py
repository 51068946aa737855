"""A customer's account: the balance on any day and what moved it, from the documents themselves (DOMAIN: 对账)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, select, union_all

from core.documents import Document
from core.work import Work

INVOICE, CREDIT_NOTE = "billing.invoice", "billing.credit_note"
RECEIPT, REFUND = "billing.receipt", "billing.refund"
PAYMENTS = (RECEIPT, REFUND)
INVOICED = ("issued", "handed", "booked")
RECEIVED = ("confirmed", "honoured", "dishonoured")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """One thing that changed what the customer owes; ``amount`` is negative when he owes less."""

    document_id: int
    kind: str
    number: str
    on: date
    amount: Decimal
    reference: str = ""
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account over a period: closing = opening + charged + corrected − paid, in one currency, 2 decimals.

    Invoices are ``charged``; red letters are ``corrected``, negative or zero; what came in is ``paid``, less refunds.
    """

    opening: Decimal
    charged: Decimal
    corrected: Decimal
    paid: Decimal
    movements: tuple[Movement, ...] = ()

    @property
    def closing(self) -> Decimal:
        """What is owed at the end of the period."""
        return self.opening + self.charged + self.corrected - self.paid


def of_period(work: Work, party_id: int, currency: str, since: date, until: date) -> Account:
    """The account of a customer from ``since`` to ``until``, both included, in two statements."""
    opening = balance(work, party_id, currency, date.fromordinal(since.toordinal() - 1))
    found = _movements(work, party_id, currency, since, until)
    return Account(
        opening,
        sum((m.amount for m in found if m.kind == INVOICE), ZERO),
        sum((m.amount for m in found if m.kind == CREDIT_NOTE), ZERO),
        -sum((m.amount for m in found if m.kind in PAYMENTS), ZERO),
        tuple(found),
    )


def balance(work: Work, party_id: int, currency: str, on: date) -> Decimal:
    """What the customer owes at the end of a day; negative when he has paid in advance."""
    rows = posted(work, currency, party_id).subquery()
    amount = func.sum(case((rows.c.on_day <= on, rows.c.amount), else_=literal(ZERO, rows.c.amount.type)))
    return work.session.scalar(select(amount)) or ZERO


def _movements(work: Work, party_id: int, currency: str, since: date, until: date) -> Sequence[Movement]:
    rows = posted(work, currency, party_id).subquery()
    statement = (
        select(rows)
        .where(rows.c.on_day >= since, rows.c.on_day <= until)
        .order_by(rows.c.on_day, rows.c.document_id, rows.c.undone)
    )
    return [
        Movement(r.document_id, r.kind, r.number or "", r.on_day, r.amount, r.reference, bool(r.undone))
        for r in work.session.execute(statement)
    ]


def posted(work: Work, currency: str, party_id: int | None = None) -> Any:
    """Every change of a customer's account, or of all; a receipt that was not paid after all comes back on its day."""
    receipt: Any = work.types.document(RECEIPT)
    mine = [Document.currency == currency, *([Document.party_id == party_id] if party_id is not None else [])]
    # Told apart by a case: of conditions joined by "or" SQLite looks each up by its state, for all customers.
    states = case(
        (Document.kind == INVOICE, Document.state.in_(INVOICED)),
        (Document.kind == CREDIT_NOTE, Document.state == "issued"),
        (Document.kind == RECEIPT, Document.state.in_(RECEIVED)),
        else_=Document.state == "paid",
    )
    counted = and_(Document.kind.in_((INVOICE, CREDIT_NOTE, *PAYMENTS)), states)
    signed = case((Document.kind == RECEIPT, -Document.gross), else_=Document.gross)
    posted: Select[Any] = select(
        Document.id.label("document_id"),
        Document.company_id,
        Document.party_id,
        Document.kind,
        Document.number,
        Document.date.label("on_day"),
        signed.label("amount"),
        Document.reference,
        literal(0).label("undone"),
    ).where(*mine, counted)
    undone: Select[Any] = select(
        receipt.id,
        receipt.company_id,
        receipt.party_id,
        receipt.kind,
        receipt.number,
        receipt.dishonoured_on,
        receipt.gross,
        receipt.reference,
        literal(1),
    ).where(
        receipt.currency == currency,
        receipt.state == "dishonoured",
        *([receipt.party_id == party_id] if party_id is not None else []),
    )
    return union_all(posted, undone)
