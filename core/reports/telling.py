"""How the values of a report are told: names for ids, plain values for programs, text for files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.canonical import plain
from core.hooks.values import Ref
from core.reports.report import Column, Row
from core.reports.running import Page
from core.search.naming import names
from core.text import Text
from core.work import Work

NOTHING = "—"
Names = Mapping[tuple[str, int], str]


def known(work: Work, columns: Iterable[Column], rows: Sequence[Row]) -> dict[tuple[str, int], str]:
    """The names of all records that the rows refer to by id: one statement for each kind."""
    wanted: dict[str, set[int]] = {}
    for column in columns:
        if column.references:
            keys = (row.get(column.key) for row in rows)
            wanted.setdefault(column.references, set()).update(k for k in keys if isinstance(k, int))
    return {(kind, key): name for kind, keys in wanted.items() for key, name in names(work, kind, keys).items()}


def ref_of(column: Column, value: Any, found: Names) -> Ref | None:
    """The record that a ref column points at, by name; None where there is none."""
    if isinstance(value, Ref) or value is None:
        return value
    return Ref(column.references, value, found.get((column.references, value), ""))


def for_programs(columns: Iterable[Column], row: Row, found: Names) -> dict[str, Any]:
    """A row of plain values: decimals as text, references as id and name."""
    told: dict[str, Any] = {}
    for column in columns:
        value = row.get(column.key)
        if column.kind == "ref":
            ref = ref_of(column, value, found)
            told[column.key] = {"kind": ref.kind, "id": ref.id, "name": ref.label} if ref else None
        else:
            told[column.key] = plain(str(value) if isinstance(value, Text) else value)
    return told


def body(work: Work, page: Page) -> dict[str, Any]:
    """A page of a report as programs get it."""
    found = known(work, page.columns, page.rows)
    added = [column for column in page.columns if column.total]
    return {
        "report": page.report.key,
        "chosen": dict(page.chosen.given),
        "items": [for_programs(page.columns, row, found) for row in page.rows],
        "totals": for_programs(added, page.totals, found),
        "count": page.count,
        "next": page.next or None,
    }


def typed(columns: Iterable[Column], row: Row, found: Names) -> list[Any]:
    """A row for a sheet: figures stay figures and days days, everything else is text; a missing share is a dash."""
    cells: list[Any] = []
    for column in columns:
        value = row.get(column.key)
        if column.kind == "ref":
            ref = ref_of(column, value, found)
            value = ref.label if ref else ""
        elif column.kind == "percent" and value is None:
            value = NOTHING
        elif not isinstance(value, Decimal | int | date) or isinstance(value, datetime):
            value = "" if value is None else str(value)
        cells.append(value)
    return cells
