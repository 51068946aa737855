"""What was begun with a customer is brought to its end, also when no more business is done with him."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.entities.item import Item
from core.entities.party import Party
from core.errors import Invalid
from core.operations import flow, masters
from core.testing.builders import Firm, line
from plugins.aftersales.documents import Case, Return
from plugins.billing.documents import Invoice, Receipt, Refund, Statement
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from tests.core.test_flow import SAID, again, invoiced, left, shipped, step, switch_off, taken


@pytest.fixture(autouse=True)
def chosen(firm: Firm) -> None:
    """Orders without production, nobody keeps stock, drafts are made by hand."""
    firm.as_program(lambda w: switch_off(w, "production", "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")
    firm.settings(contract__confirmation="false", logistics__drafts="false", billing__drafts="false")


def test_a_former_customers_order_is_delivered_invoiced_paid_and_taken_back(firm: Firm) -> None:
    party, item = firm.party(), firm.item("100")
    draft = firm.create(Order, party_id=party.id, lines=[line(item, "10")], **SAID)
    order = step(firm, draft, "submit", "release")
    first = shipped(firm, (order.lines[0].id, "4"))
    firm.as_program(lambda w: masters.save(w, Party, {"active": False}, key=party.id))
    firm.run("manager", lambda w: masters.save(w, Item, {"active": False}, key=item.id))
    with pytest.raises(Invalid):
        firm.create(Order, party_id=party.id, lines=[line(firm.item("1"))], **SAID)
    with pytest.raises(Invalid):
        firm.create(Invoice, "finance", party_id=party.id, lines=[line(firm.item("1"))])
    second = taken(firm, Delivery, [(order.lines[0].id, None)])
    firm.edit(second, "clerk", lines=[{"id": second.lines[0].id, "quantity": "5"}], remark="分两车")
    second = step(firm, again(firm, second), "confirm", "ship")
    invoice = invoiced(firm, (first.lines[0].id, None), (second.lines[0].id, None))
    assert invoice.gross == Decimal(900)
    payment = firm.create(Receipt, "finance", party_id=party.id, amount="1000")
    payment = firm.move(firm.edit(payment, "finance", remark="尾款"), "confirm", "finance")
    firm.move(payment, "settle", "finance")
    refund = firm.create(Refund, "finance", party_id=party.id, receipt_id=payment.id, amount="100")
    firm.move(refund, "pay", "finance")
    asked = firm.as_program(
        lambda w: flow.take_back(w, Return, [(order.lines[0].id, Decimal(1))], reason_kind="quality")
    )
    assert asked.gross == Decimal(-100)
    firm.create(Case, party_id=party.id, subject="保修")
    days: dict[str, Any] = {"period_from": "2026-01-01", "period_to": "2026-01-31"}
    firm.create(Statement, "finance", party_id=party.id, **days)
    assert left(firm, Delivery) == {order.lines[0].id: 1}
    assert again(firm, invoice).unsettled == 0
