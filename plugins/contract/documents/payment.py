"""When the price is paid: milestones in percent or amounts, the events they wait for, and the days after those."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from core.money import half_up
from core.terms import Kind, Terms
from core.text import _

AMOUNT, LAST_DAY = 2, 31

EVENTS = (
    ("signing", _("Advance, on signing")),
    ("shipment", _("Before shipment")),
    ("delivery", _("On delivery")),
    ("acceptance", _("On acceptance")),
    ("warranty", _("Retention, at the end of the warranty")),
    ("day", _("On a fixed day")),
)
RULES = (
    ("days", _("Days after it")),
    ("month_end", _("Days after the end of that month")),
    ("next_month", _("On that day of the next month")),
)


class Share(Protocol):
    """What a milestone says about the amount: a share of the total (0.3 is 30 %), or an amount; the other is zero."""

    percent: Decimal
    amount: Decimal


def unpaid_part(gross: Decimal, milestones: Sequence[Share]) -> Decimal:
    """What the milestones leave of the total, half up to 2 decimals; zero when they make it up."""
    said = sum((one.percent * gross + one.amount for one in milestones), Decimal(0))
    return half_up(gross - said, AMOUNT)


def amounts(gross: Decimal, milestones: Sequence[Share]) -> list[Decimal]:
    """The amount of each milestone, half up to 2 decimals; the last share takes what rounding leaves."""
    found = [half_up(one.percent * gross + one.amount, AMOUNT) for one in milestones]
    shares = [place for place, one in enumerate(milestones) if one.percent]
    if shares and not unpaid_part(gross, milestones):
        found[shares[-1]] += gross - sum(found, Decimal(0))
    return found


def due_day(event: date, rule: str, days: int) -> date:
    """The day by which a milestone is due after its event (票到 N 天, 月结 N 天, 次月 N 日)."""
    match rule:
        case "days":
            terms = Terms(Kind.DAYS, days)
        case "month_end":
            terms = Terms(Kind.STATEMENT, days)
        case _:
            terms = Terms(Kind.NEXT_MONTH, day=min(max(days, 1), LAST_DAY))
    return terms.due(event)
