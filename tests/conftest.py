"""What all tests of the product share."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

pytest_plugins = ["core.testing.fixtures"]
# Few tests that take long each: they begin first, so that all workers end at about the same time.
LONG = (
    "tests/browser/test_walk",
    "tests/scenarios/test_demonstration",
    "tests/core/test_api_contract",
    "tests/core/test_races_chain",
    "tests/architecture/test_rights_matrix",
    "tests/core/test_crash",
    "tests/scenarios/",
    "tests/browser/",
    "tests/core/test_two_servers",
)
# What a test leaves behind goes when its module ends. Going over all that it holds at every 700th new object, as
# Python begins with, took a sixth of our time.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the modules in ``LONG`` begin, in that order; everything else keeps its place."""
    items.sort(key=lambda item: next((n for n, begin in enumerate(LONG) if item.nodeid.startswith(begin)), len(LONG)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """What outlives a module stays for the whole run; going over it again and again took a fifth of our time."""
    yield
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
