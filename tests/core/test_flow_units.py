"""Quantities in other units, and prices without tax: parts come to the whole, to the last place and to the cent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.entities.item import Item
from core.entities.tax import TaxRate
from core.operations import flow, masters
from core.operations.verifying import verify_chain
from core.schemas import inputs
from core.testing.api import api_for, said
from core.testing.builders import Firm
from plugins.billing.documents import Invoice
from plugins.billing.services import drafts
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from tests.core.test_flow import SAID, again, figures, left, step, switch_off, taken
from tests.plugins.billing.money import exactly
from tests.plugins.contract.agreements import drafted, released

UNITS = [{"unit": "箱", "factor": "2.204623"}, {"unit": "打", "factor": "12"}]
NUMBER = "2644000000000{n:07}"


@pytest.fixture(autouse=True)
def chosen(firm: Firm) -> None:
    """Orders without production, nobody keeps stock, drafts are made by hand."""
    firm.as_program(lambda w: switch_off(w, "production", "aftersales", "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")
    firm.settings(contract__confirmation="false", logistics__drafts="false", billing__drafts="false")


def ordered(firm: Firm, *rows: dict[str, Any], **values: Any) -> Order:
    """A released order over one product, in the units and at the prices of ``rows``."""
    item = firm.item("100", units=UNITS)
    lines = [{"item_id": item.id, **row} for row in rows]
    order = firm.create(Order, party_id=firm.party().id, lines=lines, **{**SAID, **values})
    return step(firm, order, "submit", "release")


@pytest.mark.parametrize("first", ["3.307123", "7.357123", "0.083333"])
def test_what_is_shown_as_left_in_a_unit_is_all_that_is_left(firm: Firm, first: str) -> None:
    """However a unit divides: what the interface says is left can be taken, and then nothing is left of it."""
    order = ordered(firm, {"unit": "箱", "quantity": "14.3"}, {"unit": "打", "quantity": "9"})
    api = api_for(firm, "clerk")
    for quantity in (first, "1.401457", None):
        waits = said(api.get("/logistics/deliveries/waiting"))["items"]
        lines = [{"line_id": row["line_id"], "quantity": quantity or row["quantity"]} for row in waits]
        then = [{"name": "confirm"}, {"name": "ship"}]
        answer = api.post("/logistics/deliveries/take", {"lines": lines, "then": then})
        assert answer.status_code == 201, answer.get_data(as_text=True)
    assert left(firm, Delivery) == {}
    assert [x.delivered for x in again(firm, order).lines] == [x.base_quantity for x in order.lines]
    assert company_is_sound(firm)


def company_is_sound(firm: Firm) -> bool:
    """Nothing is wrong between the documents."""
    return firm.as_program(lambda w: list(verify_chain(w))) == []


def test_a_draft_that_is_set_to_all_that_is_left_takes_all_of_it(firm: Firm) -> None:
    order = ordered(firm, {"unit": "箱", "quantity": "14.3"})
    key = order.lines[0].id
    taken(firm, Delivery, [(key, "7.348743")])
    draft = taken(firm, Delivery, [(key, "1")])
    shown = said(api_for(firm, "clerk").get("/logistics/deliveries/waiting"))["items"][0]["quantity"]
    wanted = Decimal(shown) + draft.lines[0].quantity
    changed = firm.edit(draft, "clerk", lines=[{"id": draft.lines[0].id, "quantity": str(wanted)}])
    assert left(firm, Delivery) == {}
    assert changed.lines[0].base_quantity == order.lines[0].base_quantity - Decimal("7.348743")
    assert company_is_sound(firm)


def test_milestones_of_goods_by_the_dozen_are_invoiced_whole(firm: Firm) -> None:
    """Thirty percent of a dozen and a bit is no round number of dozens; all milestones come to what was agreed."""
    firm.settings(contract__entry="contract", contract__advance="off", core__billing_point="milestones")
    item = firm.item("100", units=UNITS)
    lines = [{"item_id": item.id, "unit": unit, "quantity": q} for unit, q in (("打", "1.001"), ("箱", "3.337"))]
    shares = (("signing", "0.3"), ("delivery", "0.333"), ("acceptance", "0.367"))
    plan = [{"event": event, "percent": percent} for event, percent in shares]
    contract = released(firm, drafted(firm, lines=lines, milestones=plan))
    for n, claim in enumerate(firm.read("finance", lambda w: flow.claims.of(w, [contract.id])), 1):
        draft = firm.run("finance", lambda w, key=claim.id: drafts.for_milestone(w, key))  # type: ignore[misc]
        values: dict[str, Any] = {
            "invoice_number": NUMBER.format(n=n),
            "buyer": "买方",
            "tax_number": "91350100M000100Y43",
        }
        assert firm.edit(draft, "finance", **values).gross == claim.amount
        firm.move(again(firm, draft), "issue", "finance")
    found = again(firm, contract)
    assert [x.invoiced for x in found.lines] == [x.base_quantity for x in found.lines]
    assert (found.invoiced, found.uninvoiced) == (contract.gross, Decimal(0))
    assert company_is_sound(firm)


def test_parts_at_prices_without_tax_have_the_tax_of_their_own_amount(firm: Firm) -> None:
    """Rounding moves a part by a cent; what is not taxed has no tax for it, nor is any other part over-taxed."""
    rates = firm.as_program(lambda w: {tax.code: tax for tax in w.company.taxes})
    row: dict[str, Any] = {"quantity": "3", "price": "0.333", "fixed": "price"}
    rows = [row, {**row, "tax_rate_id": rates["0"].id}, {**row, "price": "33.333", "tax_rate_id": rates["exempt"].id}]
    order = ordered(firm, *rows, prices_include_tax=False)
    firm.settings(core__billing_point="order")
    pieces = [taken(firm, Delivery, [(x.id, "1") for x in order.lines]) for _n in range(3)]
    for line in (x for piece in pieces for x in piece.lines):
        assert line.tax == 0 or line.tax_rate
        assert abs(line.tax - line.net * line.tax_rate) <= Decimal("0.005")
    for place, line in enumerate(order.lines):
        assert sum(piece.lines[place].gross for piece in pieces) == line.gross


@pytest.mark.parametrize("fixed", ["net", "tax", "gross"])
def test_all_of_a_line_keeps_the_amounts_that_were_agreed(firm: Firm, fixed: str) -> None:
    """Also where somebody fixed an amount that no unit price comes to."""
    amounts = {"net": "100.01", "tax": "13.02", "gross": "113.03"}
    firm.settings(core__billing_point="order")
    order = ordered(firm, {"quantity": "7", fixed: amounts[fixed], "fixed": fixed}, prices_include_tax=False)
    whole = taken(firm, Delivery, [(order.lines[0].id, None)]).lines[0]
    agreed = order.lines[0]
    assert (whole.net, whole.tax, whole.gross) == (agreed.net, agreed.tax, agreed.gross)


@pytest.mark.parametrize("now", [{"active": False}, {"rate": "0.09"}])
def test_what_was_ordered_under_a_tax_rate_is_delivered_and_invoiced_under_it(firm: Firm, now: dict[str, Any]) -> None:
    """A rate that is taken out of use, or says something else from now on, does so for new business only."""
    order = ordered(firm, {"quantity": "3"})
    key = order.lines[0].tax_rate_id
    firm.run("admin", lambda w: masters.save(w, TaxRate, inputs.read(TaxRate, now, partial=True), key=key))
    delivery = step(firm, taken(firm, Delivery, [(order.lines[0].id, None)]), "confirm", "ship")
    invoice = taken(firm, Invoice, [(delivery.lines[0].id, "2")])
    kept = firm.edit(invoice, "finance", lines=[{"id": invoice.lines[0].id, "quantity": "3", "tax_rate_id": key}])
    assert (kept.gross, kept.lines[0].tax_rate) == (order.gross, order.lines[0].tax_rate)
    assert figures(firm, order) == [(3, 0, 0, 0)]


@pytest.mark.parametrize("units", [[], [{"unit": "箱", "factor": "24"}]])
def test_what_was_ordered_by_the_box_goes_on_by_that_box(firm: Firm, units: list[dict[str, str]]) -> None:
    """Also when the product is not sold in such boxes any more, or in greater ones."""
    item = firm.item("100", units=[{"unit": "箱", "factor": "12"}])
    lines = [{"item_id": item.id, "unit": "箱", "quantity": "3"}]
    draft = firm.create(Order, party_id=firm.party().id, lines=lines, **SAID)
    order = step(firm, draft, "submit", "release")
    firm.run("manager", lambda w: masters.save(w, Item, inputs.read(Item, {"units": units}, partial=True), key=item.id))
    delivery = taken(firm, Delivery, [(order.lines[0].id, "12")])
    assert [(x.quantity, x.factor, x.base_quantity) for x in delivery.lines] == [exactly(1, 12, 12)]
    changed = firm.edit(delivery, "clerk", lines=[{"id": delivery.lines[0].id, "quantity": "2"}])
    assert [(x.base_quantity, x.gross) for x in changed.lines] == [(Decimal(24), order.gross * 2 / 3)]
    step(firm, changed, "confirm", "ship")
    assert figures(firm, order) == [(24, 0, 0, 0)]
    assert company_is_sound(firm)
