"""How many rows stand on one sheet of a note: as many as its lines hold, and empty ones below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor

from core.printing.letters import em
from core.printing.paper import Rows

_FURTHER_LINE = 0.66


def sheets(rows: Rows, capacities: Sequence[float], *, lines: int) -> list[Rows]:
    """The rows of every sheet of ``lines`` lines, padded; ``capacities`` are the columns' widths in ems."""
    filled = list(_filled(rows, capacities, lines)) or [()]
    blank = ("",) * len(capacities)
    return [sheet + (blank,) * floor(lines - _height(sheet, capacities)) for sheet in filled]


def _filled(rows: Rows, capacities: Sequence[float], lines: int) -> Iterator[Rows]:
    sheet: Rows = ()
    for row in rows:
        if sheet and _height((*sheet, row), capacities) > lines:
            yield sheet
            sheet = ()
        sheet = (*sheet, row)
    if sheet:
        yield sheet


def _height(rows: Rows, capacities: Sequence[float]) -> float:
    """The height of the rows in lines; every further line of a wrapped text adds two thirds of one."""
    return sum(1 + _FURTHER_LINE * (_wrapped(row, capacities) - 1) for row in rows)


def _wrapped(row: Sequence[str], capacities: Sequence[float]) -> int:
    return max(
        sum(max(1, ceil(em(line) / capacity)) for line in text.split("\n"))
        for text, capacity in zip(row, capacities, strict=True)
    )
