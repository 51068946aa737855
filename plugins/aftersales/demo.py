"""A season of service for the demonstration: requests in every step, from customers who have bought before."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from core.demonstration.companies import Demonstration
from core.demonstration.desk import Desk
from core.documents import Document, DocumentLine
from core.operations import create, flow, move
from core.roles import SALES_CLERK, SALES_MANAGER, TECHNICAL
from core.work import Work
from plugins.aftersales.documents import Case, Return

RETURNS = {"requested": (1, 3), "confirmed": (1, 3), "examined": (1, 4)}
COUNT = 26
LATEST = 9  # so many of the last requests stand in different steps
FAULTS = (
    ("repair", "部分产品运行一段时间后停止工作", "更换损坏部件，测试正常", "replaced"),
    ("support", "现场安装接线方式不清楚", "电话指导完成接线，客户确认正常", "solved"),
    ("installation", "首批到货，需要现场指导安装", "已派技术员现场指导，安装完毕", "solved"),
    ("commissioning", "设备已安装，申请调试", "调试完成，运行参数正常", "solved"),
    ("repair", "运行时有异响，温度偏高", "检查后属安装偏差，重新校正", "solved"),
    ("training", "新到操作人员需要培训", "完成两小时现场培训", "solved"),
    ("complaint", "反映到货外包装破损", "核对照片后补发包装并致歉", "solved"),
)


def season(demo: Demonstration) -> None:
    """Ask, confirm, file, handle and report; the latest are still on their way."""
    random = demo.chance("service")
    count = max(LATEST + 3, int(COUNT * demo.scale))
    people = [next(iter(demo.holders(role.key)), "system") for role in (SALES_MANAGER, SALES_CLERK, TECHNICAL)]
    codes = sorted(demo.items)
    for number in range(count):
        left = count - number
        day = len(demo.days) - 1 - (left // 2 if left <= LATEST else LATEST + left * 4)
        firm = random.randrange(len(demo.firms))
        kind, fault, result, outcome = random.choice(FAULTS)
        values = {"party_id": demo.parties[firm], "case_kind": kind, "fault": fault, "subject": fault[:20]}
        item = demo.items[random.choice(codes)]
        steps = left % 6 if left <= LATEST else 5
        _story(demo, max(day, 0), demo.owners[firm], people, values, item, (outcome, result), steps)


def _story(
    demo: Demonstration,
    day: int,
    owner: str,
    people: Sequence[str],
    values: dict[str, Any],
    item: int,
    ending: tuple[str, str],
    steps: int,
) -> None:
    manager, clerk, technician = people
    key = demo.run(owner, demo.days[day], partial(_ask, values, item), hour=9)
    handling: dict[str, Any] = {"handling": "visit" if steps % 2 else "remote"}
    told: tuple[tuple[str, str, int, dict[str, Any]], ...] = (
        ("confirm", manager, 0, {}),
        ("file", clerk, 0, {}),
        ("decide", technician, 1, handling),
        ("report", technician, 2, {"outcome": ending[0], "result": ending[1]}),
        ("inform", clerk, 3, {"satisfaction": "very" if steps == 5 and day % 3 else "content"}),
    )
    for hour, (name, who, later, given) in enumerate(told[:steps], 10):
        place = min(day + later, len(demo.days) - 1)
        demo.run(who, demo.days[place], partial(_move, key, name, given), hour=hour)


def _ask(values: dict[str, Any], item: int, work: Work) -> int:
    return create.create(work, Case, values, [{"item_id": item, "quantity": Decimal(1)}]).id


def _move(key: int, name: str, values: dict[str, Any], work: Work) -> None:
    move.move(work, Case, key, name, values=values)


def workday(desk: Desk) -> None:
    """Now and then something comes back; who is to say so confirms, examines and approves."""
    if desk.uses("logistics") and desk.chance("back", desk.place).random() < 0.06:
        _give_back(desk)
    manager = desk.somebody(SALES_MANAGER.key)
    for row in desk.ready(Return, RETURNS):
        fate = desk.chance("return", row.id).random()
        if row.state == "requested" and fate < 0.1:
            desk.go(manager, Return, row.id, "refuse", reason="已过异议期，不符合退货条件")
        elif row.state == "requested":
            desk.go(manager, Return, row.id, "confirm")
        elif row.state == "confirmed":
            found = {"finding": "与描述一致", "responsible": "us" if fate < 0.6 else "carrier", "disposal": "stock"}
            desk.go(desk.somebody(TECHNICAL.key), Return, row.id, "examine", found)
        else:
            desk.go(manager, Return, row.id, "approve", hour=15)


def _give_back(desk: Desk) -> None:
    """A customer wants to give back, or to have replaced, a part of what was delivered lately."""
    origin: Any = DocumentLine
    had = (
        select(origin.id, origin.delivered, origin.returned, Document.owner_id)
        .join(Document, Document.id == origin.document_id)
        .where(origin.line_kind == "item", origin.delivered - origin.returned >= 4, Document.date <= desk.today)
        .order_by(origin.id.desc())
        .limit(12)
    )
    rows = desk.look(lambda work: list(work.session.execute(had)))
    if not rows:
        return
    random = desk.chance("gives back", desk.place)
    row = random.choice(rows)
    quantity = max(Decimal(1), ((row.delivered - row.returned) / 10).to_integral_value())
    values = {"reason_kind": random.choice(("quality", "wrong", "transport", "too_many")), "settled_by": "credit_note"}
    exchanged = random.random() < 0.4

    def command(work: Work) -> int:
        return flow.take_back(work, Return, [(row.id, quantity)], exchanged=exchanged, **values).id

    desk.do(desk.login(row.owner_id), command, hour=9)
