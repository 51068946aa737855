"""Consents for programs: the boxes, what may be done with a consent, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.approvals import candidates, reading
from core.canonical import plain
from core.errors import Unknown
from core.operations import decide, standing_in, turning
from core.schemas import requests
from core.web.api.calls import Answer, Call, told
from core.web.api.records import place_of
from core.work import Work


def my_tasks(work: Work, call: Call) -> Answer:
    """What waits for the caller's consent, the oldest first."""
    return told({"items": [_task(work, row) for row in reading.my_tasks(work)]})


def _task(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "role": candidates.role_name(work, row.role_id),
        "called": row.called,
        "purpose": row.purpose,
        "opened_at": plain(row.opened_at),
        "due_at": plain(row.due_at),
        "late": row.late,
        "requested_by": work.person(row.submitted_by) or None,
        "document": _document(work, row),
    }


def my_decisions(work: Work, call: Call) -> Answer:
    """What the caller has decided, the latest first; ``next`` is a cursor for ``before``."""
    return _box(work, call, reading.decided_by, ("id", "state", "opinion", "acted_at"))


def my_requests(work: Work, call: Call) -> Answer:
    """What the caller has asked for, the latest first, with what became of it."""
    return _box(work, call, reading.asked_by, ("id", "state", "requested_at"))


def my_copies(work: Work, call: Call) -> Answer:
    """What was sent to the caller for reading, the latest first; ``read_at`` once he has read it."""
    return _box(work, call, reading.sent_to, ("id", "opened_at", "acted_at"), acted_at="read_at")


def _box(work: Work, call: Call, rows_of: Callable[..., list[Any]], names: tuple[str, ...], **called: str) -> Answer:
    size, before = call.whole("size", 50, 1, 200), call.whole("before", 0, 1, 10**18) or None
    rows = rows_of(work, work.actor_id or 0, before=before, most=size + 1)
    items = [
        {called.get(name, name): plain(getattr(row, name)) for name in names} | {"document": _document(work, row)}
        for row in rows[:size]
    ]
    return told({"items": items, "next": items[-1]["id"] if len(rows) > size else None})


def read_copy(work: Work, call: Call) -> Answer:
    """The caller has read what was sent to him; raises ``Unknown`` for what was not."""
    requests.read(requests.NothingInput, call.body)
    row = reading.copy_of(work, call.id)
    if row is None:
        raise Unknown()
    decide.read(work, row.document_id)
    read_at = plain(row.acted_at or work.now)
    return told({"id": row.id, "opened_at": plain(row.opened_at), "read_at": read_at, "document": _document(work, row)})


def _document(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.document_id,
        "kind": row.kind,
        "number": row.number,
        "revision": row.revision,
        "party_name": row.party_name,
        "gross": plain(row.gross),
        "currency": row.currency,
        "url": f"{place_of(work.types.document(row.kind))}/{row.document_id}",
    }


def agree(work: Work, call: Call) -> Answer:
    """The caller consents; with the last consent the document moves."""
    asked = requests.read(requests.DecisionInput, call.body)
    return _decided(work, decide.agree(work, call.id, opinion=asked["opinion"]))


def reject(work: Work, call: Call) -> Answer:
    """The caller refuses, with a reason; the document goes back to its maker."""
    asked = requests.read(requests.DecisionInput, call.body)
    return _decided(work, decide.reject(work, call.id, opinion=asked["opinion"]))


def call_in(work: Work, call: Call) -> Answer:
    """The caller asks others as well: before or after himself, or for their advice."""
    asked = requests.read(requests.CallInInput, call.body)
    document = turning.call_in(work, call.id, asked["account_ids"], asked["way"], opinion=asked["opinion"])
    return _decided(work, document)


def call_off(work: Work, call: Call) -> Answer:
    """The caller takes somebody out again whom he has called in."""
    requests.read(requests.NothingInput, call.body)
    return _decided(work, turning.call_off(work, call.id))


def hand_over(work: Work, call: Call) -> Answer:
    """The caller gives his consent to somebody else for good."""
    asked = requests.read(requests.HandOverInput, call.body)
    return _decided(work, turning.hand_over(work, call.id, asked["account_id"], reason=asked["reason"]))


def send_back(work: Work, call: Call) -> Answer:
    """The caller sends the document back to its maker, or to an earlier step."""
    asked = requests.read(requests.SendBackInput, call.body)
    document = turning.send_back(work, call.id, opinion=asked["opinion"], to=asked["to"], resume=asked["resume"])
    return _decided(work, document)


def _decided(work: Work, document: Any) -> Answer:
    work.finish()
    names = ("id", "kind", "version", "number", "state", "approval", "revision")
    return told({name: getattr(document, name) for name in names})


def stand_ins(work: Work, call: Call) -> Answer:
    """Who stands in for the caller, and for whom the caller does; an administrator sees everybody's."""
    return told({"items": [_agreement(work, row) for row in standing_in.agreements(work, everybody=True)]})


def stand_in(work: Work, call: Call) -> Answer:
    """Somebody decides for the caller, or for whom an administrator names, between two days."""
    asked = requests.read(requests.StandInInput, call.body)
    key = standing_in.stand_in(
        work,
        asked["to_id"],
        asked["first"],
        asked["last"],
        instead_of=asked["instead_of_id"],
        kinds=asked["kinds"],
        reason=asked["reason"],
    )
    return told(_one(work, key), status=201)


def end_stand_in(work: Work, call: Call) -> Answer:
    """Nobody stands in any more by this agreement."""
    requests.read(requests.NothingInput, call.body)
    shown = _one(work, call.id)
    standing_in.end(work, call.id)
    return told(shown)


def _one(work: Work, key: int) -> dict[str, Any]:
    found = [row for row in standing_in.agreements(work, everybody=True) if row.id == key]
    if not found:
        raise Unknown()
    return _agreement(work, found[0])


def _agreement(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "instead_of_id": row.from_id,
        "instead_of": work.person(row.from_id),
        "to_id": row.to_id,
        "to": work.person(row.to_id),
        "first": plain(row.valid_from),
        "last": plain(row.valid_until),
        "kinds": row.kinds["kinds"] if row.kinds else [],
        "reason": row.reason,
    }
