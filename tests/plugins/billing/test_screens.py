"""The page on which finance sets receipts against what is owed, the pages of all documents, and what they cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.testing.builders import Firm, line
from core.testing.counting import Statements, counted
from core.testing.sites import site_of
from plugins.billing.documents import Invoice, Receipt
from tests.core.administration_visitor import Visitor
from tests.plugins.billing.money import again, claims, confirmed, invoice, issued

LISTS = ("invoice-requests", "invoices", "credit-notes", "receipts", "refunds", "statements")


@pytest.fixture
def cashier(firm: Firm) -> Visitor:
    """Somebody of finance who has signed in."""
    return Visitor(site_of(firm), firm, "finance")


def test_finance_sets_a_receipt_against_invoices_on_one_page(firm: Firm, cashier: Visitor) -> None:
    party = firm.party().id
    one = issued(firm, "300", party_id=party)
    payment = confirmed(firm, "200", party_id=party)
    (claim,) = claims(firm, one)
    place = f"/billing/receipts/{payment.id}/allocate"
    assert f'name="claim-{claim.id}" value="200.00"' in cashier.get(place).text
    given = {f"claim-{claim.id}": "150.00", "version": str(payment.version)}
    assert cashier.post(place, **given).status_code == 303
    assert again(firm, one).unsettled == 150
    stale = {f"claim-{claim.id}": "1", "version": str(payment.version)}
    cashier.post(place, **stale)
    assert again(firm, payment).settled == 150


def test_nobody_else_opens_that_page(firm: Firm) -> None:
    payment = confirmed(firm, "200", party_id=firm.party().id)
    seller = Visitor(site_of(firm), firm, "rep")
    assert seller.get(f"/billing/receipts/{payment.id}/allocate").status_code in (403, 404)


@pytest.mark.parametrize("plural", LISTS)
def test_every_list_takes_six_statements_at_most(firm: Firm, cashier: Visitor, plural: str) -> None:
    for _ in range(3):
        issued(firm)
        confirmed(firm, party_id=firm.party().id)
    cashier.get(f"/billing/{plural}/")
    with counted(firm.program.works.engine) as found:
        assert cashier.get(f"/billing/{plural}/").status_code == 200
    assert len(found) <= 6, str(found)


def test_pages_take_fifteen_statements_at_most(firm: Firm, cashier: Visitor) -> None:
    party = firm.party().id
    draft, done = invoice(firm, party_id=party), issued(firm, party_id=party)
    payment = confirmed(firm, party_id=party)
    for document, plural in ((draft, "invoices"), (done, "invoices"), (payment, "receipts")):
        cashier.get(f"/billing/{plural}/{document.id}/")
        with counted(firm.program.works.engine) as found:
            assert cashier.get(f"/billing/{plural}/{document.id}/").status_code == 200
        assert len(found) <= 15, f"{plural}\n{found}"


def done(found: Statements) -> int:
    """How many statements were executed, but for the locks that only one of the engines needs."""
    return sum("FOR NO KEY UPDATE" not in text for text in found.texts)


def test_issuing_takes_no_more_statements_for_many_lines(firm: Firm) -> None:
    taken = []
    # The first one reads what is kept from then on.
    for place, many in enumerate((1, 1, 40)):
        party, item = firm.party().id, firm.item("10")
        given = {"party_id": party, "invoice_number": f"{place:020}", "tax_number": "91370200MA3TEST00X"}
        draft = firm.create(Invoice, "finance", lines=[line(item) for _ in range(many)], **given)
        with counted(firm.program.works.engine) as found:
            firm.move(draft, "issue", "finance")
        taken.append(done(found))
        assert taken[-1] <= 17, str(found)
    assert taken[2] == taken[1] < taken[0]


def test_confirming_and_settling_a_receipt_take_few_statements(firm: Firm) -> None:
    party = firm.party().id
    for _ in range(5):
        issued(firm, "10", party_id=party)
    draft = firm.create(Receipt, "finance", party_id=party, amount="50")
    for move, most in (("confirm", 10), ("settle", 16)):
        with counted(firm.program.works.engine) as found:
            firm.move(draft, move, "finance")
        assert done(found) <= most, str(found)
    assert again(firm, draft).settled == Decimal(50)
