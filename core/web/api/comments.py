"""Comments on a record for programs, and what calls the caller."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.operations import beside, comment
from core.schemas import requests
from core.search.listing import LARGEST, SIZE
from core.web.api.calls import Answer, Call, told
from core.web.api.records import place_of
from core.work import Work


def at(call: Call) -> str:
    """Where what hangs on the record is found."""
    return f"/api/v1/core/records/{call.path['kind']}/{call.id}"


def list_comments(work: Work, call: Call) -> Answer:
    """What was said about a record, the latest first, as it stands now; ``next`` is a cursor for ``before``."""
    size, before = call.whole("size", SIZE, 1, LARGEST), call.whole("before", 0, 1, 10**18) or None
    beside.record_of(work, call.of_kind(), call.id)
    rows = comment.comments(work, call.of_kind(), call.id, before=before, most=size + 1)
    items = [_shown(work, row) for row in rows[:size]]
    return told({"items": items, "next": items[-1]["id"] if len(rows) > size else None})


def add_comment(work: Work, call: Call) -> Answer:
    """A comment; ``@name`` or ``@login`` in it calls somebody."""
    asked = requests.read(requests.CommentInput, call.body)
    key = comment.comment(work, call.of_kind(), call.id, asked["text"])
    return told(_one(work, call, key), status=201, location=f"{call.root}{at(call)}/comments")


def change_comment(work: Work, call: Call) -> Answer:
    """The caller's own comment says something else."""
    asked = requests.read(requests.CommentInput, call.body)
    comment.change(work, call.of_kind(), call.id, int(call.path["comment"]), asked["text"])
    return told(_one(work, call, int(call.path["comment"])))


def take_back_comment(work: Work, call: Call) -> Answer:
    """The caller's own comment is taken back; what it said stays in the history."""
    asked = requests.read(requests.TakeOffInput, call.body)
    comment.take_back(work, call.of_kind(), call.id, int(call.path["comment"]), reason=asked["reason"])
    return told(_one(work, call, int(call.path["comment"])))


def mentions(work: Work, call: Call) -> Answer:
    """Comments that call the caller, the latest first."""
    size, before = call.whole("size", SIZE, 1, LARGEST), call.whole("before", 0, 1, 10**18) or None
    rows = comment.mentions(work, before=before, most=size + 1)
    items = [
        {
            "id": row.id,
            "record": {"kind": row.kind, "id": row.record_id},
            "url": f"{place_of(work.types.type(row.kind))}/{row.record_id}",
            "by": work.person(row.created_by),
            "at": plain(row.created_at),
            "read_at": plain(row.read_at),
        }
        for row in rows[:size]
    ]
    return told({"items": items, "next": items[-1]["id"] if len(rows) > size else None})


def read_mention(work: Work, call: Call) -> Answer:
    """The caller has read what calls him."""
    requests.read(requests.NothingInput, call.body)
    return told({"count": comment.read(work, [call.id])})


def _one(work: Work, call: Call, key: int) -> dict[str, Any]:
    return _shown(work, comment.comments(work, call.of_kind(), call.id, ids=[key])[0])


def _shown(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "by_id": row.created_by,
        "by": work.person(row.created_by),
        "at": plain(row.created_at),
        "edited_at": plain(row.edited_at),
        "removed_at": plain(row.removed_at),
    }
