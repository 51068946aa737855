"""Reading the history of a record: who did what, when and why, without what the reader may not see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.db.base import Base
from core.documents import sight
from core.documents.faces import faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.sight import deep
from core.records.models import History
from core.rights import READ_HISTORY
from core.work import Work

_HISTORY: Any = History.__table__


def entries(work: Work, cls: Type, key: int, *, before: int | None = None, most: int = 100) -> list[dict[str, Any]]:
    """What happened to one record, the latest first; ``before`` is the id of the last entry seen.

    The caller has made sure that the actor may read the record.
    """
    statement = (
        select(_HISTORY)
        .where(
            _HISTORY.c.company_id == work.company.id,
            _HISTORY.c.kind == kind_of(cls),
            _HISTORY.c.record_id == key,
        )
        .order_by(_HISTORY.c.id.desc())
        .limit(most)
    )
    if before is not None:
        statement = statement.where(_HISTORY.c.id < before)
    unseen, masks = hidden(work, cls), masked(work, cls)
    return [
        {
            "id": row.id,
            "at": row.at,
            "actor_id": row.actor_id,
            "actor": work.person(row.actor_id) or row.actor,
            "what": row.what,
            "source": row.source,
            "target": row.target,
            "reason": row.reason,
            "changes": deep(row.changes, unseen, masks),
        }
        for row in work.connection.execute(statement)
    ]


def hidden(work: Work, cls: Type) -> frozenset[str]:
    """The names of all fields of a type, its lines and parts that the actor is not shown."""
    # What a comment said before it was changed or taken back is for those who may read the history of everything.
    said = frozenset() if work.may(READ_HISTORY) else frozenset({"said"})
    return said.union(name for one in _of(cls) for name in faces(one).keys() - sight.shown(work, one).keys())


def masked(work: Work, cls: Type) -> frozenset[str]:
    """The names of those that he is shown masked."""
    return sight.names(work, *_of(cls))


def _of(cls: Type) -> tuple[type[Base], ...]:
    lines: tuple[type[Base], ...] = (DocumentLine,) if issubclass(cls, Document) else ()
    return (cls, *lines, *cls.parts)
