"""Decide on what somebody asked for: agree, reject, or take one's own request back.

The last consent carries the move out in the name of the person who asked, after all checks have run again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, select, update

from core.approvals import candidates, going, reading
from core.approvals.engine import CHECK, COPY
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.access import reaches
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.documents.reading import LARGEST_ID, load
from core.documents.truths import Approval
from core.errors import Conflict, Forbidden, Unknown
from core.extension.core_settings import WITHDRAW
from core.operations.guards import check_version
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
# Whose consent a task asks for, and whether it asks for one at all.
SEAT = ("assignee_id", "role_id", "permission", "mode")


@dataclass(frozen=True, slots=True)
class Turn:
    """An open consent behind the document's lock: what was asked for, the others, and for whom the actor decides."""

    task: Any
    others: list[Any]
    request: Any
    document: Document
    principal: int | None = None


def agree(work: Work, task_id: int, *, opinion: str = "") -> Document:
    """Give the consent ``task_id``; with the last one the document moves.

    Raises ``Unknown``, ``Forbidden`` (also for the maker and for a second consent to the same edition), ``Conflict``
    when it was decided already or the content has changed, ``Refused`` when something stands against the move by now.
    """
    return _agree(work, turn_at(work, task_id), opinion)


def agree_to(work: Work, cls: type[Document], key: int, *, opinion: str = "", version: int | None = None) -> Document:
    """Give the consent that is open of a document, as it was at ``version``; raises as ``agree``, and ``Stale``."""
    return _agree(work, _open_turn(work, cls, key, version), opinion)


def _agree(work: Work, turn: Turn, opinion: str) -> Document:
    opinion = sentence(opinion, "opinion")
    act(work, turn.task, "approved", opinion, turn.principal)
    changes: dict[str, Any] = {"opinion": [None, opinion], "step": [None, turn.task.name]}
    if turn.principal:
        changes["on_behalf_of"] = [None, turn.principal]
    at, what = turn.document.state, "double_check" if turn.task.purpose == CHECK else "agree"
    return settle(work, turn, "approved", Entry(what, changes, source=at, target=at))


def settle(work: Work, turn: Turn, state: str, entry: Entry) -> Document:
    """Go on after the consent has come into ``state``.

    Whoever called for advice decides next, the next step opens, or, with the last consent, the document moves.
    """
    document, request, book = turn.document, turn.request, ledger(work)
    every = [*turn.others, going.decided(turn.task, state)]
    if going.go_on(work, turn.task.position, every):
        book.touch(document).entries.append(entry)
        return document
    close_request(work, request.id, "approved")
    transition = document.workflow.find(request.transition, document.state)
    object_again(work, document, transition, request.objections)
    book.touch(document, approval=_approval(request, every)).entries.append(entry)
    carry_out(work, document, transition, entry=_asker(work, request))
    return document


def _approval(request: Any, tasks: list[Any]) -> str:
    """What is said of consents afterwards: a double check gives none, and takes none away."""
    if not going.only_checked(tasks):
        return Approval.APPROVED.value
    before = request.objections.get("approval")
    return Approval.APPROVED.value if before == Approval.APPROVED else Approval.NONE.value


def reject(work: Work, task_id: int, *, opinion: str) -> Document:
    """Refuse; the document goes back to its maker as it was. The reason is needed.

    Where some of several are enough, it ends only when they cannot be had any more; advice against ends nothing. Who
    was called in refuses for the seat of whoever called him in.
    """
    return _reject(work, turn_at(work, task_id), opinion)


def reject_it(work: Work, cls: type[Document], key: int, *, opinion: str, version: int | None = None) -> Document:
    """Refuse what is asked for a document, as it was at ``version``; raises as ``reject``, and ``Stale``."""
    return _reject(work, _open_turn(work, cls, key, version), opinion)


def _open_turn(work: Work, cls: type[Document], key: int, version: int | None) -> Turn:
    """The consent that is open of a document; raises ``Stale`` where that is not as whoever decides has seen it."""
    turn = _turn(work, _request(work, key, _open_of(cls, key)))
    check_version(turn.document, version)
    return turn


def _reject(work: Work, turn: Turn, opinion: str) -> Document:
    opinion = sentence(opinion, "opinion", needed=True)
    task, document = turn.task, turn.document
    act(work, task, "rejected", opinion, turn.principal)
    changes = {"step": [None, task.name]}
    what = "double_check_refused" if task.purpose == CHECK else "reject"
    entry = Entry(what, changes, source=document.state, target=document.state, reason=opinion)
    if task.called == "advice":
        return settle(work, turn, "rejected", entry)
    if going.may_still(task, turn.others):
        if task.called:
            going.give_up(work, task, turn.others)
        ledger(work).touch(document).entries.append(entry)
        return document
    close_request(work, turn.request.id, "rejected")
    ledger(work).touch(document, approval=Approval.REJECTED.value).entries.append(entry)
    return document


def read(work: Work, document_id: int) -> bool:
    """The actor has read what was sent to him of a document; whether there was anything that he had not."""
    done = work.connection.execute(
        update(_TASK)
        .where(
            _TASK.c.company_id == work.company.id,
            _TASK.c.document_id == document_id,
            _TASK.c.assignee_id == work.actor_id,
            _TASK.c.mode == COPY,
            _TASK.c.state == "open",
        )
        .values(state="approved", acted_by=work.actor_id, acted_at=work.now)
    )
    return bool(done.rowcount)


def withdraw(work: Work, cls: type[Document], key: int, *, reason: str = "") -> Document:
    """Take one's own request back; only who asked, made or answers for the document may."""
    document = load(work, cls, key, lock=True, lines=False)
    request = reading.requested(work, document)
    if request is None:
        raise Conflict(_("Nothing is in approval here."), code="approval.none")
    if work.actor_id not in {request.requested_by, document.created_by, document.owner_id}:
        raise Forbidden(_("Only who asked for it may take it back."))
    if work.setting(WITHDRAW) == "first" and going.is_begun(reading.tasks(work, request.id)):
        raise Conflict(_("Somebody has decided on it already; it cannot be withdrawn any more."), code="approval.begun")
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

    Where several are open side by side, the actor's own is meant, else that of somebody he stands in for. But for its
    state the request never changes, so it is read before the document is locked.
    """
    if not 0 < key <= LARGEST_ID:
        raise Unknown()
    of_task = (_REQUEST.c.id == _TASK.c.request_id) & (_REQUEST.c.company_id == _TASK.c.company_id)
    found = work.connection.execute(
        select(_REQUEST, _TASK.c.id.label("task_id"), *(_TASK.c[name] for name in SEAT))
        .join(_TASK, of_task)
        .where(_TASK.c.company_id == work.company.id, chosen)
        .order_by(_TASK.c.position, _TASK.c.step, _TASK.c.seat)
    ).all()
    if not found:
        raise Unknown()
    work.require(area_of(found[0].kind))
    asked = [one for one in found if one.mode != COPY]
    if not asked:
        raise Forbidden(_("It was sent to you for reading; nobody asks you to decide."), code="approval.copy")
    own = next((one for one in asked if work.actor_id in candidates.able(work, one)), None)
    if own is None and len(asked) > 1:
        others = candidates.principals(work, found[0].kind)
        own = next((one for one in asked if candidates.able(work, one) & others), None)
    return own or asked[0]


def turn_at(work: Work, task_id: int, *, mine: bool = True) -> Turn:
    """The open consent ``task_id``; raises ``Forbidden`` unless it is the actor's, where it must be ``mine``."""
    return _turn(work, _request(work, task_id, _TASK.c.id == task_id), mine=mine)


def _turn(work: Work, request: Any, *, mine: bool = True) -> Turn:
    """The consent, the others of its request and the locked document.

    Two who decide at once are put one after the other here: what may have changed is read behind the lock.
    """
    cls = work.types.document(request.kind)
    document = find_to_move(work, cls, request.document_id, {request.transition})
    if document is None:
        raise Unknown()
    every = reading.tasks(work, request.id)
    task = going.free_seat(next(t for t in every if t.id == request.task_id), every)
    if task.state != "open":
        raise Conflict(_("This has been decided already, or it is not its turn yet."), code="approval.decided")
    if request.edition != document.edition:
        raise Conflict(_("The content has changed since it was submitted."), code="approval.edition")
    others = [t for t in every if t.id != task.id]
    turn = Turn(task, others, request, document)
    return replace(turn, principal=_seat(work, turn)) if mine else turn


def _seat(work: Work, turn: Turn) -> int | None:
    """For whom the actor decides, None for himself; raises ``Forbidden`` with the reason."""
    taken = going.taken(turn.document, turn.request, turn.others)
    able, principal, why = candidates.seat(work, turn.task, taken, turn.request.kind)
    by_right = turn.task.permission and not turn.task.assignee_id
    if able and by_right and not reaches(work, turn.document, "read"):
        raise Unknown()
    if not able:
        raise Forbidden(why or _("You have no right to this."), code="approval.not_yours")
    if needed := going.needed_later(work, turn.task, turn.others, taken, principal or work.actor_id):
        text = _("You are needed for “{step}” later. Let somebody else agree to this.", step=needed.name)
        raise Forbidden(text, code="approval.needed_later")
    return principal


def act(work: Work, task: Any, state: str, opinion: str, principal: int | None) -> None:
    """Enter what the actor has decided on an open consent; raises ``Conflict`` when somebody was faster."""
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
