"""The ledger and the fulfilment sheet say what the documents say."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from core.reports.choosing import choose
from core.reports.report import Report
from core.reports.running import Page, page
from core.testing.builders import Firm, line
from plugins.contract.reports import FULFILMENT, LEDGER
from plugins.production.reports import PROGRESS
from tests.plugins.contract.agreements import USUAL, confirmed, day, drafted, ordered, released, signed
from tests.plugins.contract.test_gates import delivered, made, paid
from tests.plugins.production.test_production_orders import employed


def told(firm: Firm, report: Report, who: str = "finance", **given: str) -> Page:
    """A report as a reader sees it."""
    return firm.read(who, lambda w: page(w, report, choose(w, report.filters, given)))


def test_the_ledger_tells_amounts_changes_and_what_is_left(firm: Firm) -> None:
    """Present amount less received is what the contract still brings; less invoiced, what is to be invoiced."""
    employed(firm).settings(logistics__negative_stock="true", contract__before_shipment="off")
    contract = drafted(firm, milestones=[*USUAL[:1], {"event": "warranty", "percent": "0.7"}], subject="年度供货")
    signed(firm, contract)
    draft = firm.move(contract, "revise")
    firm.edit(draft, lines=[{"id": contract.lines[0].id, "quantity": "12"}])
    released(firm, contract)
    paid(firm, contract, 0)
    made(firm, contract)
    delivery = delivered(firm, contract)
    firm.move(delivery, "confirm", "clerk")
    firm.move(delivery, "ship", "clerk")
    drafted(firm)
    found = told(firm, LEDGER)
    (row,) = found.rows
    assert (row["first"], row["change"], row["gross"]) == (Decimal(10000), Decimal(2000), Decimal(12000))
    assert (row["delivered"], row["received"], row["retained"]) == (Decimal(12000), Decimal(3600), Decimal(8400))
    assert (row["unpaid"], row["uninvoiced"], row["receivable"]) == (Decimal(8400), Decimal(12000), Decimal(-3600))
    assert (row["progress"], row["state_label"], row["subject"]) == ("In full", "Being fulfilled", "年度供货")
    assert found.totals["unpaid"] == Decimal(8400)


def test_the_ledger_keeps_currencies_apart_and_to_what_one_may_see(firm: Firm) -> None:
    signed(firm, drafted(firm))
    signed(firm, drafted(firm, lines=[line(firm.item(), "10", "50")], currency="USD", exchange_rate="7"))
    assert [row["gross"] for row in told(firm, LEDGER).rows] == [Decimal(10000)]
    assert [row["gross"] for row in told(firm, LEDGER, currency="usd").rows] == [Decimal(500)]
    assert told(firm, LEDGER, "rep2").rows == []
    assert told(firm, LEDGER, state="terminated").rows == []


def test_the_fulfilment_sheet_tells_line_by_line_what_is_left_and_late(firm: Firm) -> None:
    employed(firm).settings(logistics__negative_stock="true", contract__advance="off", contract__before_shipment="off")
    goods = [line(firm.item("100"), "4"), line(firm.item("10"), "10")]
    contract = drafted(firm, lines=goods, milestones=USUAL)
    released(firm, contract)
    made(firm, contract)
    late = (day(firm) + timedelta(days=35)).isoformat()
    first = told(firm, FULFILMENT, as_of=late).rows[1]
    assert (first["quantity"], first["planned"], first["supplied"]) == (Decimal(4), Decimal(4), Decimal(4))
    assert (first["delivered"], first["left"], first["late"], first["payment_late"]) == (Decimal(0), Decimal(4), 5, 35)
    delivery = delivered(firm, contract)
    firm.move(delivery, "confirm", "clerk")
    firm.move(delivery, "ship", "clerk")
    paid(firm, contract, 0)
    found = told(firm, FULFILMENT, as_of=late)
    first = found.rows[1]
    assert (first["delivered_amount"], first["done"], first["late"]) == (Decimal(400), Decimal(1), None)
    assert (first["received"], first["unpaid"]) == (Decimal("120.00"), Decimal("280.00"))
    assert found.totals["gross"] == Decimal(500)
    assert told(firm, FULFILMENT, left="undelivered").rows == []


def test_orders_stand_on_the_fulfilment_sheet_too(firm: Firm) -> None:
    order = ordered(firm)
    assert told(firm, FULFILMENT).rows == []
    confirmed(firm, order)
    (row,) = told(firm, FULFILMENT, kind="contract.order").rows
    assert (row["gross"], row["signed_on"], row["left"]) == (Decimal(10000), None, Decimal(10))
    assert told(firm, FULFILMENT, kind="contract.contract").rows == []


def test_production_progress_names_the_contract_and_the_delay(firm: Firm) -> None:
    employed(firm).settings(contract__advance="off")
    contract = drafted(firm)
    released(firm, contract)
    (row,) = told(firm, PROGRESS, "maker", as_of=(day(firm) + timedelta(days=33)).isoformat()).rows
    assert (row["quantity"], row["made"], row["owed"], row["late"]) == (Decimal(10), Decimal(0), Decimal(10), 3)
    assert row["origin"].startswith("HT-")
    made(firm, contract)
    (row,) = told(firm, PROGRESS, "maker").rows
    assert (row["made"], row["owed"], row["done"], row["late"]) == (Decimal(10), Decimal(0), Decimal(1), None)
