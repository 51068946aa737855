"""Hand-overs for programs: a look at what would go to whom, the hand-over itself, its record, and its undoing."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.operations import handing_over
from core.operations.handing_over import Share
from core.schemas import requests
from core.web.api.calls import Answer, Call, told
from core.work import Work


def _asked(call: Call) -> tuple[int, list[Share], str]:
    asked = requests.read(requests.HandingOverInput, call.body)
    shares = [
        Share(
            one["to_id"],
            tuple(one["what"]),
            tuple(one["party_ids"]),
            tuple(one["regions"]),
            tuple(one["department_ids"]),
        )
        for one in asked["shares"]
    ]
    return asked["from_id"], shares, asked["reason"]


def preview(work: Work, call: Call) -> Answer:
    """What would go to whom, and what would stay; nothing is written."""
    from_id, shares, _reason = _asked(call)
    items = [
        {
            "what": one.key,
            "label": str(one.label),
            "to_id": one.to_id,
            "to": work.person(one.to_id) or None,
            "unfit": one.unfit,
            "count": one.count,
        }
        for one in handing_over.preview(work, from_id, shares)
    ]
    return told({"items": items})


def make(work: Work, call: Call) -> Answer:
    """Everything goes to its successors at once, or nothing does."""
    from_id, shares, reason = _asked(call)
    key = handing_over.hand_over(work, from_id, shares, reason=reason)
    answer = _shown(work, handing_over.find(work, key))
    work.finish()
    return told(answer, status=201, location=f"{call.root}/api/v1/core/hand-overs/{key}")


def list_all(work: Work, call: Call) -> Answer:
    """The hand-overs of the company, the latest first; ``next`` is a cursor for ``before``."""
    size, before = call.whole("size", 50, 1, 50), call.whole("before", 0, 1, 10**18) or None
    rows = handing_over.history(work, before=before, most=size + 1)
    more = len(rows) > size
    return told({"items": [_shown(work, row) for row in rows[:size]], "next": rows[size - 1].id if more else None})


def read(work: Work, call: Call) -> Answer:
    """One hand-over: whose, to whom, when, why, and how many records of each sort."""
    return told(_shown(work, handing_over.find(work, call.id)))


def items(work: Work, call: Call) -> Answer:
    """The records that went, in order; ``next`` is a cursor for ``after``."""
    size, after = call.whole("size", 50, 1, 50), call.whole("after", 0, 0, 10**18)
    rows = handing_over.items(work, call.id, after=after, most=size + 1)
    found = [
        {"what": row.what, "id": row.record, "title": row.title, "to_id": row.to_id, "undone": row.undone}
        for row in rows[:size]
    ]
    return told({"items": found, "next": rows[size - 1].id if len(rows) > size else None})


def undo(work: Work, call: Call) -> Answer:
    """Everything goes back that was not changed on since, within a day."""
    requests.read(requests.NothingInput, call.body)
    back, stayed = handing_over.undo(work, call.id)
    work.finish()
    return told({"back": back, "stayed": stayed})


def _shown(work: Work, row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "from_id": row.from_id,
        "from": work.person(row.from_id),
        "at": plain(row.at),
        "by": work.person(row.by_id) or None,
        "reason": row.reason,
        "plan": row.plan,
        "counts": row.counts,
        "undone_at": plain(row.undone_at),
        "undone_by": work.person(row.undone_by) or None,
    }
