"""What comes back, and whether a delivered product is in warranty."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine, Point, Stage
from core.documents.access import rows as reachable
from core.documents.kinds import area_of
from core.entities.item import Item
from core.hooks.values import Ref
from core.operations.flow.routes import posted_states
from core.text import _
from core.work import Work
from plugins.aftersales.documents import Case, Return
from plugins.aftersales.settings import WARRANTY_MONTHS

MOST = 50
OPEN_CASES = ("requested", "confirmed", "filed", "handled", "reported")
ASKED = ("requested", "confirmed", "examined")


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


def months_of(work: Work, attributes: Mapping[str, Any] | None) -> int:
    """For how many months a product is in warranty: its own attribute ``warranty_months``, else the company's rule."""
    own = (attributes or {}).get("warranty_months")
    if isinstance(own, int | str) and not isinstance(own, bool) and str(own).strip().isdecimal():
        return int(own)
    return int(work.setting(WARRANTY_MONTHS))


def warranties(work: Work, case: Case) -> list[Warranty]:
    """The answer for each product of a request (AFS-08), the latest delivery first.

    Counted from the day of delivery; without one of ours, from the day on which the customer says he bought it.
    """
    items = {line.item_id: line.name for line in case.lines if line.item_id}
    if not items or case.party_id is None:
        return []
    months = {
        row.id: months_of(work, row.attributes)
        for row in work.session.execute(select(Item.id, Item.attributes).where(Item.id.in_(items)))
    }
    found = [
        Warranty(
            row.item_id, row.name, row.source, row.begun, _until(row.begun, months[row.item_id]), months[row.item_id]
        )
        for row in _delivered(work, case.party_id, items)
    ]
    known = {one.item_id for one in found}
    for key, name in items.items():
        if key not in known:
            until = _until(case.bought_on, months[key]) if case.bought_on else None
            found.append(Warranty(key, name, None, case.bought_on, until, months[key]))
    return found


def _until(begun: date, months: int) -> date:
    """The last day of so many months that begin on ``begun``."""
    place = begun.month - 1 + months
    year, month = begun.year + place // 12, place % 12 + 1
    day = min(begun.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)


def _delivered(work: Work, party_id: int, items: Iterable[int]) -> list[_Delivered]:
    """What the customer was delivered of these products: by deliveries where they are kept, else by what began it."""
    wanted = set(items)
    found = _lines(work, party_id, wanted, _deliveries(work))
    missing = wanted - {row.item_id for row in found}
    if missing:
        found += _lines(work, party_id, missing, DocumentLine.delivered > 0)
    return found


def _deliveries(work: Work) -> ColumnElement[bool]:
    """Documents by which goods have left, whichever area keeps them."""
    kept = [
        and_(Document.kind == kind, Document.state.in_(posted_states(cls, frozenset({Point.DELIVERY}))))
        for kind, cls in sorted(work.types.documents.items())
        if cls.stage == Stage.DELIVERY and not cls.corrects and area_of(kind) in work.areas
    ]
    return or_(false(), *kept)


def _lines(work: Work, party_id: int, items: set[int], criterion: ColumnElement[bool]) -> list[_Delivered]:
    rows: Any = work.session.execute(
        select(DocumentLine.item_id, DocumentLine.name, Document.id, Document.kind, Document.number, Document.date)
        .join(Document, Document.id == DocumentLine.document_id)
        .where(
            Document.party_id == party_id,
            DocumentLine.item_id.in_(items),
            DocumentLine.base_quantity > 0,
            criterion,
        )
        .order_by(Document.date.desc(), Document.id.desc(), DocumentLine.position)
        .limit(MOST)
    )
    return [_Delivered(r.item_id, r.name, Ref(r.kind, r.id, r.number or str(r.id)), r.date) for r in rows]
