"""The history of everything: who did what, when and why, in the whole company, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import Select, literal, select, tuple_

from core.db.types import BigId, Instant
from core.documents import sight
from core.documents.kinds import Type, area_of
from core.records.models import History
from core.rights import READ_HISTORY
from core.text import _
from core.web import addresses
from core.web.administration.deeds import changes, deed
from core.web.administration.forms import Administered, choices, field
from core.web.administration.staff import people_choices
from core.web.current import work
from core.web.screens import Page
from core.web.showing import moment
from core.web.timeline import entry
from core.work import Work

SIZE = 50
COMPANY = "core.company"


class Records(Administered):
    """Every entry that the company has, page by page."""

    label = _("History")
    icon = "history"
    permission = READ_HISTORY

    @expose("/")
    def index(self) -> Page:
        """One page of entries."""
        return self.page("history.html", **_page(work()))


def _page(work: Work) -> dict[str, Any]:
    asked = {name: request.args.get(name, "").strip() for name in ("kind", "person", "since", "until")}
    fields = _fields(work, asked)
    rows = list(work.session.scalars(_statement(work, fields, asked)))
    more, rows = len(rows) > SIZE, rows[:SIZE]
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return {
        "page": {
            "title": str(_("History")),
            "fields": fields,
            "action": url_for(".index"),
            "clear_url": url_for(".index") if kept else "",
            "days": _by_day(work, rows),
            "rows": rows,
            "first_url": url_for(".index", **kept) if request.args.get("after") else "",
            "next_url": url_for(".index", **kept, after=_cursor(rows[-1])) if more else "",
        }
    }


def _fields(work: Work, asked: dict[str, str]) -> list[dict[str, Any]]:
    kinds = [(COMPANY, _("Company")), *_kinds(work).items()]
    return [
        field("kind", _("What"), asked["kind"], "choice", choices=choices(kinds), blank=str(_("Everything"))),
        field("person", _("Who"), asked["person"], "choice", choices=people_choices(work), blank=str(_("Everybody"))),
        field("since", _("From"), asked["since"], "date"),
        field("until", _("Until"), asked["until"], "date"),
    ]


def _kinds(work: Work) -> dict[str, Any]:
    """The types of the areas in use."""
    known: dict[str, Type] = {**work.types.masters, **work.types.documents}
    in_use = {kind: cls.label for kind, cls in known.items() if area_of(kind) in {*work.areas, "core"}}
    return dict(sorted(in_use.items(), key=lambda pair: str(pair[1])))


def _statement(work: Work, fields: list[dict[str, Any]], asked: dict[str, str]) -> Select[History]:
    """The entries asked for; what cannot be read is marked at its field and asked for nothing."""
    statement = select(History).order_by(History.at.desc(), History.id.desc()).limit(SIZE + 1)
    statement = statement.where(History.kind.in_([COMPANY, *_kinds(work)]))
    if asked["kind"]:
        statement = statement.where(History.kind == asked["kind"])
    if asked["person"].isascii() and asked["person"].isdigit() and len(asked["person"]) < 19:
        statement = statement.where(History.actor_id == int(asked["person"]))
    zone = ZoneInfo(work.company.zone)
    for place, name in ((2, "since"), (3, "until")):
        if not asked[name]:
            continue
        try:
            day = date.fromisoformat(asked[name]) + timedelta(days=1 if name == "until" else 0)
            at = datetime.combine(day, time.min, zone).astimezone(UTC)
        except (ValueError, OverflowError):
            fields[place]["error"] = str(_("This is not a day."))
            continue
        statement = statement.where(History.at >= at if name == "since" else History.at < at)
    after = _after(request.args.get("after", ""))
    if after:
        statement = statement.where(
            tuple_(History.at, History.id) < tuple_(literal(after[0], Instant), literal(after[1], BigId))
        )
    return statement


def _cursor(row: History) -> str:
    return f"{row.at.isoformat()}_{row.id}"


def _after(text: str) -> tuple[datetime, int] | None:
    """Where the page goes on; a cursor that is none begins at the beginning."""
    at, _bar, key = text.rpartition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    if found.tzinfo is None or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return found, int(key)


def _by_day(work: Work, rows: Sequence[History]) -> list[dict[str, Any]]:
    """The entries under the day on which they were made, as the company's clock shows it."""
    titles = _titles(work, rows)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        at = moment(work, row.at)
        found.setdefault(at[:10], []).append({**_entry(work, row, titles), "at": at[11:]})
    return [{"day": day, "entries": entries} for day, entries in found.items()]


def _titles(work: Work, rows: Sequence[History]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id and row.kind != COMPANY:
            wanted.setdefault(row.kind, set()).add(row.record_id)
    return {(kind, key): text for kind, ids in wanted.items() for key, text in addresses.names(work, kind, ids).items()}


def _entry(work: Work, row: History, titles: dict[tuple[str, int], str]) -> dict[str, Any]:
    who = work.person(row.actor_id) or str(_("The program"))
    if row.kind == COMPANY:
        told = list(changes(work, row.what, row.changes))
        return {"who": who, "what": deed(row.what), "reason": row.reason, "tag": None, "changes": told, "record": None}
    cls = work.types.type(row.kind)
    known = sight.shown(work, cls)
    title = titles.get((row.kind, row.record_id or 0), "")
    may = title and work.may(f"{row.kind}.read")
    record = {
        "label": str(cls.label),
        "title": title or str(_("(discarded)")),
        "url": addresses.record(row.kind, row.record_id) if may and row.record_id else "",
    }
    return {**entry(work, row, known, cls), "who": who, "record": record}
