"""Guidance for programs: on any record, in the boxes of the caller, and its answer."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.operations import guide as guiding
from core.operations.beside import record_of
from core.records import guidance as kept
from core.schemas import requests
from core.web.api.calls import Answer, Call, told
from core.web.api.records import place_of
from core.work import Work


def guidance(work: Work, call: Call) -> Answer:
    """What was said on the record, the latest first."""
    record_of(work, call.named, call.id)
    return told({"items": [_note(work, row) for row in kept.guidance_on(work, call.named, call.id)]})


def guide(work: Work, call: Call) -> Answer:
    """The caller says what shall be done, to whoever is responsible for the record or to whom he names."""
    record_of(work, call.named, call.id)
    asked = requests.read(requests.GuidanceInput, call.body)
    key = guiding.guide(work, call.named, call.id, asked["text"], to=asked["to_id"])
    return told(_note(work, guiding.find(work, key)), status=201)


def for_me(work: Work, call: Call) -> Answer:
    """What was said to the caller, the latest first; ``next`` is a cursor for ``before``."""
    return _box(work, call, kept.given_to)


def said_by_me(work: Work, call: Call) -> Answer:
    """What the caller has said to others, the latest first."""
    return _box(work, call, kept.given_by)


def _box(work: Work, call: Call, read: Any) -> Answer:
    size, before = call.whole("size", 50, 1, 200), call.whole("before", 0, 1, 10**18) or None
    rows = read(work, work.actor_id or 0, before=before, most=size + 1)
    items = [_note(work, row) for row in rows[:size]]
    return told({"items": items, "next": items[-1]["id"] if len(rows) > size else None})


def answer(work: Work, call: Call) -> Answer:
    """The caller answers what was said to him."""
    asked = requests.read(requests.AnswerInput, call.body)
    return told(_note(work, guiding.answer(work, call.id, asked["answer"])))


def _note(work: Work, row: Any) -> dict[str, Any]:
    cls = work.types.type(row.kind)
    return {
        "id": row.id,
        "text": row.text,
        "given_by_id": row.given_by,
        "given_by": work.person(row.given_by),
        "given_at": plain(row.given_at),
        "to_id": row.to_id,
        "to": work.person(row.to_id),
        "answer": row.answer,
        "answered_at": plain(row.answered_at),
        "record": {"kind": row.kind, "id": row.record_id, "url": f"{place_of(cls)}/{row.record_id}"},
    }
