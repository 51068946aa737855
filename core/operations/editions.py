"""Editions: freeze what a document said, and compare two of its revisions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core.canonical import fingerprint, plain
from core.db.engine import is_sqlite
from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.errors import Unknown
from core.records.models import DocumentEdition
from core.schemas.outputs import LINE_OUTPUT
from core.work import Work

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


def content(document: Document) -> dict[str, Any]:
    """Everything the document says, with its lines, as plain values."""
    columns = type(document).__mapper__.columns
    kept = {c.key: plain(getattr(document, c.key)) for c in columns if c.key not in _SKIPPED}
    kept["lines"] = [{name: plain(getattr(line, name)) for name in LINE_OUTPUT} for line in document.lines]
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


def compare(
    work: Work, document: Document, left: int, right: int
) -> tuple[list[tuple[str, Any, Any]], list[tuple[dict[str, Any] | None, dict[str, Any] | None]]]:
    """Two revisions side by side: header fields that differ, and all lines in pairs (by line id).

    Fields the actor may not see are left out. Raises ``Unknown`` for a revision that was never made.
    """
    kept = editions(work, document)
    if left not in kept or right not in kept:
        raise Unknown()
    one, two = kept[left], kept[right]
    known, lines = faces(type(document)), faces(DocumentLine)
    header = [
        (name, one.get(name), two.get(name))
        for name, face in known.items()
        if work.sees(face.needs) and name in two and one.get(name) != two.get(name)
    ]
    hidden = {name for name, face in lines.items() if not work.sees(face.needs)}
    rows: dict[int, list[dict[str, Any] | None]] = {}
    for place, side in enumerate((one, two)):
        for row in side["lines"]:
            shown = {key: value for key, value in row.items() if key not in hidden}
            rows.setdefault(row["id"], [None, None])[place] = shown
    return header, [(pair[0], pair[1]) for pair in rows.values()]
