"""The stock: what comes in, what comes back and where it goes, and whether the figures hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from core.app import Program
from core.documents.reading import load
from core.errors import Conflict, IllegalMove, Invalid, Refused
from core.operations import flow, masters
from core.operations.flow.opening import release_to
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.work import Ask, System, Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.masters import ShippingMethod, Stock, Warehouse
from plugins.quotation.documents import Quotation
from tests.plugins.logistics.goods import (
    again,
    codes,
    findings,
    raised,
    shipped,
    shop,
    sold,
    stock,
    stored,
    taken,
)


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes and delivers."""
    return shop(program, "quotation", "logistics")


def defects(firm: Firm) -> int:
    """A store of defective goods."""
    given = {"code": "BAD", "name": "不良品库", "sellable": False}
    return firm.run("manager", lambda w: masters.save(w, Warehouse, inputs.read(Warehouse, given)).id)


def test_a_company_begins_with_one_warehouse_and_the_usual_ways_of_shipping(firm: Firm) -> None:
    warehouses = firm.as_program(lambda w: list(w.session.scalars(select(Warehouse))))
    assert [(w.code, w.name, w.is_usual, w.sellable) for w in warehouses] == [("MAIN", "主仓库", True, True)]
    ways = firm.as_program(lambda w: set(w.session.scalars(select(ShippingMethod.way))))
    assert ways == {"pickup", "own", "carrier", "express"}


def test_there_is_one_usual_warehouse(firm: Firm) -> None:
    given = {"code": "B", "name": "二号库", "is_usual": True}
    refusal = raised(lambda: firm.run("manager", lambda w: masters.save(w, Warehouse, given)), Invalid)
    assert [(f.path, f.code) for f in refusal.faults] == [("is_usual", "usual")]


def test_goods_are_stored_only_after_they_were_inspected(firm: Firm) -> None:
    lamp = firm.item("100")
    receipt = firm.create(StockIn, "clerk", lines=[line(lamp, "5")])
    raised(lambda: firm.move(receipt, "store", "clerk"), IllegalMove)
    assert raised(lambda: firm.move(receipt, "inspect", "clerk"), Invalid).faults[0].path == "finding"
    firm.move(receipt, "inspect", "clerk", values={"finding": "partly", "rejected": "两套破损"})
    assert stock(firm, lamp) == ("0", "0")
    assert firm.move(receipt, "store", "clerk").rejected == "两套破损"
    assert stock(firm, lamp) == ("5", "0")


def test_the_same_product_on_several_lines_and_in_several_units_is_one_figure(firm: Firm) -> None:
    lamp = firm.item("100", units=[{"unit": "箱", "factor": "12"}])
    receipt = firm.create(StockIn, "clerk", lines=[line(lamp, "5"), line(lamp, "2", unit="箱")])
    firm.move(receipt, "inspect", "clerk", values={"finding": "good"})
    firm.move(receipt, "store", "clerk")
    assert stock(firm, lamp) == ("29", "0")


def test_only_a_stock_taking_lowers_the_stock_and_never_below_nothing(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "5")
    wrong = firm.create(StockIn, "clerk", lines=[line(lamp, "-1")])
    refusal = raised(lambda: firm.move(wrong, "inspect", "clerk", values={"finding": "good"}), Refused)
    assert codes(refusal.objections) == ["logistics.negative_receipt"]
    stored(firm, lamp, "-2", stock_kind="count")
    assert stock(firm, lamp) == ("3", "0")
    short = raised(lambda: stored(firm, lamp, "-4", stock_kind="count"), Conflict)
    assert short.code == "logistics.short"
    assert lamp.name in str(short)


def given_back(firm: Firm, delivery: Delivery, quantity: str, **values: Any) -> ReturnReceipt:
    """A receipt of so much of the first line of a delivery."""
    key = again(firm, delivery).lines[0].id
    wanted = [(key, Decimal(quantity))]
    return firm.run("clerk", lambda w: flow.take_back(w, ReturnReceipt, wanted, **values))


def test_good_goods_go_back_into_stock_and_bad_ones_to_a_store_of_their_own(firm: Firm) -> None:
    lamp, bad = firm.item("100"), defects(firm)
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "6"))
    delivery = shipped(firm, taken(firm, offer))
    good = given_back(firm, delivery, "2")
    firm.move(good, "inspect", "clerk", values={"disposal": "stock"})
    firm.move(good, "store", "clerk")
    assert stock(firm, lamp) == ("6", "0")
    broken = given_back(firm, delivery, "1")
    firm.move(broken, "inspect", "clerk", values={"disposal": "defective"})
    assert codes(raised(lambda: firm.move(broken, "store", "clerk"), Refused).objections) == [
        "logistics.warehouse_kind"
    ]
    firm.move(broken, "correct", "clerk", reason="选错仓库")
    firm.move(broken, "inspect", "clerk", values={"disposal": "defective", "warehouse_id": bad})
    firm.move(broken, "store", "clerk")
    scrapped = given_back(firm, delivery, "1")
    firm.move(scrapped, "inspect", "clerk", values={"disposal": "scrap"})
    firm.move(scrapped, "store", "clerk")
    assert stock(firm, lamp) == ("6", "0")
    assert stock(firm, lamp, "BAD") == ("1", "0")
    there = firm.read("rep", lambda w: w.hooks.item_availability([lamp.id]))[lamp.id]
    assert there.on_hand == 6, "defective goods are not there to be sold"
    assert again(firm, offer, "rep").lines[0].returned == 4
    assert findings(firm) == []


def test_no_more_comes_back_than_was_delivered(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "3"))))
    assert raised(lambda: given_back(firm, delivery, "4"), Conflict).code == "flow.returned"
    first, second = given_back(firm, delivery, "2"), given_back(firm, delivery, "2")
    for receipt in (first, second):
        firm.move(receipt, "inspect", "clerk", values={"disposal": "stock"})
    firm.move(first, "store", "clerk")
    assert raised(lambda: firm.move(second, "store", "clerk"), Conflict).code == "flow.returned"
    assert stock(firm, lamp) == ("9", "0")


def test_what_production_hands_over_may_be_accepted_in_part(firm: Firm) -> None:
    lamp = firm.item("100")
    offer = sold(firm, (lamp, "5"))

    def hand_over(work: Work) -> StockIn:
        release_to(work, load(work, Quotation, offer.id), "logistics.stock_in")
        return work.session.scalars(select(StockIn)).one()

    receipt = again(firm, firm.as_program(hand_over))
    assert (receipt.stock_kind, receipt.lines[0].quantity) == ("production", 5)
    firm.edit(receipt, "clerk", lines=[{"id": receipt.lines[0].id, "quantity": "3"}])
    firm.move(receipt, "inspect", "clerk", values={"finding": "partly"})
    firm.move(receipt, "store", "clerk")
    assert stock(firm, lamp) == ("3", "0")
    left = firm.as_program(lambda w: [row.left for row in flow.waiting(w, StockIn)])
    assert left == [2]


def test_a_stock_that_is_not_the_sum_of_its_documents_is_found(firm: Firm) -> None:
    """On hand and reserved are compared with the sums of what came in, left and waits."""
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    firm.move(taken(firm, sold(firm, (lamp, "4"))), "confirm", "clerk")
    assert findings(firm) == []
    firm.as_program(lambda w: tampered(w))
    assert findings(firm) == ["stock.on_hand", "stock.reserved"]


def tampered(work: Work) -> None:
    """Somebody writes into the database past the program."""
    work.connection.execute(text("UPDATE logistics_stock SET on_hand = on_hand + 1000000, reserved = 0"))


@pytest.mark.parametrize("count", [1, 50])
def test_storing_takes_the_same_statements_for_any_number_of_lines(firm: Firm, count: int) -> None:
    items = [firm.item("100") for _n in range(min(count, 10))]
    receipt = firm.create(StockIn, "clerk", lines=[line(items[n % len(items)], "2") for n in range(count)])
    firm.move(receipt, "inspect", "clerk", values={"finding": "good"})
    firm.read("clerk", lambda w: None)
    with counted(firm.program.engine) as statements:
        firm.move(receipt, "store", "clerk")
    assert len(statements) <= 10, statements


def test_another_companys_stock_is_out_of_reach(program: Program, firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    other = shop(program, "logistics", code="other")
    assert other.read("clerk", lambda w: w.hooks.item_availability([lamp.id])) == {}
    ask = Ask(other.id, System("test"))
    with program.works.read(ask) as work:
        assert work.session.scalars(select(Stock)).all() == []
