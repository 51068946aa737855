"""Save a master with its parts as one aggregate, or take it out of use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, insert, select, update

from core.canonical import difference, plain
from core.documents.access import reaches
from core.documents.faces import defaults, faces
from core.documents.kinds import area_of
from core.documents.reading import find_master, load_master
from core.entities.company import ZERO
from core.entities.master import Master, Part
from core.entities.party import Party
from core.entities.territory import Territory
from core.errors import Conflict, Fault, Forbidden, Invalid, Stale, Unknown
from core.extension.core_settings import PARTY_SERIES
from core.numbering import take
from core.operations.company import raise_version
from core.operations.ledger import Entry, ledger, search_master
from core.operations.parts import lacking, missing
from core.operations.territories import settle
from core.text import _
from core.work import Work

M = TypeVar("M", bound=Master)
P = TypeVar("P", bound=Part)
_SKIPPED = frozenset(
    {
        "id",
        "company_id",
        "version",
        "head",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "name_key",
    }
)


def save(
    work: Work, cls: type[M], values: Mapping[str, Any], *, key: int | None = None, version: int | None = None
) -> M:
    """A new master from typed ``values``, or the one under ``key`` changed as ``version`` was seen.

    Parts are given whole, by their ``key`` in ``values``: a row with an ``id`` changes that part, one without is new,
    one left out goes. Raises ``Invalid`` naming each place, ``Stale``, ``Forbidden``, and ``Conflict`` when it
    is closed.
    """
    work.require(area_of(cls.kind))
    work.demand(f"{cls.kind}.{'create' if key is None else 'edit'}")
    record = begun(work, cls) if key is None else load_master(work, cls, key, "edit", lock=True)
    if version is not None and version != record.version:
        raise Stale(version, record.version)
    if key is not None and (why := record.closed_because):
        raise Conflict(why, code="master.closed")
    return _store(work, record, values, new=key is None, asked=True)


def write(work: Work, cls: type[M], values: Mapping[str, Any], *, key: int | None = None) -> M:
    """Like ``save``, for what an operation keeps in the course of another one: no right is asked."""
    work.require(area_of(cls.kind))
    record = begun(work, cls) if key is None else find_master(work, cls, key, lock=True)
    if record is None:
        raise Unknown()
    return _store(work, record, values, new=key is None, asked=False)


def _store(work: Work, record: M, values: Mapping[str, Any], *, new: bool, asked: bool) -> M:
    cls = type(record)
    before = {} if new else values_of(record)
    parts = {part.key: values[part.key] for part in cls.parts if part.key in values}
    for name, value in values.items():
        if name not in parts and not (value is None and not cls.__mapper__.columns[name].nullable):
            setattr(record, name, value)
    faults = _checked(work, record)
    changes = difference(before, values_of(record))
    faults += _references(work, cls, record, changes)
    if faults:
        raise Invalid(faults)
    if asked and not new and not reaches(work, record, "edit"):
        raise Forbidden(_("This belongs to somebody else."))
    _write(work, record, new=new, changes=changes)
    for part in cls.parts:
        if part.key in parts:
            changes |= _write_parts(work, record, part, parts[part.key])
    _finish(work, record, changes, new=new)
    return record


def _checked(work: Work, record: Master) -> list[Fault]:
    """What is wrong with a record; a customer without a code gets the next of the series that nobody typed already."""
    numbered = record if isinstance(record, Party) and not record.code else None
    while True:
        if numbered:
            pattern = work.setting(PARTY_SERIES)
            numbered.code = take(work.connection, work.company.id, Party.kind, pattern, work.today)[0]
        faults = [fault for check in type(record).checks for fault in check(work, record)]
        if not numbered or not any(fault.path == "code" for fault in faults):
            return faults


def begun(work: Work, cls: type[M]) -> M:
    """A record that nobody has filled in yet, with what the program and the actor bring along."""
    return in_memory(cls, begun_values(work, cls))


def in_memory(cls: type[M], values: Mapping[str, Any]) -> M:
    """A record of these values that no session knows of, with no rows in its parts."""
    record: M = cls.__mapper__.class_manager.new_instance()
    record.__dict__.update(values)
    for part in cls.parts:
        record.__dict__[part.key] = []
    return record


def in_memory_part(part: type[P], values: Mapping[str, Any]) -> P:
    """A row of a part of these values that no session knows of."""
    row: P = part.__mapper__.class_manager.new_instance()
    row.__dict__.update(values)
    return row


def begun_values(work: Work, cls: type[Master]) -> dict[str, Any]:
    """The value of every column, as a new record of ``cls`` begins."""
    values: dict[str, Any] = {c.key: None for c in cls.__mapper__.columns if c.key != "id"}
    values |= {
        **defaults(cls),
        "company_id": work.company.id,
        "version": 1,
        "head": ZERO,
        "created_at": work.now,
        "created_by": work.actor_id,
        "updated_at": work.now,
        "updated_by": work.actor_id,
    }
    if "owner_id" in values:
        values["owner_id"] = work.actor_id
    return values


def values_of(record: Master) -> dict[str, Any]:
    """What a record says: every column but its keys and those that the program keeps."""
    held = record.__dict__
    return {name: held[name] if name in held else getattr(record, name) for name in _said_columns(type(record))}


@cache
def _said_columns(cls: type[Master]) -> tuple[str, ...]:
    return tuple(c.key for c in cls.__mapper__.columns if c.key not in _SKIPPED)


def _references(work: Work, cls: type[Master], record: Master, changes: Mapping[str, Any]) -> list[Fault]:
    """What the record points at is here; the database would refuse it as well, but not with a sentence."""
    wrong = []
    for name, face in faces(cls).items():
        value = getattr(record, name)
        target = work.types.masters.get(face.references or "")
        if value is None or target is None or name not in changes:
            continue
        if not present(work, target, {value}) or (target is cls and value == record.id):
            wrong.append(Fault(name, _("There is no such record."), "reference"))
    return wrong


def present(work: Work, cls: type[Master], ids: Iterable[int]) -> set[int]:
    """Those of ``ids`` that the company has."""
    table: Any = cls.__table__
    statement = select(table.c.id).where(table.c.company_id == work.company.id, table.c.id.in_(ids))
    return set(work.connection.execute(statement).scalars())


def holders(work: Work, cls: type[Master], name: str, values: Iterable[Any]) -> dict[Any, int]:
    """Which record of the company has each of ``values`` in the column ``name``; whoever may see it."""
    table: Any = cls.__table__
    mine = (table.c.company_id == work.company.id, table.c[name].in_(values))
    rows = work.connection.execute(select(table.c[name], table.c.id).where(*mine))
    return {row[0]: row[1] for row in rows}


def begun_entry(record: Master, parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> Entry:
    """What the history says of a new record and the rows of its parts, whole rows as ``begun_part`` makes them."""
    changes: dict[str, Any] = difference({}, values_of(record))
    for part in type(record).parts:
        if part.key in parts:
            rows = parts[part.key]
            changes[part.key] = [[], [{c: plain(v) for c, v in row.items() if v not in (None, "")} for row in rows]]
    return Entry("create", changes, is_plain=True)


def _write(work: Work, record: Master, *, new: bool, changes: Mapping[str, Any]) -> None:
    table: Any = type(record).__table__
    if new:
        row = {c.key: getattr(record, c.key) for c in table.columns if c.key != "id"}
        record.id = work.connection.execute(insert(table).returning(table.c.id), row).scalar_one()
        return
    values = {name: getattr(record, name) for name in changes}
    if isinstance(record, Party):
        values["name_key"] = record.name_key
    seen = record.version
    record.version, record.updated_at, record.updated_by = seen + 1, work.now, work.actor_id
    done = work.connection.execute(
        update(table)
        .where(table.c.company_id == work.company.id, table.c.id == record.id, table.c.version == seen)
        .values(**values, version=record.version, updated_at=record.updated_at, updated_by=record.updated_by)
    )
    if done.rowcount != 1:
        raise Stale(seen, seen + 1)


def begun_part(part: type[Part], row: Mapping[str, Any], place: int, known: Part | None = None) -> dict[str, Any]:
    """All columns of a row of a part: as given, else as ``known`` before, else as a new row begins."""
    values = {c: getattr(known, c) for c in columns_of(part)} if known else dict(_begun_row(part))
    table: Any = part.__table__
    values.update((c, v) for c, v in row.items() if c in values and not (v is None and not table.c[c].nullable))
    values["position"] = place
    return values


@cache
def _begun_row(part: type[Part]) -> dict[str, Any]:
    return {**dict.fromkeys(columns_of(part)), **{k: v for k, v in defaults(part).items() if k in columns_of(part)}}


def columns_of(part: type[Part]) -> list[str]:
    """What a row of a part says, its place included."""
    table: Any = part.__table__
    return [c.key for c in table.columns if c.key not in {"id", "company_id", part.owner}]


def _write_parts(work: Work, record: Master, part: type[Part], given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One statement each for parts that are new, changed and gone."""
    table: Any = part.__table__
    old = {row.id: row for row in getattr(record, part.key)}
    columns = columns_of(part)
    unknown = [i for i, row in enumerate(given) if row.get("id") and row["id"] not in old]
    if unknown:
        raise Invalid([Fault(f"{part.key}/{i}/id", _("This line does not belong here."), "reference") for i in unknown])
    if faults := [*lacking(part, given), *missing(work, part, given)]:
        raise Invalid(faults)
    rows = []
    for place, row in enumerate(given, 1):
        known = old.get(row.get("id") or 0)
        rows.append({**begun_part(part, row, place, known), "id": row.get("id")})
    check_parts(work, record, part, rows)
    changes: dict[str, Any] = {}
    gone = [key for key in old if key not in {row["id"] for row in rows}]
    if gone:
        work.connection.execute(delete(table).where(table.c.company_id == work.company.id, table.c.id.in_(gone)))
    changed = [
        r
        for r in rows
        if r["id"] and difference({c: getattr(old[r["id"]], c) for c in columns}, {c: r[c] for c in columns})
    ]
    if changed:
        work.connection.execute(
            update(table)
            .where(table.c.company_id == bindparam("_company"), table.c.id == bindparam("_id"))
            .values({c: bindparam(c) for c in columns}),
            [{"_company": work.company.id, "_id": r["id"], **{c: r[c] for c in columns}} for r in changed],
        )
    new = [row for row in rows if not row["id"]]
    if new:
        work.connection.execute(
            insert(table),
            [{c: row[c] for c in columns} | {"company_id": work.company.id, part.owner: record.id} for row in new],
        )
    if gone or changed or new:
        before = [{c: getattr(row, c) for c in columns if getattr(row, c) not in (None, "")} for row in old.values()]
        after = [{c: row[c] for c in columns if row[c] not in (None, "")} for row in rows]
        changes[part.key] = [before, after]
    setattr(
        record,
        part.key,
        [part(**{**row, "company_id": work.company.id, part.owner: record.id}) for row in rows],
    )
    return changes


def check_parts(work: Work, record: Master, part: type[Part], rows: Sequence[Mapping[str, Any]]) -> None:
    checked = ((n, row, check) for n, row in enumerate(rows) for check in part.row_checks)
    if faults := [one for n, row, check in checked for one in check(work, record, row, f"{part.key}/{n}")]:
        raise Invalid(faults)


def _finish(work: Work, record: Master, changes: dict[str, Any], *, new: bool) -> None:
    """History, search index, and the company's version where its facts have changed."""
    if not changes and not new:
        return
    book, table = ledger(work), type(record).__table__
    record.head = book.record(record.kind, record.id, Entry("create" if new else "edit", changes), record.head)
    work.connection.execute(
        update(table)  # type: ignore[arg-type]
        .where(table.c.company_id == work.company.id, table.c.id == record.id)
        .values(head=record.head)
    )
    if new or changes.keys() & {*record.searched, *(part.key for part in record.parts)}:
        search_master(work, record)
    if type(record).cached:
        raise_version(work)
    if isinstance(record, Territory):
        settle(work, {"regions"} if new else changes)
