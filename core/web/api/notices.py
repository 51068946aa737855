"""Announcements for programs: what concerns the caller, reading it, and for authors what becomes of one."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.entities.announcement import DRAFT, Announcement
from core.errors import Forbidden
from core.operations import announcing
from core.operations.attach import attached
from core.operations.bringing import fetch
from core.schemas import requests
from core.text import _
from core.web.api import files
from core.web.api.calls import Answer, Call, told
from core.work import Work


def list_mine(work: Work, call: Call) -> Answer:
    """What is in force and concerns the caller, the latest first."""
    return told({"items": [_row(row) for row in announcing.mine(work)]})


def list_earlier(work: Work, call: Call) -> Answer:
    """What concerned the caller and is over, the latest first; ``next`` is a cursor for ``before``."""
    size, before = call.whole("size", 50, 1, 50), call.whole("before", 0, 1, 10**18) or None
    rows = announcing.earlier(work, before=before, most=size + 1)
    more = len(rows) > size
    return told({"items": [_row(row) for row in rows[:size]], "next": rows[size - 1].id if more else None})


def read_one(work: Work, call: Call) -> Answer:
    """One announcement that concerns the caller, also one that is over."""
    return told(_shown(work, announcing.to_read(work, call.id)))


def read(work: Work, call: Call) -> Answer:
    """The caller has read it, and where that is asked for will follow it."""
    asked = requests.read(requests.PromiseInput, call.body)
    announcing.read(work, call.id, promise=asked["promise"])
    return told(_shown(work, announcing.to_read(work, call.id)))


def list_files(work: Work, call: Call) -> Answer:
    """The papers of an announcement, for whoever may read it."""
    announcing.to_read(work, call.id)
    return told({"items": [files.shown(work, row) for row in attached(work, Announcement, call.id)]})


def read_file(call: Call) -> Answer:
    """A paper of an announcement, as a download; that it was taken is in the audit log before."""
    works, key, file = call.program.works, call.id, int(call.path["file"])
    name, content = fetch(works, call.ask, Announcement, key, file, opens=lambda work: announcing.to_read(work, key))
    return files.download(name, content)


def readers(work: Work, call: Call) -> Answer:
    """Whom it concerns, and who has read it; for those who may write announcements."""
    record = announcing.to_read(work, call.id)
    if not announcing.may_know(work) or record.state == DRAFT:
        raise Forbidden(_("Only who writes announcements sees who has read them."))
    items = [
        {
            "account_id": one.account_id,
            "name": work.person(one.account_id),
            "done": announcing.done(record, one),
            **{name: plain(getattr(one, name)) for name in ("read_at", "promised_at", "reminded_at")},
        }
        for one in announcing.readers(work, record)
    ]
    return told({"items": items})


def announce(work: Work, call: Call) -> Answer:
    """A draft becomes known to those it concerns."""
    requests.read(requests.NothingInput, call.body)
    return _done(work, announcing.announce(work, call.id))


def withdraw(work: Work, call: Call) -> Answer:
    """It is taken out of force, with a reason."""
    asked = requests.read(requests.WithdrawInput, call.body)
    return _done(work, announcing.withdraw(work, call.id, reason=asked["reason"]))


def renew(work: Work, call: Call) -> Answer:
    """A draft of a newer edition."""
    requests.read(requests.NothingInput, call.body)
    return _done(work, announcing.renew(work, call.id), status=201, root=call.root)


def remind(work: Work, call: Call) -> Answer:
    """Those who have not read it are reminded."""
    requests.read(requests.NothingInput, call.body)
    return told({"reminded": announcing.remind(work, call.id)})


def _done(work: Work, record: Announcement, *, status: int = 200, root: str = "") -> Answer:
    answer = _shown(work, record)
    work.finish()
    where = {"location": f"{root}/api/v1/core/announcements/{record.id}"} if status == 201 else {}
    return told(answer, status, **where)


def _row(row: Any) -> dict[str, Any]:
    names = ("id", "name", "name_en", "subject", "state", "promised", "announced_at", "valid_until")
    return {name: plain(getattr(row, name)) for name in (*names, "read_at", "promised_at", "reminded_at")}


def _shown(work: Work, record: Announcement) -> dict[str, Any]:
    names = (
        *("id", "name", "name_en", "subject", "body", "body_en", "state", "promised", "valid_from", "valid_until"),
        *("announced_at", "replaces_id", "ended_reason"),
    )
    return {name: plain(getattr(record, name)) for name in names} | {"replaced_by": announcing.newer(work, record)}
