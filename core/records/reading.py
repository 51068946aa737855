"""Reading the history of a record: who did what, when and why, without what the reader may not see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from core.db.base import Base
from core.documents.faces import faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.records.models import History
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
    unseen = hidden(work, cls)
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
            "changes": without(row.changes, unseen),
        }
        for row in work.connection.execute(statement)
    ]


def hidden(work: Work, cls: Type) -> frozenset[str]:
    """The names of all fields of a type, its lines and parts that the actor may not see."""
    lines: tuple[type[Base], ...] = (DocumentLine,) if issubclass(cls, Document) else ()
    return frozenset(_hidden(work, cls, *lines, *cls.parts))


def _hidden(work: Work, *classes: type[Base]) -> Iterator[str]:
    for cls in classes:
        yield from (name for name, face in faces(cls).items() if not work.sees(face.needs))


def without(value: Any, names: frozenset[str]) -> Any:
    """``value`` without any key among ``names``, however deep."""
    if not names:
        return value
    if isinstance(value, dict):
        return {key: without(inner, names) for key, inner in value.items() if key not in names}
    if isinstance(value, list):
        return [without(inner, names) for inner in value]
    return value
