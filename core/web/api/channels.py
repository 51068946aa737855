"""Channels for programs: how messages leave the company, a test of each, and what became of what was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.canonical import plain
from core.channels import KINDS
from core.errors import Invalid, Stale
from core.messages import reading
from core.operations import channels, telling
from core.rights import ADMINISTER
from core.schemas import requests
from core.web.api.calls import Answer, Call, marked, told
from core.work import Work


def list_channels(work: Work, call: Call) -> Answer:
    """All channels, without what is secret of them."""
    return told({"items": [_shown(work, row) for row in channels.channels_of(work)]})


def read_channel(work: Work, call: Call) -> Answer:
    """One channel."""
    return marked(_shown(work, channels.find(work, call.id)))


def make_channel(work: Work, call: Call) -> Answer:
    """A new channel."""
    work.demand(ADMINISTER)
    asked = requests.read(requests.ChannelInput, call.body)
    key = _saved(work, **asked)
    return marked(_shown(work, channels.find(work, key)), 201, location=f"{call.root}/api/v1/core/channels/{key}")


def change_channel(work: Work, call: Call) -> Answer:
    """What is said of a channel changes; the rest of it stays, and a secret that is not said too."""
    work.demand(ADMINISTER)
    asked = {
        name: value for name, value in requests.read(requests.ChannelPatch, call.body).items() if value is not None
    }
    row, version = channels.find(work, call.id), call.seen(needed=True)
    if version is not None and version != row.version:
        raise Stale(version, row.version)
    kept = {"name": row.name, "topics": row.topics["topics"], "active": row.active}
    options = {**row.options, **asked.pop("options", {})}
    _saved(work, row.kind, **{**kept, **asked}, options=options, key=row.id)
    return marked(_shown(work, channels.find(work, row.id)))


def _saved(work: Work, kind: str, name: str, options: Any, topics: Any, active: bool, key: int | None = None) -> int:
    """The channel; what is wrong with an option is told where the option stands."""
    try:
        return channels.save(work, kind, name, options, topics, key=key, active=active, strict=True)
    except Invalid as error:
        known = {option.key for option in KINDS[kind].options} if kind in KINDS else set()
        faults = [replace(one, path=f"options/{one.path}") if one.path in known else one for one in error.faults]
        raise Invalid(faults) from error


def test_channel(work: Work, call: Call) -> Answer:
    """A test goes to the caller; the log says what became of it."""
    work.demand(ADMINISTER)
    requests.read(requests.NothingInput, call.body)
    channels.test(work, call.id)
    return told({"done": True})


def sent(work: Work, call: Call) -> Answer:
    """What left the program, or could not, the latest first; ``next`` is a cursor for ``before``."""
    work.demand(ADMINISTER)
    size, before = call.whole("size", 50, 1, 200), call.whole("before", 0, 1, 10**18) or None
    rows = reading.log(work, before=before, most=size + 1)
    more, rows = len(rows) > size, rows[:size]
    return told({"items": [_sending(work, row) for row in rows], "next": rows[-1].id if more else None})


def _shown(work: Work, row: Any) -> dict[str, Any]:
    kept = channels.secrets(work, row)
    return {
        "id": row.id,
        "version": row.version,
        "kind": row.kind,
        "name": row.name,
        "active": row.active,
        "options": {one.key: row.options.get(one.key, "") for one in KINDS[row.kind].options if not one.secret},
        "secrets": [one.key for one in KINDS[row.kind].options if one.key in kept],
        "topics": [topic for topic in row.topics["topics"] if topic in telling.TOPICS],
    }


def _sending(work: Work, row: Any) -> dict[str, Any]:
    state = "sent" if row.sent_at else "given_up" if row.failed_at else "waiting"
    return {
        "id": row.id,
        "channel": row.name,
        "account_id": row.account_id,
        "person": work.person(row.account_id),
        "topic": row.topic,
        "state": state,
        "at": plain(row.sent_at or row.failed_at or row.run_at or row.created_at),
        "attempts": row.attempts or 0,
        "said": row.answer if row.sent_at else row.error or "",
        "job_id": row.job_id,
    }
