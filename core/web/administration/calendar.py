"""The calendar: the days of a year that differ from the company's week, and the statutory days to take over."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.calendar import statutory
from core.entities.company import CalendarDay
from core.errors import DomainError, Fault, Invalid, Unknown
from core.operations.company import choose_days
from core.text import Text, _, in_language
from core.web.administration.forms import Administered, choices, field, marked, typed
from core.web.current import work
from core.web.screens import Page
from core.work import Work

FIRST, LAST = 2004, 2099
MONTHS: tuple[Text, ...] = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
SHORT: tuple[Text, ...] = (_("Mo"), _("Tu"), _("We"), _("Th"), _("Fr"), _("Sa"), _("Su"))
KINDS: tuple[tuple[str, Text], ...] = (
    ("off", _("Day off")),
    ("work", _("Worked, although the week says no")),
    ("week", _("As the week says")),
)


class WorkCalendar(Administered):
    """Which days are worked."""

    label = _("Work calendar")
    icon = "calendar"

    @expose("/")
    def index(self) -> Page:
        """One year."""
        opened = work()
        return self.page("calendar.html", **_page(opened, None, _year(request.args.get("year", ""), opened)))

    @expose("/day", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Say what one day, or each day of a stretch, is."""

        def command(opened: Work) -> None:
            choose_days(opened, [row for row in _stretch() if _differs(opened, row)])

        first = request.form.get("day", "")[:10]
        year = first[:4]
        return self.write(
            command,
            done=_("The calendar is saved."),
            to=url_for(".index", year=year, day=first),
            template="calendar.html",
            build=lambda opened, error: _page(opened, error, _year(year, opened)),
        )

    @expose("/statutory/<int:year>", methods=("POST",))
    def take_over(self, year: int) -> ResponseReturnValue:
        """Enter the statutory days of a year."""
        if not FIRST <= year <= LAST:
            raise Unknown()

        def command(opened: Work) -> None:
            rows = [(d.day, d.is_workday, d.name, d.name_en) for d in statutory(year)]
            choose_days(opened, [row for row in rows if _differs(opened, row)])

        return self.write(
            command,
            done=_("The statutory days of {year} are entered.", year=str(year)),
            to=url_for(".index", year=year),
            template="calendar.html",
            build=lambda opened, error: _page(opened, error, year),
        )


Row = tuple[date, bool | None, str, str]


def _stretch() -> list[Row]:
    """The days that the form names; raises ``Invalid``."""
    faults: list[Fault] = []
    ends = []
    for name in ("day", "until"):
        text = request.form.get(name, "").strip() or request.form.get("day", "").strip()
        try:
            ends.append(date.fromisoformat(text))
        except ValueError:
            faults.append(Fault(name, _("This is not a day."), "invalid"))
    kind = request.form.get("kind", "")
    if kind not in dict(KINDS):
        faults.append(Fault("kind", _("This is needed."), "required"))
    name, name_en = request.form.get("name", "").strip(), request.form.get("name_en", "").strip()
    faults += [
        Fault(key, _("At most {length} characters.", length=200), "too_long")
        for key, text in (("name", name), ("name_en", name_en))
        if len(text) > 200
    ]
    if not faults and not 0 <= (ends[1] - ends[0]).days <= 60:
        faults.append(Fault("until", _("The last day follows the first, within sixty days."), "order"))
    if not faults and not FIRST <= ends[0].year <= ends[1].year <= LAST:
        faults.append(Fault("day", _("Choose a year from {first} to {last}.", first=str(FIRST), last=str(LAST))))
    if faults:
        raise Invalid(faults)
    works = {"off": False, "work": True, "week": None}[kind]
    days = range((ends[1] - ends[0]).days + 1)
    return [(ends[0] + timedelta(days=n), works, name, name_en) for n in days]


def _differs(work: Work, row: Row) -> bool:
    """Whether the day is not kept like this already; a form sent twice changes nothing the second time."""
    kept = work.session.scalars(select(CalendarDay).where(CalendarDay.day == row[0])).one_or_none()
    if kept is None:
        return row[1] is not None
    return (kept.day, kept.is_workday, kept.name, kept.name_en) != row


def _year(text: str, work: Work) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else work.today.year
    return min(max(year, FIRST), LAST)


def _kept(work: Work, year: int) -> dict[date, CalendarDay]:
    days = work.session.scalars(
        select(CalendarDay).where(CalendarDay.day >= date(year, 1, 1), CalendarDay.day <= date(year, 12, 31))
    )
    return {row.day: row for row in sorted(days, key=lambda row: row.day)}


def _page(work: Work, error: DomainError | None, year: int) -> dict[str, Any]:
    kept = _kept(work, year)
    fields = _fields(work, kept, year)
    base = url_for(".index", year=year)
    published = {d.day: d for d in statutory(year)}
    missing = sum(1 for d in published.values() if d.day not in kept or kept[d.day].is_workday != d.is_workday)
    return {
        "page": {
            "title": str(_("Work calendar")),
            "year": str(year),
            "prev_url": url_for(".index", year=year - 1) if year > FIRST else "",
            "next_url": url_for(".index", year=year + 1) if year < LAST else "",
            "weekdays": [str(one) for one in SHORT],
            "months": [_month(work, kept, year, month, base) for month in range(1, 13)],
            "days": [_listed(row, base) for row in kept.values()],
            "fields": fields,
            "errors": marked(fields, error),
            "action": url_for(".save"),
            "unknown": not kept,
            "published": bool(published),
            "missing": missing,
            "statutory_url": url_for(".take_over", year=year),
            "count": work.workdays.count(date(year, 1, 1), date(year, 12, 31)),
        }
    }


def _fields(work: Work, kept: dict[date, CalendarDay], year: int) -> list[dict[str, Any]]:
    chosen = request.args.get("day", "")
    if not chosen.startswith(str(year)):
        chosen = ""
    row = next((r for d, r in kept.items() if d.isoformat() == chosen), None)
    kind = "" if not chosen else "week" if row is None else "work" if row.is_workday else "off"
    return [
        field("day", _("Day"), typed("day", chosen), "date", required=True),
        field("until", _("Until"), typed("until"), "date", help=str(_("Only for several days in a row."))),
        field("kind", _("This day is"), typed("kind", kind), "choice", required=True, choices=choices(KINDS)),
        field("name", _("Name"), typed("name", row.name if row else ""), placeholder=str(_("Spring Festival"))),
        field("name_en", _("English name"), typed("name_en", row.name_en if row else "")),
    ]


def _month(work: Work, kept: dict[date, CalendarDay], year: int, month: int, base: str) -> dict[str, Any]:
    weeks = [
        [_cell(work, kept, one, base) if one.month == month else None for one in week]
        for week in calendar.Calendar().monthdatescalendar(year, month)
    ]
    return {"label": str(MONTHS[month - 1]), "weeks": weeks}


def _cell(work: Work, kept: dict[date, CalendarDay], one: date, base: str) -> dict[str, Any]:
    row = kept.get(one)
    if row is not None:
        kind = "work" if row.is_workday else "off"
    else:
        kind = "plain" if work.workdays.is_workday(one) else "weekend"
    return {
        "day": one.day,
        "date": one.isoformat(),
        "kind": kind,
        "today": one == work.today,
        "chosen": request.args.get("day") == one.isoformat(),
        "title": in_language(row.name, row.name_en) if row else "",
        "url": f"{base}&day={one.isoformat()}#change",
    }


def _listed(row: CalendarDay, base: str) -> dict[str, Any]:
    return {
        "date": row.day.isoformat(),
        "weekday": str(SHORT[row.day.weekday()]),
        "name": in_language(row.name, row.name_en),
        "works": row.is_workday,
        "url": f"{base}&day={row.day.isoformat()}#change",
    }
