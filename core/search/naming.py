"""What records are called, in the reader's language, read set-wise from their kinds and ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from core.documents.models import Document
from core.text import in_language
from core.work import Work


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
