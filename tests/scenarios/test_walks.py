"""Whatever people do, in whatever order: nothing but refusals, and every figure holds after every step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.app import open_program
from core.db.engine import open_engine
from core.testing.builders import Firm
from core.testing.fixtures import ENGINES, database_on
from tests.scenarios.steps import STEPS, Trading

# How many walks `make soak` takes; none in `make test`, which takes one short one.
LONG = int(os.environ.get("ZHANGGUI_SOAK", "0"))
SEEDS = range(LONG or 1)
# By engine: steps of a walk, and examples and rules of the machine.
STEPS_EACH = {"sqlite": 250, "postgresql": 250} if LONG else {"sqlite": 60, "postgresql": 30}
EXAMPLES = (
    {"sqlite": (4 * LONG, 25), "postgresql": (2 * LONG, 25)} if LONG else {"sqlite": (4, 12), "postgresql": (2, 10)}
)


@contextmanager
def trading(request: pytest.FixtureRequest, engine: str) -> Iterator[Trading]:
    """A company at work in a database of its own."""
    with TemporaryDirectory() as folder, database_on(engine, request, Path(folder), ("firm",)) as database:
        opened = open_engine(database.url)
        try:
            known = database.firms["firm"]
            yield Trading(Firm(open_program(opened), known.id, known.code, dict(known.people)))
        finally:
            opened.dispose()


def walk(company: Trading, chance: Random, steps: int) -> None:
    """So many steps by chance; raises with what was done, as soon as something does not hold."""
    names = list(STEPS)
    weights = [weight for _step, weight in STEPS.values()]
    for number in range(steps):
        name = chance.choices(names, weights)[0]
        STEPS[name][0](company, chance)
        if found := company.wrong():
            raise AssertionError(f"after step {number} ({name}): {found[:3]}\n" + "\n".join(company.actions.log[-25:]))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_walk_leaves_every_figure_sound(request: pytest.FixtureRequest, engine: str, seed: int) -> None:
    print(f"seed {seed}, {STEPS_EACH[engine]} steps on {engine}")
    with trading(request, engine) as company:
        walk(company, Random(seed), STEPS_EACH[engine])


class Company(RuleBasedStateMachine):
    """The same steps as rules, each drawn with its own chance, so that a failure is made as short as it can be."""

    place: ClassVar[Callable[[], AbstractContextManager[Trading]]]

    def __init__(self) -> None:
        super().__init__()
        self.open = type(self).place()
        self.company = self.open.__enter__()

    def do(self, name: str, seed: int) -> None:
        """One step."""
        STEPS[name][0](self.company, Random(seed))

    @initialize(seed=st.integers(0, 99))
    def begin(self, seed: int) -> None:
        """Something is on its way before anything else happens."""
        for name in ("order", "order", "take", "take"):
            self.do(name, seed)

    @rule(
        name=st.sampled_from([n for n, (_s, weight) in STEPS.items() for _i in range(weight)]), seed=st.integers(0, 999)
    )
    def step(self, name: str, seed: int) -> None:
        """Any step."""
        self.do(name, seed)

    @rule(seed=st.integers(0, 999))
    def deliver_and_bill(self, seed: int) -> None:
        """Guided: what waits is taken and goes on."""
        self.do("take", seed)
        self.do("take", seed + 1)

    @rule(seed=st.integers(0, 999))
    def pay_for_it(self, seed: int) -> None:
        """Guided: money comes in and meets an invoice."""
        self.do("pay", seed)
        self.do("settle", seed)

    @invariant()
    def holds(self) -> None:
        """Every figure is what its documents say."""
        assert not self.company.actions.stopped, self.company.actions.stopped
        found = self.company.wrong()
        assert not found, (found[:3], self.company.actions.log[-25:])

    def teardown(self) -> None:
        """Its database goes."""
        self.open.__exit__(None, None, None)


def machine(request: pytest.FixtureRequest, engine: str) -> type[Company]:
    """A machine whose companies live on this engine."""
    return type("Here", (Company,), {"place": staticmethod(lambda: trading(request, engine))})


@pytest.mark.parametrize("engine", ENGINES)
def test_any_steps_in_any_order_leave_every_figure_sound(request: pytest.FixtureRequest, engine: str) -> None:
    chosen = settings(
        max_examples=EXAMPLES[engine][0],
        stateful_step_count=EXAMPLES[engine][1],
        deadline=None,
        derandomize=not LONG,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine(request, engine), settings=chosen)
