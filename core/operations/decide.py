"""Decide on what somebody asked for: agree, reject, or take one's own request back.

The last consent carries the move out in the name of the person who asked, after all checks have run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from core.approvals import engine
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.documents.reading import LARGEST_ID, load
from core.documents.truths import Approval
from core.errors import Conflict, Forbidden, Unknown
from core.operations.ledger import Entry, ledger
from core.operations.move import carry_out, close_request, find_to_move, object_again
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__


_ACT = (
    update(_TASK)
    .where(_TASK.c.company_id == bindparam("_company"), _TASK.c.id == bindparam("_id"), _TASK.c.state == "open")
    .values({n: bindparam(n) for n in ("state", "acted_by", "on_behalf_of", "acted_at", "opinion")})
)


def agree(work: Work, task_id: int, *, opinion: str = "") -> Document:
    """Give the consent ``task_id``; with the last one the document moves.

    Raises ``Unknown``, ``Forbidden`` (also for the maker and for a second consent to the same edition), ``Conflict``
    when it was decided already or the content has changed, ``Refused`` when something stands against the move by now.
    """
    return _agree(work, _request(work, task_id, _TASK.c.id == task_id), opinion)


def agree_to(work: Work, cls: type[Document], key: int, *, opinion: str = "") -> Document:
    """Give the consent that is open of a document; raises as ``agree``."""
    return _agree(work, _request(work, key, _open_of(cls, key)), opinion)


def _agree(work: Work, request: Any, opinion: str) -> Document:
    opinion = sentence(opinion, "opinion")
    task, others, document = _open_task(work, request)
    principal = _seat(work, task, others, request, document)
    waiting = [t for t in others if t.state == "waiting"]
    _act(work, task, "approved", opinion, principal)
    changes: dict[str, Any] = {"opinion": [None, opinion], "step": [None, task.name]}
    if principal:
        changes["on_behalf_of"] = [None, principal]
    book = ledger(work)
    if waiting:
        work.connection.execute(
            update(_TASK)
            .where(_TASK.c.company_id == work.company.id, _TASK.c.id == waiting[0].id)
            .values(state="open", opened_at=work.now)
        )
        book.touch(document).entries.append(Entry("agree", changes, source=document.state, target=document.state))
        return document
    close_request(work, request.id, "approved")
    transition = document.workflow.find(request.transition, document.state)
    object_again(work, document, transition, request.objections)
    step = book.touch(document, approval=Approval.APPROVED.value)
    step.entries.append(Entry("agree", changes, source=document.state, target=document.state))
    carry_out(work, document, transition, entry=_asker(work, request))
    return document


def reject(work: Work, task_id: int, *, opinion: str) -> Document:
    """Refuse; the document goes back to its maker as it was. The reason is needed."""
    return _reject(work, _request(work, task_id, _TASK.c.id == task_id), opinion)


def reject_it(work: Work, cls: type[Document], key: int, *, opinion: str) -> Document:
    """Refuse what is asked for a document; raises as ``reject``."""
    return _reject(work, _request(work, key, _open_of(cls, key)), opinion)


def _reject(work: Work, request: Any, opinion: str) -> Document:
    opinion = sentence(opinion, "opinion", needed=True)
    task, others, document = _open_task(work, request)
    principal = _seat(work, task, others, request, document)
    _act(work, task, "rejected", opinion, principal)
    close_request(work, request.id, "rejected")
    step = ledger(work).touch(document, approval=Approval.REJECTED.value)
    step.entries.append(
        Entry(
            "reject",
            {"step": [None, task.name]},
            source=document.state,
            target=document.state,
            reason=opinion,
        )
    )
    return document


def withdraw(work: Work, cls: type[Document], key: int, *, reason: str = "") -> Document:
    """Take one's own request back; only who asked, made or answers for the document may."""
    document = load(work, cls, key, lock=True, lines=False)
    request = engine.requested(work, document)
    if request is None:
        raise Conflict(_("Nothing is in approval here."), code="approval.none")
    if work.actor_id not in {request.requested_by, document.created_by, document.owner_id}:
        raise Forbidden(_("Only who asked for it may take it back."))
    close_request(work, request.id, "withdrawn")
    step = ledger(work).touch(document, approval=Approval.WITHDRAWN.value)
    step.entries.append(
        Entry("withdraw", {}, source=document.state, target=document.state, reason=sentence(reason, "reason"))
    )
    return document


def _open_of(cls: type[Document], key: int) -> ColumnElement[bool]:
    return and_(_TASK.c.document_id == key, _TASK.c.state == "open", _REQUEST.c.kind == kind_of(cls))


def _request(work: Work, key: int, chosen: ColumnElement[bool]) -> Any:
    """The consent that is meant by ``key``, and what was asked for; raises ``Unknown``.

    But for its state the request never changes, so it is read before the document is locked.
    """
    if not 0 < key <= LARGEST_ID:
        raise Unknown()
    of_task = (_REQUEST.c.id == _TASK.c.request_id) & (_REQUEST.c.company_id == _TASK.c.company_id)
    request = work.connection.execute(
        select(_REQUEST, _TASK.c.id.label("task_id"))
        .join(_TASK, of_task)
        .where(_TASK.c.company_id == work.company.id, chosen)
        .order_by(_TASK.c.position, _TASK.c.seat)
        .limit(1)
    ).one_or_none()
    if request is None:
        raise Unknown()
    work.require(area_of(request.kind))
    return request


def _open_task(work: Work, request: Any) -> tuple[Any, list[Any], Document]:
    """The consent, the others of its request and the locked document.

    Two who decide at once are put one after the other here: what may have changed is read behind the lock.
    """
    cls = work.types.document(request.kind)
    document = find_to_move(work, cls, request.document_id, {request.transition})
    if document is None:
        raise Unknown()
    every = engine.tasks(work, request.id)
    task = next(t for t in every if t.id == request.task_id)
    if task.state != "open":
        raise Conflict(_("This has been decided already, or it is not its turn yet."), code="approval.decided")
    if request.edition != document.edition:
        raise Conflict(_("The content has changed since it was submitted."), code="approval.edition")
    return task, [t for t in every if t.id != task.id], document


def _seat(work: Work, task: Any, others: Sequence[Any], request: Any, document: Document) -> int | None:
    """For whom the actor decides, None for himself; raises ``Forbidden`` with the reason."""
    acted = {t.acted_by for t in others} | {t.on_behalf_of for t in others}
    taken = frozenset(
        who
        for who in {request.requested_by, document.created_by, document.edited_by, document.submitted_by, *acted}
        if who is not None
    )
    able, principal, why = engine.seat(work, task, taken)
    if not able:
        raise Forbidden(why or _("You have no right to this."), code="approval.not_yours")
    return principal


def _act(work: Work, task: Any, state: str, opinion: str, principal: int | None) -> None:
    values = {
        "state": state,
        "acted_by": work.actor_id,
        "on_behalf_of": principal,
        "acted_at": work.now,
        "opinion": opinion,
    }
    done = work.connection.execute(_ACT, {**values, "_company": work.company.id, "_id": task.id})
    if done.rowcount != 1:
        raise Conflict(_("This has been decided already, or it is not its turn yet."), code="approval.decided")


def _asker(work: Work, request: Any) -> Entry:
    """The move is entered in the name of the person who asked for it."""
    who = work.company.people.get(request.requested_by)
    return Entry("", {}, reason=request.reason, actor_id=request.requested_by, actor=who.login if who else "system")
