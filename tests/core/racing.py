"""Races: four programs in processes of their own that act on one database at the same moment, round after round.

They are started once, and given all rounds of a race at a time; each answers with what became of its acts.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from sqlalchemy import event

from core.app import Program, open_program
from core.db.engine import is_sqlite, open_engine
from core.errors import DomainError
from core.testing.builders import Firm
from core.work import Ask, System, Work

RACERS, ROUNDS = 4, 50
PATIENCE = 120.0
DONE = "done"
# How long a racer stops before a statement, at most: so that another comes between what is read and what is written.
STOP = 0.001


@dataclass(frozen=True, slots=True)
class Act:
    """What one racer does in a round: who, or the program, does it for which company, and the command."""

    company: int
    account: int | System
    command: Callable[[Work], Any]


Round = Sequence[Act | None]


def act(firm: Firm, who: str, command: Callable[[Work], Any]) -> Act:
    """An act of one of the firm's people; the command must be known by name to other processes."""
    return Act(firm.id, firm.people[who], command)


@dataclass(slots=True)
class Told:
    """What became of a race: by round the answer to each act, ``done`` or the code of a refusal; and all retries."""

    answers: list[list[str]]
    retries: int = 0

    def of(self, place: int) -> list[str]:
        """The answers of one round."""
        return self.answers[place]


class Track:
    """Racers over one database, ready to run."""

    def __init__(self, links: Sequence[Any]) -> None:
        self._links = links

    def run(self, rounds: Sequence[Round]) -> Told:
        """Run all rounds, one after the other, everybody at the same moment; raises when somebody breaks down."""
        padded = [[*one, *[None] * (RACERS - len(one))] for one in rounds]
        for place, link in enumerate(self._links):
            link.send([one[place] for one in padded])
        told = []
        for link in self._links:
            assert link.poll(PATIENCE), "a racer gives no answer"
            told.append(link.recv())
        answers = [[told[place][0][n] for place in range(len(rounds[n]))] for n in range(len(rounds))]
        return Told(answers, sum(retries for _answers, retries in told))


@contextmanager
def racers(url: str) -> Iterator[Track]:
    """Four racers over the database at ``url``, for the length of the block."""
    context = get_context("spawn")
    barrier = context.Barrier(RACERS)
    pairs = [context.Pipe() for _place in range(RACERS)]
    running = [
        context.Process(target=_race, args=(url, place, barrier, far), daemon=True)
        for place, (_near, far) in enumerate(pairs)
    ]
    for one in running:
        one.start()
    try:
        for near, _far in pairs:
            assert near.poll(PATIENCE), "a racer does not start"
            near.recv()
        yield Track([near for near, _far in pairs])
    finally:
        for near, far in pairs:
            near.send(None)
            near.close()
            far.close()
        for one in running:
            one.join(timeout=10)
            one.kill()
            one.join()


class _Retries(logging.Handler):
    """Counts what the program tried again inside."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += "attempt" in record.getMessage()


def _race(url: str, place: int, barrier: Any, link: Any) -> None:
    """The life of a racer: wait for rounds, run them, answer."""
    engine = open_engine(url, threads=1)
    program = open_program(engine)
    retries, chance = _Retries(), random.Random(place)
    logging.getLogger("zhanggui.work").addHandler(retries)
    if not is_sqlite(engine):
        event.listen(engine, "before_cursor_execute", lambda *_all: time.sleep(chance.uniform(0, STOP)))
    link.send("ready")
    while (acts := link.recv()) is not None:
        before, answers = retries.count, []
        for one in acts:
            barrier.wait(timeout=PATIENCE)
            answers.append(_carried_out(program, one))
        link.send((answers, retries.count - before))
    engine.dispose()


def _carried_out(program: Program, one: Act | None) -> str:
    if one is None:
        return ""
    try:
        program.works.run(Ask(one.company, one.account), one.command)
    except DomainError as error:
        return error.code
    except Exception as error:  # what nobody may ever see is told to the test
        return f"{type(error).__name__}: {error}"
    return DONE
