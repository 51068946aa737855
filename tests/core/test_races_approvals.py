"""Approvers in four processes who decide at the same moment, round after round, on each engine: one outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.app import open_program
from core.approvals.models import ApprovalTask
from core.db.engine import open_engine
from core.documents.reading import load
from core.errors import Conflict
from core.operations import decide, late, people, turning
from core.records.models import History
from core.records.verify import verify_history
from core.roles import SALES_MANAGER
from core.testing.builders import Firm
from core.testing.fixtures import database_on
from core.text import _
from core.work import System, Work
from plugins.quotation.documents import Quotation
from tests.core.racing import DONE, Act, Told, Track, act, racers
from tests.core.test_approval_plans import offered, policy, step

ROUNDS = 20
_TASK: Any = ApprovalTask.__table__


def withdrawn(work: Work, key: int) -> None:
    """The asker takes it back."""
    decide.withdraw(work, Quotation, key)


def agreed(work: Work, key: int) -> None:
    """The consent that is open for whoever acts."""
    decide.agree_to(work, Quotation, key)


def refused(work: Work, key: int) -> None:
    """Its refusal."""
    decide.reject_it(work, Quotation, key, opinion="太低")


def handed_over(work: Work, task: int, account: int) -> None:
    """The consent is given to somebody else."""
    turning.hand_over(work, task, account)


def called_in(work: Work, task: int, account: int) -> None:
    """Somebody else is asked first."""
    turning.call_in(work, task, [account], "before")


def seen_to(work: Work, task: int) -> None:
    """The program sees to what is late; that there was nothing to do is told as a refusal."""
    if not late.see_to(work, task):
        raise Conflict(_("Nothing was to do."), code="late.nothing")


class Arena:
    """A company, and four racers over its database."""

    def __init__(self, firm: Firm, track: Track) -> None:
        self.firm, self._track = firm, track

    def submitted(self, *steps: Any) -> list[Quotation]:
        """Quotations that wait for these steps and no others."""
        self.firm.drop_policies()
        policy(self.firm, *steps)
        made = [offered(self.firm) for _n in range(ROUNDS)]
        return [self.firm.move(one, "submit") for one in made]

    def run(self, rounds: Sequence[Sequence[Act]]) -> Told:
        """Run the rounds; nobody may be told of anything but a refusal with its reason."""
        told = self._track.run(rounds)
        strange = {a for answers in told.answers for a in answers if a in ("busy", "stale") or ":" in a}
        assert not strange
        return told

    def read(self, one: Quotation) -> Quotation:
        """A quotation as it is now."""
        return self.firm.as_program(lambda w: load(w, Quotation, one.id))

    def approval(self, one: Quotation) -> str:
        """How its approval stands."""
        return str(self.read(one).approval)

    def task(self, one: Quotation) -> int:
        """The consent that is open of it."""
        return self.firm.task(one, "manager")

    def moves(self, made: Sequence[Quotation]) -> list[int]:
        """How often each of them was moved."""
        history: Any = History.__table__
        moved = select(history.c.document_id).where(
            history.c.what == "submit", history.c.document_id.in_([one.id for one in made])
        )
        found = self.firm.as_program(lambda w: list(w.connection.execute(moved).scalars()))
        return [found.count(one.id) for one in made]

    def back_dated(self, tasks: Sequence[int]) -> None:
        """Let these consents have been asked for a month ago."""

        def command(work: Work) -> None:
            ago = work.now - timedelta(days=30)
            values = {"opened_at": ago, "due_at": ago + timedelta(days=1)}
            work.connection.execute(update(_TASK).where(_TASK.c.id.in_(tasks)).values(values))

        self.firm.as_program(command)


class Races:
    """The races; the classes below run them, each on its own engine."""

    engine: str

    @pytest.fixture(scope="class")
    @classmethod
    def arena(cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
        folder: Path = tmp_path_factory.mktemp("races")
        with database_on(cls.engine, request, folder) as database:
            engine = open_engine(database.url)
            firm = Firm.founded(open_program(engine), "race", "竞速照明有限公司", areas=["quotation"])
            for who in ("boss", "purchaser"):
                firm.run("admin", lambda w, k=who: people.set_roles(w, firm.people[k], [SALES_MANAGER.key]))  # type: ignore[misc]
            with racers(database.url) as track:
                yield Arena(firm, track)
            engine.dispose()

    def test_of_all_who_decide_at_once_one_does(self, arena: Arena) -> None:
        """PLT-06: two agree, one refuses, the asker takes it back: exactly one of them, and the document says which."""
        made = arena.submitted(step(SALES_MANAGER))
        told = arena.run(
            [
                [
                    act(arena.firm, "manager", partial(agreed, key=one.id)),
                    act(arena.firm, "boss", partial(agreed, key=one.id)),
                    act(arena.firm, "purchaser", partial(refused, key=one.id)),
                    act(arena.firm, "rep", partial(withdrawn, key=one.id)),
                ]
                for one in made
            ]
        )
        outcomes = ["approved", "approved", "rejected", "withdrawn"]
        for one, answers in zip(made, told.answers, strict=True):
            assert answers.count(DONE) == 1, answers
            assert arena.approval(one) == outcomes[answers.index(DONE)]
        assert arena.moves(made) == [int(arena.approval(one) == "approved") for one in made]

    def test_the_last_two_of_three_who_agree_at_once_move_it_once(self, arena: Arena) -> None:
        """PLT-06: all three agree at the same moment, each in his own seat: all count, and it moves one time."""
        made = arena.submitted(step(SALES_MANAGER, mode="all"))
        three = ("manager", "boss", "purchaser")
        told = arena.run([[act(arena.firm, who, partial(agreed, key=one.id)) for who in three] for one in made])
        assert [answers.count(DONE) for answers in told.answers] == [3] * ROUNDS
        assert arena.moves(made) == [1] * ROUNDS
        numbers = [arena.read(one).number for one in made]
        assert len(set(numbers)) == ROUNDS

    def test_two_of_three_are_enough_and_the_third_does_not_move_it_again(self, arena: Arena) -> None:
        """PLT-06: n of m under pressure: whoever comes third is told that it was decided."""
        made = arena.submitted(step(SALES_MANAGER, mode="some", needed=2))
        three = ("manager", "boss", "purchaser")
        told = arena.run([[act(arena.firm, who, partial(agreed, key=one.id)) for who in three] for one in made])
        assert [answers.count(DONE) for answers in told.answers] == [2] * ROUNDS
        assert arena.moves(made) == [1] * ROUNDS

    def test_a_consent_is_given_handed_over_or_shared_but_one_of_these(self, arena: Arena) -> None:
        """PLT-06: the same person in three windows, and the clerk whom he hands it to."""
        made = arena.submitted(step(who="person", person_id=arena.firm.people["manager"], name="经理"))
        clerk, engineer = arena.firm.people["clerk"], arena.firm.people["engineer"]
        told = arena.run(
            [
                [
                    act(arena.firm, "manager", partial(agreed, key=one.id)),
                    act(arena.firm, "manager", partial(handed_over, task=task, account=clerk)),
                    act(arena.firm, "manager", partial(called_in, task=task, account=engineer)),
                ]
                for one, task in ((one, arena.task(one)) for one in made)
            ]
        )
        for one, answers in zip(made, told.answers, strict=True):
            assert answers.count(DONE) == 1, answers
            assert (arena.approval(one) == "approved") == (answers[0] == DONE)

    def test_what_is_late_is_seen_to_once(self, arena: Arena) -> None:
        """PLT-06: two workers and a manager at the same moment: one decision, by the program or by him."""
        made = arena.submitted(step(SALES_MANAGER, days=1, late="agree"))
        tasks = [arena.task(one) for one in made]
        arena.back_dated(tasks)
        program = System("late")
        told = arena.run(
            [
                [
                    Act(arena.firm.id, program, partial(seen_to, task=task)),
                    Act(arena.firm.id, program, partial(seen_to, task=task)),
                    act(arena.firm, "manager", partial(agreed, key=one.id)),
                ]
                for one, task in zip(made, tasks, strict=True)
            ]
        )
        assert [answers.count(DONE) for answers in told.answers] == [1] * ROUNDS
        assert arena.moves(made) == [1] * ROUNDS
        assert arena.firm.as_program(lambda w: list(verify_history(w))) == []


class TestOnSqlite(Races):
    """One file, one writer at a time."""

    engine = "sqlite"


class TestOnPostgresql(Races):
    """A server, and four sessions on it."""

    engine = "postgresql"
