"""Requests and consents as they are read: of a document, and in the boxes of a person.

Four boxes: what waits for me (待我审批), what I have decided (我已审批), what I have asked for (我发起的), and what was
sent to me for reading (抄送我的).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal_column, or_, select

from core.approvals import candidates, writers
from core.approvals.engine import CHECK, COPY
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.access import rows
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
_DOCUMENT: Any = Document.__table__
_TASKS = (
    select(_TASK)
    .where(_TASK.c.company_id == bindparam("company"), _TASK.c.request_id == bindparam("request"))
    .order_by(_TASK.c.position, _TASK.c.step, _TASK.c.seat)
)
# Written out, so that an index over these alone is found whatever else is asked.
_PENDING: ColumnElement[str] = literal_column("'pending'")
_COPY: ColumnElement[str] = literal_column("'copy'")
# A request that was refused, taken back or void counts for nothing.
COUNTING = frozenset({"pending", "approved"})
OPENED = ("name", "role_id", "permission", "assignee_id", "opened_at", "due_at", "late", "called", "purpose")
_ABOUT = (
    _DOCUMENT.c.kind,
    _DOCUMENT.c.number,
    _DOCUMENT.c.party_name,
    _DOCUMENT.c.subject,
    _DOCUMENT.c.gross,
    _DOCUMENT.c.currency,
    _DOCUMENT.c.created_by,
    _DOCUMENT.c.edited_by,
    _DOCUMENT.c.revision,
    _DOCUMENT.c.submitted_by,
)


def requested(work: Work, document: Document) -> Any | None:
    """The pending request of a document, if there is one."""
    statement = select(_REQUEST).where(
        _REQUEST.c.company_id == work.company.id,
        _REQUEST.c.document_id == document.id,
        _REQUEST.c.state == "pending",
    )
    return work.connection.execute(statement).one_or_none()


def standing(work: Work, document: Document, transition: str) -> list[Any]:
    """The consents to the last request for a move that still stand: it was sent back, to come straight again."""
    last = work.connection.execute(
        select(_REQUEST.c.id, _REQUEST.c.state, _REQUEST.c.resume)
        .where(
            _REQUEST.c.company_id == work.company.id,
            _REQUEST.c.document_id == document.id,
            _REQUEST.c.transition == transition,
        )
        .order_by(_REQUEST.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or (last.state, last.resume) != ("rejected", "straight"):
        return []
    given = [t for t in tasks(work, last.id) if t.state in ("approved", "skipped") and not t.called]
    # Whoever has compared what it said looks again at what it says now.
    return [t for t in given if t.purpose != CHECK]


def tasks(work: Work, request_id: int) -> list[Any]:
    """The consents of a request, in order."""
    return list(work.connection.execute(_TASKS, {"company": work.company.id, "request": request_id}))


def rounds(work: Work, document_id: int) -> list[tuple[Any, list[Any]]]:
    """Every request for a document with its consents, the latest first; for the page and the paper."""
    requests = list(
        work.connection.execute(
            select(_REQUEST)
            .where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.document_id == document_id)
            .order_by(_REQUEST.c.id.desc())
        )
    )
    if not requests:
        return []
    of: dict[int, list[Any]] = {}
    found = work.connection.execute(
        select(_TASK)
        .where(_TASK.c.company_id == work.company.id, _TASK.c.document_id == document_id)
        .order_by(_TASK.c.position, _TASK.c.step, _TASK.c.seat)
    )
    for task in found:
        of.setdefault(task.request_id, []).append(task)
    return [(request, of.get(request.id, [])) for request in requests]


def consents(work: Work, document: Document) -> list[Any]:
    """What was decided on the present edition, and what still waits: of the last request for each move, in order."""
    found: list[Any] = []
    seen: set[str] = set()
    for request, tasks_ in rounds(work, document.id):
        if request.edition == document.edition and request.transition not in seen and request.state in COUNTING:
            found = [*tasks_, *found]
        seen.add(request.transition)
    return found


# Who may read it ------------------------------------------------------------------------------------------------------


def was_asked(work: Work, record: Any) -> bool:
    """Whether the actor is asked for a consent to this document, or once was, or was sent it for reading.

    Whoever was asked goes on reading what he decided on, also when he gave his consent away or was called off. Not yet
    asked is whose turn has not come. Of those who hold a role it is whoever held it when it was asked for; whoever
    stands in for somebody reads what he may decide on now, and what he has decided.
    """
    if not isinstance(record, Document):
        return False
    found = list(work.connection.execute(_ASKED, {"company": work.company.id, "document": record.id}))
    if any(_was_his(work, task) for task in found):
        return True
    # Nobody stands in for whoever may read it: such a seat opens the document to nobody else.
    waiting = [t for t in found if t.state == "open" and t.mode != COPY and (t.assignee_id or not t.permission)]
    if not waiting:
        return False
    others = candidates.principals(work, kind_of(type(record)))
    return any(candidates.able(work, task) & others for task in waiting)


def _was_his(work: Work, task: Any) -> bool:
    """Whether a consent that was asked for was the actor's: by name, by a role, or because he has decided on it."""
    me = work.actor_id
    if me in (task.assignee_id, task.acted_by, task.on_behalf_of) or me in (task.passed_by or {}).get("accounts", ()):
        return True
    if task.assignee_id is not None:
        return task.state == "open" and me in candidates.able(work, task)
    held = (grant for account, grant in work.company.holders.get(task.role_id or 0, ()) if account == me)
    day = work.day_of(task.opened_at)
    return any(grant.valid(work.today) and (task.state == "open" or grant.valid(day)) for grant in held)


_ASKED = select(_TASK).where(
    _TASK.c.company_id == bindparam("company"),
    _TASK.c.document_id == bindparam("document"),
    _TASK.c.opened_at.is_not(None),
)


# The boxes of a person ------------------------------------------------------------------------------------------------


def my_tasks(work: Work, *, most: int = 100) -> list[Any]:
    """Open consents that the actor may give, for himself or for others: with their documents, the oldest first."""
    others = candidates.stands_in(work)
    mine = _asked_of(work, {work.actor_id, *others, *candidates.left_to(work)})
    found = work.connection.execute(
        _with_document(work, select(*_of_task(*OPENED), *_ABOUT))
        .where(_TASK.c.state == "open", _TASK.c.mode != COPY, or_(mine, *_by_right(work)), _not_checked_by(work))
        # Not in the order of the key itself: SQLite would go through all that was ever asked rather than sort a few.
        .order_by(_TASK.c.id + 0)
        .limit(most)
    )
    return _once_each(
        row for row in _in_use(work, found) if work.actor_id not in _makers(row) and _his(work, row, others)
    )


def _by_right(work: Work) -> list[ColumnElement[bool]]:
    """The seats of double checks that nobody is named for, of documents that the actor may read."""
    readable = [(f"{kind}.read", cls) for kind, cls in work.types.documents.items() if work.may(f"{kind}.read")]
    reach = [(right, rows(work, cls, "read", at=_DOCUMENT.c)) for right, cls in readable]
    every = [right for right, criterion in reach if criterion is None]
    found = [and_(_TASK.c.permission == right, criterion) for right, criterion in reach if criterion is not None]
    return [*found, _TASK.c.permission.in_(every)] if every else found


def _not_checked_by(work: Work) -> ColumnElement[bool]:
    """Of a double check the further seats are for others than who has confirmed already, or been stood in for, and
    for nobody who has written what is looked at."""
    other = _TASK.alias("other")
    mine = (
        select(other.c.id)
        .where(
            other.c.company_id == _TASK.c.company_id,
            other.c.request_id == _TASK.c.request_id,
            or_(other.c.acted_by == work.actor_id, other.c.on_behalf_of == work.actor_id),
        )
        .correlate(_TASK)
    )
    unwritten = writers.not_his(work, _TASK.c.document_id, work.actor_id, _TASK)
    return or_(_TASK.c.purpose != CHECK, and_(~exists(mine), unwritten))


def _once_each(found: Iterable[Any]) -> list[Any]:
    """Those rows, without further seats of the same step: whoever takes one has taken his."""
    known: set[tuple[int, str, int | None]] = set()
    kept = []
    for row in found:
        seat = (row.request_id, row.name, row.assignee_id)
        if row.purpose != CHECK or seat not in known:
            kept.append(row)
        known.add(seat)
    return kept


def _his(work: Work, row: Any, others: Mapping[int, frozenset[str]]) -> bool:
    """Whether a consent is the actor's, or that of somebody for whom he stands in on documents of its kind."""
    asked = candidates.able(work, row)
    if row.permission and not row.assignee_id:
        return work.actor_id in asked
    return work.actor_id in asked or any(who in asked and (not k or row.kind in k) for who, k in others.items())


def decided_by(work: Work, account_id: int, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What somebody has decided, the latest first; ``before`` the consent with that id, for the next page."""
    statement = _with_document(work, select(*_of_task("state", "acted_at", "opinion"), *_ABOUT)).where(
        _TASK.c.acted_by == account_id, _TASK.c.mode != COPY
    )
    if before is not None:
        statement = statement.where(_TASK.c.id < before)
    return _in_use(work, work.connection.execute(statement.order_by(_TASK.c.id.desc()).limit(most)))


def asked_by(work: Work, account_id: int, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What somebody has asked for, the latest first, with what became of it; ``before`` the request with that id."""
    statement = (
        select(_REQUEST.c.id, _REQUEST.c.document_id, _REQUEST.c.state, _REQUEST.c.requested_at, *_ABOUT)
        .join(_DOCUMENT, (_DOCUMENT.c.id == _REQUEST.c.document_id) & (_DOCUMENT.c.company_id == _REQUEST.c.company_id))
        .where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.requested_by == account_id)
    )
    if before is not None:
        statement = statement.where(_REQUEST.c.id < before)
    return _in_use(work, work.connection.execute(statement.order_by(_REQUEST.c.id.desc()).limit(most)))


def count_asked(work: Work, account_id: int) -> int:
    """How many of somebody's requests still wait for others."""
    pending = select(func.count()).where(
        _REQUEST.c.company_id == work.company.id,
        _REQUEST.c.requested_by == account_id,
        _REQUEST.c.state == _PENDING,
    )
    return int(work.connection.execute(pending).scalar_one())


def count_unread(work: Work, account_id: int) -> int:
    """How much was sent to somebody for reading that he has not read."""
    unread = select(func.count()).where(
        _TASK.c.company_id == work.company.id,
        _TASK.c.assignee_id == account_id,
        _TASK.c.mode == COPY,
        _TASK.c.state == "open",
    )
    return int(work.connection.execute(unread).scalar_one())


def sent_to(work: Work, account_id: int, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What was sent to somebody for reading, the latest first; ``state`` is ``open`` until he has read it."""
    statement = _with_document(work, select(*_of_task("state", "opened_at", "acted_at"), *_ABOUT)).where(
        _TASK.c.assignee_id == account_id, _TASK.c.mode == _COPY, _TASK.c.state.in_(("open", "approved"))
    )
    if before is not None:
        statement = statement.where(_TASK.c.id < before)
    return _in_use(work, work.connection.execute(statement.order_by(_TASK.c.id.desc()).limit(most)))


def _of_task(*names: str) -> list[Any]:
    return [_TASK.c[name] for name in ("id", "request_id", "document_id", *names)]


def _with_document(work: Work, statement: Select[Any]) -> Select[Any]:
    return statement.join(
        _DOCUMENT, (_DOCUMENT.c.id == _TASK.c.document_id) & (_DOCUMENT.c.company_id == _TASK.c.company_id)
    ).where(_TASK.c.company_id == work.company.id)


def _asked_of(work: Work, persons: Collection[int | None]) -> ColumnElement[bool]:
    """The consents that are asked of these people, by name or by a role that they hold."""
    roles = {
        role
        for role, held in work.company.holders.items()
        if any(account in persons and grant.valid(work.today) for account, grant in held)
    }
    by_role = and_(_TASK.c.assignee_id.is_(None), _TASK.c.role_id.in_(sorted(roles)))
    return or_(_TASK.c.assignee_id.in_(sorted(one for one in persons if one)), by_role)


def _makers(row: Any) -> set[int | None]:
    return {row.created_by, row.edited_by, row.submitted_by}


def _in_use(work: Work, rows: Iterable[Any]) -> list[Any]:
    """Those whose area the company uses."""
    return [row for row in rows if row.kind in work.types.documents and area_of(row.kind) in work.areas]
