"""Bringing in a file: what it is, how its columns are read, and what the company remembers of the last one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.documents.kinds import Type
from core.documents.models import Document
from core.errors import Fault, Invalid
from core.exchange.cells import header_key
from core.exchange.fields import Column, columns, guessed, header_place
from core.exchange.reading import form_of, rows
from core.operations import imports
from core.operations.many import keys_of
from core.text import Text, _
from core.work import Work

HEAD_ROWS = 15
# Whoever uploads a file waits while its beginning is looked at, however many empty rows it has.
LOOKED_AT = 2000
SAMPLES = 5
LONGEST_SAMPLE = 80
WAYS: dict[str, Text] = {
    "new": _("Only new records"),
    "change": _("Only changes of records that there are"),
    "both": _("New records and changes"),
}


def upload(work: Work, cls: Type, file_name: str, content: bytes) -> int:
    """Look at a file and keep it, its columns read by themselves; gives back the import's id.

    Raises ``Forbidden``, or ``Invalid`` for what is no table, is too large or has no columns.
    """
    imports.demand(work, cls)
    if len(content) > imports.LARGEST:
        raise Invalid([Fault("file", _("The file is larger than {size} MB.", size=imports.LARGEST >> 20), "too_large")])
    form, encoding = form_of(content)
    first = []
    for row in rows(content, form, encoding, until=LOOKED_AT):
        first.append(row)
        if len(first) == HEAD_ROWS:
            break
    if not first:
        raise Invalid([Fault("file", _("The file holds no row."), "empty")])
    place = header_place(cls, first)
    number, headers = first[place]
    known = columns(work, cls)
    found = guessed(known, cls, headers, imports.remembered(work, cls))
    return imports.keep(
        work,
        cls,
        content,
        file_name=file_name.strip()[-imports.LONGEST_NAME :] or f"{cls.plural}.{form}",
        form=form,
        encoding=encoding,
        header_row=number,
        columns=[header[:LONGEST_SAMPLE] for header in headers],
        samples=[[cell[:LONGEST_SAMPLE] for cell in cells] for _number, cells in first[place + 1 :][:SAMPLES]],
        mapping={str(at): path for at, path in found.items()},
    )


def check(
    work: Work,
    key: int,
    *,
    mapping: Mapping[str, str] | None = None,
    way: str = "",
    found_by: str = "",
) -> None:
    """Let the file be read and checked; ``mapping`` by the column's place or its header, as it is when left out.

    Raises ``Invalid`` for a field that is not there, is named twice, or is needed and not named.
    """
    batch = imports.find(work, key)
    cls, way = work.types.type(batch.record_kind), way or batch.way
    chosen = dict(batch.mapping) if mapping is None else _chosen(batch, columns(work, cls), mapping)
    by = (found_by or batch.found_by or usual_key(cls)) if way != "new" else ""
    _whole(work, cls, chosen, way, by)
    imports.check(work, key, mapping=chosen, way=way, found_by=by)


def _chosen(batch: Any, known: Mapping[str, Column], mapping: Mapping[str, str]) -> dict[str, str]:
    places = {header: place for place, header in reversed(list(enumerate(batch.columns)))}
    chosen: dict[str, str] = {}
    faults = []
    for name, path in mapping.items():
        place = int(name) if name.isdecimal() and len(name) < 4 else places.get(name)
        if place is None or place >= len(batch.columns):
            faults.append(Fault(f"mapping/{name}", _("The file has no such column."), "unknown"))
        elif path and path not in known:
            faults.append(Fault(f"mapping/{name}", _("There is no such field, or it cannot be written."), "unknown"))
        elif path and path in chosen.values():
            faults.append(Fault(f"mapping/{name}", _("Two columns are read as the same field."), "twice"))
        elif path:
            chosen[str(place)] = path
    if faults:
        raise Invalid(faults)
    return chosen


def _whole(work: Work, cls: Type, mapping: Mapping[str, str], way: str, found_by: str) -> None:
    """What is needed is there: for new records what they cannot do without, for changes by what they are found."""
    known, given = columns(work, cls), set(mapping.values())
    faults = []
    if not given:
        faults.append(Fault("mapping", _("No column is read as a field yet."), "required"))
    if way != "new" and found_by not in keys(work, cls):
        faults.append(Fault("found_by", _("Records cannot be found by this field."), "choice"))
    elif way != "new" and found_by not in given:
        label = known[found_by].label
        faults.append(Fault("found_by", _("No column is read as “{field}”.", field=label), "required"))
    if way != "change":
        faults += [
            Fault("mapping", _("No column is read as “{field}”, which is needed.", field=column.label), "required")
            for column in known.values()
            if column.required and not column.part and column.path not in given
        ]
    if faults:
        raise Invalid(faults)


def keys(work: Work, cls: Type) -> dict[str, Column]:
    """The fields by which records of a type are found again, as the actor sees them; none of documents."""
    if issubclass(cls, Document):
        return {}
    known = columns(work, cls)
    return {name: known[name] for name in keys_of(cls) if name in known}


def usual_key(cls: Type) -> str:
    """By what records are found unless somebody says otherwise."""
    return "" if issubclass(cls, Document) else next(iter(keys_of(cls)), "")


def go(work: Work, key: int) -> None:
    """Bring in what was found good, and remember how the columns were read."""
    imports.go(work, key, headings=[header_key(header) for header in imports.find(work, key).columns])


@dataclass(frozen=True, slots=True)
class Told:
    """One fault of a file for people: its row, its column's heading, and the sentence."""

    row: int
    column: str
    value: str
    text: str


def told(batch: Any, row: Any) -> list[Told]:
    """What is wrong with a row, cell by cell, in the reader's language."""
    found = []
    for column, kept, _code in row.faults:
        inside = 0 <= column < len(batch.columns)
        value = row.cells[column] if inside and column < len(row.cells) else ""
        found.append(Told(row.place, batch.columns[column] if inside else "", value, str(imports.unpacked(kept))))
    return found
