"""The wall between companies: what is found in a company is that company's own.

Everything else is held apart by composite keys; the search index has no policy, so it is looked through here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select

from core.operations.verifying.questions import DOCUMENT
from core.records.verify import Finding
from core.search.models import SearchEntry
from core.text import _
from core.work import Work

_ENTRY: Any = SearchEntry.__table__


def verify_walls(work: Work) -> Iterator[Finding]:
    """Entries of the company's search index that lead to no record of the company."""
    tables = dict.fromkeys(work.types.documents, DOCUMENT)
    tables |= {kind: master.__table__ for kind, master in work.types.masters.items()}
    for kind, table in sorted(tables.items()):
        there = exists().where(table.c.company_id == _ENTRY.c.company_id, table.c.id == _ENTRY.c.record_id)
        rows = work.connection.execute(
            select(_ENTRY.c.record_id)
            .where(_ENTRY.c.company_id == work.company.id, _ENTRY.c.kind == kind, ~there)
            .order_by(_ENTRY.c.record_id)
        )
        for key in rows.scalars():
            yield Finding(
                "search.foreign", f"{kind} {key}", _("The search leads to it, but the company has no such record.")
            )
