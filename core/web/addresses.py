"""Where records live, and what they are called: one place that turns kinds and ids into addresses and names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for
from sqlalchemy import select
from werkzeug.routing import BuildError

from core.documents import access
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.search.naming import names
from core.work import Work


def endpoint(kind: str) -> str:
    """The name of a type's screens."""
    return kind.replace(".", "_")


def listing(kind: str, **filters: Any) -> str:
    """The list of a type, filtered; empty where a type has no screens."""
    return _url(f"{endpoint(kind)}.index_view", **filters)


def record(kind: str, key: int) -> str:
    """The page of a record; empty where its type has none."""
    return _url(f"{endpoint(kind)}.details_view", key=key)


def _url(name: str, **values: Any) -> str:
    try:
        return url_for(name, **values)
    except BuildError:
        return ""


def names_in_reach(work: Work, kind: str, ids: Iterable[int]) -> dict[int, str]:
    """As ``names``, for ids that somebody merely typed: what the reader could not open has no name."""
    found = names(work, kind, ids)
    cls = work.types.masters.get(kind) or work.types.documents.get(kind)
    reach = access.rows(work, cls) if cls is not None and found else None
    if cls is None or reach is None:
        return found
    table: Any = Document.__table__ if issubclass(cls, Document) else cls.__table__
    mine = (table.c.company_id == work.company.id, table.c.id.in_(found))
    return {key: found[key] for key in work.connection.execute(select(table.c.id).where(*mine, reach)).scalars()}


def types(work: Work) -> list[Any]:
    """The types that the company uses, documents and masters."""
    found: list[Any] = [*work.types.documents.values(), *work.types.masters.values()]
    return [cls for cls in found if area_of(kind_of(cls)) in {*work.areas, "core"}]


__all__ = ["endpoint", "listing", "names", "names_in_reach", "record", "types"]
