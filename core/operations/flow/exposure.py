"""What a customer's documents still come to: ordered and not invoiced, invoiced and not paid, from stored totals."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, or_, select

from core.documents.models import Document, DocumentLine
from core.documents.stage import Point, Stage
from core.documents.truths import Closure
from core.documents.workflow import Transition
from core.hooks.values import Exposure
from core.money import convert
from core.operations.flow import figures, routes
from core.text import _
from core.work import Work

_DOCUMENT: Any = Document.__table__
NONE = Decimal(0)


def shipped_of(document: Any) -> ColumnElement[Any]:
    """Of what is not invoiced yet of a document, what was delivered; in the database, of its table or type."""
    ahead = document.delivered - document.invoiced
    return case((ahead <= 0, 0), (ahead < document.uninvoiced, ahead), else_=document.uninvoiced)


_TOTALS = (
    select(
        *(_DOCUMENT.c[name] for name in ("kind", "exchange_rate")),
        *(func.sum(_DOCUMENT.c[name]) for name in ("uninvoiced", "unsettled", "delivered")),
        func.sum(shipped_of(_DOCUMENT.c), type_=_DOCUMENT.c.uninvoiced.type),
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
    """Of one kind, in the company's currency: not invoiced yet, and not paid (or, of a receipt, not used) yet.

    ``shipped`` is what of ``uninvoiced`` was delivered.
    """

    kind: str
    uninvoiced: Decimal
    unsettled: Decimal
    shipped: Decimal

    @property
    def ordered(self) -> Decimal:
        """What is neither delivered nor invoiced."""
        return self.uninvoiced - self.shipped


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
    rows: Any = work.connection.execute(
        _TOTALS if billed else _UNBILLED, {"company": work.company.id, "party": party_id}
    )
    for kind, rate, left, unsettled, delivered, shipped in rows:
        less = delivered if not billed and delivers else NONE
        old = found.get(kind, OpenTotal(kind, NONE, NONE, NONE))
        found[kind] = OpenTotal(
            kind,
            old.uninvoiced + max(convert(left - less, rate), NONE),
            old.unsettled + convert(unsettled, rate),
            old.shipped + (convert(shipped, rate) if billed else NONE),
        )
    return list(found.values())


def uninvoiced(work: Work, party_id: int, stage: Stage) -> Iterator[Exposure]:
    """What began in documents of ``stage`` and is not invoiced yet, by their types: not shipped, and shipped."""
    for total in open_totals(work, party_id):
        cls = work.types.documents.get(total.kind)
        if cls is None or cls.stage is not stage:
            continue
        if total.ordered:
            label = _("{types}, not shipped yet", types=cls.label_plural)
            yield Exposure(f"{total.kind}.ordered", label, total.ordered, 10, "ordered")
        if total.shipped:
            label = _("{types}, shipped and not invoiced", types=cls.label_plural)
            yield Exposure(f"{total.kind}.shipped", label, total.shipped, 20, "shipped")


def adds(work: Work, document: Document, move: Transition, *, without: Collection[str] = ()) -> Decimal:
    """By how much ``move`` would raise what the customer owes, in the company's currency; 0 when it is counted already.

    A document's lines count once, where they begin: an order's delivery and invoice add only what goes beyond it,
    within the tolerance. ``without``: what does not count before it is more than that, ``ordered`` or ``shipped``; then
    it counts when it is. Its lines need not be loaded: without them, what it says as a whole counts.
    """
    if not binds(work, type(document), move) or document.frame:
        return NONE
    left_out = frozenset(without) if routes.invoices(work) else frozenset({*without, "shipped"})
    if not document.lines:
        gross = NONE if _begins_as(work, document, move, None) in without else _unbound(work, document)
    else:
        lines = figures.unbound(document)
        gross = sum((x.gross for x in lines if _begins_as(work, document, move, x) not in without), NONE)
    if move.point in (Point.DELIVERY, Point.INVOICE):
        gross += _grown(work, document, move.point, left_out)
    return max(convert(gross, document.exchange_rate), NONE)


def _begins_as(work: Work, document: Document, move: Transition, line: DocumentLine | None) -> str:
    """As what a line counts that begins with this move: where nobody delivers it later, it is delivered at once."""
    if move.point is Point.INVOICE:
        return "invoiced"
    stage = document.stage or Stage.RECEIPT
    later = routes.entry(work, Stage.DELIVERY) if line is None else routes.goods(work, stage, line)
    return "ordered" if stage < Stage.DELIVERY and later is not None else "shipped"


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


def _grown(work: Work, document: Document, point: Point, without: Collection[str]) -> Decimal:
    """By how much more the customer would owe of what began elsewhere, if the document's lines counted."""
    lines = [line for line in document.lines if line.line_kind != "text" and line.origin_id is not None]
    if not lines:
        return NONE
    found = figures.read_ahead(work, {line.origin_id for line in lines if line.origin_id is not None})
    before = sum((_counted(one, without) for one in found.values()), NONE)
    for line in lines:
        figures.count(line, found[line.origin_id or line.id], point, back=line.base_quantity < 0)
    return sum((_counted(one, without) for one in found.values()), NONE) - before


def _counted(one: figures.Origin, without: Collection[str]) -> Decimal:
    """What a line makes the customer owe, less what does not count."""
    sign = -1 if one.gross < 0 else 1
    ahead = sign * (one.money(one.arrived) - one.invoiced_amount + one.credited_amount)
    shipped = sign * max(min(ahead, sign * one.due), NONE)
    parts = {"shipped": shipped, "ordered": one.due - shipped}
    return one.owed - sum((amount for part, amount in parts.items() if part in without), NONE)
