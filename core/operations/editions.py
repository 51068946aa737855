"""Editions: freeze what a document said, and compare two of its revisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.canonical import fingerprint, plain
from core.db.base import Base
from core.db.engine import is_sqlite
from core.documents import sight
from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.documents.parts import content_of
from core.errors import Unknown
from core.records.models import DocumentEdition
from core.schemas.outputs import LINE_OUTPUT
from core.work import Work

Content = dict[str, Any]
Pair = tuple[Content | None, Content | None]
_EDITION: Any = DocumentEdition.__table__
_SKIPPED = frozenset(
    {
        "id",
        "company_id",
        "kind",
        "uid",
        "head",
        "version",
        "created_at",
        "updated_at",
        "created_by",
        "updated_by",
        "prints",
        "state",
        "approval",
        "closure",
        "closure_reason",
        "edition",
        "revision",
        "posted_at",
        "submitted_by",
        "edited_by",
        "uninvoiced",
        "unsettled",
        "supplied",
        "delivered",
        "invoiced",
        "settled",
    }
)


class Comparison(NamedTuple):
    """Header fields that differ (name, left, right); all lines in pairs by their id; so the rows of each part."""

    header: list[tuple[str, Any, Any]]
    lines: list[Pair]
    parts: dict[str, list[Pair]]


def content(document: Document) -> dict[str, Any]:
    """Everything the document says, with its lines and parts, as plain values."""
    columns = type(document).__mapper__.columns
    kept = {c.key: plain(getattr(document, c.key)) for c in columns if c.key not in _SKIPPED}
    kept["lines"] = [{name: plain(getattr(line, name)) for name in LINE_OUTPUT} for line in document.lines]
    for part in type(document).parts:
        names = ("id", *content_of(part))
        kept[part.key] = [{n: plain(getattr(row, n)) for n in names} for row in getattr(document, part.key)]
    return kept


def freeze(work: Work, document: Document, *, paper_hash: str = "") -> None:
    """Keep the content of the current revision, once for each edition; its lines must be loaded."""
    kept = content(document)
    insert = (sqlite if is_sqlite(work.connection) else postgresql).insert
    work.connection.execute(
        insert(DocumentEdition).on_conflict_do_nothing(),
        {
            "company_id": work.company.id,
            "document_id": document.id,
            "revision": document.revision,
            "edition": document.edition,
            "content": kept,
            "content_hash": fingerprint(kept),
            "paper_hash": paper_hash,
            "created_at": work.now,
            "created_by": work.actor_id,
        },
    )


def editions(work: Work, document: Document) -> dict[int, dict[str, Any]]:
    """The content of every revision by its number, the present one included."""
    found = work.connection.execute(
        select(_EDITION.c.revision, _EDITION.c.content)
        .where(_EDITION.c.company_id == work.company.id, _EDITION.c.document_id == document.id)
        .order_by(_EDITION.c.revision, _EDITION.c.edition)
    )
    return {**{row.revision: row.content for row in found}, document.revision: content(document)}


def compare(work: Work, document: Document, left: int, right: int) -> Comparison:
    """Two revisions side by side.

    Fields the actor may not see are left out. Raises ``Unknown`` for a revision that was never made.
    """
    kept = editions(work, document)
    if left not in kept or right not in kept:
        raise Unknown()
    one, two = kept[left], kept[right]
    header = [
        (name, sight.told(work, face, one.get(name)), sight.told(work, face, two.get(name)))
        for name, face in sight.shown(work, type(document)).items()
        if name in two and one.get(name) != two.get(name)
    ]
    parts = {p.key: _pairs(work, p, one.get(p.key, ()), two.get(p.key, ())) for p in type(document).parts}
    return Comparison(header, _pairs(work, DocumentLine, one["lines"], two["lines"]), parts)


def _pairs(work: Work, cls: type[Base], left: Iterable[Content], right: Iterable[Content]) -> list[Pair]:
    """The rows of both sides by their id, without what the actor may not see."""
    known = faces(cls)
    hidden = known.keys() - sight.shown(work, cls).keys()
    rows: dict[int, list[Content | None]] = {}
    for place, side in enumerate((left, right)):
        for row in side:
            shown = {key: sight.told(work, known.get(key), v) for key, v in row.items() if key not in hidden}
            rows.setdefault(row["id"], [None, None])[place] = shown
    return [(pair[0], pair[1]) for pair in rows.values()]
