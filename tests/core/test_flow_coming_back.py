"""What comes back takes its money along to the cent, in whatever order papers are written, closed or accepted."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete

from core.app import Program
from core.documents.models import OpenLine
from core.documents.workflow import Transition
from core.errors import Invalid
from core.operations import company, create
from core.schemas import inputs
from core.testing.actions import Actions, counts
from core.testing.builders import line
from tests.core.test_flow_settings import DELIVERY, INVOICE, ORDER, done, through
from tests.scenarios import selling

AREAS = ("contract", "logistics", "billing", "aftersales")
RETURN, RECEIPT, LETTER = "aftersales.return", "logistics.return_receipt", "billing.credit_note"
POINTS = ("order", "delivery", "acceptance")


def ordered(actions: Actions, quantity: str, price: str) -> tuple[int, int]:
    """A released order of one line; its id and the line's."""
    firm = actions.firm
    cls = firm.program.registry.documents[ORDER]
    key = done(actions, actions.create(cls, [line(firm.item("10"), quantity, price)], party_id=firm.party().id))
    actions.advance(ORDER, key, lambda move: bool(move.releases))
    return key, actions.lines(key)[0].id


def asked(actions: Actions, key: int, quantity: str, *, exchanged: bool = False) -> int:
    """A request to take so much back of a line; its id."""
    cls = actions.firm.program.registry.documents[RETURN]
    made = actions.take_back(cls, [(key, Decimal(quantity))], exchanged=exchanged)
    assert made is not None, actions.log
    return made.id


def back(actions: Actions, requests: Sequence[int]) -> None:
    """The goods of these requests are back, and red letters over them are issued, one after the other."""
    for request in requests:
        assert actions.advance(RETURN, request, counts), actions.log[-3:]
        for kind in (RECEIPT, LETTER):
            for row in actions.documents(kind):
                if row.state == actions.firm.program.registry.documents[kind].workflow.initial:
                    assert actions.fill(kind, row.id) is not None, actions.log[-3:]
                    assert actions.advance(kind, row.id, counts), actions.log[-3:]


def accepting(move: Transition) -> bool:
    """The customer's acceptance."""
    return bool(move.point and move.point.name == "ACCEPTANCE")


def accepted(actions: Actions) -> None:
    """The customer accepts all that he got."""
    for row in actions.documents(DELIVERY):
        while actions.advance(DELIVERY, row.id, accepting):
            continue


def one(actions: Actions, order: int) -> Any:
    """The order's only line."""
    return actions.lines(order)[0]


def waits(actions: Actions, kind: str) -> Decimal:
    """How much of anything waits for a kind."""
    cls = actions.firm.program.registry.documents[kind]
    return sum((row.left for row in actions.waiting(cls)), Decimal(0))


@pytest.mark.parametrize("point", POINTS)
def test_returns_that_were_asked_for_together_take_back_the_whole_to_the_cent(program: Program, point: str) -> None:
    """Three pieces for 100.00 go back one by one, on requests written before the first of them came back."""
    actions = selling.company(program, AREAS, core__billing_point=point)
    order, key = ordered(actions, "3", "33.33333333")
    through(actions, DELIVERY)
    accepted(actions)
    through(actions, INVOICE)
    back(actions, [asked(actions, key, "1") for _n in range(3)])
    assert (one(actions, order).invoiced_amount, one(actions, order).credited_amount) == (Decimal(100), Decimal(100))
    assert actions.wrong() == []


@pytest.mark.parametrize("point", POINTS)
def test_what_waits_for_its_invoice_in_parts_is_worth_what_the_customer_keeps(program: Program, point: str) -> None:
    """Three deliveries of a third, the last is invoiced, that at 33.34 comes back: those at 33.33 are kept.

    Where the order itself is invoiced, it comes to two thirds of its amount.
    """
    actions = selling.company(program, AREAS, core__billing_point=point)
    order, key = ordered(actions, "3", "33.33333333")
    for _n in range(3):
        through(actions, DELIVERY, "1")
    accepted(actions)
    last = actions.waiting(actions.firm.program.registry.documents[INVOICE])[-1]
    cls = actions.firm.program.registry.documents[INVOICE]
    done(actions, actions.take(cls, [(last.line_id, Decimal(1))]))
    back(actions, [asked(actions, key, "1")])
    assert actions.wrong() == []
    through(actions, INVOICE)
    kept = Decimal("66.67") if point == "order" else Decimal("66.66")
    assert one(actions, order).invoiced_amount - one(actions, order).credited_amount == kept
    assert actions.wrong() == []


@pytest.mark.parametrize("exchanged", [False, True], ids=["returned", "exchanged"])
def test_what_came_back_before_the_acceptance_is_not_invoiced(program: Program, exchanged: bool) -> None:
    """Ten are shipped, two of them come back before the customer accepts; sent again, they are invoiced as well."""
    actions = selling.company(program, AREAS, core__billing_point="acceptance")
    order, key = ordered(actions, "10", "33.33")
    through(actions, DELIVERY)
    back(actions, [asked(actions, key, "2", exchanged=exchanged)])
    accepted(actions)
    assert waits(actions, INVOICE) == 8
    through(actions, DELIVERY)
    accepted(actions)
    through(actions, INVOICE)
    whole = Decimal("333.30") if exchanged else Decimal("266.64")
    assert one(actions, order).invoiced_amount - one(actions, order).credited_amount == whole
    assert actions.documents(LETTER) == []
    assert actions.wrong() == []


def test_a_part_never_turns_against_the_whole_when_an_earlier_one_was_given_back(program: Program) -> None:
    """A cent for three pieces: the first two hold it, the first is given back, a bit more is taken for nothing."""
    actions = selling.company(program, ("contract", "billing"), core__billing_point="order")
    _order, key = ordered(actions, "3", "0.00333334")
    cls = actions.firm.program.registry.documents[INVOICE]
    first, second = (actions.take(cls, [(key, Decimal(1))]) for _n in range(2))
    assert first is not None
    assert second is not None
    actions.discard(INVOICE, first.id)
    third = actions.take(cls, [(key, Decimal("0.1"))])
    assert third is not None
    assert [row.gross for row in actions.documents(INVOICE)] == [Decimal("0.01"), 0]
    actions.change(INVOICE, third.id, actions.lines(third.id)[0].id, Decimal("0.2"))
    assert [row.gross for row in actions.documents(INVOICE)] == [Decimal("0.01"), 0]
    assert actions.wrong() == []


@pytest.mark.parametrize("point", POINTS)
def test_what_is_exchanged_of_a_closed_order_is_delivered_again_and_nothing_else(program: Program, point: str) -> None:
    """Four of ten were delivered, the rest is closed; two that are exchanged wait for delivery, the six do not."""
    actions = selling.company(program, AREAS, core__billing_point=point)
    order, key = ordered(actions, "10", "10")
    through(actions, DELIVERY, "4")
    accepted(actions)
    actions.close(ORDER, order)
    through(actions, INVOICE)
    back(actions, [asked(actions, key, "2", exchanged=True)])
    assert waits(actions, DELIVERY) == 2
    assert actions.wrong() == []
    cls = actions.firm.program.registry.documents[DELIVERY]
    assert actions.take(cls, [(key, Decimal("2.000001"))]) is None, "more than was exchanged"
    through(actions, DELIVERY)
    accepted(actions)
    through(actions, INVOICE)
    assert waits(actions, DELIVERY) == 0
    assert one(actions, order).invoiced_amount - one(actions, order).credited_amount == 40
    assert one(actions, order).delivered - one(actions, order).returned == 4
    assert actions.wrong() == []


@pytest.mark.parametrize("sent", [False, True], ids=["not yet sent again", "sent again"])
def test_opened_again_a_closed_order_expects_what_was_closed_and_exchanged(program: Program, sent: bool) -> None:
    """Of 3.333, 1.111 was delivered; a tenth of it comes back for good, a half is exchanged: 3.222 are expected."""
    actions = selling.company(program, AREAS)
    order, key = ordered(actions, "3.333", "30")
    through(actions, DELIVERY, "1.111")
    actions.close(ORDER, order)
    back(actions, [asked(actions, key, "0.111"), asked(actions, key, "0.5", exchanged=True)])
    if sent:
        through(actions, DELIVERY)
    actions.reopen(ORDER, order)
    assert one(actions, order).dropped == Decimal("0.111")
    assert actions.wrong() == []
    through(actions, DELIVERY)
    through(actions, INVOICE)
    assert one(actions, order).delivered - one(actions, order).returned == Decimal("3.222")
    assert one(actions, order).invoiced_amount - one(actions, order).credited_amount == Decimal("96.66")
    assert actions.wrong() == []


def test_closing_counts_what_is_to_be_credited_as_back(program: Program) -> None:
    """An order of twenty, invoiced itself; ten are out, two come back, and it is closed before the red letter."""
    actions = selling.company(program, AREAS, core__billing_point="order")
    order, key = ordered(actions, "20", "10")
    through(actions, INVOICE)
    through(actions, DELIVERY, "10")
    assert actions.advance(RETURN, asked(actions, key, "2"), counts)
    for row in actions.documents(RECEIPT):
        actions.fill(RECEIPT, row.id)
        assert actions.advance(RECEIPT, row.id, counts), actions.log[-3:]
    actions.close(ORDER, order)
    assert (one(actions, order).dropped, one(actions, order).withheld) == (2, 0)
    assert actions.wrong() == []


def test_what_counted_as_delivered_is_exchanged_by_whoever_delivers_since(program: Program) -> None:
    """Nobody delivered the ten; since somebody does, two of them are exchanged, and the records hold."""
    actions = selling.company(program, ("contract", "billing", "aftersales"))
    order, key = ordered(actions, "10", "10")
    through(actions, INVOICE)
    actions.firm.as_program(lambda w: company.switch_on(w, "logistics"))
    selling.at_work(actions.firm, AREAS)
    back(actions, [asked(actions, key, "2", exchanged=True)])
    assert waits(actions, DELIVERY) == 2
    assert actions.wrong() == []
    through(actions, DELIVERY)
    through(actions, INVOICE)
    assert one(actions, order).invoiced_amount - one(actions, order).credited_amount == 100
    assert actions.wrong() == []


@pytest.mark.parametrize("point", POINTS)
def test_the_records_miss_what_nobody_will_ever_invoice(program: Program, point: str) -> None:
    """Whatever still waits, is in hand or is to come is no fault; what was delivered and waits no more is."""
    actions = selling.company(program, AREAS, core__billing_point=point)
    ordered(actions, "10", "10")
    assert actions.wrong() == []
    through(actions, DELIVERY, "4")
    assert actions.wrong() == []
    accepted(actions)
    rows = OpenLine.__table__.c
    forget = delete(OpenLine).where(rows.company_id == actions.firm.id, rows.target == INVOICE)
    assert actions.wrong() == []
    actions.firm.as_program(lambda w: w.connection.execute(forget))
    found = {one.code: one.record for one in actions.wrong()}
    assert found.get("invoice.forgotten", "").startswith("Customer order "), found


def test_what_was_closed_by_hand_is_opened_again_before_it_is_released(program: Program) -> None:
    """An order that is closed before anybody works on it opens nothing until it is opened again."""
    actions = selling.company(program, AREAS, contract__confirmation="true")
    firm = actions.firm
    lines = [line(firm.item("10"), "10")]
    order = actions.create(firm.program.registry.documents[ORDER], lines, party_id=firm.party().id)
    assert order is not None, actions.log
    assert actions.advance(ORDER, order.id, lambda move: move.name == "confirm"), actions.log
    actions.close(ORDER, order.id)
    assert actions.move(ORDER, order.id, "release") is None
    assert "closed by hand" in actions.log[-1]
    actions.reopen(ORDER, order.id)
    assert actions.move(ORDER, order.id, "release") is not None, actions.log[-1]
    assert waits(actions, DELIVERY) == 10
    assert actions.wrong() == []


def test_a_discount_that_comes_back_keeps_its_sign_when_papers_over_it_are_changed(program: Program) -> None:
    """The discount was invoiced and is taken back: its red letter gives less, in the whole and in the half."""
    actions = selling.company(program, ("contract", "billing", "aftersales"), core__billing_point="order")
    firm = actions.firm
    types = firm.program.registry.documents
    less = {"name": "优惠", "line_kind": "discount", "quantity": "2", "gross_price": "-5"}
    rows = [line(firm.item("100"), "1"), less]
    order = done(actions, actions.create(types[ORDER], rows, party_id=firm.party().id))
    actions.advance(ORDER, order, lambda move: bool(move.releases))
    through(actions, INVOICE)
    asks = asked(actions, actions.lines(order)[1].id, "2")
    for kind, key, wanted in ((RETURN, asks, Decimal("7.50")), (LETTER, 0, Decimal("5.00"))):
        paper = key or actions.documents(LETTER)[0].id
        own = actions.lines(paper)[0]
        assert actions.change(kind, paper, own.id, own.quantity * (Decimal("0.75") if key else Decimal(2) / 3))
        assert [one.gross for one in actions.lines(paper)] == [wanted]
        if key:
            assert actions.advance(RETURN, asks, counts), actions.log[-3:]
    assert actions.wrong() == []


CHAIN = ("quotation.quotation", "contract.contract", ORDER, "production.order", DELIVERY, "billing.request", INVOICE)


@pytest.mark.parametrize("kind", CHAIN)
def test_nothing_goes_back_on_what_goes_forward(program: Program, kind: str) -> None:
    """A charge or a product with a negative quantity is refused where it is typed; a negative price is not."""
    actions = selling.company(program, ("quotation", "contract", "production", "logistics", "billing"))
    firm = actions.firm
    cls = firm.program.registry.documents[kind]
    item, party = firm.item("100"), firm.party().id
    less = {"name": "优惠", "line_kind": "discount", "quantity": "1", "gross_price": "-10"}
    for wrong in (less | {"quantity": "-1", "gross_price": "10"}, line(item, "-0.001")):
        given = inputs.read(cls, {"party_id": party, "lines": [line(item, "9"), wrong]})
        rows = given.pop("lines")
        with pytest.raises(Invalid) as refused:
            firm.as_program(lambda w, rows=rows, given=given: create.create(w, cls, given, rows))  # type: ignore[misc]
        assert [fault.path for fault in refused.value.faults] == ["lines/1/quantity"]
    made = actions.create(cls, [line(item, "9"), less], party_id=party)
    assert made is not None, actions.log
    assert actions.change(kind, made.id, actions.lines(made.id)[0].id, Decimal(-1)) is None
    assert "Invalid" in actions.log[-1]
