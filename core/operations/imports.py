"""What somebody brings in from a file, kept from the upload to the end: who may, which step comes next, and its rows.

The steps themselves are carried out by jobs (``core.exchange.steps``), each in a transaction of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.among import one_of
from core.db.bulk import insert_columns
from core.db.engine import is_sqlite
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document
from core.documents.reading import LARGEST_ID
from core.errors import Conflict, Fault, Invalid, Unknown
from core.operations.company import record
from core.records.imports import WAYS, ImportBatch, ImportFile, ImportKey, ImportMapping, ImportRow
from core.rights import ADMINISTER
from core.text import Text, _
from core.work import Work

JOB = "core.bring_in"
LARGEST = 40 * 1024 * 1024
LONGEST_NAME = 200
KEPT = timedelta(days=30)
BUSY = ("reading", "checking", "writing", "undoing")
OPEN = ("new", "checked", "failed")
_BATCH: Any = ImportBatch.__table__
_FILE: Any = ImportFile.__table__
_ROW: Any = ImportRow.__table__
_KEY: Any = ImportKey.__table__
_MAPPING: Any = ImportMapping.__table__
# What becomes known of a row.
TOLD = ("state", "faults", "record_id", "version", "before")
_TOLD = f"ON CONFLICT (import_id, place) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in TOLD)}"
COUNTS = ("rows", "last", "seen", "records", "bad", "made", "changed", "same")


# Who may ----------------------------------------------------------------------------------------------------------


def importable(work: Work) -> list[Type]:
    """The types of which the actor may bring in records, masters first."""
    every: list[Type] = [*work.types.masters.values(), *work.types.documents.values()]
    return [cls for cls in every if may_import(work, cls)]


def may_import(work: Work, cls: Type) -> bool:
    """Whether the actor may make records of the type."""
    kind = kind_of(cls)
    return area_of(kind) in {"core", *work.areas} and work.may(f"{kind}.create")


def demand(work: Work, cls: Type, way: str = "new") -> None:
    """Raise ``NotEnabled`` or ``Forbidden`` unless the actor may make, and change, records of the type."""
    kind = kind_of(cls)
    work.demand(f"{kind}.create")
    if way != "new":
        work.demand(f"{kind}.edit")


def find(work: Work, key: int, *, lock: bool = False) -> Any:
    """The import under ``key``: one's own, or any for an administrator. Raises ``Unknown``."""
    if not 0 < key <= LARGEST_ID:
        raise Unknown()
    statement = select(_BATCH).where(_BATCH.c.company_id == work.company.id, _BATCH.c.id == key)
    row = work.connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None or row.record_kind not in {*work.types.masters, *work.types.documents}:
        raise Unknown()
    if work.actor is not None and row.created_by != work.actor_id and not work.may(ADMINISTER):
        raise Unknown()
    if work.actor is not None and not may_import(work, work.types.type(row.record_kind)):
        raise Unknown()
    return row


def latest(work: Work, *, kind: str = "", before: int | None = None, most: int = 50) -> list[Any]:
    """The imports that the actor may see, the latest first."""
    kinds = [kind_of(cls) for cls in importable(work)]
    mine = [_BATCH.c.company_id == work.company.id, _BATCH.c.record_kind.in_([kind] if kind in kinds else kinds)]
    if work.actor is not None and not work.may(ADMINISTER):
        mine.append(_BATCH.c.created_by == work.actor_id)
    if before is not None:
        mine.append(_BATCH.c.id < before)
    return list(work.connection.execute(select(_BATCH).where(*mine).order_by(_BATCH.c.id.desc()).limit(most)))


# From the upload to the end -----------------------------------------------------------------------------------------


def keep(work: Work, cls: Type, content: bytes, **about: Any) -> int:
    """Keep a file that was looked at: its name, form, columns and how they are read; gives back the import's id.

    Raises ``Forbidden``, or ``Invalid`` for a file of more than 15 MB.
    """
    demand(work, cls)
    if len(content) > LARGEST:
        raise Invalid([Fault("file", _("The file is larger than {size} MB.", size=LARGEST >> 20), "too_large")])
    row = {
        "company_id": work.company.id,
        "record_kind": kind_of(cls),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "way": "new",
        "found_by": "",
        "state": "new",
        "problem": [],
        "kept_back": [],
        "created_at": work.now,
        "created_by": work.actor_id,
        **dict.fromkeys(COUNTS, 0),
        **about,
    }
    key: int = work.connection.execute(insert(_BATCH).returning(_BATCH.c.id), row).scalar_one()
    kept = {"company_id": work.company.id, "import_id": key, "content": content}
    work.connection.execute(insert(_FILE), kept)
    return key


def earlier(work: Work, batch: Any) -> Any:
    """The last import of the very same file that was carried out and stands; None when there was none."""
    statement = select(_BATCH).where(
        _BATCH.c.company_id == work.company.id,
        _BATCH.c.record_kind == batch.record_kind,
        _BATCH.c.sha256 == batch.sha256,
        _BATCH.c.id != batch.id,
        _BATCH.c.state == "done",
    )
    return work.connection.execute(statement.order_by(_BATCH.c.id.desc()).limit(1)).one_or_none()


def check(work: Work, key: int, *, mapping: Mapping[str, str], way: str = "new", found_by: str = "") -> None:
    """Let the file be read and checked with this ``mapping`` (column's place: field); what was checked is forgotten.

    ``way``: ``new`` records, ``change`` those found by the field ``found_by``, or ``both``. Raises ``Invalid``, and
    ``Conflict`` while the import is at work or has been carried out.
    """
    batch = find(work, key, lock=True)
    cls = work.types.type(batch.record_kind)
    demand(work, cls, way)
    _only(batch, OPEN if is_open(batch) else ())
    if way not in WAYS or (way != "new" and (issubclass(cls, Document) or not found_by)):
        raise Invalid([Fault("way", _("This type of record cannot be changed by a file."), "choice")])
    _forget_rows(work, key)
    _set(
        work,
        key,
        mapping=dict(mapping),
        way=way,
        found_by=found_by if way != "new" else "",
        state="reading",
        problem=[],
        **dict.fromkeys(COUNTS, 0),
    )
    enqueue(work, key)


def go(work: Work, key: int, *, headings: Sequence[str] = ()) -> None:
    """Bring in what was found good; ``headings``, as they are compared, are read the same way the next time.

    Raises ``Conflict`` unless it has been checked and something is good.
    """
    batch = find(work, key, lock=True)
    cls = work.types.type(batch.record_kind)
    demand(work, cls, batch.way)
    _only(batch, ("checked",))
    if batch.bad >= batch.records:
        raise Conflict(_("There is no good row to bring in."), code="import.empty")
    _remember(work, batch, headings)
    _set(work, key, state="writing", **dict.fromkeys(("seen", "made", "changed", "same"), 0))
    record(work, "import", {"file": [None, batch.file_name], "type": [None, batch.record_kind]}, quiet=True)
    enqueue(work, key)


def undo(work: Work, key: int) -> None:
    """Take back everything that the import has made and changed, or nothing at all (see ``steps``)."""
    batch = find(work, key, lock=True)
    demand(work, work.types.type(batch.record_kind), batch.way)
    _only(batch, ("done",) if not stopped(batch) else ("failed",))
    _set(work, key, state="undoing", problem=[], kept_back=[], undone_by=work.actor_id)
    record(work, "undo_import", {"file": [None, batch.file_name], "type": [None, batch.record_kind]}, quiet=True)
    enqueue(work, key)


def drop(work: Work, key: int) -> None:
    """Forget a file that was not brought in. Raises ``Conflict`` once it has been."""
    batch = find(work, key, lock=True)
    _only(batch, OPEN if is_open(batch) else ())
    _forget(work, [key])


def sweep(work: Work) -> None:
    """Forget files that nobody has brought in for a month."""
    mine = (_BATCH.c.company_id == work.company.id, _BATCH.c.state.in_(OPEN), _BATCH.c.created_at < work.now - KEPT)
    rows = work.connection.execute(select(_BATCH).where(*mine).limit(1000))
    if old := [row.id for row in rows if is_open(row)]:
        _forget(work, old)


def is_open(batch: Any) -> bool:
    """Whether the file may still be read another way, or be forgotten: nothing of it is in."""
    return batch.state in OPEN and not stopped(batch)


def stopped(batch: Any) -> bool:
    """Whether the writing was refused when a part of it was in already."""
    return batch.state == "failed" and bool(batch.made or batch.changed)


def _forget(work: Work, keys: Sequence[int]) -> None:
    for table in (_ROW, _KEY, _FILE):
        mine = (table.c.company_id == work.company.id, table.c.import_id.in_(keys))
        work.connection.execute(delete(table).where(*mine))
    work.connection.execute(delete(_BATCH).where(_BATCH.c.company_id == work.company.id, _BATCH.c.id.in_(keys)))


def enqueue(work: Work, key: int) -> None:
    """Let a job carry out the next step."""
    work.enqueue(JOB, import_id=key)


def _only(batch: Any, states: Sequence[str]) -> None:
    if batch.state not in states:
        text = _("The import is still at work.") if batch.state in BUSY else _("The import is past this step.")
        raise Conflict(text, code="import.state")


def _remember(work: Work, batch: Any, headings: Sequence[str]) -> None:
    """Keep for the next file how the company reads these headers."""
    new: Any = (sqlite if is_sqlite(work.connection) else postgresql).insert(_MAPPING)
    keys = ["company_id", "record_kind", "header"]
    statement = new.on_conflict_do_update(index_elements=keys, set_={"field": new.excluded.field})
    rows = {
        header[:200]: {
            "company_id": work.company.id,
            "record_kind": batch.record_kind,
            "header": header[:200],
            "field": batch.mapping.get(str(place), ""),
        }
        for place, header in enumerate(headings)
        if header
    }
    if rows:
        work.connection.execute(statement, list(rows.values()))


def remembered(work: Work, cls: Type) -> dict[str, str]:
    """The field of each header as the company last read it; an empty one was left out."""
    mine = (_MAPPING.c.company_id == work.company.id, _MAPPING.c.record_kind == kind_of(cls))
    rows = work.connection.execute(select(_MAPPING.c.header, _MAPPING.c.field).where(*mine))
    return {row.header: row.field for row in rows}


# The rows -----------------------------------------------------------------------------------------------------------


def content(work: Work, key: int) -> bytes:
    """The file. Raises ``Unknown`` once it is gone."""
    mine = (_FILE.c.company_id == work.company.id, _FILE.c.import_id == key)
    found = work.connection.execute(select(_FILE.c.content).where(*mine)).scalar()
    if found is None:
        raise Unknown()
    return bytes(found)


def add_rows(work: Work, key: int, rows: Sequence[tuple[int, int, list[str]]]) -> None:
    """Keep rows of the file: number, number of the row with which the record begins, and cells."""
    if rows:
        places, firsts, cells = zip(*rows, strict=True)
        count = len(rows)
        columns: dict[str, Any] = {
            "company_id": [work.company.id] * count,
            "import_id": [key] * count,
            "place": places,
            "first": firsts,
            "cells": cells,
            "state": ["read"] * count,
            "faults": [[]] * count,
        }
        insert_columns(work.connection, _ROW, columns)


def next_rows(work: Work, key: int, *, after: int, state: str, most: int) -> list[Any]:
    """What rows in a state say: place, first, cells, and the record with its version where one is known."""
    statement = select(*(_ROW.c[name] for name in ("place", "first", "cells", "record_id", "version")))
    mine = (_ROW.c.company_id == work.company.id, _ROW.c.import_id == key, _ROW.c.place > after, _ROW.c.state == state)
    return list(work.connection.execute(statement.where(*mine).order_by(_ROW.c.place).limit(most)))


def rows(
    work: Work, key: int, *, after: int = 0, states: Iterable[str] = (), most: int = 1000, changed: bool = False
) -> list[Any]:
    """Rows of an import in the order of the file; ``changed``: those only that keep what they changed."""
    mine = [_ROW.c.company_id == work.company.id, _ROW.c.import_id == key, _ROW.c.place > after]
    if states:
        mine.append(_ROW.c.state.in_(sorted(states)))
    if changed:
        mine.append(_ROW.c.before.is_not(None))
    return list(work.connection.execute(select(_ROW).where(*mine).order_by(_ROW.c.place).limit(most)))


def last_record(work: Work, key: int) -> tuple[int, list[str]] | None:
    """Number and cells of the row with which the last record read so far begins."""
    mine = (_ROW.c.company_id == work.company.id, _ROW.c.import_id == key)
    newest = select(_ROW.c.first).where(*mine).order_by(_ROW.c.place.desc()).limit(1).scalar_subquery()
    row = work.connection.execute(select(_ROW.c.place, _ROW.c.cells).where(*mine, _ROW.c.place == newest)).one_or_none()
    return (row.place, list(row.cells)) if row else None


def mark(work: Work, key: int, state: str, first: int, last: int, was: str) -> None:
    """Set the state of all rows between two that are in the state ``was``."""
    mine = (_ROW.c.company_id == work.company.id, _ROW.c.import_id == key, _ROW.c.place.between(first, last))
    work.connection.execute(update(_ROW).where(*mine, _ROW.c.state == was).values(state=state))


def tell(work: Work, key: int, told: Sequence[Mapping[str, Any]]) -> None:
    """Write what became of rows: ``place`` with state, faults, record_id, version and before; in one statement."""
    if not told:
        return
    columns: dict[str, Any] = {name: [one.get(name) for one in told] for name in ("place", *TOLD)}
    # They are there already, and found one by one by their key, whatever the planner knows of the table.
    given = {"company_id": work.company.id, "import_id": key, "first": 0, "cells": []}
    columns |= {name: [value] * len(told) for name, value in given.items()}
    insert_columns(work.connection, _ROW, columns, conflict=_TOLD)


def met_before(work: Work, key: int, marks: Mapping[int, int]) -> dict[int, int]:
    """Enter what sets records apart, each with its row; gives back the row that had it first, by the mark."""
    if not marks:
        return {}
    count = len(marks)
    columns = {
        "company_id": [work.company.id] * count,
        "import_id": [key] * count,
        "mark": list(marks),
        "place": list(marks.values()),
    }
    insert_columns(work.connection, _KEY, columns, conflict="ON CONFLICT DO NOTHING")
    named = one_of(work.connection, _KEY.c.mark, marks)
    mine = (_KEY.c.company_id == work.company.id, _KEY.c.import_id == key, named)
    return {row.mark: row.place for row in work.connection.execute(select(_KEY.c.mark, _KEY.c.place).where(*mine))}


def advance(work: Work, key: int, **values: Any) -> None:
    """Say how far an import is, or where it ended."""
    _set(work, key, **values)


def ended(work: Work, key: int, state: str, **values: Any) -> None:
    """The import has come to an end; the file and the marks are no longer needed."""
    if state in {"done", "undone"}:
        work.connection.execute(delete(_FILE).where(_FILE.c.company_id == work.company.id, _FILE.c.import_id == key))
        work.connection.execute(delete(_KEY).where(_KEY.c.company_id == work.company.id, _KEY.c.import_id == key))
    _set(work, key, state=state, ended_at=work.now, **values)


def _forget_rows(work: Work, key: int) -> None:
    for table in (_ROW, _KEY):
        work.connection.execute(delete(table).where(table.c.company_id == work.company.id, table.c.import_id == key))


def _set(work: Work, key: int, **values: Any) -> None:
    mine = (_BATCH.c.company_id == work.company.id, _BATCH.c.id == key)
    work.connection.execute(update(_BATCH).where(*mine).values(**values))


# Texts that are kept and read later, in another language -----------------------------------------------------------


def packed(text: Text) -> list[Any]:
    """A text as it is kept: its message and its values."""
    return [text.message, {name: packed(v) if isinstance(v, Text) else _kept(v) for name, v in text.values}]


def _kept(value: Any) -> Any:
    return value if isinstance(value, int | str | bool) or value is None else str(value)


def unpacked(kept: Sequence[Any]) -> Text:
    """The text that was kept."""
    message, values = kept
    pairs = ((name, unpacked(v) if isinstance(v, list) else v) for name, v in values.items())
    return Text(str(message), tuple(pairs))
