"""Ageing: how old what is owed is, in buckets of days, reckoned as of any day; in Python and in the database alike.

The age is the days from the base day (the due day, or that of the document) to the day as of which one looks. In the
database days are never subtracted: the base day is compared with the day as of which one looks less a bound, and these
are bound values, so that the text of the statement is the same whatever the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, or_

from core.text import Text, _

BOUNDS = (0, 30, 60, 90, 180, 365, 730, 1095)
FARTHEST, MOST = 36_500, 20
_YEAR = 365


class BadBounds(ValueError):
    """Bounds that part nothing: ``text`` says why, for people."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.message)
        self.text = text


@dataclass(frozen=True, slots=True)
class Buckets:
    """Ages by their upper bounds in days, both ends included; what is older than the last is a bucket of its own.

    With the usual bounds the first bucket, up to 0 days, holds what is not due yet; so does what has no base day. Leave
    the 0 out to count from the day of the document (``by_document``). Raises ``BadBounds`` unless they rise.
    """

    bounds: tuple[int, ...] = BOUNDS

    def __post_init__(self) -> None:
        fine = all(0 <= bound <= FARTHEST for bound in self.bounds) and 0 < len(self.bounds) <= MOST
        if not fine or any(low >= high for low, high in zip(self.bounds, self.bounds[1:], strict=False)):
            raise BadBounds(_("Bounds are whole numbers of days that rise, such as 0,30,60,90."))

    @classmethod
    def parse(cls, text: str) -> Buckets:
        """The buckets that a setting names: ``0,30,60``; raises ``BadBounds``."""
        parts = [part.strip() for part in text.replace("，", ",").split(",")]
        if not all(part.isascii() and part.isdigit() and len(part) < 7 for part in parts):
            raise BadBounds(_("Bounds are whole numbers of days that rise, such as 0,30,60,90."))
        return cls(tuple(int(part) for part in parts))

    def __str__(self) -> str:
        return ",".join(str(bound) for bound in self.bounds)

    def by_document(self) -> Buckets:
        """The same buckets where the age is counted from the document: they begin with 0 to 30 days."""
        return Buckets(tuple(bound for bound in self.bounds if bound) or (30,))

    @property
    def count(self) -> int:
        """How many buckets there are: one more than bounds."""
        return len(self.bounds) + 1

    def bucket(self, days: int) -> int:
        """The bucket of an age, counted from 0."""
        return next((place for place, bound in enumerate(self.bounds) if days <= bound), len(self.bounds))

    def place(self, base: date | None, as_of: date) -> int:
        """The bucket of what has this base day, seen as of a day."""
        return 0 if base is None else self.bucket(age(base, as_of))

    def labels(self) -> tuple[Text, ...]:
        """What the buckets are called: not due, 1–30 days, 1–2 years, over 3 years."""
        return tuple(self._labels())

    def _labels(self) -> Iterator[Text]:
        lower = -1
        for bound in self.bounds:
            yield _("Not due") if bound == 0 else _span(lower + 1, bound)
            lower = bound
        if lower % _YEAR == 0 and lower:
            yield _("Over {years} years", years=lower // _YEAR) if lower > _YEAR else _("Over 1 year")
        else:
            yield _("Over {days} days", days=lower)

    # In the database ----------------------------------------------------------------------------------------------

    def condition(self, place: int, base: Any, as_of: date) -> ColumnElement[bool]:
        """The criterion that the day in the column ``base`` puts a row into the bucket ``place``."""
        older = base < _before(as_of, self.bounds[place - 1]) if place else None
        if place == len(self.bounds):
            return older  # type: ignore[return-value]  # there is a bound, so there is a first bucket
        younger = base >= _before(as_of, self.bounds[place])
        return or_(base.is_(None), younger) if older is None else and_(older, younger)

    def sums(self, amount: Any, base: Any, as_of: date, *, prefix: str = "bucket") -> tuple[ColumnElement[Any], ...]:
        """The amounts of each bucket, to select: ``bucket_0``, ``bucket_1`` and so on, zero where there are none.

        ``amount`` is a column or sum of columns of one scale; the sums are decimals of that scale.
        """
        return tuple(
            _total(self.condition(place, base, as_of), amount).label(f"{prefix}_{place}") for place in range(self.count)
        )

    def overdue(self, amount: Any, base: Any, as_of: date) -> ColumnElement[Any]:
        """The amount of all that was due before ``as_of``: at least one day late."""
        return _total(base < _before(as_of, 0), amount)


def age(base: date, as_of: date) -> int:
    """The days from the base day to the day as of which one looks; negative while it lies ahead."""
    return (as_of - base).days


def _total(condition: ColumnElement[bool], amount: Any) -> ColumnElement[Any]:
    chosen = case((condition, amount), else_=None)
    return func.coalesce(func.sum(chosen, type_=amount.type), 0, type_=amount.type)


def _before(as_of: date, days: int) -> ColumnElement[date]:
    """The day so many days before, as a bound value; the first of all days where the calendar ends before."""
    return literal(date.fromordinal(max(as_of.toordinal() - days, 1)), Date)


def _span(first: int, last: int) -> Text:
    years, rest = divmod(last, _YEAR)
    if first > 1 and (first - 1) % _YEAR == 0 and rest == 0:
        return _("{first}–{last} years", first=(first - 1) // _YEAR, last=years)
    return _("{first}–{last} days", first=first, last=last)
