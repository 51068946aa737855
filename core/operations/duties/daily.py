"""The daily round over all duties: late ones are put on file and alarm whoever leads, done ones are closed.

For each kind a handful of statements over all records of the company, however many; nothing is read row by row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, and_, bindparam, cast, exists, func, insert, literal, null, select, update

from core.approvals import candidates, reading
from core.approvals.engine import CHECK, COPY
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents import access
from core.documents.kinds import area_of
from core.documents.models import Document
from core.duties.kinds import DutyKind, is_master, kinds_of
from core.duties.models import TASK, Duty
from core.duties.rows import Branch, branches
from core.duties.team import Count, counts
from core.extension.core_settings import MORNING as MORNING_HOUR
from core.hooks.values import Ref
from core.operations import asking
from core.operations.telling import ALARM, CONSENT, MORNING, Note, tell
from core.rights import OVERSEE
from core.roles import Scope
from core.text import Text, _
from core.work import Work

_DUTY: Any = Duty.__table__
_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
_DOCUMENT: Any = Document.__table__
_NEWS = timedelta(days=2)
_FILED = (
    "company_id",
    "kind",
    "record_kind",
    "record_id",
    "part_id",
    "account_id",
    "owner_id",
    "title",
    "party_name",
    "number",
    "since",
    "due",
    "opened_at",
    "late_at",
    "reason",
)


def go_round(work: Work) -> int:
    """Put late duties on file, close what is done, tell whom it concerns; gives back how many became late.

    Safe to repeat: what is on file is not filed again, and everybody is told once.
    """
    filed = 0
    known = set(
        work.connection.execute(
            select(_DUTY.c.kind).where(_DUTY.c.company_id == work.company.id, _DUTY.c.closed_at.is_(None)).distinct()
        ).scalars()
    )
    for one in branches(work, [kind for kind in kinds_of(work) if kind.filed or kind.key in known]):
        if one.kind.key in known:
            _follow(work, one)
        if one.kind.key in known and one.kind.filed:
            _raise(work, one)
        filed += _file(work, one) if one.kind.filed else 0
    _tasks_late(work)
    tell(work, [*_alarms(work), *_mornings(work)])
    return filed


def tell_asked(work: Work) -> int:
    """Tell people whose consent was asked for lately; gives back how many were. Safe to repeat."""
    return tell(work, _asked(work))


# On file --------------------------------------------------------------------------------------------------------------


def _same(one: Branch) -> Any:
    return and_(one.columns.id == _DUTY.c.record_id, one.part_id == _DUTY.c.part_id)


def standing(work: Work, kind: DutyKind) -> Any:
    """The criterion for rows of a kind whose records have not moved on."""
    return and_(_DUTY.c.company_id == work.company.id, _DUTY.c.kind == kind.key, _DUTY.c.closed_at.is_(None))


def _follow(work: Work, one: Branch) -> None:
    """Close rows whose records have moved on, and hand the others over with their records."""
    open_rows = standing(work, one.kind)
    live = one.select([literal(1)], _same(one)).correlate(_DUTY)
    work.connection.execute(update(_DUTY).where(open_rows, ~exists(live)).values(closed_at=work.now))
    holder = one.select([cast(one.holder, BigInteger)], _same(one)).correlate(_DUTY).scalar_subquery()
    name = _DUTY.c.owner_id if one.kind.shared else _DUTY.c.account_id
    values = {"owner_id": holder} if one.kind.shared else {"owner_id": holder, "account_id": holder}
    work.connection.execute(update(_DUTY).where(open_rows, name.is_distinct_from(holder)).values(values))


def _late(work: Work, one: Branch) -> Any:
    return one.base <= one.kind.latest(work, one.kind.late_by(work))


def _raise(work: Work, one: Branch) -> None:
    """Rows that were there already, because somebody reminded or answered, are late from now on."""
    late = one.select([literal(1)], _same(one), _late(work, one)).correlate(_DUTY)
    work.connection.execute(
        update(_DUTY).where(standing(work, one.kind), _DUTY.c.late_at.is_(None), exists(late)).values(late_at=work.now)
    )


def _file(work: Work, one: Branch) -> int:
    """Write a row for each late duty that has none; gives back how many."""
    known = select(literal(1)).select_from(_DUTY).where(standing(work, one.kind), _same(one)).correlate_except(_DUTY)
    found = one.select(values(work, one, late=True), _late(work, one), ~exists(known))
    statement = insert(_DUTY).from_select(list(_FILED), found).execution_options(preserve_rowcount=True)
    done = work.connection.execute(statement)
    if done.rowcount and one.kind.offset(work):
        _days(work, one.kind)
    return max(done.rowcount, 0)


def values(work: Work, one: Branch, *, late: bool) -> list[Any]:
    """The values of a row for each duty of a kind, in the order of its columns."""
    c, kind = one.columns, one.kind
    holder = cast(one.holder, BigInteger)
    moment = _DUTY.c.late_at.type
    found = {
        "company_id": literal(work.company.id),
        "kind": literal(kind.key),
        "record_kind": literal(kind.kind) if kind.kind else c.kind,
        "record_id": c.id,
        "part_id": one.part_id,
        "account_id": cast(null(), BigInteger) if kind.shared else holder,
        "owner_id": holder,
        "title": literal(""),
        "party_name": c.party_name,
        "number": literal("") if is_master(kind) else func.coalesce(c.number, ""),
        "since": one.base,
        "due": one.base,
        "opened_at": literal(work.now, moment),
        "late_at": literal(work.now if late else None, moment),
        "reason": literal(""),
    }
    return [found[name].label(name) for name in _FILED]


def _days(work: Work, kind: DutyKind) -> None:
    """Reckon when new rows were due, once for each day from which they count."""
    new = (_DUTY.c.company_id == work.company.id, _DUTY.c.kind == kind.key, _DUTY.c.late_at == work.now)
    days = work.connection.execute(select(_DUTY.c.since).where(*new).distinct()).scalars()
    rows = [{"_since": day, "_due": kind.due(work, day)} for day in days]
    if rows:
        work.connection.execute(
            update(_DUTY).where(*new, _DUTY.c.since == bindparam("_since")).values(due=bindparam("_due")), rows
        )


def _tasks_late(work: Work) -> None:
    work.connection.execute(
        update(_DUTY)
        .where(
            _DUTY.c.company_id == work.company.id,
            _DUTY.c.kind == TASK,
            _DUTY.c.closed_at.is_(None),
            _DUTY.c.late_at.is_(None),
            _DUTY.c.due < work.today,
        )
        .values(late_at=work.now)
    )


# Who is told ----------------------------------------------------------------------------------------------------------


def _alarms(work: Work) -> list[Note]:
    """To whoever leads: how many duties of his people have just become late, by kind, the most first (PLT-11)."""
    rows = work.connection.execute(
        select(_DUTY.c.kind, _DUTY.c.account_id, _DUTY.c.owner_id, func.count().label("number"))
        .where(_DUTY.c.company_id == work.company.id, _DUTY.c.late_at == work.now, _DUTY.c.closed_at.is_(None))
        .group_by(_DUTY.c.kind, _DUTY.c.account_id, _DUTY.c.owner_id)
    )
    of: dict[int, Counter[str]] = {}
    for row in rows:
        for leader in leaders(work, row.kind, row.account_id or row.owner_id):
            of.setdefault(leader, Counter())[row.kind] += row.number
    stamp = work.now.isoformat()
    return [
        Note(
            leader,
            ALARM,
            _(
                "Newly late with your people: {kinds}",
                kinds=[_named(work, kind, n) for kind, n in kinds.most_common(6)],
            ),
            f"alarm:{leader}:{stamp}",
            Ref("core.team", 0, ""),
        )
        for leader, kinds in sorted(of.items())
    ]


def leaders(work: Work, kind: str, person: int | None) -> Iterable[int]:
    """Who is alarmed when somebody is late: the nearest above him that works here, else whoever oversees everybody.

    Whoever stands in for one of them today is alarmed as well.
    """
    declared = work.types.duties.get(kind)
    found = set(holding(work, declared.permission(declared.leads))) if declared and declared.leads else set()
    above = candidates.nearest_above(work, person) if person is not None else None
    found |= {above} if above is not None else set(holding(work, OVERSEE))
    found |= {to for leader in found for to, kinds in candidates.all_stand_ins(work).get(leader, ()) if not kinds}
    return sorted(found - {person})


def holding(work: Work, right: str) -> frozenset[int]:
    """Those who hold a right for all of the company today."""
    roles = [
        role.id
        for role in work.company.roles.values()
        if any(g.permission == right and g.scope == Scope.COMPANY and g.valid(work.today) for g in role.grants)
    ]
    return frozenset[int]().union(*(candidates.holders(work, role) for role in roles))


def _named(work: Work, kind: str, count: int) -> Text:
    label = _("Tasks") if kind == TASK else work.types.duties[kind].label
    return _("{kind}: {count}", kind=label, count=count)


def _asked(work: Work) -> list[Note]:
    """To whoever is asked for a consent or a double check, once for each time, within minutes of being asked."""
    statement = (
        select(
            *(_TASK.c[name] for name in ("assignee_id", "role_id", "permission", "maker_id", "opened_at", "purpose")),
            *(_TASK.c[name] for name in ("request_id", "position", "step", "document_id")),
            *(_DOCUMENT.c[name] for name in ("owner_id", "created_by", "edited_by", "party_id")),
            *(_DOCUMENT.c[name] for name in ("kind", "number", "party_name")),
            _REQUEST.c.objections,
        )
        .join(_DOCUMENT, (_DOCUMENT.c.company_id == _TASK.c.company_id) & (_DOCUMENT.c.id == _TASK.c.document_id))
        .join(_REQUEST, (_REQUEST.c.company_id == _TASK.c.company_id) & (_REQUEST.c.id == _TASK.c.request_id))
        .where(
            _TASK.c.company_id == work.company.id,
            _TASK.c.state == "open",
            _TASK.c.mode != COPY,
            _TASK.c.opened_at > work.now - _NEWS,
            _DOCUMENT.c.kind.in_(kind for kind in sorted(work.types.documents) if area_of(kind) in work.areas),
        )
    )
    rows = list(work.connection.execute(statement))
    if not rows:
        return []
    stand_ins = candidates.all_stand_ins(work)
    gone = reading.decided_on(work, {row.request_id for row in rows})
    access.locate(work, (row.party_id for row in rows if row.permission))
    # Several seats of one step are asked for once.
    notes = {
        note.key: note
        for row in rows
        for note in _of_task(work, row, asking.asked(work, row, row.kind, stand_ins, row), gone.get(row.request_id))
    }
    return list(notes.values())


def _of_task(work: Work, row: Any, asked: frozenset[int], gone: frozenset[int] | None) -> Iterator[Note]:
    """To everybody who may give this consent, but for those who made the document or have decided already."""
    called = asking.called_by(work, row)
    if row.purpose == CHECK:
        text = _("You are asked to double-check: {document}", document=called)
    else:
        text = _("Your consent is asked for: {document}", document=called)
    makers = {row.maker_id, row.created_by, row.edited_by, *row.objections.get("makers", ())}
    # Asked again is told again: when whom he had called in has answered, or when it was sent back to him.
    stamp = f"{row.request_id}:{row.position}:{row.step}"
    for account in sorted(asked - makers - (gone or frozenset())):
        key = f"asked:{stamp}:{account}:{row.opened_at.isoformat()}"
        yield Note(account, CONSENT, text, key, Ref(row.kind, row.document_id, ""))


def _mornings(work: Work) -> list[Note]:
    """To everybody, once on each working day from the company's hour on: how much is late and due today."""
    if _hour(work) < work.setting(MORNING_HOUR) or not work.workdays.is_workday(work.today):
        return []
    late: Counter[int] = Counter()
    today: Counter[int] = Counter()
    for count in counts(work, None, 0):
        for person in _whose(work, count):
            late[person] += count.late
            today[person] += count.today
    return [
        Note(
            person,
            MORNING,
            _("Due today: {today}. Late: {late}.", today=today[person], late=late[person]),
            f"morning:{person}:{work.today.isoformat()}",
            Ref("core.duties", 0, ""),
        )
        for person in sorted({*late, *today})
        if late[person] or today[person]
    ]


def _hour(work: Work) -> int:
    return work.now.astimezone(ZoneInfo(work.company.zone)).hour


def _whose(work: Work, count: Count) -> Iterable[int]:
    """Whose duties are counted: somebody's by name, or of all who may."""
    if count.account_id is not None:
        return (count.account_id,)
    kind = work.types.duties.get(count.kind)
    if kind is None:
        return ()
    if kind.people:
        return kind.people(work)
    return holding(work, kind.permission(kind.right)) if kind.right else ()
