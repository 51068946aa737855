"""Orders and contracts are looked at by whom the company says, in its order, until everybody agrees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from core.documents.reading import load
from core.duties.reading import my_duties
from core.errors import Forbidden, Refused
from core.operations import people, turning
from core.roles import FINANCE, LEGAL, PRODUCTION, SALES_CLERK, SALES_MANAGER, TECHNICAL, Role
from core.testing.builders import Firm, line
from plugins.contract.documents import Contract, Order
from tests.core.test_approval_plans import policy, step, waiting
from tests.plugins.contract.agreements import drafted, ordered

CONTRACT, ORDER = {"document_kind": "contract.contract"}, {"document_kind": "contract.order"}
DEPARTMENTS: Mapping[str, Role] = {"engineer": TECHNICAL, "finance": FINANCE, "maker": PRODUCTION}


def employed(firm: Firm, short: str, name: str, *roles: Role) -> None:
    """One more person of the firm."""
    account = people.create_account(firm.program.works, f"{short}@{firm.code}", name)
    firm.people[short] = account
    firm.as_program(lambda w: people.employ(w, account, roles=[role.key for role in roles]))


@pytest.fixture
def house(firm: Firm) -> Firm:
    """A firm with somebody in every department that reviews."""
    employed(firm, "maker", "何师傅", PRODUCTION)
    employed(firm, "jurist", "法务吴", LEGAL)
    employed(firm, "lawyer", "外聘律师")
    return firm


def turned(firm: Firm, document: Contract | Order) -> list[str]:
    """Whom the refusal of a document bothers: the first page of the representative."""
    titles = firm.read("rep", lambda w: [str(duty.title) for duty in my_duties(w)])
    return [title for title in titles if document.party_name in title]


# Orders ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "who", "other"), [(SALES_MANAGER, "manager", "clerk"), (SALES_CLERK, "clerk", "manager")]
)
def test_an_order_is_reviewed_first_by_whom_the_company_says_then_by_the_departments_it_concerns(
    house: Firm, first: Role, who: str, other: str
) -> None:
    """CTR-02: who reviews first is the company's choice; what is special, major or complex goes to technical, finance
    and production together, and their findings go back to the representative, who mends them and asks again.
    """
    major = {"from_amount": "50000"}
    beside = [step(role, beside=place > 0, **major) for place, role in enumerate(DEPARTMENTS.values())]
    policy(house, step(first), *beside, **ORDER)
    small = ordered(house, "100")
    house.move(small, "submit")
    with pytest.raises(Forbidden):
        house.agree(small, other)
    assert house.agree(small, who).state == "reviewed"
    order = ordered(house, "10000")
    house.move(order, "submit")
    with pytest.raises(Forbidden):
        house.agree(order, "engineer")
    house.agree(order, who, "完整、清楚，符合价格政策")
    assert set(waiting(house, order)) == {str(role.label) for role in DEPARTMENTS.values()}  # type: ignore[arg-type]
    house.agree(order, "finance", "价格与付款条件可以")
    found = house.reject(order, "maker", "产能不足，交期推后十天")
    assert (found.state, found.approval) == ("draft", "rejected")
    assert turned(house, order) == [f"Mend the refused order of {order.party_name}"]
    mended = house.edit(house.read("rep", lambda w: load(w, Order, order.id)), remark="交期已与客户商定")
    house.move(mended, "submit")
    house.agree(mended, who)
    for department in DEPARTMENTS:
        reviewed = house.agree(mended, department)
    assert (reviewed.state, reviewed.approval) == ("reviewed", "approved")


def test_whoever_enters_a_special_product_convenes_the_departments(house: Firm) -> None:
    """CTR-02: technical says whether it can be made, finance looks at price and terms, production at the day."""
    called: dict[str, Any] = {"technical_review": True, "finance_review": True, "production_review": True}
    order = ordered(
        house, lines=[{"name": "特制圆锥滚子轴承", "line_kind": "item", "gross_price": "9", "quantity": "4"}], **called
    )
    house.move(order, "submit")
    said = waiting(house, order)  # type: ignore[arg-type]
    assert said, "nobody was asked"
    for department in DEPARTMENTS:
        order = house.agree(order, department)
    assert order.state == "reviewed"
    house.settings(contract__technical_review="always", contract__finance_review="never")
    plain = ordered(house, finance_review=True)
    house.move(plain, "submit")
    assert house.agree(plain, "engineer").state == "reviewed"


# Contracts ------------------------------------------------------------------------------------------------------------

# What is taken out of a contract, and by which words its lack is told.
CLAUSES: Mapping[str, tuple[dict[str, Any], str]] = {
    "duties": ({"duties": ""}, "Rights and duties of both parties"),
    "specification": ({"lines": [{"name": "运费", "line_kind": "charge", "gross_price": "5"}]}, "Specification"),
    "quantity": ({"lines": [{"name": "甲", "line_kind": "item", "quantity": "0", "gross_price": "5"}]}, "Quantity"),
    "price": ({"lines": [{"name": "甲", "line_kind": "item", "quantity": "2", "gross_price": "0"}]}, "Price"),
    "delivery": ({"delivery_terms": ""}, "Delivery with its day"),
    "day": ({"deadline": None}, "Delivery with its day"),
    "payment": ({"payment_terms": "", "settlement": ""}, "Payment"),
    "quality": ({"quality": ""}, "Quality standard"),
    "breach": ({"breach": ""}, "Liability for breach"),
}


@pytest.mark.parametrize("kind", ["sale", "processing"])
@pytest.mark.parametrize("lacking", CLAUSES)
def test_no_contract_is_submitted_without_one_of_its_obligatory_clauses(firm: Firm, lacking: str, kind: str) -> None:
    """CTR-04: of a sale as of processing to order, from the company's template or in the customer's own words, every
    clause must say something: both parties, their rights and duties, goods, quantity, price, delivery, payment,
    quality and breach; what lacks is told, and the contract is submitted when it is there.
    """
    contract = drafted(firm, contract_kind=kind)
    assert contract.template_id is not None
    assert contract.quality.startswith("产品为全新产品")
    theirs: dict[str, Any] = {
        "wording": "theirs",
        "quality": "按需方图纸",
        "duties": "按需方文本第三条",
        "breach": "按需方文本第九条",
    }
    contract = firm.edit(contract, **theirs)
    gap, told = CLAUSES[lacking]
    lines = gap.get("lines")
    whole = {key: getattr(contract, key) for key in gap if key != "lines"}
    bare = firm.edit(contract, lines=lines, **{key: value for key, value in gap.items() if key != "lines"})
    with pytest.raises(Refused) as refused:
        firm.move(bare, "submit")
    said = {objection.code: str(objection.text) for objection in refused.value.objections}
    assert told in said["contract.incomplete"]
    back = {key: value.isoformat() if key == "deadline" else value for key, value in whole.items()}
    again = firm.read("rep", lambda w: load(w, Contract, contract.id))
    mended = firm.edit(again, lines=[line(firm.item("1000"), "10")] if lines else None, **back)
    assert firm.move(mended, "submit").state == "approved"


def test_legal_follows_the_head_of_sales_and_may_call_a_lawyer_in(house: Firm) -> None:
    """CTR-05: the company's list and order: head of sales first, then legal, with outside lawyers if legal calls them;
    what they remark is revised until all agree.
    """
    house.settings(contract__legal_review="always")
    policy(house, step(SALES_MANAGER), **CONTRACT)
    contract = drafted(house)
    house.move(contract, "submit")
    with pytest.raises(Forbidden):
        house.agree(contract, "jurist")
    house.agree(contract, "manager")
    lawyer = house.people["lawyer"]
    task = house.task(contract, "jurist")
    house.run("jurist", lambda w: turning.call_in(w, task, [lawyer], "before", opinion="请外聘律师会审"))
    with pytest.raises(Forbidden):
        house.agree(contract, "jurist")
    refused = house.reject(contract, "lawyer", "违约责任条款不对等")
    assert (refused.state, refused.approval) == ("draft", "rejected")
    assert turned(house, contract) == [f"Mend the refused contract with {contract.party_name}"]
    draft = house.read("rep", lambda w: load(w, Contract, contract.id))
    mended = house.edit(draft, breach="双方违约责任对等")
    house.move(mended, "submit")
    house.agree(mended, "manager")
    agreed = house.agree(mended, "jurist")
    assert (agreed.state, agreed.approval) == ("approved", "approved")


@pytest.mark.parametrize("who", [["engineer", "finance", "maker"], ["finance"], []])
def test_departments_look_at_a_contract_where_the_representative_convenes_them(house: Firm, who: list[str]) -> None:
    """CTR-05: technical, price and delivery are reviewed by the departments that the representative convenes; where he
    convenes nobody, the sales manager alone answers for legality, completeness and risk, and legal is not always asked.
    """
    policy(house, step(SALES_MANAGER), **CONTRACT)
    flags = {"engineer": "technical_review", "finance": "finance_review", "maker": "production_review"}
    convened: dict[str, Any] = {flags[one]: True for one in who}
    contract = drafted(house, **convened)
    house.move(contract, "submit")
    done = house.agree(contract, "manager", "合法、完整，风险可控")
    for one in who:
        assert (done.state, done.approval) == ("draft", "pending")
        done = house.agree(contract, one)
    assert (done.state, done.approval) == ("approved", "approved")
