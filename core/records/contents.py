"""What a document says, as hashes that its history keeps: header, lines, each part, and what is owed on it.

Each entry carries the hash of the header; one that wrote lines, parts or claims carries theirs as well. Entries are
sealed into the chain, so what is changed past the program no longer fits the last hash of its section.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, Table

from core.canonical import canonical_plain, plain
from core.db.types import Scaled
from core.documents.models import Claim, Document, DocumentLine
from core.documents.parts import DocumentPart

Rows = type[DocumentLine] | type[DocumentPart] | type[Claim]
HEADER, LINES, CLAIMS = "header", "lines", "claims"
# The rows of a document are found by these; they are no content.
KEYS = frozenset({"id", "company_id", "document_id"})


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a section with what they are in a new row; a value that is just that is not written down.

    So a column that comes to be later, with its usual value in the rows that are there, changes no hash.
    """

    names: tuple[str, ...]
    usual: tuple[Any, ...]
    writers: tuple[Callable[[Any], Any] | None, ...]
    read: Callable[[Any], tuple[Any, ...]]

    def said(self, row: Any) -> list[tuple[str, Any]]:
        """What a row says: by name, the values that are not as in a new one."""
        values = zip(self.names, self.read(row), self.usual, self.writers, strict=True)
        return [(name, write(value) if write else value) for name, value, usual, write in values if value != usual]


def shape(*tables: Table, keys: frozenset[str] = KEYS) -> Shape:
    """The shape of rows of these tables taken together, without keys and without what is counted."""
    columns = {c.key: c for table in tables for c in table.columns if c.key not in keys and not c.info.get("counted")}
    usual = [_usual(column) for column in columns.values()]
    writers = tuple(_figure if isinstance(column.type, Scaled) else None for column in columns.values())
    return Shape(tuple(columns), tuple(usual), writers, attrgetter(*columns))


def _usual(column: Column[Any]) -> Any:
    """What a column is in a new row."""
    default: Any = column.default
    value = default.arg if default is not None and default.is_scalar else None
    return Decimal(value) if value is not None and isinstance(column.type, Scaled) else value


@lru_cache(maxsize=4096)
def _figure(value: Any) -> str | None:
    """A figure as it is written down, whatever its places; most come again and again."""
    return None if value is None else str(plain(Decimal(value)))


@cache
def header(cls: type[Document]) -> Shape:
    """The header of a document with what its area adds."""
    tables: Any = cls.__mapper__.tables
    return shape(*tables, keys=frozenset({"id", "company_id"}))


@cache
def of_rows(cls: Rows) -> Shape:
    """The rows of a document: its lines, its parts, its claims."""
    table: Any = cls.__table__
    told = shape(table)
    return replace(told, read=_without_later_days(told)) if cls is Claim else told


def _without_later_days(told: Shape) -> Callable[[Any], tuple[Any, ...]]:
    """The day of a milestone, and of what waits for it, comes with an event, beside the history of their documents."""
    place = told.names.index("due")

    def read(row: Any) -> tuple[Any, ...]:
        values = told.read(row)
        waits = row.claim_kind == "milestone" or row.follows_id is not None
        return (*values[:place], None, *values[place + 1 :]) if waits else values

    return read


def needed(cls: Rows) -> tuple[str, ...]:
    """The columns that must be read of rows to hash them."""
    names = of_rows(cls).names
    return (*names, "follows_id") if cls is Claim else names


def sections(cls: type[Document]) -> tuple[str, ...]:
    """What of a new document is hashed beside its header."""
    lines = (LINES,) if cls.has_lines else ()
    return (*lines, *(part.key for part in cls.parts))


def hash_header(document: Any, cls: type[Document]) -> str:
    """The hash of a header, read as an entity or as a row."""
    return _hash(header(cls).said(document))


def hash_rows(cls: Rows, rows: Iterable[Any]) -> str:
    """The hash of a document's rows of one type, in their order."""
    told = of_rows(cls)
    return _hash([told.said(row) for row in rows])


def hash_section(document: Document, section: str) -> str:
    """The hash of the lines or of a part of a document that was loaded with them."""
    rows: Sequence[Any] = getattr(document, section)
    return hash_rows(type_of(type(document), section), rows)


def type_of(cls: type[Document], section: str) -> Rows:
    """The type of the rows of a section."""
    if section == LINES:
        return DocumentLine
    if section == CLAIMS:
        return Claim
    return next(part for part in cls.parts if part.key == section)


def _hash(said: Any) -> str:
    return hashlib.sha256(canonical_plain(said).encode()).hexdigest()
