"""Jobs as areas declare them: a function of a ``Work``, by name, some of them every so often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.text import Text
from core.work import Work

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class JobType:
    """A kind of job: its name is ``area.verb``; ``every`` makes it periodic for each company that uses the area."""

    name: str
    label: Text
    command: Command
    every: timedelta | None = None
    attempts: int = 5
    outside: bool = False

    @property
    def area(self) -> str:
        """The area that must be in use."""
        return self.name.partition(".")[0]

    def period(self, now: datetime) -> int:
        """Which turn of a periodic job ``now`` belongs to; one job per company and turn."""
        return int(now.timestamp() // (self.every or timedelta(days=1)).total_seconds())


JOBS: dict[str, JobType] = {}
PROGRESS = "progress"


class Hopeless(Exception):
    """A job that cannot succeed: it is given up at once, with the reason."""


def job(
    name: str, label: Text, *, every: timedelta | None = None, attempts: int = 5, outside: bool = False
) -> Callable[[Command], Command]:
    """Declare a job. The command is called as ``command(work, **args)`` in a transaction of its own, as the program.

    It may run again after a crash, so it must be safe to repeat. One that works ``outside`` of the database, over a
    network, only reads in its command and gives back what is to be done there: a function without arguments, called
    while no transaction is open, whose own answer is a function of a work that commits together with the job's mark.
    None: there is nothing to do any more.
    """

    def declare(command: Command) -> Command:
        JOBS[name] = JobType(name, label, command, every, attempts, outside)
        return command

    return declare


def works_for(work: Work, kind: JobType) -> bool:
    """Whether the company of ``work`` uses the job's area."""
    return kind.area == "core" or kind.area in work.areas


def progress(work: Work, percent: int) -> None:
    """Say how far a long job is, from 0 to 100; shown while it is running."""
    work.kept[PROGRESS] = max(0, min(percent, 99))
