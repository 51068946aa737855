"""Decide on what somebody asked for: agree, reject, or take one's own request back.

The last consent carries the move out in the name of the person who asked, after all checks have run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from core.approvals import engine
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.models import Document
from core.documents.reading import find, load
from core.documents.truths import Approval
from core.errors import Conflict, Forbidden, Unknown
from core.operations.flow.locking import lock_for
from core.operations.ledger import Entry, ledger
from core.operations.move import carry_out, close_request, needs_lines, object_again
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__


def agree(work: Work, task_id: int, *, opinion: str = "") -> Document:
    """Give the consent ``task_id``; with the last one the document moves.

    Raises ``Unknown``, ``Forbidden`` (also for the maker and for a second consent to the same edition), ``Conflict``
    when it was decided already or the content has changed, ``Refused`` when something stands against the move by now.
    """
    opinion = sentence(opinion, "opinion")
    task, others, request, document = _open_task(work, task_id)
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
    opinion = sentence(opinion, "opinion", needed=True)
    task, others, request, document = _open_task(work, task_id)
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


def _open_task(work: Work, task_id: int) -> tuple[Any, list[Any], Any, Document]:
    """The consent, the others of its request, the request and the locked document.

    Two who decide at once are put one after the other here: what may have changed is read behind the lock.
    """
    request = _request_of(work, task_id) if 0 < task_id < 2**63 else None
    if request is None:
        raise Unknown()
    work.require(request.kind.partition(".")[0])
    cls = work.types.document(request.kind)
    lock_for(work, cls, request.document_id, request.transition)
    document = find(work, cls, request.document_id, lock=True, lines=needs_lines(cls, request.transition), parts=True)
    if document is None:
        raise Unknown()
    every = engine.tasks(work, request.id)
    task = next(t for t in every if t.id == task_id)
    if task.state != "open":
        raise Conflict(_("This has been decided already, or it is not its turn yet."), code="approval.decided")
    if request.edition != document.edition:
        raise Conflict(_("The content has changed since it was submitted."), code="approval.edition")
    return task, [t for t in every if t.id != task_id], request, document


def _request_of(work: Work, task_id: int) -> Any | None:
    """What was asked for; but for its state it never changes, so it is read before the document is locked."""
    of_task = (_REQUEST.c.id == _TASK.c.request_id) & (_REQUEST.c.company_id == _TASK.c.company_id)
    return work.connection.execute(
        select(_REQUEST).join(_TASK, of_task).where(_TASK.c.company_id == work.company.id, _TASK.c.id == task_id)
    ).one_or_none()


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
    done = work.connection.execute(
        update(_TASK)
        .where(_TASK.c.company_id == work.company.id, _TASK.c.id == task.id, _TASK.c.state == "open")
        .values(
            state=state,
            acted_by=work.actor_id,
            on_behalf_of=principal,
            acted_at=work.now,
            opinion=opinion,
        )
    )
    if done.rowcount != 1:
        raise Conflict(_("This has been decided already, or it is not its turn yet."), code="approval.decided")


def _asker(work: Work, request: Any) -> Entry:
    """The move is entered in the name of the person who asked for it."""
    who = work.company.people.get(request.requested_by)
    return Entry("", {}, reason=request.reason, actor_id=request.requested_by, actor=who.login if who else "system")
