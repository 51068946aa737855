"""What the pages of the history and of the audit log share: the filters of person and days, days as headings, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import request, url_for

from core.records.log import Found, Wanted, log
from core.text import Text, _
from core.web.administration.forms import choices, field
from core.web.administration.staff import people_choices
from core.web.showing import moment
from core.work import Work

Field = dict[str, Any]


def asked(*names: str) -> dict[str, str]:
    """What the address says of these filters."""
    return {name: request.args.get(name, "").strip()[:200] for name in names}


def fields(work: Work, given: dict[str, str], *further: Field) -> list[Field]:
    """The filters of a page: those of its own, then who, from and until."""
    return [
        *further,
        field("person", _("Who"), given["person"], "choice", choices=people_choices(work), blank=str(_("Everybody"))),
        field("since", _("From"), given["since"], "date"),
        field("until", _("Until"), given["until"], "date"),
    ]


def chosen(name: str, label: Text, value: str, pairs: Iterable[tuple[Any, Any]]) -> Field:
    """A filter that is one of several, or all."""
    return field(name, label, value, "choice", choices=choices(pairs), blank=str(_("Everything")))


def wanted(base: Wanted, given: dict[str, str], shown: Sequence[Field]) -> Wanted:
    """What is asked for; what cannot be read is marked at its field and asked for nothing."""
    by_name = {one["name"]: one for one in shown}
    person = given["person"]
    days: dict[str, date] = {}
    for name in ("since", "until"):
        try:
            if given[name]:
                days[name] = date.fromisoformat(given[name])
        except ValueError:
            by_name[name]["error"] = str(_("This is not a day."))
    actor = int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None
    after = request.args.get("after", "")
    return replace(base, actor=actor, since=days.get("since"), until=days.get("until"), after=after)


def page(
    work: Work,
    title: Text,
    given: dict[str, str],
    shown: Sequence[Field],
    base: Wanted,
    entries: Callable[[Sequence[Any]], Sequence[dict[str, Any]]],
) -> dict[str, Any]:
    """Everything ``history.html`` needs."""
    found: Found = log(work, wanted(base, given, shown))
    kept: dict[str, Any] = {name: value for name, value in given.items() if value}
    days: dict[str, list[dict[str, Any]]] = {}
    for row, entry in zip(found.rows, entries(found.rows), strict=True):
        at = moment(work, row.at)
        days.setdefault(at[:10], []).append({**entry, "at": at[11:]})
    return {
        "title": str(title),
        "fields": shown,
        "action": url_for(".index"),
        "clear_url": url_for(".index") if kept else "",
        "days": [{"day": day, "entries": some} for day, some in days.items()],
        "rows": found.rows,
        "first_url": url_for(".index", **kept) if request.args.get("after") else "",
        "next_url": url_for(".index", **kept, after=found.next) if found.next else "",
    }
