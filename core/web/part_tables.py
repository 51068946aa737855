"""The parts of masters and documents on screen: a grid below the form, a table on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.canonical import plain
from core.documents import sight
from core.documents.faces import Face, faces
from core.documents.models import Document
from core.documents.parts import DocumentPart
from core.entities.master import Part
from core.operations import parts
from core.schemas.inputs import MOST_LINES, part_schema
from core.web import addresses
from core.web.forms import SHORT, column, percent
from core.web.showing import Names, cell, kind_of_cell
from core.work import Work


def headings(cls: Any) -> list[dict[str, str]]:
    """The grids of a type's form: the key and the label of each part."""
    return [{"name": part.key, "label": str(part.label)} for part in cls.parts]


def grids(work: Work, cls: Any, record: Any) -> dict[str, Any]:
    """What ``grid.js`` needs for the parts of a record, by their key."""
    data = {}
    for part in cls.parts:
        known = _known(work, part)
        rows = getattr(record, part.key, None) or ()
        data[part.key] = {
            "columns": [
                column(work, name, face) | ({} if face.field.writable else {"editable": False})
                for name, face in known.items()
            ],
            "rows": _rows(work, known, rows),
            "blank": _blank(part, known),
        }
    return data


def _known(work: Work, part: type[Part]) -> dict[str, Face]:
    """What the reader may write: a masked value typed back would take the place of the real one."""
    return {n: f for n, f in faces(part).items() if n in part.columns and work.sees(f.needs)}


def _blank(part: Any, known: Mapping[str, Face]) -> dict[str, Any]:
    """What a new row begins with: the defaults that say something."""
    found = {}
    for name, face in known.items():
        default = part.__table__.c[name].default
        if face.field.writable and default is not None and default.is_scalar and default.arg not in ("", 0, False):
            found[name] = plain(default.arg)
    return found


def _rows(work: Work, known: Mapping[str, Face], rows: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a grid as it holds them; names are read once for each column."""
    shown: list[dict[str, Any]] = [{"id": row.id} | {n: _value(f, row) for n, f in known.items()} for row in rows]
    for name, face in known.items():
        if face.references and face.references not in SHORT:
            names = addresses.names(work, face.references, {one[name] for one in shown if one[name]})
            for one in shown:
                one[f"{name}_text"] = names.get(one[name], "")
    return shown


def _value(face: Face, row: Any) -> Any:
    value = getattr(row, face.name)
    return percent(value) if face.places == 4 and value is not None else plain(value)


def panel(work: Work, part: type[Part], rows: Sequence[Any]) -> dict[str, Any]:
    """The rows of one part as a table of the record's page; columns that say nothing are left out."""
    known = {n: f for n, f in sight.shown(work, part).items() if n in part.columns}
    values = [{n: getattr(row, n) for n in known} for row in rows]
    wanted = [n for n in known if any(row[n] not in (None, "", False) for row in values)] or list(known)[:4]
    names = Names(work).learn(known, values)
    return {
        "key": part.key,
        "label": str(part.label),
        "icon": "list",
        "kind": "table",
        "count": len(rows),
        "columns": [{"label": str(known[n].label), "kind": kind_of_cell(known[n])} for n in wanted],
        "rows": [[cell(work, part, n, known[n], row, names) for n in wanted] for row in values],
        "note": "",
    }


# While a document is typed ----------------------------------------------------------------------------------------


def reckoned(work: Work, document: Document, given: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What is reckoned of each row that a person is writing, by the part's key; nothing of rows not understood yet."""
    cls = type(document)
    asked = {part.key: given[part.key][:MOST_LINES] for part in cls.parts if isinstance(given.get(part.key), list)}
    typed = {part.key: dict(_typed(part, document, asked[part.key])) for part in cls.parts if part.key in asked}
    if not parts.fill(document, {key: list(rows.values()) for key, rows in typed.items()}):
        parts.faults(work, document)
    answer: dict[str, list[dict[str, Any]]] = {}
    for part in cls.parts:
        if part.key in asked:
            told = {n: f for n, f in _known(work, part).items() if not f.field.writable and not f.references}
            rows = dict(zip(typed[part.key], getattr(document, part.key), strict=True))
            answer[part.key] = [
                {n: _value(f, rows[place]) for n, f in told.items()} if place in rows else {}
                for place in range(len(asked[part.key]))
            ]
    return answer


def _typed(
    part: type[DocumentPart], document: Document, asked: Sequence[Any]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows that can be understood, or what of them can, with their places."""
    schema = part_schema(part)(partial=True)
    known = {row.id for row in getattr(document, part.key)}
    for place, one in enumerate(asked):
        if not isinstance(one, Mapping):
            continue
        wrong = {str(path) for path in schema.validate(one)}
        if "_schema" in wrong:
            continue
        row: Mapping[str, Any] = schema.load({name: value for name, value in one.items() if name not in wrong})
        if not row.get("id") or row["id"] in known:
            known.discard(row.get("id") or 0)
            yield place, row
