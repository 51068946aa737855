"""Does the stock still hold? On hand is the sum of what came in and left, reserved of what waits to be shipped."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core.documents import Document, DocumentLine
from core.entities.item import Item
from core.records.verify import Finding
from core.text import _
from core.work import Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.masters import Stock, Warehouse
from plugins.logistics.services import KEPT

Key = tuple[int, int]
GONE = ("shipped", "signed", "accepted")


def verify_stock(work: Work) -> Iterator[Finding]:
    """On hand is the sum of all posted lines, reserved that of all deliveries that wait to be shipped (LOG-09)."""
    on_hand = _moved(work)
    reserved = _summed(work, Delivery, ("confirmed",))
    kept = {
        (row.warehouse_id, row.item_id): (row.on_hand, row.reserved)
        for row in work.session.execute(select(Stock.warehouse_id, Stock.item_id, Stock.on_hand, Stock.reserved))
    }
    zero = Decimal(0)
    for key in sorted({*on_hand, *reserved, *kept}):
        has, promised = kept.get(key, (zero, zero))
        if has != on_hand.get(key, zero):
            text = _("On hand is {figure}, the sum of its documents {sum}.", figure=has, sum=on_hand.get(key, zero))
            yield Finding("stock.on_hand", _name(work, key), text)
        if promised != reserved.get(key, zero):
            sums = reserved.get(key, zero)
            text = _("Reserved is {figure}, the sum of its deliveries {sum}.", figure=promised, sum=sums)
            yield Finding("stock.reserved", _name(work, key), text)


def _moved(work: Work) -> Mapping[Key, Decimal]:
    """What came in, less what left, plus what came back; what comes back has negative lines."""
    total: dict[Key, Decimal] = defaultdict(Decimal)
    for sign, found in (
        (1, _summed(work, StockIn, ("stored",))),
        (-1, _summed(work, Delivery, GONE)),
        (-1, _summed(work, ReturnReceipt, ("stored",), ReturnReceipt.disposal.in_(KEPT))),
    ):
        for key, quantity in found.items():
            total[key] += sign * quantity
    return total


def _summed(work: Work, cls: Any, states: tuple[str, ...], *further: Any) -> dict[Key, Decimal]:
    """The quantities of all goods in documents of ``cls`` in ``states``, by warehouse and product."""
    rows: Any = work.session.execute(
        select(cls.warehouse_id, DocumentLine.item_id, func.sum(DocumentLine.base_quantity).label("quantity"))
        .join(DocumentLine, DocumentLine.document_id == cls.id)
        .where(
            Document.state.in_(states),
            cls.warehouse_id.is_not(None),
            DocumentLine.item_id.is_not(None),
            DocumentLine.line_kind == "item",
            *further,
        )
        .group_by(cls.warehouse_id, DocumentLine.item_id)
    )
    return {(row.warehouse_id, row.item_id): row.quantity for row in rows}


def _name(work: Work, key: Key) -> str:
    warehouse = work.session.scalars(select(Warehouse.name).where(Warehouse.id == key[0])).first()
    item = work.session.execute(select(Item.code, Item.name).where(Item.id == key[1])).first()
    return f"{warehouse}: {item.code} {item.name}" if item else str(warehouse)


CHECKS = (verify_stock,)
