"""The bearing manufacturer's sixteen steps, from the accepted offer to the archive, each by whom the preset names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.records.invariants import verify_figures
from plugins.aftersales.documents import Case
from plugins.aftersales.services import Warranty, warranties
from tests.scenarios.house import House, later

CLAUSES = {
    "duties": "甲方按期付款，乙方按期交货。",
    "quality": "按GB/T 307.1执行。",
    "delivery_terms": "乙方送货至甲方仓库。",
    "acceptance_terms": "货到十日内提出异议。",
    "settlement": "3-6-1分期付款。",
    "breach": "逾期每日按0.5‰支付违约金。",
    "disputes": "协商不成，由乙方所在地法院管辖。",
    "effect": "一式两份，双方签字盖章后生效。",
}
MILESTONES = [
    {"name": "预付款", "event": "signing", "percent": "0.3"},
    {"name": "发货款", "event": "shipment", "percent": "0.6"},
    {"name": "质保金", "event": "warranty", "percent": "0.1"},
]
REP, HEAD, LEADER, ADMINISTRATOR, CONTRACTS = "panxiaodong", "lujianping", "shenguohua", "shaomei", "dingxiuying"
TECHNICAL, MAKER, QUALITY, STORE, SHIPPER = "qiandeming", "chenggang", "baijie", "shilinsheng", "fanyongqiang"
CASHIER, FINANCE, SERVICE, ARCHIVE = "qinli", "yuhong", "jiahongwei", "maohui"


@dataclass
class Sale:
    """One sale on its way: the paths of its documents as they come to be."""

    house: House
    party: int = 0
    paths: dict[str, str] = field(default_factory=dict)

    def now(self, name: str, who: str = LEADER) -> dict[str, Any]:
        """A document as it is."""
        return self.house.read(who, self.paths[name])

    def open(self, name: str) -> dict[str, Any]:
        """What is still open of a document, its figures and claims."""
        return self.house.read(LEADER, f"{self.paths[name]}/open")

    def move(self, who: str, name: str, move: str, reason: str = "", **values: Any) -> dict[str, Any]:
        """A move of a document."""
        return self.house.move(who, self.paths[name], move, reason, **values)


@pytest.fixture
def sale(program: Program) -> Sale:
    """The manufacturer, a customer, and an offer that he has accepted."""
    sale = Sale(House.opened(program, "bearing_manufacturer"))
    house = sale.house
    customer = {
        "name": "无锡华机重工有限公司",
        "credit_code": "91350100M000100Y43",
        "contacts": [{"name": "周建", "mobile": "13800138000"}],
        "tax_titles": [{"title": "无锡华机重工有限公司", "tax_number": "91350100M000100Y43"}],
    }
    sale.party = house.do(REP, "/core/parties", customer)["id"]
    items = house.read(REP, "/core/items?size=5")["items"]
    lines = [{"item_id": items[0]["id"], "quantity": "20"}, {"item_id": items[1]["id"], "quantity": "50"}]
    offer = house.do(REP, "/quotation/quotations", {"party_id": sale.party, "lines": lines})
    sale.paths["offer"] = f"/quotation/quotations/{offer['id']}"
    sale.move(REP, "offer", "submit")
    house.agree(HEAD, LEADER)
    sale.move(REP, "offer", "send")
    sale.move(REP, "offer", "accept")
    sale.paths["contract"] = house.one(REP, "/contract/contracts")
    return sale


def test_the_sixteen_steps_from_the_accepted_offer_to_the_archive(sale: Sale) -> None:
    """CTR-13: archived when all is paid, the warranty is over and two years have gone; and all that leads there."""
    sign(sale)
    collect_the_advance_and_make(sale)
    store_and_deliver(sale)
    invoice_and_book(sale)
    serve_and_reconcile(sale)
    collect_the_rest_and_archive(sale)
    assert sale.house.firm.as_program(lambda w: list(verify_figures(w))) == []


def sign(sale: Sale) -> None:
    """Technical agreement, joint review by the departments, both signatures (steps 2 to 5)."""
    house, contract = sale.house, sale.paths["contract"]
    terms = {"deadline": later(56), "address": "无锡市新吴区锡士路1号", "technical_needed": True}
    house.change(REP, contract, **CLAUSES, **terms, milestones=MILESTONES)
    assert "technical agreement" in house.refused(REP, f"{contract}/moves/submit")["detail"]
    agreed = {"technical_number": "JS-1", "technical_signed_on": later(), "technical_signatory": "周建"}
    house.change(REP, contract, **agreed)
    assert sale.move(REP, "contract", "submit")["approval"] == "pending"
    house.agree(TECHNICAL, HEAD, MAKER, LEADER)
    assert sale.now("contract")["state"] == "approved"
    signer = house.firm.people[LEADER]
    sale.move(HEAD, "contract", "sign", our_signatory_id=signer, our_signed_on=later())
    assert house.refused(CONTRACTS, f"{contract}/moves/release")["code"] == "move.illegal"
    sale.move(CONTRACTS, "contract", "countersign", customer_signatory="王总", customer_signed_on=later())
    claims = sale.open("contract")["claims"]
    assert [(c["name"], c["amount"]) for c in claims] == [
        ("预付款", "112740"),
        ("发货款", "225480"),
        ("质保金", "37580"),
    ]
    assert [c["due"] for c in claims] == [later(), None, None]


def collect_the_advance_and_make(sale: Sale) -> None:
    """No schedule before the advance is here; then the work, its progress and the test (steps 6 to 9)."""
    house = sale.house
    sale.move(CONTRACTS, "contract", "release")
    sale.paths["order"] = house.one(MAKER, "/production/production-orders")
    plan = {"planned_start": later(), "planned_end": later(45)}
    early = house.refused(MAKER, f"{sale.paths['order']}/moves/schedule", {"values": plan})
    assert "112,740" in early["detail"]
    receive(sale, "advance", "112740", "预付款", method="transfer", bank_reference="T20261125001")
    sale.move(MAKER, "order", "schedule", **plan)
    sale.move(MAKER, "order", "start", started_on=later())
    sale.move(MAKER, "order", "report", progress=50, report="车加工完成")
    sale.move(QUALITY, "order", "finish", finished_on=later(), tested_by="白洁")
    assert [line["supplied"] for line in sale.open("contract")["lines"]] == ["20", "50"]


def receive(sale: Sale, name: str, amount: str, against: str, **values: Any) -> None:
    """A receipt, confirmed by finance and set against a milestone by its name."""
    house = sale.house
    made = house.do(CASHIER, "/billing/receipts", {"party_id": sale.party, "amount": amount, **values})
    path = sale.paths[name] = f"/billing/receipts/{made['id']}"
    sale.move(FINANCE, name, "confirm")
    found = house.read(FINANCE, f"{path}/claims")["claims"]
    chosen = next(c for c in found if c["name"] == against and c["claim_kind"] == "milestone")
    use = {"milestone_id": chosen["id"], "amount": amount}
    too_much = {"uses": [{**use, "amount": str(Decimal(amount) + Decimal("0.01"))}]}
    assert house.refused(FINANCE, f"{path}/allocate", too_much)["code"] in {"payment.used", "claim.met"}
    house.do(FINANCE, f"{path}/allocate", {"uses": [use]})


def store_and_deliver(sale: Sale) -> None:
    """In store after inspection; out only when the money before shipment is here, or the leader agrees (10)."""
    house = sale.house
    sale.paths["stock"] = house.one(STORE, "/logistics/stock-ins")
    sale.move(QUALITY, "stock", "inspect", finding="good")
    sale.move(STORE, "stock", "store")
    sale.paths["delivery"] = house.one(SHIPPER, "/logistics/deliveries")
    assert sale.move(SHIPPER, "delivery", "confirm")["approval"] == "pending"
    house.do(SHIPPER, f"{sale.paths['delivery']}/withdraw")
    bill = {
        "method": "bank_bill",
        "bill_number": "5" + "1" * 28 + "0",
        "bill_range": "0",
        "drawer": "无锡华机重工有限公司",
        "acceptor": "澜江银行",
        "bill_issued_on": later(),
        "matures_on": later(150),
    }
    receive(sale, "bill", "225480", "发货款", **bill)
    assert sale.move(SHIPPER, "delivery", "confirm")["state"] == "confirmed"
    truck = {"tracking": "SF123", "plate": "苏B12345", "driver": "老王", "driver_phone": "13900139000"}
    sale.move(STORE, "delivery", "ship", **truck)
    sale.move(SHIPPER, "delivery", "tell", told_way="sms")
    rep = house.firm.people[REP]
    sale.move(REP, "delivery", "sign", signed_by="周建", signed_on=later(), received="complete", returned_to=rep)
    assert [line["delivered"] for line in sale.open("contract")["lines"]] == ["20", "50"]


def invoice_and_book(sale: Sale) -> None:
    """Asked for, issued with the bureau's number, carried to the customer and booked there (steps 11 and 12)."""
    house = sale.house
    sale.paths["request"] = house.one(ADMINISTRATOR, "/billing/invoice-requests")
    sale.move(ADMINISTRATOR, "request", "submit")
    path = sale.paths["invoice"] = house.one(CASHIER, "/billing/invoices")
    assert "20 digits" in house.refused(CASHIER, f"{path}/moves/issue")["detail"]
    house.change(CASHIER, path, invoice_number="26322000000000000001")
    sale.move(CASHIER, "invoice", "issue")
    owed, retained = sale.open("invoice")["claims"]
    assert (owed["amount"], owed["settled"]) == ("338220", "338220"), "the advances meet it by themselves"
    assert (retained["claim_kind"], retained["amount"], retained["settled"]) == ("retention", "37580", "0")
    sale.move(REP, "invoice", "hand_over", handed_to="周建", handed_on=later())
    sale.move(REP, "invoice", "book", booked_by="财务李会计", booked_on=later())
    assert [line["invoiced"] for line in sale.open("contract")["lines"]] == ["20", "50"]


def serve_and_reconcile(sale: Sale) -> None:
    """Accepted, served under warranty, reconciled (steps 13 and 14)."""
    house = sale.house
    sale.move(CONTRACTS, "contract", "accept", accepted_on=later(), accepted_by="周建")
    contract = sale.now("contract")
    assert contract["warranty_until"], "the warranty begins with the acceptance"
    retention = sale.open("contract")["claims"][2]
    assert retention["due"] == contract["warranty_until"]
    serve(sale)
    period = {"party_id": sale.party, "period_from": later(-30), "period_to": later()}
    made = house.do(FINANCE, "/billing/statements", period)
    sale.paths["statement"] = f"/billing/statements/{made['id']}"
    sale.move(FINANCE, "statement", "send")
    assert Decimal(sale.now("statement")["closing"]) == Decimal("37580")
    sale.move(FINANCE, "statement", "confirm", confirmed_by="财务李会计")


def serve(sale: Sale) -> None:
    """A bearing runs hot: in warranty by the contract, confirmed, filed, decided on and reported, each by his own."""
    house, line = sale.house, sale.now("contract")["lines"][0]
    told = {"party_id": sale.party, "case_kind": "repair", "subject": "轴承发热", "fault": "运行两小时后外圈温升过高"}
    made = house.do(REP, "/aftersales/cases", {**told, "lines": [{"item_id": line["item_id"], "quantity": "1"}]})
    sale.paths["case"] = f"/aftersales/cases/{made['id']}"
    (answer,) = warranty(sale, made["id"])
    assert (answer.months, answer.until) == (24, date.fromisoformat(sale.now("contract")["warranty_until"]))
    assert answer.holds(date.fromisoformat(later()))
    assert house.refused(REP, f"{sale.paths['case']}/moves/confirm")["code"] == "forbidden"
    sale.move(HEAD, "case", "confirm")
    sale.move(SERVICE, "case", "file")
    sale.move(TECHNICAL, "case", "decide", handling="visit", visit_on=later(3), cause="润滑脂过量")
    sale.move(TECHNICAL, "case", "report", outcome="solved", result="清洗换脂，温升正常", material="0", charged=False)
    done = sale.move(SERVICE, "case", "inform", satisfaction="very")
    assert (done["state"], done["charged"]) == ("closed", False)


def warranty(sale: Sale, key: int) -> list[Warranty]:
    """What the page of a request answers."""
    return sale.house.firm.read(TECHNICAL, lambda w: warranties(w, load(w, Case, key)))


def collect_the_rest_and_archive(sale: Sale) -> None:
    """Archived when all is paid, the warranty is over and two years have gone; not before (steps 15 and 16; CTR-13)."""
    house, contract = sale.house, sale.paths["contract"]
    sale.move(CONTRACTS, "contract", "complete")
    shelf = {"archive_number": "D2026-001", "archive_place": "A-3-2", "archived_on": later()}
    unpaid = house.refused(ARCHIVE, f"{contract}/moves/archive", {"values": shelf})
    # Until today the customer has confirmed what he owes.
    with house.on(date.fromisoformat(later(1))):
        receive(sale, "rest", "37580", "质保金", method="cheque", bank_reference="Z000123")
    early = house.refused(ARCHIVE, f"{contract}/moves/archive", {"values": shelf})
    assert unpaid["code"] == early["code"] == "move.refused"
    assert codes(unpaid) == ["contract.unpaid", "contract.early"]
    assert codes(early) == ["contract.early"]
    over = date.fromisoformat(sale.now("contract")["warranty_until"])
    last = over.replace(year=over.year + 2)
    with house.on(last - timedelta(days=1)):
        assert codes(house.refused(ARCHIVE, f"{contract}/moves/archive", {"values": shelf})) == ["contract.early"]
    with house.on(last):
        sale.move(ARCHIVE, "contract", "archive", **{**shelf, "archived_on": last.isoformat()})
    done = sale.now("contract")
    assert (done["state"], done["archived_on"], done["archive_number"]) == ("archived", last.isoformat(), "D2026-001")


def codes(answer: dict[str, Any]) -> list[str]:
    """What stands against a move, by code."""
    return [one["code"] for one in answer["objections"]]
