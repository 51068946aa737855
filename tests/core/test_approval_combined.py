"""Consents in combination: called in and sent back, some of several and straight again, read and withdrawn, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.approvals import reading
from core.errors import Conflict, Forbidden, Invalid, Objection, Refused, Strength
from core.extension.core_settings import WITHDRAW
from core.hooks.calls import Hooks
from core.operations import company, credentials, decide, late, people, turning
from core.operations.duties import daily
from core.operations.verifying.consents import verify_consents
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, REPRESENTATIVE, SALES_MANAGER, TECHNICAL
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.text import _
from plugins.quotation.documents import Quotation
from tests.core.test_approval_late import MONDAY, seen_to
from tests.core.test_approval_late import submitted as submitted_on
from tests.core.test_approval_plans import employed, offered, policy, states, step, waiting
from tests.core.test_approval_sneaky import approval_of, away, hold, submitted, today
from tests.core.test_approval_turns import open_for, turn
from tests.core.test_duties import told as heard

__all__ = ["today"]


def three_managers(firm: Firm) -> None:
    """Purchasing's man and the leader are sales managers as well."""
    hold(firm, "purchaser", PURCHASING, SALES_MANAGER)
    hold(firm, "boss", GENERAL_MANAGER, SALES_MANAGER)


def straight_back(firm: Firm, quotation: Quotation, who: str) -> None:
    """``who`` sends it back to come straight again; the asker changes it and asks again."""
    back = turn(firm, who, quotation, turning.send_back, opinion="请补账期", resume="straight")
    firm.move(firm.edit(back, subject="账期30天"), "submit")


def objecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on an area wants finance's consent to every move."""
    over = Objection("credit.over", _("Over"), Strength.APPROVE, by=FINANCE)
    monkeypatch.setattr(Hooks, "document_objections", lambda _self, _document, _move: [over])


def closed(firm: Firm, who: str, *, again: bool = False) -> None:
    """Close somebody's account in the whole installation, or open it ``again``."""
    with firm.program.works.installation() as connection:
        credentials.set_active(connection, firm.people[who], again)


# An empty step --------------------------------------------------------------------------------------------------------


def test_what_is_only_sent_for_reading_is_no_consent_to_an_objection(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLT-06: finance is sent every quotation for reading; where an area wants finance's consent, it is asked for."""
    policy(firm, step(FINANCE, mode="copy"))
    quotation = offered(firm)
    objecting(monkeypatch)
    assert firm.move(quotation, "submit").approval == "pending"
    firm.run("finance", lambda w: decide.read(w, quotation.id))
    assert approval_of(firm, quotation) == "pending"
    task = [t.id for t in firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1] if t.mode != "copy"]
    assert firm.run("finance", lambda w: decide.agree(w, task[0])).approval == "approved"


def test_the_program_agrees_to_no_objection_that_its_rule_does_not_speak_of(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLT-06: the rule lets the program agree to what it asks for itself; what an area objects is for people."""
    policy(firm, step(FINANCE, days=1, late="agree"))
    objecting(monkeypatch)
    quotation = submitted_on(firm)
    assert seen_to(firm, MONDAY.replace(day=MONDAY.day + 2)) == ["remind"]
    assert approval_of(firm, quotation) == "pending"


def test_the_program_agrees_only_where_every_rule_lets_it(firm: Firm) -> None:
    """PLT-06: of two rules that ask the manager one lets the program agree; for the other somebody has to look."""
    policy(firm, step(SALES_MANAGER))
    quotation = submitted_on(firm, step(SALES_MANAGER, days=1, late="agree"))
    assert seen_to(firm, MONDAY.replace(day=MONDAY.day + 2)) == ["remind"]
    assert states(firm, quotation) == ["open"]


def test_a_step_of_whom_the_installation_refuses_is_empty(firm: Firm) -> None:
    """PLT-06: the only engineer's account is closed: refused at once, and asked again when it is open again."""
    policy(firm, step(TECHNICAL))
    quotation = offered(firm)
    closed(firm, "engineer")
    with pytest.raises(Refused):
        firm.move(quotation, "submit")
    closed(firm, "engineer", again=True)
    assert firm.move(quotation, "submit").approval == "pending"


def test_for_whom_the_installation_refuses_his_superior_decides(firm: Firm) -> None:
    """PLT-06: who was asked by name when his account was closed is answered for like somebody who has left."""
    employed(firm, "engineer", "boss")
    quotation = submitted(firm, step(None, who="person", person_id=firm.people["engineer"]))
    closed(firm, "engineer")
    assert [row.document_id for row in firm.read("boss", reading.my_tasks)] == [quotation.id]
    assert firm.agree(quotation, "boss").state == "approved"


def test_the_superior_who_has_left_is_not_asked(firm: Firm) -> None:
    """PLT-06: without one above him nobody is left, and it is refused at once; else it is the one above."""
    employed(firm, "rep", "manager")
    quotation = offered(firm)
    firm.run("admin", lambda w: people.dismiss(w, firm.people["manager"]))
    policy(firm, step(None, who="superior"))
    with pytest.raises(Refused):
        firm.move(quotation, "submit")
    employed(firm, "manager", "boss")
    firm.run("admin", lambda w: people.dismiss(w, firm.people["manager"]))
    firm.move(quotation, "submit")
    assert open_for(firm, quotation) == [firm.people["boss"]]


# Calling in -----------------------------------------------------------------------------------------------------------


def test_who_was_called_in_before_calls_in_after_himself(firm: Firm) -> None:
    """PLT-06: the manager decides when the engineer's clerk has agreed too; it does not stop in between."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    turn(firm, "manager", quotation, turning.call_in, [firm.people["engineer"]], "before")
    turn(firm, "engineer", quotation, turning.call_in, [firm.people["clerk"]], "after")
    assert open_for(firm, quotation) == [firm.people["clerk"]]
    firm.agree(quotation, "clerk")
    assert waiting(firm, quotation) == ["Sales manager"]
    firm.agree(quotation, "manager")
    assert firm.agree(quotation, "finance").state == "approved"


def test_who_calls_in_after_himself_and_calls_off_gives_the_turn_back(firm: Firm) -> None:
    """PLT-06: 减签 within a 加签: the manager is asked when nobody is left whom the engineer called in."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    turn(firm, "manager", quotation, turning.call_in, [firm.people["engineer"]], "before")
    turn(firm, "engineer", quotation, turning.call_in, [firm.people["clerk"]], "after")
    task = firm.task(quotation, "clerk")
    firm.run("engineer", lambda w: turning.call_off(w, task))
    assert waiting(firm, quotation) == ["Sales manager"]


def test_where_some_are_enough_those_called_in_by_another_are_not_waited_for(firm: Firm) -> None:
    """PLT-06: two of three have agreed; the third, who had called the engineer in, and the engineer are asked no more.

    Whom one of the two has called in after himself is waited for.
    """
    three_managers(firm)
    policy(firm, step(SALES_MANAGER, mode="some", needed=2), step(FINANCE))
    first, second = offered(firm), offered(firm)
    for quotation in (first, second):
        firm.move(quotation, "submit")
    turn(firm, "manager", first, turning.call_in, [firm.people["engineer"]], "advice")
    firm.agree(first, "purchaser")
    firm.agree(first, "boss")
    assert waiting(firm, first) == ["Finance"]
    assert states(firm, first).count("cancelled") == 2
    turn(firm, "manager", second, turning.call_in, [firm.people["engineer"]], "after")
    firm.agree(second, "purchaser")
    assert "Finance" not in waiting(firm, second)
    firm.agree(second, "engineer")
    assert waiting(firm, second) == ["Finance"]


@pytest.mark.parametrize("way", ["before", "after"])
def test_where_some_are_enough_who_was_called_in_refuses_for_one_seat(firm: Firm, way: str) -> None:
    """PLT-06: the engineer, whom the manager called in, refuses: the other two of three are needed, and are enough."""
    three_managers(firm)
    policy(firm, step(SALES_MANAGER, mode="some", needed=2))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    both = [firm.people[who] for who in ("engineer", "clerk")]
    turn(firm, "manager", quotation, turning.call_in, both, way)
    assert firm.reject(quotation, "engineer").approval == "pending"
    assert sorted(open_for(firm, quotation), key=str) == sorted(firm.people[who] for who in ("purchaser", "boss"))
    with pytest.raises((Conflict, Forbidden)):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "purchaser").approval == "pending"
    assert firm.agree(quotation, "boss").state == "approved"


def test_who_was_sent_it_for_reading_may_be_asked_as_well(firm: Firm) -> None:
    """PLT-06: a copy is no consent, so its reader can be handed one."""
    quotation = submitted(firm, step(TECHNICAL, mode="copy"), step(SALES_MANAGER))
    turn(firm, "manager", quotation, turning.hand_over, firm.people["engineer"])
    done = firm.run("engineer", lambda w: decide.agree_to(w, Quotation, quotation.id))
    assert done.state == "approved"


def test_who_advises_sends_nothing_back_and_lets_nobody_else_decide(firm: Firm) -> None:
    """PLT-06: 协办: an opinion and no more, whichever way it is given; the manager goes on as he thinks right."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    turn(firm, "manager", quotation, turning.call_in, [firm.people["engineer"]], "advice")
    with pytest.raises(Conflict):
        turn(firm, "engineer", quotation, turning.send_back, opinion="不行")
    for way in ("before", "after"):
        with pytest.raises(Invalid):
            turn(firm, "engineer", quotation, turning.call_in, [firm.people["clerk"]], way)
    turn(firm, "engineer", quotation, turning.call_in, [firm.people["clerk"]], "advice")
    firm.reject(quotation, "clerk", "不行")
    firm.reject(quotation, "engineer", "不行")
    assert waiting(firm, quotation) == ["Sales manager"]
    assert approval_of(firm, quotation) == "pending"


# Sending back ---------------------------------------------------------------------------------------------------------


def test_sent_back_twice_every_step_is_asked_once_in_its_order(firm: Firm) -> None:
    """PLT-06: sent to the manager, who agrees again, and once more: three consents are needed each time, not six."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE), step(GENERAL_MANAGER))
    for _round in range(3):
        firm.agree(quotation, "manager")
        firm.agree(quotation, "finance")
        turn(firm, "boss", quotation, turning.send_back, opinion="再议", to=1)
        assert sorted(states(firm, quotation)[-3:]) == ["open", "waiting", "waiting"]
    for who, expected in (("manager", "Sales manager"), ("finance", "Finance"), ("boss", "General manager")):
        assert waiting(firm, quotation) == [expected]
        done = firm.agree(quotation, who)
    assert done.state == "approved"


def test_sent_back_after_it_came_straight_the_steps_between_keep_their_places(firm: Firm) -> None:
    """PLT-06: finance, asked once before the manager was asked again, is still between him and the leader."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE), step(GENERAL_MANAGER))
    firm.agree(quotation, "manager")
    firm.agree(quotation, "finance")
    turn(firm, "boss", quotation, turning.send_back, opinion="再议", to=1, resume="straight")
    firm.agree(quotation, "manager")
    turn(firm, "boss", quotation, turning.send_back, opinion="财务再看", to=2)
    assert waiting(firm, quotation) == ["Finance"]
    firm.agree(quotation, "finance")
    assert waiting(firm, quotation) == ["General manager"]
    assert firm.agree(quotation, "boss").state == "approved"


def test_where_some_agreed_the_others_are_not_asked_when_it_comes_straight(firm: Firm) -> None:
    """PLT-06: two of three had agreed, finance sent it back: it comes to finance, not to the third."""
    three_managers(firm)
    quotation = submitted(firm, step(SALES_MANAGER, mode="some", needed=2), step(FINANCE))
    firm.agree(quotation, "purchaser")
    firm.agree(quotation, "boss")
    straight_back(firm, quotation, "finance")
    assert waiting(firm, quotation) == ["Finance"]
    assert firm.agree(quotation, "finance").state == "approved"


def test_a_consent_that_was_handed_over_stands_and_its_sender_is_asked_again(firm: Firm) -> None:
    """PLT-06: whoever has a consent from somebody else keeps it when it comes straight, given or still to be given."""
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    turn(firm, "manager", quotation, turning.hand_over, firm.people["engineer"])
    firm.agree(quotation, "engineer")
    turn(firm, "finance", quotation, turning.hand_over, firm.people["clerk"])
    straight_back(firm, quotation, "clerk")
    assert states(firm, quotation) == ["skipped", "open"]
    assert open_for(firm, quotation) == [firm.people["clerk"]]
    assert firm.agree(quotation, "clerk").state == "approved"


@pytest.mark.parametrize("way", ["edits", "submits"])
def test_whose_consent_stood_and_who_then_makes_it_agrees_no_more(firm: Firm, way: str) -> None:
    """PLT-06: sent back to come straight, the manager himself changes it, or asks for it: another has to agree."""
    hold(firm, "boss", GENERAL_MANAGER, SALES_MANAGER)
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    firm.agree(quotation, "manager")
    back = turn(firm, "finance", quotation, turning.send_back, opinion="请补账期", resume="straight")
    if way == "edits":
        firm.move(firm.edit(back, "manager", subject="账期30天"), "submit")
    else:
        firm.move(back, "submit", "manager")
    assert waiting(firm, quotation) == ["Sales manager"]
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    firm.agree(quotation, "boss")
    assert firm.agree(quotation, "finance").state == "approved"


def test_side_by_side_what_was_agreed_to_stands_when_it_comes_straight(firm: Firm) -> None:
    """PLT-06: technology had agreed beside finance, who sends it back: only finance is asked once more."""
    quotation = submitted(firm, step(FINANCE), step(TECHNICAL, beside=True), step(GENERAL_MANAGER))
    firm.agree(quotation, "engineer")
    straight_back(firm, quotation, "finance")
    assert waiting(firm, quotation) == ["Finance"]
    firm.agree(quotation, "finance")
    assert firm.agree(quotation, "boss").state == "approved"


# What has changed meanwhile -------------------------------------------------------------------------------------------


def test_nothing_is_agreed_into_closed_books(firm: Firm, today: Any) -> None:
    """PLT-06: asked for before the month was closed, agreed to afterwards: it waits, also for the program."""
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="agree"))
    firm.run("admin", lambda w: company.close_books(w, today))
    with pytest.raises(Conflict) as error:
        firm.agree(quotation, "manager")
    assert error.value.code == "period.closed"
    task, firm.today = firm.task(quotation, "manager"), today + timedelta(days=9)
    assert firm.as_program(lambda w: late.see_to(w, task)) == "remind"
    assert approval_of(firm, quotation) == "pending"
    firm.run("admin", lambda w: company.close_books(w, None))
    assert firm.agree(quotation, "manager").state == "approved"


# Withdrawing ----------------------------------------------------------------------------------------------------------


def test_reading_and_what_stands_are_no_first_decision(firm: Firm) -> None:
    """PLT-06: withdrawal is closed by the first decision on this request, not by a reader, nor by one before."""
    firm.settings(**{WITHDRAW.key.replace(".", "__"): "first"})
    policy(firm, step(TECHNICAL, mode="copy"), step(SALES_MANAGER), step(FINANCE))
    first, second = offered(firm), offered(firm)
    for quotation in (first, second):
        firm.move(quotation, "submit")
        firm.run("engineer", lambda w, q=quotation: decide.read(w, q.id))  # type: ignore[misc]
    assert firm.run("rep", lambda w: decide.withdraw(w, Quotation, first.id)).approval == "withdrawn"
    firm.agree(second, "manager")
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: decide.withdraw(w, Quotation, second.id))
    straight_back(firm, second, "finance")
    assert firm.run("rep", lambda w: decide.withdraw(w, Quotation, second.id)).approval == "withdrawn"


def test_what_the_program_decided_is_a_first_decision(firm: Firm) -> None:
    """PLT-06: the program has agreed for the manager: the request has begun."""
    firm.settings(**{WITHDRAW.key.replace(".", "__"): "first"})
    quotation = submitted_on(firm, step(SALES_MANAGER, days=1, late="agree"), step(FINANCE))
    assert seen_to(firm, MONDAY.replace(day=MONDAY.day + 2)) == ["agree"]
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id))


# Whose turn it is -----------------------------------------------------------------------------------------------------


def test_what_one_has_agreed_to_already_does_not_wait_for_one(firm: Firm, today: Any) -> None:
    """PLT-06: of two steps of one's own the second is in the others' boxes alone, also where somebody stood in."""
    hold(firm, "manager", SALES_MANAGER, FINANCE)
    policy(firm, step(SALES_MANAGER), step(FINANCE))
    own, stood_in = offered(firm), offered(firm)
    for quotation in (own, stood_in):
        firm.move(quotation, "submit")
    firm.agree(own, "manager")
    away(firm, "manager", "purchaser", today)
    firm.agree(stood_in, "purchaser")
    for who, expected in (("manager", []), ("purchaser", []), ("finance", [own.id, stood_in.id])):
        assert [row.document_id for row in firm.read(who, reading.my_tasks)] == expected, who


def test_a_box_full_of_what_others_decide_hides_nothing(firm: Firm) -> None:
    """PLT-06: the oldest hundred are one's own quotations, which one never agrees to: the next is still there."""
    hold(firm, "rep", REPRESENTATIVE, SALES_MANAGER)
    policy(firm, step(SALES_MANAGER))
    for who in ("rep", "rep", "rep", "rep2", "rep", "rep2"):
        quotation = offered(firm, who=who)
        firm.move(quotation, "submit", who)
    found = firm.read("rep", lambda w: reading.my_tasks(w, most=2))
    assert [row.created_by for row in found] == [firm.people["rep2"]] * 2


def test_who_stands_in_is_meant_by_the_consent_of_whom_he_stands_in_for(firm: Firm, today: Any) -> None:
    """PLT-06: of several that are open side by side a program need not say which."""
    quotation = submitted(firm, step(FINANCE), step(TECHNICAL, beside=True))
    away(firm, "engineer", "purchaser", today)
    firm.run("purchaser", lambda w: decide.agree_to(w, Quotation, quotation.id))
    assert waiting(firm, quotation) == ["Finance"]


def test_of_some_who_hand_over_and_stand_in_nobody_counts_twice(firm: Firm, today: Any) -> None:
    """PLT-06: the clerk has the manager's consent and stands in for another of the three: he is one of the two."""
    three_managers(firm)
    quotation = submitted(firm, step(SALES_MANAGER, mode="some", needed=2))
    turn(firm, "manager", quotation, turning.hand_over, firm.people["clerk"])
    away(firm, "purchaser", "clerk", today)
    firm.agree(quotation, "clerk")
    with pytest.raises((Conflict, Forbidden)):
        firm.agree(quotation, "clerk")
    assert approval_of(firm, quotation) == "pending"
    assert firm.agree(quotation, "boss").state == "approved"


def test_a_late_consent_goes_to_the_superior_who_reads_it_already(firm: Firm) -> None:
    """PLT-06: that the superior was sent a copy does not keep him from being asked instead."""
    employed(firm, "manager", "boss")
    quotation = submitted_on(
        firm, step(GENERAL_MANAGER, mode="copy"), step(SALES_MANAGER, days=1, late="escalate"), on=MONDAY
    )
    assert seen_to(firm, MONDAY.replace(day=MONDAY.day + 2)) == ["escalate"]
    assert firm.people["boss"] in open_for(firm, quotation)


def test_a_place_that_was_only_read_is_no_step_to_send_it_back_to(firm: Firm) -> None:
    """Nobody would be asked there."""
    quotation = submitted(firm, step(TECHNICAL, mode="copy"), step(SALES_MANAGER), step(FINANCE))
    firm.agree(quotation, "manager")
    with pytest.raises(Invalid):
        turn(firm, "finance", quotation, turning.send_back, opinion="再议", to=1)
    turn(firm, "finance", quotation, turning.send_back, opinion="再议", to=2)
    assert "Sales manager" in waiting(firm, quotation)


# Who made it ----------------------------------------------------------------------------------------------------------


def test_whoever_changed_it_before_others_did_has_made_it_as_well(firm: Firm) -> None:
    """PLT-06: the manager changed the price, the asker a word after him: it is still the manager's own work.

    Once it was revised, only who has changed the new revision has made it.
    """
    hold(firm, "boss", GENERAL_MANAGER, SALES_MANAGER)
    policy(firm, step(SALES_MANAGER))
    quotation = firm.edit(firm.edit(offered(firm), "manager", subject="让价"), "rep", subject="让价。")
    firm.move(quotation, "submit")
    assert firm.read("manager", reading.my_tasks) == []
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    with pytest.raises(Invalid):
        turn(firm, "boss", quotation, turning.hand_over, firm.people["manager"])
    assert firm.agree(quotation, "boss").state == "approved"
    revised = firm.edit(firm.edit(firm.move(quotation, "revise"), "rep", subject="V2"), "rep", subject="V2。")
    firm.move(revised, "submit")
    assert [row.document_id for row in firm.read("manager", reading.my_tasks)] == [quotation.id]
    assert firm.agree(revised, "manager").state == "approved"


def test_who_only_read_it_or_advised_has_agreed_once(firm: Firm) -> None:
    """PLT-06: nothing is wrong with a record on which somebody was sent a copy, gave advice and then agreed."""
    hold(firm, "purchaser", PURCHASING, GENERAL_MANAGER)
    policy(firm, step(FINANCE, mode="copy"), step(SALES_MANAGER), step(GENERAL_MANAGER), step(FINANCE))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.run("finance", lambda w: decide.read(w, quotation.id))
    turn(firm, "manager", quotation, turning.call_in, [firm.people["boss"]], "advice")
    for who in ("boss", "manager", "boss", "finance"):
        done = firm.agree(quotation, who)
    assert done.state == "approved"
    assert firm.as_program(lambda w: list(verify_consents(w))) == []


# Being told -----------------------------------------------------------------------------------------------------------


def test_a_reminder_reaches_those_who_may_still_decide_and_who_stands_in_for_them(firm: Firm, today: Any) -> None:
    """PLT-06: 催办: finance has agreed, technology is on leave: the engineer and his stand-in are told, nobody else."""
    quotation = submitted(firm, step(FINANCE), step(TECHNICAL, beside=True), step(GENERAL_MANAGER))
    away(firm, "engineer", "purchaser", today)
    firm.agree(quotation, "finance")
    firm.run("rep", lambda w: turning.remind(w, Quotation, quotation.id))
    said = {who: heard(firm, who, "reminder") for who in firm.people}
    assert sorted(who for who, texts in said.items() if texts) == ["engineer", "purchaser"]
    assert said["engineer"][0].startswith("Wang Xiaoming reminds you: Your consent is asked for: Quotation")
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: turning.remind(w, Quotation, quotation.id))
    assert len(heard(firm, "engineer", "reminder")) == 1


def test_who_lets_the_last_day_pass_is_told_by_the_program(firm: Firm) -> None:
    """PLT-06: 超时: to remind is to tell, not only to note it."""
    submitted_on(firm, step(SALES_MANAGER, days=1, late="remind"))
    assert heard(firm, "manager", "reminder") == []
    assert seen_to(firm, MONDAY.replace(day=MONDAY.day + 2)) == ["remind"]
    assert [text.partition(":")[0] for text in heard(firm, "manager", "reminder")] == ["Nobody has decided in time"]


def test_who_is_asked_is_told_once_for_each_time_and_his_stand_in_as_well(firm: Firm, today: Any) -> None:
    """PLT-06: the manager hears of it again when the engineer's advice has come back to him."""
    quotation = submitted(firm, step(SALES_MANAGER))
    away(firm, "manager", "purchaser", today)
    assert [firm.as_program(daily.tell_asked) for _time in range(2)] == [2, 0]
    assert [len(heard(firm, who, "consent")) for who in ("manager", "purchaser", "engineer")] == [1, 1, 0]
    turn(firm, "manager", quotation, turning.call_in, [firm.people["engineer"]], "advice")
    assert firm.as_program(daily.tell_asked) == 1
    firm.agree(quotation, "engineer")
    assert firm.as_program(daily.tell_asked) == 2
    assert len(heard(firm, "manager", "consent")) == 2


def test_nobody_is_told_of_what_he_could_not_give(firm: Firm) -> None:
    """PLT-06: who holds both roles has agreed once; the second consent is the others'."""
    hold(firm, "manager", SALES_MANAGER, FINANCE)
    quotation = submitted(firm, step(SALES_MANAGER), step(FINANCE))
    firm.agree(quotation, "manager")
    assert firm.as_program(daily.tell_asked) == 1
    assert [len(heard(firm, who, "consent")) for who in ("manager", "finance")] == [0, 1]


def test_programs_read_all_four_boxes(firm: Firm, other_firm: Firm) -> None:
    """PLT-06: 待我审批、我已审批、我发起的、抄送我 over the interface, each person's own, page by page."""
    policy(firm, step(TECHNICAL, mode="copy"), step(SALES_MANAGER))
    made = [offered(firm) for _time in range(3)]
    for quotation in made:
        firm.move(quotation, "submit")
    firm.agree(made[0], "manager", "同意")
    at, api = "/core/approvals", {who: api_for(firm, who) for who in ("rep", "manager", "engineer")}
    assert [row["document"]["id"] for row in said(api["manager"].get(at))["items"]] == [made[1].id, made[2].id]
    assert [row["opinion"] for row in said(api["manager"].get(f"{at}/decided"))["items"]] == ["同意"]
    first = said(api["rep"].get(f"{at}/asked?size=2"))
    rest = said(api["rep"].get(f"{at}/asked?size=2&before={first['next']}"))
    assert [row["state"] for row in (*first["items"], *rest["items"])] == ["pending", "pending", "approved"]
    assert rest["next"] is None
    copies = said(api["engineer"].get(f"{at}/copies"))["items"]
    assert [(row["document"]["id"], row["read_at"]) for row in copies] == [(q.id, None) for q in reversed(made)]
    read = f"{at}/copies/{copies[0]['id']}/read"
    assert said(api["engineer"].post(read, {}))["read_at"]
    assert (
        said(api["engineer"].post(read, {}))["read_at"]
        == said(api["engineer"].get(f"{at}/copies"))["items"][0]["read_at"]
    )
    strangers = (api["manager"], api_for(other_firm, "engineer"))
    assert [one.post(read, {}).status_code for one in strangers] == [404, 404]
    assert [said(one.get(f"{at}/copies"))["items"] for one in strangers] == [[], []]
