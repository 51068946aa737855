"""What comes back: asked for, confirmed, examined, approved; goods, figures and money follow, whoever handles them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from core.app import Program
from core.errors import Conflict, Forbidden, Refused
from core.operations import flow
from core.operations.flow import offers
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.work import Work
from plugins.aftersales.documents import Return
from plugins.billing.documents import CreditNote, Invoice
from plugins.logistics.documents import Delivery, ReturnReceipt
from plugins.quotation.documents import Quotation
from tests.plugins.logistics.goods import again, codes, findings, raised, shipped, shop, sold, stock, stored, taken


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes, delivers and serves."""
    return shop(program, "quotation", "logistics", "aftersales")


def asked_back(firm: Firm, source: Quotation | Delivery, quantity: str, *, exchanged: bool = False) -> Return:
    """A request to give back so much of the first line of what was sold or delivered."""
    key = again(firm, source).lines[0].id

    def command(work: Work) -> Return:
        wanted = [(key, Decimal(quantity))]
        return offers.begin(work, Return, wanted, {"reason_kind": "quality"}, exchanged=exchanged)

    return firm.run("rep", command)


def approved(firm: Firm, request: Return) -> Return:
    """A request that the manager confirmed, the technical department examined and the manager approved."""
    firm.move(request, "confirm", "manager")
    firm.move(request, "examine", "engineer", values={"finding": "驱动故障", "responsible": "us"})
    return firm.move(request, "approve", "manager")


def receipts(firm: Firm) -> list[ReturnReceipt]:
    return firm.as_program(lambda w: list(w.session.scalars(select(ReturnReceipt).order_by(ReturnReceipt.id))))


def received(firm: Firm, disposal: str = "stock") -> None:
    """What comes back is inspected and put where it belongs."""
    receipt = receipts(firm)[-1]
    firm.move(receipt, "inspect", "clerk", values={"disposal": disposal})
    firm.move(receipt, "store", "clerk")


def test_a_return_comes_back_into_stock_where_goods_are_handled(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "6"))
    delivery = shipped(firm, taken(firm, offer))
    request = approved(firm, asked_back(firm, delivery, "2"))
    assert (request.state, request.exchanged, request.gross) == ("approved", False, Decimal("-200.00"))
    assert again(firm, offer).lines[0].returned == 0, "nothing has come back yet"
    received(firm)
    assert again(firm, offer).lines[0].returned == 2
    assert stock(firm, lamp) == ("6", "0")
    assert flow_left(firm, Delivery) == []
    assert findings(firm) == []


def flow_left(firm: Firm, cls: type[Delivery] | type[CreditNote] | type[Invoice]) -> list[Decimal]:
    return firm.as_program(lambda w: [row.left for row in flow.waiting(w, cls)])


def test_the_approval_counts_as_the_return_where_nobody_handles_goods(program: Program) -> None:
    firm = shop(program, "quotation", "aftersales")
    lamp = firm.item("100")
    offer = sold(firm, (lamp, "6"))
    assert again(firm, offer).lines[0].delivered == 6
    approved(firm, asked_back(firm, offer, "2"))
    assert again(firm, offer).lines[0].returned == 2
    assert findings(firm) == []


def test_exchanged_goods_are_delivered_once_more(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "6"))
    delivery = shipped(firm, taken(firm, offer))
    assert approved(firm, asked_back(firm, delivery, "2", exchanged=True)).exchanged is True
    assert flow_left(firm, Delivery) == []
    received(firm, "scrap")
    assert flow_left(firm, Delivery) == [2]
    shipped(firm, taken(firm, offer))
    row = again(firm, offer).lines[0]
    assert [row.delivered, row.returned] == [8, 2]
    assert stock(firm, lamp) == ("2", "0")
    assert findings(firm) == []


def test_no_more_comes_back_than_the_customer_has(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "3"))))
    refusal = raised(lambda: asked_back(firm, delivery, "4"), Conflict)
    assert refusal.code == "flow.returned"
    assert lamp.name in str(refusal)
    request = asked_back(firm, delivery, "2")
    firm.edit(request, lines=[{"id": request.lines[0].id, "quantity": "-4"}])
    assert codes(raised(lambda: firm.move(request, "confirm", "manager"), Refused).objections) == ["aftersales.beyond"]


def test_two_requests_for_the_same_goods_do_not_both_come_back(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "3"))))
    first, second = asked_back(firm, delivery, "2"), asked_back(firm, delivery, "2")
    approved(firm, first)
    received(firm)
    refusal = raised(lambda: firm.move(second, "confirm", "manager"), Refused)
    assert codes(refusal.objections) == ["aftersales.beyond"]
    assert findings(firm) == []


def test_what_was_never_delivered_cannot_come_back(firm: Firm) -> None:
    lamp = firm.item("100")
    stray = firm.create(Return, party_id=firm.party().id, reason_kind="wrong", lines=[line(lamp, "-1")])
    refusal = raised(lambda: firm.move(stray, "confirm", "manager"), Refused)
    assert codes(refusal.objections) == ["aftersales.strays"]


def test_a_return_says_why_and_what_was_found(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "3"))))
    request = asked_back(firm, delivery, "1")
    firm.edit(request, reason_kind="")
    assert codes(raised(lambda: firm.move(request, "confirm", "manager"), Refused).objections) == ["aftersales.reason"]
    firm.edit(again(firm, request, "rep"), reason_kind="transport")
    firm.move(request, "confirm", "manager")
    raised(lambda: firm.move(request, "examine", "rep", values={"finding": "外箱破损"}), Forbidden)
    firm.move(request, "examine", "engineer", values={"finding": "外箱破损", "responsible": "carrier"})
    assert again(firm, request).finding == "外箱破损"


def test_what_is_turned_down_stays_with_the_customer(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "3"))
    delivery = shipped(firm, taken(firm, offer))
    firm.move(asked_back(firm, delivery, "3"), "refuse", "manager", reason="已过退货期限")
    assert receipts(firm) == []
    approved(firm, asked_back(firm, delivery, "3"))
    received(firm)
    assert again(firm, offer).lines[0].returned == 3


def test_what_was_invoiced_waits_for_a_credit_note_and_the_rest_is_not_invoiced(program: Program) -> None:
    firm = shop(program, "quotation", "logistics", "billing", "aftersales")
    firm.settings(core__billing_point="delivery")
    lamp = firm.item("113")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "6"))
    delivery = shipped(firm, taken(firm, offer))
    assert again(firm, offer).uninvoiced == 678
    approved(firm, asked_back(firm, delivery, "2"))
    received(firm)
    assert again(firm, offer).uninvoiced == 452


def test_returns_are_told_on_the_pages_of_what_was_sold_and_delivered(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "6"))
    delivery = shipped(firm, taken(firm, offer))
    asked_back(firm, delivery, "2")
    for document in (offer, delivery):
        loaded = again(firm, document)
        panels = {p.key: p for p in firm.read("clerk", lambda w, d=loaded: w.hooks.document_panels(d))}  # type: ignore[misc]
        (row,) = panels["aftersales.returned"].rows
        assert row[4] == 2


@pytest.mark.parametrize("count", [1, 5, 50])
def test_the_moves_of_a_return_stay_within_the_budget_for_any_number_of_lines(firm: Firm, count: int) -> None:
    items = [firm.item("100") for _n in range(min(count, 5))]
    for item in items:
        stored(firm, item, "1000")
    offer = sold(firm, *((items[n % len(items)], "2") for n in range(count)))
    delivery = again(firm, shipped(firm, taken(firm, offer)))
    wanted = [(row.id, Decimal(1)) for row in delivery.lines]
    given = {"reason_kind": "quality"}
    request = firm.run("rep", lambda w: offers.begin(w, Return, wanted, given))
    firm.read("manager", lambda w: None)
    firm.read("engineer", lambda w: None)
    for move, who, values, most in (
        ("confirm", "manager", {}, 10),
        ("examine", "engineer", {"finding": "坏"}, 10),
        ("approve", "manager", {}, 20),
    ):
        with counted(firm.program.engine) as statements:
            firm.move(request, move, who, values=values)
        assert len(statements) <= most, f"{move}\n{statements}"
    receipt = receipts(firm)[-1]
    firm.move(receipt, "inspect", "clerk", values={"disposal": "stock"})
    with counted(firm.program.engine) as statements:
        firm.move(receipt, "store", "clerk")
    assert len(statements) <= 20, statements
