"""Consents that nobody has given in time: remind, ask the superior, agree or refuse by itself, as the rule says (超时).

The days are workdays of the company's calendar, and the last of them counts whole: the program acts on the day after.
What it does is entered as the program's, with the reason. Each consent is seen to in a unit of work of its own behind
the document's lock, so two workers, or one that died in between, do it once.
"""

from __future__ import annotations

from datetime import datetime, time
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update

from core.approvals import candidates, going
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.kinds import area_of
from core.documents.models import Document
from core.documents.truths import Approval
from core.errors import Conflict, DomainError, NotEnabled, Refused, Unknown
from core.operations import asking
from core.operations.decide import Turn, act, settle, turn_at
from core.operations.ledger import Entry, ledger
from core.operations.move import close_request, object_again
from core.operations.turning import cannot_be_asked, pass_on
from core.text import Text, _, speaking
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
MOST = 500


def overdue(work: Work, *, most: int = MOST) -> list[tuple[int, datetime]]:
    """The consents whose last day is over and for which the program has something to do, with that day."""
    first = datetime.combine(work.today, time.min, ZoneInfo(work.company.zone))
    rows = work.connection.execute(
        select(_TASK.c.id, _TASK.c.due_at, _REQUEST.c.kind)
        .join(_REQUEST, (_REQUEST.c.id == _TASK.c.request_id) & (_REQUEST.c.company_id == _TASK.c.company_id))
        .where(
            _TASK.c.company_id == work.company.id,
            # As the index over these alone says it.
            text("approval_task.state = 'open' AND approval_task.late <> '' AND approval_task.late_at IS NULL"),
            _TASK.c.due_at < first,
        )
        .order_by(_TASK.c.due_at, _TASK.c.id)
        .limit(most)
    )
    return [(row.id, row.due_at) for row in rows if area_of(row.kind) in work.areas]


def see_to(work: Work, task_id: int) -> str:
    """Do what the rule says for a consent that is late; gives back what was done, nothing where nothing was to do."""
    try:
        turn = turn_at(work, task_id, mine=False)
    except (Conflict, NotEnabled, Unknown):
        return ""
    task = turn.task
    if not task.late or task.late_at is not None or task.due_at is None:
        return ""
    # A holiday that was entered since gives more time.
    last = going.last_day(work, task.opened_at, task.days)
    if work.today <= last:
        _set(work, task, due_at=going.due_on(work, task.opened_at, last))
        return ""
    return _DEEDS[task.late](work, turn)


def _remind(work: Work, turn: Turn, *why: Text) -> str:
    """Remind whoever is asked; ``why`` nothing else could be done."""
    _set(work, turn.task, late_at=work.now)
    work.connection.execute(
        update(_REQUEST)
        .where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.id == turn.request.id)
        .values(reminded_at=work.now)
    )
    said = _said(work, _reason(turn), *why)
    _enter(work, turn.document, Entry("remind", {"step": [None, turn.task.name]}, reason=said))
    asking.remind(work, turn.document, turn.request, only=turn.task)
    return "remind"


def _escalate(work: Work, turn: Turn) -> str:
    """Ask the nearest superior who may be asked, instead of whoever was."""
    account = next((one for one in _above(work, turn.task) if not cannot_be_asked(work, turn, one)), None)
    if account is None:
        return _remind(work, turn, _("There is no superior who could be asked."))
    asked = sorted(candidates.able(work, turn.task))
    pass_on(work, turn, account)
    changes: dict[str, Any] = {"step": [None, turn.task.name], "assignee": [asked[0] if asked else None, account]}
    _enter(work, turn.document, Entry("escalate", changes, reason=_said(work, _reason(turn))))
    return "escalate"


def _above(work: Work, task: Any) -> list[int]:
    """The superiors of those who are asked, level by level."""
    asked = sorted(candidates.able(work, task)) or ([task.assignee_id] if task.assignee_id else [])
    levels = zip_longest(*(candidates.superiors(work, account) for account in asked))
    return list(dict.fromkeys(up for level in levels for up in level if up is not None and up not in asked))


def _agree(work: Work, turn: Turn) -> str:
    """Agree; where something stands against the move by now, somebody has to look at it instead."""
    document = turn.document
    transition = document.workflow.find(turn.request.transition, document.state)
    try:
        object_again(work, document, transition, turn.request.objections)
    except Refused as error:
        return _remind(work, turn, *(one.text for one in error.objections))
    except DomainError as error:
        return _remind(work, turn, error.text)
    said = _said(work, _reason(turn), _("The rule lets the program agree."))
    act(work, turn.task, "approved", said, None)
    changes = {"opinion": [None, said], "step": [None, turn.task.name]}
    settle(work, turn, "approved", Entry("agree", changes, source=document.state, target=document.state))
    return "agree"


def _refuse(work: Work, turn: Turn) -> str:
    """Refuse; where others are still enough without this one, their consents count."""
    document, said = turn.document, _said(work, _reason(turn), _("The rule lets the program refuse."))
    act(work, turn.task, "rejected", said, None)
    values = {}
    if not going.may_still(turn.task, turn.others):
        close_request(work, turn.request.id, "rejected")
        values = {"approval": Approval.REJECTED.value}
    _enter(work, document, Entry("reject", {"step": [None, turn.task.name]}, reason=said), **values)
    return "refuse"


_DEEDS = {"remind": _remind, "escalate": _escalate, "agree": _agree, "refuse": _refuse}


def _reason(turn: Turn) -> Text:
    return _("Nobody decided on “{step}” within {days} workdays.", step=turn.task.name, days=turn.task.days)


def _said(work: Work, *texts: Text) -> str:
    """Kept for everybody to read, so it is in the company's language."""
    with speaking(work.company.language):
        return " ".join(str(text) for text in texts)[:400]


def _set(work: Work, task: Any, **values: Any) -> None:
    here = (_TASK.c.company_id == work.company.id, _TASK.c.id == task.id)
    work.connection.execute(update(_TASK).where(*here).values(**values))


def _enter(work: Work, document: Document, entry: Entry, **values: Any) -> None:
    entry.source = entry.target = document.state
    ledger(work).touch(document, **values).entries.append(entry)
