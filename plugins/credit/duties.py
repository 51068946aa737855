"""What credit makes people do: review limits that end, and those whose day of review has come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from core.duties.kinds import Columns, DutyKind
from core.entities.party import Party
from core.text import _
from core.work import Work
from plugins.credit.masters import CreditFile
from plugins.credit.settings import REMIND_DAYS


def _to_review(work: Work, columns: Columns) -> Iterable[Any]:
    yield or_(columns.valid_until >= work.today, columns.review_on.is_not(None))


def _representative(columns: Columns) -> Any:
    of_the_file = (Party.company_id == columns.company_id, Party.id == columns.party_id)
    return select(Party.owner_id).where(*of_the_file).scalar_subquery()


DUTIES = (
    # Closed by the application that sets new days (CRD-03).
    DutyKind(
        key="credit.file.review",
        of=CreditFile,
        label=_("Credit limits to review"),
        title=_("Review the credit of {party}"),
        since=lambda c: c.earlier(c.valid_until, c.review_on),
        where=_to_review,
        ahead=REMIND_DAYS,
        owner=_representative,
        right="credit.application.create",
    ),
)
