"""The matrix of authority that presets carry: tried on real documents without submitting any, and changed as data."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import pytest

from core.app import Program
from core.approvals import engine
from core.approvals.models import ApprovalPolicy
from core.documents.models import Document
from core.documents.reading import load
from core.operations import masters
from core.testing.api import said
from core.work import Work
from plugins.contract.documents import Contract
from plugins.quotation.documents import Quotation
from tests.scenarios.house import House

OFFERS, CONTRACTS = "/quotation/quotations", "/contract/contracts"
# By preset: a representative, an administrator, a part of a product's name.
HOUSES = {
    "led_distributor": ("liuyang", "hejing"),
    "bearing_manufacturer": ("panxiaodong", "qiaoyu"),
    "it_company": ("luyao", "zhaoyifan"),
    "feed_mill": ("niudawei", "miaochunyan"),
}
SMALL = {key: [["sales_manager"]] for key in HOUSES}
LARGE = {
    "led_distributor": [["sales_manager"], ["finance"], ["technical", "purchasing"], ["general_manager"]],
    "bearing_manufacturer": [
        ["technical", "sales_manager", "production"],
        ["finance", "quality", "purchasing"],
        ["general_manager"],
    ],
    "it_company": [["sales_manager"], ["finance", "technical", "production"], ["general_manager"]],
    "feed_mill": [["sales_manager"], ["finance", "production"], ["general_manager"]],
}
CHEAP = {
    key: [["sales_manager"], ["finance"], ["general_manager"]] for key in HOUSES if key != "bearing_manufacturer"
} | {"bearing_manufacturer": [["sales_manager"], ["finance"], ["deputy_general_manager"]]}


class Market:
    """A company of a preset with a customer and a product."""

    def __init__(self, program: Program, preset: str) -> None:
        self.house, (self.rep, self.admin) = House.opened(program, preset), HOUSES[preset]
        customer = {"name": "海州长远工贸有限公司", "contacts": [{"name": "韩经理", "mobile": "13800138000"}]}
        self.party = self.house.do(self.rep, "/core/parties", customer)["id"]
        self.item = self.house.read(self.rep, "/core/items?size=1")["items"][0]

    def made(self, place: str, quantity: int, price: str, **values: Any) -> int:
        """A draft over some of the product at a price with tax."""
        lines = [{"item_id": self.item["id"], "quantity": str(quantity), "gross_price": price}]
        given = {"party_id": self.party, "lines": lines, "prices_include_tax": True, **values}
        return int(self.house.do(self.rep, place, given)["id"])

    def asked(self, cls: type[Document], key: int) -> list[list[str]]:
        """Whom the rules would ask, place by place, by the roles' keys; nothing is submitted."""

        def look(work: Work) -> list[list[str]]:
            steps = engine.plan(work, load(work, cls, key), "submit", [])
            places = groupby(steps, key=lambda step: step.position)
            return [[work.company.roles[step.role_id or 0].key for step in at] for _place, at in places]

        return self.house.firm.read(self.rep, look)


@pytest.fixture(params=sorted(HOUSES))
def market(request: pytest.FixtureRequest, program: Program) -> Market:
    """Each of the companies."""
    return Market(program, request.param)


def test_who_agrees_at_which_price_amount_and_clause(market: Market) -> None:
    """PLT-06, PLT-07: a usual offer, one below the floor, a large contract, one with a special clause."""
    preset = market.house.firm.code
    usual = str(market.item["list_price"])
    assert market.asked(Quotation, market.made(OFFERS, 1, usual)) == SMALL[preset]
    assert market.asked(Quotation, market.made(OFFERS, 1, "0.01")) == CHEAP[preset]
    pieces = int(600_000 / float(usual)) + 1
    assert market.asked(Contract, market.made(CONTRACTS, pieces, usual, milestones=advance())) == LARGE[preset]
    special = market.made(CONTRACTS, 1, usual, special_terms=True, milestones=advance())
    found = market.asked(Contract, special)
    assert found[-1] == ["general_manager"]
    assert "finance" in [role for at in found for role in at]
    # Nobody was asked anything by all this.
    assert market.house.read(market.rep, f"{CONTRACTS}/{special}")["approval"] == "none"


def advance() -> list[dict[str, str]]:
    """A third on signing, the rest on delivery."""
    return [{"event": "signing", "percent": "0.3"}, {"event": "delivery", "percent": "0.7"}]


def test_a_company_changes_its_matrix_as_it_likes(program: Program) -> None:
    """PLT-06: the rules of the preset are data: the administrator sees them and changes one for the next offer."""
    market = Market(program, "led_distributor")
    rules = market.house.read(market.admin, "/core/approval-policies?size=50")["items"]
    of_offers = [one for one in rules if one["document_kind"] == "quotation.quotation"]
    (found,) = [one for one in of_offers if one["name"] == "价格权限：低于最低限价"]
    cheap = market.made(OFFERS, 1, "0.01")
    assert len(market.asked(Quotation, cheap)) == 3
    place = f"/core/approval-policies/{found['id']}"
    market.house.change(market.admin, place, condition="below_floor and amount >= 5000")
    assert market.asked(Quotation, cheap) == [["sales_manager"]]
    answer = market.house.as_(market.rep).get("/core/approval-policies")
    assert said(answer)["code"]
    assert answer.status_code == 403
    market.house.firm.as_program(lambda w: masters.save(w, ApprovalPolicy, {"active": False}, key=found["id"]))
    assert market.asked(Quotation, cheap) == [["sales_manager"]]
