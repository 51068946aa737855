"""Deliveries of the demonstration: an opening stock, and goods that leave, arrive, are signed for, or come short."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select

from core.demonstration.companies import Demonstration
from core.demonstration.desk import Desk
from core.documents.reading import load
from core.entities.item import Item
from core.operations import create, edit, flow, move
from core.roles import LOGISTICS, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, WAREHOUSE
from core.schemas import inputs
from core.work import Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.masters import Carrier, ShippingMethod, Warehouse

OPENING = 60  # the opening stock was counted so many working days after the first customer was entered
DELIVERIES = {"draft": (0, 2), "confirmed": (0, 2), "shipped": (2, 7), "signed": (1, 6)}
RECEIPTS = {"arrived": (0, 1), "inspected": (0, 1)}
RETURNS = {"received": (1, 3), "inspected": (0, 2)}
PART = 0.25  # so many deliveries leave in two parts
DRIVERS = (("鲁B·5K127", "王师傅", "16000000011"), ("鲁B·8M906", "李师傅", "16000000012"))
SIGNERS = ("仓库 孙师傅", "项目部 陈工", "采购 刘经理", "门卫代收")
WRONG = (
    ("short", "少一箱，装卸时遗漏", "make_up"),
    ("damaged", "外箱破损，两件受潮", "exchange"),
    ("defective", "抽检三件不合格", "return"),
)


def season(demo: Demonstration) -> None:
    """A counted opening stock of everything that is sold."""
    who, day = demo.holders(WAREHOUSE.key)[0], demo.days[OPENING]
    receipt = demo.run(who, day, partial(_opening, demo.chance("stock")))
    demo.run(who, day, lambda w: move.move(w, StockIn, receipt, "inspect", values={"finding": "good"}), hour=11)
    demo.run(who, day, lambda w: move.move(w, StockIn, receipt, "store"), hour=12)


def _opening(random: Random, work: Work) -> int:
    """Enough of nearly everything; a few products are short."""
    goods = list(work.session.scalars(select(Item).where(Item.item_kind == "goods").order_by(Item.code)))
    lines = [{"item_id": item.id, "quantity": Decimal(random.choice((3, 800, 2500, 6000, 9000)))} for item in goods]
    return create.write(work, StockIn, {"stock_kind": "opening", "subject": "期初库存"}, lines).id


def workday(desk: Desk) -> None:
    """Store what was made, put deliveries together, and see what became of those on their way."""
    keeper = desk.somebody(WAREHOUSE.key)
    for row in desk.ready(StockIn, RECEIPTS):
        if row.state == "arrived":
            desk.go(keeper, StockIn, row.id, "inspect", {"finding": "good"})
        else:
            desk.go(keeper, StockIn, row.id, "store", hour=11)
    for key, rows in desk.waiting(Delivery, 0, 3):
        if desk.left > 1 or key % 2:
            clerk = desk.somebody(SALES_CLERK.key, SALES_MANAGER.key)
            desk.do(clerk, lambda work, k=key, r=rows: _draft(desk, work, k, r), hour=14)  # type: ignore[misc]  # the defaults bind the loop's values
    for row in desk.ready(Delivery, DELIVERIES):
        _delivery(desk, row)
    for row in desk.ready(ReturnReceipt, RETURNS):
        _returned(desk, row, keeper)


def _draft(desk: Desk, work: Work, source: int, rows: list[Any]) -> None:
    random = desk.chance("parts", source)
    part = random.random() < PART and (source, "part") not in desk.since
    desk.since.setdefault((source, "part"), desk.place)
    lines = [(row.line_id, (row.left / 2).to_integral_value(ROUND_FLOOR) or None if part else None) for row in rows]
    flow.take(work, Delivery, lines, **_way(work, random))


def _way(work: Work, random: Random) -> dict[str, Any]:
    kinds = work.session.execute(select(ShippingMethod.way, ShippingMethod.id))
    methods: dict[str, int] = {row.way: row.id for row in kinds}
    carriers = list(work.session.scalars(select(Carrier.id).where(Carrier.approved, Carrier.active)))
    if random.random() < 0.4 or not carriers:
        return {"method_id": methods[random.choice(("own", "pickup"))]}
    return {"method_id": methods["carrier"], "carrier_id": random.choice(carriers)}


def _delivery(desk: Desk, row: Any) -> None:
    random, keeper = desk.chance("delivery", row.id), desk.somebody(LOGISTICS.key, WAREHOUSE.key)
    seller = desk.login(row.owner_id)
    match row.state:
        case "draft":
            _confirm(desk, row.id, random)
        case "confirmed":
            plate, driver, phone = random.choice(DRIVERS)
            road = {"plate": plate, "driver": driver, "driver_phone": phone}
            if desk.go(keeper, Delivery, row.id, "ship", road, hour=15) and not _is_fetched(desk, row.id):
                told = {"told_way": random.choice(("wechat", "sms", "phone"))}
                desk.go(keeper, Delivery, row.id, "tell", told, hour=15.5)
        case "shipped" if random.random() < 0.93:
            found = ("complete", "", "") if random.random() < 0.85 else random.choice(WRONG)
            note = dict(zip(("received", "differences", "remedy"), found, strict=True))
            note |= {"signed_by": random.choice(SIGNERS), "signed_on": desk.today.isoformat()}
            who = seller if desk.demo.holders(REPRESENTATIVE.key) else keeper
            desk.go(who, Delivery, row.id, "sign", note)
        case "signed" if random.random() < 0.9:
            desk.go(seller, Delivery, row.id, "accept", hour=16)


def _is_fetched(desk: Desk, key: int) -> bool:
    """Whether the customer fetches the goods, and need not be told that they leave."""
    fetched = select(Delivery.id).join(ShippingMethod, ShippingMethod.id == Delivery.method_id)
    statement = fetched.where(Delivery.id == key, ShippingMethod.way == "pickup")
    return desk.look(lambda work: work.session.scalars(statement).first()) is not None


def _confirm(desk: Desk, key: int, random: Random) -> None:
    """Say how the goods travel, where a draft does not, and have it confirmed."""
    clerk = desk.somebody(SALES_CLERK.key, SALES_MANAGER.key)

    def travels(work: Work) -> None:
        delivery = load(work, Delivery, key)
        if delivery.method_id is None:
            given = {name: str(value) for name, value in _way(work, random).items()}
            edit.edit(work, Delivery, key, inputs.read(Delivery, given, partial=True))

    desk.do(clerk, travels)
    desk.go(clerk, Delivery, key, "confirm", hour=11)


def _returned(desk: Desk, row: Any, keeper: str) -> None:
    if row.state == "inspected":
        desk.go(keeper, ReturnReceipt, row.id, "store", hour=11)
        return
    bad = desk.chance("returned", row.id).random() < 0.5
    warehouses = desk.look(
        lambda work: list(
            work.session.scalars(select(Warehouse.id).where(Warehouse.sellable.is_(not bad)).order_by(Warehouse.id))
        )
    )
    if warehouses:
        found = {"disposal": "defective" if bad else "stock", "finding": "外观划伤" if bad else "完好，可再销售"}
        desk.go(keeper, ReturnReceipt, row.id, "inspect", found | {"warehouse_id": str(warehouses[0])})
