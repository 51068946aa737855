"""Working days: the company's week, statutory holidays, and the weekends worked in exchange (调休)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from core.lazy import statutory_days

MONDAY_TO_FRIDAY = frozenset(range(5))
MONDAY_TO_SATURDAY = frozenset(range(6))

# Days of documents and reports are of these years, so that the day before and the day after always are days.
YEARS = range(1900, 3000)
_DAY = timedelta(days=1)
_FARTHEST = 10_000

_CHINESE_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class BadCalendar(ValueError):
    """A question no calendar can answer: ``code`` for programs, ``message`` in English for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day on which the week's rule does not hold: a holiday, or a weekend day that is worked."""

    day: date
    is_workday: bool
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Workdays:
    """When a company works: its week (Monday is 0), its days off and its days worked in exchange.

    A day that is both a holiday and a make-up day is worked. ``known_years`` are the years whose holidays
    are entered; in all others the week alone decides, and whoever asks should warn (``knows``).
    Raises BadCalendar for a week without working days.
    """

    week: frozenset[int]
    holidays: frozenset[date]
    makeups: frozenset[date]
    known_years: frozenset[int]

    def __post_init__(self) -> None:
        if not self.week or not self.week <= frozenset(range(7)):
            raise BadCalendar("calendar.no_week", "A working week has at least one day, Monday to Sunday.")

    @classmethod
    def of(cls, days: Iterable[CalendarDay], *, week: frozenset[int] = MONDAY_TO_FRIDAY) -> Workdays:
        """The calendar with these exceptions; it knows every year that has one."""
        rows = list(days)
        return cls(
            week=week,
            holidays=frozenset(row.day for row in rows if not row.is_workday),
            makeups=frozenset(row.day for row in rows if row.is_workday),
            known_years=frozenset(row.day.year for row in rows),
        )

    def is_workday(self, day: date) -> bool:
        """Whether the company works on this day."""
        return day in self.makeups or (day not in self.holidays and day.weekday() in self.week)

    def knows(self, year: int) -> bool:
        """Whether the holidays of this year are entered."""
        return year in self.known_years

    def add(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``, or before it when ``n`` is negative.

        ``day`` itself is never counted and need not be a working day; zero gives it back unchanged. From a
        working day, adding ``n`` and then ``-n`` returns to it, and ``count`` from the day after ``day`` to
        the result is ``n``. Raises BadCalendar beyond 10,000 working days or the end of the calendar.
        """
        if abs(n) > _FARTHEST:
            raise _too_far()
        step = _DAY if n > 0 else -_DAY
        remaining = abs(n)
        try:
            while remaining:
                day += step
                remaining -= self.is_workday(day)
        except OverflowError:
            raise _too_far() from None
        return day

    def on_or_after(self, day: date) -> date:
        """``day`` if it is worked, else the next working day: when a bill that matures on it is paid."""
        return day if self.is_workday(day) else self.add(day, 1)

    def count(self, first: date, last: date) -> int:
        """How many working days lie from ``first`` to ``last``, both included; 0 when ``last`` is earlier."""
        length = (last - first).days + 1
        if length <= 0:
            return 0
        weeks, rest = divmod(length, 7)
        start = first.weekday()
        worked = weeks * len(self.week) + sum((start + ahead) % 7 in self.week for ahead in range(rest))
        within = [day for day in self.makeups | self.holidays if first <= day <= last]
        gained = sum(day in self.makeups and day.weekday() not in self.week for day in within)
        lost = sum(day not in self.makeups and day.weekday() in self.week for day in within)
        return worked + gained - lost


def _too_far() -> BadCalendar:
    return BadCalendar("calendar.too_far", "This date lies too far away to count its working days.")


def statutory(year: int) -> list[CalendarDay]:
    """China's holidays of ``year`` (weekend days within them included) and make-up workdays, by date.

    Empty for years without a published notice in the library; those from 2004 to 2026 are there.
    """
    tables = statutory_days()
    off = [(day, name, False) for day, name in tables.holidays.items() if day.year == year]
    worked = [(day, name, True) for day, name in tables.workdays.items() if day.year == year]
    return [_calendar_day(day, name, is_workday) for day, name, is_workday in sorted(off + worked)]


def _calendar_day(day: date, english: str, is_workday: bool) -> CalendarDay:
    chinese = _CHINESE_NAMES.get(english, english)
    if is_workday:
        return CalendarDay(day, True, f"{chinese}调休上班", f"{english} make-up workday")
    return CalendarDay(day, False, chinese, english)
