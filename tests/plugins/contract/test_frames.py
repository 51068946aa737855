"""A framework agreement binds nobody: what is ordered under it does, order by order."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.errors import Conflict
from core.operations import flow
from core.testing.actions import Actions, counts
from core.testing.builders import line
from plugins.contract.documents import Order
from plugins.contract.documents.deviations import deviations
from plugins.contract.reports import FULFILMENT, LEDGER
from tests.plugins.contract.test_reports import told
from tests.scenarios.selling import company

CONTRACT, ORDER, DELIVERY, INVOICE = "contract.contract", "contract.order", "logistics.delivery", "billing.invoice"
ZERO = Decimal(0)


@pytest.fixture
def trade(program: Program) -> Actions:
    """A company that signs, delivers and invoices."""
    areas = ("contract", "logistics", "billing", "credit", "aftersales")
    return company(program, areas, contract__entry="contract", contract__drafts="true")


def agreed(trade: Actions, party: int, *prices: str, **values: Any) -> int:
    """A framework agreement over 10 of each product, open for orders."""
    rows = [line(trade.firm.item(price), "10") for price in prices]
    given: dict[str, Any] = {"contract_kind": "framework", "warranty_months": 0, **values}
    made = trade.create(trade.firm.program.registry.documents[CONTRACT], rows, party_id=party, **given)
    assert made is not None, trade.log[-1]
    assert trade.advance(CONTRACT, made.id, lambda step: step.releases is True), trade.log[-1]
    return int(made.id)


def ordered(trade: Actions, agreement: int, *quantities: str, go: bool = True) -> int:
    """An order of so much of each product of an agreement."""
    rows = trade.waiting(Order, document_id=agreement)
    wanted = [(row.line_id, Decimal(quantity)) for row, quantity in zip(rows, quantities, strict=True)]
    made = trade.take(Order, wanted)
    assert made is not None, trade.log[-1]
    if go:
        assert trade.advance(ORDER, made.id, lambda step: step.releases is True), trade.log[-1]
    return int(made.id)


def fulfilled(trade: Actions, order: int) -> None:
    """Delivered and invoiced in full."""
    types = trade.firm.program.registry.documents
    for kind, source in ((DELIVERY, order), (INVOICE, None)):
        rows = trade.waiting(types[kind], document_id=source)
        draft = trade.take(types[kind], [(row.line_id, None) for row in rows])
        assert draft is not None, trade.log[-1]
        assert trade.advance(kind, draft.id, counts), trade.log[-1]


def paid(trade: Actions, party: int, amount: str) -> None:
    """Money that meets what is due."""
    made = trade.create(trade.firm.program.registry.documents["billing.receipt"], party_id=party, amount=amount)
    assert made is not None
    trade.advance("billing.receipt", made.id, counts)
    assert trade.move("billing.receipt", made.id, "settle") is not None


def row_of(trade: Actions, agreement: int) -> Any:
    (row,) = [row for row in told(trade.firm, LEDGER).rows if row["id"] == agreement]
    return row


def test_several_orders_are_taken_from_one_agreement_and_the_ledger_adds_them_up(trade: Actions) -> None:
    """CTR-09: the ledger tells what was delivered, invoiced and received under the agreement, over all its orders."""
    party = trade.firm.party().id
    agreement = agreed(trade, party, "100", "7")
    assert [row.left for row in trade.waiting(Order)] == [10, 10]
    assert trade.documents(ORDER) == [], "nothing is ordered by itself"
    assert [trade.waiting(cls) for cls in trade.takers() if cls is not Order] == [[]] * (len(trade.takers()) - 1)
    assert trade.look(lambda w: w.hooks.party_exposure(party)) == []
    first, second = ordered(trade, agreement, "4", "10"), ordered(trade, agreement, "3", go=False)
    fulfilled(trade, first)
    paid(trade, party, "400")
    assert trade.advance(ORDER, second, lambda step: step.releases is True)
    row = row_of(trade, agreement)
    assert (row["gross"], row["owed"], row["delivered"]) == (1070, 770, 470)
    assert (row["invoiced"], row["uninvoiced"], row["received"], row["unpaid"]) == (470, 300, 400, 370)
    assert (row["receivable"], row["progress"]) == (70, "In part")
    other = agreed(trade, party, "50")
    assert (row_of(trade, other)["owed"], row_of(trade, agreement)["owed"]) == (0, 770)
    assert {line["kind"] for line in told(trade.firm, FULFILMENT).rows} == {ORDER}
    key = trade.lines(agreement)[0].id
    with pytest.raises(Conflict):
        trade.firm.as_program(lambda w: flow.take(w, Order, [(key, Decimal("3.1"))]))
    assert trade.wrong() == []


def test_an_agreement_ends_without_what_nobody_ordered_and_rests_when_its_orders_are_paid(trade: Actions) -> None:
    """CTR-13: what is owed by an agreement is what is owed by its orders."""
    party = trade.firm.party().id
    agreement = agreed(trade, party, "100")
    order = ordered(trade, agreement, "4")
    fulfilled(trade, order)
    assert trade.move(CONTRACT, agreement, "complete") is not None, trade.log[-1]
    assert trade.waiting(Order) == []
    key = trade.lines(agreement)[0].id
    with pytest.raises(Conflict):
        trade.firm.as_program(lambda w: flow.take(w, Order, [(key, Decimal(1))]))
    paid(trade, party, "399.99")
    assert trade.move(CONTRACT, agreement, "archive") is None
    assert "0.01 is not paid yet" in trade.log[-1]
    paid(trade, party, "0.01")
    assert trade.move(CONTRACT, agreement, "archive") is not None, trade.log[-1]
    assert trade.wrong() == []


def test_an_order_on_other_terms_than_its_agreement_needs_consent(trade: Actions) -> None:
    """CTR-06: price and terms of the agreement hold for its orders; how much is ordered is free."""
    agreement = agreed(trade, trade.firm.party().id, "100", payment_terms="月结30天")
    draft = ordered(trade, agreement, "4", go=False)
    found = trade.look(lambda w: [str(one.what) for one in deviations(w, load(w, Order, draft))])
    assert found == []
    order = trade.look(lambda w: load(w, Order, draft))
    rows = [{"id": order.lines[0].id, "gross_price": "99"}]
    trade.firm.edit(order, "clerk", lines=rows, payment_terms="月结90天")
    found = trade.look(lambda w: [str(one.what) for one in deviations(w, load(w, Order, draft))])
    assert found == ["Price with tax", "Terms"]
    asked = trade.move(ORDER, draft, "submit")
    assert asked is not None
    assert asked.approval == "pending"


def test_an_agreement_has_no_milestones_and_an_order_one_agreement(trade: Actions) -> None:
    party = trade.firm.party().id
    cls = trade.firm.program.registry.documents[CONTRACT]
    plan = [{"event": "signing", "percent": "1"}]
    given: dict[str, Any] = {"contract_kind": "framework", "milestones": plan}
    made = trade.create(cls, [line(trade.firm.item("100"), "1")], party_id=party, **given)
    assert made is not None
    assert trade.move(CONTRACT, made.id, "submit") is None
    assert "paid by its orders" in trade.log[-1]
    keys = [trade.waiting(Order, document_id=agreed(trade, party, "100"))[0].line_id for _time in range(2)]
    both = trade.take(Order, [(key, None) for key in keys])
    assert both is not None
    assert trade.move(ORDER, both.id, "submit") is None
    assert "one framework agreement" in trade.log[-1]


def test_what_is_ordered_under_an_agreement_has_its_warranty(trade: Actions) -> None:
    agreement = agreed(trade, trade.firm.party().id, "100", warranty_months=18)
    order = ordered(trade, agreement, "1")
    key = trade.lines(order)[0].id
    terms = trade.look(lambda w: w.hooks.warranty_terms([key]))
    assert {line_id: (term.months, term.until) for line_id, term in terms.items()} == {key: (18, None)}
