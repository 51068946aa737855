"""Run a report: one page of its rows and the sums over all of them, or every row for a file.

Where the rows come from a select, both are made in the database: a page begins after the row where the one before
ended, and the sums take one further statement.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, false, func, literal, or_, select
from sqlalchemy.types import NullType

from core.canonical import plain
from core.errors import Fault, Invalid
from core.money import exact
from core.reports.choosing import Chosen
from core.reports.report import Column, Report, Row, Statement
from core.text import _
from core.work import Work

LARGEST = 200
BATCH = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a report, the sums over all, how many there are in all, and where the next page begins."""

    report: Report
    chosen: Chosen
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    totals: Row
    count: int
    next: str


def page(work: Work, report: Report, chosen: Chosen, *, after: str = "", size: int = LARGEST) -> Page:
    """One page of at most 200 rows; raises ``NotEnabled``, ``Forbidden``, or ``Invalid`` for a page there cannot be."""
    work.demand(report.right("read"))
    size = min(max(size, 1), LARGEST)
    answer = report.rows(work, chosen)
    if isinstance(answer, Select | CompoundSelect):
        rows, ahead = _page(work, report, answer, after, size)
    else:
        rows, ahead = _slice(answer := list(answer), after, size)
    sums, count = _sums(work, report, answer)
    told = [_reckoned(report, row, chosen) for row in rows]
    return Page(report, chosen, report.shown(work), told, _foot(report, sums, chosen), count, ahead)


def every(work: Work, report: Report, chosen: Chosen) -> tuple[Iterator[Row], Row]:
    """All rows in their order, read as they are taken, and the sums over them, for a file."""
    work.demand(report.right("export"))
    answer = report.rows(work, chosen)
    if isinstance(answer, Select | CompoundSelect):
        found: Iterable[Row] = _streamed(work, report, answer)
    else:
        found = answer = list(answer)
    sums, _count = _sums(work, report, answer)
    return (_reckoned(report, row, chosen) for row in found), _foot(report, sums, chosen)


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in groups, so that names are looked up for many at once."""
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


# From a select -------------------------------------------------------------------------------------------------------


def _inner(statement: Statement) -> Any:
    """The report's select as a table of its own; refused where the company's walls would not hold."""
    # What no mapped class is part of, the session does not confine.
    if statement._propagate_attrs.get("compile_state_plugin") != "orm":
        raise TypeError("A report selects columns of mapped classes.")
    return statement.order_by(None).subquery("report")


def _page(work: Work, report: Report, statement: Statement, after: str, size: int) -> tuple[list[Row], str]:
    inner = _inner(statement)
    outer = select(*inner.c).order_by(*_order(report, inner)).limit(size + 1)
    if after:
        outer = outer.where(_beyond(report, inner, _place(after)))
    rows: list[Row] = [dict(row._mapping) for row in work.session.execute(outer)]
    more, rows = len(rows) > size, rows[:size]
    return rows, _mark([rows[-1][name] for name, _down in _ways(report)]) if more else ""


def _streamed(work: Work, report: Report, statement: Statement) -> Iterator[Row]:
    """All rows as they are taken; whoever stops in the middle closes the database's cursor."""
    inner = _inner(statement)
    outer = select(*inner.c).order_by(*_order(report, inner)).execution_options(yield_per=BATCH)
    with work.session.execute(outer) as result:
        for row in result:
            yield dict(row._mapping)


def _ways(report: Report) -> list[tuple[str, bool]]:
    if not report.order:
        raise TypeError(f"{report.key} is a select and has no order.")
    return [(name.removeprefix("-"), name.startswith("-")) for name in report.order]


def _order(report: Report, inner: Any) -> Iterator[Any]:
    """By each column of the order; what has no value comes last, on both engines."""
    for name, down in _ways(report):
        column = inner.c[name]
        if isinstance(column.type, NullType):
            raise TypeError(f"{report.key}: say of which type {name} is.")
        yield column.is_(None)
        yield column.desc() if down else column.asc()


def _beyond(report: Report, inner: Any, values: Sequence[Any]) -> ColumnElement[bool]:
    """The rows after the one whose columns of the order have these values."""
    ways = _ways(report)
    if len(ways) != len(values):
        raise _no_page()
    found: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (name, down), given in zip(ways, values, strict=True):
        column = inner.c[name]
        value = None if given is None else literal(_typed(column, given), column.type)
        if value is None:
            further: ColumnElement[bool] = false()
            equal = column.is_(None)
        else:
            further = or_(column < value if down else column > value, column.is_(None))
            equal = column == value
        found.append(and_(*same, further))
        same.append(equal)
    return or_(*found)


def _typed(column: Any, value: Any) -> Any:
    """A value of a mark as its column keeps it; a forged one is refused."""
    kind = column.type.python_type
    try:
        if kind is Decimal:
            number = exact(str(value))
            column.type.process_bind_param(number, None)
            return number
        if kind is date:
            return date.fromisoformat(value)
        if kind is int and isinstance(value, int) and abs(value) < 2**63:
            return value
        if kind is str and isinstance(value, str) and value.isprintable():
            return value
        raise ValueError(value)
    except (ValueError, TypeError, ArithmeticError):
        raise _no_page() from None


def _sums(work: Work, report: Report, answer: Statement | Sequence[Row]) -> tuple[dict[str, Any], int]:
    """The sum of every column that is added up, and how many rows there are."""
    added = [column for column in report.columns if column.total and column.reckon is None]
    if not isinstance(answer, Select | CompoundSelect):
        return {c.key: sum((row.get(c.key) or 0 for row in answer), _zero(c)) for c in added}, len(answer)
    inner = _inner(answer)
    columns = [func.sum(inner.c[c.key], type_=inner.c[c.key].type).label(c.key) for c in added]
    found = work.session.execute(select(func.count().label("rows_in_all"), *columns).select_from(inner)).one()._mapping
    return {c.key: _number(c, found[c.key]) for c in added}, int(found["rows_in_all"])


def _zero(column: Column) -> Any:
    return 0 if column.kind == "int" else Decimal(0)


def _number(column: Column, value: Any) -> Any:
    """PostgreSQL adds whole numbers up to decimals."""
    if value is None:
        return _zero(column)
    return int(value) if column.kind == "int" else value


# Of any origin -------------------------------------------------------------------------------------------------------


def _slice(rows: Sequence[Row], after: str, size: int) -> tuple[list[Row], str]:
    place = _place(after)[0] if after else 0
    if not isinstance(place, int) or not 0 <= place <= len(rows):
        raise _no_page()
    ahead = place + size
    return list(rows[place:ahead]), _mark([ahead]) if ahead < len(rows) else ""


def _reckoned(report: Report, row: Row, chosen: Chosen) -> Row:
    """The row with what is reckoned from its other columns."""
    reckoned = {c.key: c.reckon(row, chosen) for c in report.columns if c.reckon is not None}
    return {**row, **reckoned} if reckoned else row


def _foot(report: Report, sums: Mapping[str, Any], chosen: Chosen) -> Row:
    reckoned = {c.key: c.reckon(sums, chosen) for c in report.columns if c.total and c.reckon is not None}
    return {**sums, **reckoned}


def _mark(values: Sequence[Any]) -> str:
    text = json.dumps([plain(value) for value in values], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(text: str) -> list[Any]:
    try:
        values = json.loads(base64.urlsafe_b64decode(text[:2000] + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError, RecursionError):
        raise _no_page() from None
    if not isinstance(values, list) or not values or any(isinstance(v, bool | list | dict | float) for v in values):
        raise _no_page()
    return values


def _no_page() -> Invalid:
    return Invalid([Fault("after", _("This page does not exist."), "cursor")])
