"""The way of goods out of the house: what has happened before, who lets them leave, and what may be told of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.documents.reading import load
from core.errors import Conflict, Forbidden, IllegalMove
from core.operations import flow
from core.roles import LOGISTICS, SALES_MANAGER, WAREHOUSE
from core.testing.builders import Firm
from core.work import Work
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery, StockIn
from plugins.production.documents import FollowUp, ProductionOrder
from tests.core.test_approval_plans import policy, step
from tests.plugins.contract.agreements import confirmed, day, ordered
from tests.plugins.contract.test_reviews import employed
from tests.plugins.production.test_production_orders import employed as with_works


def following(firm: Firm, cls: Any, order: Order) -> Any:
    """The document of a type that came of an order."""
    keys = firm.read("clerk", lambda w: [row.id for row in flow.chain(w, order.id)[1] if row.kind == kind(cls)])
    return firm.as_program(lambda w: load(w, cls, keys[0])) if keys else None


def kind(cls: Any) -> str:
    return str(cls.__mapper__.polymorphic_identity)


def waiting(firm: Firm) -> list[int]:
    return firm.read("clerk", lambda w: [row.line_id for row in flow.waiting(w, Delivery)])


@pytest.mark.parametrize("shipper", ["keeper", "carter", "clerk"])
def test_the_slip_is_filled_in_after_arrival_and_consent_then_the_store_issues_and_the_office_ships(
    firm: Firm, shipper: str
) -> None:
    """LOG-01: nothing is to be delivered before its arrival is confirmed, no slip has a number or leaves the printer
    before the manager has confirmed it, and store, logistics or office let the goods leave, nobody else.
    """
    employed(firm, "keeper", "库管钱", WAREHOUSE)
    employed(firm, "carter", "物流孙", LOGISTICS)
    firm.settings(production__entry="follow_up", logistics__drafts="false")
    policy(firm, step(SALES_MANAGER), document_kind="logistics.delivery", transition="confirm")
    order = ordered(firm)
    confirmed(firm, order)
    firm.move(order, "release")
    assert waiting(firm) == []
    bought: FollowUp = following(firm, FollowUp, order)
    firm.move(bought, "tell")
    firm.move(bought, "arrive", "purchaser", values={"finished_on": day(firm).isoformat()})
    arrived = waiting(firm)
    assert len(arrived) == 1
    store: StockIn = following(firm, StockIn, order)
    firm.move(store, "inspect", "keeper", values={"finding": "good"})
    firm.move(store, "store", "keeper")
    slip = firm.run("clerk", lambda w: flow.take(w, Delivery, [(arrived[0], None)]))
    asked = firm.move(slip, "confirm", "clerk")
    assert (asked.state, asked.approval, asked.number) == ("draft", "pending", None)
    assert asked.state not in Delivery.printed_in
    with pytest.raises((Conflict, IllegalMove)):
        firm.move(slip, "ship", shipper)
    agreed = firm.agree(slip, "manager")
    assert (agreed.state, bool(agreed.number)) == ("confirmed", True)
    for other in ("rep", "purchaser", "finance"):
        with pytest.raises(Forbidden):
            firm.move(slip, "ship", other)
    assert firm.move(slip, "ship", shipper).state == "shipped"


def test_where_nothing_is_bought_or_made_the_clerk_fills_the_slip_in_with_the_order(firm: Firm) -> None:
    """LOG-01: at a clerk's office the slip follows the reviewed order at once."""
    from core.operations import company

    firm.as_program(lambda w: company.switch_off(w, "production"))
    firm.settings(logistics__drafts="true", logistics__negative_stock="true")
    order = ordered(firm)
    confirmed(firm, order)
    assert following(firm, Delivery, order) is None
    firm.move(order, "release")
    slip: Delivery = following(firm, Delivery, order)
    assert firm.move(slip, "confirm", "clerk").state == "confirmed"


def told(firm: Firm, order: Order, who: str = "rep") -> dict[str, list[tuple[Any, ...]]]:
    """What the page of an order tells of what is made and delivered for it."""

    def look(work: Work) -> dict[str, list[tuple[Any, ...]]]:
        panels = work.hooks.document_panels(load(work, Order, order.id))
        wanted = ("production.progress", "logistics.deliveries")
        return {panel.key: [tuple(map(str, row[1:])) for row in panel.rows] for panel in panels if panel.key in wanted}

    return firm.read(who, look)


def test_how_far_an_order_is_can_be_told_to_the_customer_at_any_time(firm: Firm) -> None:
    """LOG-07: state, expected and real days of what is made and delivered stand on the order's own page, at once."""
    with_works(firm).settings(logistics__negative_stock="true", logistics__drafts="false")
    today = day(firm)
    start, ready, there = (today + timedelta(days=n) for n in (1, 8, 12))
    order = ordered(firm)
    confirmed(firm, order)
    assert told(firm, order) == {"logistics.deliveries": []}
    firm.move(order, "release")
    due = (today + timedelta(days=10)).isoformat()
    assert told(firm, order)["production.progress"] == [("To be scheduled", due, "None", "0", "")]
    made: ProductionOrder = following(firm, ProductionOrder, order)
    plan = {"planned_start": start.isoformat(), "planned_end": ready.isoformat()}
    firm.move(made, "schedule", "maker", values=plan)
    firm.move(made, "start", "maker")
    firm.move(made, "report", "maker", values={"progress": "40", "expected_on": ready.isoformat(), "report": "磨加工"})
    assert told(firm, order)["production.progress"] == [("In production", due, ready.isoformat(), "40", "")]
    firm.move(made, "finish", "maker", values={"finished_on": today.isoformat(), "tested_by": "质检"})
    slip = firm.run("clerk", lambda w: flow.take(w, Delivery, [(flow.waiting(w, Delivery)[0].line_id, None)]))
    firm.move(slip, "confirm", "clerk")
    sent = {"expected_on": there.isoformat(), "tracking": "SF1001"}
    firm.move(slip, "ship", "clerk", values=sent)
    ((_day, state, quantity, expected, signed, tracking),) = told(firm, order, "clerk")["logistics.deliveries"]
    assert (state, expected, signed, tracking) == ("On its way", there.isoformat(), "None", "SF1001")
    assert float(quantity) == 10
    note = {"signed_by": "李师傅", "signed_on": today.isoformat(), "received": "complete"}
    firm.move(slip, "sign", values=note)
    ((_day, state, _quantity, _expected, signed, _tracking),) = told(firm, order)["logistics.deliveries"]
    assert (state, signed) == ("Signed for", today.isoformat())
