"""Goods leave: confirmed, reserved, shipped, signed for and accepted, and never more than was ordered or is there."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from core.app import Program
from core.duties.reading import my_duties
from core.errors import Conflict, IllegalMove, Invalid, Refused, Unconfirmed
from core.hooks.values import Ref
from core.operations import flow, masters
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.work import Work
from plugins.contract.documents import Contract
from plugins.logistics.documents import Delivery, StockIn
from plugins.logistics.masters import Carrier, ShippingMethod, Warehouse
from tests.plugins.logistics.goods import (
    again,
    codes,
    findings,
    raised,
    shipped,
    shop,
    signed,
    sold,
    stock,
    stored,
    taken,
    today,
)


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes and delivers; what the customer accepts goes straight to the delivery."""
    return shop(program, "quotation", "logistics")


def test_a_delivery_goes_from_the_confirmation_to_the_customers_acceptance(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = taken(firm, sold(firm, (lamp, "4")))
    assert delivery.number is None
    confirmed = firm.move(delivery, "confirm", "clerk")
    assert confirmed.number is not None
    assert stock(firm, lamp) == ("10", "4")
    left = firm.move(delivery, "ship", "clerk", values={"tracking": "SF123", "driver": "老王"})
    assert (left.state, left.tracking, left.driver) == ("shipped", "SF123", "老王")
    assert stock(firm, lamp) == ("6", "0")
    back = signed(firm, delivery)
    assert (back.signed_by, back.received) == ("李师傅", "complete")
    assert firm.move(delivery, "accept").state == "accepted"
    assert findings(firm) == []


def test_part_deliveries_add_up_and_never_pass_what_was_ordered(firm: Firm) -> None:
    """LOG-05: parts add up to the order and no further; nor beyond the stock, unless the company allows it."""
    lamp = firm.item("100")
    stored(firm, lamp, "100")
    offer = sold(firm, (lamp, "10"))
    (row,) = offer.lines
    first = taken(firm, offer, {row.id: "6"})
    more = raised(lambda: taken(firm, offer, {row.id: "5"}), Conflict)
    assert more.code == "flow.taken"
    assert lamp.name in str(more)
    shipped(firm, first)
    shipped(firm, taken(firm, offer))
    assert again(firm, offer, "rep").lines[0].delivered == 10
    assert raised(lambda: taken(firm, offer), Conflict).code == "flow.nothing"
    assert stock(firm, lamp) == ("90", "0")
    large = taken(firm, sold(firm, (lamp, "91")))
    assert codes(raised(lambda: firm.move(large, "confirm", "clerk"), Refused).objections) == ["logistics.short"]
    firm.settings(logistics__negative_stock="true")
    shipped(firm, large)
    assert stock(firm, lamp) == ("-1", "0")


def test_a_corrected_draft_takes_no_more_than_is_open(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "100")
    offer = sold(firm, (lamp, "10"))
    delivery = taken(firm, offer, {offer.lines[0].id: "6"})
    row = {"id": delivery.lines[0].id, "quantity": "10"}
    assert firm.edit(delivery, "clerk", lines=[row]).lines[0].quantity == 10
    delivery = again(firm, delivery)
    assert raised(lambda: firm.edit(delivery, "clerk", lines=[{**row, "quantity": "11"}]), Conflict) is not None


def test_no_more_is_promised_or_shipped_than_is_in_stock(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "5")
    one, other = taken(firm, sold(firm, (lamp, "4"))), taken(firm, sold(firm, (lamp, "2")))
    firm.move(one, "confirm", "clerk")
    refusal = raised(lambda: firm.move(other, "confirm", "clerk"), Refused)
    assert codes(refusal.objections) == ["logistics.short"]
    assert f"{lamp.name} 2 > 1" in str(refusal)
    firm.settings(logistics__negative_stock="true")
    shipped(firm, other)
    firm.move(one, "ship", "clerk")
    assert stock(firm, lamp) == ("-1", "0")
    assert findings(firm) == []


def test_what_is_stopped_or_corrected_is_promised_to_nobody(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "5")
    offer = sold(firm, (lamp, "5"))
    delivery = taken(firm, offer)
    firm.move(delivery, "confirm", "clerk")
    corrected = firm.move(delivery, "correct", "clerk", reason="客户要改地址")
    assert (corrected.state, corrected.revision) == ("draft", 2)
    assert stock(firm, lamp) == ("5", "0")
    firm.move(delivery, "confirm", "clerk")
    assert stock(firm, lamp) == ("5", "5")
    firm.move(delivery, "stop", "clerk", reason="客户暂停收货")
    assert stock(firm, lamp) == ("5", "0")
    assert taken(firm, offer).lines[0].quantity == 5, "what was not shipped is to be delivered again"


def test_a_cancelled_draft_opens_its_lines_again(firm: Firm) -> None:
    lamp = firm.item("100")
    offer = sold(firm, (lamp, "5"))
    firm.move(taken(firm, offer), "cancel", "clerk", reason="重复制单")
    assert taken(firm, offer).lines[0].quantity == 5


def test_nothing_that_has_left_is_cancelled(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "5")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "5"))))
    for move in ("cancel", "stop", "correct"):
        assert raised(lambda m=move: firm.move(delivery, m, "clerk", reason="太晚"), IllegalMove)  # type: ignore[misc]
    assert again(firm, delivery).state == "shipped"
    assert stock(firm, lamp) == ("0", "0")


def test_where_orders_are_kept_only_gifts_are_delivered_without_one(program: Program) -> None:
    firm = shop(program, "contract", "logistics")
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    party = firm.party()
    bought = firm.create(Delivery, "clerk", party_id=party.id, lines=[line(lamp, "1")])
    assert codes(raised(lambda: firm.move(bought, "confirm", "clerk"), Refused).objections) == ["logistics.not_ordered"]
    gift = firm.create(Delivery, "clerk", party_id=party.id, delivery_kind="gift", lines=[line(lamp, "1", "0")])
    shipped(firm, gift)
    assert stock(firm, lamp) == ("9", "0")
    assert Contract.stage is not None


def test_services_are_not_delivered(firm: Firm) -> None:
    lamp, fitting = firm.item("100"), firm.item("50", item_kind="service")
    delivery = taken(firm, sold(firm, (lamp, "2"), (fitting, "1")))
    assert [row.item_id for row in delivery.lines] == [lamp.id]


def test_only_carriers_on_the_approved_list_are_given_goods(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    method = master(firm, ShippingMethod, code="LINE", name="专线", way="carrier")
    stranger = master(firm, Carrier, code="C1", name="不知名货运", approved=False)
    known = master(firm, Carrier, code="C2", name="德邦物流", approved=True)
    delivery = taken(firm, sold(firm, (lamp, "1")), method_id=method)
    for carrier, code in ((None, "logistics.carrier_missing"), (stranger, "logistics.carrier")):
        draft = again(firm, delivery)
        if carrier:
            firm.edit(draft, "clerk", carrier_id=carrier)
        refusal = raised(lambda: firm.move(delivery, "confirm", "clerk"), Refused)
        assert codes(refusal.objections) == [code]
    firm.edit(again(firm, delivery), "clerk", carrier_id=known)
    assert firm.move(delivery, "confirm", "clerk").state == "confirmed"


def master(firm: Firm, cls: type[Carrier] | type[ShippingMethod] | type[Warehouse], **values: object) -> int:
    return firm.run("manager", lambda w: masters.save(w, cls, inputs.read(cls, values)).id)


def test_the_customer_is_told_of_the_departure_unless_he_fetches_the_goods(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    sent = shipped(firm, taken(firm, sold(firm, (lamp, "1"))))
    assert f"logistics.delivery.tell:{sent.id}" in duties(firm)
    assert raised(lambda: firm.move(sent, "tell", "clerk"), Invalid).faults[0].path == "told_way"
    assert firm.move(sent, "tell", "clerk", values={"told_way": "wechat"}).told_way == "wechat"
    assert f"logistics.delivery.tell:{sent.id}" not in duties(firm)
    pickup = firm.as_program(lambda w: next(m.id for m in methods(w) if m.way == "pickup"))
    fetched = shipped(firm, taken(firm, sold(firm, (lamp, "1")), method_id=pickup))
    assert f"logistics.delivery.tell:{fetched.id}" not in duties(firm)
    refusal = raised(lambda: firm.move(fetched, "tell", "clerk", values={"told_way": "sms"}), Refused)
    assert codes(refusal.objections) == ["logistics.pickup"]


def methods(work: Work) -> list[ShippingMethod]:
    return list(work.session.scalars(select(ShippingMethod)))


def duties(firm: Firm, who: str = "clerk") -> list[str]:
    return firm.read(who, lambda w: [duty.key for duty in my_duties(w)])


def test_a_signed_note_that_does_not_come_back_is_chased(firm: Firm) -> None:
    """The missing note is a duty of those who may enter it, from the day the company chose."""
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = taken(firm, sold(firm, (lamp, "1")))
    firm.edit(delivery, "clerk", date="2026-01-05")
    shipped(firm, delivery)
    key = f"logistics.delivery.sign:{delivery.id}"
    assert key in duties(firm)
    assert key in duties(firm, "rep")
    signed(firm, delivery)
    assert key not in duties(firm)


def test_who_signed_and_when_must_be_said_and_is_in_the_history(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "1"))))
    refusal = raised(lambda: firm.move(delivery, "sign", values={"signed_by": "李师傅"}), Invalid)
    assert {fault.path for fault in refusal.faults} == {"signed_on", "received"}
    wrong = {"signed_by": "李师傅", "signed_on": today(firm), "received": "complete", "gross": "1"}
    assert raised(lambda: firm.move(delivery, "sign", values=wrong), Invalid).faults[0].path == "gross"
    signed(firm, delivery)
    assert again(firm, delivery).signed_by == "李师傅"
    assert findings(firm) == []


def test_what_came_short_is_accepted_only_by_somebody_who_has_read_it(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    delivery = shipped(firm, taken(firm, sold(firm, (lamp, "3"))))
    signed(firm, delivery, "short", differences="少一套", remedy="make_up")
    warning = raised(lambda: firm.move(delivery, "accept"), Unconfirmed)
    assert codes(warning.objections) == ["logistics.differences"]
    assert firm.move(delivery, "accept", confirmed=["logistics.differences"]).state == "accepted"


def test_the_stock_of_what_is_expected_is_told_to_whoever_asks(firm: Firm) -> None:
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    firm.create(StockIn, "clerk", lines=[line(lamp, "7")])
    firm.move(taken(firm, sold(firm, (lamp, "4"))), "confirm", "clerk")
    there = firm.read("rep", lambda w: w.hooks.item_availability([lamp.id]))[lamp.id]
    assert [there.on_hand, there.reserved, there.expected] == [10, 4, 7]


@pytest.mark.parametrize("count", [1, 5, 50])
def test_the_moves_of_a_delivery_stay_within_the_budget_for_any_number_of_lines(firm: Firm, count: int) -> None:
    items = [firm.item("100") for _n in range(min(count, 5))]
    for item in items:
        stored(firm, item, "1000")
    offer = sold(firm, *((items[n % len(items)], "2") for n in range(count)))
    delivery = taken(firm, offer)
    firm.read("clerk", lambda w: None)
    for move, most in (("confirm", 10), ("ship", 20), ("sign", 10), ("accept", 20)):
        values = {"signed_by": "李", "signed_on": today(firm), "received": "complete"} if move == "sign" else {}
        with counted(firm.program.engine) as statements:
            firm.move(delivery, move, "clerk", values=values)
        assert len(statements) <= most, f"{move}\n{statements}"
    assert findings(firm) == []


def test_deliveries_are_told_on_the_page_of_what_was_sold(firm: Firm) -> None:
    """State, expected and real days of everything that was delivered stand on one page."""
    lamp = firm.item("100")
    stored(firm, lamp, "10")
    offer = sold(firm, (lamp, "5"))
    delivery = taken(firm, offer, {offer.lines[0].id: "2"})
    firm.move(delivery, "confirm", "clerk")
    firm.move(delivery, "ship", "clerk", values={"expected_on": "2026-12-01", "tracking": "SF1"})
    sold_page = again(firm, offer, "rep")
    panels = {p.key: p for p in firm.read("rep", lambda w: w.hooks.document_panels(sold_page))}
    (row,) = panels["logistics.deliveries"].rows
    assert isinstance(row[0], Ref)
    assert row[0].id == delivery.id
    assert (row[3], str(row[4]), row[6]) == (Decimal(2), "2026-12-01", "SF1")


def test_what_left_without_an_order_counts_as_owed_until_it_is_invoiced(program: Program) -> None:
    firm = shop(program, "logistics", "billing")
    lamp = firm.item("113")
    stored(firm, lamp, "10")
    party = firm.party()
    delivery = firm.create(Delivery, "clerk", party_id=party.id, lines=[line(lamp, "2", "113")])
    shipped(firm, delivery)
    owed = firm.as_program(lambda w: {one.key: one.amount for one in w.hooks.party_exposure(party.id)})
    assert owed["logistics.delivery.shipped"] == 226
    assert firm.as_program(lambda w: flow.open_totals(w, party.id)[0].uninvoiced) == 226
