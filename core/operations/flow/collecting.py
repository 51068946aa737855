"""What was received for the documents where lines began, kept on their headers for ledgers and checks.

It changes with settlements, and with milestones, which receive for themselves. At the end of such a work it is told
anew, as ``core.documents.received`` reckons it, for the documents that may have changed; these stand locked by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from sqlalchemy import Select, bindparam, func, literal, select, union_all, update

from core.db.among import among
from core.documents.models import Claim, Document, DocumentLine
from core.documents.received import reckoned
from core.operations.ledger import PLACE
from core.records.verify import unhurried
from core.work import Work

_HEADER: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_CLAIM: Any = Claim.__table__
_ORIGIN: Any = _LINE.alias("origin")
_DRAWN: Any = _LINE.alias("drawn")
_KEPT = "collecting"
_COMPANY: Any = bindparam("_company")
_KEYS: Any = bindparam("_documents", expanding=True)


def _began(drawn: Any) -> Select[Any]:
    """The documents where the lines of these documents began."""
    return (
        select(_ORIGIN.c.document_id)
        .join(_LINE, (_LINE.c.origin_id == _ORIGIN.c.id) & (_LINE.c.company_id == _ORIGIN.c.company_id))
        .where(_LINE.c.company_id == _COMPANY, _LINE.c.document_id.in_(drawn))
    )


# To be locked before money moves, beside what it moves between: where the lines of both began.
BEHIND_CLAIMS = _began(
    select(_CLAIM.c.document_id).where(
        _CLAIM.c.company_id == _COMPANY, _CLAIM.c.id.in_(bindparam("_claims", expanding=True))
    )
)
BEHIND = _began([bindparam("_key")])
# Documents, with those where their lines began.
CHANGED = union_all(
    select(_HEADER.c.id).where(_HEADER.c.company_id == _COMPANY, _HEADER.c.id.in_(_KEYS)), _began(_KEYS)
)
_DRAWING = (
    select(_DRAWN.c.document_id)
    .join(_ORIGIN, (_ORIGIN.c.id == _DRAWN.c.origin_id) & (_ORIGIN.c.company_id == _DRAWN.c.company_id))
    .where(_ORIGIN.c.company_id == _COMPANY, _ORIGIN.c.document_id == bindparam("_key"))
    .distinct()
)
_WRITE = (
    update(_HEADER)
    .where(_HEADER.c.company_id == _COMPANY, _HEADER.c.id == bindparam("_id"))
    .values(collected=bindparam("_collected", type_=_HEADER.c.collected.type))
)


def changed(work: Work, document_ids: Iterable[int]) -> None:
    """Money moves between these documents: what was received where their lines began follows at the end of the work."""
    kept: set[int] | None = work.kept.get(_KEPT)
    if kept is None:
        kept = work.kept[_KEPT] = set()
        work.at_end(PLACE + 1, partial(_follow, work, kept))
    kept.update(document_ids)


def planned(work: Work, document: Document) -> None:
    """Milestones of a document were made or dropped: money falls otherwise on it, and on what shares its invoices."""
    if any(line.invoiced_amount for line in document.lines):
        asked = {"_company": work.company.id, "_key": document.id}
        changed(work, {document.id, *work.connection.scalars(_DRAWING, asked)})


def reckon(work: Work) -> int:
    """Reckon what earlier releases have not kept, in the whole company; gives back for how many documents."""
    unhurried(work)
    return _write(work, select(Document.id, reckoned(work).label("told")).where(Document.collected.is_(None)))


def _follow(work: Work, keys: set[int]) -> None:
    told = reckoned(work)
    noted = func.coalesce(Document.collected, literal(-1))
    statement = select(Document.id, told.label("told")).where(among(Document.id, CHANGED), noted != told)
    _write(work, statement, _company=work.company.id, _documents=sorted(keys))


def _write(work: Work, statement: Select[Any], **asked: Any) -> int:
    rows = work.session.execute(statement.order_by(Document.id), asked).all()
    if rows:
        values = [{"_company": work.company.id, "_id": row.id, "_collected": row.told} for row in rows]
        work.connection.execute(_WRITE, values)
    return len(rows)
