"""People who act at the same moment: numbers without holes or twins, one decision, one customer, no overwriting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from core.app import open_program
from core.approvals.models import ApprovalPolicy
from core.db.engine import open_engine
from core.entities.party import Party
from core.errors import Conflict, DomainError, Forbidden, Invalid, Stale
from core.operations import company, decide, edit, masters, move, people
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.work import Ask, Work
from plugins.quotation.documents import Quotation

THREADS = 8


@pytest.fixture
def crowd(database: Database) -> Iterator[Firm]:
    """A firm whose program lets many people act at once."""
    engine = open_engine(database.url, threads=THREADS + 2)
    yield Firm.founded(open_program(engine), "crowd", "人多照明有限公司")
    engine.dispose()


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Carry out all acts at the same moment; gives back what each answered or raised."""
    start = Barrier(len(acts))
    answers: list[Any] = [None] * len(acts)

    def carry_out(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            answers[place] = act()
        except Exception as error:  # the answer of this thread, looked at by the test
            answers[place] = error

    threads = [Thread(target=carry_out, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def drafts(firm: Firm, count: int, on: date | None = None) -> list[Quotation]:
    """Quotations that wait to be submitted."""
    party, item = firm.party(), firm.item()
    day = {"date": on.isoformat()} if on else {}
    return [firm.create(Quotation, party_id=party.id, lines=[line(item)], **day) for _n in range(count)]


class ChangedMindError(RuntimeError):
    """Somebody turns back at the last moment."""


def test_the_first_numbers_of_a_day_have_no_twins_and_no_holes(crowd: Firm) -> None:
    """PLT-04: eight people submit at once, some turn back after the number was asked for; the series stays whole."""

    def submit(quotation: Quotation, *, turns_back: bool) -> str:
        def command(work: Work) -> str:
            moved = move.move(work, Quotation, quotation.id, "submit")
            work.finish()
            if turns_back:
                raise ChangedMindError
            return str(moved.number)

        return crowd.run("rep", command)

    numbers: list[str] = []
    for _round in range(3):
        waiting = drafts(crowd, THREADS)
        answers = at_once(
            [lambda q=q, n=n: submit(q, turns_back=n % 4 == 3) for n, q in enumerate(waiting)]  # type: ignore[misc]
        )
        assert [type(a) for n, a in enumerate(answers) if n % 4 == 3] == [ChangedMindError, ChangedMindError]
        numbers += [a for a in answers if isinstance(a, str)]
    assert len(numbers) == 3 * (THREADS - 2)
    assert sorted(int(n.rpartition("-")[2]) for n in numbers) == list(range(1, len(numbers) + 1))


def test_two_works_over_two_series_in_opposite_order_never_wait_for_each_other(
    crowd: Firm, caplog: pytest.LogCaptureFixture
) -> None:
    today = crowd.as_program(lambda w: w.today)
    early, late = today - timedelta(days=1), today

    def submit(first: Quotation, second: Quotation) -> tuple[str, str]:
        def command(work: Work) -> tuple[str, str]:
            one = move.move(work, Quotation, first.id, "submit")
            two = move.move(work, Quotation, second.id, "submit")
            work.finish()
            return str(one.number), str(two.number)

        return crowd.run("rep", command)

    with caplog.at_level(logging.WARNING, logger="zhanggui.work"):
        for _round in range(10):
            olds, news = drafts(crowd, 2, early), drafts(crowd, 2, late)
            answers = at_once([lambda: submit(olds[0], news[0]), lambda: submit(news[1], olds[1])])  # noqa: B023  # run now
            assert [type(a) for a in answers] == [tuple, tuple], answers
    assert [r.getMessage() for r in caplog.records if "attempt" in r.getMessage()] == []


def asked(firm: Firm) -> tuple[Quotation, int]:
    """A quotation that waits for one consent, and that consent."""
    role = firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == SALES_MANAGER.key))
    policy = {
        "name": "测试审批",
        "document_kind": "quotation.quotation",
        "transition": "submit",
        "steps": [{"name": "销售经理", "role_id": role}],
    }
    firm.run("admin", lambda w: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, policy)))
    quotation = drafts(firm, 1)[0]
    firm.move(quotation, "submit")
    return quotation, firm.task(quotation, "manager")


def second_manager(firm: Firm) -> str:
    account = people.create_account(firm.program.works, f"second@{firm.code}", "第二经理")
    firm.people["second"] = account
    firm.as_program(lambda w: people.employ(w, account, roles=[SALES_MANAGER.key]))
    return "second"


@pytest.mark.parametrize("same_person", [True, False])
def test_a_consent_is_given_once(crowd: Firm, same_person: bool) -> None:
    """Of two who decide at once, or one who clicks twice, exactly one decides."""
    other = "manager" if same_person else second_manager(crowd)
    quotation, task = asked(crowd)
    answers = at_once(
        [lambda w=who: crowd.run(w, lambda work: decide.agree(work, task)) for who in ("manager", other)]  # type: ignore[misc]
    )
    refusals = [a for a in answers if isinstance(a, Exception)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], Conflict)
    history = crowd.as_program(
        lambda w: (
            w.connection.execute(
                text("SELECT what FROM history WHERE document_id = :id ORDER BY id"), {"id": quotation.id}
            )
            .scalars()
            .all()
        )
    )
    assert history == ["create", "ask", "agree", "submit"]


def test_agreeing_and_rejecting_at_once_leave_one_decision(crowd: Firm) -> None:
    second_manager(crowd)
    quotation, task = asked(crowd)
    answers = at_once(
        [
            lambda: crowd.run("manager", lambda w: decide.agree(w, task)),
            lambda: crowd.run("second", lambda w: decide.reject(w, task, opinion="太低")),
        ]
    )
    assert sum(isinstance(a, Conflict) for a in answers) == 1, answers
    won = next(a for a in answers if not isinstance(a, Exception))
    row = crowd.as_program(
        lambda w: w.connection.execute(
            text("SELECT state, approval FROM document WHERE id = :id"), {"id": quotation.id}
        ).one()
    )
    assert tuple(row) == (won.state, won.approval)


def test_a_customer_entered_by_four_people_at_once_is_there_once(crowd: Firm) -> None:
    """CRM-06: one is entered, three are told that it exists."""
    given = {"name": "青岛海天照明工程有限公司", "credit_code": "91350100M000100Y43"}

    def enter(who: str) -> Party:
        return crowd.run(who, lambda w: masters.save(w, Party, inputs.read(Party, given)))

    answers = at_once([lambda w=who: enter(w) for who in ("rep", "rep2", "manager", "clerk")])  # type: ignore[misc]
    refused = [a for a in answers if isinstance(a, Exception)]
    assert len(refused) == 3
    for error in refused:
        assert isinstance(error, DomainError), error
        codes = {fault.code for fault in error.faults} if isinstance(error, Invalid) else {error.code}
        assert codes <= {"duplicate", "conflict.duplicate"}
    count = crowd.as_program(lambda w: w.connection.execute(text("SELECT count(*) FROM party")).scalar())
    assert count == 1


def test_of_two_who_change_what_both_have_seen_one_is_told(crowd: Firm) -> None:
    quotation = drafts(crowd, 1)[0]

    def change(who: str, subject: str) -> Quotation:
        def command(work: Work) -> Quotation:
            return edit.edit(work, Quotation, quotation.id, {"subject": subject}, None, version=quotation.version)

        return crowd.run(who, command)

    answers = at_once([lambda: change("rep", "甲"), lambda: change("manager", "乙")])
    assert sum(isinstance(a, Stale) for a in answers) == 1, answers


def test_of_two_moves_from_one_state_one_is_made(crowd: Firm) -> None:
    quotation = drafts(crowd, 1)[0]
    crowd.move(quotation, "submit")
    crowd.move(quotation, "send")
    answers = at_once(
        [lambda: crowd.move(quotation, "accept"), lambda: crowd.move(quotation, "decline", reason="没有预算")]
    )
    assert sum(isinstance(a, Conflict) for a in answers) <= 1
    assert sum(isinstance(a, Exception) for a in answers) == 1, answers


def test_a_role_taken_away_is_gone_at_the_next_request_of_another_process(crowd: Firm, database: Database) -> None:
    """A second program over the same database, with everything in its memory, refuses at once."""
    engine = open_engine(database.url)
    elsewhere = open_program(engine).works
    rep = crowd.people["rep"]

    def may() -> bool:
        with elsewhere.read(Ask(crowd.id, rep)) as work:
            return work.may("core.party.create")

    assert may()
    crowd.run("admin", lambda w: people.set_roles(w, rep, []))
    assert not may()
    with pytest.raises(Forbidden):
        elsewhere.run(Ask(crowd.id, rep), lambda w: masters.save(w, Party, inputs.read(Party, {"name": "新客户"})))
    crowd.run("admin", lambda w: people.dismiss(w, rep))
    with pytest.raises(DomainError):
        may()
    engine.dispose()


def test_an_area_switched_off_is_gone_at_the_next_request_of_another_process(crowd: Firm, database: Database) -> None:

    engine = open_engine(database.url)
    elsewhere = open_program(engine).works
    with elsewhere.read(Ask(crowd.id, crowd.people["rep"])) as work:
        assert work.may("quotation.quotation.create")
    for needing in crowd.as_program(lambda w: w.types.needing("quotation", w.areas)):
        crowd.as_program(lambda w, a=needing: company.switch_off(w, a))  # type: ignore[misc]
    crowd.as_program(lambda w: company.switch_off(w, "quotation"))
    with elsewhere.read(Ask(crowd.id, crowd.people["rep"])) as work:
        assert not work.may("quotation.quotation.create")
    engine.dispose()
