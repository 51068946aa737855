"""A red letter takes back one invoice, for a reason, after both sides have confirmed, and never more than it said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Conflict, Forbidden, Invalid, Refused, Unknown
from core.operations import flow
from core.operations.verifying.money import verify_money
from core.testing.api import api_for
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from plugins.billing.documents import CreditNote, Invoice, Receipt, Refund, accounts
from plugins.billing.services import allocation, drafts
from plugins.billing.verify import verify_billing
from tests.core.administration_visitor import Visitor
from tests.plugins.billing.money import again, allocate, claims, confirmed, exactly, issued, looked, number, owed, shop
from tests.plugins.billing.test_invoices import agreed, waiting

__all__ = ["shop"]


def red(firm: Firm, invoice: Invoice, reason: str, quantity: str | None = None, **values: Any) -> CreditNote:
    """A draft red letter that both sides have confirmed."""
    quantities = None if quantity is None else {invoice.lines[0].id: Decimal(quantity)}
    draft = firm.run(
        "finance", lambda w: drafts.red_letter_by_hand(w, invoice.id, reason=reason, quantities=quantities)
    )
    given = {"confirmation": "04", "confirmation_number": "3702", "invoice_number": number(firm), **values}
    return firm.edit(draft, "finance", **given)


def sold(firm: Firm, quantity: str = "10", price: str = "100", **values: Any) -> Invoice:
    """An issued invoice over some pieces that no order went before."""
    given = {"invoice_number": number(firm), "buyer": "海蓝", "tax_number": "91370200MA3TEST00X", **values}
    lines = [line(firm.item(price), quantity)]
    draft = firm.create(
        Invoice, "finance", party_id=given.pop("party_id", None) or firm.party().id, lines=lines, **given
    )
    return firm.move(draft, "issue", "finance")


def objections(firm: Firm, note: CreditNote) -> list[str]:
    """Why a red letter cannot be issued."""
    with pytest.raises(Refused) as refused:
        firm.move(note, "issue", "finance")
    return [o.code for o in refused.value.objections]


def test_a_red_letter_takes_back_part_of_an_invoice_and_of_what_is_owed(firm: Firm) -> None:
    """BIL-12: returns and errors are corrected by red letters; the invoice itself stays as it was issued."""
    blue = sold(firm)
    note = firm.move(red(firm, blue, "02", "3"), "issue", "finance")
    assert (note.gross, note.lines[0].quantity) == exactly(-300, -3)
    blue = again(firm, blue)
    assert (blue.gross, blue.credited, blue.unsettled) == exactly(1000, 300, 700)
    assert (again(firm, note).unsettled, again(firm, note).settled) == exactly(0, 300)
    assert owed(firm, blue.party_id or 0) == {"billing.unpaid": Decimal(700)}
    with pytest.raises(Conflict):
        firm.edit(blue, "finance", remark="改一下")


def test_several_red_letters_never_take_back_more_than_the_invoice(firm: Firm) -> None:
    blue = sold(firm)
    first, second = red(firm, blue, "02", "6"), red(firm, blue, "02", "4")
    firm.move(first, "issue", "finance")
    with pytest.raises(Conflict):
        red(firm, blue, "02", "0.000001")
    firm.move(second, "issue", "finance")
    assert again(firm, blue).credited == 1000


def test_a_red_letter_with_lines_of_its_own_stays_within_the_invoice_too(firm: Firm) -> None:
    blue = sold(firm)
    given = {"confirmation": "01", "invoice_number": number(firm), "red_reason": "04", "invoice_id": blue.id}
    free = firm.create(
        CreditNote, "finance", party_id=blue.party_id, lines=[line(firm.item("1001"), "-1")], buyer="海蓝", **given
    )
    assert "billing.beyond" in objections(firm, free)


def test_it_needs_the_invoice_of_the_same_customer_and_negative_lines(firm: Firm) -> None:
    blue = sold(firm)
    given: dict[str, Any] = {"confirmation": "01", "invoice_number": number(firm)}
    lines = [line(firm.item("10"), "-1")]
    other = firm.create(CreditNote, "finance", party_id=firm.party().id, lines=lines, invoice_id=blue.id, **given)
    assert objections(firm, other) == ["billing.other_customer"]
    nameless = firm.edit(other, "finance", invoice_id=None)
    assert objections(firm, nameless) == ["billing.no_invoice"]
    black = firm.create(
        CreditNote,
        "finance",
        party_id=blue.party_id,
        lines=[line(firm.item("10"), "1")],
        invoice_id=blue.id,
        confirmation="01",
        invoice_number=number(firm),
    )
    assert objections(firm, black)[0] == "billing.not_red"


@pytest.mark.parametrize(
    ("state", "code"),
    [("", "billing.unconfirmed"), ("02", "billing.unconfirmed"), ("07", "billing.confirmation_void")],
)
def test_a_digital_red_letter_waits_for_the_confirmation_of_the_other_side(firm: Firm, state: str, code: str) -> None:
    note = red(firm, sold(firm), "02", "3", confirmation=state)
    assert objections(firm, note) == [code]
    firm.edit(note, "finance", confirmation="01")
    assert firm.move(note, "issue", "finance").state == "issued"


def test_a_mistake_takes_back_the_whole_invoice_and_lets_it_be_issued_anew(shop: Firm) -> None:
    quotation = agreed(shop)
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    blue = shop.move(draft, "issue", "finance")
    assert again(shop, quotation).uninvoiced == 0
    part = red(shop, blue, "01", "4")
    assert objections(shop, part) == ["billing.not_whole"]
    shop.move(part, "cancel", "finance", reason="应全额红冲")
    shop.move(red(shop, blue, "01"), "issue", "finance")
    assert waiting(shop, Invoice) == [Decimal(10)]
    assert again(shop, quotation).uninvoiced == 1000
    anew = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(anew, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    shop.move(anew, "issue", "finance")
    assert again(shop, quotation).uninvoiced == 0
    assert owed(shop, quotation.party_id or 0) == {"billing.unpaid": Decimal(1000)}


def test_what_is_taken_back_for_another_reason_is_not_invoiced_again(shop: Firm) -> None:
    quotation = agreed(shop)
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    blue = shop.move(draft, "issue", "finance")
    shop.move(red(shop, blue, "03", "4"), "issue", "finance")
    assert waiting(shop, Invoice) == []
    assert again(shop, quotation).uninvoiced == 0


def test_what_was_paid_before_it_was_taken_back_stays_as_credit(firm: Firm) -> None:
    blue = sold(firm)
    allocate(firm, confirmed(firm, "900", party_id=blue.party_id), (blue, "900"))
    note = firm.move(red(firm, blue, "02", "3"), "issue", "finance")
    assert (again(firm, note).settled, again(firm, note).unsettled) == exactly(100, 200)
    assert claims(firm, blue)[0].settled == 1000
    assert owed(firm, blue.party_id or 0) == {"billing.credit": Decimal(-200)}


def test_a_red_number_is_not_that_of_any_other_invoice(firm: Firm) -> None:
    blue, other = sold(firm), issued(firm)
    note = red(firm, blue, "02", "3", invoice_number=other.invoice_number)
    assert objections(firm, note) == ["billing.number_taken"]


def test_a_draft_that_is_not_issued_is_not_taken_back(firm: Firm) -> None:
    draft = firm.create(Invoice, "finance", party_id=firm.party().id, lines=[line(firm.item("10"))])
    with pytest.raises(Conflict):
        firm.run("finance", lambda w: drafts.red_letter_by_hand(w, draft.id, reason="02"))


def test_a_price_that_is_reduced_afterwards_is_credited_without_goods(shop: Firm) -> None:
    quotation = agreed(shop)
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    blue = shop.move(draft, "issue", "finance")
    row = blue.lines[0].id
    with pytest.raises(Unknown):
        shop.run("finance", lambda w: drafts.reduction(w, blue.id, {row + 1000: Decimal(1)}))

    def less(amount: str) -> CreditNote:
        note = shop.run("finance", lambda w: drafts.reduction(w, blue.id, {row: Decimal(amount)}))
        return shop.edit(note, "finance", confirmation="01", invoice_number=number(shop))

    note = shop.move(less("113.00"), "issue", "finance")
    assert (note.gross, note.tax, note.lines[0].quantity) == exactly(-113, -13, 0)
    assert again(shop, blue).unsettled == 887
    assert again(shop, quotation).uninvoiced == 0
    assert waiting(shop, Invoice) == []
    assert objections(shop, less("887.01")) == ["billing.beyond"]


# What a red letter leaves as credit ----------------------------------------------------------------------------


def credit(firm: Firm, gross: str = "1000", back: str = "10") -> tuple[Invoice, Receipt, CreditNote]:
    """An invoice of ten pieces that was paid and then taken back, so that the red letter's amount stays as credit."""
    blue = sold(firm, price=str(Decimal(gross) / 10))
    payment = allocate(firm, confirmed(firm, gross, party_id=blue.party_id), (blue, gross))
    return blue, payment, firm.move(red(firm, blue, "02", back), "issue", "finance")


def right(firm: Firm) -> None:
    """Nothing is wrong in the figures of money."""
    found = firm.as_program(lambda w: [*verify_money(w), *verify_billing(w)])
    assert [(one.code, one.record) for one in found] == []


def test_the_credit_of_a_red_letter_pays_other_invoices_and_is_taken_back(firm: Firm) -> None:
    """BIL-12: what was paid and then credited is the customer's, for what he owes by then."""
    blue, _payment, letter = credit(firm)
    other = issued(firm, "600", party_id=blue.party_id)
    assert (letter.settled, letter.unsettled) == exactly(0, 1000)
    uses = [allocation.Use(Decimal("600.01"), claims(firm, other)[0].id)]
    with pytest.raises(Conflict):
        firm.run("finance", lambda w: allocation.allocate(w, letter.id, uses, cls=CreditNote))
    with pytest.raises(Forbidden):
        allocate(firm, letter, (other, "400"), who="rep")
    allocate(firm, letter, (other, "400"))
    assert (again(firm, letter).settled, again(firm, letter).unsettled) == exactly(400, 600)
    assert owed(firm, blue.party_id or 0) == {"billing.unpaid": Decimal(200), "billing.credit": Decimal(-600)}
    right(firm)
    (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, letter)))
    firm.run("finance", lambda w: allocation.take_back(w, letter.id, [row.id], reason="另有安排", cls=CreditNote))
    assert (again(firm, other).unsettled, again(firm, letter).unsettled) == exactly(600, 1000)
    firm.move(letter, "settle", "finance")
    assert (again(firm, other).unsettled, again(firm, letter).unsettled) == exactly(0, 400)
    firm.move(letter, "unsettle", "finance", reason="另有安排")
    assert (again(firm, other).unsettled, again(firm, letter).unsettled) == exactly(600, 1000)
    with pytest.raises(Refused):
        firm.move(letter, "unsettle", "finance", reason="再来")
    right(firm)


def test_a_red_letter_that_was_not_issued_and_another_customer_s_invoice_are_refused(firm: Firm) -> None:
    blue, _payment, letter = credit(firm, back="4")
    draft, other = red(firm, blue, "02", "3"), issued(firm, "600")
    with pytest.raises(Conflict):
        allocate(firm, draft, (blue, "1"))
    with pytest.raises(Invalid):
        allocate(firm, letter, (other, "1"))


def test_what_a_red_letter_took_off_its_own_invoice_stays(firm: Firm) -> None:
    blue = sold(firm)
    letter = firm.move(red(firm, blue, "02", "3"), "issue", "finance")
    (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, letter)))
    with pytest.raises(Conflict):
        firm.run("finance", lambda w: allocation.take_back(w, letter.id, [row.id], reason="不行", cls=CreditNote))
    with pytest.raises(Refused):
        firm.move(letter, "unsettle", "finance", reason="不行")
    assert again(firm, blue).unsettled == 700


def test_the_credit_of_a_red_letter_is_paid_back_once(firm: Firm) -> None:
    blue, payment, letter = credit(firm)

    def refund(amount: str, **source: Any) -> Refund:
        draft = firm.create(Refund, "finance", party_id=blue.party_id, amount=amount, **source)
        return firm.move(draft, "pay", "finance")

    with pytest.raises(Invalid):
        refund("1", receipt_id=payment.id, credit_note_id=letter.id)
    with pytest.raises(Refused):
        refund("1")
    with pytest.raises(Refused):
        refund("1", receipt_id=payment.id)
    with pytest.raises(Refused):
        refund("1000.01", credit_note_id=letter.id)
    refund("700", credit_note_id=letter.id)
    with pytest.raises(Refused):
        refund("300.01", credit_note_id=letter.id)
    assert (again(firm, letter).settled, again(firm, letter).unsettled) == exactly(700, 300)
    assert owed(firm, blue.party_id or 0) == {"billing.credit": Decimal(-300)}
    (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, letter)))
    with pytest.raises(Conflict):
        firm.run("finance", lambda w: allocation.take_back(w, letter.id, [row.id], reason="再退", cls=CreditNote))
    with pytest.raises(Refused):
        firm.move(letter, "unsettle", "finance", reason="再退")
    balance = firm.read("finance", lambda w: accounts.balance(w, blue.party_id or 0, "CNY", w.today))
    assert balance == -300
    right(firm)


@pytest.mark.parametrize("way", ["take back", "unsettle", "dishonour"])
def test_a_red_letter_meets_its_own_invoice_by_itself_when_that_one_is_open_again(firm: Firm, way: str) -> None:
    """BIL-12: an invoice that was taken back is not owed, whatever becomes of the money that had paid it."""
    blue, payment, letter = credit(firm, back="6")
    other = issued(firm, "100", party_id=blue.party_id)
    allocate(firm, letter, (other, "100"))
    if way == "take back":
        (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, payment)))
        firm.run("finance", lambda w: allocation.take_back(w, payment.id, [row.id], reason="另有安排"))
    else:
        firm.move(payment, way, "finance", reason="另有安排")
    assert (again(firm, blue).unsettled, again(firm, letter).unsettled) == exactly(500, 0)
    right(firm)
    # What is taken back of the other goes to its own invoice as well, as far as that one is open.
    firm.move(letter, "unsettle", "finance", reason="另有安排")
    assert (again(firm, blue).unsettled, again(firm, letter).unsettled, again(firm, other).unsettled) == exactly(
        400, 0, 100
    )
    right(firm)


def test_ageing_and_the_overdue_check_follow_the_credit_that_was_used(firm: Firm) -> None:
    blue, _payment, letter = credit(firm, "1000")
    day = date(2026, 1, 5)
    other = issued(firm, "600", party_id=blue.party_id, due_on=day.isoformat())

    def aged() -> tuple[Any, Any, Any]:
        (row,) = looked(firm, "billing.ageing").rows
        return row["balance"], row["overdue"], row["unused"]

    assert aged() == exactly(-400, 600, -1000)
    allocate(firm, letter, (other, "600"))
    assert aged() == exactly(-400, 0, -400)
    assert sum(owed(firm, blue.party_id or 0).values()) == -400
    assert firm.read("finance", lambda w: accounts.balance(w, blue.party_id or 0, "CNY", w.today)) == -400
    assert firm.read("finance", lambda w: flow.claims.open_of(w, blue.party_id or 0)) == []


def test_the_credit_of_a_red_letter_is_set_against_claims_on_the_page_and_over_the_interface(firm: Firm) -> None:
    blue, _payment, letter = credit(firm)
    other = issued(firm, "600", party_id=blue.party_id)
    (claim,) = claims(firm, other)
    cashier = Visitor(site_of(firm), firm, "finance")
    place = f"/billing/credit-notes/{letter.id}"
    assert f"{place}/allocate" in cashier.get(f"{place}/").text
    assert f'name="claim-{claim.id}" value="600.00"' in cashier.get(f"{place}/allocate").text
    given = {f"claim-{claim.id}": "150.00", "version": str(again(firm, letter).version)}
    assert cashier.post(f"{place}/allocate", **given).status_code == 303
    assert again(firm, other).unsettled == 450
    api = api_for(firm, "finance")
    said = api.get(f"{place}/claims").get_json()
    assert (said["free"], [one["proposed"] for one in said["claims"]]) == ("850", ["450"])
    answer = api.post(f"{place}/allocate", {"uses": [{"claim_id": claim.id, "amount": "450"}]})
    assert (answer.status_code, again(firm, other).unsettled) == (200, 0)
    rows = [one["id"] for one in api.get(f"{place}/claims").get_json()["settlements"]]
    assert api.post(f"{place}/take-back", {"settlements": rows, "reason": "另有安排"}).status_code == 200
    assert (again(firm, other).unsettled, again(firm, letter).unsettled) == exactly(600, 1000)
    body = {"party_id": blue.party_id, "credit_note_id": letter.id, "amount": "1000"}
    refund = api.post("/billing/refunds", body).get_json()["id"]
    assert api.post(f"/billing/refunds/{refund}/moves/pay", {}).status_code == 200
    assert again(firm, letter).unsettled == 0
