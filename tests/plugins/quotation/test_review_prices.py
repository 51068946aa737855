"""A price is that of the product, unit and currency it stands beside, and no kind of line slips past the consents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.entities.item import Item
from core.errors import Invalid
from core.operations import masters
from core.schemas import inputs
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation
from plugins.quotation.masters import PriceList


def quoted(firm: Firm, *lines: dict[str, Any], **values: Any) -> Quotation:
    return firm.create(Quotation, party_id=firm.party().id, lines=lines, **values)


def listed(firm: Firm, who: str, item: Item, price: str, minimum: str = "0", approved: bool = True) -> PriceList:
    """A price list for everybody over one product."""
    given = {
        "code": f"L{firm.next('list')}",
        "name": "价目表",
        "approved": approved,
        "prices": [{"item_id": item.id, "minimum": minimum, "price": price}],
    }
    return firm.run(who, lambda w: masters.save(w, PriceList, inputs.read(PriceList, given)))


def changed(firm: Firm, quotation: Quotation, **row: Any) -> tuple[Decimal, str]:
    """The price and where it is from, after the first line was changed."""
    edited = firm.edit(quotation, lines=[{"id": quotation.lines[0].id, **row}])
    return edited.lines[0].gross_price, edited.lines[0].price_source


@pytest.mark.parametrize("typed", [None, "77"], ids=["listed before", "typed before"])
def test_another_product_on_a_line_has_its_own_price(firm: Firm, typed: str | None) -> None:
    """The price of the product that stood there before says nothing about it."""
    quotation = quoted(firm, line(firm.item("100"), price=typed))
    assert changed(firm, quotation, item_id=firm.item("900").id) == (Decimal(900), "list")


def test_another_unit_on_a_line_has_the_price_of_that_unit(firm: Firm) -> None:
    """Ten for a piece is a hundred and twenty for a box of twelve; a typed price stays as it was typed."""
    item = firm.item("10", units=[{"unit": "箱", "factor": "12"}])
    assert changed(firm, quoted(firm, line(item)), unit="箱") == (Decimal(120), "list")
    assert changed(firm, quoted(firm, line(item, price="9")), unit="箱") == (Decimal(9), "")


def test_a_quantity_below_the_list_does_not_keep_the_price_of_many(firm: Firm) -> None:
    """Who asks for a hundred and takes one pays the price of one."""
    item = firm.item("100")
    listed(firm, "manager", item, "60", minimum="100")
    quotation = quoted(firm, line(item, "100"))
    assert quotation.lines[0].gross_price == 60
    assert changed(firm, quotation, quantity="1") == (Decimal(100), "list")


def test_a_line_without_its_product_keeps_nothing_of_it(firm: Firm) -> None:
    """Code, cost and floor belong to the product that was taken off the line."""
    quotation = quoted(firm, line(firm.item("100", cost="40", floor_price="80")))
    edited = firm.edit(quotation, lines=[{"id": quotation.lines[0].id, "item_id": None, "name": "安装"}])
    one = edited.lines[0]
    assert (one.code, str(one.cost), str(one.floor_price), str(edited.cost_total)) == ("", "0", "0", "0.00")


def test_a_list_price_is_told_in_the_currency_of_the_offer(firm: Firm) -> None:
    """A product of 700 yuan costs 100 dollars at seven yuan for one."""
    quotation = quoted(firm, line(firm.item("700")), currency="USD", exchange_rate="7")
    assert (quotation.lines[0].gross_price, quotation.base_gross) == (Decimal(100), Decimal(700))
    assert firm.move(quotation, "submit").state == "approved"


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ({"gross_price": "70", "line_kind": "charge"}, {}),
        ({"discount_rate": "1"}, {}),
        ({"gross_price": "90"}, {"currency": "JPY", "exchange_rate": "0.05"}),
    ],
    ids=["called a charge", "given away", "in another currency"],
)
def test_below_the_floor_is_below_the_floor_however_it_is_written(
    firm: Firm, row: dict[str, Any], values: dict[str, Any]
) -> None:
    """The general manager's consent is asked for in each case."""
    firm.settings(quotation__deviation="off")
    quotation = quoted(firm, line(firm.item("100", floor_price="80"), **row), line(firm.item("100")), **values)
    assert firm.move(quotation, "submit").approval == "pending"
    assert firm.agree(quotation, "boss").state == "approved"


def test_who_may_not_approve_a_price_list_may_not_take_its_approval_away(firm: Firm) -> None:
    """An approved list is changed by who may approve it, also when the change is that it no longer counts."""
    item = firm.item("100")
    approved, draft = listed(firm, "manager", item, "60"), listed(firm, "clerk", item, "70", approved=False)
    for given in ({"approved": False}, {"approved": False, "name": "旧价目表"}):
        with pytest.raises(Invalid):
            firm.run("clerk", lambda w, g=given: masters.save(w, PriceList, g, key=approved.id))  # type: ignore[misc]
    assert firm.run("clerk", lambda w: masters.save(w, PriceList, {"name": "新"}, key=draft.id)).name == "新"
    assert firm.run("manager", lambda w: masters.save(w, PriceList, {"approved": False}, key=approved.id)).version == 2


def test_a_copy_of_the_line_is_found_again_as_it_was_saved(firm: Firm) -> None:
    """What the change answered is what is kept."""
    item = firm.item("10", units=[{"unit": "箱", "factor": "12"}])
    quotation = quoted(firm, line(item))
    changed(firm, quotation, unit="箱")
    kept = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert (kept.lines[0].gross_price, kept.gross) == (Decimal(120), Decimal(120))
