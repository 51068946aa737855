"""What comes back: never more than the customer has, and the money follows the goods."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from core.documents import Document
from core.documents.reading import find
from core.errors import Conflict
from core.operations import flow
from core.roles import GENERAL_MANAGER
from core.testing.builders import Firm
from plugins.aftersales.documents import Return
from plugins.billing.documents import CreditNote, Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery, ReturnReceipt
from tests.core.test_approval_plans import policy
from tests.core.test_approval_plans import step as step_of
from tests.core.test_flow import again, figures, invoiced, left, ordered, shipped, sound, step, switch_off

__all__ = ["chosen"]


@pytest.fixture(autouse=True)
def chosen(firm: Firm) -> None:
    """Orders without production, nobody keeps stock, drafts are made by hand."""
    firm.as_program(lambda w: switch_off(w, "production", "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")


def asked_back(firm: Firm, wanted: Iterable[tuple[int, str]], *, exchanged: bool = False) -> Return:
    """An approved request to take these lines back."""
    pairs = [(key, Decimal(quantity)) for key, quantity in wanted]
    made = firm.as_program(lambda w: flow.take_back(w, Return, pairs, exchanged=exchanged, reason_kind="quality"))
    request = step(firm, again(firm, made), "confirm")
    return step(firm, step(firm, request, "examine", finding="确有质量问题"), "approve")


def stored(firm: Firm, request: Return) -> ReturnReceipt:
    """The goods of a request, back in the store."""
    key = firm.as_program(lambda w: next(row.id for row in flow.chain(w, request.id)[1]))
    receipt = firm.as_program(lambda w: find(w, ReturnReceipt, key))
    assert receipt is not None, "the store was not told"
    return step(firm, step(firm, receipt, "inspect", disposal="scrap"), "store")


def delivered(firm: Firm, quantity: str = "10") -> tuple[Order, Delivery]:
    """An order of one line that was delivered whole."""
    order = ordered(firm, quantity)
    return order, shipped(firm, (order.lines[0].id, None))


def test_what_was_not_invoiced_yet_is_never_invoiced_when_it_comes_back(firm: Firm) -> None:
    order, delivery = delivered(firm)
    stored(firm, asked_back(firm, [(delivery.lines[0].id, "3")]))
    assert figures(firm, order) == [(10, 3, 0, 0)]
    assert left(firm, Invoice) == {delivery.lines[0].id: 7}
    assert left(firm, CreditNote) == left(firm, Delivery) == {}
    assert again(firm, order).uninvoiced == Decimal(700)
    assert invoiced(firm, (delivery.lines[0].id, None)).gross == Decimal(700)
    assert again(firm, order).closure == "closed"
    sound(firm)


def test_what_was_invoiced_is_drafted_as_a_credit_note_when_it_comes_back(firm: Firm) -> None:
    order, delivery = delivered(firm)
    invoiced(firm, (delivery.lines[0].id, "8"))
    receipt = stored(firm, asked_back(firm, [(delivery.lines[0].id, "3")]))
    assert left(firm, Invoice) == {}
    assert receipt.lines[0].id not in left(firm, CreditNote), "a draft has taken it at once"
    key = firm.as_program(lambda w: next(row.id for row in flow.chain(w, receipt.id)[1]))
    note = firm.as_program(lambda w: find(w, CreditNote, key))
    assert note is not None
    assert [(x.quantity, x.gross) for x in note.lines] == [(Decimal(-1), Decimal(-100))]
    assert again(firm, order).uninvoiced == 0
    sound(firm)


def test_never_more_comes_back_than_the_customer_has(firm: Firm) -> None:
    _order, delivery = delivered(firm)
    key = delivery.lines[0].id
    with pytest.raises(Conflict) as refused:
        asked_back(firm, [(key, "11")])
    assert refused.value.code == "flow.returned"
    one, two = asked_back(firm, [(key, "6")]), asked_back(firm, [(key, "6")])
    stored(firm, one)
    with pytest.raises(Conflict) as late:
        stored(firm, two)
    assert late.value.code == "flow.returned"
    sound(firm)


def test_what_is_exchanged_is_delivered_again_and_invoiced_once(firm: Firm) -> None:
    order, delivery = delivered(firm)
    invoiced(firm, (delivery.lines[0].id, None))
    firm.settings(core__billing_point="order")
    stored(firm, asked_back(firm, [(delivery.lines[0].id, "2")], exchanged=True))
    assert left(firm, Delivery) == {order.lines[0].id: 2}
    shipped(firm, (order.lines[0].id, "2"))
    assert figures(firm, order)[0][:2] == (12, 2)
    sound(firm)


def test_an_exchange_changes_nothing_in_the_money_of_an_order_that_is_invoiced_itself(firm: Firm) -> None:
    firm.settings(core__billing_point="order")
    order, delivery = delivered(firm)
    invoiced(firm, (order.lines[0].id, None))
    stored(firm, asked_back(firm, [(delivery.lines[0].id, "2")], exchanged=True))
    assert left(firm, CreditNote).keys() & {order.lines[0].id} == set()
    assert left(firm, Invoice) == {}
    assert left(firm, Delivery) == {order.lines[0].id: 2}
    shipped(firm, (order.lines[0].id, "2"))
    assert figures(firm, order) == [(12, 2, 10, 0)]
    assert again(firm, order).closure == "closed"
    sound(firm)


def test_without_a_store_the_request_itself_brings_the_goods_back(firm: Firm) -> None:
    firm.as_program(lambda w: switch_off(w, "logistics"))
    order = ordered(firm, "10")
    request = asked_back(firm, [(order.lines[0].id, "4")])
    assert figures(firm, order) == [(10, 4, 0, 0)]
    assert left(firm, Invoice) == {order.lines[0].id: 6}
    assert request.state == "approved"
    sound(firm)


def test_without_invoices_nothing_waits_for_a_credit_note(firm: Firm) -> None:
    firm.as_program(lambda w: switch_off(w, "billing"))
    order, delivery = delivered(firm)
    stored(firm, asked_back(firm, [(delivery.lines[0].id, "4")]))
    assert figures(firm, order) == [(10, 4, 0, 0)]
    types: list[type[Document]] = [Invoice, CreditNote]
    assert all(left(firm, cls) == {} for cls in types)
    sound(firm)


@pytest.mark.parametrize("rule", [{}, {"condition": "amount >= 300"}], ids=["from an amount", "a condition"])
def test_what_comes_back_is_agreed_to_by_what_it_is_worth(firm: Firm, rule: dict[str, str]) -> None:
    """PLT-06: a return counts downwards; who has to agree goes by how much it is, not by its sign."""
    asked = step_of(GENERAL_MANAGER) if rule else step_of(GENERAL_MANAGER, from_amount="300")
    policy(firm, asked, document_kind="aftersales.return", transition="approve", **rule)
    _order, delivery = delivered(firm)
    for quantity, approval in (("2", "none"), ("3", "pending")):
        wanted = [(delivery.lines[0].id, Decimal(quantity))]
        made = firm.as_program(lambda w, p=wanted: flow.take_back(w, Return, p, reason_kind="quality"))  # type: ignore[misc]
        request = step(firm, step(firm, again(firm, made), "confirm"), "examine", finding="确有质量问题")
        assert step(firm, request, "approve").approval == approval, quantity
