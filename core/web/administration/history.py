"""The history of everything: who did what, when and why, in the whole company, the latest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_admin import expose

from core.documents import sight
from core.documents.kinds import Type, area_of
from core.records import outside
from core.records.log import COMPANY, Wanted
from core.rights import READ_HISTORY
from core.text import _
from core.web import addresses
from core.web.administration import logged
from core.web.administration.deeds import changes, deed
from core.web.administration.forms import Administered
from core.web.current import work
from core.web.screens import Page
from core.web.showing import moment
from core.web.timeline import entry
from core.work import Work


class Records(Administered):
    """Every entry that the company has, page by page."""

    label = _("History")
    icon = "history"
    permission = READ_HISTORY

    @expose("/")
    def index(self) -> Page:
        """One page of entries."""
        return self.page("history.html", page=_page(work()))


def _page(work: Work) -> dict[str, Any]:
    given = logged.asked("kind", "person", "since", "until")
    kinds = [(COMPANY, _("Company")), *_kinds(work).items()]
    shown = logged.fields(work, given, logged.chosen("kind", _("What"), given["kind"], kinds))

    def entries(rows: Sequence[Any]) -> list[dict[str, Any]]:
        titles = _titles(work, rows)
        return [_entry(work, row, titles) for row in rows]

    page = logged.page(work, _("History"), given, shown, _wanted(given["kind"], dict(kinds)), entries)
    return page | {"seal": _seal(work)}


def _wanted(kind: str, known: dict[str, Any]) -> Wanted:
    # A kind that is not in use has no entries to show.
    return Wanted(kind=kind if kind in known or not kind else "-")


def _kinds(work: Work) -> dict[str, Any]:
    """The types of the areas in use."""
    known: dict[str, Type] = {**work.types.masters, **work.types.documents}
    in_use = {kind: cls.label for kind, cls in known.items() if area_of(kind) in {*work.areas, "core"}}
    return dict(sorted(in_use.items(), key=lambda pair: str(pair[1])))


def _seal(work: Work) -> dict[str, str] | None:
    """The newest anchor, to be noted elsewhere."""
    row = outside.newest(work)
    return row and {"name": str(_("Anchor {id}", id=row.id)), "at": moment(work, row.at), "hash": bytes(row.hash).hex()}


def _titles(work: Work, rows: Sequence[Any]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.record_id and row.kind != COMPANY:
            wanted.setdefault(row.kind, set()).add(row.record_id)
    return {(kind, key): text for kind, ids in wanted.items() for key, text in addresses.names(work, kind, ids).items()}


def _entry(work: Work, row: Any, titles: dict[tuple[str, int], str]) -> dict[str, Any]:
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
