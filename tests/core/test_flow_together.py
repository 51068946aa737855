"""What goes together in one document: never on terms that were agreed for something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import pytest

from core.documents import Document
from core.documents.kinds import kind_of
from core.documents.reading import find
from core.errors import Invalid
from core.operations import flow
from core.testing.api import api_for
from core.testing.builders import Firm, line
from plugins.billing.documents import Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from plugins.production.documents import ProductionOrder
from tests.core.test_flow import SAID, invoiced, left, ordered, shipped, sound, step, switch_off, taken
from tests.core.test_flow_returns import asked_back

D = TypeVar("D", bound=Document)
HERE, THERE = SAID["address"], "济南市历下区2号"
SOON, LATE = "款到发货", "票到90天"


@pytest.fixture(autouse=True)
def chosen(firm: Firm) -> None:
    """Drafts are made by hand, nobody keeps stock."""
    firm.as_program(lambda w: switch_off(w, "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")
    firm.settings(production__drafts="false", logistics__drafts="false", billing__drafts="false")


def two(firm: Firm, first: dict[str, Any], second: dict[str, Any]) -> list[int]:
    """The lines of two orders of one customer, which say different things; nobody makes anything."""
    firm.as_program(lambda w: switch_off(w, "production"))
    party = firm.party().id
    return [ordered(firm, "1", party_id=party, **said).lines[0].id for said in (first, second)]


def refused(firm: Firm, cls: type[Any], keys: list[int], field: str, **values: Any) -> None:
    with pytest.raises(Invalid) as no:
        taken(firm, cls, [(key, None) for key in keys], **values)
    assert field in str(no.value.faults[0].text)


def test_goods_for_two_places_do_not_leave_together_unless_somebody_says_where_to(firm: Firm) -> None:
    keys = two(firm, {"address": HERE}, {"address": THERE})
    refused(firm, Delivery, keys, "Address")
    assert taken(firm, Delivery, [(key, None) for key in keys], address=THERE).address == THERE


def test_one_invoice_is_due_by_one_condition_whatever_way_its_goods_took(firm: Firm) -> None:
    keys = two(firm, {"payment_terms": SOON}, {"payment_terms": LATE})
    together = shipped(firm, *((key, None) for key in keys))
    sent = [line.id for line in together.lines]
    refused(firm, Invoice, sent, "Payment terms")
    assert left(firm, Invoice) == dict.fromkeys(sent, Decimal(1))
    first, second = (invoiced(firm, (key, None)) for key in sent)
    assert (first.payment_terms, second.payment_terms) == (SOON, LATE)
    assert first.due_on is not None
    assert second.due_on is not None
    assert (second.due_on - first.due_on).days == 90
    sound(firm)


def test_what_was_ordered_at_two_rates_is_not_invoiced_at_one(firm: Firm) -> None:
    keys = two(firm, *({"currency": "USD", "exchange_rate": rate} for rate in ("7.3", "6.9")))
    refused(firm, Delivery, keys, "Exchange rate")
    sent = [shipped(firm, (key, None)).lines[0].id for key in keys]
    refused(firm, Invoice, sent, "Exchange rate")
    assert [invoiced(firm, (key, None)).exchange_rate for key in sent] == [Decimal("7.3"), Decimal("6.9")]
    sound(firm)


def drafted(firm: Firm, source: Document, cls: type[D]) -> list[D]:
    """What came about by itself from a document."""
    kind = kind_of(cls)
    keys = firm.as_program(lambda w: [row.id for row in flow.chain(w, source.id)[1] if row.kind == kind])
    found = [firm.as_program(lambda w, k=key: find(w, cls, k)) for key in keys]  # type: ignore[misc]
    return [one for one in found if one is not None]


def test_one_production_order_sends_its_goods_to_every_place_they_were_ordered_for(firm: Firm) -> None:
    firm.settings(logistics__drafts="true")
    party = firm.party().id
    orders = [ordered(firm, "2", party_id=party, address=place) for place in (HERE, THERE)]
    made = taken(firm, ProductionOrder, [(order.lines[0].id, None) for order in orders])
    made = step(firm, made, "schedule", planned_start="2026-12-01", planned_end="2026-12-02")
    made = step(firm, step(firm, made, "start"), "finish", finished_on="2026-11-25")
    assert [draft.address for draft in drafted(firm, made, Delivery)] == [HERE, THERE]


def test_one_delivery_makes_an_invoice_for_every_condition_of_payment(firm: Firm) -> None:
    firm.settings(billing__drafts="true", billing__requests="false")
    keys = two(firm, {"payment_terms": SOON}, {"payment_terms": LATE})
    sent = shipped(firm, *((key, None) for key in keys))
    assert [draft.payment_terms for draft in drafted(firm, sent, Invoice)] == [SOON, LATE]


def test_what_was_sold_at_two_rates_does_not_come_back_at_one(firm: Firm) -> None:
    keys = two(firm, *({"currency": "USD", "exchange_rate": rate} for rate in ("7.3", "6.9")))
    for key in keys:
        shipped(firm, (key, None))
    with pytest.raises(Invalid):
        asked_back(firm, [(key, "1") for key in keys])
    assert [asked_back(firm, [(key, "1")]).exchange_rate for key in keys] == [Decimal("7.3"), Decimal("6.9")]


OTHERWISE: tuple[dict[str, Any], ...] = ({"currency": "USD", "exchange_rate": "7"}, {"prices_include_tax": False})


@pytest.mark.parametrize("cls", [Delivery, Invoice])
def test_what_one_customer_ordered_goes_to_nobody_else(firm: Firm, cls: type[Document]) -> None:
    """Neither with the taking nor by a later change, through the interface as well; nor in other money, or untaxed."""
    firm.as_program(lambda w: switch_off(w, "production"))
    firm.settings(core__billing_point="delivery" if cls is Delivery else "order")
    key, other = ordered(firm, "2").lines[0].id, firm.party().id
    place = "/logistics/deliveries" if cls is Delivery else "/billing/invoices"
    api = api_for(firm, "clerk")
    for wanted in ({"party_id": other}, *OTHERWISE):
        answer = api.post(f"{place}/take", {"lines": [{"line_id": key}], "values": wanted})
        assert answer.status_code == 422, answer.get_data(as_text=True)
        assert next(iter(wanted)) in answer.get_data(as_text=True)
    draft = taken(firm, cls, [(key, None)])
    for wanted in ({"party_id": other}, *OTHERWISE):
        with pytest.raises(Invalid) as no:
            firm.edit(draft, "clerk", **wanted)
        assert [(fault.path, fault.code) for fault in no.value.faults] == [(next(iter(wanted)), "agreed")]
    kept = firm.edit(draft, "clerk", remark="随货附清单")
    assert (kept.party_id, kept.currency, kept.prices_include_tax) == (draft.party_id, "CNY", True)
    sound(firm)


def test_what_is_not_taken_from_elsewhere_may_be_for_somebody_else(firm: Firm) -> None:
    draft = firm.create(Order, party_id=firm.party().id, lines=[line(firm.item("100"))], **SAID)
    other = firm.party().id
    assert firm.edit(draft, party_id=other).party_id == other
