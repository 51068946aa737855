"""The LED distributor's way from the inquiry to the statement of account, each step by whom the preset names."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.records.invariants import verify_figures
from core.testing.api import said
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.deviations import deviations
from tests.scenarios.house import House, later

LEADER, MANAGER, REP, OTHER_REP = "linhaitao", "sunli", "liuyang", "xuting"
TECHNICAL, BUYER, FINANCE, CASHIER = "zhengguodong", "yumin", "yanghui", "hanbing"
STORE, SHIPPER, SERVICE = "tianyongsheng", "mazhiqiang", "caoliang"
OFFERS, CONTRACTS, FOLLOW_UPS = "/quotation/quotations", "/contract/contracts", "/production/purchase-follow-ups"
DELIVERIES, STOCK_INS, BACK = "/logistics/deliveries", "/logistics/stock-ins", "/logistics/return-receipts"
REQUESTS, INVOICES, LETTERS = "/billing/invoice-requests", "/billing/invoices", "/billing/credit-notes"
RECEIPTS, RETURNS = "/billing/receipts", "/aftersales/returns"
TITLE = {"buyer": "青岛海韵夜景工程有限公司", "tax_number": "91350100M000100Y43"}
ADDRESS = "青岛市市南区香港中路工地"


def terms() -> dict[str, Any]:
    """What a contract has to say of the delivery."""
    return {"deadline": later(30), "address": ADDRESS}


@dataclass
class Sale:
    """One customer's business on its way: the paths of its documents as they come to be."""

    house: House
    party: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)

    def now(self, name: str) -> dict[str, Any]:
        """A document as it is."""
        return self.house.read(LEADER, self.paths[name])

    def open(self, name: str) -> dict[str, Any]:
        """What is still open of a document, its figures and claims."""
        return self.house.read(LEADER, f"{self.paths[name]}/open")

    def figures(self, name: str, figure: str) -> list[str]:
        """One figure of every line of a document."""
        return [line[figure] for line in self.open(name)["lines"]]

    def move(self, who: str, name: str, move: str, reason: str = "", **values: Any) -> dict[str, Any]:
        """A move of a document."""
        return self.house.move(who, self.paths[name], move, reason, **values)

    def refused(self, who: str, name: str, move: str, **values: Any) -> dict[str, Any]:
        """A move that must be refused; the answer."""
        return self.house.refused(who, f"{self.paths[name]}/moves/{move}", {"values": values})


@pytest.fixture
def sale(program: Program) -> Sale:
    """The distributor and a new customer."""
    sale = Sale(House.opened(program, "led_distributor"))
    house = sale.house
    customer = {
        "name": TITLE["buyer"],
        "credit_code": TITLE["tax_number"],
        "contacts": [{"name": "韩经理", "mobile": "13800138000"}],
        "tax_titles": [{"title": TITLE["buyer"], "tax_number": TITLE["tax_number"]}],
    }
    sale.party = house.do(REP, "/core/parties", customer)["id"]
    sale.items = house.read(REP, "/core/items?search=XQ09&size=2")["items"]
    return sale


def test_the_distributors_way_from_the_inquiry_to_the_statement(sale: Sale) -> None:
    """Every step by whom the document names, and what is refused on the way."""
    offer(sale)
    contract(sale)
    buy(sale)
    deliver(sale)
    invoice(sale)
    collect(sale)
    take_back_a_part(sale)
    exchange(sale)
    reconcile(sale)
    assert sale.house.firm.as_program(lambda w: list(verify_figures(w))) == []


def offer(sale: Sale) -> None:
    """The inquiry reaches the manager, the offer has his consent before it leaves (LED 2)."""
    house = sale.house
    asked = [{"item_id": sale.items[0]["id"], "quantity": "100"}, {"item_id": sale.items[1]["id"], "quantity": "50"}]
    inquiry = house.do(REP, "/quotation/inquiries", {"party_id": sale.party, "way": "phone", "lines": asked})
    sale.paths["inquiry"] = f"/quotation/inquiries/{inquiry['id']}"
    sale.move(REP, "inquiry", "quote")
    sale.paths["offer"] = house.one(REP, OFFERS)
    assert sale.now("offer")["lines"][0]["quantity"] == "100"
    assert sale.move(REP, "offer", "submit")["approval"] == "pending"
    assert sale.refused(REP, "offer", "send")["code"] == "move.illegal"
    house.agree(MANAGER)
    sale.move(REP, "offer", "send")
    sale.move(REP, "offer", "accept")


def contract(sale: Sale) -> None:
    """From the template; one price below the offer is shown line by line and needs consent anew; then both sign."""
    house = sale.house
    sale.paths["A"] = house.one(REP, CONTRACTS)
    draft = sale.now("A")
    assert draft["duties"].startswith("供方按清单")
    assert draft["warranty_months"] == 24
    lines = [{"id": line["id"], "gross_price": line["gross_price"]} for line in draft["lines"]]
    offered = Decimal(lines[1]["gross_price"])
    lines[1]["gross_price"] = str(offered - 2)
    house.change(REP, sale.paths["A"], **terms(), lines=lines)
    assert house.firm.read(MANAGER, lambda w: shown_deviations(w, draft["id"])) == [(offered, offered - 2)]
    assert sale.move(REP, "A", "submit")["approval"] == "pending"
    house.agree(MANAGER)
    release(sale, "A")
    lines = [{"item_id": sale.items[0]["id"], "quantity": "30"}]
    made = house.do(REP, CONTRACTS, {"party_id": sale.party, "lines": lines, **terms()})
    sale.paths["B"] = f"{CONTRACTS}/{made['id']}"
    sale.move(REP, "B", "submit")
    house.agree(MANAGER)
    release(sale, "B")


def shown_deviations(work: Work, key: int) -> list[tuple[Decimal, Decimal]]:
    """What the manager sees of a contract's differences from its offer: offered and agreed, line by line."""
    found = deviations(work, load(work, Contract, key))
    return [(Decimal(one.offered), Decimal(one.agreed)) for one in found]


def release(sale: Sale, name: str) -> None:
    """Only the authorised manager signs for the company; in force with both signatures, then released."""
    firm = sale.house.firm
    by_rep: dict[str, Any] = {"our_signatory_id": firm.people[REP], "our_signed_on": later()}
    assert sale.refused(MANAGER, name, "sign", **by_rep)["objections"][0]["code"] == "contract.authority"
    sale.move(MANAGER, name, "sign", our_signatory_id=firm.people[MANAGER], our_signed_on=later())
    assert sale.refused(MANAGER, name, "release")["code"] == "move.illegal"
    kept: dict[str, Any] = {
        "archive_number": f"HT-{name}",
        "archive_place": "经理室",
        "archive_keeper_id": firm.people[MANAGER],
    }
    sale.move(MANAGER, name, "countersign", customer_signatory="韩总", customer_signed_on=later(), **kept)
    sale.move(MANAGER, name, "release")
    sale.paths[f"follow-up {name}"] = sale.house.one(REP, FOLLOW_UPS, state="waiting")
    sale.move(REP, f"follow-up {name}", "tell")


def buy(sale: Sale) -> None:
    """Purchasing was told by the representative, urges the supplier and confirms the arrival; the store counts."""
    house = sale.house
    for name in ("A", "B"):
        follow_up = f"follow-up {name}"
        sale.move(BUYER, follow_up, "urge", expected_on=later(), answer="已发货")
        sale.move(BUYER, follow_up, "arrive", finished_on=later())
        assert sale.figures(name, "supplied") == [line["quantity"] for line in sale.now(name)["lines"]]
        sale.paths[f"stock {name}"] = house.one(STORE, STOCK_INS, state="arrived")
        sale.move(STORE, f"stock {name}", "inspect", finding="good")
        sale.move(STORE, f"stock {name}", "store")


def deliver(sale: Sale) -> None:
    """Parts of both contracts in one delivery, then what is left of each; more than ordered never leaves."""
    house = sale.house
    waiting = house.waiting(REP, DELIVERIES)
    assert [row["quantity"] for row in waiting] == ["100", "50", "30"]
    first, second, third = (row["line_id"] for row in waiting)
    beyond = {"lines": [{"line_id": third, "quantity": "30.000001"}]}
    house.refused(REP, f"{DELIVERIES}/take", beyond)
    ship(sale, "delivery 1", (first, "60"), (second, "20"), (third, "10"))
    assert sale.figures("A", "delivered") == ["60", "20"]
    assert sale.figures("B", "delivered") == ["10"]
    ship(sale, "delivery 2", (first, None), (second, None))
    ship(sale, "delivery 3", (third, None))
    assert (sale.figures("A", "delivered"), sale.figures("B", "delivered")) == (["100", "50"], ["30"])
    assert house.waiting(REP, DELIVERIES) == []


def ship(sale: Sale, name: str, *wanted: tuple[int, str | None]) -> None:
    """The manager confirms the slip, the office ships, the signed note goes to the representative."""
    house = sale.house
    sale.paths[name] = house.take(REP, DELIVERIES, *wanted)
    assert sale.move(REP, name, "confirm")["approval"] == "pending"
    assert sale.refused(STORE, name, "ship")["code"] == "move.illegal"
    house.agree(MANAGER)
    sale.move(SHIPPER, name, "ship", tracking=f"YD-{name[-1]}", driver="老王")
    sale.move(SHIPPER, name, "tell", told_way="phone")
    signed = {"signed_by": "韩经理", "signed_on": later(), "received": "complete"}
    sale.move(REP, name, "sign", returned_to=house.firm.people[REP], **signed)
    assert sale.now(name)["returned_to"] == house.firm.people[REP]


def invoice(sale: Sale) -> None:
    """One request over all three deliveries the same day; the manager confirms, finance issues and hands over."""
    house = sale.house
    for row in house.read(REP, f"{REQUESTS}?state=draft")["items"]:
        house.move(REP, f"{REQUESTS}/{row['id']}", "cancel", "三次发货合并开票")
    waiting = house.waiting(REP, REQUESTS)
    assert sorted(Decimal(row["quantity"]) for row in waiting) == [10, 20, 20, 30, 40, 60]
    sale.paths["request"] = house.take(REP, REQUESTS, *((row["line_id"], None) for row in waiting))
    assert sale.now("request")["date"] == sale.now("delivery 1")["date"], "asked for the same day"
    assert sale.move(REP, "request", "submit")["approval"] == "pending"
    house.agree(MANAGER)
    path = sale.paths["invoice"] = house.one(FINANCE, INVOICES)
    assert sale.now("invoice")["buyer"] == TITLE["buyer"]
    paper = {"invoice_kind": "paper_special", "invoice_code": "3702261130", "invoice_number": "00012345"}
    house.change(FINANCE, path, **{**paper, "invoice_number": "123"})
    assert sale.refused(FINANCE, "invoice", "issue")["objections"][0]["code"] == "billing.number"
    house.change(FINANCE, path, **paper)
    sale.move(FINANCE, "invoice", "issue")
    both = Decimal(sale.now("A")["gross"]) + Decimal(sale.now("B")["gross"])
    assert Decimal(sale.now("invoice")["gross"]) == both
    assert (sale.figures("A", "invoiced"), sale.figures("B", "invoiced")) == (["100", "50"], ["30"])
    sale.move(REP, "invoice", "hand_over", handed_to="韩经理", handed_on=later())


def receive(sale: Sale, name: str, amount: str, **values: Any) -> None:
    """Money that the cashier enters and finance confirms."""
    made = sale.house.do(CASHIER, RECEIPTS, {"party_id": sale.party, "amount": amount, **values})
    sale.paths[name] = f"{RECEIPTS}/{made['id']}"
    sale.move(FINANCE, name, "confirm")


def collect(sale: Sale) -> None:
    """A transfer against what is due first, a cheque by hand; neither beyond its own amount."""
    house = sale.house
    receive(sale, "transfer", "5000", method="transfer", bank_reference="T1")
    sale.move(FINANCE, "transfer", "settle")
    assert house.read(FINANCE, f"{sale.paths['transfer']}/claims")["free"] == "0"
    receive(sale, "cheque", "3000", method="cheque", bank_reference="Z1")
    owed = house.read(FINANCE, f"{sale.paths['cheque']}/claims")["claims"][0]
    assert owed["settled"] == "5000"
    too_much = {"uses": [{"claim_id": owed["id"], "amount": "3000.01"}]}
    assert house.refused(FINANCE, f"{sale.paths['cheque']}/allocate", too_much)["code"] == "payment.used"
    house.do(FINANCE, f"{sale.paths['cheque']}/allocate", {"uses": [{"claim_id": owed["id"], "amount": "2500"}]})
    assert house.read(FINANCE, f"{sale.paths['cheque']}/claims")["free"] == "500"


def bring_back(sale: Sale, name: str, quantity: str, *, exchanged: bool) -> None:
    """Asked for, confirmed by the manager, examined by technical, approved, received and inspected."""
    house = sale.house
    had = house.read(REP, f"{RETURNS}/waiting?document_id={sale.now('delivery 1')['id']}")["items"]
    line = next(row["line_id"] for row in had if row["item_id"] == sale.items[0]["id"])
    asked = {"lines": [{"line_id": line, "quantity": quantity}], "exchanged": exchanged}
    made = house.do(REP, f"{RETURNS}/take", {**asked, "values": {"reason_kind": "quality"}})
    sale.paths[name] = f"{RETURNS}/{made['id']}"
    assert sale.refused(MANAGER, name, "approve")["code"] == "move.illegal"
    sale.move(MANAGER, name, "confirm")
    sale.move(TECHNICAL, name, "examine", finding="进水，三只不亮", responsible="maker", disposal="maker")
    sale.move(MANAGER, name, "approve")
    path = sale.paths[f"{name} back"] = house.one(STORE, BACK, state="received")
    bad = house.read(STORE, path)
    assert Decimal(bad["lines"][0]["quantity"]) == -Decimal(quantity)
    sale.move(STORE, f"{name} back", "inspect", disposal="maker", finding="三只")
    sale.move(STORE, f"{name} back", "store")


def take_back_a_part(sale: Sale) -> None:
    """What comes back is credited against its own invoice, and never more than that."""
    house = sale.house
    gross = Decimal(sale.now("invoice")["gross"])
    bring_back(sale, "return", "3", exchanged=False)
    path = sale.paths["letter"] = house.one(FINANCE, LETTERS, state="draft")
    assert sale.now("letter")["invoice_id"] == sale.now("invoice")["id"]
    letter = sale.now("letter")
    line = letter["lines"][0]
    beyond = {"lines": [{"id": line["id"], "quantity": "-4"}]}
    answer = house.as_(FINANCE).patch(path, beyond, letter["version"])
    assert (answer.status_code, said(answer)["code"]) == (409, "flow.taken"), "never more than came back"
    house.change(FINANCE, path, invoice_code="3702261130", invoice_number="00012346")
    sale.move(FINANCE, "letter", "issue")
    taken_back = Decimal(sale.now("letter")["gross"])
    assert taken_back == -3 * Decimal(line["gross_price"])
    assert Decimal(sale.now("invoice")["credited"]) == -taken_back
    owed = sale.open("invoice")["claims"][0]
    assert Decimal(owed["amount"]) - Decimal(owed["settled"]) == gross + taken_back - 7500


def exchange(sale: Sale) -> None:
    """What is exchanged leaves once more; the old one is credited, the new one invoiced, so nothing is owed twice."""
    house = sale.house
    bring_back(sale, "exchange", "2", exchanged=True)
    waiting = house.waiting(REP, DELIVERIES)
    assert [row["quantity"] for row in waiting] == ["2"]
    lines = [{"item_id": sale.items[0]["id"], "quantity": "2"}]
    sale.paths["replaced"] = f"{STOCK_INS}/{house.do(STORE, STOCK_INS, {'lines': lines, 'subject': '厂家换货'})['id']}"
    sale.move(STORE, "replaced", "inspect", finding="good")
    sale.move(STORE, "replaced", "store")
    ship(sale, "delivery 4", (waiting[0]["line_id"], None))
    assert (sale.figures("A", "delivered"), sale.figures("A", "returned")) == (["102", "50"], ["5", "0"])
    sale.paths["letter 2"] = house.one(FINANCE, LETTERS, state="draft")
    house.change(FINANCE, sale.paths["letter 2"], invoice_code="3702261130", invoice_number="00012347")
    sale.move(FINANCE, "letter 2", "issue")
    sale.paths["request 2"] = house.one(REP, REQUESTS, state="draft")
    sale.move(REP, "request 2", "submit")
    house.agree(MANAGER)
    path = sale.paths["invoice 2"] = house.one(FINANCE, INVOICES, state="draft")
    house.change(FINANCE, path, invoice_number="26372000000000000001")
    sale.move(FINANCE, "invoice 2", "issue")
    assert Decimal(sale.now("letter 2")["gross"]) + Decimal(sale.now("invoice 2")["gross"]) == 0
    assert (sale.figures("A", "invoiced"), sale.figures("A", "credited")) == (["102", "50"], ["5", "0"])


def reconcile(sale: Sale) -> None:
    """The statement says what is left; the customer confirms it."""
    house = sale.house
    first = later(-30)
    made = house.do(
        FINANCE, "/billing/statements", {"party_id": sale.party, "period_from": first, "period_to": later()}
    )
    sale.paths["statement"] = f"/billing/statements/{made['id']}"
    sale.move(FINANCE, "statement", "send")
    statement = sale.now("statement")
    left = Decimal(sale.now("invoice")["gross"]) + Decimal(sale.now("letter")["gross"]) - 8000
    assert Decimal(statement["closing"]) == left
    sale.move(FINANCE, "statement", "confirm", confirmed_by="韩经理")
