"""Who has written what a document says: nobody double-checks his own work, also when another changed it after him.

Whoever made the document or changed it last is known from its row; those in between from its history, since the
document was last opened for a revision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from core.documents.models import Document
from core.records.models import History
from core.work import Work

_HISTORY: Any = History.__table__
WRITTEN = ("create", "edit")


def wrote(work: Work, document: Document) -> frozenset[int]:
    """Those who have written a document, or this revision of it."""
    return written(work, [document.id]).get(document.id, frozenset()) if document.id else frozenset()


def written(work: Work, documents: Collection[int]) -> Mapping[int, frozenset[int]]:
    """As ``wrote``, for many documents by id; one statement."""
    found: dict[int, set[int]] = {}
    if documents:
        mine = (_HISTORY.c.company_id == work.company.id, _HISTORY.c.document_id.in_(sorted(set(documents))))
        rows = select(_HISTORY.c.document_id, _HISTORY.c.actor_id).distinct().where(*mine, *_counts(work, _HISTORY))
        for row in work.connection.execute(rows):
            found.setdefault(row.document_id, set()).add(row.actor_id)
    return {key: frozenset(people) for key, people in found.items()}


def not_his(work: Work, document_id: Any, account_id: int | None, *correlated: Any) -> ColumnElement[bool]:
    """Whether somebody has written nothing of the document that a column names."""
    entry = _HISTORY.alias("entry")
    his = select(entry.c.id).where(
        entry.c.company_id == work.company.id,
        entry.c.document_id == document_id,
        entry.c.actor_id == account_id,
        *_counts(work, entry),
    )
    return ~exists(his.correlate(*correlated))


def _counts(work: Work, entry: Any) -> list[ColumnElement[bool]]:
    """Which entries are of what the document says now."""
    revise = sorted(
        {move.name for cls in work.types.documents.values() for move in cls.workflow.transitions if move.revises}
    )
    opened = _HISTORY.alias("opened")
    last = select(func.coalesce(func.max(opened.c.id), 0)).where(
        opened.c.company_id == work.company.id,
        opened.c.document_id == entry.c.document_id,
        opened.c.what.in_(revise),
    )
    return [
        entry.c.actor_id.is_not(None),
        entry.c.what.in_(WRITTEN),
        entry.c.id > last.correlate(entry).scalar_subquery(),
    ]
