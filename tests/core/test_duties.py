"""Duties: there as long as their records say so, due by the company's working days, told to whoever leads when late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core.calendar import MONDAY_TO_SATURDAY, Workdays, statutory
from core.documents.reading import load
from core.duties import team
from core.duties.kinds import DutyKind, kinds_of
from core.duties.models import Duty
from core.duties.reading import Due, my_duties
from core.entities.party import Party
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.messages import reading as messages
from core.operations import handing_over, masters, people, standing_in, telling
from core.operations.company import choose_days, switch_off, switch_on
from core.operations.duties import acts, daily, tasks
from core.operations.handing_over import Share
from core.records.reading import entries
from core.roles import REPRESENTATIVE, SALES_MANAGER
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import CHINESE, _, speaking
from core.work import Work
from plugins.crm.masters import Tracking
from plugins.quotation.documents import Inquiry, Quotation
from tests.core.test_approval_plans import policy, step

ANSWER = "quotation.inquiry.answer"
SOON = "quotation.inquiry.answer_soon"
_DUTY: Any = Duty.__table__


@pytest.fixture(autouse=True)
def calendar(firm: Firm) -> None:
    """The year 2026 with its statutory days."""
    rows = [(d.day, d.is_workday, d.name, d.name_en) for d in statutory(2026)]
    firm.as_program(lambda w: choose_days(w, rows))


def inquiry(firm: Firm, who: str = "rep", **values: Any) -> Inquiry:
    """What a customer asks for."""
    given = {"party_id": firm.party(who).id, "project": "体育馆亮化", "lines": [line(firm.item(), "2")], **values}
    return firm.create(Inquiry, who, **given)


def found(firm: Firm, who: str, kind: str = "") -> list[Due]:
    """What somebody has to do, of one kind."""
    return [one for one in firm.read(who, my_duties) if not kind or one.kind == kind]


def rows(firm: Firm) -> list[Any]:
    """What was left of duties."""
    return firm.as_program(lambda w: list(w.connection.execute(select(_DUTY).order_by(_DUTY.c.id))))


def go_round(firm: Firm) -> int:
    """The daily round, on the firm's day."""
    return firm.as_program(daily.go_round)


def told(firm: Firm, who: str, topic: str = "") -> list[str]:
    """What somebody was told, the latest first."""

    def look(work: Work) -> list[str]:
        found = [one for one in messages.mine(work) if not topic or one.topic == topic]
        return [str(telling.told(work, one.text, one.details)) for one in found]

    return firm.read(who, look)


def late(firm: Firm, who: str = "rep") -> Inquiry:
    """An inquiry whose day is past, on file."""
    firm.today = date(2026, 11, 2)
    made = inquiry(firm, who, deadline="2026-11-04")
    firm.today = date(2026, 11, 6)
    go_round(firm)
    return made


# Open and closed ------------------------------------------------------------------------------------------------------


def test_a_duty_opens_with_its_record_and_is_closed_by_the_event_itself(firm: Firm) -> None:
    """PLT-11: in the same transaction, and nothing is written for it; nobody but its owner has it."""
    made = inquiry(firm, deadline="2030-01-04")
    (duty,) = found(firm, "rep", ANSWER)
    assert (duty.record.id, duty.due, duty.account_id) == (made.id, date(2030, 1, 4), firm.people["rep"])
    assert found(firm, "rep2") == []
    firm.move(made, "quote")
    assert found(firm, "rep", ANSWER) == []
    assert rows(firm) == []


@pytest.mark.parametrize(
    ("begun", "days", "due"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # the national day's week is off
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked in exchange
        (date(2026, 2, 13), 3, date(2026, 2, 25)),
        (date(2026, 4, 30), 3, date(2026, 5, 8)),
        (date(2026, 11, 6), 1, date(2026, 11, 9)),
        (date(2026, 11, 6), 0, date(2026, 11, 6)),
    ],
)
def test_days_are_working_days_of_the_companys_calendar(firm: Firm, begun: date, days: int, due: date) -> None:
    """PLT-11: with China's adjusted workdays; late from the day after."""
    firm.settings(quotation__answer_days=days)
    firm.today = begun
    inquiry(firm)
    assert [one.due for one in found(firm, "rep", SOON)] == [due]
    firm.today = due
    assert go_round(firm) == 0
    firm.today = due + timedelta(days=1)
    assert go_round(firm) == 1
    (row,) = rows(firm)
    assert (row.kind, row.since, row.due, row.account_id) == (SOON, begun, due, firm.people["rep"])


@pytest.mark.parametrize("days", [-12, -1, 0, 1, 2, 5, 30])
@pytest.mark.parametrize("week", [frozenset(range(5)), MONDAY_TO_SATURDAY])
def test_what_is_late_in_the_database_is_late_by_the_calendar(days: int, week: frozenset[int]) -> None:
    """The border that is compared with is the last day from which one counts to the day asked for."""

    class Here:
        workdays = Workdays.of(statutory(2026), week=week)

    kind = DutyKind(key="core.test", of=Party, label=_("Test"), title=_("Test"), days=days)
    here: Any = Here()
    for ahead in range(0, 360, 7):
        day = date(2026, 1, 5) + timedelta(days=ahead)
        border = kind.latest(here, day)
        assert (kind.due(here, border) or day) <= day
        assert (kind.due(here, border + timedelta(days=1)) or day) > day


def test_duties_of_an_area_that_is_off_are_gone(firm: Firm) -> None:
    """PLT-11: for persons, teams and the daily round; they come back with their rows when it is on again."""
    firm.today = date(2026, 11, 2)
    sheet: dict[str, Any] = {"party_id": firm.party().id, "next_contact": date(2026, 11, 3)}
    firm.run("rep", lambda w: masters.save(w, Tracking, sheet))
    firm.today = date(2026, 11, 5)
    assert go_round(firm) == 1
    assert [one.kind for one in found(firm, "rep")] == ["crm.tracking.call"]
    firm.run("admin", lambda w: switch_off(w, "crm"))
    assert found(firm, "rep") == []
    assert firm.read("boss", lambda w: (team.counts(w, None, 7), team.listed(w, None, 7))) == ([], [])
    assert go_round(firm) == 0
    firm.run("admin", lambda w: switch_on(w, "crm"))
    assert [one.kind for one in found(firm, "rep")] == ["crm.tracking.call"]
    assert [(row.kind, row.closed_at) for row in rows(firm)] == [("crm.tracking.call", None)]


# The daily round ------------------------------------------------------------------------------------------------------


def test_a_late_duty_is_filed_once_and_alarms_whoever_leads(firm: Firm) -> None:
    """PLT-11: the superior is told; without one, whoever oversees everybody; the day itself is not late."""
    boss = firm.people["boss"]
    firm.as_program(lambda w: people.employ(w, firm.people["rep2"], superior_id=boss, roles=[REPRESENTATIVE.key]))
    firm.today = date(2026, 11, 2)
    for who in ("rep", "rep2"):
        inquiry(firm, who, deadline="2026-11-04")
    firm.today = date(2026, 11, 4)
    assert (go_round(firm), told(firm, "manager", "alarm")) == (0, [])
    firm.today = date(2026, 11, 5)
    assert (go_round(firm), go_round(firm)) == (2, 0)
    assert [(row.kind, row.due) for row in rows(firm)] == [(ANSWER, date(2026, 11, 4))] * 2
    assert told(firm, "manager", "alarm") == ["Newly late with your people: Inquiries to answer: 2"]
    assert told(firm, "boss", "alarm") == ["Newly late with your people: Inquiries to answer: 2"]
    assert told(firm, "rep", "alarm") == []
    with speaking(CHINESE):
        assert told(firm, "boss", "alarm") == ["您的人员新逾期：待报价询价：2"]


def test_an_alarm_goes_to_the_superior_alone_where_nobody_is_named(firm: Firm) -> None:
    """PLT-11: of a kind that names no leaders, the superior or the head hears, and whoever oversees only without."""
    firm.as_program(
        lambda w: people.employ(w, firm.people["rep"], superior_id=firm.people["clerk"], roles=[REPRESENTATIVE.key])
    )
    assert firm.as_program(lambda w: daily.leaders(w, "core.task", firm.people["rep"])) == [firm.people["clerk"]]
    both = sorted([firm.people["manager"], firm.people["boss"]])
    assert firm.as_program(lambda w: daily.leaders(w, "core.task", firm.people["rep2"])) == both


def test_an_alarm_passes_over_who_has_left_and_reaches_who_stands_in(firm: Firm) -> None:
    """PLT-11: a superior who works here no more alarms nobody; one who is away has somebody who stands in for him."""
    roles = [REPRESENTATIVE.key]
    clerk, boss = firm.people["clerk"], firm.people["boss"]
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], superior_id=clerk, roles=roles))
    last = date(2026, 11, 3)
    firm.as_program(lambda w: people.employ(w, clerk, superior_id=boss, roles=None, valid_until=last))
    firm.today = date(2026, 11, 2)
    firm.run("manager", lambda w: tasks.give(w, firm.people["rep"], "盘点样品", date(2026, 11, 4)))
    week = date(2026, 11, 9)
    firm.run("boss", lambda w: standing_in.stand_in(w, firm.people["finance"], firm.today or week, week))
    firm.today = date(2026, 11, 5)
    go_round(firm)
    alarmed = {who for who in firm.people if who != "clerk" and told(firm, who, "alarm")}
    assert alarmed == {"boss", "finance"}


def test_everybody_is_told_his_day_once_on_working_days(firm: Firm) -> None:
    """PLT-11: how much is due today and late, in the morning, by the company's hour; nobody on a day off."""
    firm.settings(core__morning_hour=0)
    firm.today = date(2026, 11, 2)
    inquiry(firm, deadline="2026-11-06")
    inquiry(firm, deadline="2026-11-05")
    firm.today = date(2026, 11, 6)
    go_round(firm)
    go_round(firm)
    assert told(firm, "rep", "morning") == ["Due today: 1. Late: 1."]
    firm.today = date(2026, 11, 7)
    go_round(firm)
    assert len(told(firm, "rep", "morning")) == 1


def test_the_round_is_as_many_statements_for_any_number_of_records(firm: Firm) -> None:
    """Set-based, on both engines; nothing is read or written row by row."""
    firm.today = date(2026, 11, 2)
    inquiry(firm, deadline="2026-11-03")
    firm.today = date(2026, 11, 9)
    go_round(firm)
    firm.today = date(2026, 11, 2)
    counts = []
    for number in (1, 7):
        for _n in range(number):
            inquiry(firm, deadline="2026-11-03")
        firm.today = date(2026, 11, 9)
        with counted(firm.program.engine) as statements:
            assert go_round(firm) == number
        counts.append(len(statements))
        firm.today = date(2026, 11, 2)
    assert counts[0] == counts[1], counts
    assert counts[0] <= len(firm.as_program(kinds_of)) + 16, counts


def test_a_page_of_duties_is_two_statements(firm: Firm) -> None:
    for _n in range(3):
        inquiry(firm, deadline="2026-11-03")
    firm.read("rep", my_duties)
    with counted(firm.program.engine) as statements:
        assert len(firm.read("rep", my_duties)) == 3
    # One opens the work.
    assert len(statements) == 3, str(statements)


def test_a_duty_goes_to_another_with_its_record(firm: Firm) -> None:
    """PLT-11: what is on file follows the owner; what was late and is done stays with who was late."""
    made = late(firm)
    assert [row.account_id for row in rows(firm)] == [firm.people["rep"]]
    firm.edit(firm.read("manager", lambda w: load(w, Inquiry, made.id)), "manager", owner_id=firm.people["rep2"])
    assert [one.record.id for one in found(firm, "rep2", ANSWER)] == [made.id]
    assert found(firm, "rep", ANSWER) == []
    go_round(firm)
    assert [row.account_id for row in rows(firm)] == [firm.people["rep2"]]
    assert (found(firm, "rep", ANSWER), len(found(firm, "rep2", ANSWER))) == ([], 1)


# Reasons --------------------------------------------------------------------------------------------------------------


def test_a_late_duty_that_is_done_still_wants_its_reason(firm: Firm) -> None:
    """PLT-11: it stays on the person's page until the good reason (正当理由) is stated, and is in the history then."""
    made = late(firm)
    firm.move(made, "quote")
    (owed,) = found(firm, "rep", ANSWER)
    assert (owed.owed, owed.record.id) == (True, made.id)
    go_round(firm)
    (owed,) = found(firm, "rep", ANSWER)
    with pytest.raises(Invalid):
        firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason=" "))
    with pytest.raises(Unknown):
        firm.run("rep2", lambda w: acts.answer(w, ANSWER, made.id, reason="不是我的"))
    firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="客户图纸迟到"))
    assert found(firm, "rep", ANSWER) == []
    (row,) = rows(firm)
    assert (row.reason, row.reason_by, bool(row.closed_at)) == ("客户图纸迟到", firm.people["rep"], True)
    history = firm.read("boss", lambda w: entries(w, Inquiry, made.id))
    assert [entry["reason"] for entry in history if entry["what"] == "late"] == ["客户图纸迟到"]


def test_the_person_answers_the_alarm_before_it_is_done(firm: Firm) -> None:
    """PLT-11: the reason is shown to whoever leads, and is not asked for twice."""
    made = late(firm)
    firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="等客户确认数量"))
    with pytest.raises(Conflict) as again:
        firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="再说一次"))
    assert again.value.code == "duty.answered"
    listed = firm.read("manager", lambda w: team.listed(w, team.team(w), 7, kind=ANSWER))
    assert [one.reason for one in listed] == ["等客户确认数量"]
    firm.move(made, "quote")
    go_round(firm)
    assert found(firm, "rep", ANSWER) == []


def test_a_reason_that_comes_before_the_alarm_does_not_silence_it(firm: Firm) -> None:
    """PLT-11: whoever leads hears of it all the same, and the reason is there."""
    firm.today = date(2026, 11, 2)
    made = inquiry(firm, deadline="2026-11-04")
    firm.today = date(2026, 11, 5)
    firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="等供应商报价"))
    assert go_round(firm) == 0
    (row,) = rows(firm)
    assert (row.reason, row.late_at is None, row.due) == ("等供应商报价", False, date(2026, 11, 4))
    assert len(told(firm, "boss", "alarm")) == 1
    with pytest.raises(Conflict) as refused:
        firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="noch einer"))
    assert refused.value.code == "duty.answered"
    firm.move(made, "quote")
    assert found(firm, "rep", ANSWER) == []


def test_nothing_is_explained_that_is_not_late(firm: Firm) -> None:
    made = inquiry(firm, deadline="2030-01-04")
    with pytest.raises(Conflict) as refused:
        firm.run("rep", lambda w: acts.answer(w, ANSWER, made.id, reason="早了"))
    assert refused.value.code == "duty.not_late"
    with pytest.raises(Unknown):
        firm.run("rep", lambda w: acts.answer(w, "no.such.kind", made.id, reason="x"))
    with pytest.raises(Unknown):
        firm.run("rep", lambda w: acts.answer(w, ANSWER, 10**18, reason="x"))


# Reminders ------------------------------------------------------------------------------------------------------------


def test_who_leads_reminds_once_within_the_hours_of_the_company(firm: Firm) -> None:
    """PLT-11: 催办 reaches the person; a second one within the hours is refused; a colleague may not."""
    made = inquiry(firm, deadline="2030-01-04")
    with pytest.raises((Forbidden, Unknown)):
        firm.run("rep2", lambda w: acts.remind(w, ANSWER, made.id))
    assert firm.run("manager", lambda w: acts.remind(w, ANSWER, made.id)) == 1
    assert told(firm, "rep", "reminder") == [f"Zhang Wei reminds you: Quote {made.party_name}: 体育馆亮化"]
    with pytest.raises(Conflict) as soon:
        firm.run("boss", lambda w: acts.remind(w, ANSWER, made.id))
    assert soon.value.code == "duty.reminded"
    firm.settings(core__urge_hours=0)
    assert firm.run("boss", lambda w: acts.remind(w, ANSWER, made.id)) == 1
    with pytest.raises(Conflict) as nobody:
        firm.run("rep", lambda w: acts.remind(w, ANSWER, made.id))
    assert nobody.value.code == "duty.nobody"


def test_nobody_is_reminded_who_does_not_work_here_any_more(firm: Firm) -> None:
    """PLT-11: it is said, and does not use up the hours until the next reminder."""
    made = inquiry(firm, deadline="2030-01-04")
    last = firm.as_program(lambda w: w.today) - timedelta(days=1)
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], roles=None, valid_until=last))
    with pytest.raises(Conflict) as nobody:
        firm.run("manager", lambda w: acts.remind(w, ANSWER, made.id))
    assert nobody.value.code == "duty.nobody"
    firm.run("admin", lambda w: handing_over.hand_over(w, firm.people["rep"], [Share(firm.people["rep2"])]))
    assert firm.run("manager", lambda w: acts.remind(w, ANSWER, made.id)) == 1
    assert len(told(firm, "rep2", "reminder")) == 1


def test_a_reminder_before_the_day_becomes_an_alarm_when_it_is_past(firm: Firm) -> None:
    """PLT-11: the row of the reminder is the row of the alarm; the duty is not there twice."""
    firm.today = date(2026, 11, 2)
    made = inquiry(firm, deadline="2026-11-04")
    firm.run("manager", lambda w: acts.remind(w, ANSWER, made.id))
    assert [row.late_at for row in rows(firm)] == [None]
    firm.today = date(2026, 11, 5)
    go_round(firm)
    (row,) = rows(firm)
    assert row.late_at is not None
    assert len(told(firm, "boss", "alarm")) == 1


# Tasks ----------------------------------------------------------------------------------------------------------------


def test_a_task_is_given_ticked_and_explained_when_it_is_late(firm: Firm) -> None:
    """PLT-11: a free task is ticked off by who has it, a late one with its reason only."""
    firm.today = date(2026, 11, 2)
    key = firm.run("manager", lambda w: tasks.give(w, firm.people["rep"], "准备样品", date(2026, 11, 4)))
    assert told(firm, "rep", "task") == ["Zhang Wei asks you: 准备样品"]
    (task,) = [one for one in firm.read("rep", my_duties) if one.task_id]
    assert (str(task.title), task.due, task.asked_by) == ("准备样品", date(2026, 11, 4), firm.people["manager"])
    with pytest.raises(Forbidden):
        firm.run("manager", lambda w: tasks.finish(w, key))
    with pytest.raises(Unknown):
        firm.run("rep2", lambda w: tasks.finish(w, key))
    firm.today = date(2026, 11, 5)
    go_round(firm)
    with pytest.raises(Invalid):
        firm.run("rep", lambda w: tasks.finish(w, key))
    firm.run("rep", lambda w: tasks.finish(w, key, reason="等料"))
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: tasks.finish(w, key, reason="等料"))
    (row,) = rows(firm)
    assert (row.reason, bool(row.late_at)) == ("等料", True)
    assert firm.read("rep", my_duties) == []


def test_bad_tasks_are_refused(firm: Firm, other_firm: Firm) -> None:
    stranger = other_firm.people["rep"]
    for what, whom, due, path in (
        (" ", None, None, "title"),
        ("x", stranger, None, "account_id"),
        ("x", None, date(2020, 1, 1), "due"),
        ("x" * 401, None, None, "title"),
    ):
        with pytest.raises(Invalid) as refused:
            firm.run("rep", lambda w, a=(whom, what, due): tasks.give(w, *a))  # type: ignore[misc]
        assert refused.value.faults[0].path == path


def test_tasks_go_to_a_successor(firm: Firm) -> None:
    """PLT-14: an open one goes along with everything else; who gave it takes it back."""
    key = firm.run("manager", lambda w: tasks.give(w, firm.people["rep"], "准备样品"))
    firm.run("boss", lambda w: handing_over.hand_over(w, firm.people["rep"], [Share(firm.people["rep2"])]))
    assert [one.task_id for one in firm.read("rep2", my_duties)] == [key]
    with pytest.raises(Forbidden):
        firm.run("rep2", lambda w: tasks.withdraw(w, key))
    firm.run("manager", lambda w: tasks.withdraw(w, key))
    assert firm.read("rep2", my_duties) == []


# Teams ----------------------------------------------------------------------------------------------------------------


def test_a_team_is_whoever_stands_below_one(firm: Firm) -> None:
    """PLT-11: counts by person and kind, late ones first; only of those whom one leads, and never of others."""
    clerk = firm.people["clerk"]
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], superior_id=clerk, roles=[REPRESENTATIVE.key]))
    firm.today = date(2026, 11, 2)
    inquiry(firm, "rep", deadline="2026-11-03")
    inquiry(firm, "rep", deadline="2026-11-09")
    inquiry(firm, "rep2", deadline="2026-11-03")
    firm.today = date(2026, 11, 5)
    assert firm.read("rep", team.leads) is False
    assert firm.read("clerk", team.team) == frozenset({firm.people["rep"]})
    counts = [c for c in firm.read("clerk", lambda w: team.counts(w, team.team(w), 7)) if c.kind == ANSWER]
    assert [(c.account_id, c.late, c.today, c.coming) for c in counts] == [(firm.people["rep"], 1, 0, 1)]
    listed = firm.read("clerk", lambda w: team.listed(w, team.team(w), 7, kind=ANSWER))
    assert [one.due for one in listed] == [date(2026, 11, 3), date(2026, 11, 9)]
    everybody = firm.read("boss", lambda w: team.listed(w, team.team(w), 7, kind=ANSWER))
    assert [one.account_id for one in everybody] == [firm.people[who] for who in ("rep", "rep2", "rep")]
    other = firm.read("clerk", lambda w: team.listed(w, team.team(w), 7, person=firm.people["rep2"]))
    assert other == []


def test_counting_a_team_takes_one_statement(firm: Firm) -> None:
    inquiry(firm)
    firm.read("boss", lambda w: team.counts(w, None, 7))
    with counted(firm.program.engine) as statements:
        firm.read("boss", lambda w: team.counts(w, None, 7))
    # One opens the work.
    assert len(statements) == 2, str(statements)


def test_another_companys_duties_are_never_seen(firm: Firm, other_firm: Firm) -> None:
    made = late(firm)
    other_firm.today = firm.today
    assert other_firm.read("boss", my_duties) == []
    assert other_firm.read("boss", lambda w: team.counts(w, None, 7)) == []
    with pytest.raises(Unknown):
        other_firm.run("boss", lambda w: acts.answer(w, ANSWER, made.id, reason="x"))
    with pytest.raises(Unknown):
        other_firm.run("boss", lambda w: acts.remind(w, ANSWER, made.id))
    assert other_firm.as_program(daily.go_round) == 0
    assert other_firm.read("boss", messages.mine) == []


# Lost orders and consents ---------------------------------------------------------------------------------------------


def test_what_was_accepted_and_not_gone_on_with_is_pointed_out(firm: Firm) -> None:
    """Released lines that nobody takes are a duty of who answers for them after the company's working days."""
    for area in ("credit", "contract", "production"):
        firm.run("admin", lambda w, a=area: switch_off(w, a))  # type: ignore[misc]
    firm.settings(quotation__next_step_days=3, logistics__drafts=False)
    offer = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    for move in ("submit", "send", "accept"):
        firm.move(offer, move)
    (lost,) = found(firm, "rep", "quotation.quotation.unfollowed")
    today = firm.as_program(lambda w: w.today)
    assert lost.due == firm.as_program(lambda w: w.workdays.add(today, 3))
    assert lost.record.id == offer.id


def test_consents_that_wait_alarm_whoever_leads(firm: Firm) -> None:
    """PLT-06, PLT-11: those asked are told once; what is not given within the company's days is late."""
    policy(firm, step(SALES_MANAGER))
    offer = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    assert firm.move(offer, "submit").approval == "pending"
    assert firm.as_program(daily.tell_asked) == 1
    assert firm.as_program(daily.tell_asked) == 0
    assert len(told(firm, "manager", "consent")) == 1
    assert firm.read("manager", my_duties) == []
    firm.today = firm.as_program(lambda w: w.today) + timedelta(days=20)
    go_round(firm)
    assert [row.kind for row in rows(firm)][:1] == ["core.consent_open"]
    firm.agree(offer, "manager")
    go_round(firm)
    assert [bool(row.closed_at) for row in rows(firm) if row.kind == "core.consent_open"] == [True]


def test_no_kind_is_broken(firm: Firm) -> None:
    """Every kind of every area is read, counted and filed without an objection of the database."""
    everything = [kind.key for kind in firm.read("boss", kinds_of)]
    assert len(everything) > 30
    for who in firm.people:
        firm.read(who, my_duties)
    firm.read("boss", lambda w: (team.counts(w, None, 7), team.listed(w, None, 7)))
    go_round(firm)
    assert firm.as_program(lambda w: w.connection.execute(select(func.count()).select_from(_DUTY)).scalar()) == 0
