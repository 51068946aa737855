"""The duties of a team: by person and by kind, the late ones first, for whoever leads it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, func, literal, null, or_, select, union_all

from core.approvals import candidates
from core.duties.kinds import DutyKind, kinds_of
from core.duties.models import TASK, Duty
from core.duties.reading import MOST, Due, due_of, in_order, of_row, placed, shown, with_row
from core.duties.rows import Branch, branches, seen, some
from core.rights import OVERSEE
from core.work import Work

_DUTY: Any = Duty.__table__
_DAY = timedelta(days=1)
_HIGHEST = 9


@dataclass(frozen=True, slots=True)
class Count:
    """How many duties of one kind somebody has: late, due today, and to come. ``account_id`` None: several may."""

    kind: str
    account_id: int | None
    late: int
    today: int
    coming: int


def team(work: Work) -> frozenset[int] | None:
    """Those whom the actor leads: below him by superiors or departments; None for everybody of the company."""
    if work.may(OVERSEE):
        return None
    return frozenset(
        person
        for person in work.company.people
        if person != work.actor_id and candidates.here(work, person) and work.actor_id in _above(work, person)
    )


def _above(work: Work, person: int) -> frozenset[int]:
    """Everybody above somebody, up to the highest."""
    found: set[int] = set()
    at: int | None = person
    for _level in range(_HIGHEST):
        at = candidates.superior(work, at)
        if at is None or at in found:
            break
        found.add(at)
    return frozenset(found)


def leads(work: Work) -> bool:
    """Whether the actor leads anybody."""
    people = team(work)
    return people is None or bool(people)


def counts(work: Work, people: Collection[int] | None, ahead: int) -> list[Count]:
    """What ``people`` have to do, or everybody: one row for each person and kind; one statement over all records."""
    led = "all" if people is None else ",".join(map(str, sorted(people)))
    who = f"{work.actor.id}:{work.actor.version}" if work.actor else ""
    name = f"duties of a team:{who}:{work.today}:{ahead}:{led}"
    keys, statement = work.once(name, lambda: _counting(work, people, ahead))
    return [
        Count(TASK if row.place < 0 else keys[row.place], row.account_id, row.late, row.today, row.coming)
        for row in work.connection.execute(statement)
        if row.late or row.today or row.coming
    ]


def _counting(work: Work, people: Collection[int] | None, ahead: int) -> tuple[list[str], Any]:
    """The keys of the kinds, and the statement that counts them."""
    chosen = _of(work, kinds_of(work), people)
    parts = [_counted(work, one, place, people, ahead) for place, one in enumerate(chosen)]
    return [one.kind.key for one in chosen], union_all(*parts, _tasks(work, people, ahead))


def _of(work: Work, kinds: list[DutyKind], people: Collection[int] | None) -> list[Branch]:
    """The kinds that a team can have, each record once; shared ones are shown to whoever oversees everybody."""
    return [
        one
        for one in branches(work, [kind for kind in kinds if kind.filed])
        if (people is None or not one.kind.shared) and (not one.kind.kind or work.may(f"{one.kind.kind}.read"))
    ]


def _counted(work: Work, one: Branch, place: int, people: Collection[int] | None, ahead: int) -> Any:
    late, today = one.by(work, work.today - _DAY), one.by(work, work.today)
    holder = cast(null(), BigInteger) if one.kind.shared else one.holder
    conditions = [seen(work, one), *shown(work, one, ahead)]
    if people is not None:
        conditions.append(one.holder.in_(sorted(people)))
    inner = one.select(
        [
            holder.label("account_id"),
            case((late, 1), else_=0).label("late"),
            case((late, 0), (today, 1), else_=0).label("today"),
        ],
        *conditions,
    ).subquery()
    return _summed(inner, place)


def _tasks(work: Work, people: Collection[int] | None, ahead: int) -> Any:
    conditions = [
        _DUTY.c.company_id == work.company.id,
        _DUTY.c.kind == TASK,
        _DUTY.c.closed_at.is_(None),
        or_(_DUTY.c.due.is_(None), _DUTY.c.due <= work.today + timedelta(days=ahead)),
    ]
    if people is not None:
        conditions.append(_DUTY.c.account_id.in_(sorted(people)))
    inner = (
        select(
            _DUTY.c.account_id,
            case((_DUTY.c.due < work.today, 1), else_=0).label("late"),
            case((_DUTY.c.due == work.today, 1), else_=0).label("today"),
        )
        .where(*conditions)
        .subquery()
    )
    return _summed(inner, -1)


def _summed(inner: Any, place: int) -> Any:
    late, today = func.sum(inner.c.late), func.sum(inner.c.today)
    return select(
        literal(place).label("place"),
        inner.c.account_id,
        cast(late, BigInteger).label("late"),
        cast(today, BigInteger).label("today"),
        cast(func.count() - late - today, BigInteger).label("coming"),
    ).group_by(inner.c.account_id)


def listed(
    work: Work,
    people: Collection[int] | None,
    ahead: int,
    *,
    person: int | None = None,
    kind: str = "",
    most: int = MOST,
) -> list[Due]:
    """The duties of a team, late ones first; of one ``person`` or one ``kind`` where they are given."""
    wanted = people if person is None else frozenset({person} if people is None else {person} & set(people))
    kinds = [one for one in kinds_of(work) if not kind or one.key == kind]
    chosen = [one for one in _of(work, kinds, wanted) if person is None or not one.kind.shared]
    parts = []
    for place, one in enumerate(chosen):
        conditions = [seen(work, one), *shown(work, one, ahead)]
        if wanted is not None:
            conditions.append(one.holder.in_(sorted(wanted)))
        parts.append(one.select(one.told(place), *conditions))
    rows = list(work.connection.execute(some(parts, most))) if parts else []
    found = [due_of(work, chosen[row.place].kind, row) for row in rows]
    kept = _kept(work, wanted, found, kind)
    told = [with_row(one, kept.pop(one.place, None)) for one in found]
    tasks = [of_row(work, row) for row in kept.values() if row.kind == TASK]
    return sorted([*told, *tasks], key=in_order)[:most]


def _kept(work: Work, people: Collection[int] | None, found: list[Due], kind: str) -> dict[Any, Any]:
    """What was left to these duties, and the open tasks of these people."""
    tasks = [_DUTY.c.kind == TASK]
    if people is not None:
        tasks.append(_DUTY.c.account_id.in_(sorted(people)))
    about = and_(
        _DUTY.c.kind.in_(sorted({one.kind for one in found})),
        _DUTY.c.record_id.in_(sorted({one.record.id for one in found})),
    )
    wanted = about if kind and kind != TASK else or_(and_(*tasks), about)
    statement = select(_DUTY).where(_DUTY.c.company_id == work.company.id, _DUTY.c.closed_at.is_(None), wanted)
    return placed(work.connection.execute(statement.order_by(_DUTY.c.due, _DUTY.c.id).limit(MOST * 10)))
