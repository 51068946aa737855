"""Ways round the four eyes that people try: none of them leads to a consent of one's own, twice, or of nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.approvals import reading
from core.documents.reading import load
from core.errors import Conflict, Forbidden, Invalid, Refused
from core.operations import decide, people, standing_in, turning
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, REPRESENTATIVE, SALES_MANAGER
from core.testing.builders import Firm
from plugins.quotation.documents import Quotation
from tests.core.test_approval_plans import offered, policy, states, step, waiting
from tests.core.test_approval_turns import turn


@pytest.fixture
def today(firm: Firm) -> date:
    """The company's day."""
    return firm.as_program(lambda w: w.today)


def submitted(firm: Firm, *steps: Any, **values: Any) -> Quotation:
    """A quotation that waits for these steps."""
    policy(firm, *steps, **values)
    quotation = offered(firm)
    firm.move(quotation, "submit")
    return quotation


def hold(firm: Firm, who: str, *roles: Any) -> None:
    """Let somebody hold exactly these roles."""
    firm.run("admin", lambda w: people.set_roles(w, firm.people[who], [role.key for role in roles]))


def away(firm: Firm, who: str, to: str, today: date) -> None:
    """``to`` stands in for ``who`` today."""
    firm.run(who, lambda w: standing_in.stand_in(w, firm.people[to], today, today))


def approval_of(firm: Firm, quotation: Quotation) -> str:
    """How far a document is."""
    return str(firm.read("rep", lambda w: load(w, Quotation, quotation.id)).approval)


def test_who_stands_in_for_the_asker_does_not_agree_for_him(firm: Firm, today: date) -> None:
    """PLT-06: the asker holds the role himself; his stand-in decides for others of it, never for him."""
    hold(firm, "rep", REPRESENTATIVE, SALES_MANAGER)
    quotation = submitted(firm, step(SALES_MANAGER))
    away(firm, "rep", "clerk", today)
    for who in ("rep", "clerk"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    assert approval_of(firm, quotation) == "pending"
    assert firm.agree(quotation, "manager").state == "approved"


def test_for_whom_somebody_agreed_does_not_agree_once_more(firm: Firm, today: date) -> None:
    """PLT-06: the manager's stand-in has agreed for him; the manager is no second person for the next step."""
    hold(firm, "manager", SALES_MANAGER, FINANCE)
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    away(firm, "manager", "purchaser", today)
    firm.agree(quotation, "purchaser")
    for who in ("manager", "purchaser"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    assert firm.agree(quotation, "finance").state == "approved"


def test_a_role_that_was_given_in_between_makes_no_second_person(firm: Firm) -> None:
    """PLT-06: who has agreed gets the next step's role, and still is one person."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    firm.agree(quotation, "manager")
    hold(firm, "manager", SALES_MANAGER, FINANCE)
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "finance").state == "approved"


def test_nobody_is_handed_what_he_gave_made_or_has_decided(firm: Firm, today: date) -> None:
    """PLT-06: not by handing over to oneself, to the maker, to whoever agreed, nor to one's own stand-in's self."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    for account in ("manager", "rep"):
        with pytest.raises(Invalid):
            turn(firm, "manager", quotation, turning.hand_over, firm.people[account])
    away(firm, "manager", "purchaser", today)
    task = firm.task(quotation, "manager")
    for account in ("purchaser", "rep"):
        with pytest.raises(Invalid):
            firm.run("purchaser", lambda w, a=account: turning.hand_over(w, task, firm.people[a]))  # type: ignore[misc]
    firm.agree(quotation, "manager")
    for way in ("before", "after"):
        with pytest.raises(Invalid):
            turn(firm, "finance", quotation, turning.call_in, [firm.people["manager"]], way)
    with pytest.raises(Invalid):
        turn(firm, "finance", quotation, turning.hand_over, firm.people["manager"])
    assert waiting(firm, quotation) == ["Finance"]


def test_the_program_agrees_to_nothing_unless_a_rule_lets_it(firm: Firm) -> None:
    """PLT-06: a program without a person holds no role."""
    quotation = submitted(firm, step(SALES_MANAGER))
    task = firm.task(quotation, "manager")
    with pytest.raises(Forbidden):
        firm.as_program(lambda w: decide.agree(w, task))
    assert approval_of(firm, quotation) == "pending"


def test_some_of_several_are_still_needed_when_one_of_them_has_left(firm: Firm) -> None:
    """PLT-06: two of three: with one gone the other two are needed, not one."""
    for who in ("purchaser", "boss"):
        hold(firm, who, SALES_MANAGER)
    quotation = submitted(firm, step(SALES_MANAGER, mode="some", needed=2))
    firm.run("admin", lambda w: people.dismiss(w, firm.people["boss"]))
    assert firm.agree(quotation, "manager").approval == "pending"
    assert firm.agree(quotation, "purchaser").state == "approved"


def test_for_who_has_left_his_superior_decides_and_nobody_else(firm: Firm) -> None:
    """PLT-06: all are needed: without a superior it waits for ever rather than pass; with one it is his, in his box."""
    hold(firm, "purchaser", SALES_MANAGER)
    quotation = submitted(firm, step(SALES_MANAGER, mode="all"))
    firm.agree(quotation, "manager")
    firm.run("admin", lambda w: people.dismiss(w, firm.people["purchaser"]))
    for who in ("manager", "boss", "finance"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    assert approval_of(firm, quotation) == "pending"
    assert sorted(states(firm, quotation)) == ["approved", "open"]
    employed_again(firm)
    assert [row.document_id for row in firm.read("boss", reading.my_tasks)] == [quotation.id]
    assert firm.agree(quotation, "boss").state == "approved"


def employed_again(firm: Firm) -> None:
    """Let the superior of the one who has left be the boss: known only afterwards."""
    firm.run("admin", lambda w: people.employ(w, firm.people["purchaser"], superior_id=firm.people["boss"], roles=None))
    firm.run("admin", lambda w: people.dismiss(w, firm.people["purchaser"]))


def test_a_step_whose_holders_are_all_gone_waits(firm: Firm) -> None:
    """PLT-06: the role has nobody any more: nobody decides, and nothing passes, until somebody holds it."""
    quotation = submitted(firm, step(PURCHASING))
    hold(firm, "purchaser")
    for who in ("purchaser", "boss", "manager"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    assert states(firm, quotation) == ["open"]
    hold(firm, "finance", PURCHASING)
    assert firm.agree(quotation, "finance").state == "approved"


def test_one_person_of_two_rules_is_asked_once_and_two_steps_of_one_rule_need_two(firm: Firm) -> None:
    """PLT-06: rules for the amount and for the price both ask the leader: he agrees once, for both, after finance.

    Two steps of one rule are two consents: with one leader that rule refuses the document at once.
    """
    policy(firm, step(SALES_MANAGER, name="经理审核"), step(GENERAL_MANAGER, name="重大报价"))
    quotation = submitted(firm, step(FINANCE, name="财务会签"), step(GENERAL_MANAGER, name="低于底价"), position=2)
    assert waiting(firm, quotation) == ["经理审核"]
    tasks = firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1]
    assert [task.name for task in tasks] == ["经理审核", "财务会签", "重大报价 – 低于底价"]
    for who in ("manager", "finance"):
        assert firm.agree(quotation, who).approval == "pending"
    with pytest.raises((Conflict, Forbidden)):
        firm.agree(quotation, "finance")
    assert firm.agree(quotation, "boss").state == "approved"
    policy(firm, step(GENERAL_MANAGER), step(GENERAL_MANAGER, name="再批"), position=3)
    with pytest.raises(Refused):
        firm.move(offered(firm), "submit")


def test_a_rule_that_comes_later_keeps_the_order_of_the_first(firm: Firm) -> None:
    """PLT-06: the manager stays before the leader although a later rule names the manager alone."""
    policy(firm, step(SALES_MANAGER), step(GENERAL_MANAGER))
    quotation = submitted(firm, step(SALES_MANAGER))
    tasks = firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1]
    assert [(task.position, task.name) for task in tasks] == [(1, "Sales manager"), (2, "General manager")]
