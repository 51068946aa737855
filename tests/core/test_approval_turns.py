"""What else may be done with a consent: call others in and off, hand it over, send it back, remind, withdraw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.approvals import reading
from core.errors import Conflict, Forbidden, Invalid
from core.operations import decide, turning
from core.roles import FINANCE, GENERAL_MANAGER, SALES_MANAGER
from core.testing.builders import Firm
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.test_approval_plans import offered, policy, states, step, waiting


@pytest.fixture
def asked(firm: Firm) -> Quotation:
    """A quotation for which the manager is asked, and after him finance and the leader."""
    policy(firm, step(SALES_MANAGER), step(FINANCE), step(GENERAL_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    return quotation


def turn(firm: Firm, who: str, quotation: Quotation, command: Any, *args: Any, **options: Any) -> Quotation:
    """What somebody does with the consent that is open for him."""
    task = firm.task(quotation, who)
    done: Quotation = firm.run(who, lambda w: command(w, task, *args, **options))
    return done


def open_for(firm: Firm, quotation: Quotation) -> list[int | None]:
    """Who is asked by name now."""

    def look(work: Work) -> list[int | None]:
        request = reading.requested(work, quotation)
        assert request is not None
        return [t.assignee_id for t in reading.tasks(work, request.id) if t.state == "open"]

    return firm.as_program(look)


def test_who_is_called_in_before_agrees_first(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 向前加签: the manager decides when the engineer has agreed; the engineer's refusal is one."""
    engineer = firm.people["engineer"]
    turn(firm, "manager", asked, turning.call_in, [engineer], "before", opinion="请技术先看")
    assert open_for(firm, asked) == [engineer]
    with pytest.raises((Conflict, Forbidden)):
        firm.agree(asked, "manager")
    firm.agree(asked, "engineer", "可行")
    assert waiting(firm, asked) == ["Sales manager"]
    turn(firm, "manager", asked, turning.call_in, [firm.people["purchaser"]], "before")
    assert firm.reject(asked, "purchaser").approval == "rejected"


def test_who_is_called_in_after_agrees_before_it_goes_on(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 向后加签: the manager has agreed; finance is asked when those called in have agreed too."""
    both = [firm.people["engineer"], firm.people["purchaser"]]
    turn(firm, "manager", asked, turning.call_in, both, "after", opinion="同意，请再看")
    assert open_for(firm, asked) == both
    firm.agree(asked, "engineer")
    assert open_for(firm, asked) == both[1:]
    firm.agree(asked, "purchaser")
    assert waiting(firm, asked) == ["Finance"]


def test_advice_decides_nothing(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 委派: an opinion against comes back to the manager, who may agree all the same."""
    turn(firm, "manager", asked, turning.call_in, [firm.people["engineer"]], "advice")
    assert firm.reject(asked, "engineer", "不建议").approval == "pending"
    firm.agree(asked, "manager")
    assert waiting(firm, asked) == ["Finance"]


def test_who_called_in_may_call_off_until_it_was_decided(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 减签: nobody else may; the consent is the caller's again, or the next one's where he had agreed."""
    turn(firm, "manager", asked, turning.call_in, [firm.people["engineer"]], "before")
    task = firm.task(asked, "engineer")
    with pytest.raises(Forbidden):
        firm.run("finance", lambda w: turning.call_off(w, task))
    firm.run("manager", lambda w: turning.call_off(w, task))
    assert waiting(firm, asked) == ["Sales manager"]
    with pytest.raises(Conflict):
        firm.run("engineer", lambda w: decide.agree(w, task))
    turn(firm, "manager", asked, turning.call_in, [firm.people["engineer"]], "after")
    task = firm.task(asked, "engineer")
    firm.run("manager", lambda w: turning.call_off(w, task))
    assert waiting(firm, asked) == ["Finance"]


def test_who_made_it_is_asked_already_or_is_a_stranger_is_not_called_in(firm: Firm, asked: Quotation) -> None:
    """Nobody agrees to what he made, however he comes to be asked."""
    outside = firm.people["rep2"] + 10_000
    # The leader is the only one of his role, and asked after the manager: he cannot be used up before.
    for account in (firm.people["rep"], firm.people["manager"], firm.people["boss"], outside):
        with pytest.raises(Invalid):
            turn(firm, "manager", asked, turning.call_in, [account], "before")
    with pytest.raises(Invalid):
        turn(firm, "manager", asked, turning.call_in, [], "before")
    with pytest.raises(Invalid):
        turn(firm, "manager", asked, turning.call_in, [firm.people["engineer"]], "beside")
    turn(firm, "manager", asked, turning.call_in, [firm.people["engineer"]], "after")
    with pytest.raises(Invalid):
        turn(firm, "engineer", asked, turning.hand_over, firm.people["manager"])


def test_a_consent_is_handed_over_for_good(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 转办: the other decides in his own name; whoever gave it away has nothing to decide any more."""
    turn(firm, "manager", asked, turning.hand_over, firm.people["clerk"], reason="出差")
    with pytest.raises(Forbidden):
        firm.agree(asked, "manager")
    firm.agree(asked, "clerk")
    assert waiting(firm, asked) == ["Finance"]


def test_sent_back_to_its_maker_it_starts_over(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 退回发起人: the reason is needed; the maker changes it and everybody is asked again."""
    firm.agree(asked, "manager")
    with pytest.raises(Invalid):
        turn(firm, "finance", asked, turning.send_back, opinion=" ")
    back = turn(firm, "finance", asked, turning.send_back, opinion="请补账期")
    assert (back.state, back.approval) == ("draft", "rejected")
    firm.move(firm.edit(back, subject="账期30天"), "submit")
    assert states(firm, asked) == ["open", "waiting", "waiting"]


def test_sent_back_to_come_straight_it_comes_to_whoever_sent_it(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 直达退回人: the manager's consent stands, told as skipped; he is not asked again, nor twice."""
    firm.agree(asked, "manager", "同意")
    back = turn(firm, "finance", asked, turning.send_back, opinion="请补账期", resume="straight")
    firm.move(firm.edit(back, subject="账期30天"), "submit")
    assert states(firm, asked) == ["skipped", "open", "waiting"]
    firm.agree(asked, "finance")
    assert firm.agree(asked, "boss").state == "approved"


@pytest.mark.parametrize(("resume", "then"), [("over", ["Finance"]), ("straight", ["General manager"])])
def test_sent_back_to_an_earlier_step_it_is_asked_there_again(
    firm: Firm, asked: Quotation, resume: str, then: list[str]
) -> None:
    """PLT-06: the leader sends it to the manager, who decides once more; then finance again, or the leader at once."""
    firm.agree(asked, "manager")
    firm.agree(asked, "finance")
    with pytest.raises(Invalid):
        turn(firm, "boss", asked, turning.send_back, opinion="再议", to=7)
    turn(firm, "boss", asked, turning.send_back, opinion="再议", to=1, resume=resume)
    assert waiting(firm, asked) == ["Sales manager"]
    firm.agree(asked, "manager", "已核")
    assert waiting(firm, asked) == then
    if then == ["Finance"]:
        firm.agree(asked, "finance")
    assert firm.agree(asked, "boss").state == "approved"


def test_those_who_are_asked_are_reminded_once_in_a_while(firm: Firm, asked: Quotation) -> None:
    """PLT-06: 催办: only who asked may, and not twice within the hours that the company sets."""
    with pytest.raises(Forbidden):
        firm.run("manager", lambda w: turning.remind(w, Quotation, asked.id))
    firm.run("rep", lambda w: turning.remind(w, Quotation, asked.id))
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: turning.remind(w, Quotation, asked.id))
    firm.settings(core__remind_hours=0)
    firm.run("rep", lambda w: turning.remind(w, Quotation, asked.id))


def test_a_company_may_close_withdrawal_with_the_first_decision(firm: Firm, asked: Quotation) -> None:
    """PLT-06: until the first action, or at any time, as the company sets."""
    firm.settings(core__withdraw="first")
    firm.agree(asked, "manager")
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: decide.withdraw(w, Quotation, asked.id))
    firm.settings(core__withdraw="any")
    assert firm.run("rep", lambda w: decide.withdraw(w, Quotation, asked.id)).approval == "withdrawn"


def test_a_consent_is_due_after_workdays(firm: Firm) -> None:
    """PLT-06: the days to decide are workdays of the company's calendar, from when it is one's turn."""
    policy(firm, step(SALES_MANAGER, days=3))
    quotation = offered(firm)
    firm.move(quotation, "submit")

    def look(work: Work) -> tuple[Any, Any]:
        task = reading.my_tasks(work)[0]
        last = work.company.workdays.add(work.today, 3)
        return task.due_at - task.opened_at, timedelta(days=(last - work.today).days)

    given, expected = firm.read("manager", look)
    assert given == expected


def test_what_is_sent_for_reading_holds_nothing_up(firm: Firm) -> None:
    """PLT-06: 抄送: finance gets it when the manager has agreed, is asked nothing, and has read it when he says so."""
    policy(firm, step(SALES_MANAGER), step(FINANCE, mode="copy"), step(GENERAL_MANAGER))
    quotation, refused = offered(firm), offered(firm)
    for one in (quotation, refused):
        firm.move(one, "submit")
    finance = firm.people["finance"]

    def box() -> list[str]:
        return [row.state for row in firm.read("finance", lambda w: reading.sent_to(w, finance))]

    assert box() == []
    firm.agree(quotation, "manager")
    assert (box(), firm.read("finance", reading.my_tasks)) == (["open"], [])
    with pytest.raises(Forbidden):
        firm.run("finance", lambda w: decide.agree_to(w, Quotation, quotation.id))
    assert firm.agree(quotation, "boss").state == "approved"
    assert firm.run("finance", lambda w: decide.read(w, quotation.id))
    assert box() == ["approved"]
    assert not firm.run("finance", lambda w: decide.read(w, quotation.id))
    firm.reject(refused, "manager")
    assert box() == ["approved"]


def test_a_rule_only_for_reading_asks_nobody(firm: Firm) -> None:
    """Where nobody has to agree, it goes its way at once."""
    policy(firm, step(FINANCE, mode="copy"))
    assert firm.move(offered(firm), "submit").state == "approved"
