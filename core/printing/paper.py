"""A paper as it will be printed: finished texts, figures already written out, nothing left to decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Pair = tuple[str, str]
"""A label and what stands beside it."""


class Align(StrEnum):
    """Where a column's texts stand: names left, units in the centre, figures right."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Format:
    """A sheet: millimetres for sizes and margins, points for the type.

    With ``repeat_head`` letterhead, parties and signatures stand on every sheet, as on continuous multi-part
    notes, and each sheet holds ``lines`` rows, empty ones included. Page subtotals stand above ``bottom``.
    """

    width: float
    height: float
    side: float
    top: float
    bottom: float
    size: float = 9
    gap: float = 4.6
    repeat_head: bool = False
    lines: int = 0


A4 = Format(210, 297, side=16, top=15, bottom=15)
A4_LANDSCAPE = Format(297, 210, side=14, top=15, bottom=15, size=8.5)
A3_LANDSCAPE = Format(420, 297, side=15, top=16, bottom=15, size=8.5)
A5_LANDSCAPE = Format(210, 148, side=12, top=11, bottom=14, size=8.5, gap=3.5)
NOTE_241 = Format(241, 139.7, side=14, top=7, bottom=17, size=9, gap=2.5, repeat_head=True, lines=8)
"""Half a sheet of 241 mm continuous paper, the commonest for delivery notes in three or four parts."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The company that issues the paper.

    ``logo`` is the content of a PNG or JPEG file, ``accent`` the company's colour as ``#rrggbb``.
    """

    name: str
    subname: str = ""
    contacts: tuple[Pair, ...] = ()
    bank_title: str = ""
    bank: tuple[Pair, ...] = ()
    logo: bytes = b""
    accent: str = "#1f3f6e"


@dataclass(frozen=True, slots=True)
class Block:
    """One side of the paper, such as 致 or 自; its first value, the name, is set bold."""

    title: str
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table. ``width`` is its share of what is left once every figure fits on one line.

    A ``summed`` column takes part in the subtotal of each page; a cell that is no number counts as nothing.
    """

    key: str
    label: str
    width: float = 1
    align: Align = Align.LEFT
    summed: bool = False


Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A framed part of a form: a text with ``room`` for so many lines, or a small table."""

    title: str
    text: str = ""
    room: int = 3
    columns: tuple[Column, ...] = ()
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything on one paper, in the order in which it is printed; what is empty is left out.

    ``made_at`` (with its zone) becomes the file's date, so that equal papers give equal bytes. ``page_label``
    holds ``{page}`` and ``{pages}``. ``page_subtotal`` labels the sums of each page when there are several.
    ``sum_row`` has one text per column, ``words`` is the amount in words and, beside it, in figures.
    """

    language: str
    title: str
    number: str
    made_at: datetime
    company: Letterhead
    page_label: str
    subtitle: str = ""
    references: tuple[Pair, ...] = ()
    copy: str = ""
    parties: tuple[Block, ...] = ()
    fields: tuple[Pair, ...] = ()
    columns: tuple[Column, ...] = ()
    rows: Rows = ()
    page_subtotal: str = ""
    sum_row: tuple[str, ...] = ()
    totals: tuple[Pair, ...] = ()
    words: tuple[Pair, ...] = ()
    sections: tuple[Section, ...] = ()
    terms_title: str = ""
    terms: tuple[Pair, ...] = ()
    remarks: Pair | None = None
    closing: tuple[Block, ...] = ()
    signatures: tuple[str, ...] = ()
    signed_on: str = ""
    watermark: str = ""
    footnote: str = ""
    format: Format = A4

    def __post_init__(self) -> None:
        """Raise ValueError for rows that do not match their columns, a moment without zone, a bad colour."""
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs a time zone")
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.company.accent):
            raise ValueError("the accent is written #rrggbb")
        tables = [(self.columns, self.rows), *((s.columns, s.rows) for s in self.sections)]
        if self.sum_row:
            tables.append((self.columns, (self.sum_row,)))
        if any(len(row) != len(columns) for columns, rows in tables for row in rows):
            raise ValueError("every row needs one text per column")
