"""Exports of exactly what a list shows: CSV as a stream, a workbook with typed cells; no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.documents.faces import Face, faces
from core.documents.kinds import Type, kind_of
from core.exchange.sheets import harmless
from core.lazy import workbooks
from core.search.listing import Query, every, shown
from core.text import language, speaking
from core.web import addresses
from core.web.showing import approval_tag, state_tag
from core.work import Ask, Work, Works

BATCH = 200


def rows(work: Work, cls: Type, query: Query) -> Iterator[list[Any]]:
    """The head and then every row that the list would show, as typed values; memory stays that of one batch."""
    known = faces(cls)
    columns = shown(work, cls)
    yield [str(known[name].label) if name in known else name for name in columns]
    batch: list[Mapping[str, Any]] = []
    for row in every(work, cls, query):
        batch.append(row)
        if len(batch) == BATCH:
            yield from _typed(work, cls, known, columns, batch)
            batch = []
    yield from _typed(work, cls, known, columns, batch)


def _typed(
    work: Work, cls: Type, known: Mapping[str, Face], columns: tuple[str, ...], batch: list[Mapping[str, Any]]
) -> Iterator[list[Any]]:
    names: dict[tuple[str, int], str] = {}
    for name in columns:
        face = known.get(name)
        if face and face.references:
            keys = {row[name] for row in batch if row.get(name)}
            names |= {(face.references, k): v for k, v in addresses.names(work, face.references, keys).items()}
    for row in batch:
        yield [_value(work, cls, name, known.get(name), row.get(name), names) for name in columns]


def _value(work: Work, cls: Any, name: str, face: Face | None, value: Any, names: Mapping[tuple[str, int], str]) -> Any:
    if value is None:
        return ""
    if name == "state" and hasattr(cls, "workflow"):
        return state_tag(cls, value).text
    if name == "approval":
        tag = approval_tag(value)
        return tag.text if tag else ""
    if face is not None and face.references:
        return names.get((face.references, value), "")
    if face is not None and face.kind == "choice":
        return str(face.choice(value))
    if isinstance(value, datetime):
        return value.astimezone(ZoneInfo(work.company.zone)).replace(tzinfo=None)
    return value


def csv_stream(works: Works, ask: Ask, kind: str, query: Query) -> Iterator[str]:
    """The list as CSV with a byte order mark, so that spreadsheets read Chinese; begun before the last row is read."""
    spoken = language()
    with speaking(spoken), works.read(ask) as work:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        buffer.write("\ufeff")
        for row in rows(work, work.types.type(kind), query):
            writer.writerow([_written(value) for value in row])
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()


def _written(value: Any) -> str:
    match value:
        case str():
            return harmless(value)
        case bool():
            return "1" if value else "0"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case Decimal():
            return format(value, "f")
    return str(value)


def workbook(work: Work, cls: Type, query: Query) -> io.BytesIO:
    """The list as a workbook: figures are figures, days are days."""
    target = io.BytesIO()
    book = workbooks().Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(kind_of(cls)[:31])
    bold = book.add_format({"bold": True, "bottom": 1})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    figure = book.add_format({"num_format": "#,##0.00######"})
    for place, row in enumerate(rows(work, cls, query)):
        for across, value in enumerate(row):
            match value:
                case Decimal():
                    sheet.write_number(place, across, float(value), figure)
                case bool() | int():
                    sheet.write_number(place, across, int(value))
                case datetime():
                    sheet.write_datetime(place, across, value, moment)
                case date():
                    sheet.write_datetime(place, across, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a day
                case _:
                    sheet.write_string(place, across, str(value), bold if place == 0 else None)
    sheet.freeze_panes(1, 1)
    book.close()
    target.seek(0)
    return target


__all__ = ["csv_stream", "harmless", "rows", "workbook"]
