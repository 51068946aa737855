"""How wide the columns of a paper are: every figure fits on one line, the rest is shared out."""

from __future__ import annotations

from collections.abc import Sequence

from core.printing.letters import RUN, em
from core.printing.paper import Align, Column, Rows

MM_PER_POINT = 0.3528
_PADDING = 1.15
_LONGEST_RUN = 9.0
_LONGEST_HEAD = 4.2
_NARROWEST = 2.0
_LONG_NAME = 16.0
_SMALLER = 0.9
_SMALLEST = 0.72
_COMFORT = 0.95


def type_size(columns: Sequence[Column], rows: Rows, *, room: float, size: float) -> float:
    """The type's size in points for a table ``room`` mm wide.

    ``size``, or a little less where names would be cramped, or much less where figures would not fit.
    """
    if not columns:
        return size
    least = [_least(column, i, rows) for i, column in enumerate(columns)]
    wish = [max(least[i], min(_widest(column, i, rows), _LONG_NAME)) for i, column in enumerate(columns)]
    ems = room / (size * MM_PER_POINT)
    cramped = max(_SMALLER, ems / sum(wish))
    crowded = max(_SMALLEST, ems * _COMFORT / sum(least))
    return size * min(1.0, cramped, crowded)


def column_widths(columns: Sequence[Column], rows: Rows, *, room: float, size: float) -> list[float]:
    """Millimetres per column, together ``room``; ``size`` is the type's size in points.

    Figures and units get what their longest text needs, names share the rest by ``Column.width``; when even
    the least is too much for the sheet, all shrink alike.
    """
    unit = size * MM_PER_POINT
    least = [_least(column, i, rows) * unit for i, column in enumerate(columns)]
    if sum(least) >= room:
        return [width * room / sum(least) for width in least]
    most = [max(least[i], _widest(column, i, rows) * unit) for i, column in enumerate(columns)]
    shares = [max(column.width, 0.01) for column in columns]
    names = {i for i, column in enumerate(columns) if column.align is Align.LEFT}
    return _shared(least, most, shares, names or set(range(len(columns))), room)


def _least(column: Column, i: int, rows: Rows) -> float:
    head = max((min(em(word), _LONGEST_HEAD) for word in column.label.split()), default=0.0)
    if column.align is Align.LEFT:
        body = min(max((em(run) for row in rows for run in RUN.findall(row[i])), default=0.0), _LONGEST_RUN)
    else:
        body = max((em(line) for row in rows for line in row[i].split("\n")), default=0.0)
    return max(head, body, _NARROWEST) + _PADDING


def _widest(column: Column, i: int, rows: Rows) -> float:
    texts = (column.label, *(row[i] for row in rows))
    return max(em(line) for text in texts for line in text.split("\n")) + _PADDING


def _shared(
    least: Sequence[float], most: Sequence[float], shares: Sequence[float], elastic: set[int], room: float
) -> list[float]:
    """Share ``room`` among the elastic columns; the others keep their least.

    None gets less than its least; none takes more than it can use while another still wants it.
    """
    widths = list(least)
    while True:
        left = room - sum(width for i, width in enumerate(widths) if i not in elastic)
        each = {i: left * shares[i] / sum(shares[j] for j in elastic) for i in elastic}
        settled = {i: least[i] for i in elastic if each[i] < least[i]}
        settled = settled or {i: most[i] for i in elastic if each[i] > most[i]}
        if not settled or len(settled) == len(elastic):
            return [each.get(i, width) for i, width in enumerate(widths)]
        for i, width in settled.items():
            widths[i] = width
        elastic = elastic - settled.keys()
