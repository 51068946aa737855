"""What a document moves: the quantity of each product in its own unit, and how it lies in its warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, select

from core.documents import Document, DocumentLine
from core.work import Work
from plugins.logistics.masters import Stock, Warehouse

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Goods:
    """One product of a document: how much of it, with its sign, and what its warehouse has."""

    item_id: int
    name: str
    unit_quantity: Decimal
    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What is neither gone nor promised."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Load:
    """All goods of a document, what its lines are, and whether its goods may be sold from the warehouse."""

    goods: Mapping[int, Goods]
    count: int
    strays: tuple[str, ...]
    signs: frozenset[int]
    sellable: bool | None


def load_of(work: Work, document: Document) -> Load:
    """What a document moves; one statement for each edition of it."""
    kept: dict[Any, Load] = work.kept.setdefault("logistics.load", {})
    warehouse_id: int | None = document.warehouse_id  # type: ignore[attr-defined]  # every document of this area has one
    key = (document.id, document.edition, warehouse_id)
    if key not in kept:
        kept[key] = _read(work, document.id, warehouse_id)
    return kept[key]


def changed(work: Work, warehouse_id: int, figures: Mapping[tuple[int, int], Mapping[str, Decimal]]) -> None:
    """What of the stock has changed in this work: the new figures by warehouse and product."""
    kept: dict[Any, Load] = work.kept.get("logistics.load", {})
    for key, load in kept.items():
        if key[-1] == warehouse_id:
            goods = dict(load.goods)
            for item, one in load.goods.items():
                if now := figures.get((warehouse_id, item)):
                    goods[item] = replace(one, on_hand=now["on_hand"], reserved=now["reserved"])
            kept[key] = replace(load, goods=goods)


def _read(work: Work, document_id: int, warehouse_id: int | None) -> Load:
    rows: Any = work.session.execute(_LINES, {"document": document_id, "warehouse": warehouse_id}).all()
    goods: dict[int, Goods] = {}
    for row in rows:
        if row.item_id is None or row.line_kind != "item":
            continue
        before = goods.get(row.item_id)
        quantity = row.base_quantity + (before.unit_quantity if before else ZERO)
        goods[row.item_id] = Goods(row.item_id, row.name, quantity, row.on_hand or ZERO, row.reserved or ZERO)
    return Load(
        goods,
        sum(1 for row in rows if row.base_quantity),
        tuple(row.name for row in rows if row.origin_id is None and row.gross),
        frozenset((row.base_quantity > 0) - (row.base_quantity < 0) for row in rows),
        next((row.sellable for row in rows), None),
    )


_LINES = (
    select(
        DocumentLine.item_id,
        DocumentLine.name,
        DocumentLine.line_kind,
        DocumentLine.base_quantity,
        DocumentLine.gross,
        DocumentLine.origin_id,
        Stock.on_hand,
        Stock.reserved,
        Warehouse.sellable,
    )
    .outerjoin(Stock, and_(Stock.item_id == DocumentLine.item_id, Stock.warehouse_id == bindparam("warehouse")))
    .outerjoin(Warehouse, Warehouse.id == bindparam("warehouse"))
    .where(DocumentLine.document_id == bindparam("document"), DocumentLine.line_kind != "text")
    .order_by(DocumentLine.position)
)
