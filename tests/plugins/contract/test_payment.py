"""Milestones share a price to the cent, and are due by rules that everybody in the trade reckons alike."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from plugins.contract.documents.milestones import Milestone
from plugins.contract.documents.payment import amounts, due_day, unpaid_part


def shares(*parts: str) -> list[Milestone]:
    """Milestones in percent where a sign says so, else in amounts."""
    return [
        Milestone(percent=Decimal(p[:-1]) / 100, amount=Decimal(0))
        if p.endswith("%")
        else Milestone(percent=Decimal(0), amount=Decimal(p))
        for p in parts
    ]


@pytest.mark.parametrize(
    ("gross", "parts", "expected"),
    [
        ("100", ("30%", "60%", "10%"), ("30.00", "60.00", "10.00")),
        ("10.00", ("33.33%", "33.33%", "33.34%"), ("3.33", "3.33", "3.34")),
        ("0.05", ("50%", "50%"), ("0.03", "0.02")),
        ("1000.01", ("200.01", "40%", "400"), ("200.01", "400.00", "400.00")),
        ("999.99", ("99.99", "900"), ("99.99", "900.00")),
    ],
)
def test_the_last_share_takes_what_rounding_leaves(
    gross: str, parts: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    found = amounts(Decimal(gross), shares(*parts))
    assert [str(amount.quantize(Decimal("0.01"))) for amount in found] == list(expected)
    if not unpaid_part(Decimal(gross), shares(*parts)):
        assert sum(found) == Decimal(gross)


@pytest.mark.parametrize(
    ("gross", "parts", "left"),
    [
        ("100", ("30%", "60%"), "10.00"),
        ("100", ("30%", "80%"), "-10.00"),
        ("100", ("99.99",), "0.01"),
        ("100", ("50%", "50"), "0.00"),
    ],
)
def test_what_is_missing_is_told_to_the_cent(gross: str, parts: tuple[str, ...], left: str) -> None:
    assert unpaid_part(Decimal(gross), shares(*parts)) == Decimal(left)


@pytest.mark.parametrize(
    ("event", "rule", "days", "due"),
    [
        (date(2026, 11, 22), "days", 30, date(2026, 12, 22)),
        (date(2026, 11, 10), "month_end", 30, date(2026, 12, 30)),
        (date(2026, 11, 10), "next_month", 31, date(2026, 12, 31)),
        (date(2026, 1, 15), "next_month", 31, date(2026, 2, 28)),
        (date(2026, 12, 5), "next_month", 10, date(2027, 1, 10)),
        (date(2026, 11, 22), "days", 0, date(2026, 11, 22)),
    ],
)
def test_a_milestone_is_due_by_the_rule_that_was_agreed(event: date, rule: str, days: int, due: date) -> None:
    assert due_day(event, rule, days) == due
