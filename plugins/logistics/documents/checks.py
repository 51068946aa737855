"""What stands against a delivery, a receipt into stock or a returned parcel: nothing in it, not ordered, not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.documents import Document, Stage
from core.documents.faces import faces
from core.documents.kinds import area_of
from core.errors import Objection, Strength
from core.text import _, shown
from core.work import Work
from plugins.logistics.documents.goods import Goods, load_of
from plugins.logistics.masters import Carrier, ShippingMethod
from plugins.logistics.settings import NEGATIVE_STOCK

if TYPE_CHECKING:
    from plugins.logistics.documents.delivery import Delivery
    from plugins.logistics.documents.return_receipt import ReturnReceipt
    from plugins.logistics.documents.stock_in import StockIn

MOST_NAMED = 5
CARRIED = frozenset({"carrier", "express"})


def names_goods(work: Work, document: Document) -> Iterator[Objection]:
    """A document without goods moves nothing."""
    if not load_of(work, document).count:
        yield Objection("logistics.empty", _("It names no goods yet."))


def has_warehouse(work: Work, document: Delivery | StockIn) -> Iterator[Objection]:
    """Goods leave a warehouse or come into one."""
    if document.warehouse_id is None:
        yield Objection("logistics.warehouse", _("Choose the warehouse first."))


def is_ordered(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """Where orders are kept, only what was ordered is delivered for money; the rest is given away (LOG-05)."""
    strays = load_of(work, delivery).strays
    if strays and uses_orders(work):
        text = _("Not ordered, and not free of charge: {lines}", lines=_some(strays))
        yield Objection("logistics.not_ordered", text)
    if -1 in load_of(work, delivery).signs:
        yield Objection("logistics.negative", _("What comes back is a return receipt, not a delivery."))


def uses_orders(work: Work) -> bool:
    """Whether any area that the company uses keeps orders."""
    return any(cls.stage == Stage.ORDER and area_of(kind) in work.areas for kind, cls in work.types.documents.items())


def ways_are_usable(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """Only carriers on the approved list are given goods, and who is to carry them is named (LOG-04)."""
    way, carrier = _ways(work, delivery)
    if way in CARRIED and carrier is None:
        yield Objection("logistics.carrier_missing", _("Choose the carrier first."))
    if carrier is not None and not (carrier.approved and carrier.active):
        yield Objection("logistics.carrier", _("{name} is not on the approved list of carriers.", name=carrier.name))


def somebody_waits(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """Who fetches the goods need not be told that they left (LOG-04)."""
    if way_of(work, delivery) == "pickup":
        yield Objection("logistics.pickup", _("The customer fetches the goods."))


def way_of(work: Work, delivery: Delivery) -> str:
    """How the goods travel: pickup, own, carrier, express, or nothing where it is not said."""
    return str(_ways(work, delivery)[0])


def _ways(work: Work, delivery: Delivery) -> tuple[str, Any]:
    kept: dict[Any, tuple[str, Any]] = work.kept.setdefault("logistics.ways", {})
    key = (delivery.id, delivery.edition)
    if key not in kept:
        way, carrier = "", None
        if delivery.method_id is not None:
            found = work.session.scalars(select(ShippingMethod.way).where(ShippingMethod.id == delivery.method_id))
            way = found.first() or ""
        if delivery.carrier_id is not None:
            columns = (Carrier.name, Carrier.approved, Carrier.active)
            carrier = work.session.execute(select(*columns).where(Carrier.id == delivery.carrier_id)).first()
        kept[key] = way, carrier
    return kept[key]


def is_in_stock(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """What is promised to nobody else is enough for it, unless the company ships more than it has (LOG-05)."""
    if not work.setting(NEGATIVE_STOCK):
        yield from _short((goods, goods.free) for goods in load_of(work, delivery).goods.values())


def is_on_hand(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """What was reserved is still there, unless the company ships more than it has (LOG-05)."""
    if not work.setting(NEGATIVE_STOCK):
        yield from _short((goods, goods.on_hand) for goods in load_of(work, delivery).goods.values())


def _short(there: Iterable[tuple[Goods, Decimal]]) -> Iterator[Objection]:
    short = [
        f"{goods.name} {shown(goods.unit_quantity)} > {shown(left)}"
        for goods, left in there
        if goods.unit_quantity > left
    ]
    if short:
        yield Objection("logistics.short", _("Not enough in the warehouse: {lines}", lines=_some(short)))


def nothing_is_wrong(work: Work, delivery: Delivery) -> Iterator[Objection]:
    """What came short or damaged is accepted only by somebody who has read it (LOG-10)."""
    if delivery.received not in ("", "complete"):
        said = faces(type(delivery))["received"].choice(delivery.received)
        done = faces(type(delivery))["remedy"].choice(delivery.remedy)
        text = _("It was received: {received}. Remedy: {remedy}.", received=said, remedy=done)
        yield Objection("logistics.differences", text, Strength.WARN)


def only_differences_fall(work: Work, receipt: StockIn) -> Iterator[Objection]:
    """Only a stock-taking finds less than the books say."""
    if receipt.stock_kind != "count" and -1 in load_of(work, receipt).signs:
        yield Objection("logistics.negative_receipt", _("Only a stock-taking may lower the stock."))


def all_comes_back(work: Work, receipt: ReturnReceipt) -> Iterator[Objection]:
    """A return receipt takes back, and nothing else; its quantities are negative."""
    if 1 in load_of(work, receipt).signs:
        yield Objection("logistics.positive", _("What comes back has a negative quantity."))


def goes_where_it_belongs(work: Work, receipt: ReturnReceipt) -> Iterator[Objection]:
    """Good goods go back where they are sold from, defective ones where they are not."""
    if receipt.disposal not in ("stock", "defective"):
        return
    if receipt.warehouse_id is None:
        yield Objection("logistics.warehouse", _("Choose the warehouse first."))
    elif load_of(work, receipt).sellable != (receipt.disposal == "stock"):
        text = _("The warehouse does not fit: goods for sale and defective goods are kept apart.")
        yield Objection("logistics.warehouse_kind", text)


def _some(names: Iterable[str]) -> list[str]:
    """The first few; a paper of two hundred lines is not named line by line."""
    named = list(names)
    return [*named[:MOST_NAMED], *(["…"] if len(named) > MOST_NAMED else [])]
