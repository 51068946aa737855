"""Rows of a file become records: which rows belong together, what each cell means, and where each fault stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.documents.kinds import Type
from core.errors import Fault, Invalid
from core.exchange.cells import Wrong, value
from core.exchange.fields import TOGETHER, Column, all_columns
from core.exchange.references import References
from core.schemas.inputs import read
from core.text import Text, _

# The place of a fault that belongs to no column.
WHOLE_ROW = -1


@dataclass(frozen=True, slots=True)
class Plan:
    """How the columns of one file are read: the field of each by its place, the record's own and those of its rows."""

    cls: Type
    header: tuple[tuple[int, Column], ...]
    inner: tuple[tuple[int, Column], ...]
    together: int | None
    columns: tuple[tuple[int, Column], ...]

    @classmethod
    def of(cls, kind: Type, mapping: Mapping[str, str], known: Mapping[str, Column]) -> Plan:
        """The plan of a mapping; fields that the actor does not see are left out."""
        pairs = sorted((int(place), known[path]) for place, path in mapping.items() if path in known)
        return cls(
            kind,
            tuple((p, c) for p, c in pairs if not c.part and c.path != TOGETHER),
            tuple((p, c) for p, c in pairs if c.part),
            next((p for p, c in pairs if c.path == TOGETHER), None),
            tuple(pairs),
        )

    def begins(self, cells: Sequence[str], before: Sequence[str] | None) -> bool:
        """Whether a row begins a record, seen beside the first row of the record before."""
        if before is None or not self.inner or not any(cell_of(cells, place) for place, _column in self.inner):
            return True
        if self.together is not None and (word := cell_of(cells, self.together)):
            return word != cell_of(before, self.together)
        mine = [cell_of(cells, place) for place, _column in self.header]
        return any(mine) and mine != [cell_of(before, place) for place, _column in self.header]


def cell_of(cells: Sequence[str], place: int) -> str:
    """The cell at a place; rows are as long as their last cell."""
    return cells[place] if place < len(cells) else ""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing wrong with a row: the column, or ``WHOLE_ROW``, and the sentence."""

    place: int
    column: int
    text: Text
    code: str


@dataclass(slots=True)
class Group:
    """The rows of one record: the number of each in the file, and its cells."""

    rows: list[tuple[int, list[str]]]
    given: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    faults: list[Said] = field(default_factory=list)
    # Which row of the file each row of a list is, by the list's key.
    places: dict[str, list[int]] = field(default_factory=dict)
    # The record that the check has found and its version then; None for a new one.
    checked: tuple[int, int] | None = None

    def begin_anew(self) -> None:
        """Forget what was understood so far."""
        self.given, self.typed, self.faults, self.places = {}, {}, [], {}

    @property
    def last(self) -> int:
        """The number of the row with which the record ends."""
        return self.rows[-1][0]

    @property
    def first(self) -> int:
        """The number of the row with which the record begins."""
        return self.rows[0][0]


def wanted(plan: Plan, groups: Sequence[Group]) -> Iterator[tuple[Any, str]]:
    """Everything that the rows point at, once each."""
    for place, column in (*plan.header, *plan.inner):
        if column.face is not None and column.face.references:
            said = dict.fromkeys(cell_of(cells, place) for group in groups for _number, cells in group.rows)
            yield from ((column.face, text) for text in said if text)


def assemble(plan: Plan, groups: Sequence[Group], references: References) -> None:
    """Fill ``given`` of every group from its cells; what cannot be understood is told at its cell."""
    references.learn(wanted(plan, groups))
    header = [_Reader(place, column, references) for place, column in plan.header if column.face]
    inner: dict[str, list[_Reader]] = {}
    for place, column in plan.inner:
        if column.face:
            inner.setdefault(column.part, []).append(_Reader(place, column, references))
    for group in groups:
        number, cells = group.rows[0]
        _fill(header, number, cells, group.given, group.faults)
        for number, cells in group.rows:
            for key, readers in inner.items():
                row: dict[str, Any] = {}
                if _fill(readers, number, cells, row, group.faults):
                    group.given.setdefault(key, []).append(row)
                    group.places.setdefault(key, []).append(number)


class _Reader:
    """Reads the cells of one column; what a cell means that is read once is known for the others that say the same."""

    __slots__ = ("_column", "_references", "_seen", "face", "is_text", "name", "place")

    def __init__(self, place: int, column: Column, references: References) -> None:
        self.place, self.name, self._column, self._references = place, column.name, column, references
        self.face: Any = column.face
        self.is_text = column.face is not None and column.face.kind in {"text", "long"}
        self._seen: dict[str, Any] = {}

    def read(self, text: str) -> Any:
        """The value of a cell that says something; raises ``Wrong``."""
        if text in self._seen:
            found = self._seen[text]
        else:
            try:
                found = self._references.find(self.face, text) if self.face.references else value(self.face, text)
            except Wrong as wrong:
                found = wrong
            self._seen[text] = found
        if isinstance(found, Wrong):
            raise found
        return found


def _fill(
    readers: Sequence[_Reader], number: int, cells: Sequence[str], into: dict[str, Any], faults: list[Said]
) -> bool:
    """Read the cells of a row; gives back whether any of them said something."""
    width, said = len(cells), False
    for reader in readers:
        text = cells[reader.place] if reader.place < width else ""
        if not text:
            continue
        said = True
        if reader.is_text and text[0] != "#":
            into[reader.name] = text
            continue
        try:
            into[reader.name] = reader.read(text)
        except Wrong as wrong:
            faults.append(Said(number, reader.place, wrong.text, wrong.code))
    return said


def check(plan: Plan, group: Group, *, partial: bool) -> None:
    """Read the values as a form would; what is missing or too long is told at its cell."""
    try:
        group.typed = read(plan.cls, group.given, partial=partial)
    except Invalid as error:
        tell(plan, group, error.faults)


def tell(plan: Plan, group: Group, faults: Sequence[Fault]) -> None:
    """Put the faults of a record to the cells they come from; a cell already told is not told again."""
    told = {(said.place, said.column) for said in group.faults if said.column != WHOLE_ROW}
    for fault in faults:
        place, column, label = _cell(plan, group, fault.path)
        if (place, column) in told:
            continue
        text = fault.text
        if column == WHOLE_ROW and label:
            text = _("{field}: {reason}", field=label, reason=fault.text)
        group.faults.append(Said(place, column, text, fault.code))


def _cell(plan: Plan, group: Group, path: str) -> tuple[int, int, Text | None]:
    """Row and column of a fault's path; the field's label where no column holds it."""
    head, *rest = path.split("/")
    if rest and rest[0].isdigit() and head in group.places and int(rest[0]) < len(group.places[head]):
        number, wanted = group.places[head][int(rest[0])], f"{head}.{rest[1] if len(rest) > 1 else ''}"
    else:
        number, wanted = group.first, head
    for place, column in (*plan.header, *plan.inner):
        if column.path == wanted:
            return number, place, None
    return number, WHOLE_ROW, _label(plan, wanted)


def _label(plan: Plan, path: str) -> Text | None:
    found = next((column for column in all_columns(plan.cls) if column.path == path), None)
    return found.face.label if found and found.face else None
