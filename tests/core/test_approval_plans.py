"""Plans of consents: who is asked, how many of them, when, and on what conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.approvals import reading
from core.approvals.models import ApprovalPolicy
from core.documents.models import Document
from core.errors import Conflict, Forbidden, Invalid, Refused, Unknown
from core.operations import masters, people
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, SALES_CLERK, SALES_MANAGER, TECHNICAL, Role, Scope
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.test_reach import house, placed, reach

Step = dict[str, Any]


def step(role: Role | None = None, **values: Any) -> Step:
    """A step of a policy; the role by its key, everything else as the API takes it."""
    return {"name": str(role.label) if role else values.get("who", ""), "role": role, **values}


def policy(firm: Firm, *steps: Step, **values: Any) -> None:
    """A policy for quotations, as an administrator writes it."""

    def write(work: Work) -> None:
        roles = {role.key: role.id for role in work.company.roles.values()}
        rows = [
            {k: v for k, v in one.items() if k != "role"} | ({"role_id": roles[one["role"].key]} if one["role"] else {})
            for one in steps
        ]
        given = {"name": f"测试 {firm.next('policy')}", "document_kind": "quotation.quotation", "transition": "submit"}
        masters.save(work, ApprovalPolicy, inputs.read(ApprovalPolicy, {**given, **values, "steps": rows}))

    firm.run("admin", write)


def offered(firm: Firm, price: str = "100", who: str = "rep", **values: Any) -> Quotation:
    """A quotation over one product at ``price``."""
    return firm.create(Quotation, who, party_id=firm.party(who).id, lines=[line(firm.item(price), **values)])


def waiting(firm: Firm, quotation: Quotation) -> list[str]:
    """The names of the steps that are open now."""

    def look(work: Work) -> list[str]:
        request = reading.requested(work, quotation)
        return [] if request is None else [t.name for t in reading.tasks(work, request.id) if t.state == "open"]

    return firm.as_program(look)


def states(firm: Firm, quotation: Document) -> list[str]:
    """The states of the consents of the last request, in order."""
    return [t.state for t in firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1]]


# How many of them -----------------------------------------------------------------------------------------------------


def test_departments_agree_side_by_side_and_then_the_leader(firm: Firm) -> None:
    """PLT-06: two departments are asked at once, in any order (会签); the leader only when both have agreed."""
    policy(firm, step(TECHNICAL), step(PURCHASING, beside=True), step(GENERAL_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    assert waiting(firm, quotation) == ["Technical department", "Purchasing"]
    with pytest.raises(Forbidden):
        firm.agree(quotation, "boss")
    firm.agree(quotation, "purchaser")
    assert waiting(firm, quotation) == ["Technical department"]
    firm.agree(quotation, "engineer")
    assert waiting(firm, quotation) == ["General manager"]
    assert firm.agree(quotation, "boss").state == "approved"


def two_managers(firm: Firm) -> None:
    """Let purchasing's man be a sales manager as well."""
    firm.run("admin", lambda w: people.set_roles(w, firm.people["purchaser"], [PURCHASING.key, SALES_MANAGER.key]))


def test_all_holders_of_a_role_must_agree_where_the_step_says_so(firm: Firm) -> None:
    """PLT-06: of a step for all, one refusal ends the request at once; all consents are needed to go on."""
    two_managers(firm)
    policy(firm, step(SALES_MANAGER, mode="all"))
    quotation, other = offered(firm), offered(firm)
    for one in (quotation, other):
        firm.move(one, "submit")
    assert firm.agree(quotation, "manager").approval == "pending"
    with pytest.raises((Forbidden, Conflict)):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "purchaser").state == "approved"
    firm.agree(other, "purchaser")
    assert firm.reject(other, "manager").approval == "rejected"
    assert states(firm, other) == ["rejected", "approved"] or states(firm, other) == ["approved", "rejected"]


def test_some_of_several_are_enough_and_a_refusal_counts_only_when_they_cannot_be_had(firm: Firm) -> None:
    """PLT-06: two of three: one refusal is outvoted, the third is not asked any more; two refusals end it."""
    two_managers(firm)
    firm.run("admin", lambda w: people.set_roles(w, firm.people["boss"], [GENERAL_MANAGER.key, SALES_MANAGER.key]))
    policy(firm, step(SALES_MANAGER, mode="some", needed=2))
    outvoted, ended, quick = offered(firm), offered(firm), offered(firm)
    for one in (outvoted, ended, quick):
        firm.move(one, "submit")
    assert firm.reject(outvoted, "boss").approval == "pending"
    firm.agree(outvoted, "manager")
    assert firm.agree(outvoted, "purchaser").state == "approved"
    firm.reject(ended, "manager")
    assert firm.reject(ended, "purchaser").approval == "rejected"
    firm.agree(quick, "manager")
    assert firm.agree(quick, "boss").state == "approved"
    assert sorted(states(firm, quick)) == ["approved", "approved", "cancelled"]


def test_a_step_that_needs_more_people_than_there_are_is_refused_at_once(firm: Firm) -> None:
    """An empty step never passes in silence: with one manager, two of them cannot agree."""
    policy(firm, step(SALES_MANAGER, mode="some", needed=2))
    with pytest.raises(Refused):
        firm.move(offered(firm), "submit")


# Who ------------------------------------------------------------------------------------------------------------------


def test_whoever_has_a_right_that_reaches_the_document_is_asked(firm: Firm) -> None:
    """PLT-06: by a right, whatever the roles are called; of another team nobody, and without anybody nothing begins."""
    house(firm)
    placed(firm, rep="east", manager="west", clerk="east")
    for role in (SALES_MANAGER, SALES_CLERK):
        reach(firm, role.key, Scope.TEAM)
    reach(firm, GENERAL_MANAGER.key, Scope.OWN)
    policy(firm, step(who="permission", permission="quotation.quotation.read", name="同组复核"))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    with pytest.raises((Forbidden, Unknown)):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "clerk").state == "approved"
    placed(firm, clerk="west")
    with pytest.raises(Refused, match="同组复核"):
        firm.move(offered(firm), "submit")


@pytest.mark.parametrize("right", ["", "quotation.quotation.fly", "billing.invoice.read"])
def test_a_step_names_a_right_of_an_area_that_the_company_uses(program: Program, right: str) -> None:
    firm = Firm.founded(program, "narrow", "只报价有限公司", areas=["quotation"])
    with pytest.raises(Invalid) as refused:
        policy(firm, step(who="permission", permission=right))
    assert [fault.path for fault in refused.value.faults] == ["steps/0/permission"]


def employed(firm: Firm, who: str, superior: str) -> None:
    """Let somebody have a superior."""
    firm.run("admin", lambda w: people.employ(w, firm.people[who], superior_id=firm.people[superior], roles=None))


def test_the_superior_of_who_asks_agrees_and_his_own_superior_where_he_asks_himself(firm: Firm) -> None:
    """PLT-06: by the chain of superiors; whoever made it is passed over upwards, never asked himself."""
    employed(firm, "rep", "manager")
    employed(firm, "manager", "boss")
    policy(firm, step(who="superior", name="直接上级"))
    quotation, own = offered(firm), offered(firm, who="manager")
    firm.move(quotation, "submit")
    with pytest.raises(Forbidden):
        firm.agree(quotation, "boss")
    assert firm.agree(quotation, "manager").state == "approved"
    firm.move(own, "submit", "manager")
    assert firm.agree(own, "boss").state == "approved"
    with pytest.raises(Refused):
        firm.move(offered(firm, who="clerk"), "submit", "clerk")


def test_near_the_top_the_line_of_superiors_is_shorter(firm: Firm) -> None:
    """PLT-06: two levels are the manager and the leader for the representative, and the leader once for the manager."""
    employed(firm, "rep", "manager")
    employed(firm, "manager", "boss")
    policy(firm, step(None, who="superior", name="一级"), step(None, who="superior", name="二级", levels=2))
    low, high = offered(firm), offered(firm, who="manager")
    firm.move(low, "submit")
    assert firm.agree(low, "manager").approval == "pending"
    assert firm.agree(low, "boss").state == "approved"
    firm.move(high, "submit", "manager")
    assert waiting(firm, high) == ["一级 – 二级"]
    assert firm.agree(high, "boss").state == "approved"


def test_a_certain_person_is_asked_by_name(firm: Firm) -> None:
    policy(firm, step(who="person", name="财务", person_id=firm.people["finance"]))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    with pytest.raises(Forbidden, match="Zhao Min"):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "finance").state == "approved"


def test_the_asker_names_who_shall_agree_where_the_policy_leaves_it_to_him(firm: Firm) -> None:
    """PLT-06: without a name the move is not made; a stranger to the role, or the maker, cannot be named."""
    two_managers(firm)
    policy(firm, step(SALES_MANAGER, who="chosen"))
    quotation = offered(firm)
    with pytest.raises(Invalid) as missing:
        firm.move(quotation, "submit")
    path = missing.value.faults[0].path
    key = int(path.removeprefix("approvers/"))
    for stranger in ("finance", "rep"):
        with pytest.raises(Invalid):
            firm.move(quotation, "submit", approvers={key: [firm.people[stranger]]})
    firm.move(quotation, "submit", approvers={key: [firm.people["purchaser"]]})
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "purchaser").state == "approved"


# When: conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        ("amount >= 100", True),
        ("amount > 100", False),
        ("amount >= 50 and amount < 200", True),
        ("not new_customer", False),
        ('customer_class in ("A", "B") or amount > 1000', False),
        ("discount >= 10", False),
        ("below_floor", False),
        # Nobody knows the cost of these goods: somebody should look.
        ("margin < 10", True),
        ("(amount / 2 + 50) * 1 == 100", True),
        ('currency == "CNY"', True),
        ("amount >= 100.00000000000000001", False),
        ('currency in ("CNY",)', True),
    ],
)
def test_a_policy_counts_where_its_condition_is_met(firm: Firm, condition: str, asked: bool) -> None:
    """PLT-06: the company's own condition decides whether anybody is asked."""
    policy(firm, step(SALES_MANAGER), condition=condition)
    assert (firm.move(offered(firm), "submit").approval == "pending") is asked


def test_margin_discount_and_floor_are_those_of_the_lines(firm: Firm) -> None:
    """PLT-06: of two lines the greater discount counts, the margin is that of the whole, one line below is enough."""
    policy(firm, step(SALES_MANAGER, condition="discount >= 20"), name="折扣")
    policy(firm, step(FINANCE, condition="margin < 15.96"), name="毛利")
    policy(firm, step(GENERAL_MANAGER, condition="below_floor"), name="底价")
    dear = firm.item("113", cost="80", floor_price="100")
    cheap = firm.item("113", cost="80", floor_price="95")
    party = firm.party().id
    # 100 net at 20 % margin, and 79.20 of 99 % … together (100 + 90.27 − 160) / 190.27 = 15.91 %.
    rows = [line(dear), line(cheap, price="102")]
    plain = firm.create(Quotation, party_id=party, lines=rows)
    firm.move(plain, "submit")
    assert waiting(firm, plain) == ["Finance"]
    low = firm.create(Quotation, party_id=party, lines=[line(dear, "1", price="90.40")])
    firm.move(low, "submit")
    assert states(firm, low) == ["open", "waiting", "waiting"]
    assert Decimal("90.40") / Decimal("113") == Decimal("0.8")


@pytest.mark.parametrize(
    "condition",
    [
        "amount >",
        "nonsense > 5",
        "amount",
        "amount > 'many'",
        "().__class__",
        "__import__('os')",
        "amount ** 9 ** 9 > 1",
        "[x for x in (1, 2)]",
        "lambda: True",
        "amount if True else 0",
        "'a' * 99999999 == 'b'",
        "f'{amount}' == ''",
        "(" * 300 + "amount" + ")" * 300 + " > 1",
        "not " * 80 + "below_floor",
        "-" * 450 + "1 < amount",
        # Never met, and nobody would notice.
        "amount > 1e999",
        "amount > 1e999999999",
        "amount > 99999999999999999999",
        'customer_class not in ("A")',
        'customer_class in "AB"',
    ],
)
def test_a_condition_that_makes_no_sense_or_reaches_further_is_not_kept(firm: Firm, condition: str) -> None:
    """Calls, attributes, powers, comprehensions: nothing but comparing what is known."""
    with pytest.raises(Invalid):
        policy(firm, step(SALES_MANAGER), condition=condition)
    with pytest.raises(Invalid):
        policy(firm, step(SALES_MANAGER, condition=condition))


# What areas know ------------------------------------------------------------------------------------------------------


def test_a_contract_with_special_clauses_is_also_put_before_finance(firm: Firm) -> None:
    """PLT-06: an area's own facts may be asked for, of its types only; with the area off, nobody knows them."""
    from plugins.contract.documents import Contract

    finance = step(FINANCE, condition='special_terms or warranty_months > 24 or contract_kind == "framework"')
    policy(firm, step(SALES_MANAGER), finance, document_kind="contract.contract", name="非常规")
    with pytest.raises(Invalid):
        policy(firm, step(FINANCE), condition="special_terms", name="报价没有")
    about = {"deadline": "2030-01-01", "address": "青岛", "contact_name": "林工", "contact_phone": "13900000000"}
    lines = [line(firm.item())]
    plain = firm.create(Contract, party_id=firm.party().id, lines=lines, **about)
    longer = firm.create(Contract, party_id=firm.party().id, lines=lines, warranty_months=36, **about)
    for one in (plain, longer):
        firm.move(one, "submit")
    assert states(firm, plain) == ["open"]
    assert states(firm, longer) == ["open", "waiting"]


def test_what_a_customer_owes_late_may_be_asked_for(firm: Firm) -> None:
    """PLT-06: nothing is overdue, so nobody is asked; of who has no limit nobody knows how much of it is used."""
    policy(firm, step(FINANCE), condition="overdue > 0", name="逾期")
    assert firm.move(offered(firm), "submit").state == "approved"
    policy(firm, step(FINANCE), condition="credit_used > 80", name="额度")
    assert firm.move(offered(firm), "submit").approval == "pending"
