"""A report as a file: a workbook with typed cells, or CSV that spreadsheets open; no cell becomes a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.lazy import workbooks
from core.reports import running, telling
from core.reports.choosing import Chosen
from core.reports.report import Column, Report
from core.search.naming import names
from core.text import _
from core.work import Work

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FORMATS = ("csv", "xlsx", "json")
FIGURES = {"amount": "#,##0.00", "quantity": "#,##0.######", "price": "#,##0.00######", "int": "#,##0"}
FIGURES |= {"percent": "0.00%", "date": "yyyy-mm-dd"}
WIDTHS = {"text": 26, "ref": 26, "date": 12, "amount": 16, "quantity": 13, "price": 14, "int": 10, "percent": 10}


def harmless(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def rows(work: Work, report: Report, chosen: Chosen) -> Iterator[list[Any]]:
    """The head, every row as typed values, and the sums in the last line if anything is added up."""
    columns = report.shown(work)
    found, sums = running.every(work, report, chosen)
    yield [str(column.label) for column in columns]
    for batch in running.batches(found):
        known = telling.known(work, columns, batch)
        for row in batch:
            yield telling.typed(columns, row, known)
    if any(column.total for column in columns):
        yield foot(columns, sums)


def foot(columns: Sequence[Column], sums: Any) -> list[Any]:
    """The line of the sums, called so in the first column that has none."""
    cells = telling.typed(columns, sums, {})
    for place, column in enumerate(columns):
        if not column.total:
            cells[place] = ""
    free = next((place for place, column in enumerate(columns) if not column.total), None)
    if free is not None:
        cells[free] = str(_("Total"))
    return cells


def csv_lines(work: Work, report: Report, chosen: Chosen) -> Iterator[str]:
    """CSV with a byte order mark, so that spreadsheets read Chinese, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    columns = report.shown(work)
    for row in rows(work, report, chosen):
        writer.writerow([_written(column, value) for column, value in zip(columns, row, strict=True)])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _written(column: Column, value: Any) -> str:
    match value:
        case str():
            return harmless(value)
        case Decimal() if column.kind == "percent":
            return f"{value * 100:.2f}%"
        case Decimal():
            return format(value, "f")
    return str(value)


def json_text(work: Work, report: Report, chosen: Chosen) -> str:
    """All rows and the sums as the interface for programs gives them, in one piece."""
    columns = report.shown(work)
    found, sums = running.every(work, report, chosen)
    items: list[Any] = []
    for batch in running.batches(found):
        known = telling.known(work, columns, batch)
        items += [telling.for_programs(columns, row, known) for row in batch]
    totals = telling.for_programs([column for column in columns if column.total], sums, {})
    told = {"report": report.key, "chosen": dict(chosen.given), "items": items, "totals": totals, "count": len(items)}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def workbook(work: Work, report: Report, chosen: Chosen) -> bytes:
    """A workbook: the rows below a head that stays, the sums in bold, and on a second sheet what was chosen."""
    target = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = workbooks().Workbook(target, options)
    sheet = book.add_worksheet(_sheet_name(str(report.label)))
    columns = report.shown(work)
    plain = {kind: book.add_format({"num_format": code}) for kind, code in FIGURES.items()}
    bold = {kind: book.add_format({"num_format": code, "bold": True, "top": 1}) for kind, code in FIGURES.items()}
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF3F1", "text_wrap": True, "valign": "top"})
    words = book.add_format({"bold": True, "top": 1})
    for across, column in enumerate(columns):
        sheet.set_column(across, across, WIDTHS[column.kind])
    sheet.freeze_panes(1, 1)
    sums = any(column.total for column in columns)
    last: list[Any] | None = None
    place = -1
    for place, row in enumerate(rows(work, report, chosen)):
        if place == 0:
            _write(sheet, 0, columns, row, {}, head)
            continue
        if last is not None:
            _write(sheet, place - 1, columns, last, plain, None)
        last = row
    if last is not None:
        _write(sheet, place, columns, last, bold if sums else plain, words if sums else None)
    _about(book, work, report, chosen)
    book.close()
    return target.getvalue()


def _write(sheet: Any, place: int, columns: Sequence[Column], row: Sequence[Any], formats: Any, words: Any) -> None:
    for across, (column, value) in enumerate(zip(columns, row, strict=True)):
        match value:
            case Decimal() | int():
                sheet.write_number(place, across, float(value), formats.get(column.kind))
            case date():
                day = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - a day
                sheet.write_datetime(place, across, day, formats.get("date"))
            case _:
                sheet.write_string(place, across, str(value), words)


def _about(book: Any, work: Work, report: Report, chosen: Chosen) -> None:
    """Which report of which company this is, what was chosen, who took it and when."""
    sheet = book.add_worksheet(_sheet_name(str(_("About"))))
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 60)
    at = work.now.astimezone(ZoneInfo(work.company.zone))
    told = [
        (str(_("Report")), str(report.label)),
        (str(_("Company")), work.company.title),
        *said(work, report, chosen),
        (str(_("Taken at")), f"{at:%Y-%m-%d %H:%M}"),
        (str(_("Taken by")), work.person(work.actor_id) or work.actor_name),
        *((str(_("Note")), str(note)) for note in report.notes),
    ]
    for place, (label, value) in enumerate(told):
        sheet.write_string(place, 0, label)
        sheet.write_string(place, 1, value)


def said(work: Work, report: Report, chosen: Chosen) -> Iterator[tuple[str, str]]:
    """What was chosen, in words."""
    for one in report.filters:
        texts = [chosen.given[name] for name in one.names]
        match one.kind:
            case "period":
                value = f"{texts[0] or '…'} – {texts[1] or '…'}" if any(texts) else ""
            case "person":
                value = work.person(chosen.id(one.key))
            case "party":
                key = chosen.id(one.key)
                value = names(work, "core.party", [key]).get(key, "") if key else ""
            case "choice":
                value = str(dict(one.choices).get(texts[0], ""))
            case _:
                value = texts[0]
        yield str(one.label), value or str(_("All"))


def _sheet_name(text: str) -> str:
    """A name that a sheet may have."""
    return re.sub(r"[\[\]:*?/\\']", " ", text).strip()[:31] or "1"
