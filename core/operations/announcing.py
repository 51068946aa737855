"""Announce, read, remind, withdraw, replace: it reaches those it concerns, and it is known who has read it.

Whom it concerns is asked when somebody looks: who comes to a department or is given a role sees what is still valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.approvals.candidates import here
from core.db.engine import is_sqlite
from core.documents.reading import SCOPED, find_master, load_master
from core.entities.announcement import ANNOUNCED, DRAFT, REPLACED, WITHDRAWN, Announcement, Concerned, Receipt
from core.errors import Conflict, Fault, Invalid, Stale, Unknown
from core.extension.core_settings import REMIND_HOURS
from core.hooks.values import Ref
from core.operations.ledger import Entry, ledger
from core.operations.masters import save
from core.operations.telling import NOTICE, Called, Note, Somebody, tell
from core.schemas.inputs import sentence
from core.text import _, in_language
from core.work import Work

_TABLE: Any = Announcement.__table__
_CONCERNED: Any = Concerned.__table__
_RECEIPT: Any = Receipt.__table__
KIND = Announcement.kind
COPIED = ("name", "name_en", "subject", "body", "body_en", "valid_from", "valid_until", "promised")
ROWS = ("whom", "role_id", "department_id", "person_id")
READ = f"{KIND}.read"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody whom an announcement concerns, and what he has done about it."""

    account_id: int
    read_at: Any = None
    promised_at: Any = None
    reminded_at: Any = None


# What authors do ------------------------------------------------------------------------------------------------------


def announce(work: Work, key: int, *, version: int | None = None) -> Announcement:
    """Let a draft be known to those it concerns; the edition that it replaces is no longer in force.

    Raises ``Conflict`` when it was announced already, ``Invalid`` when it says nothing or concerns nobody.
    """
    record = load_master(work, Announcement, key, "edit", lock=True)
    _fresh(record, version)
    if record.state != DRAFT or not record.active:
        raise Conflict(_("It was announced already, or is no longer a draft."), code="announcement.state")
    people = concerned(work, _rows_of(work, [key]).get(key, []))
    if faults := list(_lacks(work, record, people)):
        raise Invalid(faults)
    if record.replaces_id is not None:
        old = find_master(work, Announcement, record.replaces_id, lock=True, parts=False)
        if old is not None and old.state == ANNOUNCED:
            _set(work, old, "superseded", state=REPLACED)
    _set(work, record, "announce", state=ANNOUNCED, announced_at=work.now, announced_by=work.actor_id)
    if in_force(work, record):
        _tell(work, record, people)
    return record


def _lacks(work: Work, record: Announcement, people: frozenset[int]) -> Iterator[Fault]:
    if not record.body.strip() and not record.body_en.strip():
        yield Fault("body", _("This is needed."), "required")
    if record.valid_until is not None and record.valid_until < work.today:
        yield Fault("valid_until", _("This day is past."), "range")
    if not people:
        yield Fault("concerned", _("It concerns nobody who works here."), "reference")


def tell_begun(work: Work) -> int:
    """Tell those it concerns of what was announced before and holds from today on; how many. Safe to repeat."""
    begun = select(Announcement).where(
        _TABLE.c.company_id == work.company.id,
        _TABLE.c.state == ANNOUNCED,
        _TABLE.c.active,
        _TABLE.c.valid_from == work.today,
    )
    records = list(work.session.scalars(begun, execution_options=SCOPED))
    rows = _rows_of(work, [record.id for record in records]) if records else {}
    return sum(_tell(work, record, concerned(work, rows.get(record.id, []))) for record in records)


def _tell(work: Work, record: Announcement, people: Iterable[int]) -> int:
    text = _("A new announcement: {title}", title=Called(record.name, record.name_en))
    where = Ref(KIND, record.id, "")
    told = sorted(set(people) - {work.actor_id})
    return tell(work, [Note(person, NOTICE, text, f"notice:{record.id}:{person}", where) for person in told])


def withdraw(work: Work, key: int, *, reason: str, version: int | None = None) -> Announcement:
    """Take it out of force; those it concerned may still read it, with the reason, which is needed."""
    reason = sentence(reason, "reason", needed=True)
    record = load_master(work, Announcement, key, "edit", lock=True, parts=False)
    _fresh(record, version)
    if record.state != ANNOUNCED:
        raise Conflict(_("Only what is announced can be withdrawn."), code="announcement.state")
    _set(work, record, "take_down", reason, state=WITHDRAWN, ended_reason=reason)
    return record


def renew(work: Work, key: int) -> Announcement:
    """A draft of a newer edition, as the present one is; once announced it takes its place.

    Raises ``Conflict`` for a draft, and where a newer edition is in the making or out already.
    """
    record = load_master(work, Announcement, key, "edit", lock=True)
    if record.state not in (ANNOUNCED, WITHDRAWN):
        raise Conflict(_("Only what was announced, and not replaced, has a newer edition."), code="announcement.state")
    mine = (_TABLE.c.company_id == work.company.id, _TABLE.c.replaces_id == key, _TABLE.c.active)
    if work.connection.execute(select(_TABLE.c.id).where(*mine).limit(1)).first() is not None:
        raise Conflict(_("A newer edition is being written already."), code="announcement.renewed")
    values = {name: getattr(record, name) for name in COPIED}
    if record.valid_until is not None and record.valid_until < work.today:
        values["valid_until"] = None
    rows = [{name: getattr(row, name) for name in ROWS} for row in _rows_of(work, [key]).get(key, [])]
    return save(work, Announcement, {**values, "valid_from": None, "replaces_id": key, "concerned": rows})


def remind(work: Work, key: int) -> int:
    """Remind those who have not read it, or not promised where that is asked for; how many.

    Each once within the hours that the company sets. Raises ``Conflict`` when it is not in force, or nobody is left.
    """
    record = load_master(work, Announcement, key, "edit", lock=True)
    if not in_force(work, record):
        raise Conflict(_("It is not in force."), code="announcement.state")
    since = work.now - timedelta(hours=work.setting(REMIND_HOURS))
    late = [one for one in readers(work, record) if not done(record, one)]
    due = [one.account_id for one in late if one.reminded_at is None or one.reminded_at <= since]
    if not due:
        text = _("Everybody has read it.") if not late else _("They were reminded a short while ago.")
        raise Conflict(text, code="announcement.reminded")
    _receive(work, key, due, reminded_at=work.now)
    title = Called(record.name, record.name_en)
    text = _("{person} reminds you to read: {title}", person=Somebody(work.actor_id), title=title)
    stamp = work.now.isoformat()
    where = Ref(KIND, key, "")
    tell(work, [Note(one, NOTICE, text, f"notice:{key}:{one}:{stamp}", where) for one in due])
    _set(work, record, "remind_readers", quiet=True)
    return len(due)


# What readers do ------------------------------------------------------------------------------------------------------


def read(work: Work, key: int, *, promise: bool = False) -> None:
    """The actor has read it, and with ``promise`` will follow it; a second time changes nothing.

    Raises ``Unknown`` for what does not concern him, ``Conflict`` for what is not in force, or where a promise is asked
    for and not given.
    """
    record = to_read(work, key)
    if not in_force(work, record):
        raise Conflict(_("It is not in force any more; nobody asks you to confirm it."), code="announcement.state")
    if record.promised and not promise:
        raise Conflict(_("Please confirm that you will follow it."), code="announcement.promise")
    now = {"read_at": work.now} | ({"promised_at": work.now} if record.promised else {})
    _receive(work, key, [work.actor_id or 0], **now)


def to_read(work: Work, key: int) -> Announcement:
    """An announcement that concerns the actor, or that he may edit; also one that is over. Raises ``Unknown``."""
    record = find_master(work, Announcement, key)
    if record is None or (record.state == DRAFT and not work.may(READ)):
        raise Unknown()
    rows = _rows_of(work, [key]).get(key, [])
    if not work.may(READ) and work.actor_id not in concerned(work, rows):
        raise Unknown()
    return record


def mine(work: Work, *, unread: bool = False, most: int = 100) -> list[Any]:
    """What is in force and concerns the actor, the latest first; ``unread`` only what he still has to read.

    Each row has also ``read_at``, ``promised_at`` and ``reminded_at`` of his.
    """
    today = work.today
    still = [
        _TABLE.c.state == ANNOUNCED,
        _TABLE.c.active,
        or_(_TABLE.c.valid_from.is_(None), _TABLE.c.valid_from <= today),
        or_(_TABLE.c.valid_until.is_(None), _TABLE.c.valid_until >= today),
    ]
    if unread:
        still.append(~_done())
    return _found(work, still, most)


def earlier(work: Work, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What concerned the actor and is over: replaced, withdrawn or past its day; the latest first.

    ``before`` is the last one of the page before.
    """
    over = or_(
        _TABLE.c.state.in_((REPLACED, WITHDRAWN)),
        and_(_TABLE.c.state == ANNOUNCED, _TABLE.c.valid_until < work.today),
    )
    if before is None:
        return _found(work, [over], most)
    last = _TABLE.alias("last")
    mine_ = (last.c.company_id == work.company.id, last.c.id == before)
    at = select(last.c.announced_at).where(*mine_).scalar_subquery()
    further = or_(_TABLE.c.announced_at < at, and_(_TABLE.c.announced_at == at, _TABLE.c.id < before))
    return _found(work, [over, further], most)


def _found(work: Work, wanted: Sequence[ColumnElement[bool]], most: int) -> list[Any]:
    of_mine = and_(
        _RECEIPT.c.company_id == _TABLE.c.company_id,
        _RECEIPT.c.announcement_id == _TABLE.c.id,
        _RECEIPT.c.account_id == work.actor_id,
    )
    names = ("id", "name", "name_en", "subject", "state", "promised", "announced_at", "announced_by", "valid_until")
    statement = (
        select(*(_TABLE.c[name] for name in names), *(_RECEIPT.c[n] for n in ("read_at", "promised_at", "reminded_at")))
        .select_from(_TABLE.outerjoin(_RECEIPT, of_mine))
        .where(_TABLE.c.company_id == work.company.id, *wanted, _concerns(work))
        .order_by(_TABLE.c.announced_at.desc(), _TABLE.c.id.desc())
        .limit(most)
    )
    return list(work.connection.execute(statement))


def _done() -> ColumnElement[bool]:
    """Whether the actor has done what is asked of him."""
    promised = and_(_TABLE.c.promised, _RECEIPT.c.promised_at.is_not(None))
    return or_(promised, and_(~_TABLE.c.promised, _RECEIPT.c.read_at.is_not(None)))


def _concerns(work: Work) -> ColumnElement[bool]:
    """Whether an announcement concerns the actor: it names nobody, or him, a role of his, or a department above him."""
    person = work.company.people.get(work.actor_id or 0)
    of_it = (_CONCERNED.c.company_id == _TABLE.c.company_id, _CONCERNED.c.announcement_id == _TABLE.c.id)
    him = or_(
        and_(_CONCERNED.c.whom == "person", _CONCERNED.c.person_id == work.actor_id),
        and_(_CONCERNED.c.whom == "role", _CONCERNED.c.role_id.in_(sorted(work.roles()))),
        and_(
            _CONCERNED.c.whom == "department",
            _CONCERNED.c.department_id.in_(sorted(_above(work, person.department_id if person else None))),
        ),
    )
    named, anybody = select(_CONCERNED.c.id).where(*of_it, him), select(_CONCERNED.c.id).where(*of_it)
    return or_(exists(named.correlate(_TABLE)), ~exists(anybody.correlate(_TABLE)))


# Who has read it ------------------------------------------------------------------------------------------------------


def readers(work: Work, record: Announcement) -> list[Reader]:
    """Everybody whom it concerns today, by name, with what each has done; and who has read it and left since."""
    found = {
        row.account_id: Reader(row.account_id, row.read_at, row.promised_at, row.reminded_at)
        for row in work.connection.execute(
            select(_RECEIPT).where(_RECEIPT.c.company_id == work.company.id, _RECEIPT.c.announcement_id == record.id)
        )
    }
    now = concerned(work, _rows_of(work, [record.id]).get(record.id, []))
    read_it = {key for key, one in found.items() if one.read_at is not None}
    return [found.get(key, Reader(key)) for key in sorted(now | read_it, key=work.person)]


def done(record: Announcement, reader: Reader) -> bool:
    """Whether somebody has done what the announcement asks of him."""
    return (reader.promised_at if record.promised else reader.read_at) is not None


def may_know(work: Work) -> bool:
    """Whether the actor may know who has read what: whoever may write announcements."""
    return work.may(READ)


def concerned(work: Work, rows: Iterable[Any]) -> frozenset[int]:
    """Those whom the rows name and who work here today; everybody where there are none."""
    everybody = [person for person in work.company.people.values() if here(work, person.id)]
    wanted = list(rows)
    if not wanted:
        return frozenset(person.id for person in everybody)
    roles = {row.role_id for row in wanted if row.whom == "role"}
    departments = {row.department_id for row in wanted if row.whom == "department"}
    persons = {row.person_id for row in wanted if row.whom == "person"}
    held = {
        account for role in roles for account, grant in work.company.holders.get(role, ()) if grant.valid(work.today)
    }
    return frozenset(
        person.id
        for person in everybody
        if person.id in persons or person.id in held or departments & _above(work, person.department_id)
    )


def _above(work: Work, department: int | None) -> set[int]:
    """A department with all those above it."""
    found: set[int] = set()
    while department is not None and department not in found:
        found.add(department)
        department = work.company.heads.get(department, (None, None))[1]
    return found


def _rows_of(work: Work, keys: Sequence[int]) -> dict[int, list[Any]]:
    statement = (
        select(_CONCERNED)
        .where(_CONCERNED.c.company_id == work.company.id, _CONCERNED.c.announcement_id.in_(keys))
        .order_by(_CONCERNED.c.position, _CONCERNED.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in work.connection.execute(statement):
        found.setdefault(row.announcement_id, []).append(row)
    return found


def in_force(work: Work, record: Announcement) -> bool:
    """Whether it counts today."""
    begun = record.valid_from is None or record.valid_from <= work.today
    ended = record.valid_until is not None and record.valid_until < work.today
    return record.state == ANNOUNCED and record.active and begun and not ended


def newer(work: Work, record: Announcement) -> int | None:
    """The edition that has taken its place, or is being written to."""
    mine_ = (_TABLE.c.company_id == work.company.id, _TABLE.c.replaces_id == record.id, _TABLE.c.active)
    found: int | None = work.connection.execute(
        select(_TABLE.c.id).where(*mine_, _TABLE.c.state != DRAFT).order_by(_TABLE.c.id.desc()).limit(1)
    ).scalar()
    return found


def text_of(record: Any) -> tuple[str, str]:
    """Title and text in the reader's language, or in the other where there is none."""
    body = in_language(record.body, record.body_en) or record.body_en
    return in_language(record.name, record.name_en), body


# Writing --------------------------------------------------------------------------------------------------------------


def _fresh(record: Announcement, version: int | None) -> None:
    if version is not None and version != record.version:
        raise Stale(version, record.version)


def _set(work: Work, record: Announcement, what: str, reason: str = "", *, quiet: bool = False, **values: Any) -> None:
    """Write the state of an announcement, with an entry in its history; ``quiet`` leaves its version."""
    before = record.state
    told = {name: value for name, value in values.items() if not name.startswith("announced")}
    changes = {name: [getattr(record, name), value] for name, value in told.items()}
    for name, value in values.items():
        setattr(record, name, value)
    entry = Entry(what, changes, source=before, target=record.state, reason=reason)
    record.head = ledger(work).record(KIND, record.id, entry, record.head)
    record.version += not quiet
    record.updated_at, record.updated_by = work.now, work.actor_id
    written = {name: getattr(record, name) for name in ("head", "version", "updated_at", "updated_by")}
    where = (_TABLE.c.company_id == work.company.id, _TABLE.c.id == record.id)
    work.connection.execute(update(_TABLE).where(*where).values(**values, **written))


def _receive(work: Work, key: int, accounts: Sequence[int], **values: Any) -> None:
    """Note what people have done; what was noted first stays, but for reminders."""
    rows: list[Mapping[str, Any]] = [
        {
            "company_id": work.company.id,
            "announcement_id": key,
            "account_id": account,
            **dict.fromkeys(("read_at", "promised_at", "reminded_at")),
            **values,
        }
        for account in accounts
    ]
    new: Any = (sqlite if is_sqlite(work.connection) else postgresql).insert(Receipt)
    kept = {
        name: new.excluded[name] if name == "reminded_at" else func.coalesce(_RECEIPT.c[name], new.excluded[name])
        for name in values
    }
    work.connection.execute(
        new.on_conflict_do_update(index_elements=["company_id", "announcement_id", "account_id"], set_=kept), rows
    )
