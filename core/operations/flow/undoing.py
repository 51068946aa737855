"""Undo a release: untouched drafts go, touched documents are named, and nothing is open any more."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select

from core.documents.models import Document, DocumentLink, OpenLine
from core.documents.reading import find
from core.documents.truths import Closure
from core.errors import Conflict
from core.operations.discard import remove, untouched
from core.operations.flow import figures
from core.operations.flow.closing import name
from core.text import _
from core.work import Work

_OPEN: Any = OpenLine.__table__
_LINK: Any = DocumentLink.__table__
_HEADER: Any = Document.__table__


def undo(work: Work, document: Document, *, reason: str) -> None:
    """Take back what ``document`` released. Raises ``Conflict`` naming the documents that somebody works on already."""
    drafts, touched = [], []
    for row in followers(work, document):
        target = find(work, work.types.document(row.kind), row.id, lock=True)
        if target is None or row.closure == Closure.CLOSED:
            continue
        if untouched(target) and target.version == 1:
            drafts.append(target)
        else:
            touched.append(name(work, row))
    if touched:
        raise Conflict(
            _("First cancel what was begun with it: {documents}", documents=touched[:5]), code="flow.touched"
        )
    for draft in drafts:
        remove(work, draft, reason=reason)
    mine = (_OPEN.c.company_id == work.company.id, _OPEN.c.document_id == document.id)
    if work.connection.execute(select(_OPEN.c.id).where(*mine, _OPEN.c.taken > 0).limit(1)).first():
        raise Conflict(_("Something was taken from it already."), code="flow.touched")
    work.connection.execute(delete(_OPEN).where(*mine))
    figures.undeem(work, document)


def followers(work: Work, document: Document) -> list[Any]:
    """The documents that have taken from this one."""
    return list(
        work.connection.execute(
            select(_HEADER.c.id, _HEADER.c.kind, _HEADER.c.number, _HEADER.c.state, _HEADER.c.closure)
            .distinct()
            .join(
                _LINK,
                (_LINK.c.target_document_id == _HEADER.c.id) & (_LINK.c.company_id == _HEADER.c.company_id),
            )
            .where(_LINK.c.company_id == work.company.id, _LINK.c.source_document_id == document.id)
            .order_by(_HEADER.c.id)
        )
    )


def released(work: Work, document: Document) -> bool:
    """Whether lines of the document are open, or were."""
    mine = (_OPEN.c.company_id == work.company.id, _OPEN.c.document_id == document.id)
    return work.connection.execute(select(_OPEN.c.id).where(*mine).limit(1)).first() is not None
