"""A customer owes no more than he may: every order, delivery and invoice is held against his limit of that day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest

from core.app import Program
from core.errors import DomainError, Refused, Unconfirmed
from core.operations import flow, masters, move
from core.testing.builders import Firm, line
from plugins.billing.documents import Invoice, Receipt
from plugins.credit.masters import CreditFile
from plugins.credit.services import watching
from plugins.credit.services.standing import standing
from plugins.quotation.documents import Quotation

TODAY = date(2026, 11, 25)
LAST = date(2026, 11, 30)
AFTER = date(2026, 12, 1)


@pytest.fixture
def shop(program: Program) -> Firm:
    """A company where an accepted quotation binds, and credit blocks whatever goes beyond the limit."""
    firm = Firm.founded(program, "shop", "小店有限公司", areas=["quotation", "billing", "credit"])
    firm.settings(credit__at_order="block")
    firm.today = TODAY
    return firm


def trusted(firm: Firm, amount: str, *allowances: dict[str, Any], **values: Any) -> int:
    """A customer with a credit file."""
    party = firm.party().id
    given = {"party_id": party, "amount": Decimal(amount), "allowances": list(allowances), **values}
    firm.run("boss", lambda w: masters.save(w, CreditFile, given))
    return party


def temporary(amount: str, *, last: date = LAST, single_use: bool = False) -> dict[str, Any]:
    """Credit on top of the limit for November."""
    days = {"valid_from": date(2026, 11, 1), "valid_until": last}
    return {"amount": Decimal(amount), "single_use": single_use, **days}


def offer(firm: Firm, party: int, amount: str) -> Quotation:
    """What the customer is about to accept."""
    quotation = firm.create(Quotation, party_id=party, lines=[line(firm.item(amount))])
    return firm.move(firm.move(quotation, "submit"), "send")


def order(firm: Firm, party: int, amount: str, **options: Any) -> Quotation:
    """What the customer has accepted: it binds."""
    return firm.move(offer(firm, party, amount), "accept", **options)


def billed(firm: Firm, quotation: Quotation) -> Invoice:
    """The issued invoice over all of it."""
    draft = firm.run("finance", lambda w: flow.take_from(w, Invoice, quotation, tax_number="91370200MA3TEST00X"))
    number = f"26370000{firm.next('fapiao'):012}"
    return firm.move(firm.edit(draft, "finance", invoice_number=number), "issue", "finance")


def advance(firm: Firm, party: int, amount: str) -> Receipt:
    """Money that stands against nothing."""
    return firm.move(firm.create(Receipt, "finance", party_id=party, amount=amount), "confirm", "finance")


def excess(firm: Firm, document: Any, name: str = "accept", **options: Any) -> Decimal:
    """By how much a move is over the limit."""
    with pytest.raises(Refused) as refused:
        firm.move(document, name, **options)
    (found,) = [o for o in refused.value.objections if o.code == "credit.limit"]
    assert found.excess is not None
    return found.excess


def example(firm: Firm) -> int:
    """Limit 500,000 and 50,000 until 30 November; 320,000 unpaid, 160,000 open, 20,000 paid in advance."""
    party = trusted(firm, "500000", temporary("50000"))
    billed(firm, order(firm, party, "320000"))
    order(firm, party, "60000")
    order(firm, party, "100000")
    advance(firm, party, "20000")
    return party


# The limit --------------------------------------------------------------------------------------------------------


def test_an_order_up_to_the_limit_passes_and_a_cent_more_does_not(shop: Firm) -> None:
    party = example(shop)
    assert excess(shop, offer(shop, party, "90000.01")) == Decimal("0.01")
    assert order(shop, party, "90000.00").state == "accepted"


def test_temporary_credit_ends_with_its_last_day(shop: Firm) -> None:
    party = example(shop)
    one, two = offer(shop, party, "90000"), offer(shop, party, "90000")
    shop.today = AFTER
    assert excess(shop, one) == Decimal(50000)
    shop.today = LAST
    assert shop.move(two, "accept").state == "accepted"


def test_a_limit_counts_only_within_its_days(shop: Firm) -> None:
    party = trusted(shop, "1000", valid_from=TODAY, valid_until=LAST)
    early, late, good = offer(shop, party, "10"), offer(shop, party, "10"), offer(shop, party, "1000")
    shop.today = date(2026, 11, 24)
    assert excess(shop, early) == 10
    shop.today = AFTER
    assert excess(shop, late) == 10
    shop.today = LAST
    assert shop.move(good, "accept").state == "accepted"


def test_credit_for_one_order_is_used_up_by_the_one_that_needs_it(shop: Firm) -> None:
    party = trusted(shop, "1000", temporary("500", single_use=True))
    order(shop, party, "400")
    now = shop.read("finance", lambda w: standing(w, party))
    assert now is not None
    assert now.allowed == 1500
    order(shop, party, "1000")
    now = shop.read("finance", lambda w: standing(w, party))
    assert now is not None
    assert (now.allowed, now.exposure) == (Decimal(1000), Decimal(1400))
    assert excess(shop, offer(shop, party, "1")) == 401


def test_paying_lets_the_customer_order_again(shop: Firm) -> None:
    party = trusted(shop, "1000")
    order(shop, party, "1000")
    late = offer(shop, party, "600")
    assert excess(shop, late) == 600
    advance(shop, party, "600")
    assert shop.move(late, "accept").state == "accepted"


def test_nothing_counts_twice_on_its_way_from_order_to_invoice(shop: Firm) -> None:
    shop.settings(credit__at_invoice="block")
    party = trusted(shop, "1000")
    invoice = billed(shop, order(shop, party, "1000"))
    assert invoice.state == "issued"
    now = shop.read("finance", lambda w: standing(w, party))
    assert now is not None
    assert [(part.key, part.amount) for part in now.parts] == [("billing.unpaid", Decimal(1000))]


def test_an_invoice_that_no_order_went_before_is_held_against_the_limit(shop: Firm) -> None:
    party = trusted(shop, "1000")
    given = {"party_id": party, "invoice_number": "2" * 20, "tax_number": "91370200MA3TEST00X"}
    draft = shop.create(Invoice, "finance", lines=[line(shop.item("1000.01"))], **given)
    assert excess(shop, draft, "issue", who="finance") == Decimal("0.01")


# What the company sets --------------------------------------------------------------------------------------------


def test_the_company_says_whether_it_warns_asks_or_refuses(shop: Firm) -> None:
    """Exposure known at any moment, checked at order, shipment and invoice; warn, ask or block as set."""
    party = trusted(shop, "100")
    shop.settings(credit__at_order="warn")
    with pytest.raises(Unconfirmed) as warned:
        order(shop, party, "101")
    assert [o.code for o in warned.value.objections] == ["credit.limit"]
    assert order(shop, party, "101", confirmed=["credit.limit"]).state == "accepted"
    shop.settings(credit__at_order="off")
    assert order(shop, party, "101").state == "accepted"
    shop.settings(credit__at_order="block", credit__at_invoice="block")
    free = shop.create(
        Invoice,
        "finance",
        party_id=party,
        invoice_number="2" * 20,
        tax_number="91370200MA3TEST00X",
        lines=[line(shop.item("7"))],
    )
    assert excess(shop, free, "issue", who="finance") == 109


def test_customers_without_a_file_are_open_or_have_no_credit(shop: Firm) -> None:
    party = shop.party().id
    assert order(shop, party, "1000000").state == "accepted"
    shop.settings(credit__new_customers="none")
    other = shop.party().id
    assert excess(shop, offer(shop, other, "0.01")) == Decimal("0.01")
    advance(shop, other, "5")
    assert order(shop, other, "5").state == "accepted"


def test_a_frozen_customer_gets_nothing_but_his_receipts(shop: Firm) -> None:
    shop.settings(credit__at_order="off")
    party = trusted(shop, "1000", frozen=True, frozen_why="诉讼")
    with pytest.raises(Refused) as refused:
        order(shop, party, "1")
    assert [o.code for o in refused.value.objections] == ["credit.frozen"]
    assert advance(shop, party, "100").state == "confirmed"


def test_overdue_receivables_stop_an_order_where_the_company_wants_it(shop: Firm) -> None:
    party = trusted(shop, "1000000")
    invoice = billed(shop, order(shop, party, "100"))
    shop.settings(credit__overdue="block", credit__grace_days=3)
    shop.today = date.fromordinal((invoice.due_on or TODAY).toordinal() + 3)
    assert order(shop, party, "1").state == "accepted"
    shop.today = date.fromordinal(shop.today.toordinal() + 1)
    with pytest.raises(Refused) as refused:
        order(shop, party, "1")
    assert [o.code for o in refused.value.objections] == ["credit.overdue"]


def test_what_is_overdue_in_other_money_counts_at_its_own_rate(shop: Firm) -> None:
    """What is overdue is told, and put before whom it concerns, in the company's currency: a dollar is not a yuan."""
    party = trusted(shop, "1000000")
    for price, money in (("730", {"currency": "USD", "exchange_rate": "7.3"}), ("50", {})):
        rows = [line(shop.item(price))]
        quotation = shop.move(shop.create(Quotation, party_id=party, lines=rows, **money), "submit")
        billed(shop, shop.move(shop.move(quotation, "send"), "accept"))
    shop.settings(credit__overdue="block", credit__leader_from="700")
    shop.today = date.fromordinal(TODAY.toordinal() + 90)
    with pytest.raises(Refused) as refused:
        order(shop, party, "1")
    (found,) = refused.value.objections
    assert (found.code, found.excess) == ("credit.overdue", Decimal(780))
    assert "780.00" in str(found.text)


# What people see --------------------------------------------------------------------------------------------------


def test_the_reckoning_is_told_line_by_line(shop: Firm) -> None:
    party = example(shop)
    with pytest.raises(Refused) as refused:
        order(shop, party, "90000.01")
    told = str(refused.value)
    for figure in ("0.01", "320,000.00", "160,000.00", "-20,000.00", "90,000.01", "500,000.00", "50,000.00"):
        assert figure in told
    panel = shop.read("rep", lambda w: watching.panel(w, party))
    assert panel is not None
    assert [row[1] for row in panel.rows] == [
        Decimal(160000),
        Decimal(320000),
        Decimal(-20000),
        Decimal(460000),
        Decimal(500000),
        Decimal(50000),
        Decimal(90000),
    ]


# At the same moment -----------------------------------------------------------------------------------------------


def test_of_two_orders_at_once_only_one_slips_under_the_limit(shop: Firm) -> None:
    """CRD-07: two orders at the same moment cannot both slip under the limit."""
    party = trusted(shop, "900")
    offers = [offer(shop, party, "400") for _ in range(4)]
    answers: list[str] = []
    start = Barrier(len(offers))

    def accept(one: Quotation) -> None:
        start.wait()
        try:
            answers.append(str(shop.move(one, "accept").state))
        except DomainError as error:
            answers.append(error.code)

    threads = [Thread(target=accept, args=(one,)) for one in offers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["accepted", "accepted", "move.refused", "move.refused"]


def test_two_orders_in_one_unit_of_work_count_both(shop: Firm) -> None:
    party = trusted(shop, "900")
    offers = [offer(shop, party, "500") for _ in range(2)]
    with pytest.raises(Refused):
        shop.run("rep", lambda w: [move.move(w, Quotation, one.id, "accept") for one in offers])
    assert shop.move(offers[0], "accept").state == "accepted"
