"""Four eyes: nobody agreed to what he made himself, nobody twice, and a consent is to what the document says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, and_, exists, func, or_, select

from core.approvals.engine import COPY
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.truths import Approval
from core.operations.verifying.questions import DOCUMENT
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import _
from core.work import Work

_REQUEST: Any = ApprovalRequest.__table__
_TASK: Any = ApprovalTask.__table__


def verify_consents(work: Work) -> Iterator[Finding]:
    """Consents by the maker or the last editor, twice by one person, or to an edition that is not the present one."""
    yield from _own(work)
    yield from _twice(work)
    yield from _edition(work)


def _given(work: Work, *columns: Any) -> Select[Any]:
    return (
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, *columns)
        .select_from(_TASK)
        .join(_REQUEST, and_(_REQUEST.c.company_id == _TASK.c.company_id, _REQUEST.c.id == _TASK.c.request_id))
        .join(DOCUMENT, and_(DOCUMENT.c.company_id == _TASK.c.company_id, DOCUMENT.c.id == _TASK.c.document_id))
        .where(_TASK.c.company_id == work.company.id, _TASK.c.state == "approved", _TASK.c.acted_by.is_not(None))
        # Whoever has read what was sent to him, or has given his advice, has agreed to nothing.
        .where(_TASK.c.mode != COPY, _TASK.c.called != "advice")
        .order_by(DOCUMENT.c.id, _TASK.c.id)
    )


def _own(work: Work) -> Iterator[Finding]:
    """Who edits later an edition that others agreed to is not its maker; so only the present one is asked about.

    Who made the request is known; who last moved the document on, such as to end it, is not asked about.
    """
    present = _REQUEST.c.edition == DOCUMENT.c.edition
    makers = (DOCUMENT.c.created_by, DOCUMENT.c.edited_by)
    own = or_(
        _TASK.c.acted_by == _TASK.c.maker_id,
        _TASK.c.acted_by == _REQUEST.c.requested_by,
        and_(present, or_(*(_TASK.c.acted_by == maker for maker in makers))),
    )
    for row in work.connection.execute(_given(work, _TASK.c.acted_by).where(own)):
        text = _("{person} agreed to what {person} had made.", person=work.person(row.acted_by))
        yield Finding("consent.own", name_of(work, row), text)


def _twice(work: Work) -> Iterator[Finding]:
    counted = func.count().label("times")
    asked = _given(work, _TASK.c.acted_by, counted).order_by(None)
    grouped = asked.group_by(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, _TASK.c.request_id, _TASK.c.acted_by)
    for row in work.connection.execute(grouped.having(func.count() > 1).order_by(DOCUMENT.c.id)):
        text = _("{person} agreed more than once to the same.", person=work.person(row.acted_by))
        yield Finding("consent.twice", name_of(work, row), text)


def _edition(work: Work) -> Iterator[Finding]:
    agreed = exists().where(
        _REQUEST.c.company_id == DOCUMENT.c.company_id,
        _REQUEST.c.document_id == DOCUMENT.c.id,
        _REQUEST.c.state == "approved",
        _REQUEST.c.edition == DOCUMENT.c.edition,
    )
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number)
        .where(DOCUMENT.c.company_id == work.company.id, DOCUMENT.c.approval == Approval.APPROVED.value, ~agreed)
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        yield Finding("consent.edition", name_of(work, row), _("Nobody agreed to what it says now."))
