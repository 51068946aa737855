"""A season of deliveries for the demonstration: an opening stock, and goods that leave, arrive and are signed for."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from sqlalchemy import select

from core.demonstration.companies import Demonstration
from core.documents import Document
from core.entities.item import Item
from core.operations import create, flow, masters, move
from core.roles import SALES_CLERK
from core.work import Work
from plugins.logistics.documents import Delivery, StockIn
from plugins.logistics.masters import Carrier, ShippingMethod, Warehouse

MOST = 45
LEFT = 4  # so many of the latest orders wait for their delivery
OPENING = 40  # the opening stock was counted on this working day of the season
FATES = {"accepted": 60, "signed": 14, "shipped": 14, "confirmed": 8, "draft": 4}
CARRIERS = (
    ("DB", "德邦物流", "周经理", "全国专线"),
    ("AN", "安能物流", "吴经理", "华东、华北"),
    ("SF", "顺丰速运", "", "全国快递"),
)
DRIVERS = (("鲁B·5K127", "王师傅", "13800000011"), ("鲁B·8M906", "李师傅", "13800000012"))
SIGNERS = ("仓库 孙师傅", "项目部 陈工", "采购 刘经理", "门卫代收")


def season(demo: Demonstration) -> None:
    """Warehouses, carriers, and a counted opening stock of everything that is sold."""
    who = _clerk(demo)
    demo.run(who, demo.days[0], _places)
    day = demo.days[OPENING]
    receipt = demo.run(who, day, _opening)
    for name, values in (("inspect", {"finding": "good"}), ("store", {})):
        demo.run(who, day, partial(_move, StockIn, receipt, name, values), hour=11)


def ending(demo: Demonstration) -> None:
    """Deliver what waits, but for the latest orders, and let most of it arrive."""
    random = demo.chance("deliveries")
    left = max(1, round(LEFT * demo.scale))
    sources = _waiting(demo)[:-left][-max(6, int(MOST * demo.scale)) :]
    for source, released in sources:
        fate = random.choices(list(FATES), list(FATES.values()))[0]
        _deliver(demo, source, released, fate, random)


def _clerk(demo: Demonstration) -> str:
    return next(iter(demo.holders(SALES_CLERK.key)), "system")


def _places(work: Work) -> None:
    for code, name, contact, routes in CARRIERS:
        values = {"code": code, "name": name, "contact_name": contact, "routes": routes, "approved": True}
        masters.write(work, Carrier, {**values, "screened_on": work.today})
    masters.write(work, Warehouse, {"code": "BAD", "name": "不良品库", "name_en": "Defective goods", "sellable": False})


def _opening(work: Work) -> int:
    """Plenty of everything; stock is no topic of the demonstration."""
    goods = list(work.session.scalars(select(Item).where(Item.item_kind == "goods").order_by(Item.code)))
    lines = [{"item_id": item.id, "quantity": Decimal(20_000)} for item in goods]
    return create.write(work, StockIn, {"stock_kind": "opening", "subject": "期初库存"}, lines).id


def _waiting(demo: Demonstration) -> list[tuple[int, datetime.date]]:
    """The documents that have lines open for delivery, and since when."""
    with demo.program.works.read(demo.ask("system", demo.today)) as work:
        found: dict[int, datetime.date] = {}
        for row in flow.waiting(work, Delivery, most=5000):
            found.setdefault(row.document_id, row.released_at.date())
    return sorted(found.items(), key=lambda pair: (pair[1], pair[0]))


def _deliver(demo: Demonstration, source: int, released: datetime.date, fate: str, random: Random) -> None:
    """One order on its way, as far as its fate goes and the season lasts."""
    who, start = _clerk(demo), bisect_left(demo.days, released) + random.randint(1, 4)
    days = [start, start + 1, start + random.randint(3, 6), start + random.randint(7, 12)]
    if days[0] >= len(demo.days):
        return
    own = random.random() < 0.4
    key = demo.run(who, demo.days[days[0]], partial(_draft, source, own, random.choice(CARRIERS)[0]), hour=14)
    steps: Sequence[tuple[str, int, dict[str, Any]]] = (
        ("confirm", days[0], {}),
        ("ship", days[1], _road(own, random)),
        ("tell", days[1], {"told_way": random.choice(("wechat", "phone", "sms"))}),
        ("sign", days[2], {"signed_by": random.choice(SIGNERS), "received": "complete"}),
        ("accept", days[3], {}),
    )
    last = {"draft": 0, "confirmed": 1, "shipped": 3, "signed": 4, "accepted": 5}[fate]
    for name, place, values in steps[:last]:
        if place >= len(demo.days):
            return
        day = demo.days[place]
        given = {**values, "signed_on": day} if name == "sign" else values
        demo.run(who, day, partial(_move, Delivery, key, name, given), hour=15.5)


def _draft(source: int, own: bool, carrier: str, work: Work) -> int:
    methods = {row.way: row.id for row in work.session.execute(select(ShippingMethod.way, ShippingMethod.id))}
    values: dict[str, Any] = {"method_id": methods["own" if own else "carrier"]}
    if not own:
        values["carrier_id"] = work.session.scalars(select(Carrier.id).where(Carrier.code == carrier)).first()
    lines = [(row.line_id, None) for row in flow.waiting(work, Delivery, document_id=source)]
    return flow.take(work, Delivery, lines, **values).id


def _road(own: bool, random: Random) -> dict[str, Any]:
    if not own:
        return {"tracking": f"{random.randrange(10**10, 10**11)}"}
    plate, driver, phone = random.choice(DRIVERS)
    return {"plate": plate, "driver": driver, "driver_phone": phone}


def _move(cls: type[Document], key: int, name: str, values: Mapping[str, Any], work: Work) -> None:
    move.move(work, cls, key, name, values=values)
