"""What stands against a statement of account: its period, its order, and what was posted since it was sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.errors import Objection, Strength
from core.text import _
from core.work import Work
from plugins.billing.documents import accounts

if TYPE_CHECKING:
    from plugins.billing.documents import Statement


def period_is_over(work: Work, statement: Statement) -> Iterator[Objection]:
    """What may still move is not stated."""
    if statement.period_to > work.today:
        yield Objection("billing.period_open", _("The period ends on {day} only.", day=statement.period_to))


def adjustment_is_explained(work: Work, statement: Statement) -> Iterator[Objection]:
    """No balance is adjusted without a word."""
    if statement.adjustment and not statement.adjusted_why:
        yield Objection("billing.adjustment", _("Say why the balance is adjusted."))


def follows_the_last(work: Work, statement: Statement) -> Iterator[Objection]:
    """A period is confirmed once; a gap between two statements deserves a second look."""
    cls: Any = type(statement)
    last = work.session.execute(
        select(cls.number, cls.period_from, cls.period_to)
        .where(
            cls.party_id == statement.party_id,
            cls.currency == statement.currency,
            cls.state == "confirmed",
            cls.id != statement.id,
        )
        .order_by(cls.period_to.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return
    if last.period_to >= statement.period_from:
        text = _("The customer has confirmed {number} until {day} already.", number=last.number, day=last.period_to)
        yield Objection("billing.period_known", text)
    elif (statement.period_from - last.period_to).days > 1:
        text = _("The last confirmed statement ends on {day}; there is a gap.", day=last.period_to)
        yield Objection("billing.period_gap", text, Strength.WARN)


def nothing_changed(work: Work, statement: Statement) -> Iterator[Objection]:
    """What the customer confirms is what the books still say."""
    account = accounts.of_period(
        work, statement.party_id or 0, statement.currency, statement.period_from, statement.period_to
    )
    if account.closing + statement.adjustment != statement.closing:
        text = _(
            "The balance has changed since it was sent: {now} instead of {sent}. Revise it.",
            now=account.closing + statement.adjustment,
            sent=statement.closing,
        )
        yield Objection("billing.statement_changed", text)
