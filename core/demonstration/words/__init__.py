"""The words invented people, firms and talks are put together from, read once from the files beside it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

_ENTRY = re.compile(r"([\u4e00-\u9fff]+)([A-Z][a-z]*)")


@cache
def words(name: str) -> dict[str, Any]:
    """One word file (`names`, `regions` or a market such as `lighting`) as plain values.

    Raises FileNotFoundError for a name without a file.
    """
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


@cache
def readings(name: str) -> tuple[tuple[str, str], ...]:
    """The (characters, reading) pairs of one entry of `names.toml`."""
    return tuple(_ENTRY.findall(words("names")[name]))


@cache
def plain(name: str) -> tuple[str, ...]:
    """The blank-separated words of one entry of `names.toml`."""
    return tuple(words("names")[name].split())


def parted(text: str) -> list[str]:
    """The parts of an entry written as `one | two | three`."""
    return [part.strip() for part in text.split(" | ")]
