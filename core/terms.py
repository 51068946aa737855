"""Payment terms: from a day and what was agreed to the day by which the money is due (账期).

Pure functions of days; which day counts (the signing, the delivery, the invoice, the acceptance) is for the caller.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from core.calendar import BadCalendar, Workdays
from core.decimals import exact, half_up
from core.pasted import plain
from core.text import Text, _

MOST_DAYS, MOST_MONTHS = 3660, 600
_ONE, _CENT = Decimal(1), 2


class BadTerms(ValueError):
    """Terms that lead to no day, or shares that are no whole: ``code`` for programs, ``text`` for people."""

    def __init__(self, code: str, text: Text) -> None:
        super().__init__(text.message)
        self.code, self.text = code, text


class Kind(StrEnum):
    """What the day is counted by."""

    ADVANCE = "advance"  # 款到发货: before the goods leave
    DAYS = "days"  # 货到N天, 票到N天: so many days after
    STATEMENT = "statement"  # 月结N天: so many days after the end of the statement's month
    NEXT_MONTH = "next_month"  # 次月底, 次月N日: a day of the next month
    MONTHS = "months"  # 质保金: so many months after


@dataclass(frozen=True, slots=True)
class Terms:
    """One agreement. ``day``: the statement's last day, or the day of the next month; 0 is the end of the month.

    ``next_workday``: a due day on which nobody works moves to the next working day, as bills do. Raises ``BadTerms``
    for figures out of range.
    """

    kind: Kind
    days: int = 0
    day: int = 0
    months: int = 0
    next_workday: bool = False

    def __post_init__(self) -> None:
        if not (0 <= self.days <= MOST_DAYS and 0 <= self.day <= 31 and 0 <= self.months <= MOST_MONTHS):
            raise BadTerms("terms.range", _("At most {days} days, a day up to 31, and {months} months.",
                                            days=MOST_DAYS, months=MOST_MONTHS))  # fmt: skip

    def due(self, base: date, workdays: Workdays | None = None) -> date:
        """The day by which what is counted from ``base`` must be paid; an advance on the day itself.

        ``workdays`` are needed for ``next_workday``. Raises ``BadTerms`` beyond the end of the calendar.
        """
        if self.next_workday and workdays is None:
            raise TypeError("Whether a day is worked is not known without the company's calendar.")
        try:
            found = self._due(base)
            return workdays.on_or_after(found) if self.next_workday and workdays else found
        except (OverflowError, ValueError, BadCalendar):
            raise BadTerms("terms.too_far", _("This date lies too far away.")) from None

    def _due(self, base: date) -> date:
        match self.kind:
            case Kind.DAYS:
                return base + timedelta(days=self.days)
            case Kind.STATEMENT:
                return statement_end(base, self.day) + timedelta(days=self.days)
            case Kind.NEXT_MONTH:
                return day_of_month(months_after(base.replace(day=1), 1), self.day)
            case Kind.MONTHS:
                return months_after(base, self.months)
        return base


def day_of_month(month: date, day: int) -> date:
    """The ``day``-th of the month in which ``month`` lies, no later than its end; 0 is the end."""
    last = monthrange(month.year, month.month)[1]
    return month.replace(day=min(day or last, last))


def months_after(day: date, months: int) -> date:
    """So many months later on the same day, clipped to the end of a shorter month: 08-31 and 6 months are 02-28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def statement_end(day: date, statement_day: int = 0) -> date:
    """The last day of the statement to which ``day`` belongs; it ends on ``statement_day``, 0 for the month's end.

    With the 25th, what is shipped on 26 November belongs to the statement that ends on 25 December.
    """
    here = day_of_month(day, statement_day)
    return here if day <= here else day_of_month(months_after(day.replace(day=1), 1), statement_day)


# As people write them ------------------------------------------------------------------------------------------------

_READ: tuple[tuple[str, Kind, str], ...] = (
    (r"款到发货|先款后货|(?:预付|全额预付)(?:100%)?|预付款100%", Kind.ADVANCE, ""),
    (r"(?:货|票)到付款|现结|现款", Kind.DAYS, ""),
    (r"(?:货到|票到|到货后|收货后|开票后|收票后)(\d{1,4})[天日](?:内)?(?:付款)?", Kind.DAYS, "days"),
    (r"月结", Kind.STATEMENT, ""),
    (r"月结(\d{1,4})[天日]", Kind.STATEMENT, "days"),
    (r"次月(?:月)?底|次月末|次月付款", Kind.NEXT_MONTH, ""),
    (r"次月(\d{1,2})[日号]", Kind.NEXT_MONTH, "day"),
    (r"质保(?:金|期)?(\d{1,3})个?月", Kind.MONTHS, "months"),
)


def read(text: str) -> Terms | None:
    """The usual Chinese names of terms (月结30天, 票到60天, 次月底 …); None for what is written freely.

    Raises ``BadTerms`` for a figure out of range.
    """
    written = plain(text).replace(" ", "")
    for pattern, kind, figure in _READ:
        if found := re.fullmatch(pattern, written):
            given = {figure: int(found[1])} if figure else {}
            return Terms(kind, given.get("days", 0), given.get("day", 0), given.get("months", 0))
    return None


# Instalments ---------------------------------------------------------------------------------------------------------


def shares(text: str) -> tuple[Decimal, ...]:
    """The parts of an amount as they are spoken of: ``3-6-1`` or ``30-60-10`` are 0.3, 0.6, 0.1.

    Raises ``BadTerms`` unless they are two or more and make 10 or 100 together.
    """
    written = plain(text).replace(" ", "").replace("%", "").replace(":", "-").replace("/", "-")
    if not re.fullmatch(r"\d{1,3}(-\d{1,3}){1,11}", written):
        raise _no_whole()
    parts = [int(part) for part in written.split("-")]
    if sum(parts) not in {10, 100} or 0 in parts:
        raise _no_whole()
    return tuple(Decimal(part) / sum(parts) for part in parts)


def instalments(total: Decimal, parts: Sequence[Decimal]) -> list[Decimal]:
    """``total`` (2 decimals) in parts, each half up; the last takes what rounding leaves, so they make the whole.

    Raises ``BadTerms`` unless the parts make 1 and none is negative.
    """
    exactly = [exact(part) for part in parts]
    if not exactly or sum(exactly) != _ONE or any(part < 0 for part in exactly):
        raise _no_whole()
    whole = half_up(total, _CENT)
    amounts = [half_up(whole * part, _CENT) for part in exactly[:-1]]
    return [*amounts, whole - sum(amounts)]


def _no_whole() -> BadTerms:
    return BadTerms("terms.shares", _("The parts must make the whole: 3-6-1, or per cents that add up to 100."))
