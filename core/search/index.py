"""The search index: tokens of every findable record, asked by one statement and read again through policed tables.

SQLite keeps them in FTS5, PostgreSQL in a text-search vector; both are filled by triggers of the migration. Company and
kind are tokens themselves, so that a search never leaves its company.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, text
from sqlalchemy.dialects import postgresql, sqlite

from core.db import bulk
from core.db.base import Base
from core.db.engine import is_sqlite
from core.documents.faces import faces
from core.documents.kinds import Type
from core.documents.models import Document
from core.entities.master import Master, Part
from core.entities.party import Contact
from core.names import query_tokens, search_tokens
from core.search.models import SearchEntry
from core.work import Work

_ENTRY: Any = SearchEntry.__table__
_AGAIN = "ON CONFLICT (company_id, kind, record_id) DO UPDATE SET grams = excluded.grams"
FOUND_IN: tuple[tuple[type[Part], tuple[str, ...]], ...] = ((Contact, ("name", "mobile", "phone")),)


def document_tokens(document: Document) -> str:
    """The tokens of a document: number, customer, subject, reference and whatever else its type searches."""
    cls = type(document)
    return _tokens((_needs(cls, name), getattr(document, name)) for name in document.searched)


def master_tokens(record: Master) -> str:
    """The tokens of a master, and of its people."""
    cls = type(record)
    values = [(needs, getattr(record, name, "")) for name, needs in _own(cls)]
    for part, names in FOUND_IN:
        if part in cls.parts:
            for row in record.__dict__.get(part.key, ()):
                values += [(_needs(part, name), getattr(row, name)) for name in names]
    return _tokens(values)


@cache
def _own(cls: type[Master]) -> tuple[tuple[str, str], ...]:
    """What a master is found by, its name first, and what must be seen to find it so."""
    return tuple((name, _needs(cls, name)) for name in sorted(cls.searched, key=lambda name: name != "name"))


def _tokens(values: Iterable[tuple[str, Any]]) -> str:
    """The tokens of texts; those of a field that not everybody sees are found by nobody else either."""
    by_needs: dict[str, list[str]] = {"": []}
    for needs, value in values:
        if value:
            by_needs.setdefault(needs, []).append(str(value))
    found = []
    for needs, texts in by_needs.items():
        tokens = search_tokens(*texts) if texts else ""
        found.append(apart(needs, tokens.replace(" ", f" {apart(needs, '')}")) if needs and tokens else tokens)
    return " ".join(filter(None, found))


@cache
def _needs(cls: type[Base], name: str) -> str:
    face = faces(cls).get(name)
    return (face.needs if face else None) or ""


def apart(needs: str, token: str) -> str:
    """The token of a field that needs a right: longer than any that is asked for without it."""
    return f"{_mark_of(needs)}{token}"


@cache
def _mark_of(needs: str) -> str:
    return f"zn{re.sub('[^a-z0-9]', 'z', needs)}z"


@cache
def _needed(cls: Type) -> tuple[str, ...]:
    """What readers of the type must be allowed to see to find it by all that it is found by."""
    asked = [_needs(cls, name) for name in cls.searched]
    asked += [_needs(part, name) for part, names in FOUND_IN if part in cls.parts for name in names]
    return tuple(dict.fromkeys(filter(None, asked)))


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
        if len(rows) >= bulk.FEW:
            columns = bulk.transposed(rows, tuple(rows[0]))
            bulk.insert_columns(work.connection, _ENTRY, columns, conflict=_AGAIN)
        else:
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

    They are candidates: the caller reads them again within the company and the actor's reach. Who may not see a field
    does not find by it.
    """
    tokens = query_tokens(asked)[:24]
    if not tokens:
        return None
    connection = work.connection
    seen = [needs for needs in _needed(work.types.type(kind)) if work.sees(needs)]
    terms = [[mark(work.company.id, kind)], *([token, *(apart(needs, token) for needs in seen)] for token in tokens)]
    if is_sqlite(connection):
        asked_for, quote, either, both = _LITE, '"', " OR ", " AND "
    else:
        asked_for, quote, either, both = _SERVER, "'", " | ", " & "
    wanted = both.join(f"({either.join(f'{quote}{one}{quote}' for one in term)})" for term in terms)
    return list(connection.execute(asked_for, {"tokens": wanted, "most": most}).scalars())
