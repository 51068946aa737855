"""Discard: take back a draft that was never submitted nor numbered; what it had taken is open again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, literal, update

from core.db.types import Instant
from core.documents.faces import own_columns
from core.documents.models import Document, DocumentLine
from core.documents.reading import load
from core.documents.truths import Approval
from core.errors import Conflict
from core.operations import parts
from core.operations.create import line_values
from core.operations.flow.taking import give_back
from core.operations.guards import check_version
from core.operations.ledger import Entry, ledger
from core.records.files import Attachment
from core.records.guidance import Guidance
from core.schemas.inputs import sentence
from core.search.models import SearchEntry
from core.text import _
from core.work import Work

_LINE: Any = DocumentLine.__table__
_FILE: Any = Attachment.__table__


def discard(work: Work, cls: type[Document], key: int, *, version: int | None = None, reason: str = "") -> None:
    """Take back a draft that was never submitted nor numbered; its content stays in the history.

    Raises ``Conflict`` for any other document: those are cancelled, never deleted.
    """
    document = load(work, cls, key, "edit", lock=True)
    check_version(document, version)
    if not untouched(document):
        raise Conflict(_("Only a draft without a number can be discarded; cancel it instead."), code="document.kept")
    remove(work, document, reason=sentence(reason, "reason"))


def untouched(document: Document) -> bool:
    """Whether nobody has submitted, numbered or moved the draft."""
    first = document.workflow.initial
    asked = document.submitted_by or document.approval != Approval.NONE
    return not (document.number or asked or document.state != first or document.revision > 1)


def begun_only(document: Document) -> bool:
    """As ``untouched``, whether or not it has its number from the beginning; never one of a series without gaps."""
    cls = type(document)
    first = cls.workflow.initial
    asked = document.submitted_by or document.approval != Approval.NONE
    kept = document.number and (cls.strict or any(move.numbers for move in cls.workflow.transitions))
    return not (kept or asked or document.state != first or document.revision > 1)


def remove(work: Work, document: Document, *, reason: str) -> None:
    """Take a draft away; its content stays in the history. Its lines and parts must be loaded."""
    cls, key = type(document), document.id
    give_back(work, document, forget=True)
    book = ledger(work)
    content = {c.key: getattr(document, c.key) for c in cls.__mapper__.columns if c.key not in {"head", "uid"}}
    entry = Entry(
        "discard",
        {
            "content": [content, None],
            "lines": [[line_values(x) for x in document.lines], None],
            **{name: [rows, None] for name, rows in parts.snapshot(document).items()},
        },
        reason=reason,
    )
    kind = str(cls.__mapper__.polymorphic_identity)
    book.record(kind, key, entry, document.head)
    found: Any = SearchEntry.__table__
    work.connection.execute(delete(_LINE).where(_LINE.c.company_id == work.company.id, _LINE.c.document_id == key))
    work.connection.execute(
        delete(found).where(found.c.company_id == work.company.id, found.c.kind == kind, found.c.record_id == key)
    )
    # What hung on it is taken off with it: who attached it, and its content, stay.
    work.connection.execute(
        update(_FILE)
        .where(_FILE.c.company_id == work.company.id, _FILE.c.document_id == key)
        .values(
            document_id=None,
            removed_at=func.coalesce(_FILE.c.removed_at, literal(work.now, Instant)),
            removed_by=func.coalesce(_FILE.c.removed_by, work.actor_id),
        )
    )
    parts.remove(work, document)
    # What was said on it stands in its history.
    said: Any = Guidance.__table__
    work.connection.execute(delete(said).where(said.c.company_id == work.company.id, said.c.document_id == key))
    if own_columns(cls):
        own: Any = cls.__mapper__.local_table
        work.connection.execute(delete(own).where(own.c.company_id == work.company.id, own.c.id == key))
    header: Any = Document.__table__
    work.connection.execute(delete(header).where(header.c.company_id == work.company.id, header.c.id == key))
