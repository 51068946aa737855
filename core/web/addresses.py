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
from core.text import in_language
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


def names(work: Work, kind: str, ids: Iterable[int]) -> dict[int, str]:
    """What the records of ``kind`` under ``ids`` are called, in the reader's language."""
    wanted = set(ids)
    if not wanted:
        return {}
    match kind:
        case "core.account":
            return {key: work.person(key) for key in wanted}
        case "core.department":
            found = {key: work.company.departments.get(key) for key in wanted}
            return {key: in_language(*pair) for key, pair in found.items() if pair}
        case "core.company_role":
            return {key: role.title for key, role in work.company.roles.items() if key in wanted}
        case "core.tax_rate":
            return {tax.id: tax.title for tax in work.company.taxes if tax.id in wanted}
    return _read(work, kind, wanted)


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


def _read(work: Work, kind: str, wanted: set[int]) -> dict[int, str]:
    if kind in work.types.documents:
        table: Any = Document.__table__
        columns = (table.c.id, table.c.number, table.c.number.label("english"))
    elif kind in work.types.masters:
        table = work.types.masters[kind].__table__
        name = table.c.get("name", table.c.get("code", table.c.id))
        columns = (table.c.id, name, table.c.get("name_en", name).label("english"))
    else:
        return {}
    statement = select(*columns).where(table.c.company_id == work.company.id, table.c.id.in_(wanted))
    return {row[0]: in_language(str(row[1] or row[0]), str(row[2] or "")) for row in work.connection.execute(statement)}


def types(work: Work) -> list[Any]:
    """The types that the company uses, documents and masters."""
    found: list[Any] = [*work.types.documents.values(), *work.types.masters.values()]
    return [cls for cls in found if area_of(kind_of(cls)) in {*work.areas, "core"}]
