"""Money that comes in is confirmed by finance, set against what is owed, and never used beyond its amount."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.duties.reading import my_duties
from core.errors import Conflict, Forbidden, Invalid, Refused
from core.operations import flow
from core.operations.verifying import verify_chain
from core.testing.builders import Firm
from plugins.billing.documents import Receipt, Refund
from plugins.billing.services import allocation
from plugins.billing.verify import verify_refunds
from tests.plugins.billing.money import (
    again,
    allocate,
    claims,
    confirmed,
    exactly,
    issued,
    owed,
    receipt,
    shop,
)
from tests.plugins.billing.test_invoices import agreed, planned, taken

__all__ = ["shop"]

BILL = {
    "method": "bank_bill",
    "bill_number": "5" + "1" * 29,
    "drawer": "青岛海蓝工程有限公司",
    "acceptor": "中国银行青岛分行",
}


def bill(firm: Firm, amount: str = "1000", days: int = 90, **values: Any) -> Receipt:
    """An acceptance bill that matures in some days."""
    today = firm.as_program(lambda w: w.today)
    given = {"matures_on": (today + timedelta(days=days)).isoformat(), "bill_issued_on": today.isoformat()}
    return receipt(firm, amount, party_id=firm.party().id, **(BILL | given | values))


def test_a_receipt_has_no_number_until_finance_confirms_it(firm: Firm) -> None:
    draft = firm.create(Receipt, "rep", amount="88.80", party_id=firm.party().id)
    assert (draft.number, draft.gross) == (None, Decimal("88.80"))
    with pytest.raises(Forbidden):
        firm.move(draft, "confirm", "rep")
    done = firm.move(draft, "confirm", "finance")
    assert done.number is not None
    assert (done.unsettled, done.settled) == exactly("88.80", 0)
    assert owed(firm, done.party_id or 0) == {"billing.advances": Decimal("-88.80")}


def test_a_receipt_is_set_against_milestones_and_invoices_and_the_rest_stays_an_advance(shop: Firm) -> None:
    """BIL-07: allocated to milestones and invoices, never beyond its amount or theirs; the rest stays an advance."""
    quotation = agreed(shop)
    party, (signing, acceptance) = quotation.party_id or 0, planned(shop, quotation, "300", "700")
    other, payment = issued(shop, "500", party_id=party), confirmed(shop, "1000", party_id=party)

    def meet(amount: str, claim: int | None = None, milestone: int | None = None) -> None:
        use = allocation.Use(Decimal(amount), claim, milestone)
        shop.run("finance", lambda w: allocation.allocate(w, payment.id, [use]))

    (claim,) = claims(shop, other)
    for beyond in (("300.01", None, signing), ("500.01", claim.id, None)):
        with pytest.raises(Conflict):
            meet(*beyond)
    meet("250", milestone=signing)
    meet("400", claim.id)
    for beyond in (("50.01", None, signing), ("100.01", claim.id, None), ("350.01", None, acceptance)):
        with pytest.raises(Conflict):
            meet(*beyond)
    assert (again(shop, payment).settled, again(shop, payment).unsettled) == exactly(650, 600)
    assert tuple(row.settled for row in claims(shop, quotation)) == exactly(250, 0)
    # What met a milestone meets the invoice of it as well, once; of both nothing beyond.
    invoice = taken(shop, (quotation, None))
    assert tuple(row.settled for row in claims(shop, invoice)) == exactly(250)
    assert (again(shop, payment).settled, again(shop, payment).unsettled) == exactly(650, 350)
    meet("350", claims(shop, invoice)[0].id)
    assert tuple(row.settled for row in claims(shop, quotation)) == exactly(300, 300)
    with pytest.raises(Conflict):
        meet("0.01", milestone=acceptance)
    assert (again(shop, payment).settled, again(shop, payment).unsettled) == exactly(1000, 0)
    assert owed(shop, party) == {"billing.unpaid": Decimal(500)}
    assert shop.as_program(lambda w: list(verify_chain(w))) == []


def test_what_is_set_against_a_milestone_pays_what_was_invoiced_of_it(shop: Firm) -> None:
    """Also when the invoice was there before the money: nobody is late with what he has paid."""
    quotation, other = agreed(shop), agreed(shop)
    party = quotation.party_id or 0
    signing, acceptance = planned(shop, quotation, "300", "700")
    invoice = taken(shop, (quotation, "4"))
    foreign = taken(shop, (other, None))
    payment = confirmed(shop, "700", party_id=party)
    use = allocation.Use(Decimal(300), None, signing)
    shop.run("finance", lambda w: allocation.allocate(w, payment.id, [use]))
    assert [row.settled for row in claims(shop, invoice)] == [300]
    more = allocation.Use(Decimal(150), None, acceptance)
    shop.run("finance", lambda w: allocation.allocate(w, payment.id, [more]))
    assert [row.settled for row in claims(shop, invoice)] == [400]
    assert [row.settled for row in claims(shop, quotation)] == [300, 150]
    assert (again(shop, payment).settled, again(shop, payment).unsettled) == exactly(450, 300)
    assert [row.settled for row in claims(shop, foreign)] == [0]
    met = shop.read("finance", lambda w: [row.id for row in flow.claims.settlements(w, payment.id)])
    shop.run("finance", lambda w: allocation.take_back(w, payment.id, met, reason="认领错误"))
    assert [row.settled for row in (*claims(shop, invoice), *claims(shop, quotation))] == [0, 0, 0]
    assert shop.as_program(lambda w: list(verify_chain(w))) == []


def test_a_receipt_is_set_against_several_invoices_and_never_beyond_any(firm: Firm) -> None:
    party = firm.party().id
    first, second = issued(firm, "300", party_id=party), issued(firm, "500", party_id=party)
    payment = confirmed(firm, "1000", party_id=party)
    allocate(firm, payment, (first, "300"), (second, "400"))
    assert owed(firm, party) == {"billing.unpaid": Decimal(100), "billing.advances": Decimal(-300)}
    with pytest.raises(Conflict):
        allocate(firm, payment, (second, "100.01"))
    with pytest.raises(Conflict):
        allocate(firm, payment, (first, "0.01"))
    third = issued(firm, "5000", party_id=party)
    with pytest.raises(Conflict):
        allocate(firm, payment, (third, "300.01"))
    assert again(firm, allocate(firm, payment, (third, "300"))).settled == 1000


def test_only_finance_sets_receipts_against_what_is_owed(firm: Firm) -> None:
    party = firm.party().id
    one, payment = issued(firm, "300", party_id=party), confirmed(firm, "300", party_id=party)
    with pytest.raises(Forbidden):
        allocate(firm, payment, (one, "300"), who="rep")


def test_a_receipt_meets_nobody_elses_invoice(firm: Firm) -> None:
    other = issued(firm, "300")
    payment = confirmed(firm, "300", party_id=firm.party().id)
    with pytest.raises(Invalid):
        allocate(firm, payment, (other, "300"))


def test_an_unconfirmed_receipt_meets_nothing(firm: Firm) -> None:
    one = issued(firm, "300")
    with pytest.raises(Conflict):
        allocate(firm, receipt(firm, "300", party_id=one.party_id), (one, "300"))


def test_what_is_due_first_is_proposed_first(firm: Firm) -> None:
    party, today = firm.party().id, firm.as_program(lambda w: w.today)
    late = issued(firm, "300", party_id=party, due_on=(today + timedelta(days=60)).isoformat())
    soon = issued(firm, "500", party_id=party, due_on=(today + timedelta(days=10)).isoformat())
    payment = confirmed(firm, "600", party_id=party)
    uses = firm.read("finance", lambda w: allocation.propose(w, again(firm, payment)))
    by_claim = {use.claim_id: use.amount for use in uses}
    assert by_claim == {claims(firm, soon)[0].id: Decimal(500), claims(firm, late)[0].id: Decimal(100)}


def test_an_allocation_is_taken_back_with_a_reason_and_owed_again(firm: Firm) -> None:
    one = issued(firm, "300")
    payment = allocate(firm, confirmed(firm, "300", party_id=one.party_id), (one, "300"))
    rows = firm.read("finance", lambda w: flow.claims.settlements(w, payment.id))
    with pytest.raises(Invalid):
        firm.run("finance", lambda w: allocation.take_back(w, payment.id, [rows[0].id], reason=" "))
    firm.run("finance", lambda w: allocation.take_back(w, payment.id, [rows[0].id], reason="对错了发票"))
    assert again(firm, one).unsettled == 300
    assert again(firm, payment).settled == 0
    assert owed(firm, one.party_id or 0) == {
        "billing.unpaid": Decimal(300),
        "billing.advances": Decimal(-300),
    }


def test_an_advance_is_paid_back_but_never_more_than_stands_free(firm: Firm) -> None:
    one = issued(firm, "300")
    payment = allocate(firm, confirmed(firm, "1000", party_id=one.party_id), (one, "300"))

    def refund(amount: str) -> Refund:
        return firm.create(Refund, "finance", party_id=one.party_id, receipt_id=payment.id, amount=amount)

    with pytest.raises(Refused):
        firm.move(refund("700.01"), "pay", "finance")
    done = firm.move(refund("500"), "pay", "finance")
    assert done.number is not None
    assert again(firm, payment).settled == 800
    assert owed(firm, one.party_id or 0) == {"billing.advances": Decimal(-200)}
    with pytest.raises(Refused):
        firm.move(refund("200.01"), "pay", "finance")


def test_what_was_paid_back_is_never_taken_back_and_paid_again(firm: Firm) -> None:
    payment = confirmed(firm, "100", party_id=firm.party().id)

    def refund(amount: str) -> Refund:
        draft = firm.create(Refund, "finance", party_id=payment.party_id, receipt_id=payment.id, amount=amount)
        return firm.move(draft, "pay", "finance")

    refund("60")
    (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, payment)))
    with pytest.raises(Conflict):
        firm.run("finance", lambda w: allocation.take_back(w, payment.id, [row.id], reason="再退一次"))
    with pytest.raises(Refused):
        firm.move(payment, "unsettle", "finance", reason="再退一次")
    with pytest.raises(Refused):
        refund("40.01")
    refund("40")
    assert (again(firm, payment).settled, again(firm, payment).unsettled) == exactly(100, 0)
    assert firm.as_program(lambda w: list(verify_refunds(w))) == []


def test_a_refund_that_came_out_of_nothing_is_found(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    payment = confirmed(firm, "100", party_id=firm.party().id)
    draft = firm.create(Refund, "finance", party_id=payment.party_id, receipt_id=payment.id, amount="60")
    paid = firm.move(draft, "pay", "finance")
    monkeypatch.setattr(Refund, "pays_back", False)
    (row,) = firm.read("finance", lambda w: allocation.settled_with(w, again(firm, payment)))
    firm.run("finance", lambda w: allocation.take_back(w, payment.id, [row.id], reason="再退一次"))
    found = firm.as_program(lambda w: [(one.code, one.record) for one in verify_refunds(w)])
    assert found == [("refund.source", f"Refund {paid.number}")]


# Acceptance bills -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"bill_number": "123"}, "billing.bill_number"),
        ({"drawer": ""}, "billing.bill_parties"),
        ({"matures_on": None}, "billing.bill_maturity"),
        ({"bill_issued_on": "2025-01-01"}, "billing.bill_tenor"),
        ({"bill_range": "1-99999"}, "billing.bill_range"),
        ({"bill_range": "9-1"}, "billing.bill_range"),
    ],
)
def test_a_bill_is_entered_with_all_its_data(firm: Firm, wrong: dict[str, Any], code: str) -> None:
    draft = bill(firm, **wrong)
    with pytest.raises(Refused) as refused:
        firm.move(draft, "confirm", "finance")
    assert [o.code for o in refused.value.objections] == [code]


def test_the_same_bill_is_not_received_twice_but_its_other_part_is(firm: Firm) -> None:
    firm.move(bill(firm, "500", bill_range="1-50000"), "confirm", "finance")
    with pytest.raises(Refused):
        firm.move(bill(firm, "0.02", bill_range="50000-50001"), "confirm", "finance")
    assert firm.move(bill(firm, "500", bill_range="50001-100000"), "confirm", "finance").state == "confirmed"


def test_a_bill_that_is_not_paid_lets_everything_be_owed_again(firm: Firm) -> None:
    """Bills are entered with their data, their maturity is watched, and a dishonoured one reopens the debt."""
    draft = bill(firm, "1000", days=5)
    one = issued(firm, "1000", party_id=draft.party_id)
    payment = firm.move(draft, "confirm", "finance")
    allocate(firm, payment, (one, "1000"))
    with pytest.raises(Refused):
        firm.move(payment, "honour", "finance")
    kinds = [d.key for d in firm.read("finance", lambda w: list(my_duties(w))) if "bill:" in d.key]
    assert kinds == [f"billing.receipt.bill:{payment.id}"]
    assert owed(firm, one.party_id or 0) == {}
    gone = firm.move(payment, "dishonour", "finance", reason="出票人账户余额不足")
    assert (gone.state, gone.dishonour_reason) == ("dishonoured", "出票人账户余额不足")
    assert (again(firm, payment).settled, again(firm, payment).unsettled) == (0, 0)
    assert owed(firm, one.party_id or 0) == {"billing.unpaid": Decimal(1000)}


def test_a_commercial_bill_counts_until_it_is_honoured_unless_the_company_says_otherwise(firm: Firm) -> None:
    draft = bill(firm, "1000", days=0, method="commercial_bill")
    one = issued(firm, "1000", party_id=draft.party_id)
    allocate(firm, firm.move(draft, "confirm", "finance"), (one, "1000"))
    assert owed(firm, one.party_id or 0) == {"billing.bills": Decimal(1000)}
    firm.settings(billing__commercial_bills_count=False)
    assert owed(firm, one.party_id or 0) == {}
    firm.settings(billing__commercial_bills_count=True)
    firm.move(draft, "honour", "finance")
    assert owed(firm, one.party_id or 0) == {}


def test_what_was_paid_back_cannot_turn_out_unpaid(firm: Firm) -> None:
    payment = confirmed(firm, "100", party_id=firm.party().id)
    refund = firm.create(Refund, "finance", party_id=payment.party_id, receipt_id=payment.id, amount="10")
    firm.move(refund, "pay", "finance")
    with pytest.raises(Refused):
        firm.move(payment, "dishonour", "finance", reason="退票")


# By one move ------------------------------------------------------------------------------------------------------


def test_one_move_sets_a_receipt_against_what_is_due_first_and_another_takes_it_back(firm: Firm) -> None:
    party, today = firm.party().id, firm.as_program(lambda w: w.today)
    late = issued(firm, "300", party_id=party, due_on=(today + timedelta(days=60)).isoformat())
    soon = issued(firm, "500", party_id=party, due_on=(today + timedelta(days=10)).isoformat())
    payment = confirmed(firm, "600", party_id=party)
    assert firm.move(payment, "settle", "finance").settled == 600
    assert [again(firm, soon).unsettled, again(firm, late).unsettled] == [Decimal(0), Decimal(200)]
    with pytest.raises(Refused):
        firm.move(payment, "settle", "finance")
    firm.move(payment, "unsettle", "finance", reason="客户指定冲另一张")
    assert [again(firm, soon).unsettled, again(firm, late).unsettled] == [Decimal(500), Decimal(300)]
    with pytest.raises(Refused):
        firm.move(payment, "unsettle", "finance", reason="再来")


def test_a_receipt_of_who_owes_nothing_stays_an_advance(firm: Firm) -> None:
    payment = confirmed(firm, "600", party_id=firm.party().id)
    with pytest.raises(Conflict):
        firm.move(payment, "settle", "finance")
