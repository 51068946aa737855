"""The search index: tokens of every findable record, asked by one statement and read again through policed tables.

SQLite keeps them in FTS5, PostgreSQL in a text-search vector; both are filled by triggers of the migration. Company and
kind are tokens themselves, so that a search never leaves its company.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, text
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.documents.models import Document
from core.entities.master import Master, Part
from core.entities.party import Contact
from core.names import query_tokens, search_tokens
from core.search.models import SearchEntry
from core.work import Work

FOUND_IN: tuple[tuple[type[Part], tuple[str, ...]], ...] = ((Contact, ("name", "mobile", "phone")),)


def document_tokens(document: Document) -> str:
    """The tokens of a document: number, customer, subject, reference and whatever else its type searches."""
    values = [str(getattr(document, name) or "") for name in document.searched]
    return search_tokens(*values) if values else ""


def master_tokens(record: Master) -> str:
    """The tokens of a master, and of its people."""
    values = [str(getattr(record, name, "") or "") for name in record.searched if name != "name"]
    for part, names in FOUND_IN:
        for row in record.__dict__.get(part.key, ()) if part in record.parts else ():
            values += [str(getattr(row, name) or "") for name in names]
    return search_tokens(str(getattr(record, "name", "")), *values)


@cache
def _upsert(is_lite: bool) -> Insert:
    new: Any = (sqlite if is_lite else postgresql).insert(SearchEntry)
    statement: Insert = new.inline().on_conflict_do_update(
        index_elements=[SearchEntry.company_id, SearchEntry.kind, SearchEntry.record_id],
        set_={"grams": new.excluded.grams},
    )
    return statement


def write(work: Work, entries: Sequence[tuple[str, int, str]]) -> None:
    """Enter records with their tokens, in one statement."""
    if entries:
        last = {(kind, record_id): grams for kind, record_id, grams in entries}
        rows = [
            {
                "company_id": work.company.id,
                "kind": kind,
                "record_id": record_id,
                "grams": _marked(work.company.id, kind, grams),
            }
            for (kind, record_id), grams in last.items()
        ]
        work.connection.execute(_upsert(is_sqlite(work.connection)), rows)


def _marked(company_id: int, kind: str, grams: str) -> str:
    return f"{mark(company_id, kind)} {grams}"


def mark(company_id: int, kind: str) -> str:
    """The token that all entries of one company and kind share."""
    return f"zz{company_id}zz{kind.replace('.', 'z').replace('_', 'zy')}"


_LITE = text(
    "SELECT record_id FROM search_entry WHERE id IN "
    "(SELECT rowid FROM search_fts WHERE search_fts MATCH :tokens ORDER BY rowid DESC LIMIT :most)"
)
_SERVER = text("SELECT record_id FROM search_entry WHERE grams_vector @@ CAST(:tokens AS tsquery) LIMIT :most")


def matching(work: Work, kind: str, asked: str, *, most: int = 1000) -> list[int] | None:
    """The ids of records of ``kind`` that hold all that was asked; None when nothing searchable was asked.

    They are candidates: the caller reads them again within the company and the actor's reach.
    """
    tokens = query_tokens(asked)[:24]
    if not tokens:
        return None
    connection = work.connection
    tokens = [mark(work.company.id, kind), *tokens]
    if is_sqlite(connection):
        asked_for, wanted = _LITE, " AND ".join(f'"{token}"' for token in tokens)
    else:
        asked_for, wanted = _SERVER, " & ".join(f"'{token}'" for token in tokens)
    return list(connection.execute(asked_for, {"tokens": wanted, "most": most}).scalars())
