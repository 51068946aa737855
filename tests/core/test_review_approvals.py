"""Who must agree is never skipped: not for want of a role, nor for somebody who left, nor by an empty rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.approvals import engine
from core.approvals.models import ApprovalPolicy
from core.documents.reading import load
from core.errors import Invalid, NotEnabled, Objection, Refused, Strength
from core.operations import company, decide, masters, move, people
from core.roles import GENERAL_MANAGER, SALES_MANAGER, Role
from core.schemas import inputs
from core.search import figures
from core.testing.builders import Firm, line
from core.text import _
from core.work import Work
from plugins.quotation.documents import Inquiry, Quotation

SUBMIT = ("quotation.quotation", "submit")
STRANGE = Role("head_of_nothing", _("Supervisor"))


def rule(firm: Firm, *roles: Role, on: tuple[str, str] = SUBMIT, **step: Any) -> None:
    """One more rule: the holders of these roles agree to the move, one after the other."""

    def write(work: Work) -> None:
        by_key = {role.key: role.id for role in work.company.roles.values()}
        steps = [{"name": r.key, "role_id": by_key[r.key], **step} for r in roles]
        given = {"name": f"规则 {firm.next('rule')}", "document_kind": on[0], "transition": on[1], "steps": steps}
        masters.save(work, ApprovalPolicy, inputs.read(ApprovalPolicy, given))

    firm.run("admin", write)


def offered(firm: Firm) -> Quotation:
    return firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])


def cheap(by: Role | None) -> Objection:
    return Objection("price.cheap", _("Below the floor price: {lines}", lines=["x"]), Strength.APPROVE, by=by)


@pytest.mark.parametrize("by", [None, STRANGE], ids=["nobody", "a role the company has not"])
def test_a_consent_that_nobody_can_be_asked_for_stops_the_move(firm: Firm, by: Role | None) -> None:
    """It does not go through because no role of the company fits."""
    quotation = offered(firm)

    def planned(work: Work) -> None:
        engine.plan(work, load(work, Quotation, quotation.id), "submit", [cheap(by)])

    with pytest.raises(Refused):
        firm.read("rep", planned)


def test_a_move_that_asks_nobody_is_refused_where_a_consent_would_be_needed(firm: Firm) -> None:
    """An objection that wants consent is heard on every move."""
    quotation = offered(firm)

    def objects(work: Work, document: Any) -> Iterator[Objection]:
        yield cheap(GENERAL_MANAGER)

    def made(work: Work, approval: bool) -> int:
        document = load(work, Quotation, quotation.id)
        submit = replace(document.workflow.find("submit", "draft"), approval=approval, checks=(objects,))
        return len(move.object_to(work, document, submit))

    assert firm.read("rep", lambda w: made(w, approval=True)) == 1
    with pytest.raises(Refused):
        firm.read("rep", lambda w: made(w, approval=False))


def test_who_has_left_is_not_waited_for(firm: Firm) -> None:
    """The only manager is gone: submitting says at once that nobody could agree."""
    rule(firm, SALES_MANAGER)
    quotation = offered(firm)
    firm.run("admin", lambda w: people.dismiss(w, firm.people["manager"]))
    with pytest.raises(Refused) as refused:
        firm.move(quotation, "submit")
    assert refused.value.objections[0].code == "approval.nobody"


def test_two_consents_need_two_people(firm: Firm) -> None:
    """Where one person alone holds both roles, the request is refused instead of waiting for ever."""
    rule(firm, SALES_MANAGER, GENERAL_MANAGER)
    quotation = offered(firm)
    both = [SALES_MANAGER.key, GENERAL_MANAGER.key]
    firm.run("admin", lambda w: people.set_roles(w, firm.people["boss"], both))
    firm.run("admin", lambda w: people.set_roles(w, firm.people["manager"], []))
    with pytest.raises(Refused):
        firm.move(quotation, "submit")
    firm.run("admin", lambda w: people.set_roles(w, firm.people["manager"], [SALES_MANAGER.key]))
    assert firm.move(quotation, "submit").approval == "pending"


def test_the_last_consent_hands_the_lines_over_as_the_move_itself_would(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move that needs consent and releases lines does so with all of them."""
    moves = tuple(replace(m, approval=m.name == "quote") for m in Inquiry.workflow.transitions)
    monkeypatch.setattr(Inquiry, "workflow", replace(Inquiry.workflow, transitions=moves))
    rule(firm, SALES_MANAGER, on=("quotation.inquiry", "quote"))
    asked = firm.create(Inquiry, party_id=firm.party().id, lines=[line(firm.item()), line(firm.item())])
    assert firm.move(asked, "quote").approval == "pending"
    assert firm.agree(asked, "manager").state == "quoted"
    (made,) = firm.read("rep", lambda w: figures.some(w, Quotation))
    assert len(firm.read("rep", lambda w: load(w, Quotation, made.id)).lines) == 2


@pytest.mark.parametrize("on", [("quotation.quotation", "sumbit"), ("quotation.quotation", "send"), ("no.such", "x")])
def test_a_rule_for_a_move_that_asks_nobody_is_refused(firm: Firm, on: tuple[str, str]) -> None:
    """A slip of the pen does not leave a rule that is never asked."""
    with pytest.raises(Invalid):
        rule(firm, SALES_MANAGER, on=on)


def test_nothing_is_taken_back_in_an_area_that_is_off(firm: Firm) -> None:
    """A request of an area that the company no longer uses is out of reach."""
    quotation = offered(firm)
    firm.as_program(lambda w: company.switch_off(w, "quotation"))
    with pytest.raises(NotEnabled):
        firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id))
