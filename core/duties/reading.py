"""Duties as a person reads his own: what the records say is open, and what was left to say to late ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, literal, or_, select, union_all

from core.duties.kinds import DutyKind, kinds_of
from core.duties.models import TASK, Duty
from core.duties.rows import Branch, Reach, branches, leads, led, mine, reach, ref, seen, some, title, visible_of
from core.hooks.values import Ref
from core.text import Text, _
from core.work import Work

MOST = 100
_DUTY: Any = Duty.__table__
Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Due:
    """Something a person has to do by a day (PLT-11): what, on which record, when it is due and whose it is.

    ``alarm``: it is late and another's, whom the reader leads. ``owed``: it was late and is done, but nobody has said
    why; ``reason`` is what was said. ``task_id`` is that of a free task, which has no record.
    """

    key: str
    title: Text
    record: Ref
    due: date | None
    account_id: int | None
    kind: str = ""
    part_id: int = 0
    alarm: bool = False
    owed: bool = False
    reason: str = ""
    reminded_at: datetime | None = None
    task_id: int = 0
    asked_by: int | None = None

    @property
    def place(self) -> Place:
        """What it is about: its kind, its record, and which part of that."""
        return self.kind, self.record.id, self.part_id


def my_duties(work: Work, *, ahead: int | None = None, most: int = MOST) -> list[Due]:
    """What the actor has to do, those due first before those without a day, and late ones of others whom he leads.

    ``ahead`` are the days that the company shows ahead; without it everything is told, however far away. At most
    ``most`` of each kind. Two statements; a third where a record has changed hands since the last round.
    """
    if work.actor_id is None:
        return []
    kinds = [kind for kind in kinds_of(work) if kind.listed]
    found = _open(work, kinds, ahead, most)
    kept = _unsettled(work, found, [kind.key for kind in kinds])
    told = [with_row(one, kept.pop(one.place, None)) for one in found]
    others = [row for row in kept.values() if row.account_id == work.actor_id]
    live = _still_open(work, kinds, [row for row in others if row.kind != TASK and row.closed_at is None])
    told += [of_row(work, row) for row in others if row.kind == TASK or (row.id not in live and _owes(row))]
    return sorted(told, key=in_order)


def in_order(duty: Due) -> tuple[bool, date, str]:
    """Those due first, then those without a day."""
    return duty.due is None, duty.due or date.max, duty.key


def _open(work: Work, kinds: list[DutyKind], ahead: int | None, most: int) -> list[Due]:
    reached = [(reach(work, kind), leads(work, kind)) for kind in kinds]
    # Where a reader is kept to records of his own by more than the duty itself, the statement is his alone.
    alone = any(
        (got is Reach.ALL or (got is not Reach.NONE and kind.owner) or told) and visible_of(work, kind) is not None
        for kind, (got, told) in zip(kinds, reached, strict=True)
    )
    shape = "".join(f"{got}{told:d}" for got, told in reached)
    name = f"duties:{shape}:{work.today}:{ahead}:{most}:{work.actor_id if alone else ''}"
    statement = work.once(name, lambda: _statement(work, kinds, reached, ahead, most))
    if statement is None:
        return []
    rows = list(work.connection.execute(statement, {"actor": work.actor_id}))
    own_rows = {(row.record_kind, row.record_id, row.part_id) for row in rows if row.place % 2 == 0}
    return [
        due_of(work, kinds[row.place // 2], row, alarm=bool(row.place % 2))
        for row in rows
        if row.place % 2 == 0 or (row.record_kind, row.record_id, row.part_id) not in own_rows
    ]


def _statement(
    work: Work, kinds: list[DutyKind], reached: list[tuple[Reach, bool]], ahead: int | None, most: int
) -> Any | None:
    """The statement over all kinds; None where nothing can be the reader's."""
    parts = []
    for place, (one, (got, told)) in enumerate(zip(branches(work, kinds), reached, strict=True)):
        if (own := mine(work, one, got)) is not None:
            parts.append(one.select(one.told(2 * place), own, *shown(work, one, ahead)))
        if told:
            others = (led(one), seen(work, one), one.by(work, one.kind.late_by(work)))
            parts.append(one.select(one.told(2 * place + 1), *others))
    return some(parts, most) if parts else None


def shown(work: Work, one: Branch, ahead: int | None) -> list[Any]:
    """The condition for what is shown by now."""
    if ahead is None:
        return []
    return [or_(one.base.is_(None), one.by(work, one.kind.shown_until(work, ahead)))]


def due_of(work: Work, kind: DutyKind, row: Any, *, alarm: bool = False) -> Due:
    """A row of the duties' statement as a value."""
    account = None if kind.shared else row.owner_id
    said = title(kind, row)
    if alarm:
        who = work.person(row.owner_id) or _("Nobody")
        said = _("{person} is late: {title}", person=who, title=said)
    key = f"{kind.key}:{row.part_id or row.record_id}"
    return Due(key, said, ref(row), kind.due(work, row.base), account, kind.key, row.part_id, alarm)


def _owes(row: Any) -> bool:
    """Whether a row whose record has moved on still wants to be said why it was late."""
    return row.late_at is not None and row.reason_at is None


# What was left to them ------------------------------------------------------------------------------------------------


def _unsettled(work: Work, found: Iterable[Due], kinds: list[str]) -> dict[Place, Any]:
    """The rows that hang on these duties, and the actor's that are not settled, by what they are about."""
    ids = sorted({one.record.id for one in found})
    statement = select(_DUTY).where(
        _DUTY.c.company_id == work.company.id,
        _DUTY.c.kind.in_([*kinds, TASK]),
        or_(_DUTY.c.closed_at.is_(None), and_(_DUTY.c.late_at.is_not(None), _DUTY.c.reason_at.is_(None))),
        or_(
            _DUTY.c.account_id == work.actor_id,
            and_(_DUTY.c.closed_at.is_(None), _DUTY.c.record_id.in_(ids)),
        ),
    )
    rows = list(work.connection.execute(statement.order_by(_DUTY.c.due, _DUTY.c.id).limit(MOST * 10)))
    return placed(rows)


def _still_open(work: Work, kinds: Iterable[DutyKind], rows: Iterable[Any]) -> frozenset[int]:
    """Those of the actor's rows whose duties are open, though not among what he was told: they are another's by now."""
    of: dict[str, dict[tuple[int, int], int]] = {}
    for row in rows:
        of.setdefault(row.kind, {})[row.record_id, row.part_id] = row.id
    if not of:
        return frozenset()
    chosen = [one for one in branches(work, kinds) if one.kind.key in of]
    parts = [
        one.select(
            [literal(place).label("place"), one.columns.id.label("record_id"), one.part_id.label("part_id")],
            one.columns.id.in_(sorted({record for record, _part in of[one.kind.key]})),
        )
        for place, one in enumerate(chosen)
    ]
    found = work.connection.execute(union_all(*parts))
    return frozenset(of[chosen[row.place].kind.key].get((row.record_id, row.part_id), 0) for row in found)


def placed(rows: Iterable[Any]) -> dict[Place, Any]:
    """Rows by what they are about; a task, and what is closed, by a place of its own."""
    return {
        (row.kind, row.record_id, row.part_id)
        if row.kind != TASK and row.closed_at is None
        else (row.kind, -row.id, 0): row
        for row in rows
    }


def with_row(duty: Due, row: Any) -> Due:
    """A duty with what was left to it."""
    return duty if row is None else replace(duty, reason=row.reason, reminded_at=row.reminded_at)


def of_row(work: Work, row: Any) -> Due:
    """A free task, or a late duty whose record has moved on, as a value."""
    if row.kind == TASK:
        label = work.person(row.asked_by)
        said, record = Text("{text}", (("text", row.title),)), Ref(row.record_kind, row.record_id, label)
    else:
        kind = work.types.duties[row.kind]
        label = row.number or row.party_name or str(row.record_id)
        said = _("{kind}: {what}", kind=kind.label, what=row.party_name or label)
        record = Ref(row.record_kind, row.record_id, label)
    return Due(
        f"{row.kind}:{row.id}",
        said,
        record,
        row.due,
        row.account_id,
        "" if row.kind == TASK else row.kind,
        row.part_id,
        owed=row.kind != TASK,
        reason=row.reason,
        reminded_at=row.reminded_at,
        task_id=row.id if row.kind == TASK else 0,
        asked_by=row.asked_by,
    )


def counted(duties: Iterable[Due], today: date) -> Mapping[str, int]:
    """How many are late, due today, and to come."""
    found = {"late": 0, "today": 0, "coming": 0}
    for one in duties:
        if one.due is None or one.due > today:
            found["coming"] += 1
        else:
            found["today" if one.due == today else "late"] += 1
    return found
