"""Prices come from the list that is valid for the customer, the product, the quantity and the day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.documents.reading import load
from core.entities.item import Item
from core.errors import Conflict, Invalid, Unconfirmed
from core.hooks.values import PriceQuery
from core.operations import masters
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import CHINESE, speaking
from plugins.quotation.documents import Quotation
from plugins.quotation.masters import PriceList
from plugins.quotation.masters.prices import Offer, best

DAY = date(2026, 11, 25)


def price_list(
    firm: Firm, code: str, item: Item, *steps: tuple[str, str], who: str = "manager", **values: Any
) -> PriceList:
    """An approved list with one product: (from quantity, price) …"""
    prices = [{"item_id": item.id, "minimum": minimum, "price": price} for minimum, price in steps]
    given = {"code": code, "name": f"价目表{code}", "approved": True, "prices": prices, **values}
    return firm.run(who, lambda w: masters.save(w, PriceList, inputs.read(PriceList, given)))


def offer(list_id: int = 1, price: str = "100", **values: Any) -> Offer:
    """A price of a list for everybody, from the first piece on."""
    about: dict[str, Any] = {
        "minimum": Decimal(0),
        "title": f"L{list_id}",
        "party_id": None,
        "party_class": "",
        "currency": "CNY",
        "includes_tax": True,
        "valid_from": None,
        "valid_until": None,
        **values,
    }
    return Offer(item_id=1, price=Decimal(price), list_id=list_id, **about)


def query(quantity: str = "10", *, on: date = DAY) -> PriceQuery:
    """What customer 7 of class A pays."""
    return PriceQuery(1, Decimal(quantity), 7, "A", "CNY", on)


def chosen(*offers: Offer, quantity: str = "10", on: date = DAY) -> Decimal | None:
    """The price of whichever offer counts, in any order of the offers."""
    answers = {a.price if (a := best(row, query(quantity, on=on))) else None for row in (offers, offers[::-1])}
    (answer,) = answers
    return answer


def test_the_customers_own_list_goes_before_its_class_and_that_before_everybody() -> None:
    everybody, by_class, own = offer(1, "100"), offer(2, "95", party_class="A"), offer(3, "97", party_id=7)
    assert chosen(everybody) == 100
    assert chosen(everybody, by_class) == 95
    assert chosen(everybody, by_class, own) == 97


def test_a_list_for_others_never_counts() -> None:
    assert chosen(offer(1, party_id=8)) is None
    assert chosen(offer(1, party_class="B")) is None
    assert chosen(offer(1, currency="USD")) is None


@pytest.mark.parametrize(("quantity", "price"), [("9.999999", "100"), ("10", "90"), ("99", "90"), ("100", "80")])
def test_the_highest_quantity_reached_counts(quantity: str, price: str) -> None:
    steps = [offer(1, "100"), offer(1, "90", minimum=Decimal(10)), offer(1, "80", minimum=Decimal(100))]
    assert chosen(*steps, quantity=quantity) == Decimal(price)


def test_a_quantity_the_special_list_does_not_sell_falls_back_to_the_general_one() -> None:
    assert chosen(offer(1, "100"), offer(2, "70", party_id=7, minimum=Decimal(50))) == 100


@pytest.mark.parametrize(
    ("day", "price"), [(DAY - timedelta(1), None), (DAY, 100), (DAY + timedelta(9), 100), (DAY + timedelta(10), None)]
)
def test_both_the_first_and_the_last_day_are_valid(day: date, price: int | None) -> None:
    assert chosen(offer(1, valid_from=DAY, valid_until=DAY + timedelta(9)), on=day) == price


def test_of_two_equal_lists_the_one_that_became_valid_last_counts() -> None:
    old, new = offer(2, "100", valid_from=DAY - timedelta(30)), offer(1, "110", valid_from=DAY)
    assert chosen(old, new) == 110
    assert chosen(old, new, on=DAY - timedelta(1)) == 100


def test_a_quotation_takes_its_prices_from_the_list_and_says_where_from(firm: Firm) -> None:
    """QTN-02: class, quantity and day choose the list; the line says which it was; a typed price says nothing."""
    lamp = firm.item("120")
    price_list(firm, "A26", lamp, ("0", "100"), ("10", "90"), party_class="A")
    price_list(firm, "OLD", lamp, ("0", "60"), party_class="A", valid_until=str(DAY - timedelta(1000)))
    known, stranger = firm.party(party_class="A"), firm.party()
    lines = [line(lamp, "9"), line(lamp, "10"), line(lamp, "1", "111")]
    quotation = firm.create(Quotation, party_id=known.id, lines=lines)
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert [(x.gross_price, x.price_source) for x in again.lines] == [
        (Decimal(100), "A26 价目表A26"),
        (Decimal(90), "A26 价目表A26 ≥ 10"),
        (Decimal(111), ""),
    ]
    other = firm.create(Quotation, party_id=stranger.id, lines=[line(lamp, "10")])
    assert (other.lines[0].gross_price, other.lines[0].price_source) == (Decimal(120), "list")


def test_a_changed_quantity_is_priced_anew(firm: Firm) -> None:
    """QTN-02: the quantity decides, also when it is changed later; the edited line tells its new source."""
    lamp = firm.item("120")
    price_list(firm, "G", lamp, ("0", "100"), ("10", "90"))
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(lamp, "2")])
    done = firm.edit(quotation, lines=[{"id": quotation.lines[0].id, "quantity": "20"}])
    assert (done.lines[0].gross_price, done.lines[0].price_source) == (Decimal(90), "G 价目表G ≥ 10")


def test_a_price_without_tax_stays_one(firm: Firm) -> None:
    lamp = firm.item("120")
    price_list(firm, "N", lamp, ("0", "100"), includes_tax=False)
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(lamp)])
    assert (quotation.lines[0].price, quotation.lines[0].gross_price, quotation.gross) == (
        Decimal(100),
        Decimal(113),
        Decimal(113),
    )


def test_only_an_approved_list_that_is_in_use_gives_prices(firm: Firm) -> None:
    lamp = firm.item("120")
    price_list(firm, "X", lamp, ("0", "1"), approved=False)
    price_list(firm, "Y", lamp, ("0", "2"), active=False)
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(lamp)])
    assert quotation.lines[0].gross_price == 120


def test_a_list_of_another_company_gives_no_price(firm: Firm, other_firm: Firm) -> None:
    lamp, theirs = firm.item("120"), other_firm.item("50")
    price_list(other_firm, "Z", theirs, ("0", "1"))
    assert firm.create(Quotation, party_id=firm.party().id, lines=[line(lamp)]).lines[0].gross_price == 120


def test_who_may_not_approve_neither_approves_a_list_nor_changes_an_approved_one(firm: Firm) -> None:
    lamp = firm.item()
    with pytest.raises(Invalid) as refused:
        price_list(firm, "C", lamp, ("0", "1"), who="clerk")
    assert refused.value.faults[0].path == "approved"
    draft = price_list(firm, "C", lamp, ("0", "1"), who="clerk", approved=False)
    firm.run("manager", lambda w: masters.save(w, PriceList, {"approved": True}, key=draft.id))
    with pytest.raises(Invalid):
        firm.run("clerk", lambda w: masters.save(w, PriceList, {"name": "新"}, key=draft.id))


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"valid_from": "2026-02-01", "valid_until": "2026-01-31"}, "valid_until"),
        ({"currency": "人民币"}, "currency"),
        ({"name": ""}, "name"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused_in_words(firm: Firm, values: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        price_list(firm, "L", firm.item(), ("0", "1"), **values)
    assert [fault.path for fault in refused.value.faults] == [path]
    with speaking(CHINESE):
        assert not str(refused.value.faults[0].text).isascii()


def test_a_list_is_for_a_customer_or_for_a_class(firm: Firm) -> None:
    with pytest.raises(Invalid) as refused:
        price_list(firm, "L", firm.item(), ("0", "1"), party_id=firm.party().id, party_class="A")
    assert refused.value.faults[0].path == "party_class"


def test_a_price_far_below_or_above_the_list_needs_consent(firm: Firm) -> None:
    """QTN-02: without any policy, lowering by more than 5 % and raising by more than 10 % both go to the manager."""
    lamp, party = firm.item("200"), firm.party()
    price_list(firm, "G", lamp, ("0", "100"))
    for price, outcome in (("95", "none"), ("94.99", "pending"), ("110", "none"), ("110.01", "pending")):
        quotation = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "3", price)])
        assert firm.move(quotation, "submit").approval == outcome, price
    discounted = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "100", discount_rate="0.06")])
    assert firm.move(discounted, "submit").approval == "pending"
    assert firm.agree(discounted, "manager", "老客户").state == "approved"


def test_the_deviation_is_measured_from_the_price_for_that_quantity(firm: Firm) -> None:
    """QTN-02: ninety is the list price from ten pieces on, and too little for one piece."""
    lamp, party = firm.item("100"), firm.party()
    price_list(firm, "G", lamp, ("0", "100"), ("10", "90"))
    many = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "10", "90")])
    one = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "90")])
    assert firm.move(many, "submit").state == "approved"
    assert firm.move(one, "submit").approval == "pending"


def test_without_a_list_the_products_own_list_price_is_the_measure(firm: Firm) -> None:
    lamp, party = firm.item("100"), firm.party()
    cheap = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "80")])
    assert firm.move(cheap, "submit").approval == "pending"
    free = firm.create(Quotation, party_id=party.id, lines=[{"name": "现场勘察", "quantity": "1", "gross_price": "9"}])
    assert firm.move(free, "submit").state == "approved"


def test_a_company_may_only_warn_of_deviating_prices_or_say_nothing(firm: Firm) -> None:
    lamp, party = firm.item("100"), firm.party()
    firm.settings(quotation__deviation="warn")
    quotation = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "150")])
    with pytest.raises(Unconfirmed) as asked:
        firm.move(quotation, "submit")
    with speaking(CHINESE):
        assert f"高于价目表：{lamp.name} 50%" in str(asked.value)
    assert firm.move(quotation, "submit", confirmed=["quotation.raised"]).state == "approved"
    firm.settings(quotation__deviation="off")
    quiet = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "150")])
    assert firm.move(quiet, "submit").state == "approved"


def test_below_the_floor_the_general_manager_is_asked(firm: Firm) -> None:
    """The floor is the general manager's; the manager alone does not pass it, one consent for all reasons."""
    lamp, party = firm.item("100", floor_price="80"), firm.party()
    firm.settings(quotation__deviation="off")
    cheap = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "79.99")])
    at_floor = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", "80")])
    assert firm.move(at_floor, "submit").state == "approved"
    assert firm.move(cheap, "submit").approval == "pending"
    assert firm.agree(cheap, "boss").state == "approved"


def test_all_lines_are_priced_by_one_question(firm: Firm, engine: Engine) -> None:
    """QTN-02: one statement asks the lists for fifty lines as for one."""
    lamp, party = firm.item("100"), firm.party()
    price_list(firm, "G", lamp, ("0", "100"), ("10", "90"))
    for lines in (1, 50):
        with counted(engine) as statements:
            quotation = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "10")] * lines)
        assert len([text for text in statements.texts if "quotation_price_list" in text]) == 1
        assert {x.gross_price for x in quotation.lines} == {Decimal(90)}


def test_a_box_is_priced_as_the_pieces_in_it(firm: Firm) -> None:
    """QTN-02: quantities and prices of a list are per piece; a box of twelve reaches the step of ten."""
    lamp, party = firm.item("100", units=[{"unit": "箱", "factor": "12"}]), firm.party()
    price_list(firm, "G", lamp, ("0", "100"), ("10", "90"))
    quotation = firm.create(Quotation, party_id=party.id, lines=[line(lamp, "1", unit="箱")])
    (row,) = quotation.lines
    assert (row.gross_price, row.gross, row.price_source) == (Decimal(1080), Decimal(1080), "G 价目表G ≥ 10")
    assert firm.move(quotation, "submit").state == "approved"


def test_the_same_product_and_quantity_twice_in_a_list_is_refused_whole(firm: Firm) -> None:
    lamp = firm.item()
    with pytest.raises(Conflict):
        price_list(firm, "D", lamp, ("5", "1"), ("5", "2"))
    assert firm.read("manager", lambda w: w.session.scalars(select(PriceList.id)).all()) == []
