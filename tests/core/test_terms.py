"""From a day and what was agreed to the day by which the money is due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import Workdays, statutory
from core.terms import (
    BadTerms,
    Kind,
    Terms,
    day_of_month,
    instalments,
    months_after,
    read,
    shares,
    statement_end,
)


def day(text: str) -> date:
    """A day as it is written."""
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "base", "due"),
    [
        ("款到发货", "2026-11-22", "2026-11-22"),
        ("货到付款", "2026-11-22", "2026-11-22"),
        ("票到30天", "2026-11-22", "2026-12-22"),
        ("货到60天", "2026-11-22", "2027-01-21"),
        ("月结30天", "2026-11-10", "2026-12-30"),
        ("月结 60 天", "2026-12-31", "2027-03-01"),
        ("次月底", "2026-11-01", "2026-12-31"),
        ("次月底", "2026-11-30", "2026-12-31"),
        ("次月底", "2027-01-31", "2027-02-28"),
        ("次月15日", "2026-12-31", "2027-01-15"),
        ("次月30日", "2027-01-05", "2027-02-28"),
        ("质保金6个月", "2026-08-31", "2027-02-28"),
        ("质保金12个月", "2024-02-29", "2025-02-28"),
        ("质保24个月", "2026-11-22", "2028-11-22"),
    ],
)
def test_the_usual_terms_lead_to_their_day(written: str, base: str, due: str) -> None:
    found = read(written)
    assert found is not None
    assert found.due(day(base)) == day(due)


@pytest.mark.parametrize(
    ("shipped", "statement_day", "days", "due"),
    [
        ("2026-11-10", 0, 30, "2026-12-30"),
        ("2026-11-26", 25, 30, "2027-01-24"),
        ("2026-11-25", 25, 30, "2026-12-25"),
        ("2026-12-26", 25, 0, "2027-01-25"),
        ("2027-02-28", 31, 0, "2027-02-28"),
        ("2027-02-28", 30, 0, "2027-02-28"),
        ("2027-01-31", 30, 0, "2027-02-28"),
    ],
)
def test_a_statement_ends_on_its_own_day_of_the_month(shipped: str, statement_day: int, days: int, due: str) -> None:
    """Shipped on 26 November with statements to the 25th: it belongs to that of 26 November to 25 December."""
    assert Terms(Kind.STATEMENT, days, statement_day).due(day(shipped)) == day(due)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 31))
def test_a_statement_never_ends_before_what_it_holds(shipped: date, statement_day: int) -> None:
    end = statement_end(shipped, statement_day)
    assert 0 <= (end - shipped).days <= 31
    assert end == day_of_month(end, statement_day)
    assert statement_end(end, statement_day) == end


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-120, 120))
def test_months_later_is_the_same_day_or_the_end_of_a_shorter_month(start: date, months: int) -> None:
    found = months_after(start, months)
    assert (found.year - start.year) * 12 + found.month - start.month == months
    assert found.day == start.day or (found == day_of_month(found, 0) and found.day < start.day)


def test_a_day_off_moves_to_the_next_working_day_only_where_it_is_agreed() -> None:
    """Bills move, open accounts do not; the week of the national holiday is no working week."""
    calendar = Workdays.of(statutory(2026))
    bill, account = Terms(Kind.DAYS, 30, next_workday=True), Terms(Kind.DAYS, 30)
    assert account.due(day("2026-09-01"), calendar) == day("2026-10-01")
    assert bill.due(day("2026-09-01"), calendar) == day("2026-10-08")
    assert bill.due(day("2026-10-20"), calendar) == day("2026-11-19")
    with pytest.raises(TypeError, match="calendar"):
        bill.due(day("2026-09-01"))


def test_terms_that_lead_nowhere_are_refused() -> None:
    for days, of_month, months in ((-1, 0, 0), (3661, 0, 0), (0, 32, 0), (0, -1, 0), (0, 0, 601)):
        with pytest.raises(BadTerms) as refused:
            Terms(Kind.DAYS, days, of_month, months)
        assert refused.value.code == "terms.range"
    for kind in (Kind.DAYS, Kind.STATEMENT, Kind.NEXT_MONTH, Kind.MONTHS):
        with pytest.raises(BadTerms, match="too far"):
            Terms(kind, days=1, months=1).due(date.max)


@pytest.mark.parametrize("free", ["", "见合同", "货到", "月结三十天", "票到30", "次月", "30天", "货到30天，票到60天"])
def test_what_is_written_freely_has_no_day(free: str) -> None:
    assert read(free) is None


@pytest.mark.parametrize("wrong", ["票到9999天", "次月45日", "质保金999个月"])
def test_a_figure_out_of_range_is_not_guessed(wrong: str) -> None:
    with pytest.raises(BadTerms):
        read(wrong)


@pytest.mark.parametrize(
    ("spoken", "parts"),
    [
        ("3-6-1", ("0.3", "0.6", "0.1")),
        ("3-3-3-1", ("0.3", "0.3", "0.3", "0.1")),
        ("30%-60%-10%", ("0.3", "0.6", "0.1")),
        ("３：７", ("0.3", "0.7")),
    ],
)
def test_instalments_are_read_as_they_are_spoken(spoken: str, parts: tuple[str, ...]) -> None:
    assert shares(spoken) == tuple(Decimal(part) for part in parts)


@pytest.mark.parametrize("wrong", ["", "3-6", "3-6-2", "10", "0-10", "3-6-1-", "a-b", "50-60-10"])
def test_parts_that_are_no_whole_are_refused(wrong: str) -> None:
    with pytest.raises(BadTerms):
        shares(wrong)


def test_the_last_instalment_takes_what_rounding_leaves() -> None:
    assert instalments(Decimal("100.01"), shares("3-3-3-1")) == [
        Decimal(t) for t in ("30.00", "30.00", "30.00", "10.01")
    ]
    assert instalments(Decimal("0.05"), shares("3-6-1")) == [Decimal(t) for t in ("0.02", "0.03", "0.00")]
    for wrong in ((), (Decimal("0.5"),), (Decimal("1.5"), Decimal("-0.5"))):
        with pytest.raises(BadTerms):
            instalments(Decimal(1), wrong)


@given(st.decimals(0, 10**9, places=2), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_instalments_make_the_whole(total: Decimal, weights: list[int]) -> None:
    parts = [Decimal(w).scaleb(-3) for w in weights[:-1]]
    found = instalments(total, [*parts, Decimal(1) - sum(parts)])
    assert sum(found) == total
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in found)
