"""The figures of a statement of account, frozen when it is sent, and the period that a confirmed one locks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from core.documents.models import Claim
from core.errors import Objection
from core.operations.keep import keep
from core.text import _
from core.work import Work
from plugins.billing.documents import Statement, accounts
from plugins.billing.documents.accounts import Account, Movement
from plugins.billing.services import standing


def account_of(work: Work, statement: Statement) -> Account:
    """What the books say now of the statement's customer and period."""
    return accounts.of_period(
        work, statement.party_id or 0, statement.currency, statement.period_from, statement.period_to
    )


def fill(work: Work, statement: Statement) -> None:
    """Write opening, movements and closing balance onto a statement that is being sent."""
    account = account_of(work, statement)
    keep(
        work,
        statement,
        opening=account.opening,
        charged=account.charged,
        corrected=account.corrected,
        paid=account.paid,
        closing=account.closing + statement.adjustment,
        overdue=overdue(work, statement, account.closing),
        movements={"rows": [_row(one) for one in account.movements]},
    )


def _row(one: Movement) -> dict[str, Any]:
    return {
        "id": one.document_id,
        "kind": one.kind,
        "number": one.number,
        "on": one.on.isoformat(),
        "amount": str(one.amount),
        "reference": one.reference,
        "undone": one.undone,
    }


def rows_of(work: Work, statement: Statement) -> list[Movement]:
    """The movements as they were sent; of a draft, as the books say them now."""
    kept = (statement.movements or {}).get("rows")
    if kept is None or statement.state == "draft":
        return list(account_of(work, statement).movements)
    return [
        Movement(
            row["id"],
            row["kind"],
            row["number"],
            date.fromisoformat(row["on"]),
            Decimal(row["amount"]),
            row["reference"],
            row["undone"],
        )
        for row in kept
    ]


def overdue(work: Work, statement: Statement, balance: Decimal) -> Decimal:
    """What of the customer's receivables was overdue at the end of the period, of no more than ``balance``.

    Whoever has paid by then owes nothing that is overdue, also when it was set against the invoice later.
    """
    rows = standing.open_at(
        work,
        statement.period_to,
        Claim.party_id == statement.party_id,
        Claim.currency == statement.currency,
        Claim.due < statement.period_to,
    ).subquery()
    late = work.session.scalar(select(func.sum(rows.c.open, type_=Claim.amount.type))) or Decimal(0)
    return max(min(late, balance), Decimal(0))


def locked(work: Work, document: Any, day: date) -> Objection | None:
    """The confirmed statement that covers a day of the document's customer, as an objection."""
    asked = {"party": document.party_id, "currency": document.currency, "day": day}
    row = work.session.execute(_CONFIRMED, asked).one_or_none()
    if row is None:
        return None
    text = _("The customer has confirmed {number} until {day} already.", number=row.number, day=row.period_to)
    return Objection("billing.period_locked", text)


_CONFIRMED = (
    select(Statement.number, Statement.period_to)
    .where(
        Statement.party_id == bindparam("party"),
        Statement.currency == bindparam("currency"),
        Statement.state == "confirmed",
        Statement.period_to >= bindparam("day"),
    )
    .order_by(Statement.period_to)
    .limit(1)
)
