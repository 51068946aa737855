"""What deliveries and receipts do to the stock, what is there of a product, and what a company begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine
from core.documents.access import rows as reachable
from core.entities.party import Address
from core.errors import Conflict, DomainError
from core.hooks.values import Availability, Ref
from core.operations import balances, flow, masters
from core.text import CHINESE, _, shown, speaking
from core.work import Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.documents.goods import Goods, changed, load_of
from plugins.logistics.masters import ShippingMethod, Stock, Warehouse
from plugins.logistics.masters.carriers import WAYS
from plugins.logistics.masters.warehouses import USUAL, usual
from plugins.logistics.settings import DRAFTS, NEGATIVE_STOCK

Change = Callable[[Goods], Mapping[str, Decimal]]
KEPT = frozenset({"stock", "defective"})
COMING = ("arrived", "inspected")
MOST_SHOWN = 50
ZERO = Decimal(0)

# The stock -----------------------------------------------------------------------------------------------------------


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
    changed(work, place, balances.add(work, Stock, wanted, least=least, short=short))


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


def availability(work: Work, item_ids: Sequence[int]) -> dict[int, Availability]:
    """What is there of each product in the warehouses that goods are sold from; two statements."""
    there: Any = work.session.execute(
        select(Stock.item_id, func.sum(Stock.on_hand).label("on_hand"), func.sum(Stock.reserved).label("reserved"))
        .join(Warehouse, and_(Warehouse.id == Stock.warehouse_id, Warehouse.sellable))
        .where(Stock.item_id.in_(set(item_ids)))
        .group_by(Stock.item_id)
    ).all()
    coming: Any = work.session.execute(
        select(DocumentLine.item_id, func.sum(DocumentLine.base_quantity).label("expected"))
        .join(StockIn, and_(StockIn.id == DocumentLine.document_id, StockIn.state.in_(COMING)))
        .join(Warehouse, and_(Warehouse.id == StockIn.warehouse_id, Warehouse.sellable))
        .where(DocumentLine.item_id.in_(set(item_ids)))
        .group_by(DocumentLine.item_id)
    ).all()
    expected = {row.item_id: row.expected for row in coming}
    found = {row.item_id: Availability(row.on_hand, row.reserved, expected.pop(row.item_id, ZERO)) for row in there}
    return found | {key: Availability(ZERO, ZERO, quantity) for key, quantity in expected.items()}


# Documents -----------------------------------------------------------------------------------------------------------


def draft_of(work: Work, target: str, source: Document) -> None:
    """A draft of what ``source`` has just released, where this company wants one at once."""
    match target:
        case "logistics.delivery" if work.setting(DRAFTS):
            flow.take_apart(work, Delivery, source)
        case "logistics.stock_in":
            flow.take_from(work, StockIn, source, stock_kind="production")
        case "logistics.return_receipt":
            flow.take_from(work, ReturnReceipt, source)


def deliveries_of(work: Work, document: Document) -> Iterator[tuple[Any, ...]]:
    """The deliveries whose lines come from ``document``, as rows of a panel; those the actor may read."""
    origin = aliased(DocumentLine)
    statement = (
        select(
            Delivery.id,
            Delivery.number,
            Delivery.date,
            Delivery.state,
            Delivery.expected_on,
            Delivery.signed_on,
            Delivery.tracking,
            func.sum(DocumentLine.quantity).label("quantity"),
        )
        .join(DocumentLine, DocumentLine.document_id == Delivery.id)
        .join(origin, and_(origin.id == DocumentLine.origin_id, origin.document_id == document.id))
        .group_by(
            Delivery.id,
            Delivery.number,
            Delivery.date,
            Delivery.state,
            Delivery.expected_on,
            Delivery.signed_on,
            Delivery.tracking,
        )
        .order_by(Delivery.date, Delivery.id)
        .limit(MOST_SHOWN)
    )
    criterion = reachable(work, Delivery)
    for row in work.session.execute(statement if criterion is None else statement.where(criterion)):
        ref = Ref("logistics.delivery", row.id, row.number or str(_("Draft {id}", id=row.id)))
        state = Delivery.workflow.state(row.state).label
        yield ref, row.date, state, row.quantity, row.expected_on, row.signed_on, row.tracking


def usual_warehouse(work: Work) -> dict[str, Any]:
    """The warehouse that a new document begins with."""
    key = usual(work)
    return {} if key is None else {"warehouse_id": key}


def usual_address(work: Work, party_id: int | None) -> dict[str, Any]:
    """Where the customer's goods go: the usual one of its addresses for deliveries."""
    if party_id is None:
        return {}
    found = work.session.execute(_ADDRESS, {"party": party_id}).first()
    if found is None:
        return {}
    address = f"{found.region} {found.line}".strip() if found.region not in found.line else found.line
    return {"address": address[:400]}


_ADDRESS = (
    select(Address.region, Address.line, Address.contact, Address.phone)
    .where(Address.party_id == bindparam("party"), Address.address_kind == "delivery")
    .order_by(Address.is_default.desc(), Address.position, Address.id)
    .limit(1)
)

# The beginning -------------------------------------------------------------------------------------------------------


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
