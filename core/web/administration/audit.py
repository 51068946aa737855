"""The audit log: who signed in or failed to, who printed, exported or downloaded what, and who was refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_admin import expose

from core.documents.kinds import area_of
from core.records.log import ACCESSES, Wanted
from core.rights import READ_HISTORY
from core.text import LANGUAGES, Text, _, shown
from core.web import addresses
from core.web.administration import logged
from core.web.administration.deeds import changes, deed
from core.web.administration.forms import Administered, field
from core.web.current import work
from core.web.screens import Page
from core.work import Work

WAYS: dict[str, Text] = {
    "password": _("by password"),
    "code": _("by password and code"),
    "sso": _("by single sign-on"),
    "demo": _("by a click in the demo"),
}
FACES: dict[str, Text] = {"page": _("in the browser"), "api": _("by the interface for programs")}


class Audit(Administered):
    """Every entry of the audit log, page by page."""

    label = _("Audit log")
    icon = "eye"
    permission = READ_HISTORY

    @expose("/")
    def index(self) -> Page:
        """One page of entries."""
        return self.page("history.html", page=_page(work()))


def _page(work: Work) -> dict[str, Any]:
    given = logged.asked("what", "address", "person", "since", "until")
    fields = logged.fields(
        work,
        given,
        logged.chosen("what", _("What"), given["what"], ((what, deed(what)) for what in ACCESSES)),
        field("address", _("Network address"), given["address"]),
    )
    base = Wanted(audit=True, what=given["what"], address=given["address"][:60])
    return logged.page(work, _("Audit log"), given, fields, base, lambda rows: _entries(work, rows))


def _entries(work: Work, rows: Sequence[Any]) -> list[dict[str, Any]]:
    wanted: dict[str, set[int]] = {}
    for row in rows:
        if row.source and row.record_id:
            wanted.setdefault(row.source, set()).add(row.record_id)
    known = {(kind, key): text for kind, ids in wanted.items() for key, text in _names(work, kind, ids).items()}
    return [_entry(work, row, known) for row in rows]


def _names(work: Work, kind: str, ids: set[int]) -> dict[int, str]:
    """What the records are called that the reader may open; of an area that is off none has a name here."""
    in_use = area_of(kind) in {*work.areas, "core"} and kind in {*work.types.masters, *work.types.documents}
    return addresses.names_in_reach(work, kind, ids) if in_use and work.may(f"{kind}.read") else {}


def _entry(work: Work, row: Any, known: dict[tuple[str, int], str]) -> dict[str, Any]:
    told = row.changes
    return {
        "who": work.person(row.actor_id) or row.actor,
        "what": deed(row.what),
        "tag": None,
        "reason": row.reason,
        "note": " · ".join(filter(None, _note(work, row.target, told))),
        "changes": list(changes(work, row.what, _about(told))),
        "record": _record(work, row, known) if row.source else None,
    }


def _record(work: Work, row: Any, known: dict[tuple[str, int], str]) -> dict[str, str]:
    cls = work.types.masters.get(row.source) or work.types.documents.get(row.source)
    title = known.get((row.source, row.record_id), "")
    return {
        "label": str(cls.label) if cls else row.source,
        "title": title or f"#{row.record_id}",
        "url": addresses.record(row.source, row.record_id) if title else "",
    }


def _note(work: Work, address: str, told: dict[str, Any]) -> Iterator[str]:
    """From where, and how."""
    yield address
    if way := told.get("way"):
        yield str(WAYS.get(way, way))
    if face := told.get("face"):
        yield str(FACES.get(face, face))
    if told.get("stranger"):
        yield str(_("does not work here"))
    if right := work.types.permissions.get(told.get("right", "")):
        yield f"{right.subject} – {right.label}"
    if language := told.get("language"):
        yield str(LANGUAGES.get(language, language))
    yield told.get("path", "")
    yield shown(told.get("agent", ""))


def _about(told: dict[str, Any]) -> dict[str, Any]:
    """What was taken out: the rest is said beside."""
    skipped = {"agent", "face", "way", "right", "language", "path", "code", "stranger"}
    return {name: value for name, value in told.items() if name not in skipped}
