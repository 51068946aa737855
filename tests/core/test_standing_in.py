"""Standing in for somebody who is away: by days and types, shown with both names, never for what one made oneself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.approvals import reading
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.operations import decide, standing_in
from core.roles import SALES_MANAGER
from core.testing.builders import Firm
from plugins.quotation.documents import Quotation
from tests.core.test_approval_plans import offered, policy, step


@pytest.fixture
def today(firm: Firm) -> date:
    """The company's day."""
    return firm.as_program(lambda w: w.today)


def away(firm: Firm, who: str, to: str, first: date, days: int = 7, **options: Any) -> int:
    """``to`` stands in for ``who`` from ``first`` on."""
    last = first + timedelta(days=days - 1)
    return firm.run(who, lambda w: standing_in.stand_in(w, firm.people[to], first, last, **options))


def submitted(firm: Firm, who: str = "rep") -> Quotation:
    """A quotation that waits for the manager."""
    quotation = offered(firm, who=who)
    firm.move(quotation, "submit", who)
    return quotation


@pytest.fixture(autouse=True)
def rule(firm: Firm) -> None:
    """The manager agrees to every quotation."""
    policy(firm, step(SALES_MANAGER))


def test_who_stands_in_agrees_and_both_are_told(firm: Firm, today: date) -> None:
    """PLT-06: the consent is in the stand-in's box, and its history names him and the one for whom he acts."""
    first, second = submitted(firm), submitted(firm)
    with pytest.raises(Forbidden):
        firm.agree(first, "purchaser")
    away(firm, "manager", "purchaser", today)
    assert [t.document_id for t in firm.read("purchaser", reading.my_tasks)] == [first.id, second.id]
    assert firm.agree(first, "purchaser").state == "approved"
    task = firm.as_program(lambda w: reading.rounds(w, first.id))[0][1][0]
    assert (task.acted_by, task.on_behalf_of) == (firm.people["purchaser"], firm.people["manager"])
    # Who is away may still decide himself.
    assert firm.agree(second, "manager").state == "approved"


def test_it_begins_and_ends_with_its_days(firm: Firm, today: date) -> None:
    """PLT-06: not the day before, nor the day after, nor once it was ended."""
    quotation = submitted(firm)
    key = away(firm, "manager", "purchaser", today + timedelta(days=2), days=2)
    for day, able in ((1, False), (4, False), (3, True)):
        firm.today = today + timedelta(days=day)
        assert bool(firm.read("purchaser", reading.my_tasks)) is able
    firm.run("manager", lambda w: standing_in.end(w, key))
    with pytest.raises(Forbidden):
        firm.agree(quotation, "purchaser")
    with pytest.raises(Conflict):
        firm.run("manager", lambda w: standing_in.end(w, key))


def test_it_may_be_for_some_types_only(firm: Firm, today: date) -> None:
    """For contracts is not for quotations."""
    quotation = submitted(firm)
    away(firm, "manager", "purchaser", today, kinds=["contract.contract"])
    assert firm.read("purchaser", reading.my_tasks) == []
    with pytest.raises(Forbidden):
        firm.agree(quotation, "purchaser")


def test_nobody_agrees_to_his_own_by_standing_in(firm: Firm, today: date) -> None:
    """PLT-06: who made it stands in for the manager, and may not agree to it for him."""
    quotation = submitted(firm)
    away(firm, "manager", "rep", today)
    with pytest.raises(Forbidden):
        firm.agree(quotation, "rep")


def test_only_oneself_or_an_administrator_says_who_stands_in(firm: Firm, today: date) -> None:
    """A colleague is refused; the administrator may for somebody who fell ill, and may end it."""
    manager = firm.people["manager"]
    with pytest.raises(Forbidden):
        away(firm, "rep", "rep2", today, instead_of=manager)
    key = away(firm, "admin", "purchaser", today, instead_of=manager)
    with pytest.raises(Unknown):
        firm.run("rep", lambda w: standing_in.end(w, key))
    assert [row.id for row in firm.read("manager", standing_in.agreements)] == [key]
    assert firm.read("rep", standing_in.agreements) == []
    firm.run("admin", lambda w: standing_in.end(w, key))


def test_what_makes_no_sense_is_refused(firm: Firm, today: date) -> None:
    """Oneself, a stranger, days past or turned round, more than a year, an unknown type, the same twice."""
    for to, first, days in (("manager", today, 7), ("purchaser", today - timedelta(days=9), 3)):
        with pytest.raises(Invalid):
            away(firm, "manager", to, first, days)
    for days in (0, 400):
        with pytest.raises(Invalid):
            away(firm, "manager", "purchaser", today, days)
    with pytest.raises(Invalid):
        away(firm, "manager", "purchaser", today, kinds=["nonsense.paper"])
    with pytest.raises(Invalid):
        firm.run("manager", lambda w: standing_in.stand_in(w, 10**9, today, today))
    away(firm, "manager", "purchaser", today)
    with pytest.raises(Conflict):
        away(firm, "manager", "purchaser", today)


def test_in_turn_with_somebody_standing_in_nobody_agrees_twice(firm: Firm, today: date) -> None:
    """Who has agreed for the manager does not agree once more for himself."""
    policy(firm, step(SALES_MANAGER, name="初批"), step(SALES_MANAGER, name="再批"), name="第二")
    quotation = submitted_of_two(firm)
    away(firm, "manager", "purchaser", today)
    firm.agree(quotation, "purchaser")
    with pytest.raises(Forbidden):
        firm.run("purchaser", lambda w: decide.agree_to(w, Quotation, quotation.id))


def submitted_of_two(firm: Firm) -> Quotation:
    """A quotation that two managers have to agree to."""
    from core.operations import people
    from core.roles import GENERAL_MANAGER

    roles = [GENERAL_MANAGER.key, SALES_MANAGER.key]
    firm.run("admin", lambda w: people.set_roles(w, firm.people["boss"], roles))
    return submitted(firm)
