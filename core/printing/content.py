"""A paper as plain values for its template: texts cleaned, widths and page subtotals' figures worked out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from core.printing.fonts import FAMILIES
from core.printing.letters import clean, softened
from core.printing.paper import Column, Paper, Rows
from core.printing.sheets import sheets
from core.printing.widths import MM_PER_POINT, column_widths, type_size

_LONGEST_RUN = 16.0
_CELL_PADDING = 0.9
_ORNAMENT = re.compile(r"[,\s¥￥$€£]")
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?")


def content(paper: Paper) -> dict[str, Any]:
    """What the template reads, ready for JSON; the logo as a list of bytes."""
    logo = paper.company.logo
    values: dict[str, Any] = _cleaned(asdict(replace(paper, company=replace(paper.company, logo=b""))))
    values["company"]["logo"] = list(logo)
    values["made_at"] = paper.made_at.isoformat()
    values["remarks"] = values["remarks"] or []
    values["fonts"] = list(FAMILIES)
    return values | _table(paper, values["columns"]) | {"sections": _sections(paper, values["sections"])}


def _table(paper: Paper, columns: list[dict[str, Any]]) -> dict[str, Any]:
    rows = _cleaned_rows(paper.rows)
    measured = rows + _cleaned_rows((paper.sum_row,) if paper.sum_row else ())
    size = type_size(paper.columns, measured, room=_room(paper), size=paper.format.size)
    widths = column_widths(paper.columns, measured, room=_room(paper), size=size)
    capacities = _capacities(widths, size)
    pages = sheets(rows, capacities, lines=paper.format.lines) if paper.format.lines and columns else [rows]
    rows = tuple(row for page in pages for row in page)
    figures = [[_figure(text, c) for text, c in zip(row, paper.columns, strict=True)] for row in rows]
    places = [_places(figures, i) if column.summed else None for i, column in enumerate(paper.columns)]
    return {
        "type": size,
        "widths": widths,
        "rows": _fitted(rows, capacities),
        "sheets": [len(page) for page in pages],
        "figures": figures,
        "columns": [column | {"places": p} for column, p in zip(columns, places, strict=True)],
    }


def _sections(paper: Paper, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for section, values in zip(paper.sections, sections, strict=True):
        rows = _cleaned_rows(section.rows)
        values["widths"] = column_widths(section.columns, rows, room=_room(paper), size=paper.format.size)
        values["rows"] = _fitted(rows, _capacities(values["widths"], paper.format.size))
    return sections


def _room(paper: Paper) -> float:
    return paper.format.width - 2 * paper.format.side


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return softened(clean(value), _LONGEST_RUN)
        case dict():
            return {key: _cleaned(part) for key, part in value.items()}
        case list() | tuple():
            return [_cleaned(part) for part in value]
        case _:
            return value


def _cleaned_rows(rows: Rows) -> Rows:
    return tuple(tuple(clean(text) for text in row) for row in rows)


def _capacities(widths: Sequence[float], size: float) -> list[float]:
    """How many ems of text the columns hold."""
    return [width / (size * MM_PER_POINT) - _CELL_PADDING for width in widths]


def _fitted(rows: Rows, capacities: Sequence[float]) -> list[list[str]]:
    """The rows with every word that is too long for its column made breakable."""
    return [[softened(text, c) for text, c in zip(row, capacities, strict=True)] for row in rows]


def _figure(text: str, column: Column) -> str:
    """The number in a cell of a summed column, without grouping and currency; empty where there is none."""
    bare = _ORNAMENT.sub("", text)
    return bare if column.summed and _NUMBER.fullmatch(bare) else ""


def _places(figures: Sequence[Sequence[str]], column: int) -> int:
    return max((len(row[column].partition(".")[2]) for row in figures), default=0)
