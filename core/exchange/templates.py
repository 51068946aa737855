"""Files that go out to come back: the empty file of a type, records in its form, and the rows that were bad."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.canonical import plain
from core.documents.faces import Face
from core.documents.kinds import Type
from core.errors import Fault, Invalid
from core.exchange.bringing import told
from core.exchange.cells import FORMULA
from core.exchange.fields import TOGETHER, Column, columns, template_columns
from core.exchange.sheets import harmless
from core.exchange.workbook import MOST_COLUMNS
from core.lazy import workbooks
from core.operations import imports
from core.text import CHINESE, LANGUAGES, Text, _, language, speaking
from core.work import Work

FORMS = ("xlsx", "csv")
ROWS = 1000
CSV_MARK = "\ufeff"
KINDS: dict[str, Text] = {
    "text": _("Text"),
    "long": _("Text"),
    "int": _("A whole number"),
    "decimal": _("A number: 1234.5, 1,234.50 or 12%"),
    "date": _("A day: 2026-03-05, 2026/3/5 or 2026年3月5日"),
    "bool": _("Yes or no (是 or 否)"),
    "ref": _("Code, number or name of a record that there is"),
}
# What the example row says, where a field's name tells; in both languages.
EXAMPLES: dict[str, tuple[str, str]] = {
    "code": ("示例001", "EXAMPLE-001"),
    "name": ("示例有限公司", "Example Co., Ltd."),
    "contacts.name": ("王经理", "Mr Wang"),
    "contacts.mobile": ("13800000000", "13800000000"),
    "phone": ("021-60000000", "021-60000000"),
    "email": ("sales@example.com", "sales@example.com"),
    "unit": ("套", "set"),
    "lines.unit": ("套", "set"),
    "lines.name": ("洗墙灯", "Wall washer"),
    "lines.quantity": ("10", "10"),
    TOGETHER: ("1", "1"),
}


# The empty file -----------------------------------------------------------------------------------------------------


def head(work: Work, cls: Type) -> list[Column]:
    """The columns of the empty file of a type, as the actor may fill them."""
    return template_columns(columns(work, cls), cls)


def heading(column: Column) -> str:
    """What heads a column: its label, with a star where it is needed."""
    return f"{column.label}*" if column.required else column.label


def example(columns: Sequence[Column]) -> list[str]:
    """The example row, in the reader's language; left out by itself when the file comes back with it."""
    return [_example(column) for column in columns]


def _example(column: Column) -> str:
    known = EXAMPLES.get(column.path) or (None if column.part else EXAMPLES.get(column.name))
    if known and (column.face is None or column.face.kind == "text"):
        return known[0 if language() == CHINESE else 1]
    face = column.face
    match face.kind if face else "":
        case "date":
            return "2026-03-05"
        case "decimal":
            return "0.13" if face and face.field.most == 1 else "1"
        case "int":
            return "1"
        case "bool":
            return str(_("Yes"))
        case "choice":
            return next((str(label) for key, label in face.field.choices if key), "") if face else ""
    return str(_("Example"))


def is_example(columns: Sequence[tuple[int, Column]], cells: Sequence[str]) -> bool:
    """Whether a row says nothing but what the example row of the empty file says, in either language."""
    if len(columns) < 2:
        return False
    for spoken in LANGUAGES:
        with speaking(spoken):
            if all((cells[place] if place < len(cells) else "") == _example(column) for place, column in columns):
                return True
    return False


def template(work: Work, cls: Type, form: str) -> bytes:
    """The empty file: headings, an example row, and in a workbook a sheet of notes on every column.

    Raises ``Forbidden``, and ``Invalid`` for another form than ``xlsx`` and ``csv``.
    """
    imports.demand(work, cls)
    shown = head(work, cls)
    rows = [[heading(column) for column in shown], example(shown)]
    return written(form, rows, notes=[_note(column) for column in shown])


def _note(column: Column) -> list[str]:
    face = column.face
    if face is None:
        about = str(_("Rows with the same value here become one record."))
        return [column.label, "", "", about]
    choices = str(_(", ")).join(str(label) for key, label in face.field.choices if key)
    needed = str(_("needed")) if column.required else ""
    return [column.label, needed, choices or str(KINDS.get(face.kind, KINDS["text"])), str(face.field.help or "")]


# Records in the same form ---------------------------------------------------------------------------------------------


def rows_of(columns: Sequence[Column], record: Any, named: Any) -> list[list[str]]:
    """A record as the file of its type says it: one row, and more where its lists are longer.

    ``named`` gives the word for a reference: ``named(face, id)``.
    """
    lists = {key: list(getattr(record, key)) for key in dict.fromkeys(column.part for column in columns) if key}
    count = max([1, *(len(rows) for rows in lists.values())])
    found = []
    for place in range(count):
        row = []
        for column in columns:
            if column.path == TOGETHER:
                row.append(str(getattr(record, "number", None) or record.id))
                continue
            holder = record if not column.part else (lists[column.part][place : place + 1] or [None])[0]
            shown = holder is not None and column.face is not None and (place == 0 or bool(column.part))
            row.append(said(column.face, getattr(holder, column.name), named) if shown and column.face else "")
        found.append(row)
    return found


def said(face: Face, value: Any, named: Any) -> str:
    """A value as a file says it, so that it is understood when it comes back."""
    match value:
        case None | "":
            return ""
        case bool():
            return str(_("Yes") if value else _("No"))
        case Decimal():
            return str(plain(value))
        case datetime() | date():
            return value.isoformat()
    if face.references:
        return str(named(face, value))
    if face.kind == "choice":
        return str(face.choice(value))
    return str(value)


# Bad rows -------------------------------------------------------------------------------------------------------------


def bad_rows(work: Work, batch: Any) -> Iterator[list[str]]:
    """The headings and every bad row as it was, with one more column of what is wrong; a batch in memory at a time."""
    width = len(batch.columns)
    yield [*batch.columns, str(_("Faults found"))]
    after = 0
    while found := imports.rows(work, batch.id, after=after, states=["bad"], most=ROWS):
        for row in found:
            cells = ["" if cell == FORMULA else cell for cell in row.cells[:width]]
            wrong = [f"{one.column}: {one.text}" if one.column else one.text for one in told(batch, row)]
            yield [*cells, *[""] * (width - len(cells)), "; ".join(wrong)]
        after = found[-1].place


def written(form: str, rows: Iterable[Sequence[str]], *, notes: Sequence[Sequence[str]] = ()) -> bytes:
    """Rows as a file; in CSV no cell is a formula, in a workbook every cell is text. Raises ``Invalid``."""
    if form == "csv":
        buffer = io.StringIO()
        buffer.write(CSV_MARK)
        csv.writer(buffer).writerows([harmless(cell) for cell in row] for row in rows)
        return buffer.getvalue().encode()
    if form != "xlsx":
        raise Invalid([Fault("form", _("Choose xlsx or csv."), "choice")])
    return _workbook(rows, notes)


def _workbook(rows: Iterable[Sequence[str]], notes: Sequence[Sequence[str]]) -> bytes:
    target = io.BytesIO()
    book = workbooks().Workbook(
        target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF3F1"})
    plain_text = book.add_format({"num_format": "@"})
    sheet = book.add_worksheet(str(_("Data")))
    sheet.set_column(0, MOST_COLUMNS - 1, 16, plain_text)
    sheet.freeze_panes(1, 0)
    for down, row in enumerate(rows):
        for across, cell in enumerate(row):
            sheet.write_string(down, across, cell, bold if down == 0 else plain_text)
    if notes:
        about = book.add_worksheet(str(_("Notes")))
        for across, width in enumerate((28, 10, 60, 60)):
            about.set_column(across, across, width)
        heads = (_("Column"), _("Must be filled"), _("What may stand there"), _("Note"))
        for across, head in enumerate(heads):
            about.write_string(0, across, str(head), bold)
        for down, note in enumerate(notes, 1):
            for across, text in enumerate(note):
                about.write_string(down, across, text)
        about.write_string(len(notes) + 2, 0, str(_("The example row is left out when the file is brought in.")))
    book.close()
    return target.getvalue()
