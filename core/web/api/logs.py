"""The history of the company and its audit log for programs, for whoever may read the history of everything."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.canonical import plain
from core.documents.sight import deep
from core.errors import Fault, Invalid
from core.records.log import ACCESSES, LARGEST, SIZE, Found, Wanted, kinds, log
from core.records.reading import hidden, masked
from core.rights import READ_HISTORY
from core.text import _
from core.web.api.calls import Answer, Call, told
from core.work import Work

FILTERS = ("what", "person", "since", "until", "record_kind", "record_id", "after", "size")


def history(work: Work, call: Call) -> Answer:
    """What was changed in the company, the latest first; ``next`` is a cursor for ``after``."""
    work.demand(READ_HISTORY)
    wanted = _wanted(call, audit=False)
    if wanted.kind and wanted.kind not in kinds(work):
        raise Invalid([Fault("record_kind", _("There is no such filter."), "choice")])
    found = log(work, wanted)
    return told({"items": [_entry(work, row) for row in found.rows], "next": found.next or None})


def audit(work: Work, call: Call) -> Answer:
    """Who signed in, printed, exported, downloaded, or was refused, the latest first."""
    work.demand(READ_HISTORY)
    found: Found = log(work, _wanted(call, audit=True))
    return told({"items": [_access(work, row) for row in found.rows], "next": found.next or None})


def _wanted(call: Call, *, audit: bool) -> Wanted:
    query, faults = call.query, list[Fault]()
    kind, key = query.get("record_kind", ""), call.whole("record_id", 0, 1, 2**63 - 1)
    if key and not kind:
        faults.append(Fault("record_kind", _("This is needed."), "required"))
    what = query.get("what", "")
    if audit and what and what not in ACCESSES:
        faults.append(Fault("what", _("“{value}” is not one of the choices.", value=what), "choice"))
    since, until = (_day(query, name, faults) for name in ("since", "until"))
    person = call.whole("person", 0, 1, 2**63 - 1)
    if faults:
        raise Invalid(faults)
    return Wanted(
        audit=audit,
        kind=kind,
        what=what[:60],
        actor=person or None,
        address=query.get("address", "")[:60],
        record=(kind, key) if key else None,
        since=since,
        until=until,
        after=query.get("after", ""),
        size=call.whole("size", SIZE, 1, LARGEST),
    )


def _day(query: Any, name: str, faults: list[Fault]) -> date | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else _no_day()
    except ValueError:
        faults.append(Fault(name, _("This is not a day."), "invalid"))
        return None


def _no_day() -> date:
    raise ValueError


def _who(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": plain(row.at),
        "actor_id": row.actor_id,
        "actor": work.person(row.actor_id) or row.actor,
        "what": row.what,
        "reason": row.reason,
        "request_id": row.request,
    }


def _entry(work: Work, row: Any) -> dict[str, Any]:
    cls = work.types.masters.get(row.kind) or work.types.documents.get(row.kind)
    return {
        **_who(work, row),
        "record": {"kind": row.kind, "id": row.record_id},
        "source": row.source,
        "target": row.target,
        "changes": deep(row.changes, hidden(work, cls), masked(work, cls)) if cls else row.changes,
    }


def _access(work: Work, row: Any) -> dict[str, Any]:
    about = dict(row.changes)
    return {
        **_who(work, row),
        "record": {"kind": row.source, "id": row.record_id} if row.source else None,
        "address": row.target,
        "agent": about.pop("agent", ""),
        "face": about.pop("face", ""),
        "about": about,
    }
