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
    mine = _ENTRY.c.company_id == work.company.id
    here = set(work.connection.execute(select(_ENTRY.c.kind).where(mine).distinct()).scalars())
    for table, kinds in _tables(work):
        wanted = sorted(here.intersection(kinds))
        if not wanted:
            continue
        there = exists().where(table.c.company_id == _ENTRY.c.company_id, table.c.id == _ENTRY.c.record_id)
        rows = work.connection.execute(
            select(_ENTRY.c.kind, _ENTRY.c.record_id)
            .where(mine, _ENTRY.c.kind.in_(wanted), ~there)
            .order_by(_ENTRY.c.kind, _ENTRY.c.record_id)
        )
        for row in rows:
            yield Finding(
                "search.foreign",
                f"{row.kind} {row.record_id}",
                _("The search leads to it, but the company has no such record."),
            )


def _tables(work: Work) -> Iterator[tuple[Any, list[str]]]:
    """Where records are kept, with the kinds of those that are kept there."""
    yield DOCUMENT, list(work.types.documents)
    for kind, master in sorted(work.types.masters.items()):
        yield master.__table__, [kind]
