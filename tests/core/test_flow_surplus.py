"""What is delivered beyond the order, within the tolerance, is owed and invoiced like the rest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.documents.reading import find
from core.operations import flow
from core.operations.verifying import verify_chain
from core.testing.builders import Firm
from plugins.billing.documents import CreditNote, Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from tests.core.test_flow import again, figures, invoiced, left, ordered, shipped, sound, switch_off
from tests.core.test_flow_returns import asked_back, stored

# Which document is invoiced, by billing point.
FROM = {"order": Order, "delivery": Delivery}


@pytest.fixture(autouse=True, params=sorted(FROM))
def point(request: pytest.FixtureRequest, firm: Firm) -> str:
    """Orders without production, deliveries up to a tenth more, invoiced from the order or from the delivery."""
    firm.as_program(lambda w: switch_off(w, "production", "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")
    firm.settings(core__tolerance_percent="10", core__billing_point=request.param)
    return str(request.param)


def whole(firm: Firm) -> None:
    """Nothing is wrong, and nothing is lost."""
    sound(firm)
    assert firm.as_program(lambda w: list(verify_chain(w))) == []


def standing(firm: Firm, order: Order) -> tuple[Decimal, str]:
    """What is not invoiced yet, and whether the order is done."""
    now = again(firm, order)
    return now.uninvoiced, now.closure


def test_a_surplus_is_owed_from_its_delivery_on_and_invoiced(firm: Firm, point: str) -> None:
    order = ordered(firm, "10")
    source = shipped(firm, (order.lines[0].id, "11")).lines[0].id
    assert standing(firm, order) == (Decimal(1100), "open")
    source = order.lines[0].id if point == "order" else source
    assert left(firm, Invoice) == {source: 11}
    whole(firm)
    assert invoiced(firm, (source, None)).gross == Decimal(1100)
    assert standing(firm, order) == (Decimal(0), "closed")
    assert figures(firm, order) == [(11, 0, 11, 0)]
    whole(firm)


@pytest.mark.parametrize("point", ["order"], indirect=True)
def test_what_was_invoiced_before_leaves_only_the_surplus(firm: Firm) -> None:
    order = ordered(firm, "10")
    key = order.lines[0].id
    invoiced(firm, (key, None))
    shipped(firm, (key, "9"))
    assert standing(firm, order) == (Decimal(0), "open")
    row = firm.as_program(lambda w: flow.waiting(w, Delivery))[0]
    shipped(firm, (row.line_id, "2"))
    assert standing(firm, order) == (Decimal(100), "open")
    assert left(firm, Invoice) == {key: 1}
    assert invoiced(firm, (key, None)).gross == Decimal(100)
    assert standing(firm, order) == (Decimal(0), "closed")
    whole(firm)


def test_a_surplus_that_comes_back_is_owed_no_more(firm: Firm, point: str) -> None:
    order = ordered(firm, "10")
    sent = shipped(firm, (order.lines[0].id, "11")).lines[0].id
    stored(firm, asked_back(firm, [(sent, "0.5")]))
    assert standing(firm, order) == (Decimal(1050), "open")
    whole(firm)
    source = order.lines[0].id if point == "order" else sent
    assert invoiced(firm, (source, None)).gross == Decimal(1050)
    receipt = stored(firm, asked_back(firm, [(sent, "1.5")]))
    assert standing(firm, order) == (Decimal(0), "closed")
    begun = again(firm, order).lines[0]
    assert (begun.dropped, begun.returned) == (Decimal(1), Decimal(2))
    key = firm.as_program(lambda w: next(row.id for row in flow.chain(w, receipt.id)[1]))
    note = firm.as_program(lambda w: find(w, CreditNote, key))
    assert note is not None
    assert note.gross == Decimal(-150)
    whole(firm)
