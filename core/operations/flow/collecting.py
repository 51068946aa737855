"""What was received for the documents where lines began, kept on their headers for ledgers and checks.

It changes with settlements, and with milestones, which receive for themselves. What meets a milestone, or an invoice
over one document alone, is added where it stands. What is spread over several, and what a red letter moves, is told
anew at the end of the work, as ``core.documents.received`` reckons it. The documents stand locked by then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, literal, select, union_all, update

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
_PLAN: Any = _CLAIM.alias("plan")
_KEPT = "collecting"
_COMPANY: Any = bindparam("_company")
_KEYS: Any = bindparam("_documents", expanding=True)


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a payment meets, or no longer, a claim of an invoice, a milestone of another document, or both."""

    amount: Decimal
    invoice_id: int | None
    planned_id: int | None


def _began(drawn: Any) -> Select[Any]:
    """The documents where the lines that ``drawn`` tells of began."""
    came = select(_LINE.c.origin_id).where(_LINE.c.company_id == _COMPANY, drawn)
    return select(_ORIGIN.c.document_id).where(_ORIGIN.c.company_id == _COMPANY, among(_ORIGIN.c.id, came))


# To be locked before money moves, beside what it moves between: where the lines of both began.
BEHIND_CLAIMS = _began(
    among(
        _LINE.c.document_id,
        select(_CLAIM.c.document_id).where(
            _CLAIM.c.company_id == _COMPANY, _CLAIM.c.id.in_(bindparam("_claims", expanding=True))
        ),
    )
)
BEHIND = _began(_LINE.c.document_id == bindparam("_key"))
# Documents, with those where their lines began.
CHANGED = union_all(
    select(_HEADER.c.id).where(_HEADER.c.company_id == _COMPANY, _HEADER.c.id.in_(_KEYS)),
    _began(_LINE.c.document_id.in_(_KEYS)),
)
_DRAWING = (
    select(_DRAWN.c.document_id)
    .join(_ORIGIN, (_ORIGIN.c.id == _DRAWN.c.origin_id) & (_ORIGIN.c.company_id == _DRAWN.c.company_id))
    .where(_ORIGIN.c.company_id == _COMPANY, _ORIGIN.c.document_id == bindparam("_key"))
    .distinct()
)
_BEGAN = func.coalesce(_ORIGIN.c.document_id, _LINE.c.document_id)
# Where the lines of these documents began, and whether there are milestones.
_BEGUN = (
    select(
        _LINE.c.document_id,
        _BEGAN.label("began"),
        exists()
        .where(_PLAN.c.company_id == _COMPANY, _PLAN.c.document_id == _BEGAN, _PLAN.c.claim_kind == "milestone")
        .label("planned"),
    )
    .outerjoin(_ORIGIN, (_ORIGIN.c.id == _LINE.c.origin_id) & (_ORIGIN.c.company_id == _LINE.c.company_id))
    .where(_LINE.c.company_id == _COMPANY, _LINE.c.document_id.in_(_KEYS), _LINE.c.line_kind != "text")
    .distinct()
)
_WRITE = (
    update(_HEADER)
    .where(_HEADER.c.company_id == _COMPANY, _HEADER.c.id == bindparam("_id"))
    .values(collected=bindparam("_collected", type_=_HEADER.c.collected.type))
)


def received(work: Work, payment: Document, parts: Sequence[Part]) -> dict[int, Decimal]:
    """By document what these parts of a payment, entered by now, add to what was received for it.

    What they add where it is told anew is not in it: that follows at the end of the work.
    """
    if type(payment).corrects:
        met = {key for one in parts for key in (one.invoice_id, one.planned_id) if key is not None}
        _later(work, {payment.id, *met})
        return {}
    found: dict[int, Decimal] = defaultdict(Decimal)
    alone = _alone(work, {one.invoice_id for one in parts if one.planned_id is None and one.invoice_id is not None})
    for one in parts:
        if one.planned_id is not None:
            found[one.planned_id] += one.amount
        elif one.invoice_id in alone:
            if (begun := alone[one.invoice_id]) is not None:
                found[begun] += one.amount
        elif one.invoice_id is not None:
            _later(work, [one.invoice_id])
    return found


def _alone(work: Work, invoice_ids: Collection[int]) -> dict[int, int | None]:
    """Of invoices over one document alone which it is; None where it has milestones of its own, or there is none."""
    if not invoice_ids:
        return {}
    asked = {"_company": work.company.id, "_documents": sorted(invoice_ids)}
    begun: dict[int, dict[int, bool]] = {key: {} for key in invoice_ids}
    for row in work.connection.execute(_BEGUN, asked):
        begun[row.document_id][row.began] = row.planned
    return {
        key: next((one for one, planned in found.items() if one != key and not planned), None)
        for key, found in begun.items()
        if len(found) <= 1
    }


def _later(work: Work, document_ids: Iterable[int]) -> None:
    """Let what was received where the lines of these documents began be told anew at the end of the work."""
    kept: set[int] | None = work.kept.get(_KEPT)
    if kept is None:
        kept = work.kept[_KEPT] = set()
        work.at_end(PLACE + 1, partial(_follow, work, kept))
    kept.update(document_ids)


def planned(work: Work, document: Document) -> None:
    """Milestones of a document were made or dropped: money falls otherwise on it, and on what shares its invoices."""
    if any(line.invoiced_amount for line in document.lines):
        asked = {"_company": work.company.id, "_key": document.id}
        _later(work, {document.id, *work.connection.scalars(_DRAWING, asked)})


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
