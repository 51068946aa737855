"""Contracts and orders of the demonstration: completed, reviewed, signed, released, accepted, and some not at all."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import select

from core.demonstration.desk import Desk
from core.documents.reading import load
from core.operations import edit
from core.roles import CONTRACT_ADMINISTRATOR, SALES_MANAGER
from core.schemas import inputs
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.masters import Template

# How a contract is paid, and how often it is paid like that.
PLANS: tuple[tuple[dict[str, Any], ...], ...] = (
    (),
    (
        {"event": "signing", "percent": "0.3", "days": 5},
        {"event": "shipment", "percent": "0.6"},
        {"event": "warranty", "percent": "0.1"},
    ),
    (
        {"event": "signing", "percent": "0.3", "days": 7},
        {"event": "delivery", "percent": "0.35", "days": 15},
        {"event": "acceptance", "percent": "0.3", "days": 15},
        {"event": "warranty", "percent": "0.05"},
    ),
    ({"event": "delivery", "percent": "0.95", "days": 30}, {"event": "warranty", "percent": "0.05"}),
)
SERVICES = (
    {"event": "signing", "percent": "0.3", "days": 5},
    {"event": "day", "percent": "0.4"},
    {"event": "acceptance", "percent": "0.25", "days": 10},
    {"event": "warranty", "percent": "0.05"},
)
CONTRACTS = {
    "draft": (1, 4), "approved": (1, 3), "sealed": (1, 6), "signed": (0, 2), "released": (12, 40), "accepted": (4, 20),
}  # fmt: skip
ORDERS = {
    "draft": (0, 2), "reviewed": (0, 1), "confirmed": (0, 1), "released": (8, 20), "accepted": (3, 12),
}  # fmt: skip
FIGURES = ("delivered", "supplied", "uninvoiced")
STILL = 30  # in the last days some lie where they are
SIGNATORIES = ("授权代表 王工", "总经理 陈总", "采购部 李部长", "项目部 周经理")
CANCELLED = ("客户项目取消", "客户改由总部统一采购")
TERMINATED = "客户停工，双方协商解除"


def workday(desk: Desk) -> None:
    """Bring contracts and orders on whose time has come."""
    for row in desk.ready(Contract, CONTRACTS, *FIGURES):
        _contract(desk, row)
    for row in desk.ready(Order, ORDERS, *FIGURES):
        _order(desk, row)


def _contract(desk: Desk, row: Any) -> None:
    owner, fate = desk.login(row.owner_id), desk.chance("contract", row.id).random()
    match row.state:
        case "draft" if fate < 0.05:
            desk.go(owner, Contract, row.id, "cancel", reason=CANCELLED[row.id % 2])
        case "draft" | "approved" | "sealed" if desk.left < STILL and fate > 0.8:
            return
        case "draft":
            desk.do(owner, lambda work: _complete(desk, work, row.id))
            if not desk.look(lambda work: load(work, Contract, row.id, lines=False)).duties:
                usual = desk.look(lambda work: work.session.scalars(select(Template.id).where(Template.usual)).first())
                desk.go(owner, Contract, row.id, "fill", {"template_id": usual}, hour=10.5)
            desk.go(owner, Contract, row.id, "submit", hour=11)
        case "approved":
            signer = desk.demo.accounts[desk.somebody(SALES_MANAGER.key)]
            day = desk.today.isoformat()
            desk.go(owner, Contract, row.id, "sign", {"our_signatory_id": signer, "our_signed_on": day})
        case "sealed":
            values = {"customer_signatory": SIGNATORIES[row.id % 4], "customer_signed_on": desk.today.isoformat()}
            desk.go(owner, Contract, row.id, "countersign", values)
        case "signed":
            administrators = desk.demo.holders(CONTRACT_ADMINISTRATOR.key)
            desk.go(next(iter(administrators), owner), Contract, row.id, "release")
        case _:
            _fulfilled(desk, Contract, row, owner, fate)


def _order(desk: Desk, row: Any) -> None:
    owner, fate = desk.login(row.owner_id), desk.chance("order", row.id).random()
    match row.state:
        case "draft" | "reviewed" | "confirmed" if desk.left < STILL // 2 and fate > 0.8:
            return
        case "draft":
            desk.do(owner, lambda work: _fill_in(desk, work, row.id))
            desk.go(owner, Order, row.id, "submit", hour=10.5)
        case "reviewed":
            values = {"confirmed_on": desk.today.isoformat(), "confirmed_by": "客户采购", "confirmed_way": "phone"}
            desk.go(owner, Order, row.id, "confirm", values)
        case "confirmed":
            desk.go(owner, Order, row.id, "release")
        case _:
            _fulfilled(desk, Order, row, owner, fate)


def _fulfilled(desk: Desk, cls: type[Contract] | type[Order], row: Any, owner: str, fate: float) -> None:
    """Accepted when all has come, completed when all is invoiced; one in a while ends before."""
    whole = row.delivered >= row.gross or (not desk.uses("logistics") and row.supplied > 0)
    if row.state == "released" and fate > 0.97 and desk.left < 20:
        desk.go(desk.somebody(SALES_MANAGER.key), cls, row.id, "terminate", reason=TERMINATED)
    elif row.state == "released" and whole and fate < 0.85:
        values = {"accepted_on": desk.today.isoformat(), "accepted_by": SIGNATORIES[row.id % 4]}
        desk.go(owner, cls, row.id, "accept", values)
    elif row.state == "accepted" and row.uninvoiced <= 0 and fate < 0.6:
        desk.go(owner, cls, row.id, "complete")


def _complete(desk: Desk, work: Work, key: int) -> None:
    """The representative settles the day of delivery and how the price is paid."""
    contract, random = load(work, Contract, key), desk.chance("terms", key)
    day = (desk.today + datetime.timedelta(days=random.randint(20, 45))).isoformat()
    plan = SERVICES if not desk.uses("logistics") else random.choice(PLANS)
    given: dict[str, Any] = {
        "deadline": day,
        "contract_kind": "sale" if desk.uses("logistics") else "project",
        "subject": contract.project or "产品购销",
        "payment_terms": "按收款计划" if plan else contract.payment_terms or "货到30天付清",
        "milestones": [{**one, "day": day} if one["event"] == "day" else one for one in plan],
        "signing_place": "供方所在地",
    }
    if random.random() < 0.4:
        given |= {"technical_needed": True, "technical_number": f"JS-{key:05}", "technical_signatory": "技术部"}
        given["technical_signed_on"] = desk.today.isoformat()
    edit.edit(work, Contract, key, inputs.read(Contract, given, partial=True))


def _fill_in(desk: Desk, work: Work, key: int) -> None:
    """The order sheet is filled in: who, when and where (CTR-01)."""
    order, random = load(work, Order, key), desk.chance("sheet", key)
    firm = desk.demo.firms[desk.demo.parties.index(order.party_id or 0)]
    given: dict[str, Any] = {
        "way": random.choice(("signed", "signed", "wechat", "phone")),
        "contact_name": firm.contacts[0].name,
        "contact_phone": firm.contacts[0].mobile,
        "deadline": (desk.today + datetime.timedelta(days=random.randint(3, 7))).isoformat(),
        "address": firm.address,
    }
    if random.random() < 0.4:
        given |= {"pick_up": True, "pick_up_time": "上午八点"}
    edit.edit(work, Order, key, inputs.read(Order, given, partial=True))
