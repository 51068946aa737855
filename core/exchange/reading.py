"""Reading a table that somebody sent: workbook or comma-separated text, whatever it was written by."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper

from core.errors import Fault, Invalid
from core.exchange.sheets import RISKY
from core.exchange.workbook import EVERY, MOST_COLUMNS, Unreadable, sheet_rows
from core.text import _

FORMS = ("xlsx", "csv")
ENCODINGS = ("utf-8-sig", "gb18030")
_MARKED = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_DELIMITERS = ",\t;|，"
_PACKED, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 1 << 16
_UNKEPT = re.compile("[\x00\ud800-\udfff]")

Row = tuple[int, list[str]]


def form_of(content: bytes) -> tuple[str, str]:
    """What the content is, whatever its name says: ``xlsx``, or ``csv`` with its encoding. Raises ``Invalid``."""
    if not content:
        raise _no(_("The file is empty."), "empty")
    if content.startswith(_PACKED):
        return "xlsx", ""
    if content.startswith(_OLD):
        raise _no(_("This is a workbook of the old form (xls). Save it as xlsx or csv."), "old")
    for mark, encoding in _MARKED.items():
        if content.startswith(mark):
            return "csv", _readable(content, (encoding,))
    return "csv", _readable(content, ENCODINGS)


def _readable(content: bytes, encodings: tuple[str, ...]) -> str:
    """The first encoding in which all of the text can be read."""
    for encoding in encodings:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _HEAD):
                piece = decoder.decode(content[start : start + _HEAD])
                if "\0" in piece:
                    break
            else:
                decoder.decode(b"", final=True)
                return encoding
        except UnicodeDecodeError:
            continue
    raise _no(_("This is neither a workbook (xlsx) nor a table of text (csv)."), "form")


def rows(content: bytes, form: str, encoding: str, *, until: int = EVERY) -> Iterator[Row]:
    """Every row that says something: its number in the file as people count it, and its cells as text.

    ``until``: about so many rows are looked at, empty ones among them, for who only wants to see the beginning.
    Raises ``Invalid`` for what cannot be read, as soon as it is met.
    """
    try:
        for number, cells in sheet_rows(content, until) if form == "xlsx" else _text_rows(content, encoding):
            if number > until:
                return
            kept = [_cell(text) for text in cells[:MOST_COLUMNS]]
            while kept and not kept[-1]:
                kept.pop()
            if kept:
                yield number, kept
    except (Unreadable, csv.Error) as error:
        raise _no(_("The file cannot be read as a table; save it once more as xlsx or csv."), "unreadable") from error


def _text_rows(content: bytes, encoding: str) -> Iterator[Row]:
    source = TextIOWrapper(BytesIO(content), encoding=encoding, newline="")
    head = next((line for line in source if line.strip()), "")
    source.seek(0)
    delimiter = max(_DELIMITERS, key=lambda mark: head.count(mark))
    yield from enumerate(csv.reader(source, delimiter=delimiter), 1)


def _cell(text: str) -> str:
    """A cell without blanks around it, and without the mark that keeps spreadsheets from reckoning."""
    text = text.strip()
    if not text.isprintable():
        # No database keeps these; what stands in for them is refused with a sentence.
        text = _UNKEPT.sub("\x01", text)
    if text.startswith("'") and text[1:].startswith(RISKY):
        return text[1:]
    return text


def _no(text: object, code: str) -> Invalid:
    return Invalid([Fault("file", text, code)])  # type: ignore[arg-type]
