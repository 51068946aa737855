"""What is done for a customer, such as installing, is ordered, planned, accepted and invoiced like goods."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.operations import flow
from core.testing.builders import Firm, line
from plugins.billing.documents import Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from plugins.production.documents import ProductionOrder
from tests.plugins.contract.agreements import confirmed, day, ordered
from tests.plugins.production.test_production_orders import employed

SERVICES = ("安装", "调试", "培训")


def sold(firm: Firm) -> Order:
    """A released order over two machines with their installation, commissioning and training."""
    goods = line(firm.item("1000", name="轴承座"), "2")
    work = [line(firm.item("300", name=name, item_kind="service"), "1") for name in SERVICES]
    order = ordered(firm, lines=[goods, *work])
    confirmed(firm, order)
    return firm.move(order, "release")


def billable(firm: Firm) -> list[str]:
    return firm.read("finance", lambda w: sorted(row.name for row in flow.waiting(w, Invoice)))


@pytest.mark.parametrize("planned", [True, False])
def test_installing_commissioning_and_training_are_services_of_the_order(firm: Firm, planned: bool) -> None:
    """AFS-06: installation, commissioning and training stand on the order beside the goods, are planned with their day
    where the company plans them, need no delivery, are accepted by the customer with day and name, and are invoiced.
    """
    employed(firm).settings(production__services=str(planned).lower(), logistics__negative_stock="true")
    firm.settings(core__billing_point="acceptance", logistics__drafts="false", billing__drafts="false")
    order = sold(firm)
    keys = firm.read("rep", lambda w: [row.id for row in flow.chain(w, order.id)[1] if row.kind == "production.order"])
    plan = firm.as_program(lambda w: load(w, ProductionOrder, keys[0]))
    assert [x.name for x in plan.lines] == ["轴承座", *(SERVICES if planned else ())]
    assert plan.deadline == order.deadline
    assert billable(firm) == []
    start = day(firm) + timedelta(days=1)
    days: dict[str, Any] = {"planned_start": start.isoformat(), "planned_end": start.isoformat()}
    firm.move(plan, "schedule", "maker", values=days)
    firm.move(plan, "start", "maker")
    done = {"finished_on": day(firm).isoformat(), "tested_by": "质检"}
    firm.move(plan, "finish", "maker", values=done)
    waits = firm.read("clerk", lambda w: [(row.line_id, row.name) for row in flow.waiting(w, Delivery)])
    assert [name for _key, name in waits] == ["轴承座"]
    slip = firm.run("clerk", lambda w: flow.take(w, Delivery, [(waits[0][0], None)]))
    for name in ("confirm", "ship"):
        firm.move(slip, name, "clerk")
    note = {"signed_by": "王工", "signed_on": day(firm).isoformat(), "received": "complete"}
    firm.move(slip, "sign", values=note)
    firm.move(slip, "accept")
    told = {"accepted_on": day(firm).isoformat(), "accepted_by": "王工"}
    accepted = firm.move(order, "accept", values=told)
    assert (accepted.state, accepted.accepted_by, accepted.accepted_on) == ("accepted", "王工", day(firm))
    assert billable(firm) == sorted(["轴承座", *SERVICES])
    lines = firm.read("finance", lambda w: [row.line_id for row in flow.waiting(w, Invoice)])
    bill = firm.run("finance", lambda w: flow.take(w, Invoice, [(key, None) for key in lines]))
    assert bill.gross == order.gross == Decimal(2900)
