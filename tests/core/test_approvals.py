"""Approvals: who must agree, in order; never the maker, never twice, bound to what was submitted."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.approvals import candidates, reading
from core.approvals.models import ApprovalPolicy
from core.documents.reading import load
from core.errors import Conflict, Forbidden, Invalid, Refused, Unknown
from core.operations import decide, masters, move, people
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_MANAGER, Role
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Quotation


def policy(firm: Firm, *steps: tuple[Role, str]) -> None:
    """The only policy for quotations from now on: roles in order, each from an amount."""

    def write(work: Work) -> None:
        roles = {role.key: role.id for role in work.company.roles.values()}
        given: dict[str, Any] = {
            "name": f"测试 {firm.next('policy')}",
            "document_kind": "quotation.quotation",
            "transition": "submit",
            "steps": [{"name": str(r.label), "role_id": roles[r.key], "from_amount": amount} for r, amount in steps],
        }
        masters.save(work, ApprovalPolicy, inputs.read(ApprovalPolicy, given))

    firm.as_program(without_policies)
    firm.run("admin", write)


def without_policies(work: Work) -> None:
    """Take every policy out of use."""
    for key in list(work.session.scalars(select(ApprovalPolicy.id))):
        masters.save(work, ApprovalPolicy, {"active": False}, key=key)


def offered(firm: Firm, price: str = "100", who: str = "rep") -> Quotation:
    """A quotation over one product at ``price``."""
    return firm.create(Quotation, who, party_id=firm.party(who).id, lines=[line(firm.item(price))])


def test_a_quotation_waits_for_the_manager_and_a_major_one_for_the_leader_too(firm: Firm) -> None:
    """PLT-07: below the amount the manager's consent is enough; from it on the leader is asked after the manager."""
    policy(firm, (SALES_MANAGER, "0"), (GENERAL_MANAGER, "50000"))
    small, major = offered(firm, "49999.99"), offered(firm, "50000")
    assert firm.move(small, "submit").approval == "pending"
    assert firm.agree(small, "manager").state == "approved"

    firm.move(major, "submit")
    waiting = firm.agree(major, "manager", "同意")
    assert (waiting.state, waiting.approval, waiting.number) == ("draft", "pending", None)
    done = firm.agree(major, "boss")
    assert (done.state, done.approval) == ("approved", "approved")
    assert done.number is not None
    rounds = firm.read("rep", lambda w: reading.rounds(w, major.id))
    assert [(t.state, t.acted_by, t.opinion) for t in rounds[0][1]] == [
        ("approved", firm.people["manager"], "同意"),
        ("approved", firm.people["boss"], ""),
    ]


def test_nobody_agrees_to_what_he_made(firm: Firm) -> None:
    """The manager's own quotation is agreed to by another manager; where there is none, it cannot be submitted."""
    policy(firm, (SALES_MANAGER, "0"))
    own = offered(firm, who="manager")
    with pytest.raises(Refused):
        firm.move(own, "submit", "manager")

    other = offered(firm)
    firm.move(other, "submit")
    with pytest.raises(Forbidden):
        firm.agree(other, "rep")


def test_one_person_takes_one_step_only(firm: Firm) -> None:
    """Holding both roles does not make two consents out of one person: who is needed later lets the other go first."""
    policy(firm, (SALES_MANAGER, "0"), (GENERAL_MANAGER, "0"))
    firm.run("admin", lambda w: people.set_roles(w, firm.people["boss"], [GENERAL_MANAGER.key, SALES_MANAGER.key]))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    with pytest.raises(Forbidden, match="needed"):
        firm.agree(quotation, "boss")
    firm.agree(quotation, "manager")
    assert firm.agree(quotation, "boss").state == "approved"


def test_what_is_in_approval_does_not_change(firm: Firm) -> None:
    """Editing is refused until it is withdrawn; a rejected one goes back to its maker with the reason."""
    policy(firm, (SALES_MANAGER, "0"))
    quotation = offered(firm)
    pending = firm.move(quotation, "submit")
    with pytest.raises(Conflict):
        firm.edit(pending, subject="x")
    with pytest.raises(Invalid):
        firm.reject(quotation, "manager", " ")
    rejected = firm.reject(quotation, "manager", "价格太低")
    assert (rejected.state, rejected.approval) == ("draft", "rejected")
    edited = firm.edit(rejected, subject="新")
    assert edited.approval == "none"
    firm.move(edited, "submit")
    with pytest.raises(Unknown):
        firm.run("rep2", lambda w: decide.withdraw(w, Quotation, quotation.id))
    assert firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id)).approval == "withdrawn"


def test_a_consent_is_given_once(firm: Firm) -> None:
    """A second click finds that it was decided."""
    policy(firm, (SALES_MANAGER, "0"))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    task = firm.task(quotation, "manager")
    firm.run("manager", lambda w: decide.agree(w, task))
    with pytest.raises(Conflict):
        firm.run("manager", lambda w: decide.agree(w, task))


def test_the_preview_says_who_would_have_to_agree(firm: Firm) -> None:
    """Before submitting, the steps and the people who could take them are shown."""
    policy(firm, (SALES_MANAGER, "0"), (GENERAL_MANAGER, "50000"))
    major = offered(firm, "60000")

    def look(work: Work) -> list[tuple[str, list[str]]]:
        document = load(work, Quotation, major.id)
        steps = move.preview(work, document, document.workflow.find("submit", "draft"))
        return [(s.name, candidates.named(work, s.asked)) for s in steps]

    assert firm.read("rep", look) == [("Sales manager", ["Zhang Wei"]), ("General manager", ["Chen Zong"])]


def test_a_step_for_a_role_that_only_the_maker_holds_is_refused(firm: Firm) -> None:
    """An empty step never passes in silence: submitting says that nobody could agree."""
    policy(firm, (REPRESENTATIVE, "0"))
    firm.run("admin", lambda w: people.set_roles(w, firm.people["rep2"], []))
    quotation = offered(firm)
    with pytest.raises(Refused) as refused:
        firm.move(quotation, "submit")
    assert refused.value.objections[0].code == "approval.nobody"
