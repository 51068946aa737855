"""Both companies' way of a sale through the screens, each step by whom the preset names, with clicks and typing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Program
from core.testing.builders import Firm
from core.testing.fixtures import Database, database_on
from tests.browser.visitor import Desk, text
from tests.browser.walker import Walker, cell, fill
from tests.scenarios import test_bearing_walk as bearing
from tests.scenarios import test_led_walk as led
from tests.scenarios.house import House, later

CODES = {"bearing_manufacturer": "brg", "led_distributor": "led"}


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A SQLite file without any company."""
    with database_on("sqlite", request, tmp_path) as made:
        yield made


@pytest.fixture
def house(request: pytest.FixtureRequest, program: Program) -> House:
    """The company of a preset, with everybody at their desk."""
    return House.opened(program, request.param)


@pytest.fixture
def firm(house: House) -> Firm:
    """The firm whose site is open."""
    house.firm.code = CODES[house.firm.code]
    return house.firm


@pytest.fixture
def walker(house: House, desk: Desk) -> Walker:
    """Its people before their screens."""
    return Walker(house, desk)


def customer(house: House, who: str, name: str, contact: str) -> int:
    """A customer with a contact and an invoice title."""
    number = "91350100M000100Y43"
    about = {
        "name": name,
        "credit_code": number,
        "contacts": [{"name": contact, "mobile": "13800138000"}],
        "tax_titles": [{"title": name, "tax_number": number}],
    }
    key: int = house.do(who, "/core/parties", about)["id"]
    return key


def accepted(house: House, who: str, party: int, lines: list[dict[str, Any]], *consent: str) -> str:
    """The path of the draft contract that follows from an accepted offer."""
    offer = house.do(who, "/quotation/quotations", {"party_id": party, "lines": lines})
    path = f"/quotation/quotations/{offer['id']}"
    house.move(who, path, "submit")
    house.agree(*consent)
    house.move(who, path, "send")
    house.move(who, path, "accept")
    return house.one(who, "/contract/contracts", party_id=party)


@pytest.mark.parametrize("house", ["bearing_manufacturer"], indirect=True)
def test_the_bearing_manufacturers_sale_through_the_screens(walker: Walker) -> None:
    house = walker.house
    party = customer(house, bearing.REP, "无锡华机重工有限公司", "周建")
    items = house.read(bearing.REP, "/core/items?size=2")["items"]
    lines = [{"item_id": items[0]["id"], "quantity": "20"}, {"item_id": items[1]["id"], "quantity": "50"}]
    contract = accepted(house, bearing.REP, party, lines, bearing.HEAD, bearing.LEADER)
    sign(walker, contract)
    make(walker, contract, party)
    bring(walker, party)
    bill(walker, party)
    assert walker.found == {}


def sign(walker: Walker, contract: str) -> None:
    """Clauses and milestones are typed, the departments agree in their inboxes, both sides sign, it is released."""
    terms = {"deadline": later(56), "address": "无锡市新吴区锡士路1号", **bearing.CLAUSES}
    person = walker.write(bearing.REP, contract, narrow=True, **terms)
    grid = "#grid-milestones"
    for row, one in enumerate(bearing.MILESTONES):
        person.page.locator("[data-add-line=milestones]").click()
        cell(person, grid, row, "name").fill(one["name"])
        cell(person, grid, row, "event").select_option(one["event"])
        cell(person, grid, row, "percent").fill(one["percent"].removeprefix("0.") + "0")
    walker.faultless(person, "milestones typed")
    walker.save(person)
    walker.move(bearing.REP, contract, "submit", narrow=True)
    walker.agree(bearing.TECHNICAL, bearing.HEAD, bearing.MAKER, bearing.LEADER)
    walker.move(bearing.HEAD, contract, "sign", our_signatory_id="沈国华", our_signed_on=later())
    walker.move(bearing.CONTRACTS, contract, "countersign", customer_signatory="王总", customer_signed_on=later())
    walker.move(bearing.CONTRACTS, contract, "release")


def make(walker: Walker, contract: str, party: int) -> None:
    """The advance is received and set against its milestone by hand, then the work is done and stored."""
    house = walker.house
    receive(walker, party, "112740", "预付款", narrow=True)
    order = house.one(bearing.MAKER, "/production/production-orders")
    plan = {"planned_start": later(), "planned_end": later(45)}
    walker.move(bearing.MAKER, order, "schedule", narrow=True, **plan)
    walker.move(bearing.MAKER, order, "start", started_on=later())
    walker.move(bearing.MAKER, order, "report", progress="50", report="车加工完成")
    walker.move(bearing.QUALITY, order, "finish", finished_on=later(), tested_by="白洁")
    stock = house.one(bearing.STORE, "/logistics/stock-ins")
    walker.move(bearing.QUALITY, stock, "inspect", finding="good")
    walker.move(bearing.STORE, stock, "store")


def receive(walker: Walker, party: int, amount: str, against: str, *, narrow: bool = False) -> None:
    """The cashier types the receipt, finance confirms it and says what it meets."""
    person = walker.see(bearing.CASHIER, f"/billing/receipts/new/?party_id={party}", narrow=narrow)
    fill(person.page.locator("#f-amount"), amount)
    fill(person.page.locator("#f-bank_reference"), f"T-{against}")
    receipt = walker.save(person)
    walker.move(bearing.FINANCE, receipt, "confirm")
    person = walker.see(bearing.FINANCE, f"{receipt}/allocate", narrow=narrow)
    for proposed in person.page.locator('table input[inputmode="decimal"]').all():
        proposed.fill("")
    person.page.locator(f'tr:has-text("{against}") input').fill(amount)
    with person.page.expect_navigation():
        person.page.locator(".form-foot button").click()
    walker.faultless(person, f"set against {against}")
    assert "0.00" in text(person.page.locator("main"))


def bring(walker: Walker, party: int) -> None:
    """The delivery that was made by itself is stopped and taken anew from what waits; then it leaves."""
    house, deliveries = walker.house, "/logistics/deliveries"
    drafted = house.one(bearing.SHIPPER, deliveries)
    walker.move(bearing.SHIPPER, drafted, "cancel", reason="重新配车")
    receive(walker, party, "225480", "发货款")
    person = walker.see(bearing.SHIPPER, f"{deliveries}/waiting/", narrow=True)
    with person.page.expect_navigation():
        person.page.locator(".form-foot button").click()
    delivery = person.page.url.removeprefix(person.root).rstrip("/")
    walker.move(bearing.SHIPPER, delivery, "confirm", narrow=True)
    walker.move(bearing.STORE, delivery, "ship", tracking="SF123", plate="苏B12345", driver="老王")
    walker.move(bearing.SHIPPER, delivery, "tell", told_way="sms")
    walker.move(bearing.REP, delivery, "sign", signed_by="周建", signed_on=later(), received="complete")


def bill(walker: Walker, party: int) -> None:
    """Asked for, numbered as the bureau says, issued; the statement says what is left."""
    house = walker.house
    request = house.one(bearing.ADMINISTRATOR, "/billing/invoice-requests")
    walker.move(bearing.ADMINISTRATOR, request, "submit", narrow=True)
    invoice = house.one(bearing.CASHIER, "/billing/invoices")
    walker.save(walker.write(bearing.CASHIER, invoice, invoice_number="26322000000000000001", narrow=True))
    walker.move(bearing.CASHIER, invoice, "issue")
    walker.move(bearing.REP, invoice, "hand_over", handed_to="周建")
    person = walker.see(bearing.FINANCE, f"/billing/statements/new/?party_id={party}")
    fill(person.page.locator("#f-period_from"), later(-30))
    fill(person.page.locator("#f-period_to"), later())
    statement = walker.save(person)
    walker.move(bearing.FINANCE, statement, "send", narrow=True)
    person = walker.see(bearing.FINANCE, f"{statement}/")
    assert "37,580.00" in text(person.page.locator("main"))


@pytest.mark.parametrize("house", ["led_distributor"], indirect=True)
def test_the_led_distributors_sale_through_the_screens(walker: Walker) -> None:
    house = walker.house
    party = customer(house, led.REP, "青岛海韵夜景工程有限公司", "韩经理")
    item = house.read(led.REP, "/core/items?search=XQ09&size=1")["items"][0]
    contract = accepted(house, led.REP, party, [{"item_id": item["id"], "quantity": "100"}], led.MANAGER)
    buy(walker, contract)
    delivery = ship(walker)
    settle(walker, party)
    give_back(walker, delivery)
    for report in ("contract/reports/ledger", "billing/reports/ageing", "logistics/reports/stock"):
        walker.see(led.LEADER, f"/{report}/", narrow=True)
    ledger = text(walker.see(led.LEADER, "/contract/reports/ledger/").page.locator("main"))
    assert "3,000.00" in ledger
    assert "1,360.50" in ledger, "what a red letter takes back is not owed, and was not received"
    assert walker.found == {}


def buy(walker: Walker, contract: str) -> None:
    """A price is lowered in the form and agreed to anew; signed, released, bought, and arrived in the store."""
    person = walker.write(led.REP, contract, narrow=False, **led.terms())
    person.cell(0, "gross_price").fill("76.50")
    walker.save(person)
    walker.move(led.REP, contract, "submit")
    walker.agree(led.MANAGER)
    walker.move(led.MANAGER, contract, "sign", our_signatory_id="孙丽", our_signed_on=later())
    walker.move(led.MANAGER, contract, "countersign", customer_signatory="韩总", customer_signed_on=later())
    walker.move(led.MANAGER, contract, "release")
    follow_up = walker.house.one(led.REP, led.FOLLOW_UPS)
    walker.move(led.REP, follow_up, "tell")
    walker.move(led.BUYER, follow_up, "urge", narrow=True, expected_on=later(), answer="已发货")
    walker.move(led.BUYER, follow_up, "arrive", finished_on=later())
    stock = walker.house.one(led.STORE, led.STOCK_INS)
    walker.move(led.STORE, stock, "inspect", finding="good")
    walker.move(led.STORE, stock, "store", narrow=True)


def ship(walker: Walker) -> str:
    """The representative takes part of what waits; the manager agrees, the office ships, the note comes back."""
    person = walker.see(led.REP, f"{led.DELIVERIES}/waiting/")
    person.page.locator('input[name^="quantity-"]').fill("60")
    with person.page.expect_navigation():
        person.page.locator(".form-foot button").click()
    delivery = person.page.url.removeprefix(person.root).rstrip("/")
    walker.move(led.REP, delivery, "confirm")
    walker.agree(led.MANAGER)
    walker.move(led.SHIPPER, delivery, "ship", tracking="YD-1", driver="老王")
    walker.move(led.REP, delivery, "sign", signed_by="韩经理", signed_on=later(), received="complete")
    assert "60" in text(person.page.locator("main"))
    return delivery


def settle(walker: Walker, party: int) -> None:
    """The request, the invoice, a cheque for a part of it."""
    house = walker.house
    request = house.one(led.REP, led.REQUESTS)
    walker.move(led.REP, request, "submit")
    walker.agree(led.MANAGER)
    invoice = house.one(led.FINANCE, led.INVOICES)
    walker.save(walker.write(led.FINANCE, invoice, invoice_number="26372000000000000001"))
    walker.move(led.FINANCE, invoice, "issue")
    person = walker.see(led.CASHIER, f"{led.RECEIPTS}/new/?party_id={party}")
    fill(person.page.locator("#f-amount"), "3000")
    fill(person.page.locator("#f-method"), "cheque")
    receipt = walker.save(person)
    walker.move(led.FINANCE, receipt, "confirm")
    walker.move(led.FINANCE, receipt, "settle")


def give_back(walker: Walker, delivery: str) -> None:
    """Three come back: chosen from the delivery, confirmed, examined, approved, stored apart, credited."""
    house = walker.house
    person = walker.see(led.REP, f"{led.RETURNS}/waiting/?document_id={delivery.rpartition('/')[2]}", narrow=True)
    person.page.locator("input[name=take]").check()
    person.page.locator('input[name^="quantity-"]').fill("3")
    with person.page.expect_navigation():
        person.page.locator(".form-foot button").click()
    back = person.page.url.removeprefix(person.root).rstrip("/")
    walker.save(walker.write(led.REP, back, reason_kind="quality"))
    walker.move(led.MANAGER, back, "confirm")
    walker.move(led.TECHNICAL, back, "examine", finding="进水")
    walker.move(led.MANAGER, back, "approve", narrow=True)
    receipt = house.one(led.STORE, led.BACK)
    walker.move(led.STORE, receipt, "inspect", disposal="maker")
    walker.move(led.STORE, receipt, "store")
    letter = house.one(led.FINANCE, led.LETTERS)
    walker.save(
        walker.write(led.FINANCE, letter, narrow=True, invoice_number="26372000000000000002", confirmation="01")
    )
    person = walker.move(led.FINANCE, letter, "issue")
    assert "229.50" in text(person.page.locator("main"))
