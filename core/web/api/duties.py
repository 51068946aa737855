"""Duties and messages for programs: what the caller has to do, what his team has, and what he was told."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.duties import reading, team
from core.duties.reading import Due
from core.errors import Forbidden
from core.extension.core_settings import REMINDER_DAYS
from core.messages import reading as messages
from core.operations import telling
from core.operations.duties import acts, tasks
from core.records import guidance
from core.schemas import requests
from core.text import _
from core.web.api.calls import Answer, Call, told
from core.web.api.records import place_of
from core.work import Work


def my_duties(work: Work, call: Call) -> Answer:
    """What the caller has to do within the company's days ahead, those due first."""
    found = [*reading.my_duties(work, ahead=work.setting(REMINDER_DAYS)), *guidance.duties(work)]
    return told({"items": [_duty(work, one) for one in found]})


def team_duties(work: Work, call: Call) -> Answer:
    """What those whom the caller leads have to do: by person and by kind, and the duties, late ones first."""
    if not team.leads(work):
        raise Forbidden(_("You lead nobody here."))
    people, ahead = team.team(work), work.setting(REMINDER_DAYS)
    person, kind = call.whole("person", 0, 1, 10**18) or None, call.query.get("kind", "")
    listed = team.listed(work, people, ahead, person=person, kind=kind)
    counts = [
        {
            "kind": one.kind,
            "account_id": one.account_id,
            "account": work.person(one.account_id) or None,
            "late": one.late,
            "today": one.today,
            "coming": one.coming,
        }
        for one in team.counts(work, people, ahead)
    ]
    return told({"items": [_duty(work, one) for one in listed], "counts": counts})


def _duty(work: Work, one: Due) -> dict[str, Any]:
    cls = work.types.documents.get(one.record.kind) or work.types.masters.get(one.record.kind)
    return {
        "kind": one.kind or "core.task",
        "title": str(one.title),
        "due": plain(one.due),
        "late": one.due is not None and one.due < work.today,
        "alarm": one.alarm,
        "owed": one.owed,
        "reason": one.reason,
        "account_id": one.account_id,
        "reminded_at": plain(one.reminded_at),
        "task_id": one.task_id or None,
        "part_id": one.part_id,
        "record": {
            "kind": one.record.kind,
            "id": one.record.id,
            "label": one.record.label,
            "url": f"{place_of(cls)}/{one.record.id}" if cls is not None and one.record.id else None,
        },
    }


def say_why(work: Work, call: Call) -> Answer:
    """The caller says why a duty of his is late."""
    asked = requests.read(requests.LateInput, call.body)
    acts.answer(work, asked["kind"], asked["record_id"], asked["part_id"], reason=asked["reason"])
    return told({"done": True})


def urge(work: Work, call: Call) -> Answer:
    """Whoever has to do it is reminded."""
    asked = requests.read(requests.UrgeInput, call.body)
    acts.remind(work, asked["kind"], asked["record_id"], asked["part_id"])
    return told({"done": True})


def give_task(work: Work, call: Call) -> Answer:
    """A task for somebody, or for the caller himself."""
    asked = requests.read(requests.TaskInput, call.body)
    key = tasks.give(work, asked["account_id"], asked["title"], asked["due"])
    return told({"id": key}, status=201)


def finish_task(work: Work, call: Call) -> Answer:
    """The caller has done his task; a late one needs its reason."""
    asked = requests.read(requests.WithdrawInput, call.body)
    tasks.finish(work, call.id, reason=asked["reason"])
    return told({"done": True})


def withdraw_task(work: Work, call: Call) -> Answer:
    """The caller takes back a task that he has given."""
    requests.read(requests.NothingInput, call.body)
    tasks.withdraw(work, call.id)
    return told({"done": True})


def urge_task(work: Work, call: Call) -> Answer:
    """Whoever has the task is reminded."""
    requests.read(requests.NothingInput, call.body)
    tasks.remind(work, call.id)
    return told({"done": True})


def my_messages(work: Work, call: Call) -> Answer:
    """What the caller was told, the latest first; ``next`` is a cursor for ``before``."""
    size, before = call.whole("size", 50, 1, 200), call.whole("before", 0, 1, 10**18) or None
    rows = messages.mine(work, before=before, most=size + 1)
    items = [
        {
            "id": row.id,
            "topic": row.topic,
            "text": str(telling.told(work, row.text, row.details)),
            "record_kind": row.record_kind,
            "record_id": row.record_id or None,
            "created_at": plain(row.created_at),
            "read_at": plain(row.read_at),
        }
        for row in rows[:size]
    ]
    return told({"items": items, "next": items[-1]["id"] if len(rows) > size else None})


def read_messages(work: Work, call: Call) -> Answer:
    """The caller has read what he was told."""
    requests.read(requests.NothingInput, call.body)
    telling.mark_read(work)
    return told({"done": True})
