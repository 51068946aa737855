"""What deliveries and receipts do to the stock, and what a company begins with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.documents import Document
from core.errors import Conflict, DomainError
from core.operations import balances, masters
from core.text import CHINESE, _, shown, speaking
from core.work import Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.documents.goods import Goods, forget, load_of
from plugins.logistics.masters import ShippingMethod, Stock, Warehouse
from plugins.logistics.masters.carriers import WAYS
from plugins.logistics.masters.warehouses import USUAL
from plugins.logistics.settings import NEGATIVE_STOCK

Change = Callable[[Goods], Mapping[str, Decimal]]
KEPT = frozenset({"stock", "defective"})


def reserve(work: Work, delivery: Delivery) -> None:
    """Promise the goods of a delivery to it; raises ``Conflict`` naming what is short."""
    _change(work, delivery, lambda goods: {"reserved": goods.unit_quantity})


def unreserve(work: Work, delivery: Delivery) -> None:
    """Give back what was promised to a delivery that does not leave."""
    _change(work, delivery, lambda goods: {"reserved": -goods.unit_quantity})


def take_out(work: Work, delivery: Delivery) -> None:
    """The goods have left, and what was promised with them; raises ``Conflict`` naming what is short."""
    _change(work, delivery, lambda goods: {"on_hand": -goods.unit_quantity, "reserved": -goods.unit_quantity})


def put_in(work: Work, receipt: StockIn) -> None:
    """The goods lie in the warehouse; raises ``Conflict`` where a stock-taking would leave less than nothing."""
    _change(work, receipt, lambda goods: {"on_hand": goods.unit_quantity})


def put_back(work: Work, receipt: ReturnReceipt) -> None:
    """What came back lies in the warehouse again, for sale or apart; what is scrapped or sent on does not."""
    if receipt.disposal in KEPT:
        _change(work, receipt, lambda goods: {"on_hand": -goods.unit_quantity})


def _change(work: Work, document: Delivery | StockIn | ReturnReceipt, change: Change) -> None:
    """Add to the stock what the document's goods make of it, all of them or none."""
    goods = load_of(work, document).goods
    if document.warehouse_id is None or not goods:
        return
    place = document.warehouse_id

    def short(failing: Mapping[tuple[int, int], Any]) -> DomainError:
        named = [f"{goods[item].name} {shown(abs(goods[item].unit_quantity))}" for _place, item in failing]
        return Conflict(_("Not enough in the warehouse: {lines}", lines=named[:5]), code="logistics.short")

    least = None if work.setting(NEGATIVE_STOCK) else 0
    wanted = {(place, key): change(one) for key, one in goods.items()}
    balances.add(work, Stock, wanted, least=least, short=short)
    forget(work)


MOVES: Mapping[tuple[type[Document], str], Callable[[Work, Any], None]] = {
    (Delivery, "confirm"): reserve,
    (Delivery, "correct"): unreserve,
    (Delivery, "stop"): unreserve,
    (Delivery, "ship"): take_out,
    (StockIn, "store"): put_in,
    (ReturnReceipt, "store"): put_back,
}


def follow(work: Work, document: Document, move: str) -> None:
    """Let the stock follow a move of one of this area's documents."""
    act = MOVES.get((type(document), move))
    if act is not None:
        act(work, document)


def begin(work: Work) -> None:
    """What a company begins with, in its own language: one warehouse, and the ways of shipping."""
    with speaking(work.company.language or CHINESE):
        if work.session.scalars(select(Warehouse.id).limit(1)).first() is None:
            first = {"code": USUAL, "name": str(_("Main warehouse")), "is_usual": True}
            masters.write(work, Warehouse, {**first, "name_en": "Main warehouse"})
        if work.session.scalars(select(ShippingMethod.id).limit(1)).first() is None:
            for way, label in WAYS:
                values = {"code": way.upper(), "name": str(label), "name_en": label.message, "way": way}
                masters.write(work, ShippingMethod, values)
