"""Many masters changed at once, as ``masters.save`` changes one: checked, written and entered set-wise.

What is not given stays. A row of a part is found again by what sets it apart within its record (the unit, the product
and quantity, the contact's name); one that is not found is added, none is taken away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import UniqueConstraint, bindparam, delete, select, update

from core.canonical import difference, plain
from core.documents import access
from core.documents.faces import faces
from core.documents.kinds import area_of
from core.documents.reading import SCOPED, fill_parts
from core.entities.master import Master, Part
from core.entities.party import Party
from core.errors import Fault
from core.names import normal_name
from core.operations import masters
from core.operations.company import raise_version
from core.operations.ledger import Entry, ledger, search_master
from core.operations.many import Draft, check, check_references
from core.operations.parts import inserted, lacking
from core.text import _
from core.work import Work

OTHERS = _("This belongs to somebody else.")
Given = Mapping[str, Any]


@dataclass(slots=True)
class Change(Draft):
    """A record that is to be changed: what differs, and the rows of its parts that are new or changed."""

    changes: dict[str, Any] = field(default_factory=dict)
    added: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    altered: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    gone: dict[str, list[int]] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.changes or self.added or self.altered or any(self.gone.values()))


def found(work: Work, cls: type[Master], ids: Sequence[int], *, lock: bool) -> dict[int, Any]:
    """The records under ``ids`` with their parts, detached; a statement for the records and one for each part."""
    model: Any = cls
    statement = select(cls).where(model.company_id == work.company.id, model.id.in_(sorted(ids))).order_by(model.id)
    if lock:
        statement = statement.with_for_update(of=cls, key_share=True)
    records: dict[int, Any] = {r.id: r for r in work.session.scalars(statement, execution_options=SCOPED)}
    work.session.expunge_all()
    fill_parts(work, cls, records)
    return records


def in_reach(work: Work, cls: type[Master], ids: Sequence[int]) -> set[int]:
    """Those of ``ids`` that the actor may read and change."""
    reaches = [reach for verb in ("read", "edit") if (reach := access.rows(work, cls, verb)) is not None]
    if not reaches:
        return set(ids)
    table: Any = cls.__table__
    mine = (table.c.company_id == work.company.id, table.c.id.in_(ids), *reaches)
    return set(work.connection.execute(select(table.c.id).where(*mine)).scalars())


def changes(work: Work, cls: type[Master], given: Sequence[tuple[Any, Given]]) -> list[Change]:
    """Records with typed values set on them in memory, each with its faults and with what differs; nothing is written.

    Raises ``Forbidden`` unless the actor may change records of the type at all.
    """
    work.require(area_of(cls.kind))
    work.demand(f"{cls.kind}.edit")
    held = [(_change(cls, record, values), masters.values_of(record)) for record, values in given]
    keys = {part.key for part in cls.parts}
    for (one, _before), (_record, values) in zip(held, given, strict=True):
        for name, value in values.items():
            if name in keys or (value is None and not cls.__mapper__.columns[name].nullable):
                continue
            setattr(one.record, name, value)
    every = [one for one, _before in held]
    check_references(work, cls, every)
    check(work, cls, every)
    reach = in_reach(work, cls, [one.record.id for one in every]) if every else set()
    for one, before in held:
        one.changes = difference(before, masters.values_of(one.record))
        one.before = {name: plain(before[name]) for name in one.changes}
        # Before the change and after it: nobody gives away what is not his.
        if one.record.id not in reach:
            one.faults.append(Fault("", OTHERS, "forbidden"))
    return every


def restored(work: Work, cls: type[Master], given: Sequence[tuple[Any, Given]]) -> list[Change]:
    """As ``changes``, of values that the records had before and that nobody has to check again."""
    work.demand(f"{cls.kind}.edit")
    found = []
    for record, values in given:
        one, before = Change(record, {}), masters.values_of(record)
        for name, value in values.items():
            setattr(record, name, value)
        if isinstance(record, Party):
            record.name_key = normal_name(record.name)[:200]
        one.changes = difference(before, masters.values_of(record))
        found.append(one)
    return found


def _change(cls: type[Master], record: Any, values: Given) -> Change:
    one = Change(record, {part.key: values[part.key] for part in cls.parts if values.get(part.key)})
    for part in cls.parts:
        if part.key in one.parts:
            _merge(part, one, getattr(record, part.key))
    return one


def _merge(part: type[Part], one: Change, known: Sequence[Any]) -> None:
    """Tell rows that are there from new ones."""
    apart = set_apart(part)
    there = {tuple(_folded(getattr(row, name)) for name in apart): row for row in known}
    rows: list[Given] = []
    for row in one.parts[part.key]:
        old = there.get(tuple(_folded(row.get(name, _usual(part, name))) for name in apart))
        whole = masters.begun_part(part, row, old.position if old else len(known) + len(rows) + 1, old)
        if old is None:
            one.added.setdefault(part.key, []).append(whole)
        elif difference({name: getattr(old, name) for name in whole}, whole):
            one.altered.setdefault(part.key, {})[old.id] = whole
        rows.append({**row, "id": old.id} if old else row)
    one.parts[part.key] = rows
    one.faults += lacking(part, rows)


@cache
def set_apart(part: type[Part]) -> tuple[str, ...]:
    """By which fields a row is found again within its record: those that are unique there, else the first needed."""
    table: Any = part.__table__
    for one in table.constraints:
        names = [c.name for c in one.columns]
        if isinstance(one, UniqueConstraint) and part.owner in names and "id" not in names:
            return tuple(name for name in names if name not in {"company_id", part.owner})
    needed = [name for name in part.columns if faces(part)[name].field.required]
    return tuple(needed[:1]) or tuple(part.columns[:1])


def _usual(part: type[Part], name: str) -> Any:
    return masters.begun_part(part, {}, 0)[name]


def _folded(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


# Writing ----------------------------------------------------------------------------------------------------------


def write(work: Work, cls: type[Master], every: Sequence[Change]) -> None:
    """Write changes without faults; a statement for the records, two for each part, one for their histories."""
    differing = [one for one in every if one.differs]
    if not differing:
        return
    old = {id(one): {p.key: _told(getattr(one.record, p.key)) for p in cls.parts} for one in differing}
    for part in cls.parts:
        _take_away(work, part, differing)
        _add(work, part, differing)
        _alter(work, part, differing)
    book = ledger(work)
    for one in differing:
        record, told = one.record, dict(one.changes)
        for part in cls.parts:
            if part.key in one.added or part.key in one.altered or one.gone.get(part.key):
                told[part.key] = [old[id(one)][part.key], _told(getattr(record, part.key))]
        record.version, record.updated_at, record.updated_by = record.version + 1, work.now, work.actor_id
        record.head = book.record(record.kind, record.id, Entry("edit", told), record.head)
        if told.keys() & {*record.searched, *(part.key for part in cls.parts)}:
            search_master(work, record)
    _update(work, cls, differing)
    if cls.cached:
        raise_version(work)


def _told(rows: Sequence[Any]) -> list[dict[str, Any]]:
    kept = [{name: getattr(row, name) for name in masters.columns_of(type(row))} for row in rows]
    return [{name: value for name, value in row.items() if value not in (None, "")} for row in kept]


def _update(work: Work, cls: type[Master], every: Sequence[Change]) -> None:
    """The columns that differ anywhere, of all records at once: the others are written as they are."""
    table: Any = cls.__table__
    names = {name for one in every for name in one.changes} | {"version", "head", "updated_at", "updated_by"}
    if cls is Party:
        names.add("name_key")
    statement = (
        update(table)
        .where(table.c.company_id == bindparam("_company"), table.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in sorted(names)})
    )
    rows = [
        {"_company": work.company.id, "_id": one.record.id, **{name: getattr(one.record, name) for name in names}}
        for one in every
    ]
    work.connection.execute(statement, rows)


def _add(work: Work, part: type[Part], every: Sequence[Change]) -> None:
    new = [(one, row) for one in every for row in one.added.get(part.key, ())]
    if not new:
        return
    owners = [{"company_id": work.company.id, part.owner: one.record.id} for one, _row in new]
    ids = inserted(work, part.__table__, [{**row, **own} for (_one, row), own in zip(new, owners, strict=True)])
    for (one, row), own, key in zip(new, owners, ids, strict=True):
        getattr(one.record, part.key).append(part(**row, **own, id=key))
        one.before.setdefault("+", {}).setdefault(part.key, []).append(key)


def _alter(work: Work, part: type[Part], every: Sequence[Change]) -> None:
    columns = masters.columns_of(part)
    rows = []
    for one in every:
        for row in getattr(one.record, part.key):
            whole = one.altered.get(part.key, {}).get(row.id)
            if whole is None:
                continue
            kept = {name: getattr(row, name) for name in whole}
            diff = difference(kept, whole)
            one.before.setdefault("*", {}).setdefault(part.key, {})[str(row.id)] = {n: plain(kept[n]) for n in diff}
            for name in diff:
                setattr(row, name, whole[name])
            rows.append({"_company": work.company.id, "_id": row.id, **{n: getattr(row, n) for n in columns}})
    if rows:
        work.connection.execute(_part_update(part, tuple(columns)), rows)


@cache
def _part_update(part: type[Part], columns: tuple[str, ...]) -> Any:
    table: Any = part.__table__
    return (
        update(table)
        .where(table.c.company_id == bindparam("_company"), table.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in columns})
    )


def _take_away(work: Work, part: type[Part], every: Sequence[Change]) -> None:
    gone = {key for one in every for key in one.gone.get(part.key, ())}
    if gone:
        table: Any = part.__table__
        work.connection.execute(delete(table).where(table.c.company_id == work.company.id, table.c.id.in_(gone)))
        for one in every:
            setattr(one.record, part.key, [row for row in getattr(one.record, part.key) if row.id not in gone])
