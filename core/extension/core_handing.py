"""What core hands over beside customers and documents: consents that wait, whom he stands in for, whom he leads."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from core.approvals.engine import COPY
from core.approvals.models import ApprovalDelegation, ApprovalRequest, ApprovalTask
from core.documents.kinds import area_of
from core.documents.models import Document
from core.duties.models import TASK, Duty
from core.entities.account import Account, Department, Employment
from core.extension.handing import Handed
from core.records.guidance import Guidance
from core.records.models import History
from core.text import _
from core.work import Work

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
_DELEGATION: Any = ApprovalDelegation.__table__
_DOCUMENT: Any = Document.__table__
_DUTY: Any = Duty.__table__
_HISTORY: Any = History.__table__
_GUIDANCE: Any = Guidance.__table__
_ACCOUNT: Any = Account.__table__
_JOB: Any = Employment.__table__
CONSENTS, STAND_INS = "core.consents", "core.stand_ins"
TASKS = "core.tasks"
SUBORDINATES, DEPARTMENTS = "core.subordinates", "core.departments"


def _waits(work: Work) -> ColumnElement[bool]:
    return and_(_TASK.c.state.in_(("open", "waiting")), _TASK.c.mode != COPY)


def _made_it(work: Work, account: int) -> ColumnElement[bool]:
    """Nobody agrees to what he made or asked for, nor twice; so such a consent does not come to him."""
    mine = work.company.id
    other = _TASK.alias("other")
    made = (
        select(_DOCUMENT.c.id)
        .where(
            _DOCUMENT.c.company_id == mine,
            _DOCUMENT.c.id == _TASK.c.document_id,
            or_(*(_DOCUMENT.c[name] == account for name in ("created_by", "edited_by", "submitted_by"))),
        )
        .correlate(_TASK)
    )
    asked = (
        select(_REQUEST.c.id)
        .where(_REQUEST.c.company_id == mine, _REQUEST.c.id == _TASK.c.request_id, _REQUEST.c.requested_by == account)
        .correlate(_TASK)
    )
    involved = (
        select(other.c.id)
        .where(
            other.c.company_id == mine,
            other.c.request_id == _TASK.c.request_id,
            other.c.mode != COPY,
            or_(
                (other.c.assignee_id == account) & other.c.state.in_(("open", "waiting")),
                other.c.acted_by == account,
                other.c.on_behalf_of == account,
            ),
        )
        .correlate(_TASK)
    )
    changed = (
        select(_HISTORY.c.id)
        .where(
            _HISTORY.c.company_id == mine,
            _HISTORY.c.document_id == _TASK.c.document_id,
            _HISTORY.c.what == "edit",
            _HISTORY.c.actor_id == account,
        )
        .correlate(_TASK)
    )
    return or_(exists(made), exists(asked), exists(involved), exists(changed))


def _lasts(work: Work) -> ColumnElement[bool]:
    return and_(_DELEGATION.c.revoked_at.is_(None), _DELEGATION.c.valid_until >= work.today)


def _himself(work: Work, account: int) -> ColumnElement[bool]:
    """Nobody stands in for himself, nor twice for the same person on the same days."""
    other = _DELEGATION.alias("other")
    twice = (
        select(other.c.id)
        .where(
            other.c.company_id == work.company.id,
            other.c.to_id == account,
            other.c.from_id == _DELEGATION.c.from_id,
            other.c.revoked_at.is_(None),
            other.c.valid_from <= _DELEGATION.c.valid_until,
            other.c.valid_until >= _DELEGATION.c.valid_from,
        )
        .correlate(_DELEGATION)
    )
    return or_(_DELEGATION.c.from_id == account, exists(twice))


def _of_document(work: Work) -> Any:
    number = (
        select(_DOCUMENT.c.number)
        .where(_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.id == _TASK.c.document_id)
        .correlate(_TASK)
        .scalar_subquery()
    )
    return func.coalesce(number, _TASK.c.name)


def _named(account: Any) -> Any:
    """The name of a person that a row names."""
    return select(_ACCOUNT.c.name).where(_ACCOUNT.c.id == account).correlate(account.table).scalar_subquery()


def _is_to_do(work: Work) -> ColumnElement[bool]:
    """Duties follow their records; a task is given to somebody by name, and waits until it is closed."""
    return and_(_DUTY.c.kind == TASK, _DUTY.c.closed_at.is_(None))


def _unanswered(work: Work) -> ColumnElement[bool]:
    """Of the areas in use."""
    known = (*work.types.documents, *work.types.masters)
    kinds = [kind for kind in sorted(known) if area_of(kind) in {"core", *work.areas}]
    return and_(_GUIDANCE.c.answered_at.is_(None), _GUIDANCE.c.kind.in_(kinds))


def _works_here(work: Work) -> ColumnElement[bool]:
    return or_(_JOB.c.valid_until.is_(None), _JOB.c.valid_until >= work.today)


CORE_HANDED = (
    Handed(
        key=CONSENTS,
        label=_("Consents that wait for him"),
        cls=ApprovalTask,
        column="assignee_id",
        still=_waits,
        named=_of_document,
        unfit=_made_it,
    ),
    Handed(
        key=STAND_INS,
        label=_("Whom he stands in for"),
        cls=ApprovalDelegation,
        column="to_id",
        still=_lasts,
        named=lambda work: _named(_DELEGATION.c.from_id),
        unfit=_himself,
    ),
    Handed(
        key=TASKS,
        label=_("Tasks that he was given"),
        cls=Duty,
        column="account_id",
        along=("owner_id",),
        still=_is_to_do,
        title="title",
    ),
    Handed(
        key="core.guidance",
        label=_("Guidance that he has not answered"),
        cls=Guidance,
        column="to_id",
        still=_unanswered,
        title="text",
        unfit=lambda work, account: _GUIDANCE.c.given_by == account,
    ),
    Handed(
        key=SUBORDINATES,
        label=_("Whose superior he is"),
        cls=Employment,
        column="superior_id",
        still=_works_here,
        named=lambda work: _named(_JOB.c.account_id),
        unfit=lambda work, account: _JOB.c.account_id == account,
        raises=True,
    ),
    Handed(
        key=DEPARTMENTS,
        label=_("Departments that he heads"),
        cls=Department,
        column="head_id",
        title="name",
        raises=True,
    ),
)
