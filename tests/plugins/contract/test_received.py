"""What a contract has received is its part of what was paid on the invoices of its lines, to the cent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from core.app import Program
from core.cli.installing import tell_what_was_received
from core.documents import Document, DocumentLine
from core.documents.reading import load
from core.errors import DomainError
from core.operations import flow
from core.operations.verifying import verify_chain
from core.testing.builders import Firm, line
from plugins.billing.documents import CreditNote, Invoice, Refund
from plugins.billing.services import allocation, drafts
from plugins.contract.documents import Contract
from plugins.contract.reports import FULFILMENT, LEDGER
from tests.plugins.billing.money import TITLE, allocate, claims, confirmed, number
from tests.plugins.contract.agreements import USUAL, drafted, released
from tests.plugins.contract.test_reports import told

HALVES = ({"event": "signing", "percent": "0.5"}, {"event": "acceptance", "percent": "0.5"})


@pytest.fixture
def agency(program: Program) -> Firm:
    """A company that only signs and invoices: what a contract releases is invoiced at once."""
    return Firm.founded(program, "agency", "青岛代理有限公司", areas=["contract", "billing"])


def contracts(firm: Firm, *lines: list[dict[str, Any]], plans: Mapping[int, Any] | None = None) -> list[Contract]:
    """Released contracts of one customer over these lines; ``plans``: the milestones of some, by place."""
    party = firm.party().id
    made = [
        drafted(firm, lines=one, party_id=party, milestones=(plans or {}).get(place, ()))
        for place, one in enumerate(lines)
    ]
    return [released(firm, contract) for contract in made]


def goods(firm: Firm, *prices: str) -> list[dict[str, Any]]:
    """One line for each price."""
    return [line(firm.item(price)) for price in prices]


def billed(firm: Firm, *found: Contract) -> Invoice:
    """One issued invoice over all lines of contracts."""
    return issued(firm, *(row for contract in found for row in contract.lines))


def issued(firm: Firm, *lines: DocumentLine) -> Invoice:
    """One issued invoice over these lines."""
    draft = firm.run("finance", lambda w: flow.take(w, Invoice, [(row.id, None) for row in lines]))
    title: dict[str, Any] = {"invoice_number": number(firm), **TITLE}
    return firm.move(firm.edit(draft, "finance", **title), "issue", "finance")


def pay(firm: Firm, invoice: Invoice, amount: str) -> Any:
    """A receipt of which all meets the invoice."""
    return allocate(firm, confirmed(firm, amount, party_id=invoice.party_id), (invoice, amount))


def credit(firm: Firm, invoice: Invoice, place: int) -> CreditNote:
    """A red letter over one line of an invoice, for returned goods."""
    taken = {invoice.lines[place].id: invoice.lines[place].base_quantity}
    draft = firm.run("finance", lambda w: drafts.red_letter_by_hand(w, invoice.id, reason="02", quantities=taken))
    return issue(firm, draft)


def issue(firm: Firm, letter: CreditNote) -> CreditNote:
    """Both sides have confirmed a red letter."""
    said: dict[str, Any] = {"confirmation": "04", "confirmation_number": "3702", "invoice_number": number(firm)}
    return firm.move(firm.edit(letter, "finance", **said), "issue", "finance")


def shares(firm: Firm, *found: Contract) -> list[Decimal]:
    """What the ledger says was received for each; the fulfilment sheet and the contract's page must say the same."""
    ledger = {row["id"]: row["received"] for row in told(firm, LEDGER).rows}
    sheet = told(firm, FULFILMENT).rows
    for contract in found:
        lines = [row["received"] for row in sheet if row["document_id"] == contract.id]
        assert sum(lines) == ledger[contract.id]
        panels = firm.read("finance", lambda w, c=contract: w.hooks.document_panels(load(w, Contract, c.id)))  # type: ignore[misc]
        page = next(panel for panel in panels if panel.key == "billing.receipts")
        assert sum((row[2] for row in page.rows), Decimal(0)) == ledger[contract.id]
    assert firm.as_program(lambda w: list(verify_chain(w))) == []
    return [ledger[contract.id] for contract in found]


def amounts(*figures: str) -> list[Decimal]:
    return [Decimal(figure) for figure in figures]


def test_a_receipt_is_counted_once_for_two_contracts_on_one_invoice(agency: Firm) -> None:
    """The ledger of contracts without milestones: each has its part, not the whole, of what was paid."""
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "100", "300"))
    invoice = billed(agency, first, second)
    pay(agency, invoice, "500")
    assert shares(agency, first, second) == amounts("300", "200")
    rest = pay(agency, invoice, "500")
    assert shares(agency, first, second) == amounts("600", "400")
    (row,) = [row for row in told(agency, LEDGER).rows if row["id"] == first.id]
    assert (row["receivable"], row["unpaid"]) == (0, 0)
    assert told(agency, LEDGER).totals["received"] == 1000
    kept = agency.read("finance", lambda w: flow.claims.settlements(w, rest.id))
    agency.run("finance", lambda w: allocation.take_back(w, rest.id, [kept[0].id], reason="对错了发票"))
    assert shares(agency, first, second) == amounts("300", "200")


def test_cents_that_do_not_divide_are_given_to_one_and_none_is_lost(agency: Firm) -> None:
    found = contracts(agency, *(goods(agency, "33.34") for _n in range(3)))
    invoice = billed(agency, *found)
    pay(agency, invoice, "10")
    assert shares(agency, *found) == amounts("3.33", "3.34", "3.33")
    for _n in range(3):
        pay(agency, invoice, "0.01")
        assert sum(shares(agency, *found)) == told(agency, LEDGER).totals["received"]
    assert shares(agency, *found) == amounts("3.34", "3.35", "3.34")
    pay(agency, invoice, "89.99")
    assert shares(agency, *found) == amounts("33.34", "33.34", "33.34")


def test_a_contract_with_more_taken_off_than_sold_on_an_invoice_has_less_than_nothing(agency: Firm) -> None:
    """Negative lines: what one contract takes off the invoice, the other has paid for."""
    less = line(agency.item("100"), "1", "-200", line_kind="discount")
    first, second = contracts(agency, goods(agency, "1000"), [*goods(agency, "500"), less])
    invoice = issued(agency, first.lines[0], second.lines[1])
    assert invoice.gross == 800
    pay(agency, invoice, "400")
    assert shares(agency, first, second) == amounts("500", "-100")
    pay(agency, issued(agency, second.lines[0]), "500")
    pay(agency, invoice, "400")
    assert shares(agency, first, second) == amounts("1000", "300")


def test_what_a_red_letter_took_back_before_it_was_paid_has_no_part(agency: Firm) -> None:
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"))
    invoice = billed(agency, first, second)
    pay(agency, invoice, "500")
    credit(agency, invoice, 1)
    assert shares(agency, first, second) == amounts("500", "0")
    pay(agency, invoice, "100")
    assert shares(agency, first, second) == amounts("600", "0")


def test_what_was_paid_before_a_red_letter_stays_with_its_contract(agency: Firm) -> None:
    """Paid in part, the letter meets only what was open: the rest is the customer's credit for that contract."""
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"))
    invoice = billed(agency, first, second)
    pay(agency, invoice, "800")
    credit(agency, invoice, 1)
    assert shares(agency, first, second) == amounts("600", "200")
    (row,) = [row for row in told(agency, LEDGER).rows if row["id"] == second.id]
    assert (row["invoiced"], row["receivable"]) == (0, -200)


@pytest.mark.parametrize("plans", [{}, {0: HALVES}, {2: HALVES}, {0: HALVES, 2: HALVES}])
def test_credit_that_pays_another_contract_is_received_there_and_no_longer_here(
    agency: Firm, plans: Mapping[int, Any]
) -> None:
    """With milestones on either side or without: the sums over all contracts stay what came in and did not go back."""
    found = contracts(agency, goods(agency, "600"), goods(agency, "400"), goods(agency, "700"), plans=plans)
    first, second, third = found
    invoice, other = billed(agency, first, second), billed(agency, third)
    pay(agency, invoice, "1000")
    letters = [credit(agency, invoice, place) for place in (0, 1)]
    assert shares(agency, *found) == amounts("600", "400", "0")
    allocate(agency, letters[0], (other, "500"))
    assert shares(agency, *found) == amounts("100", "400", "500")
    allocate(agency, letters[1], (other, "200"))
    assert shares(agency, *found) == amounts("100", "200", "700")
    refund = agency.create(Refund, "finance", party_id=invoice.party_id, credit_note_id=letters[0].id, amount="100")
    agency.move(refund, "pay", "finance")
    assert shares(agency, *found) == amounts("0", "200", "700")
    agency.move(letters[0], "unsettle", "finance", reason="另有安排")
    assert shares(agency, *found) == amounts("500", "200", "200")


def test_credit_that_pays_another_invoice_of_its_contract_is_received_once(agency: Firm) -> None:
    (first,) = contracts(agency, goods(agency, "600", "400"))
    invoice, other = issued(agency, first.lines[0]), issued(agency, first.lines[1])
    pay(agency, invoice, "600")
    letter = credit(agency, invoice, 0)
    allocate(agency, letter, (other, "400"))
    assert shares(agency, first) == amounts("600")
    (row,) = [row for row in told(agency, LEDGER).rows if row["id"] == first.id]
    assert (row["owed"], row["receivable"]) == (400, -200)


def test_a_red_letter_that_was_used_in_part_takes_back_in_proportion(agency: Firm) -> None:
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"))
    invoice = billed(agency, first, second)
    pay(agency, invoice, "900")
    less = {invoice.lines[0].id: Decimal("100.01"), invoice.lines[1].id: Decimal("100.02")}
    draft = agency.run("finance", lambda w: drafts.reduction(w, invoice.id, less))
    issue(agency, draft)
    assert claims(agency, invoice)[0].settled == 1000
    assert shares(agency, first, second) == amounts("550", "350")


def test_lines_that_began_on_the_invoice_have_their_part_too(agency: Firm) -> None:
    (first,) = contracts(agency, goods(agency, "300"))
    draft = agency.run("finance", lambda w: flow.take(w, Invoice, [(first.lines[0].id, None)]))
    rows = [{"id": draft.lines[0].id}, line(agency.item("100"))]
    agency.edit(draft, "finance", lines=rows, invoice_number=number(agency), **TITLE)
    pay(agency, agency.move(draft, "issue", "finance"), "200")
    assert shares(agency, first) == amounts("150")


def test_milestones_are_met_by_their_contracts_part_of_a_payment_only(agency: Firm) -> None:
    first, second, third = contracts(
        agency, goods(agency, "600"), goods(agency, "400"), goods(agency, "200"), plans={0: HALVES, 2: USUAL}
    )
    invoice = billed(agency, first, second, third)
    pay(agency, invoice, "100")
    assert shares(agency, first, second, third) == amounts("50", "33.33", "16.67")
    pay(agency, invoice, "500")
    assert [row.settled for row in claims(agency, first)] == amounts("300", "0")
    assert shares(agency, first, second, third) == amounts("300", "200", "100")
    pay(agency, invoice, "600")
    assert shares(agency, first, second, third) == amounts("600", "400", "200")


def test_an_advance_on_one_contract_pays_for_no_other(agency: Firm) -> None:
    """What was paid ahead on a milestone meets that contract's part of the invoice; the rest stays an advance."""
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"), plans={0: HALVES})
    other = released(agency, drafted(agency, lines=goods(agency, "900"), party_id=first.party_id, milestones=HALVES))
    paid = confirmed(agency, "750", party_id=first.party_id)
    keys = [claims(agency, first)[0].id, claims(agency, other)[0].id]
    uses = [flow.claims.Use(Decimal(amount), None, key) for amount, key in zip(("300", "450"), keys, strict=True)]
    agency.run("finance", lambda w: allocation.allocate(w, paid.id, uses))
    invoice = billed(agency, first, second)
    assert claims(agency, invoice)[0].settled == 300
    assert shares(agency, first, second, other) == amounts("300", "0", "450")
    pay(agency, invoice, "700")
    assert shares(agency, first, second, other) == amounts("600", "400", "450")
    last = billed(agency, other)
    assert claims(agency, last)[0].settled == 450


def test_what_an_older_release_has_not_kept_is_reckoned_by_the_upgrade(agency: Firm) -> None:
    """Nothing is said to be received before that, rather than something wrong."""
    found = contracts(agency, goods(agency, "600"), goods(agency, "400"), plans={1: HALVES})
    pay(agency, billed(agency, *found), "500")
    before = shares(agency, *found)
    assert before == amounts("300", "200")
    posted: Any = Document.__table__
    agency.as_program(lambda w: w.connection.execute(update(posted).values(collected=None)))
    assert [row["received"] for row in told(agency, LEDGER).rows] == [None, None]
    assert agency.as_program(lambda w: list(verify_chain(w))) == []
    tell_what_was_received(agency.program)
    assert shares(agency, *found) == before


def test_money_in_contracts_that_are_signed_stays_where_it_is(agency: Firm) -> None:
    """Who would plan milestones once something is invoiced is refused: what was received would fall otherwise."""
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"))
    pay(agency, billed(agency, first, second), "500")
    for contract in (first, second):
        with pytest.raises(DomainError):
            agency.move(contract, "revise", "boss", reason="加付款节点")
    assert shares(agency, first, second) == amounts("300", "200")


def test_milestones_planned_once_something_is_paid_let_money_fall_on_the_others(agency: Firm) -> None:
    """What met the invoice is then for the contract that has none, until they go again."""
    first, second = contracts(agency, goods(agency, "600"), goods(agency, "400"))
    pay(agency, billed(agency, first, second), "500")
    assert kept(agency, first, second) == amounts("300", "200")
    plan = [flow.claims.ClaimValue("到货款", Decimal(600), None, "milestone")]
    agency.as_program(lambda w: flow.claims.make(w, load(w, Contract, first.id), plan))
    assert kept(agency, first, second) == amounts("0", "400")
    agency.as_program(lambda w: flow.claims.drop(w, load(w, Contract, first.id)))
    assert kept(agency, first, second) == amounts("300", "200")


def kept(firm: Firm, *found: Contract) -> list[Decimal]:
    """What the ledger says was received for each, where every figure is as its documents tell."""
    assert not [one for one in firm.as_program(lambda w: list(verify_chain(w))) if one.code == "document.collected"]
    ledger = {row["id"]: row["received"] for row in told(firm, LEDGER).rows}
    return [ledger[contract.id] for contract in found]
