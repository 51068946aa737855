"""What people do about duties: say why one is late (正当理由), and remind whoever has to do it (催办)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, or_, select, update

from core.approvals import candidates
from core.documents.models import Document
from core.documents.reading import LARGEST_ID, load
from core.duties import team
from core.duties.kinds import DutyKind, kinds_of
from core.duties.models import TASK, Duty
from core.duties.rows import Branch, branch, mine, reach, ref, seen, title
from core.errors import Conflict, Forbidden, Unknown
from core.extension.core_settings import URGE_HOURS
from core.hooks.values import Ref
from core.operations.duties.daily import holding, standing, values
from core.operations.ledger import Entry, ledger
from core.operations.telling import REMINDER, Note, Somebody, tell
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

_DUTY: Any = Duty.__table__


def answer(work: Work, kind: str, record_id: int, part_id: int = 0, *, reason: str) -> None:
    """Say why a late duty of one's own is late; kept with it, and in the history of its document.

    Raises ``Unknown`` for what is no duty of the actor's, ``Conflict`` for one that is not late, ``Invalid`` without a
    reason.
    """
    said = sentence(reason, "reason", needed=True)
    declared = _declared(work, kind)
    _in_range(record_id, part_id)
    row = _owed(work, kind, record_id, part_id)
    if row is None:
        one = branch(work, declared)
        live = _live(work, one, record_id, part_id, mine(work, one, reach(work, declared)))
        due = declared.due(work, live.base)
        if due is None or due >= work.today:
            raise Conflict(_("This is not late."), code="duty.not_late")
        # The round puts it on file and alarms whoever leads, whether or not the reason is known already.
        row = _row(work, one, record_id, part_id)
    if row.reason_at is not None:
        raise Conflict(_("The reason was given already."), code="duty.answered")
    work.connection.execute(_at(work, row.id).values(reason=said, reason_by=work.actor_id, reason_at=work.now))
    if row.record_kind in work.types.documents:
        _note(work, work.types.documents[row.record_kind], row.record_id, declared, row.due, said)


def remind(work: Work, kind: str, record_id: int, part_id: int = 0) -> int:
    """Remind whoever has to do it, once within the hours that the company sets; gives back how many people were.

    Only who leads them, made the record or answers for it may. Raises ``Unknown`` for what is not open, ``Forbidden``,
    and ``Conflict`` when it is too soon or nobody is there to be reminded.
    """
    declared = _declared(work, kind)
    _in_range(record_id, part_id)
    one = branch(work, declared)
    live = _live(work, one, record_id, part_id, seen(work, one))
    people = _whose(work, declared, live)
    led = team.team(work)
    leads = led is None or any(person in led for person in people)
    if not leads and work.actor_id not in {live.owner_id, live.created_by}:
        raise Forbidden(_("Only who leads these people, made the record or answers for it may remind."))
    there = sorted(person for person in people - {work.actor_id} if candidates.here(work, person))
    if not there:
        raise Conflict(_("There is nobody to be reminded."), code="duty.nobody")
    row = _row(work, one, record_id, part_id)
    urge(work, row)
    told = title(declared, live)
    text = _("{person} reminds you: {title}", person=Somebody(work.actor_id), title=told)
    stamp = work.now.isoformat()
    where = Ref(live.record_kind, live.record_id, ref(live).label)
    notes = [Note(person, REMINDER, text, f"remind:{row.id}:{person}:{stamp}", where) for person in there]
    return tell(work, notes)


def urge(work: Work, row: Any) -> None:
    """Note that somebody reminds of a row; raises ``Conflict`` when it is too soon."""
    hours = work.setting(URGE_HOURS)
    if row.reminded_at and work.now - row.reminded_at < timedelta(hours=hours):
        raise Conflict(_("Somebody reminded of this less than {hours} hours ago.", hours=hours), code="duty.reminded")
    work.connection.execute(_at(work, row.id).values(reminded_by=work.actor_id, reminded_at=work.now))


# Helpers --------------------------------------------------------------------------------------------------------------


def _declared(work: Work, kind: str) -> DutyKind:
    found = next((one for one in kinds_of(work) if one.key == kind and one.key != TASK), None)
    if found is None:
        raise Unknown()
    return found


def _in_range(record_id: int, part_id: int) -> None:
    if not (0 < record_id <= LARGEST_ID and 0 <= part_id <= LARGEST_ID):
        raise Unknown()


def _live(work: Work, one: Branch, record_id: int, part_id: int, criterion: Any) -> Any:
    """The open duty; raises ``Unknown`` where there is none, or the criterion keeps the actor from it."""
    if criterion is None:
        raise Unknown()
    wanted = (one.columns.id == record_id, one.part_id == part_id, criterion)
    found = work.connection.execute(one.select(one.told(0), *wanted), {"actor": work.actor_id}).first()
    if found is None:
        raise Unknown()
    return found


def _owed(work: Work, kind: str, record_id: int, part_id: int) -> Any | None:
    """The actor's late row: the standing one, else the latest of those that are done and want their reason."""
    wanted = select(_DUTY).where(
        _DUTY.c.company_id == work.company.id,
        _DUTY.c.kind == kind,
        _DUTY.c.record_id == record_id,
        _DUTY.c.part_id == part_id,
        _DUTY.c.account_id == work.actor_id,
        _DUTY.c.late_at.is_not(None),
        or_(_DUTY.c.closed_at.is_(None), _DUTY.c.reason_at.is_(None)),
    )
    order = (_DUTY.c.closed_at.is_not(None), _DUTY.c.id.desc())
    return work.connection.execute(wanted.order_by(*order).limit(1).with_for_update()).first()


def _row(work: Work, one: Branch, record_id: int, part_id: int) -> Any:
    """The standing row of an open duty, written when there is none yet."""
    mine = (standing(work, one.kind), _DUTY.c.record_id == record_id, _DUTY.c.part_id == part_id)
    found = work.connection.execute(select(_DUTY).where(*mine).with_for_update()).first()
    if found is None:
        wanted = (one.columns.id == record_id, one.part_id == part_id)
        chosen = values(work, one, late=False)
        names = [column.name for column in chosen]
        work.connection.execute(insert(_DUTY).from_select(names, one.select(chosen, *wanted)))
        found = work.connection.execute(select(_DUTY).where(*mine)).one()
        due = one.kind.due(work, found.since)
        work.connection.execute(_at(work, found.id).values(due=due))
        found = work.connection.execute(select(_DUTY).where(*mine)).one()
    return found


def _at(work: Work, key: int) -> Any:
    return update(_DUTY).where(_DUTY.c.company_id == work.company.id, _DUTY.c.id == key)


def _whose(work: Work, kind: DutyKind, live: Any) -> frozenset[int]:
    """Who has to do it: somebody by name, else all who may."""
    found: set[int] = set()
    if not kind.shared:
        found |= {live.owner_id} - {None}
    if kind.people:
        found |= set(kind.people(work))
    if kind.right:
        found |= holding(work, kind.permission(kind.right))
    return frozenset(found)


def _note(work: Work, cls: type[Document], key: int, kind: DutyKind, due: Any, said: str) -> None:
    document = load(work, cls, key, lock=True, lines=False)
    changes = {"duty": [None, str(kind.label.message)], "due": [None, due]}
    at = document.state
    ledger(work).touch(document).entries.append(Entry("late", changes, source=at, target=at, reason=said))
