"""What a customer's documents still come to: ordered and not invoiced, invoiced and not paid, from stored totals."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from core.documents.models import Document, DocumentLine
from core.documents.stage import Point, Stage
from core.documents.truths import Closure
from core.documents.workflow import Transition
from core.money import convert
from core.operations.flow import figures, routes
from core.work import Work

_DOCUMENT: Any = Document.__table__


_TOTALS = (
    select(
        *(_DOCUMENT.c[name] for name in ("kind", "exchange_rate")),
        *(func.sum(_DOCUMENT.c[name]) for name in ("uninvoiced", "unsettled", "delivered")),
    )
    .where(
        _DOCUMENT.c.company_id == bindparam("company"),
        _DOCUMENT.c.party_id == bindparam("party"),
        or_(_DOCUMENT.c.uninvoiced > 0, _DOCUMENT.c.unsettled > 0),
    )
    .group_by(_DOCUMENT.c.kind, _DOCUMENT.c.exchange_rate)
    .order_by(_DOCUMENT.c.kind)
)
_UNBILLED = _TOTALS.where(_DOCUMENT.c.closure.in_((Closure.OPEN.value, Closure.SUSPENDED.value)))


@dataclass(frozen=True, slots=True)
class OpenTotal:
    """Of one kind, in the company's currency: not invoiced yet, and not paid (or, of a receipt, not used) yet."""

    kind: str
    uninvoiced: Decimal
    unsettled: Decimal


def open_totals(work: Work, party_id: int) -> list[OpenTotal]:
    """The stored open totals of a customer by kind, converted at each document's own rate; one statement per work.

    Where nobody makes invoices, what is delivered owes nothing any more.
    """
    known = work.kept.setdefault("open_totals", {})
    if party_id not in known:
        known[party_id] = _read(work, party_id)
    found: list[OpenTotal] = known[party_id]
    return found


def _read(work: Work, party_id: int) -> list[OpenTotal]:
    billed = routes.invoices(work)
    delivers = routes.entry(work, Stage.DELIVERY) is not None
    found: dict[str, OpenTotal] = {}
    asked = {"company": work.company.id, "party": party_id}
    for kind, rate, uninvoiced, unsettled, delivered in work.connection.execute(
        _TOTALS if billed else _UNBILLED, asked
    ):
        less = delivered if not billed and delivers else Decimal(0)
        old = found.get(kind, OpenTotal(kind, Decimal(0), Decimal(0)))
        found[kind] = OpenTotal(
            kind,
            old.uninvoiced + max(convert(uninvoiced - less, rate), Decimal(0)),
            old.unsettled + convert(unsettled, rate),
        )
    return list(found.values())


def adds(work: Work, document: Document, move: Transition) -> Decimal:
    """By how much ``move`` would raise what the customer owes, in the company's currency; 0 when it is counted already.

    A document's lines count once, where they begin: an order's delivery and invoice add only what goes beyond it,
    within the tolerance. Its lines need not be loaded: without them, what it says as a whole counts.
    """
    if not binds(work, type(document), move):
        return Decimal(0)
    lines = figures.unbound(document)
    gross = sum((line.gross for line in lines), Decimal(0)) if document.lines else _unbound(work, document)
    if move.point in (Point.DELIVERY, Point.INVOICE):
        gross += _beyond(work, document, move.point)
    return max(convert(gross, document.exchange_rate), Decimal(0))


def binds(work: Work, cls: type[Document], move: Transition) -> bool:
    """Whether ``move`` is one that makes lines that begin in a document of ``cls`` obligations.

    The customer accepts what was released, and so bound, before.
    """
    stage = cls.stage
    if stage is None or cls.corrects or not cls.takes or stage >= Stage.RECEIPT:
        return False
    if move.point in {Point.ORDER, Point.SUPPLY, Point.DELIVERY, Point.INVOICE}:
        return True
    return move.releases is True and move.point is not Point.ACCEPTANCE and routes.orders(work, stage) is None


def _unbound(work: Work, document: Document) -> Decimal:
    line: Any = DocumentLine.__table__
    total = work.connection.execute(
        select(func.sum(line.c.gross)).where(
            line.c.company_id == work.company.id,
            line.c.document_id == document.id,
            line.c.origin_id.is_(None),
            line.c.ceiling.is_(None),
            line.c.line_kind != "text",
        )
    ).scalar()
    return total or Decimal(0)


def _beyond(work: Work, document: Document, point: Point) -> Decimal:
    """By how much more the customer would owe of what began elsewhere, if these lines counted: for what is too much."""
    lines = [line for line in document.lines if line.line_kind != "text" and line.origin_id is not None]
    if not lines:
        return Decimal(0)
    found = figures.read_ahead(work, {line.origin_id for line in lines if line.origin_id is not None})
    before = sum((one.owed for one in found.values()), Decimal(0))
    for line in lines:
        figures.count(line, found[line.origin_id or line.id], point, back=line.base_quantity < 0)
    return sum((one.owed for one in found.values()), Decimal(0)) - before
