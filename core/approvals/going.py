"""How a request goes on: which consents are open, when a step has enough of them, and who is still needed.

Steps with the same position are open together. A step is done by one consent, by all, or by as many as it needs; what
is open of it then is cancelled. The next position opens when every step of this one is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, update

from core.approvals import candidates
from core.approvals.engine import CHECK, COPY, PlannedStep, unseated
from core.approvals.models import ApprovalTask
from core.documents.models import Document
from core.work import Work

OPEN, WAITING, SKIPPED = "open", "waiting", "skipped"
# A consent that was given before the request was sent back counts as given.
GIVEN = frozenset({"approved", SKIPPED})
_TASK: Any = ApprovalTask.__table__
_SET = (
    update(_TASK)
    .where(_TASK.c.company_id == bindparam("_company"), _TASK.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in ("state", "opened_at", "due_at", "late_at")})
)


def rows_of(
    work: Work, request_id: int, document: Document, steps: Sequence[PlannedStep], before: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """The consents of a new request, seat by seat; those of the first position are open.

    ``before`` are those of the request before, which was sent back to come straight to whoever sent it. What was agreed
    to then stands, and is entered as skipped, with whom and when; a step that has enough so is done. A consent that was
    handed over is still that person's. Where nobody would be left to ask, or too few, everything is asked anew.
    """
    rows: list[dict[str, Any]] = []
    seats: dict[int, int] = {}
    makers = candidates.makers(document, work.actor_id) | candidates.editors(work, document)
    old = [t for t in reversed(before) if not {t.acted_by, t.on_behalf_of} & makers]
    for count, step in enumerate(steps, 1):
        for person in step.persons or (None,) * (step.needed if step.purpose == CHECK else 1):
            seats[step.position] = seats.get(step.position, 0) + 1
            rows.append(
                {
                    "company_id": work.company.id,
                    "request_id": request_id,
                    "document_id": document.id,
                    "position": step.position,
                    "step": count,
                    "seat": seats[step.position],
                    "name": step.name,
                    "role_id": step.role_id,
                    "permission": step.permission,
                    "purpose": step.purpose,
                    "mode": step.mode,
                    "needed": step.needed,
                    "days": step.days,
                    "late": step.late,
                    "maker_id": work.actor_id,
                    "opened_at": None,
                    "due_at": None,
                    **_as_before(work, (count, step), person, old, makers),
                }
            )
        _end_if_done(step, [row for row in rows if row["step"] == count])
    if before and _is_short(work, steps, rows):
        return rows_of(work, request_id, document, steps)
    begun = following((row["position"], row["mode"]) for row in rows if row["state"] == WAITING)
    for row in rows:
        if row["position"] in begun and row["state"] == WAITING:
            row |= {"state": OPEN, "opened_at": work.now, "due_at": due(work, row["days"])}
    return rows


def _as_before(
    work: Work, place: tuple[int, PlannedStep], person: int | None, old: list[Any], makers: frozenset[int]
) -> dict[str, Any]:
    """Whose a seat is, and what stands of it, by the consent that was asked for it before; that is taken out of them.

    A consent that was handed over is known by those who gave it away.
    """
    count, step = place
    same = [t for t in old if (t.name, t.role_id, t.purpose) == (step.name, step.role_id, step.purpose)]
    same.sort(key=lambda t: t.step != count)
    found = next((t for t in same if person in _asked_before(t)), None)
    values = {"assignee_id": person, "passed_by": None, "state": WAITING, "opinion": ""}
    acts = dict.fromkeys(("acted_by", "on_behalf_of", "acted_at"))
    if found is None:
        return values | acts
    old.remove(found)
    stands = found.state in GIVEN
    if stands or (candidates.here(work, found.assignee_id) and found.assignee_id not in makers):
        values |= {"assignee_id": found.assignee_id, "passed_by": found.passed_by}
    if stands:
        values |= {"state": SKIPPED, "opinion": found.opinion}
        acts = {name: getattr(found, name) for name in acts}
    return values | acts


def _asked_before(task: Any) -> set[int | None]:
    """Whose seat it was: the person's who was asked, or where he has it from others, theirs, or their role's."""
    return {*task.passed_by["accounts"], None} if task.passed_by else {task.assignee_id}


def _end_if_done(step: PlannedStep, rows: list[dict[str, Any]]) -> None:
    """Ask nobody else in a step that has enough consents which stand."""
    given = sum(row["state"] == SKIPPED for row in rows)
    wanted = {"all": len(rows), "some": step.needed}.get(step.mode, 1)
    if given >= wanted and step.mode != COPY and step.purpose != CHECK:
        for row in rows:
            row["state"] = SKIPPED if row["state"] == SKIPPED else "cancelled"


def _is_short(work: Work, steps: Sequence[PlannedStep], rows: Sequence[dict[str, Any]]) -> bool:
    """Whether nobody is left to ask, or somebody whose consent stands would be needed once more."""
    gone = {one for row in rows if row["state"] == SKIPPED for one in (row["acted_by"], row["on_behalf_of"])}
    seats: list[frozenset[int]] = []
    for count, step in enumerate(steps, 1):
        own = [row for row in rows if row["step"] == count]
        asked = [row for row in own if row["state"] == WAITING and row["mode"] != COPY]
        able = [frozenset({row["assignee_id"]}) if row["assignee_id"] else step.asked for row in asked]
        if step.mode == "all" or step.purpose == CHECK:
            seats += able
        elif asked:
            given = sum(row["state"] == SKIPPED for row in own)
            wanted = (step.needed if step.mode == "some" else 1) - given
            seats += [frozenset().union(*able)] * wanted
    return not seats or bool(unseated([able - gone for able in seats]))


def due(work: Work, days: int) -> datetime | None:
    """Until when a consent that opens now is to be given: on the last of its workdays; None without a limit."""
    if not days:
        return None
    last = work.company.workdays.add(work.today, days)
    return work.now + timedelta(days=(last - work.today).days)


def last_day(work: Work, opened_at: datetime, days: int) -> date:
    """The last of the workdays for a consent that opened then, by the calendar as it is now."""
    return work.company.workdays.add(work.day_of(opened_at), days)


def due_on(work: Work, opened_at: datetime, last: date) -> datetime:
    """The moment on the day ``last`` until which a consent that opened then is to be given."""
    return opened_at + timedelta(days=(last - work.day_of(opened_at)).days)


def free_seat(task: Any, tasks: Sequence[Any]) -> Any:
    """The seat of a double check that is still open where somebody else has just taken ``task``; else ``task`` itself.

    Its seats are alike, and whoever was asked for one was asked for any of them.
    """
    if task.state == OPEN or task.purpose != CHECK:
        return task
    alike = (t for t in tasks if t.step == task.step and t.position == task.position and not t.assignee_id)
    return next((t for t in alike if t.state == OPEN), task)


def only_checked(tasks: Iterable[Any]) -> bool:
    """Whether nobody was asked for his consent: only for a double check."""
    return all(t.purpose == CHECK for t in tasks if t.mode != COPY)


def is_begun(tasks: Iterable[Any]) -> bool:
    """Whether somebody has decided on this request; what stands of one before, or was only read, is no decision."""
    return any(t.acted_at and t.mode != COPY and t.state != SKIPPED for t in tasks)


def earlier(task: Any, tasks: Iterable[Any]) -> dict[int, str]:
    """The positions before ``task`` to which it may be sent back, with the names of their steps.

    Only what was agreed to and still counts: not what was asked for before it was sent back already.
    """
    every = [task, *tasks]
    first = first_places(every)
    found: dict[int, list[str]] = {}
    for t in every:
        if t.state in GIVEN and not t.called and t.mode != COPY and first[t.step] < first[task.step]:
            found.setdefault(t.position, []).append(t.name)
    return {place: " / ".join(dict.fromkeys(names)) for place, names in sorted(found.items())}


def first_places(tasks: Iterable[Any]) -> dict[int, int]:
    """By step the position at which it was asked first: its place in the plan, however often it is asked again."""
    found: dict[int, int] = {}
    for task in tasks:
        found[task.step] = min(task.position, found.get(task.step, task.position))
    return found


def decided(task: Any, state: str) -> Any:
    """A consent as it is after the actor has decided on it, without reading it again."""
    return SimpleNamespace(**{**task._mapping, "state": state})


def go_on(work: Work, position: int, tasks: Sequence[Any]) -> bool:
    """After a consent at ``position``: end what is done there, open what comes next; False when nothing is left."""
    if _come_back(work, position, tasks):
        return True
    here = _by_step(t for t in tasks if t.position == position)
    done = {step for step, seats in here.items() if is_done(seats)}
    _set(work, [t for step in done for t in here[step] if t.state in (OPEN, WAITING) and t.mode != COPY], "cancelled")
    if done != set(here):
        return True
    later = [t for t in tasks if t.state == WAITING and t.position > position]
    begun = following((t.position, t.mode) for t in later)
    _set(work, [t for t in later if t.position in begun], OPEN)
    return any(t.mode != COPY for t in later)


def following(waiting: Iterable[tuple[int, str]]) -> set[int]:
    """The positions that open next, of seats by position and mode: up to the first at which somebody is asked."""
    found: set[int] = set()
    places: dict[int, set[str]] = {}
    for position, mode in waiting:
        places.setdefault(position, set()).add(mode)
    for position in sorted(places):
        found.add(position)
        if places[position] != {COPY}:
            break
    return found


def is_done(seats: Sequence[Any]) -> bool:
    """Whether a step has the consents that it needs; one counts when whoever was called in for it has answered too."""
    own = [t for t in seats if not t.called]
    if own[0].mode == COPY:
        return True
    given = sum(t.state in GIVEN and not _is_held(t, seats) for t in own)
    return given >= (len(own) if own[0].mode == "all" else min(own[0].needed, len(own)) if own[0].mode == "some" else 1)


def _is_held(task: Any, seats: Sequence[Any]) -> bool:
    """Whether somebody who was called in for a consent, or by whoever was, has not answered yet."""
    called = [t for t in seats if t.parent_id == task.id]
    return any(t.state in (OPEN, WAITING) or _is_held(t, seats) for t in called)


def _come_back(work: Work, position: int, tasks: Sequence[Any]) -> bool:
    """Let those decide who waited for others whom they had called in, when all of these have answered; whether any."""
    here = [t for t in tasks if t.position == position]
    callers = {t.parent_id for t in here if t.parent_id is not None and t.called != "after"}
    back = [t for t in here if t.id in callers and t.state == WAITING and not _is_held(t, here)]
    _set(work, back, OPEN)
    return bool(back)


def may_still(task: Any, tasks: Sequence[Any]) -> bool:
    """Whether the step of a consent that was refused can still have as many as it needs: only where some are enough.

    The refusal of somebody who was called in is that of the seat he was called in for.
    """
    own = _seat_of(task, tasks)
    if own.mode != "some":
        return False
    here = [t for t in tasks if t.position == own.position and t.step == own.step]
    seats = [t for t in here if not t.called and t.id != own.id]
    possible = sum(t.state in GIVEN or t.state in (OPEN, WAITING) for t in seats)
    return possible >= int(own.needed)


def give_up(work: Work, task: Any, tasks: Sequence[Any]) -> None:
    """End the seat that somebody who was called in has refused, and whoever else was called in for it."""
    own = _seat_of(task, tasks)
    lost = [t for t in tasks if t.id != task.id and (t.id == own.id or _seat_of(t, tasks).id == own.id)]
    _set(work, [t for t in lost if t.id == own.id or t.state in (OPEN, WAITING)], "cancelled")


def _seat_of(task: Any, tasks: Sequence[Any]) -> Any:
    """The consent of the plan itself for which somebody was called in, through however many; itself where it is one."""
    while task.called:
        task = next(t for t in tasks if t.id == task.parent_id)
    return task


def taken(document: Document, request: Any, others: Iterable[Any]) -> frozenset[int]:
    """Who made the document, asked for it, or has decided on it already, for himself or for somebody else."""
    stands = (t for t in others if t.acted_by and t.mode != COPY and t.called != "advice" and t.state != "returned")
    acted = (who for t in stands for who in (t.acted_by, t.on_behalf_of))
    return candidates.makers(document, request.requested_by, *request.objections.get("makers", ()), *acted)


def needed_later(work: Work, task: Any, others: Sequence[Any], gone: frozenset[int], who: int | None) -> Any | None:
    """A consent that could not be given any more if ``who`` gave this one; None where there are people enough."""
    seats: list[tuple[Any, frozenset[int]]] = []
    asked = [t for t in others if t.mode != COPY]
    for (position, step), of in _places(asked).items():
        mine = (position, step) == (task.position, task.step)
        own = [t for t in of if not t.called]
        waiting = [t for t in own if t.state in (OPEN, WAITING)]
        wanted = len(waiting)
        if own and own[0].mode != "all":
            given = sum(t.state in GIVEN for t in own) + mine
            wanted = max(0, (own[0].needed if own[0].mode == "some" else 1) - given)
        for t in waiting[:wanted] if own and own[0].mode == "all" else waiting[:1] * wanted:
            able = (
                candidates.able(work, t)
                if t.mode == "all" or not t.assignee_id
                else frozenset(one.assignee_id for one in waiting)
            )
            seats.append((t, able - gone))
    before = set(unseated([able for _t, able in seats]))
    after = [n for n in unseated([able - {who} for _t, able in seats]) if n not in before]
    return seats[after[0]][0] if after else None


def _places(tasks: Iterable[Any]) -> Mapping[tuple[int, int], list[Any]]:
    found: dict[tuple[int, int], list[Any]] = {}
    for task in tasks:
        found.setdefault((task.position, task.step), []).append(task)
    return found


def _by_step(tasks: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for task in tasks:
        found.setdefault(task.step, []).append(task)
    return found


def _set(work: Work, tasks: Sequence[Any], state: str) -> None:
    """Put consents into a state, in one statement; what opens gets its time."""
    if not tasks:
        return
    opens = state == OPEN
    rows = [
        {
            "_company": work.company.id,
            "_id": task.id,
            "state": state,
            "opened_at": work.now if opens else task.opened_at,
            "due_at": due(work, task.days) if opens else task.due_at,
            "late_at": None if opens else task.late_at,
        }
        for task in tasks
    ]
    work.connection.execute(_SET, rows)
