"""One project of the demonstration on its way from the customer's question to the answer to our offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from core.demonstration.companies import Demonstration
from core.demonstration.talks_and_projects import Project
from core.work import Work

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on a working day (its index), at an hour, to the project of a number."""

    when: tuple[int, float, int]
    act: Callable[[], None]


@dataclass(slots=True)
class Story:
    """What was asked for, how it ends, on which working day it starts, and which documents it has by now."""

    demo: Demonstration
    number: int
    project: Project
    fate: str
    random: Random
    start: int
    inquiry: int = 0
    quotation: int = 0

    @property
    def owner(self) -> str:
        """The login of who answers for the customer."""
        return self.demo.owners[self.project.firm]

    def at(self, day: int, hour: float, act: Callable[..., None], *given: object) -> Event:
        """`act` on a working day at an hour."""
        return Event((day, hour, self.number), lambda: act(self, day, hour, *given))

    def run(self, who: str, day: int, hour: float, command: Callable[[Work], T]) -> T:
        """Let somebody carry out a command."""
        return self.demo.run(who, self.demo.days[day], command, hour=hour)

    def look(self, day: int, hour: float, question: Callable[[Work], T]) -> T:
        """Let the program look at something."""
        with self.demo.program.works.read(self.demo.ask("system", self.demo.days[day], hour)) as work:
            return question(work)
