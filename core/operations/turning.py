"""What somebody may do with a consent besides giving or refusing it.

Call others in, before, after or for their advice (加签、协办), and call them off again (减签); hand it over for good
(转办); send the document back to its maker or to an earlier step (退回); remind those who are asked (催办).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, insert, update

from core.approvals import candidates, going, reading, writers
from core.approvals.engine import CHECK
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.models import Document
from core.documents.reading import load
from core.documents.truths import Approval
from core.errors import Conflict, Fault, Forbidden, Invalid
from core.extension.core_settings import REMIND_HOURS
from core.operations.decide import Turn, act, settle, turn_at
from core.operations.ledger import Entry, ledger
from core.operations.move import close_request
from core.schemas.inputs import sentence
from core.text import Text, _
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
BEFORE, AFTER, ADVICE = "before", "after", "advice"
WAYS = (BEFORE, AFTER, ADVICE)
OVER, STRAIGHT = "over", "straight"
_PUT = (
    update(_TASK)
    .where(_TASK.c.company_id == bindparam("_company"), _TASK.c.id == bindparam("_id"))
    .values(state=bindparam("state"))
)
# What a consent that is asked for once more keeps of the first one.
_AGAIN = (
    *("company_id", "request_id", "document_id", "step", "name", "role_id", "permission", "assignee_id"),
    *("purpose", "mode", "needed", "days", "late"),
)


def call_in(work: Work, task_id: int, account_ids: Iterable[int], way: str, *, opinion: str = "") -> Document:
    """Ask others as well: ``before`` one decides oneself, ``after``, with which one agrees now, or for ``advice``.

    Those called in before and after must agree; advice only comes back. Raises as ``agree``; ``Invalid`` for somebody
    who made the document, has decided on it, is asked already or does not work here.
    """
    opinion = sentence(opinion, "opinion")
    if way not in WAYS:
        raise Invalid([Fault("way", _("Choose before, after or advice."), "choice")])
    turn = turn_at(work, task_id)
    called = _strangers(work, turn, list(dict.fromkeys(account_ids)))
    rows = [_called(work, turn, account, way, place) for place, account in enumerate(called, 1)]
    if way == AFTER:
        act(work, turn.task, "approved", opinion, turn.principal)
    else:
        work.connection.execute(_PUT, [_row(work, turn.task, going.WAITING)])
    work.connection.execute(insert(_TASK), rows)
    _note(work, turn, "call_in", {"called": [None, called], "way": [None, way]}, opinion)
    return turn.document


def call_off(work: Work, task_id: int) -> Document:
    """Take somebody out again whom one has called in, as long as he has not decided; raises as ``agree``.

    Only who called him in may, or who stands in for that person.
    """
    turn = turn_at(work, task_id, mine=False)
    parent = next((t for t in turn.others if t.id == turn.task.parent_id), None)
    if parent is None:
        raise Conflict(_("Nobody was called in here."), code="approval.not_called")
    asked = candidates.able(work, parent) | {parent.acted_by}
    if work.actor_id not in asked and not candidates.principals(work, turn.request.kind) & asked:
        raise Forbidden(_("Only who called somebody in may call him off."))
    work.connection.execute(_PUT, [_row(work, turn.task, "cancelled")])
    entry = _entry(turn, "call_off", {"called": [turn.task.assignee_id, None]}, "")
    return settle(work, turn, "cancelled", entry)


def hand_over(work: Work, task_id: int, account_id: int, *, reason: str = "") -> Document:
    """Give one's consent to somebody else for good; he decides in his own name. Raises as ``call_in``."""
    reason = sentence(reason, "reason")
    turn = turn_at(work, task_id)
    (account,) = _strangers(work, turn, [account_id])
    pass_on(work, turn, account)
    _note(work, turn, "hand_over", {"assignee": [turn.task.assignee_id or work.actor_id, account]}, reason)
    return turn.document


def pass_on(work: Work, turn: Turn, account: int) -> None:
    """Ask ``account`` instead, from now on; those who were asked until now are kept."""
    task = turn.task
    # Of a seat of whoever may read it nobody was asked by name; so only who gives it away goes on reading.
    until_now = candidates.able(work, task) if task.assignee_id or not task.permission else {work.actor_id}
    asked = {*(task.passed_by or {}).get("accounts", ()), *until_now}
    asked |= {task.assignee_id} if task.assignee_id else set()
    work.connection.execute(
        update(_TASK)
        .where(_TASK.c.company_id == work.company.id, _TASK.c.id == task.id)
        .values(
            assignee_id=account,
            opened_at=work.now,
            due_at=going.due(work, task.days),
            late_at=None,
            passed_by={"accounts": sorted(asked)},
        )
    )


def send_back(work: Work, task_id: int, *, opinion: str, to: int = 0, resume: str = OVER) -> Document:
    """Send it back: to its maker (``to`` 0), who changes it and asks again, or to an earlier position.

    It then goes on from there through every step (``over``), or ``straight`` to whoever sent it back. Raises as
    ``reject``; ``Invalid`` for a position that has not been before this one.
    """
    opinion = sentence(opinion, "opinion", needed=True)
    if resume not in (OVER, STRAIGHT):
        raise Invalid([Fault("resume", _("Choose over or straight."), "choice")])
    turn = turn_at(work, task_id)
    if to and to not in {t.position for t in turn.others if t.position < turn.task.position and not t.called}:
        raise Invalid([Fault("to", _("There is no such step before this one."), "reference")])
    act(work, turn.task, "returned", opinion, turn.principal)
    changes = {"step": [None, turn.task.name], "to": [None, to], "resume": [None, resume]}
    if to:
        _repeat(work, turn, to, resume)
        _note(work, turn, "send_back", changes, opinion)
        return turn.document
    close_request(work, turn.request.id, "rejected", resume=resume)
    step = ledger(work).touch(turn.document, approval=Approval.REJECTED.value)
    step.entries.append(_entry(turn, "send_back", changes, opinion))
    return turn.document


def remind(work: Work, cls: type[Document], key: int) -> Document:
    """Remind those who are asked for their consent, once within the hours that the company sets; returns the document.

    Only who asked, made or answers for the document may. Raises ``Conflict`` when nobody is asked, or too soon.
    """
    document = load(work, cls, key, lock=True, lines=False)
    request = reading.requested(work, document)
    if request is None:
        raise Conflict(_("Nothing is in approval here."), code="approval.none")
    if work.actor_id not in {request.requested_by, document.created_by, document.owner_id}:
        raise Forbidden(_("Only who asked for it may remind."))
    hours = work.setting(REMIND_HOURS)
    if request.reminded_at and work.now - request.reminded_at < timedelta(hours=hours):
        text = _("They were reminded less than {hours} hours ago.", hours=hours)
        raise Conflict(text, code="approval.reminded")
    work.connection.execute(
        update(_REQUEST)
        .where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.id == request.id)
        .values(reminded_at=work.now)
    )
    ledger(work).touch(document).entries.append(Entry("remind", {}, source=document.state, target=document.state))
    return document


# Helpers --------------------------------------------------------------------------------------------------------------


def _strangers(work: Work, turn: Turn, accounts: Sequence[int]) -> list[int]:
    """The accounts, each of which may be asked: works here, did not make it, is not asked and has not decided."""
    found = ((one, cannot_be_asked(work, turn, one)) for one in accounts)
    faults = [Fault("accounts", text, "reference") for _one, text in found if text]
    if faults or not accounts:
        raise Invalid(faults or [Fault("accounts", _("This is needed."), "required")])
    return list(accounts)


def cannot_be_asked(work: Work, turn: Turn, account: int) -> Text | None:
    """Why somebody cannot be asked for this consent; None where he can."""
    gone = going.taken(turn.document, turn.request, [turn.task, *turn.others])
    if turn.task.purpose == CHECK:
        gone |= writers.wrote(work, turn.document)
    asked = {t.assignee_id for t in (turn.task, *turn.others) if t.state in (going.OPEN, going.WAITING)}
    if not candidates.here(work, account):
        return _("Nobody of this company.")
    if account in gone or account == work.actor_id:
        return _("Nobody agrees to what he made, nor twice.")
    if account in asked:
        return _("{name} is asked already.", name=work.person(account))
    later = going.needed_later(work, turn.task, turn.others, gone, account)
    return _("{name} is needed for “{step}” later.", name=work.person(account), step=later.name) if later else None


def _called(work: Work, turn: Turn, account: int, way: str, place: int) -> dict[str, Any]:
    """A consent of somebody who is called in, in a seat beside the one who calls."""
    task = turn.task
    last = max(t.seat for t in (task, *turn.others) if t.position == task.position)
    return {
        **{name: getattr(task, name) for name in _AGAIN},
        "position": task.position,
        "seat": last + place,
        "role_id": None,
        "assignee_id": account,
        "mode": "one",
        "needed": 1,
        "maker_id": turn.request.requested_by,
        "parent_id": task.id,
        "called": way,
        # The rule spoke of its own people; whom somebody has called in is reminded, no more.
        "late": "remind" if task.late else "",
        "state": going.OPEN,
        "opened_at": work.now,
        "due_at": going.due(work, task.days),
    }


def _repeat(work: Work, turn: Turn, to: int, resume: str) -> None:
    """End what is open, and ask once more from an earlier position; what was agreed to there no longer counts."""
    every = [turn.task, *turn.others]
    here, last = turn.task.position, max(t.position for t in every)
    positions = sorted({t.position for t in every if t.position >= to})
    if resume == STRAIGHT:
        positions = [p for p in positions if p == to or p >= here]
    old = [t for t in every if t.position in positions and t.id != turn.task.id]
    ended = [_row(work, t, "returned") for t in old if t.state in going.GIVEN]
    ended += [_row(work, t, "cancelled") for t in old if t.state in (going.OPEN, going.WAITING)]
    if ended:
        work.connection.execute(_PUT, ended)
    again = [t for t in every if t.position in positions and not t.called]
    rows = [
        {
            **{name: getattr(t, name) for name in _AGAIN},
            "position": last + 1 + positions.index(t.position),
            "seat": t.seat,
            "maker_id": turn.request.requested_by,
            "state": going.OPEN if t.position == to else going.WAITING,
            "opened_at": work.now if t.position == to else None,
            "due_at": going.due(work, t.days) if t.position == to else None,
        }
        for t in again
    ]
    work.connection.execute(insert(_TASK), rows)


def _row(work: Work, task: Any, state: str) -> dict[str, Any]:
    return {"_company": work.company.id, "_id": task.id, "state": state}


def _entry(turn: Turn, what: str, changes: dict[str, Any], reason: str) -> Entry:
    at = turn.document.state
    return Entry(what, changes, source=at, target=at, reason=reason)


def _note(work: Work, turn: Turn, what: str, changes: dict[str, Any], reason: str) -> None:
    ledger(work).touch(turn.document).entries.append(_entry(turn, what, changes, reason))
