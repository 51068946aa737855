"""Consents that nobody gives in time: reminded, handed to the superior, given or refused by the program, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.approvals import reading
from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.reading import load
from core.errors import Forbidden, Invalid, Objection
from core.jobs.core_jobs import LATE, ONE_LATE, look_for_late_consents, see_to_late_consent
from core.jobs.job import JobType
from core.jobs.runner import Runner
from core.operations import company, decide, late, move, people, turning
from core.records.reading import entries
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, SALES_MANAGER, TECHNICAL
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.text import _
from core.work import Ask, System, Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import employed, offered, policy, states, step, waiting
from tests.core.test_approval_turns import turn

# A Monday; the test company works from Monday to Friday and has no holidays entered.
MONDAY = date(2031, 3, 3)
KINDS = {
    LATE: JobType(LATE, _("Test"), look_for_late_consents, every=timedelta(days=36500)),
    ONE_LATE: JobType(ONE_LATE, _("Test"), see_to_late_consent),
}


def at(firm: Firm, day: date, command: Any, who: str = "") -> Any:
    """What somebody, or the program, does at noon of a day."""
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    actor: int | System = firm.people[who] if who else System("test")
    return firm.program.works.run(Ask(firm.id, actor, now=noon), command)


def submitted(firm: Firm, *steps: Any, on: date = MONDAY) -> Quotation:
    """A quotation that was submitted at noon of a day."""
    firm.today = on
    if steps:
        policy(firm, *steps)
    quotation = offered(firm)
    at(firm, on, lambda w: move.move(w, Quotation, quotation.id, "submit"), "rep")
    return quotation


def seen_to(firm: Firm, day: date) -> list[str]:
    """What the program does on a day about all consents that are late."""
    tasks = at(firm, day, lambda w: [key for key, _due in late.overdue(w)])
    return [at(firm, day, lambda w, k=key: late.see_to(w, k)) for key in tasks]


def told(firm: Firm, quotation: Quotation) -> list[tuple[str, str, str]]:
    """The latest entries of the history: what, by whom, why."""
    rows = firm.read("rep", lambda w: entries(w, Quotation, quotation.id))
    return [(row["what"], row["actor"], row["reason"]) for row in rows]


def test_the_last_of_its_workdays_counts_whole(firm: Firm) -> None:
    """PLT-06: three workdays from Monday end with Thursday; the program acts on Friday, and once."""
    quotation = submitted(firm, step(SALES_MANAGER, days=3, late="remind"))
    assert [seen_to(firm, MONDAY + timedelta(days=n)) for n in (0, 1, 2, 3)] == [[], [], [], []]
    assert seen_to(firm, MONDAY + timedelta(days=4)) == ["remind"]
    assert seen_to(firm, MONDAY + timedelta(days=4)) == []
    what, who, why = told(firm, quotation)[0]
    assert (what, who) == ("remind", "system:test")
    assert "3" in why
    assert states(firm, quotation) == ["open"]


def test_days_on_which_nobody_works_do_not_count(firm: Firm) -> None:
    """PLT-06: a weekend and a holiday give more time, the holiday also when it is entered afterwards."""
    friday = MONDAY + timedelta(days=4)
    quotation = submitted(firm, step(SALES_MANAGER, days=2, late="refuse"), on=friday)
    # Friday, then Monday and Tuesday; Tuesday becomes a holiday only now, so Wednesday is the last.
    tuesday = MONDAY + timedelta(days=8)
    firm.run("admin", lambda w: company.choose_days(w, [(tuesday, False, "放假", "Holiday")]))
    assert seen_to(firm, tuesday) == []
    assert seen_to(firm, tuesday + timedelta(days=1)) == [""]
    assert seen_to(firm, tuesday + timedelta(days=1)) == []
    assert states(firm, quotation) == ["open"]
    assert seen_to(firm, tuesday + timedelta(days=2)) == ["refuse"]
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).approval == "rejected"


def test_the_program_agrees_where_the_rule_says_so_and_the_next_step_is_asked(firm: Firm) -> None:
    """PLT-06: the record says that it was the program, and why; with the last consent the document moves."""
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="agree"), step(FINANCE, days=1, late="agree"))
    assert seen_to(firm, MONDAY + timedelta(days=2)) == ["agree"]
    assert waiting(firm, quotation) == ["Finance"]
    what, who, _why = told(firm, quotation)[0]
    assert (what, who) == ("agree", "system:test")
    # Finance has a day of its own, from when it was asked.
    assert seen_to(firm, MONDAY + timedelta(days=3)) == []
    assert seen_to(firm, MONDAY + timedelta(days=4)) == ["agree"]
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).state == "approved"
    task = firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1][0]
    assert (task.state, task.acted_by) == ("approved", None)
    assert "workdays" in task.opinion or "工作日" in task.opinion
    page = Visitor(site_of(firm), firm, "rep").get(f"/quotation/quotations/{quotation.id}/").text
    assert "The program" in page


def test_what_stands_against_the_move_by_now_is_left_to_people(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLT-06: the program does not agree to what would be refused; it reminds, and says why."""
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="agree"))

    def objects(work: Work, document: Any) -> Iterator[Objection]:
        yield Objection("test.gone", _("The goods are sold out."))

    moves = tuple(replace(m, checks=(*m.checks, objects)) for m in Quotation.workflow.transitions)
    with monkeypatch.context() as changed:
        changed.setattr(Quotation, "workflow", replace(Quotation.workflow, transitions=moves))
        assert seen_to(firm, MONDAY + timedelta(days=2)) == ["remind"]
    what, _who, why = told(firm, quotation)[0]
    assert what == "remind"
    assert "The goods are sold out." in why
    assert states(firm, quotation) == ["open"]
    assert firm.agree(quotation, "manager").state == "approved"


def test_it_is_handed_to_the_superior_and_on_to_his(firm: Firm) -> None:
    """PLT-06: 超时上报: level by level; who made it is passed over; with nobody above one is reminded."""
    employed(firm, "purchaser", "manager")
    employed(firm, "manager", "boss")
    quotation = submitted(firm, step(PURCHASING, days=1, late="escalate"))
    assert seen_to(firm, MONDAY + timedelta(days=2)) == ["escalate"]
    with pytest.raises(Forbidden):
        firm.agree(quotation, "purchaser")
    assert [t.assignee_id for t in open_of(firm, quotation)] == [firm.people["manager"]]
    # He reads on what he was asked about; the manager has a day of his own, then the boss is asked.
    assert seen_to(firm, MONDAY + timedelta(days=3)) == []
    assert seen_to(firm, MONDAY + timedelta(days=4)) == ["escalate"]
    assert [t.assignee_id for t in open_of(firm, quotation)] == [firm.people["boss"]]
    assert told(firm, quotation)[0][:2] == ("escalate", "system:test")
    assert seen_to(firm, MONDAY + timedelta(days=8)) == ["remind"]
    assert seen_to(firm, MONDAY + timedelta(days=9)) == []
    assert firm.agree(quotation, "boss").state == "approved"


def open_of(firm: Firm, quotation: Quotation) -> list[Any]:
    """The consents that are open."""
    return [t for t in firm.as_program(lambda w: reading.rounds(w, quotation.id))[0][1] if t.state == "open"]


def test_a_superior_who_made_it_or_is_needed_later_is_not_asked(firm: Firm) -> None:
    """PLT-06: nobody agrees to his own, nor twice, also when the program asks: the next above is asked."""
    employed(firm, "purchaser", "rep")
    employed(firm, "rep", "manager")
    employed(firm, "manager", "boss")
    quotation = submitted(firm, step(PURCHASING, days=1, late="escalate"), step(SALES_MANAGER))
    assert seen_to(firm, MONDAY + timedelta(days=2)) == ["escalate"]
    assert [t.assignee_id for t in open_of(firm, quotation)] == [firm.people["boss"]]


def test_of_some_a_late_one_counts_as_refused_only_for_itself(firm: Firm) -> None:
    """PLT-06: two of three are enough: one that the program refuses is outvoted, as one that a person refuses is."""
    keys = [SALES_MANAGER.key]
    for who in ("purchaser", "boss"):
        firm.run("admin", lambda w, k=who: people.set_roles(w, firm.people[k], keys))  # type: ignore[misc]
    quotation = submitted(firm, step(SALES_MANAGER, mode="some", needed=2, days=1, late="refuse"))
    at(firm, MONDAY, lambda w: decide.agree_to(w, Quotation, quotation.id), "manager")
    tasks = at(firm, MONDAY + timedelta(days=2), lambda w: [key for key, _due in late.overdue(w)])
    assert len(tasks) == 2
    at(firm, MONDAY + timedelta(days=2), lambda w: late.see_to(w, tasks[0]))
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).approval == "pending"
    at(firm, MONDAY + timedelta(days=2), lambda w: late.see_to(w, tasks[1]))
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).approval == "rejected"


def test_whom_somebody_has_called_in_is_only_reminded(firm: Firm) -> None:
    """PLT-06: the rule lets the program agree for its own people, not for whom they ask besides."""
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="agree"))
    task = firm.task(quotation, "manager")
    called = [firm.people["engineer"]]
    at(firm, MONDAY, lambda w: turning.call_in(w, task, called, "before"), "manager")
    assert seen_to(firm, MONDAY + timedelta(days=2)) == ["remind"]
    assert [t.assignee_id for t in open_of(firm, quotation)] == called


def test_who_decides_in_time_is_left_alone(firm: Firm) -> None:
    """Nothing happens to what was decided, withdrawn, or has no limit."""
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="agree"), step(FINANCE))
    other = submitted(firm, step(TECHNICAL), on=MONDAY)
    tasks = at(firm, MONDAY + timedelta(days=2), lambda w: [key for key, _due in late.overdue(w)])
    assert len(tasks) == 2
    turn(firm, "manager", quotation, decide.agree)
    assert at(firm, MONDAY + timedelta(days=2), lambda w: late.see_to(w, tasks[0])) == ""
    firm.run("rep", lambda w: decide.withdraw(w, Quotation, other.id))
    assert at(firm, MONDAY + timedelta(days=2), lambda w: late.see_to(w, tasks[1])) == ""
    assert seen_to(firm, MONDAY + timedelta(days=30)) == []


def test_the_job_does_it_once_however_often_it_runs(firm: Firm) -> None:
    """PLT-06: a job finds them and leaves one job for each; two runners, one after the other, remind once."""
    past = date(2026, 1, 5)
    quotation = submitted(firm, step(SALES_MANAGER, days=1, late="remind"), on=past)
    first, second = (Runner(firm.program.works, kinds=KINDS) for _n in range(2))
    assert first.run_due() >= 2
    second.run_due()
    firm.as_program(look_for_late_consents)
    second.run_due()
    assert [what for what, _who, _why in told(firm, quotation)].count("remind") == 1


def test_a_rule_says_after_how_many_days(firm: Firm) -> None:
    """What happens without a day, or where nobody decides, is refused; an administrator sees it in the browser."""
    with pytest.raises(Invalid):
        policy(firm, step(SALES_MANAGER, late="agree"))
    with pytest.raises(Invalid):
        policy(firm, step(SALES_MANAGER, mode="copy", days=1, late="agree"))
    with pytest.raises(Invalid):
        policy(firm, step(SALES_MANAGER, days=1, late="nonsense"))
    admin, rules = Visitor(site_of(firm), firm, "admin"), "/administration/approval-rules/"
    role = firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == GENERAL_MANAGER.key))
    fields = {"name": "重大", "move": "quotation.quotation:submit", "active": "1", "position": "0"}
    row = {"who-0": "role", "role-0": str(role), "mode-0": "one", "days-0": "2", "late-0": "escalate"}
    assert admin.post(f"{rules}new", **{**fields, **row, "late-0": "nonsense"}).status_code == 422
    assert admin.post(f"{rules}new", **{**fields, **row, "days-0": ""}).status_code == 422
    assert admin.post(f"{rules}new", **fields, **row).status_code == 303
    assert "Ask the superior instead" in admin.get(rules).text
    kept = firm.as_program(lambda w: [s.late for s in masters_of(w)])
    assert kept == ["escalate"]


def masters_of(work: Work) -> list[Any]:
    """The steps of the rule that is in force."""
    rule = work.session.scalars(select(ApprovalPolicy).where(ApprovalPolicy.active)).one()
    return list(work.session.scalars(select(PolicyStep).where(PolicyStep.policy_id == rule.id)))


def test_programs_and_boxes_see_what_is_late(firm: Firm) -> None:
    """PLT-06: the day and what happens then are told; the box and the bell mark what is late."""
    submitted(firm, step(SALES_MANAGER, days=1, late="remind"), on=date(2026, 1, 5))
    (task,) = said(api_for(firm, "manager").get("/core/approvals"))["items"]
    assert task["late"] == "remind"
    assert task["due_at"].startswith("2026-01-06")
    page = Visitor(site_of(firm), firm, "manager").get("/approvals/").text
    assert "Overdue" in page
