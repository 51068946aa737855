"""What comes back, and whether a delivered product is in warranty."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine, Point, Stage
from core.documents.access import rows as reachable
from core.documents.kinds import area_of
from core.documents.models import DocumentLink
from core.entities.item import Item
from core.hooks.values import Ref, WarrantyTerm
from core.operations.flow.routes import posted_states
from core.text import _
from core.work import Work
from plugins.aftersales.documents import Case, Return
from plugins.aftersales.settings import WARRANTY_MONTHS

MOST = 50
OPEN_CASES = ("requested", "confirmed", "filed", "handled", "reported")
ASKED = ("requested", "confirmed", "examined")
NONE = Decimal(0)
_QUANTITY = DocumentLine.base_quantity.type


# Returns -------------------------------------------------------------------------------------------------------------


def returns_of(work: Work, document: Document) -> Iterator[tuple[Any, ...]]:
    """The returns and exchanges of what ``document`` ordered or delivered, as rows of a panel; those in reach."""
    mine, line = aliased(DocumentLine), aliased(DocumentLine)
    statement = (
        select(
            Return.id,
            Return.number,
            Return.date,
            Return.state,
            Return.exchanged,
            line.name,
            func.sum(-line.quantity).label("quantity"),
        )
        .join(line, line.document_id == Return.id)
        .join(mine, and_(mine.document_id == document.id, func.coalesce(mine.origin_id, mine.id) == line.origin_id))
        .group_by(Return.id, Return.number, Return.date, Return.state, Return.exchanged, line.name)
        .order_by(Return.date, Return.id)
        .limit(MOST)
    )
    criterion = reachable(work, Return)
    for row in work.session.execute(statement if criterion is None else statement.where(criterion)):
        ref = Ref("aftersales.return", row.id, row.number or str(_("Draft {id}", id=row.id)))
        what = _("Exchange") if row.exchanged else _("Return")
        yield ref, what, row.date, row.name, row.quantity, Return.workflow.state(row.state).label


# Warranty ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Warranty:
    """One delivery of a product to a customer, and until when it is in warranty, that day included."""

    item_id: int | None
    name: str
    source: Ref | None
    begun: date | None
    until: date | None
    months: int

    def holds(self, day: date) -> bool:
        """Whether the product is in warranty on ``day``."""
        return self.until is not None and day <= self.until


@dataclass(frozen=True, slots=True)
class _Delivered:
    item_id: int
    name: str
    source: Ref
    begun: date
    line_id: int
    origin_id: int
    quantity: Decimal


def warranties(work: Work, case: Case) -> list[Warranty]:
    """The answer for each product of a request (AFS-08), the latest delivery first.

    What a contract says of it holds. Else it is counted from the day of delivery, by the product's months or the
    company's; without a delivery of ours, from the day on which the customer says he bought it. What came back is none.
    """
    items = {line.item_id: line.name for line in case.lines if line.item_id}
    if not items or case.party_id is None:
        return []
    rule = int(work.setting(WARRANTY_MONTHS))
    own = work.session.execute(select(Item.id, Item.warranty_months).where(Item.id.in_(items)))
    months = {row.id: rule if row.warranty_months is None else row.warranty_months for row in own}
    delivered = _delivered(work, case.party_id, items)
    terms = work.hooks.warranty_terms(sorted({row.origin_id for row in delivered}))
    found = [_answer(row, terms.get(row.origin_id), months[row.item_id]) for row in delivered]
    known = {one.item_id for one in found}
    for key, name in items.items():
        if key not in known:
            until = _until(case.bought_on, months[key]) if case.bought_on else None
            found.append(Warranty(key, name, None, case.bought_on, until, months[key]))
    return found


def _answer(row: _Delivered, term: WarrantyTerm | None, usual: int) -> Warranty:
    months = usual if term is None else term.months
    # Until all has come, or was accepted, the contract's own day is not known; it is no earlier than this.
    until = (term.until if term else None) or _until(row.begun, months)
    return Warranty(row.item_id, row.name, row.source, row.begun, until, months)


def _until(begun: date, months: int) -> date:
    """The last day of so many months that begin on ``begun``."""
    place = begun.month - 1 + months
    year, month = begun.year + place // 12, place % 12 + 1
    day = min(begun.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)


def _delivered(work: Work, party_id: int, items: Iterable[int]) -> list[_Delivered]:
    """What the customer was delivered of these products: by deliveries where they are kept, else by what began it."""
    wanted = set(items)
    found = _lines(work, party_id, wanted, _posted(work, Document))
    missing = wanted - {row.item_id for row in found}
    if missing:
        found += _lines(work, party_id, missing, DocumentLine.delivered > 0)
    back = _came_back(work, [row.line_id for row in found])
    return [row for row in found if back.get(row.line_id, NONE) < row.quantity]


def _came_back(work: Work, lines: Sequence[int]) -> dict[int, Decimal]:
    """How much of delivered lines has come back: with the receipt of what was asked back, or with its approval."""
    if not lines:
        return {}
    asked, stored = aliased(DocumentLink), aliased(DocumentLink)
    back, receipt = aliased(DocumentLine), aliased(Document)
    quantity = func.coalesce(stored.quantity, asked.quantity, type_=_QUANTITY)
    rows: Any = work.session.execute(
        select(asked.source_id, func.sum(quantity, type_=_QUANTITY))
        .join(back, and_(back.id == asked.target_id, back.base_quantity < 0))
        .outerjoin(stored, stored.source_id == back.id)
        .outerjoin(receipt, receipt.id == stored.target_document_id)
        .where(asked.source_id.in_(lines), or_(back.deemed, _posted(work, receipt, corrects=True)))
        .group_by(asked.source_id)
    )
    return dict(rows.all())


def _posted(work: Work, document: Any, *, corrects: bool = False) -> ColumnElement[bool]:
    """Documents by which goods have left, or have come back, whichever area keeps them."""
    kept = [
        and_(document.kind == kind, document.state.in_(posted_states(cls, frozenset({Point.DELIVERY}))))
        for kind, cls in sorted(work.types.documents.items())
        if cls.stage == Stage.DELIVERY and cls.corrects == corrects and area_of(kind) in work.areas
    ]
    return or_(false(), *kept)


def _lines(work: Work, party_id: int, items: set[int], criterion: ColumnElement[bool]) -> list[_Delivered]:
    """Delivered lines of which the customer still has something."""
    origin = aliased(DocumentLine)
    begun = func.coalesce(DocumentLine.origin_id, DocumentLine.id)
    rows: Any = work.session.execute(
        select(
            *(DocumentLine.item_id, DocumentLine.name, DocumentLine.base_quantity, DocumentLine.id.label("line_id")),
            *(Document.id, Document.kind, Document.number, Document.date),
            origin.id.label("origin_id"),
        )
        .join(Document, Document.id == DocumentLine.document_id)
        .join(origin, origin.id == begun)
        .where(
            Document.party_id == party_id,
            DocumentLine.item_id.in_(items),
            DocumentLine.base_quantity > 0,
            origin.delivered > origin.returned,
            criterion,
        )
        .order_by(Document.date.desc(), Document.id.desc(), DocumentLine.position)
        .limit(MOST)
    )
    return [
        _Delivered(
            item_id=r.item_id,
            name=r.name,
            source=Ref(r.kind, r.id, r.number or str(r.id)),
            begun=r.date,
            line_id=r.line_id,
            origin_id=r.origin_id,
            quantity=r.base_quantity,
        )
        for r in rows
    ]
