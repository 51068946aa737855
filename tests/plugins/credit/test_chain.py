"""What a customer owes on the way from his order to his money: counted once, by the parts that the company counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.errors import Refused
from core.operations import flow
from core.records.invariants import verify_figures
from core.testing.builders import Firm
from plugins.billing.documents import Invoice, Receipt
from plugins.contract.documents import Order
from plugins.credit.services import watching
from plugins.credit.services.standing import standing
from plugins.logistics.documents import Delivery
from tests.plugins.contract.agreements import ordered
from tests.plugins.credit.test_limits import LAST, TODAY, temporary, trusted

BLOCKED = {"credit__at_order": "block", "credit__at_delivery": "block", "credit__at_invoice": "block"}


@pytest.fixture
def trade(program: Program) -> Firm:
    """A company that takes orders, ships, invoices, and refuses whatever goes beyond the limit."""
    firm = Firm.founded(program, "trade", "大店有限公司", areas=["contract", "logistics", "billing", "credit"])
    firm.settings(contract__confirmation=False, logistics__drafts=False, billing__drafts=False)
    firm.settings(logistics__negative_stock=True, **BLOCKED)
    firm.today = TODAY
    return firm


def order(firm: Firm, party: int, amount: str, quantity: str = "1") -> Order:
    """An order that binds and is handed to the departments."""
    draft = ordered(firm, amount, quantity, party_id=party)
    return firm.move(firm.move(draft, "submit"), "release")


def taken(firm: Firm, found: Order, quantity: str | None = None) -> Delivery:
    """A confirmed delivery of what was ordered, or of so much of it."""
    part = None if quantity is None else Decimal(quantity)
    draft = firm.run("clerk", lambda w: flow.take(w, Delivery, [(found.lines[0].id, part)]))
    return firm.move(draft, "confirm", "clerk")


def shipped(firm: Firm, found: Order, quantity: str | None = None) -> Delivery:
    """What was ordered, or so much of it, on its way."""
    return firm.move(taken(firm, found, quantity), "ship", "clerk", values={"plate": "鲁B·12345"})


def billed(firm: Firm, delivery: Delivery) -> Invoice:
    """The issued invoice over a delivery."""
    draft = firm.run("finance", lambda w: flow.take_from(w, Invoice, delivery, tax_number="91370200MA3TEST00X"))
    number = f"26370000{firm.next('fapiao'):012}"
    return firm.move(firm.edit(draft, "finance", invoice_number=number), "issue", "finance")


def paid_ahead(firm: Firm, party: int, amount: str) -> Receipt:
    """Money that stands against nothing."""
    return firm.move(firm.create(Receipt, "finance", party_id=party, amount=amount), "confirm", "finance")


def parts(firm: Firm, party: int) -> dict[str, Decimal]:
    """What counts, by its key; the list of customers to be watched has to come to the same sum."""
    now = firm.read("finance", lambda w: standing(w, party))
    assert now is not None
    rows = firm.read("finance", lambda w: w.session.execute(watching.watched(w, everybody=True)).all())
    assert {row.exposure for row in rows if row.file_id == now.file_id} == {now.exposure}
    return {part.key: part.amount for part in now.parts}


def over(firm: Firm, document: Any, move: str, who: str = "rep") -> Decimal:
    """By how much a move is over the limit."""
    with pytest.raises(Refused) as refused:
        firm.move(document, move, who)
    (found,) = [o for o in refused.value.objections if o.code == "credit.limit"]
    assert found.excess is not None
    return found.excess


def sums(*given: tuple[str, str]) -> dict[str, Decimal]:
    return {key: Decimal(amount) for key, amount in given}


def example(firm: Firm) -> int:
    """Limit 500,000 and 50,000; 320,000 unpaid, 60,000 shipped, 100,000 only ordered, 20,000 paid ahead."""
    party = trusted(firm, "500000", temporary("50000"))
    billed(firm, shipped(firm, order(firm, party, "320000")))
    shipped(firm, order(firm, party, "16000", "10"), "3.75")
    paid_ahead(firm, party, "20000")
    return party


WHOLE = sums(
    ("contract.order.ordered", "100000"),
    ("contract.order.shipped", "60000"),
    ("billing.unpaid", "320000"),
    ("billing.advances", "-20000"),
)


def test_every_part_is_told_apart_and_the_limit_holds_to_the_cent(trade: Firm) -> None:
    """CRD-04: unpaid, shipped and not invoiced, open orders, less advances; one cent beyond the limit is refused."""
    party = example(trade)
    assert parts(trade, party) == WHOLE
    assert over(trade, ordered(trade, "90000.01", "1", party_id=party), "submit") == Decimal("0.01")
    late = ordered(trade, "90000", "1", party_id=party)
    trade.today = date(2026, 12, 1)
    assert over(trade, late, "submit") == 50000
    trade.today = LAST
    found = trade.move(trade.move(late, "submit"), "release")
    invoice = billed(trade, shipped(trade, found))
    assert invoice.gross == 90000
    assert parts(trade, party) == {**WHOLE, "billing.unpaid": Decimal(410000)}


@pytest.mark.parametrize(
    ("setting", "gone"),
    [
        ("credit__count_orders", "contract.order.ordered"),
        ("credit__count_shipped", "contract.order.shipped"),
        ("credit__count_advances", "billing.advances"),
    ],
)
def test_the_company_says_what_counts(trade: Firm, setting: str, gone: str) -> None:
    """CRD-04: what counts is a parameter, in the check, on the page and on the list of those to be watched."""
    party = example(trade)
    trade.settings(**{setting: False})
    assert parts(trade, party) == {key: amount for key, amount in WHOLE.items() if key != gone}


def test_what_does_not_count_when_it_is_ordered_counts_when_it_is_shipped(trade: Firm) -> None:
    """CRD-04: nothing slips by between two parts, of which the company counts only the later."""
    trade.settings(credit__count_orders=False)
    party = trusted(trade, "1000")
    found = order(trade, party, "150", "10")
    assert parts(trade, party) == {}
    assert over(trade, taken(trade, found, "7"), "ship", "clerk") == 50
    shipped(trade, found, "3")
    assert parts(trade, party) == sums(("contract.order.shipped", "450"))


def test_what_does_not_count_when_it_is_shipped_counts_when_it_is_invoiced(trade: Firm) -> None:
    trade.settings(credit__count_orders=False, credit__count_shipped=False)
    party = trusted(trade, "1000")
    delivery = shipped(trade, order(trade, party, "150", "10"))
    assert parts(trade, party) == {}
    draft = trade.run("finance", lambda w: flow.take_from(w, Invoice, delivery, tax_number="91370200MA3TEST00X"))
    ready = trade.edit(draft, "finance", invoice_number="2" * 20)
    assert over(trade, ready, "issue", "finance") == 500


def test_what_is_delivered_at_once_is_not_an_open_order(program: Program) -> None:
    firm = Firm.founded(program, "desk", "小店有限公司", areas=["contract", "billing", "credit"])
    firm.settings(contract__confirmation=False, billing__drafts=False, credit__count_orders=False, **BLOCKED)
    party = trusted(firm, "1000")
    assert over(firm, ordered(firm, "1000.01", "1", party_id=party), "submit") == Decimal("0.01")
    order(firm, party, "1000")
    assert parts(firm, party) == sums(("contract.order.shipped", "1000"))


def test_a_surplus_within_the_tolerance_is_held_against_the_limit(trade: Firm) -> None:
    """CRD-04: what goes out beyond the order is more debt, refused when it is shipped, not discovered afterwards."""
    trade.settings(core__tolerance_percent="10")
    party = trusted(trade, "1050")
    found = order(trade, party, "100", "10")
    draft = taken(trade, found, "11")
    assert over(trade, draft, "ship", "clerk") == 50
    draft = trade.move(draft, "correct", "clerk", reason="超额")
    draft = trade.edit(draft, "clerk", lines=[{"id": draft.lines[0].id, "quantity": "10.5"}])
    delivery = trade.move(trade.move(draft, "confirm", "clerk"), "ship", "clerk", values={"plate": "鲁B·12345"})
    assert parts(trade, party) == sums(("contract.order.shipped", "1050"))
    assert billed(trade, delivery).gross == 1050
    assert parts(trade, party) == sums(("billing.unpaid", "1050"))
    assert trade.as_program(lambda w: list(verify_figures(w))) == []


def test_a_surplus_that_is_invoiced_before_it_is_shipped_is_held_against_the_limit(trade: Firm) -> None:
    trade.settings(core__tolerance_percent="10", core__billing_point="order")
    party = trusted(trade, "1000")
    found = order(trade, party, "100", "10")
    wanted = [(found.lines[0].id, Decimal(11))]
    draft = trade.run("finance", lambda w: flow.take(w, Invoice, wanted, tax_number="91370200MA3TEST00X"))
    assert over(trade, trade.edit(draft, "finance", invoice_number="2" * 20), "issue", "finance") == 100


# Credit for one order ---------------------------------------------------------------------------------------------


def allowed(firm: Firm, party: int) -> Decimal:
    """The most that a customer may owe, whatever he orders next."""
    now = firm.read("finance", lambda w: standing(w, party))
    assert now is not None
    return now.allowed


def test_credit_for_one_order_is_given_back_when_the_order_is_written_anew_or_ended(trade: Firm) -> None:
    party = trusted(trade, "1000", temporary("500", single_use=True))
    found = trade.move(ordered(trade, "1500", "1", party_id=party), "submit")
    assert allowed(trade, party) == 1000
    found = trade.move(found, "revise")
    assert allowed(trade, party) == 1500
    found = trade.move(found, "submit")
    assert allowed(trade, party) == 1000
    trade.move(found, "cancel", reason="客户不要了")
    assert allowed(trade, party) == 1500
    assert order(trade, party, "1500").state == "released"


def test_credit_for_one_order_lasts_for_its_deliveries_and_invoices_and_for_no_other(trade: Firm) -> None:
    party = trusted(trade, "1000", temporary("500", single_use=True))
    found = order(trade, party, "150", "10")
    assert over(trade, ordered(trade, "1", "1", party_id=party), "submit") == 501
    assert billed(trade, shipped(trade, found)).state == "issued"
    assert allowed(trade, party) == 1000
