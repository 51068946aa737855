"""What the reader of a report chooses: a day, a period, a customer, a person, one of several words."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, true

from core.calendar import YEARS
from core.errors import Fault, Invalid
from core.text import Text, _
from core.work import Work

LARGEST_ID = 2**63 - 1
LONGEST = 200
PERIOD, CUSTOMER, RESPONSIBLE = _("Period"), _("Customer"), _("Responsible")
KINDS = frozenset({"as_of", "date", "period", "party", "person", "choice", "text"})
BEGINNINGS = ("month", "last_month", "quarter", "year", "all")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEY = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included; None on a side leaves it open."""

    first: date | None = None
    last: date | None = None

    def holds(self, column: Any) -> ColumnElement[bool]:
        """The criterion that the day in ``column`` lies within."""
        bounds = [column >= self.first] if self.first else []
        return and_(true(), *bounds, *([column <= self.last] if self.last else []))


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing to choose, made by ``as_of``, ``day``, ``period``, ``party``, ``person``, ``choice`` or ``words``."""

    key: str
    label: Text
    kind: str
    choices: tuple[tuple[str, Text], ...] = ()
    default: str = ""
    help: Text | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it is called in addresses: a period has ``_from`` and ``_to``."""
        return (f"{self.key}_from", f"{self.key}_to") if self.kind == "period" else (self.key,)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, typed; ``given`` is the same as an address says it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def day(self, key: str = "as_of") -> date:
        """The day of a filter that always has one."""
        found = self.values[key]
        if not isinstance(found, date):
            raise TypeError(f"No day was chosen for {key}.")
        return found

    def day_or_none(self, key: str) -> date | None:
        """The day of a filter that may be empty."""
        return None if self.values[key] is None else self.day(key)

    def period(self, key: str = "date") -> Period:
        """From when until when."""
        found = self.values[key]
        if not isinstance(found, Period):
            raise TypeError(f"{key} is no period.")
        return found

    def id(self, key: str) -> int | None:
        """The id of the customer or person; None for all."""
        found = self.values[key]
        return None if found is None else int(found)

    def text(self, key: str) -> str:
        """The chosen word, or what was typed; empty for all."""
        return str(self.values[key])


def as_of(help: Text | None = None) -> Filter:
    """The day as of which figures are told, today unless chosen: ``chosen.day()``."""
    return Filter("as_of", _("As of"), "as_of", help=help)


def day(key: str, label: Text, *, help: Text | None = None) -> Filter:
    """A day, or none: ``chosen.day_or_none(key)``."""
    return Filter(key, label, "date", help=help)


def period(key: str = "date", label: Text = PERIOD, *, default: str = "month", help: Text | None = None) -> Filter:
    """From a day to a day; it begins with this month, ``last_month``, ``quarter``, ``year`` or ``all``."""
    return Filter(key, label, "period", default=default, help=help)


def party(key: str = "party_id", label: Text = CUSTOMER) -> Filter:
    """One customer, or all: ``chosen.id(key)``."""
    return Filter(key, label, "party")


def person(key: str = "owner_id", label: Text = RESPONSIBLE) -> Filter:
    """One person of the company, or all: ``chosen.id(key)``."""
    return Filter(key, label, "person")


def choice(key: str, label: Text, choices: Iterable[tuple[str, Text]], *, default: str = "") -> Filter:
    """One of several words, or all; with a ``default`` there is always one: ``chosen.text(key)``."""
    return Filter(key, label, "choice", tuple(choices), default)


def words(key: str, label: Text, *, help: Text | None = None) -> Filter:
    """Free text of at most 200 characters: ``chosen.text(key)``."""
    return Filter(key, label, "text", help=help)


def choose(work: Work, filters: Iterable[Filter], given: Mapping[str, str]) -> Chosen:
    """Read what an address or a command says; what is not named has its default. Raises ``Invalid``, naming each."""
    known = tuple(filters)
    names = {name for one in known for name in one.names}
    faults = [Fault(name[:60], _("There is no such filter."), "filter") for name in given if name not in names]
    values: dict[str, Any] = {}
    for one in known:
        try:
            values[one.key] = _read(work, one, given)
        except Invalid as error:
            faults += error.faults
    if faults:
        raise Invalid(faults)
    return Chosen(values, dict(_said(known, values)))


def _said(filters: Iterable[Filter], values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in filters:
        value = values[one.key]
        if isinstance(value, Period):
            for name, bound in zip(one.names, (value.first, value.last), strict=True):
                yield name, bound.isoformat() if bound else ""
        else:
            yield one.key, "" if value is None else str(value)


def _read(work: Work, one: Filter, given: Mapping[str, str]) -> Any:
    text = given.get(one.key, "").strip()
    match one.kind:
        case "as_of":
            return _day(one.key, text) or work.today
        case "date":
            return _day(one.key, text)
        case "period":
            return _period(work.today, one, given)
        case "party" | "person":
            return _id(one.key, text)
        case "choice":
            return _choice(one, text)
    if len(text) > LONGEST:
        raise Invalid([Fault(one.key, _("At most {length} characters.", length=LONGEST), "too_long")])
    return text


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError(text)
        day = date.fromisoformat(text)
        if day.year not in YEARS:
            raise ValueError(text)
        return day
    except ValueError:
        raise Invalid([Fault(name, _("This is not a day."), "invalid_date")]) from None


def _period(today: date, one: Filter, given: Mapping[str, str]) -> Period:
    first, last = one.names
    if first not in given and last not in given:
        return begun(today, one.default)
    found = Period(_day(first, given.get(first, "")), _day(last, given.get(last, "")))
    if found.first and found.last and found.first > found.last:
        raise Invalid([Fault(last, _("The end is before the beginning."), "period")])
    return found


def begun(today: date, default: str) -> Period:
    """The period that a report begins with: one of ``BEGINNINGS``, until its last day."""
    month = today.replace(day=1)
    match default:
        case "all":
            return Period()
        case "last_month":
            last = month - timedelta(days=1)
            return Period(last.replace(day=1), last)
        case "quarter":
            first = month.replace(month=(month.month - 1) // 3 * 3 + 1)
            return Period(first, _month_end(first.replace(month=first.month + 2)))
        case "year":
            return Period(month.replace(month=1), date(today.year, 12, 31))
    return Period(month, _month_end(month))


def _month_end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _id(name: str, text: str) -> int | None:
    if not text:
        return None
    if not _KEY.fullmatch(text) or not 0 < int(text) <= LARGEST_ID:
        raise Invalid([Fault(name, _("“{value}” is not one of the choices.", value=text[:40]), "filter")])
    return int(text)


def _choice(one: Filter, text: str) -> str:
    if not text:
        return one.default
    if text not in {key for key, _label in one.choices}:
        raise Invalid([Fault(one.key, _("“{value}” is not one of the choices.", value=text[:40]), "filter")])
    return text
