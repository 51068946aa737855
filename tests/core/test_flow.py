"""The flow between documents: what is released waits, is taken in parts, and comes to the whole in the end."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from core.documents import Document
from core.documents.reading import find
from core.errors import Conflict, Invalid
from core.operations import discard, edit, flow, move
from core.records.invariants import verify_figures
from core.testing.builders import Firm, line
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery

D = TypeVar("D", bound=Document)
SAID = {
    "contact_name": "李工",
    "contact_phone": "13800138000",
    "deadline": "2026-12-20",
    "address": "青岛市市南区香港中路1号",
}
CONFIRMED = {"confirmed_on": "2026-11-25", "confirmed_by": "李工"}
NUMBER = "2644000000000{n:07}"


@pytest.fixture(autouse=True)
def chosen(request: pytest.FixtureRequest) -> None:
    """Orders without production, nobody keeps stock, drafts are made by hand."""
    if "firm" in request.fixturenames:
        firm: Firm = request.getfixturevalue("firm")
        firm.as_program(lambda w: switch_off(w, "production", "aftersales", "credit"))
        firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")


def switch_off(work: Work, *areas: str) -> None:
    from core.operations import company

    for area in areas:
        company.switch_off(work, area)


def step(firm: Firm, document: D, *names: str, **values: Any) -> D:
    """The document after these moves, made by the program, which may everything."""
    for name in names:
        document = firm.as_program(
            lambda w, n=name, d=document: move.move(w, type(d), d.id, n, values=values, reason="试验")  # type: ignore[misc]
        )
    return again(firm, document)


def again(firm: Firm, document: D) -> D:
    """The document as it is now."""
    found = firm.as_program(lambda w: find(w, type(document), document.id))
    assert found is not None
    return found


def ordered(firm: Firm, *quantities: str, price: str = "100", **values: Any) -> Order:
    """A released order with a line for each quantity."""
    party = values.pop("party_id", None) or firm.party().id
    rows = [line(firm.item(price), quantity) for quantity in quantities]
    order = firm.create(Order, party_id=party, lines=rows, **{**SAID, **values})
    order = step(firm, order, "submit")
    return step(firm, step(firm, order, "confirm", **CONFIRMED), "release")


def taken(firm: Firm, cls: type[D], wanted: Iterable[tuple[int, str | None]], **values: Any) -> D:
    """A draft from lines that wait."""
    pairs = [(key, None if quantity is None else Decimal(quantity)) for key, quantity in wanted]
    made = firm.as_program(lambda w: flow.take(w, cls, pairs, **values))
    return again(firm, made)


def shipped(firm: Firm, *wanted: tuple[int, str | None]) -> Delivery:
    """A delivery of these lines, on its way."""
    return step(firm, taken(firm, Delivery, wanted), "confirm", "ship")


def invoiced(firm: Firm, *wanted: tuple[int, str | None]) -> Invoice:
    """An issued invoice of these lines."""
    firm.counts["fapiao"] = firm.counts.get("fapiao", 0) + 1
    draft = taken(firm, Invoice, wanted)
    number = NUMBER.format(n=firm.counts["fapiao"])
    changed = firm.as_program(
        lambda w: edit.edit(
            w,
            Invoice,
            draft.id,
            {"invoice_number": number, "buyer": "买方有限公司", "tax_number": "91350100M000100Y43"},
        )
    )
    return step(firm, changed, "issue")


def left(firm: Firm, cls: type[Document]) -> dict[int, Decimal]:
    """What waits for a type, by line."""
    return {row.line_id: row.left for row in firm.as_program(lambda w: flow.waiting(w, cls))}


def sound(firm: Firm) -> None:
    """Nothing in the company's figures is wrong."""
    assert firm.as_program(lambda w: list(verify_figures(w))) == []


def figures(firm: Firm, order: Document) -> list[tuple[Any, ...]]:
    """Delivered, returned, invoiced and credited of each line."""
    lines = again(firm, order).lines
    return [(x.delivered, x.returned, x.invoiced, x.credited) for x in lines]


def test_a_released_order_waits_for_its_delivery_and_the_delivery_for_its_invoice(firm: Firm) -> None:
    order = ordered(firm, "10", "5")
    assert order.uninvoiced == Decimal(1500)
    assert left(firm, Delivery) == {order.lines[0].id: 10, order.lines[1].id: 5}
    assert left(firm, Invoice) == {}
    delivery = shipped(firm, (order.lines[0].id, "4"), (order.lines[1].id, None))
    assert left(firm, Delivery) == {order.lines[0].id: 6}
    assert left(firm, Invoice) == {delivery.lines[0].id: 4, delivery.lines[1].id: 5}
    assert figures(firm, order) == [(4, 0, 0, 0), (5, 0, 0, 0)]
    invoice = invoiced(firm, *((x.id, None) for x in delivery.lines))
    assert invoice.gross == Decimal(900)
    assert figures(firm, order) == [(4, 0, 4, 0), (5, 0, 5, 0)]
    assert again(firm, order).uninvoiced == Decimal(600)
    assert again(firm, order).lines[1].closure == "closed"
    assert invoice.unsettled == Decimal(900)
    sound(firm)


def test_two_orders_become_one_delivery_and_one_order_three(firm: Firm) -> None:
    party = firm.party().id
    one, two = ordered(firm, "10", party_id=party), ordered(firm, "6", party_id=party)
    merged = shipped(firm, (one.lines[0].id, "4"), (two.lines[0].id, "6"))
    assert [x.origin_id for x in merged.lines] == [one.lines[0].id, two.lines[0].id]
    rest = [shipped(firm, (one.lines[0].id, part)) for part in ("1", "2", "3")]
    assert left(firm, Delivery) == {}
    parts = [(x.id, None) for d in (merged, *rest) for x in d.lines]
    invoice = invoiced(firm, *parts)
    assert invoice.gross == one.gross + two.gross
    assert again(firm, one).closure == again(firm, two).closure == "closed"
    sound(firm)


def test_the_parts_of_an_amount_come_to_the_whole_to_the_cent(firm: Firm) -> None:
    order = ordered(firm, "3", price="33.335")
    key = order.lines[0].id
    deliveries = [shipped(firm, (key, "1")) for _part in range(3)]
    amounts = [d.gross for d in deliveries]
    assert sum(amounts) == order.gross
    invoices = [invoiced(firm, (d.lines[0].id, None)) for d in deliveries]
    assert sum(i.gross for i in invoices) == order.gross
    assert again(firm, order).uninvoiced == 0
    sound(firm)


def test_nobody_takes_more_than_is_open(firm: Firm) -> None:
    order = ordered(firm, "10")
    key = order.lines[0].id
    with pytest.raises(Conflict) as refused:
        taken(firm, Delivery, [(key, "10.5")])
    assert refused.value.code == "flow.taken"
    draft = taken(firm, Delivery, [(key, "7")])
    with pytest.raises(Conflict):
        taken(firm, Delivery, [(key, "4")])
    more = [{"id": draft.lines[0].id, "quantity": Decimal(11)}]
    with pytest.raises(Conflict):
        firm.as_program(lambda w: edit.edit(w, Delivery, draft.id, {}, more))
    assert left(firm, Delivery) == {key: 3}
    sound(firm)


def test_a_draft_gives_back_what_it_does_not_need(firm: Firm) -> None:
    order = ordered(firm, "10", "5")
    keys = [x.id for x in order.lines]
    draft = taken(firm, Delivery, [(key, None) for key in keys])
    rows = [{"id": draft.lines[0].id, "quantity": Decimal("2.5")}]
    firm.as_program(lambda w: edit.edit(w, Delivery, draft.id, {}, rows))
    assert left(firm, Delivery) == {keys[0]: Decimal("7.5"), keys[1]: 5}
    assert again(firm, draft).gross == Decimal(250)
    step(firm, draft, "cancel")
    assert left(firm, Delivery) == {keys[0]: 10, keys[1]: 5}
    sound(firm)


def test_no_part_of_an_amount_goes_against_it_when_others_gave_theirs_back(firm: Firm) -> None:
    """Three pieces for a cent: the second has it all, and what is taken after the first went back has nothing."""
    order = ordered(firm, "3", price="0.00333334")
    key = order.lines[0].id
    first, second = taken(firm, Delivery, [(key, "1")]), taken(firm, Delivery, [(key, "1")])
    assert (first.gross, second.gross) == (Decimal(0), Decimal("0.01"))
    firm.as_program(lambda w: discard.discard(w, Delivery, first.id))
    third = taken(firm, Delivery, [(key, "0.1")])
    assert third.gross == 0
    rows = [{"id": third.lines[0].id, "quantity": Decimal("0.2")}]
    firm.as_program(lambda w: edit.edit(w, Delivery, third.id, {}, rows))
    assert again(firm, third).gross == 0
    assert taken(firm, Delivery, [(key, None)]).gross == 0
    sound(firm)


def test_what_was_agreed_stays_in_later_documents(firm: Firm) -> None:
    order = ordered(firm, "10")
    draft = taken(firm, Delivery, [(order.lines[0].id, None)])
    rows = [{"id": draft.lines[0].id, "gross_price": Decimal(90), "fixed": "gross_price"}]
    with pytest.raises(Invalid) as refused:
        firm.as_program(lambda w: edit.edit(w, Delivery, draft.id, {}, rows))
    assert [fault.code for fault in refused.value.faults] == ["agreed"]


def test_within_the_companys_tolerance_more_may_be_delivered_and_invoiced(firm: Firm) -> None:
    firm.settings(core__tolerance_percent="5")
    order = ordered(firm, "100", price="10")
    key = order.lines[0].id
    delivery = shipped(firm, (key, "105"))
    with pytest.raises(Conflict):
        taken(firm, Delivery, [(key, "1")])
    assert invoiced(firm, (delivery.lines[0].id, None)).gross == Decimal(1050)
    assert again(firm, order).uninvoiced == 0
    sound(firm)


def test_a_release_is_undone_with_its_untouched_drafts_and_refused_for_touched_ones(firm: Firm) -> None:
    order = ordered(firm, "10")
    draft = taken(firm, Delivery, [(order.lines[0].id, "4")])
    step(firm, order, "recall")
    assert left(firm, Delivery) == {}
    assert firm.as_program(lambda w: find(w, Delivery, draft.id)) is None
    step(firm, order, "release")
    draft = taken(firm, Delivery, [(order.lines[0].id, "4")])
    step(firm, draft, "confirm")
    with pytest.raises(Conflict) as refused:
        step(firm, order, "recall")
    assert str(again(firm, draft).number) in str(refused.value)
    sound(firm)


def test_closing_returns_what_is_open_and_leaves_what_was_delivered_to_be_invoiced(firm: Firm) -> None:
    order = ordered(firm, "10", "5")
    delivery = shipped(firm, (order.lines[0].id, "6"))
    firm.as_program(lambda w: flow.close(w, Order, order.id, reason="客户不要了"))
    order = again(firm, order)
    assert (order.closure, order.uninvoiced) == ("forced", Decimal(600))
    assert left(firm, Delivery) == {}
    assert invoiced(firm, (delivery.lines[0].id, None)).gross == Decimal(600)
    assert again(firm, order).uninvoiced == 0
    sound(firm)


def test_closed_lines_are_opened_again_with_what_was_dropped(firm: Firm) -> None:
    order = ordered(firm, "10", "5")
    shipped(firm, (order.lines[0].id, "6"))
    firm.as_program(lambda w: flow.close(w, Order, order.id, lines=[order.lines[0].id], reason="客户不要了"))
    assert again(firm, order).uninvoiced == Decimal(1100)
    assert left(firm, Delivery) == {order.lines[1].id: 5}
    firm.as_program(lambda w: flow.reopen(w, Order, order.id, reason="又要了"))
    assert again(firm, order).uninvoiced == Decimal(1500)
    assert left(firm, Delivery) == {order.lines[0].id: 4, order.lines[1].id: 5}
    sound(firm)


def test_closing_names_what_must_be_finished_first(firm: Firm) -> None:
    order = ordered(firm, "10")
    draft = taken(firm, Delivery, [(order.lines[0].id, "4")])
    with pytest.raises(Conflict) as refused:
        firm.as_program(lambda w: flow.close(w, Order, order.id, reason="客户不要了"))
    assert str(draft.id) in str(refused.value)
    sound(firm)


def test_invoicing_by_order_opens_at_the_release(firm: Firm) -> None:
    firm.settings(core__billing_point="order")
    order = ordered(firm, "10")
    assert left(firm, Invoice) == {order.lines[0].id: 10}
    shipped(firm, (order.lines[0].id, None))
    assert left(firm, Invoice) == {order.lines[0].id: 10}
    invoiced(firm, (order.lines[0].id, None))
    assert again(firm, order).closure == "closed"
    sound(firm)


def test_invoicing_waits_for_the_acceptance_where_the_company_says_so(firm: Firm) -> None:
    firm.settings(core__billing_point="acceptance")
    order = ordered(firm, "10")
    delivery = shipped(firm, (order.lines[0].id, None))
    assert left(firm, Invoice) == {}
    step(firm, delivery, "sign", signed_by="李工", signed_on="2026-11-25", received="complete")
    step(firm, delivery, "accept")
    assert left(firm, Invoice) == {delivery.lines[0].id: 10}
    sound(firm)


def test_without_deliveries_the_order_itself_is_invoiced(firm: Firm) -> None:
    firm.as_program(lambda w: switch_off(w, "logistics"))
    order = ordered(firm, "10")
    assert left(firm, Invoice) == {order.lines[0].id: 10}
    assert figures(firm, order) == [(10, 0, 0, 0)]
    invoiced(firm, (order.lines[0].id, None))
    assert again(firm, order).uninvoiced == 0
    sound(firm)


def test_a_credit_note_never_takes_back_more_than_was_invoiced(firm: Firm) -> None:
    order = ordered(firm, "10")
    delivery = shipped(firm, (order.lines[0].id, None))
    invoice = invoiced(firm, (delivery.lines[0].id, None))
    assert left(firm, CreditNote) == {invoice.lines[0].id: 10}
    taken(firm, CreditNote, [(invoice.lines[0].id, "6")])
    with pytest.raises(Conflict):
        taken(firm, CreditNote, [(invoice.lines[0].id, "5")])
    sound(firm)


def test_an_area_stays_while_lines_wait_for_it_or_its_drafts_hold_some(firm: Firm) -> None:
    order = ordered(firm, "10")
    with pytest.raises(Conflict) as refused:
        firm.as_program(lambda w: switch_off(w, "logistics"))
    assert "1" in str(refused.value)
    taken(firm, Delivery, [(order.lines[0].id, None)])
    with pytest.raises(Conflict):
        firm.as_program(lambda w: switch_off(w, "logistics"))


def test_the_chain_is_shown_whole_in_both_directions(firm: Firm) -> None:
    order = ordered(firm, "10")
    delivery = shipped(firm, (order.lines[0].id, None))
    invoice = invoiced(firm, (delivery.lines[0].id, None))
    up, down = firm.as_program(lambda w: flow.chain(w, delivery.id))
    assert ([row.id for row in up], [row.id for row in down]) == ([order.id], [invoice.id])
    _up, down = firm.as_program(lambda w: flow.chain(w, order.id))
    assert [(row.id, row.steps) for row in down] == [(delivery.id, 1), (invoice.id, 2)]


def test_a_draft_has_nothing_to_close_and_a_terminated_order_is_not_opened_again(firm: Firm) -> None:
    draft = firm.create(Order, party_id=firm.party().id, lines=[line(firm.item("100"), "1")], **SAID)
    with pytest.raises(Conflict):
        firm.as_program(lambda w: flow.close(w, Order, draft.id, reason="x"))
    order = step(firm, ordered(firm, "10"), "terminate")
    assert order.uninvoiced == 0
    assert left(firm, Delivery) == {}
    with pytest.raises(Conflict):
        firm.as_program(lambda w: flow.reopen(w, Order, order.id, reason="x"))
    sound(firm)


def test_what_is_added_to_an_invoice_is_owed_once(firm: Firm) -> None:
    order = ordered(firm, "10")
    delivery = shipped(firm, (order.lines[0].id, None))
    draft = taken(firm, Invoice, [(delivery.lines[0].id, None)])
    rows: list[dict[str, Any]] = [
        {"id": draft.lines[0].id},
        {"name": "运费", "quantity": Decimal(1), "gross_price": Decimal(50), "line_kind": "charge"},
    ]
    title = {"invoice_number": NUMBER.format(n=9), "buyer": "买方有限公司", "tax_number": "91350100M000100Y43"}
    firm.as_program(lambda w: edit.edit(w, Invoice, draft.id, title, rows))
    invoice = step(firm, draft, "issue")
    assert [invoice.gross, invoice.unsettled, invoice.uninvoiced] == [1050, 1050, 0]
    sound(firm)
