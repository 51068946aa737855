"""Reading a workbook (xlsx) row by row: what a cell says as text, in the memory of one row and its shared texts.

The file is whatever somebody sent: it may be packed without end, refer to places that are not there, or name a cell at
the far end of the sheet. So nothing is unpacked beyond a bound, no entity is expanded, and no empty cell costs memory.
"""

from __future__ import annotations

import re
import zipfile
from array import array
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from core.exchange.cells import FORMULA

LARGEST_UNPACKED = 400 << 20
LARGEST_TEXTS = 64 << 20
LONGEST_CELL = 1 << 15
MOST_COLUMNS = 200
LAST_ROW = 1 << 20
EVERY = 1 << 62
PIECE = 1 << 16
# Built-in formats that show a day; those from 27 on are of Chinese Excel.
_DAYS = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}
_SAID = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_PLAIN = re.compile(r"-?\d{1,15}")


class Unreadable(ValueError):
    """It is no workbook, or none that may be read."""


def sheet_rows(content: bytes, until: int = EVERY) -> Iterator[tuple[int, list[str]]]:
    """Every row of the first visible sheet that says something: its number in the sheet, from 1, and its cells.

    Some rows behind ``until`` may be given, and no more is read of them than of those before.

    Figures are written plainly (``1234.5``), days in ISO form, truths as TRUE and FALSE. Raises ``Unreadable``.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > LARGEST_UNPACKED:
                raise Unreadable
            yield from _Book(packed).rows(until)
    except (zipfile.BadZipFile, expat.ExpatError, KeyError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Unreadable from error


class _Texts:
    """The shared texts as one run of bytes: half a million of them in a few megabytes."""

    def __init__(self) -> None:
        self._bytes, self._ends = bytearray(), array("Q", [0])

    def add(self, text: str) -> None:
        self._bytes += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._bytes))

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self._ends) - 1:
            raise Unreadable
        return self._bytes[self._ends[place] : self._ends[place + 1]].decode("utf-8", "surrogatepass")


class _SharedTexts:
    """Reads the shared texts; how they are pronounced is no part of them."""

    def __init__(self) -> None:
        self.found = _Texts()
        self._pieces: list[str] = []
        self._inside = self._spoken = False

    def begin(self, name: str, _given: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "t":
                self._inside = True
            case "rPh":
                self._spoken = True

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "t":
                self._inside = False
            case "rPh":
                self._spoken = False
            case "si":
                self.found.add(unescaped("".join(self._pieces)))
                self._pieces.clear()

    def said(self, text: str) -> None:
        if self._inside and not self._spoken:
            self._pieces.append(text)


class _Book:
    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self._names = {name.lower().lstrip("/"): name for name in packed.namelist()}
        self._from_1904 = False
        self._sheet = self._first_sheet()
        self._texts = self._shared()
        self._day_styles = self._styles()

    def rows(self, until: int) -> Iterator[tuple[int, list[str]]]:
        """The rows, as they are parsed."""
        reader = _Rows(self._texts, self._day_styles, 1462 if self._from_1904 else 0)
        for _piece in self._parsed(self._sheet, reader.begin, reader.end, reader.said):
            yield from reader.found
            reader.found.clear()
            if reader.number > until:
                return

    def _first_sheet(self) -> str:
        sheets: list[tuple[str, str]] = []

        def begin(name: str, given: dict[str, str]) -> None:
            match name.rpartition(":")[2]:
                case "sheet":
                    key = next((value for at, value in given.items() if at.rpartition(":")[2] == "id"), "")
                    sheets.append((key, given.get("state", "visible")))
                case "workbookPr":
                    self._from_1904 = given.get("date1904", "") in {"1", "true"}

        self._read("xl/workbook.xml", begin)
        places: dict[str, str] = {}

        def related(_name: str, given: dict[str, str]) -> None:
            if "Target" in given:
                places[given.get("Id", "")] = given["Target"]

        self._read("xl/_rels/workbook.xml.rels", related)
        shown = [key for key, state in sheets if state == "visible"]
        target = places[shown[0]] if shown else ""
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        return str(PurePosixPath(path))

    def _shared(self) -> _Texts:
        reader = _SharedTexts()
        if "xl/sharedstrings.xml" in self._names:
            if self._packed.getinfo(self._names["xl/sharedstrings.xml"]).file_size > LARGEST_TEXTS:
                raise Unreadable
            for _piece in self._parsed("xl/sharedStrings.xml", reader.begin, reader.end, reader.said):
                continue
        return reader.found

    def _styles(self) -> frozenset[int]:
        """The styles by which a figure is a day."""
        codes: dict[int, str] = {}
        used: list[int] = []
        inside: list[str] = []

        def begin(name: str, given: dict[str, str]) -> None:
            short = name.rpartition(":")[2]
            inside.append(short)
            if short == "numFmt":
                codes[int(given["numFmtId"])] = given.get("formatCode", "")
            elif short == "xf" and "cellXfs" in inside:
                used.append(int(given.get("numFmtId", "0")))

        if "xl/styles.xml" in self._names:
            for _piece in self._parsed("xl/styles.xml", begin, lambda _name: inside.pop(), lambda _text: None):
                continue
        return frozenset(n for n, key in enumerate(used) if key in _DAYS or shows_a_day(codes.get(key, "")))

    def _read(self, path: str, begin: Callable[[str, dict[str, str]], Any]) -> None:
        for _piece in self._parsed(path, begin, lambda _name: None, lambda _text: None):
            continue

    def _parsed(self, path: str, begin: Any, end: Any, said: Any) -> Iterator[None]:
        """Let the file be parsed piece by piece."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, said
        parser.StartDoctypeDeclHandler = _no_doctype
        with self._packed.open(self._names[path.lower()]) as source:
            while piece := source.read(PIECE):
                parser.Parse(piece, False)
                yield
        parser.Parse(b"", True)
        yield


def _no_doctype(*_given: Any) -> None:
    raise Unreadable


def unescaped(text: str) -> str:
    """A text in which characters may stand by their number."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def shows_a_day(code: str) -> bool:
    """Whether a format writes a figure as a day."""
    bare = _SAID.sub("", code.partition(";")[0]).lower()
    return ("y" in bare or "d" in bare) and "general" not in bare and "red" not in bare


class _Rows:
    """The cells of the sheet, row by row."""

    def __init__(self, texts: _Texts, day_styles: frozenset[int], shift: int) -> None:
        self._texts, self._day_styles, self._shift = texts, day_styles, shift
        self.found: list[tuple[int, list[str]]] = []
        self._kinds: dict[str, str] = {}
        self.number = self._column = 0
        self._row: list[str] = []
        self._type, self._style, self._value = "", "", ""
        self._listens = self._spoken = self._reckoned = False

    def begin(self, name: str, given: dict[str, str]) -> None:
        kind = self._kinds.get(name) or self._kinds.setdefault(name, name.rpartition(":")[2])
        if kind == "c":
            place = given.get("r")
            self._column = _column(place) if place else self._column + 1
            self._type, self._style, self._value = given.get("t", "n"), given.get("s", "0"), ""
            self._reckoned = False
        elif kind == "f":
            self._reckoned = True
        elif kind == "v" or kind == "t":
            self._listens = not self._spoken
        elif kind == "row":
            self.number = int(given.get("r", self.number + 1))
            if not 0 < self.number <= LAST_ROW:
                raise Unreadable
            self._row, self._column = [], 0
        elif kind == "rPh":
            self._spoken = True

    def said(self, text: str) -> None:
        if self._listens and len(self._value) <= LONGEST_CELL:
            self._value += text

    def end(self, name: str) -> None:
        kind = self._kinds.get(name, "")
        if kind == "v" or kind == "t":
            self._listens = False
        elif kind == "c":
            if (self._value or self._reckoned) and self._column <= MOST_COLUMNS:
                missing = self._column - len(self._row)
                if missing > 1:
                    self._row += [""] * (missing - 1)
                self._row.append(self._written() if self._value else FORMULA)
        elif kind == "row":
            if self._row:
                self.found.append((self.number, self._row))
            self._row = []
        elif kind == "rPh":
            self._spoken = False

    def _written(self) -> str:
        match self._type:
            case "s":
                return self._texts[int(self._value)]
            case "n" | "":
                is_day = self._style != "0" and int(self._style) in self._day_styles
                return day_of(self._value, self._shift) if is_day else figure_of(self._value)
            case "b":
                return "TRUE" if self._value == "1" else "FALSE"
            case "d":
                return self._value.removesuffix("T00:00:00").replace("T", " ")
        return unescaped(self._value)


def _column(place: str) -> int:
    number = 0
    for letter in place:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter) - 64
    return number


def figure_of(raw: str) -> str:
    """A figure as the sheet shows it: fifteen digits, and no trace of binary fractions."""
    if _PLAIN.fullmatch(raw):
        return raw
    number = Decimal(f"{float(raw):.15g}")
    return format(number.normalize(), "f") if number.is_finite() else raw


def day_of(raw: str, shift: int = 0) -> str:
    """A day by its number in a sheet; with the time where one is meant."""
    number = float(raw) + shift
    if not 1 <= number < 2_958_466:
        return figure_of(raw)
    moment = datetime(1899, 12, 30) + timedelta(minutes=round(number * 1440))  # noqa: DTZ001 - a day
    return f"{moment:%Y-%m-%d}" if moment.hour == moment.minute == 0 else f"{moment:%Y-%m-%d %H:%M}"
