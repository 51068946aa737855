"""The duties that every company has: consents that were asked for and are not given yet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.approvals.engine import COPY
from core.approvals.models import ApprovalTask
from core.documents.kinds import area_of
from core.documents.models import Document
from core.duties.kinds import Columns, DutyKind
from core.extension.core_settings import CONSENT_DAYS
from core.text import _
from core.work import Work

CONSENT = "core.consent"
LABEL, TITLE = _("Consents"), _("Agree to {number} of {party} or refuse it")


def _asked(work: Work, columns: Columns) -> Iterable[Any]:
    kinds = [kind for kind in sorted(work.types.documents) if area_of(kind) in work.areas]
    yield columns.part.state == "open"
    yield columns.part.mode != COPY
    yield columns.kind.in_(kinds)


def _with_day(work: Work, columns: Columns) -> Iterable[Any]:
    yield from _asked(work, columns)
    yield columns.part.due_at.is_not(None)


def _without_day(work: Work, columns: Columns) -> Iterable[Any]:
    yield from _asked(work, columns)
    yield columns.part.due_at.is_(None)


# Whoever is asked has them in the box of consents; these make them known when they are late.
CORE_DUTIES = (
    DutyKind(
        key=CONSENT,
        of=Document,
        label=LABEL,
        title=TITLE,
        since=lambda c: c.day(c.part.due_at),
        part=ApprovalTask,
        where=_with_day,
        owner=lambda c: c.part.assignee_id,
        listed=False,
    ),
    DutyKind(
        key="core.consent_open",
        of=Document,
        label=_("Consents without a day of their own"),
        title=TITLE,
        since=lambda c: c.day(c.part.opened_at),
        days=CONSENT_DAYS,
        part=ApprovalTask,
        where=_without_day,
        owner=lambda c: c.part.assignee_id,
        listed=False,
    ),
)
