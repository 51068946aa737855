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
        "collected",
    }
)


# Where a row stands is said beside, and is no content.
_PLACES = frozenset({"id", "position"})


class Pair(NamedTuple):
    """A row of both sides, without what the actor may not see: where it stands on each, and which values differ."""

    left: Content | None
    right: Content | None
    places: tuple[int | None, int | None]
    changed: tuple[str, ...]

    @property
    def status(self) -> str:
        """``added``, ``removed``, ``changed`` or ``same``; a row that only moved is the same."""
        if self.left is None or self.right is None:
            return "added" if self.left is None else "removed"
        return "changed" if self.changed else "same"


class Comparison(NamedTuple):
    """Two revisions: what the header says on both sides and which of it differs, and the rows of both in pairs."""

    header: list[tuple[str, Any, Any]]
    lines: list[Pair]
    parts: dict[str, list[Pair]]

    @property
    def changed(self) -> list[tuple[str, Any, Any]]:
        """Header fields that differ: name, left, right."""
        return [(name, left, right) for name, left, right in self.header if left != right]


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
    """Two revisions side by side, their rows in the order of the right one; what went stands where it stood.

    Fields the actor may not see are left out. Raises ``Unknown`` for a revision that was never made.
    """
    kept = editions(work, document)
    if left not in kept or right not in kept:
        raise Unknown()
    one, two = kept[left], kept[right]
    header = [
        (name, sight.told(work, face, one.get(name)), sight.told(work, face, two.get(name)))
        for name, face in sight.shown(work, type(document)).items()
        if name in one or name in two
    ]
    parts = {p.key: _pairs(work, p, one.get(p.key, ()), two.get(p.key, ())) for p in type(document).parts}
    return Comparison(header, _pairs(work, DocumentLine, one["lines"], two["lines"]), parts)


def _pairs(work: Work, cls: type[Base], left: Iterable[Content], right: Iterable[Content]) -> list[Pair]:
    """The rows of both sides by their id, without what the actor may not see."""
    known = faces(cls)
    hidden = known.keys() - sight.shown(work, cls).keys()

    def seen(row: Content) -> Content:
        return {key: sight.told(work, known.get(key), value) for key, value in row.items() if key not in hidden}

    one, two = ({row["id"]: (place, seen(row)) for place, row in enumerate(side, 1)} for side in (left, right))
    return [_pair(one.get(key), two.get(key)) for key in _order(list(one), list(two))]


def _order(left: list[int], right: list[int]) -> list[int]:
    """The rows of the right side in their order, each that went behind the one that stood before it."""
    found, stays = list(right), set(right)
    at = 0
    for key in left:
        if key in stays:
            at = found.index(key) + 1
        else:
            found.insert(at, key)
            at += 1
    return found


def _pair(left: tuple[int, Content] | None, right: tuple[int, Content] | None) -> Pair:
    one, two = left[1] if left else None, right[1] if right else None
    changed = () if one is None or two is None else tuple(n for n in {**one, **two} if one.get(n) != two.get(n))
    places = (left[0] if left else None, right[0] if right else None)
    return Pair(one, two, places, tuple(name for name in changed if name not in _PLACES))
