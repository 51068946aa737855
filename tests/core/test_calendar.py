"""Deadlines are counted in days the company really works."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import (
    MONDAY_TO_FRIDAY,
    MONDAY_TO_SATURDAY,
    BadCalendar,
    CalendarDay,
    Workdays,
    statutory,
)

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("domain_vectors.json").read_text("utf-8"))
CHINA = Workdays.of(row for year in range(2024, 2027) for row in statutory(year))
SIX_DAYS = Workdays.of((row for year in range(2024, 2027) for row in statutory(year)), week=MONDAY_TO_SATURDAY)

days = st.dates(date(2023, 6, 1), date(2027, 6, 1))
steps = st.integers(-300, 300)
calendars = st.builds(
    Workdays,
    week=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=20),
    makeups=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=20),
    known_years=st.just(frozenset({2026})),
)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("year", ["2024", "2025", "2026"])
def test_the_seeded_holidays_are_those_of_the_state_councils_notice(year: str) -> None:
    notice = VECTORS["calendar"][year]
    rows = statutory(int(year))
    off = set()
    for first, last in notice["holiday_ranges"]:
        off |= {day(first) + timedelta(days=n) for n in range((day(last) - day(first)).days + 1)}
    assert {row.day for row in rows if not row.is_workday} == off
    assert [row.day.isoformat() for row in rows if row.is_workday] == notice["makeup_workdays"]
    assert [row.day for row in rows] == sorted(row.day for row in rows)


@pytest.mark.parametrize("row", VECTORS["calendar_tests"])
def test_the_reference_questions_are_answered_as_the_reference_says(row: dict[str, Any]) -> None:
    if row["fn"] == "is_workday":
        assert CHINA.is_workday(day(row["d"])) is row["expect"]
    else:
        assert CHINA.add(day(row["d"]), row["n"]) == day(row["expect"])


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-28", True),
        ("2026-09-20", True),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-11-22", False),
        ("2026-02-21", False),
    ],
)
def test_weekends_in_exchange_are_worked_and_bridged_days_are_not(text: str, worked: bool) -> None:
    assert CHINA.is_workday(day(text)) is worked


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-09-30", 1, "2026-10-08"),
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-13", 3, "2026-02-25"),
        ("2026-09-30", 3, "2026-10-10"),
        ("2026-04-30", 3, "2026-05-08"),
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-11-22", 1, "2026-11-23"),
        ("2026-11-22", -1, "2026-11-20"),
        ("2026-11-22", 0, "2026-11-22"),
        ("2026-12-31", 1, "2027-01-01"),
    ],
)
def test_a_deadline_in_workdays_skips_every_day_off(start: str, n: int, end: str) -> None:
    assert CHINA.add(day(start), n) == day(end)


@pytest.mark.parametrize(("year", "worked"), VECTORS["workdays_per_year"].items())
def test_a_year_has_as_many_workdays_as_published(year: str, worked: int) -> None:
    assert CHINA.count(date(int(year), 1, 1), date(int(year), 12, 31)) == worked


def test_a_company_may_work_on_saturdays_but_not_on_a_holiday_saturday() -> None:
    assert SIX_DAYS.is_workday(day("2026-11-21"))
    assert not SIX_DAYS.is_workday(day("2026-02-21"))
    assert SIX_DAYS.add(day("2026-11-20"), 2) == day("2026-11-23")
    assert SIX_DAYS.count(day("2026-11-16"), day("2026-11-22")) == 6


def test_a_bill_maturing_on_a_day_off_is_due_on_the_next_workday() -> None:
    assert CHINA.on_or_after(day("2026-10-01")) == day("2026-10-08")
    assert CHINA.on_or_after(day("2026-10-08")) == day("2026-10-08")


def test_a_year_without_a_notice_falls_back_to_the_week_and_says_so() -> None:
    assert statutory(2027) == []
    assert statutory(1990) == []
    assert CHINA.knows(2026)
    assert not CHINA.knows(2027)
    assert CHINA.is_workday(day("2027-10-01"))


def test_holidays_and_exchanged_days_carry_their_names_in_both_languages() -> None:
    by_day = {row.day: row for row in statutory(2026)}
    assert by_day[day("2026-02-17")] == CalendarDay(day("2026-02-17"), False, "春节", "Spring Festival")
    assert by_day[day("2026-02-14")].name == "春节调休上班"
    assert by_day[day("2026-02-14")].name_en == "Spring Festival make-up workday"
    for year in range(2004, 2027):
        assert all("\u4e00" <= row.name[0] <= "\u9fff" for row in statutory(year))


def test_a_day_both_off_and_made_up_is_worked() -> None:
    sunday = day("2026-11-22")
    odd = Workdays(MONDAY_TO_FRIDAY, frozenset({sunday}), frozenset({sunday}), frozenset())
    assert odd.is_workday(sunday)
    assert odd.count(sunday, sunday) == 1


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert CHINA.count(day("2026-11-23"), day("2026-11-20")) == 0


@pytest.mark.parametrize(
    ("start", "n"), [("2026-01-01", 10**12), ("2026-01-01", -(10**12)), ("9999-12-30", 5), ("0001-01-02", -5)]
)
def test_a_date_beyond_reach_is_refused_at_once(start: str, n: int) -> None:
    with pytest.raises(BadCalendar) as refusal:
        CHINA.add(day(start), n)
    assert refusal.value.code == "calendar.too_far"


@pytest.mark.parametrize("week", [frozenset[int](), frozenset({7}), frozenset({-1, 2})])
def test_a_week_nobody_can_work_is_refused(week: frozenset[int]) -> None:
    with pytest.raises(BadCalendar) as refusal:
        Workdays(week, frozenset(), frozenset(), frozenset())
    assert refusal.value.code == "calendar.no_week"


@settings(deadline=None)  # a busy machine is no failure
@given(calendars, days, steps)
def test_adding_and_counting_workdays_are_each_others_inverse(calendar: Workdays, start: date, n: int) -> None:
    end = calendar.add(start, n)
    if n > 0:
        assert calendar.is_workday(end)
        assert calendar.count(start + timedelta(days=1), end) == n
    if n < 0:
        assert calendar.is_workday(end)
        assert calendar.count(end, start - timedelta(days=1)) == -n
    if calendar.is_workday(start):
        assert calendar.add(end, -n) == start


@settings(deadline=None)  # a busy machine is no failure
@given(calendars, st.dates(date(2025, 12, 1), date(2026, 4, 1)), st.integers(0, 90))
def test_counting_equals_asking_day_by_day(calendar: Workdays, first: date, length: int) -> None:
    asked = [first + timedelta(days=n) for n in range(length + 1)]
    assert calendar.count(first, asked[-1]) == sum(calendar.is_workday(each) for each in asked)
