"""The parts of documents: read from what was given, checked, written set-wise, and changed while they live.

One statement each for parts that are new, changed and gone, however many there are; none for types without parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from core.canonical import difference
from core.db.engine import is_sqlite
from core.documents.faces import defaults, faces
from core.documents.models import Document
from core.documents.parts import DocumentPart, columns_of, content_of
from core.documents.reading import parts_of
from core.entities.master import Part
from core.errors import Conflict, Fault, Invalid
from core.operations.ledger import Entry, ledger
from core.schemas.inputs import MESSAGES, writable
from core.text import _
from core.work import Work

P = TypeVar("P", bound=DocumentPart)
Given = Mapping[str, Any]
Held = dict[str, dict[int, dict[str, Any]]]


def split(cls: type[Document], values: Given) -> tuple[dict[str, Any], dict[str, Sequence[Given]]]:
    """The values of the header, and the rows given for each part."""
    keys = {part.key for part in cls.parts}
    header = {name: value for name, value in values.items() if name not in keys}
    return header, {name: rows for name, rows in values.items() if name in keys and rows is not None}


def fill(document: Document, given: Mapping[str, Sequence[Given]]) -> list[Fault]:
    """Put the rows given for each part onto the document, in memory; what is not given stays.

    A row with an ``id`` changes that part and keeps what it does not name, one without is new, one left out goes.
    """
    wrong: list[Fault] = []
    for part in type(document).parts:
        if part.key not in given:
            continue
        wrong += lacking(part, given[part.key])
        known = {row.id: row for row in getattr(document, part.key)}
        rows: list[DocumentPart] = []
        for place, one in enumerate(given[part.key]):
            key = one.get("id")
            if key and key not in known:
                wrong.append(Fault(f"{part.key}/{place}/id", _("This line does not belong here."), "reference"))
                continue
            row = known.pop(key) if key else _new(document, part)
            _set(row, one)
            row.position = place + 1
            rows.append(row)
        setattr(document, part.key, rows)
    return wrong


def _new(document: Document, part: type[P]) -> P:
    begun = {**dict.fromkeys(columns_of(part)), **defaults(part)}
    row = part(**begun, company_id=document.company_id)
    set_committed_value(row, "id", None)
    return row


def _set(row: DocumentPart, values: Given) -> None:
    table: Any = row.__table__
    for name in columns_of(type(row)):
        if name in values and not (values[name] is None and not table.c[name].nullable):
            setattr(row, name, values[name])


def faults(work: Work, document: Document, given: Iterable[str] = ()) -> list[Fault]:
    """What the checks of the document and of its parts find; and what the parts ``given`` point at without its being.

    The checks may fill in what is reckoned, such as the amount of a share.
    """
    cls, wrong = type(document), list[Fault]()
    for part in cls.parts:
        if part.key in given:
            rows = [{name: getattr(row, name) for name in faces(part)} for row in getattr(document, part.key)]
            wrong += missing(work, part, rows)
    checks = [*cls.checks, *(check for part in cls.parts for check in part.checks)]
    return wrong + [fault for check in checks for fault in check(work, document)]


def check(work: Work, document: Document, given: Iterable[str] = ()) -> None:
    """Raise ``Invalid`` with every fault that there is."""
    if found := faults(work, document, given):
        raise Invalid(found)


def lacking(part: type[Part], rows: Sequence[Given]) -> list[Fault]:
    """What new rows of a part need and do not say: a change of the whole may leave out fields, a new row may not."""
    needed = _needed(part)
    return [
        Fault(f"{part.key}/{place}/{name}", MESSAGES["required"], "required")
        for place, row in enumerate(rows)
        for name in needed
        if not row.get("id") and row.get(name) in (None, "")
    ]


@cache
def _needed(part: type[Part]) -> tuple[str, ...]:
    return tuple(name for name, face in writable(part, owner=part.owner).items() if face.field.required)


def missing(work: Work, part: type[Part], rows: Sequence[Given]) -> list[Fault]:
    """Everything that rows of a part point at and that is not here; one statement for each kind of record."""
    wrong = []
    for name, face in faces(part).items():
        wanted = {row[name] for row in rows if row.get(name) is not None} if face.references else set()
        if wanted:
            here = present(work, face.references or "", wanted)
            wrong += [
                Fault(f"{part.key}/{place}/{name}", _("There is no such record."), "reference")
                for place, row in enumerate(rows)
                if row.get(name) is not None and row[name] not in here
            ]
    return wrong


def present(work: Work, kind: str, wanted: set[int]) -> set[int]:
    """Those of ``wanted`` that the company has a record of ``kind`` under."""
    known: dict[str, Iterable[int]] = {
        "core.company_role": work.company.roles,
        "core.account": work.company.people,
        "core.department": work.company.departments,
    }
    if kind in known:
        return wanted & set(known[kind])
    table: Any = work.types.type(kind).__mapper__.tables[0]
    statement = select(table.c.id).where(table.c.company_id == work.company.id, table.c.id.in_(wanted))
    if kind in work.types.documents:
        statement = statement.where(table.c.kind == kind)
    return set(work.connection.execute(statement).scalars())


# What is kept of them ---------------------------------------------------------------------------------------------


def said(row: DocumentPart) -> dict[str, Any]:
    """What the history keeps of a part: the columns that say something."""
    kept = {name: getattr(row, name) for name in columns_of(type(row))}
    return {name: value for name, value in kept.items() if value not in (None, "")}


def snapshot(document: Document) -> dict[str, list[dict[str, Any]]]:
    """What the history keeps of all parts of a document, by their key; nothing where there are none."""
    found = {part.key: [said(row) for row in getattr(document, part.key)] for part in type(document).parts}
    return {key: rows for key, rows in found.items() if rows}


def held(document: Document) -> Held:
    """Every column of every part as it is now, to be compared after a change."""
    return {
        part.key: {row.id: {n: getattr(row, n) for n in columns_of(part)} for row in getattr(document, part.key)}
        for part in type(document).parts
    }


def copied(document: Document) -> dict[str, list[dict[str, Any]]]:
    """The parts as a new document takes them over: what people write, but no days, and nothing that came later."""
    found = {}
    for part in type(document).parts:
        content = content_of(part)
        names = [n for n, face in writable(part, owner=part.owner).items() if n in content and _timeless(part, n, face)]
        found[part.key] = [{n: getattr(row, n) for n in names} for row in getattr(document, part.key)]
    return {key: rows for key, rows in found.items() if rows}


def _timeless(part: type[Part], name: str, face: Any) -> bool:
    table: Any = part.__table__
    return face.kind != "date" or not table.c[name].nullable


# Writing ----------------------------------------------------------------------------------------------------------


def insert_all(work: Work, document: Document) -> None:
    """Write the parts of a document that is new itself."""
    for part in type(document).parts:
        _insert(work, document, part, getattr(document, part.key))


def write(work: Work, document: Document, before: Held) -> dict[str, Any]:
    """Write what differs from ``before`` (see ``held``); gives back the changes for the history, by the part's key."""
    changes = {}
    for part in type(document).parts:
        rows, old = getattr(document, part.key), before[part.key]
        new = [row for row in rows if row.id is None]
        gone = sorted(set(old) - {row.id for row in rows})
        changed: dict[int, dict[str, Any]] = {}
        for row in rows:
            if row.id is not None and (diff := _differs(row, old[row.id])):
                changed[row.id] = diff
        if gone:
            _delete(work, document, part, gone)
        _update(work, document, part, [row for row in rows if row.id in changed], columns_of(part))
        _insert(work, document, part, new)
        found = {
            "changed": {str(key): diff for key, diff in changed.items()},
            "removed": {str(key): {n: v for n, v in old[key].items() if v not in (None, "")} for key in gone},
            "added": {str(row.id): said(row) for row in new},
        }
        if any(found.values()):
            changes[part.key] = {what: rows for what, rows in found.items() if rows}
    return changes


def _differs(row: DocumentPart, before: Given) -> dict[str, list[Any]]:
    return difference(before, {name: getattr(row, name) for name in before})


def remove(work: Work, document: Document) -> None:
    """Delete the parts of a document that is discarded."""
    for part in type(document).parts:
        _delete(work, document, part, None)


def _delete(work: Work, document: Document, part: type[DocumentPart], keys: Sequence[int] | None) -> None:
    table: Any = part.__table__
    statement = delete(table).where(table.c.company_id == work.company.id, table.c.document_id == document.id)
    work.connection.execute(statement if keys is None else statement.where(table.c.id.in_(keys)))


def _update(
    work: Work, document: Document, part: type[DocumentPart], rows: Sequence[DocumentPart], names: Sequence[str]
) -> None:
    if not rows:
        return
    table: Any = part.__table__
    work.connection.execute(
        update(table)
        .where(
            table.c.company_id == bindparam("_company"),
            table.c.document_id == bindparam("_document"),
            table.c.id == bindparam("_id"),
        )
        .values({name: bindparam(name) for name in names}),
        [
            {
                "_company": work.company.id,
                "_document": document.id,
                "_id": row.id,
                **{n: getattr(row, n) for n in names},
            }
            for row in rows
        ],
    )


def _insert(work: Work, document: Document, part: type[DocumentPart], rows: Sequence[DocumentPart]) -> None:
    if not rows:
        return
    table: Any = part.__table__
    names = columns_of(part)
    values = []
    for row in rows:
        row.document_id, row.company_id = document.id, work.company.id
        own = {name: getattr(row, name) for name in names}
        values.append({**own, "company_id": work.company.id, "document_id": document.id})
    for row, key in zip(rows, inserted(work, table, values), strict=True):
        set_committed_value(row, "id", key)


def inserted(work: Work, table: Any, rows: Sequence[Given]) -> list[int]:
    """Write rows in one statement; gives back their ids, in the order given."""
    is_lite = is_sqlite(work.connection)
    keys = work.connection.execute(_insert_for_keys(table, is_lite), rows).scalars()
    return sorted(keys) if is_lite else list(keys)


@cache
def _insert_for_keys(table: Any, is_lite: bool) -> Any:
    """Made once. Asked for in order, SQLite would be given row by row; but its keys rise within one statement."""
    return insert(table).returning(table.c.id, sort_by_parameter_order=not is_lite)


# What lives on ----------------------------------------------------------------------------------------------------


def touch(
    work: Work,
    document: Document,
    part: type[DocumentPart],
    values: Mapping[int, Given],
    entry: Entry | None = None,
) -> None:
    """Write living columns of parts, also on a posted document: ``values`` by the id of the row.

    The document must have been read behind its lock; nobody's right is asked. The change is in the history (under
    ``entry``, else as an edit) and raises the document's version, by which two at once are kept apart. Raises
    ``Conflict`` when a row is not there any more, ``ValueError`` for a column that is not declared as living.
    """
    living = set(columns_of(part)) - set(content_of(part))
    if content := {name for row in values.values() for name in row} - living:
        raise ValueError(f"{part.__name__} has no living columns {', '.join(sorted(content))}.")
    rows = _loaded(work, document, part, values)
    changed = {key: diff for key, given in values.items() if (diff := _changed(rows[key], given))}
    if not changed and entry is None:
        return
    names = sorted({name for diff in changed.values() for name in diff})
    _update(work, document, part, [rows[key] for key in changed], names)
    told = entry or Entry("edit", {})
    if changed:
        told.changes[part.key] = {"changed": {str(key): diff for key, diff in changed.items()}}
    ledger(work).step(document).entries.append(told)
    ledger(work).wrote(document, part.key)


def _loaded(work: Work, document: Document, part: type[P], keys: Iterable[int]) -> dict[int, P]:
    """The rows of a part by id, read where they were not loaded with the document."""
    if not {row.id for row in getattr(document, part.key)}.issuperset(keys):
        setattr(document, part.key, parts_of(work, part, [document.id]))
    rows: dict[int, P] = {row.id: row for row in getattr(document, part.key)}
    if not rows.keys() >= set(keys):
        raise Conflict(_("Somebody else has changed this in the meantime."), code="part.gone")
    return rows


def _changed(row: DocumentPart, values: Given) -> dict[str, list[Any]]:
    """Set what differs; gives back old and new."""
    diff = difference({name: getattr(row, name) for name in values}, values)
    for name in diff:
        setattr(row, name, values[name])
    return diff
