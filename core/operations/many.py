"""Many new masters at once: checked set-wise, numbered, written, entered in history and index in a few statements.

A record made here is what ``masters.save`` would have made of the same values: the same checks, the same entry in its
history, the same tokens. Only the number of statements does not grow with the number of records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import UniqueConstraint

from core.db.bulk import insert_columns, new_keys, transposed
from core.documents.faces import faces
from core.documents.kinds import area_of
from core.entities.master import Master, Part
from core.entities.party import Party
from core.errors import Fault
from core.extension.core_settings import PARTY_SERIES
from core.numbering import take
from core.operations import masters
from core.operations.company import raise_version
from core.operations.ledger import ledger, search_master
from core.operations.parts import lacking, present
from core.text import _
from core.work import Work

MOST = 1000
EXISTS = _("This already exists.")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(slots=True)
class Draft:
    """A record that is not written yet, the rows of its parts, and everything that is wrong with it."""

    record: Any
    parts: dict[str, Sequence[Mapping[str, Any]]]
    faults: list[Fault] = field(default_factory=list)
    # The rows of its parts with all their columns, by the part's key, once they are about to be written.
    whole: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def drafts(work: Work, cls: type[Master], given: Sequence[Mapping[str, Any]], *, numbered: bool = True) -> list[Draft]:
    """New records of typed values (see ``core.schemas.inputs``) in memory, each with its faults; nothing is written.

    ``numbered``: customers without a code get the next ones; left out while somebody only looks. Raises ``Forbidden``.
    """
    work.require(area_of(cls.kind))
    work.demand(f"{cls.kind}.create")
    begun, keys = masters.begun_values(work, cls), {part.key for part in cls.parts}
    nullable = {c.key for c in cls.__mapper__.columns if c.nullable}
    found = [_draft(cls, begun, keys, nullable, values) for values in given]
    check_references(work, cls, found)
    check(work, cls, found)
    if numbered and cls is Party:
        _number(work, [draft for draft in found if not draft.record.code and not draft.faults])
    return found


def write(work: Work, cls: type[Master], found: Sequence[Draft]) -> None:
    """Write drafts without faults, at most ``MOST`` at once; their records have their ids afterwards."""
    if not found:
        return
    table: Any = cls.__table__
    names = [c.key for c in table.columns if c.key != "id"]
    book, rows = ledger(work), []
    for draft in found:
        draft.whole = {
            part.key: [masters.begun_part(part, row, place) for place, row in enumerate(draft.parts[part.key], 1)]
            for part in cls.parts
            if part.key in draft.parts
        }
        row = book.sealed_master(draft.record, masters.begun_entry(draft.record, draft.whole))
        rows.append(row)
        draft.record.__dict__["head"] = row["hash"]
    keys = new_keys(work.connection, table, len(found))
    held = [draft.record.__dict__ for draft in found]
    insert_columns(work.connection, table, {"id": keys, **transposed(held, names)})
    for draft, row, key in zip(found, rows, keys, strict=True):
        draft.record.__dict__["id"] = key
        book.keep_master(row, key)
    for part in cls.parts:
        _write_parts(work, part, found)
    for draft in found:
        search_master(work, draft.record)
    if cls.cached:
        raise_version(work)


def _draft(
    cls: type[Master], begun: Mapping[str, Any], keys: set[str], nullable: set[str], values: Mapping[str, Any]
) -> Draft:
    said = {n: value for n, value in values.items() if n not in keys and (value is not None or n in nullable)}
    record = masters.in_memory(cls, {**begun, **said})
    rows = {key: values[key] for key in keys if values.get(key)}
    wrong = [fault for part in cls.parts if part.key in rows for fault in lacking(part, rows[part.key])]
    return Draft(record, rows, wrong)


# Checks -----------------------------------------------------------------------------------------------------------


def check_references(work: Work, cls: type[Master], found: Sequence[Draft]) -> None:
    """What the records and their parts point at is here: one statement for each column, not for each record."""
    for name, face in faces(cls).items():
        target = work.types.masters.get(face.references or "")
        wanted = {getattr(draft.record, name) for draft in found} - {None} if target else set()
        if target is None or not wanted:
            continue
        here = masters.present(work, target, wanted)
        for draft in found:
            value = getattr(draft.record, name)
            if value not in {None, *here} or (value is not None and target is cls and value == draft.record.id):
                draft.faults.append(Fault(name, _("There is no such record."), "reference"))
    for part in cls.parts:
        for name, face in faces(part).items():
            if face.references:
                _point(work, part, name, face.references, found)


def _point(work: Work, part: type[Part], name: str, kind: str, found: Sequence[Draft]) -> None:
    rows = [(d, place, row) for d in found for place, row in enumerate(d.parts.get(part.key, ())) if row.get(name)]
    here = present(work, kind, {row[name] for _draft, _place, row in rows}) if rows else set()
    for draft, place, row in rows:
        if row[name] not in here:
            path = f"{part.key}/{place}/{name}"
            draft.faults.append(Fault(path, _("There is no such record."), "reference"))


def check(work: Work, cls: type[Master], found: Sequence[Draft]) -> None:
    """Let the checks of the type and of its parts look at all records, those that can at many at once."""
    by_record = {id(draft.record): draft for draft in found}
    for one in cls.checks:
        together = cls.checks_together.get(one)
        if together is not None:
            for record, fault in together(work, [draft.record for draft in found]):
                by_record[id(record)].faults.append(fault)
        else:
            for draft in found:
                draft.faults += one(work, draft.record)
    for part in cls.parts:
        if part.row_checks:
            for draft in found:
                draft.faults += _row_faults(work, part, draft)
    _unique(work, cls, found)


def _row_faults(work: Work, part: type[Part], draft: Draft) -> list[Fault]:
    rows = [masters.begun_part(part, row, n) for n, row in enumerate(draft.parts.get(part.key, ()), 1)]
    return [
        fault
        for n, row in enumerate(rows)
        for one in part.row_checks
        for fault in one(work, draft.record, row, f"{part.key}/{n}")
    ]


def _unique(work: Work, cls: type[Master], found: Sequence[Draft]) -> None:
    """What only one record may have is neither there already nor twice among the drafts; told once at each place."""
    for name in unique_fields(cls):
        if name in cls.told_apart_by:
            continue
        wanted = {getattr(draft.record, name) for draft in found} - {None, ""}
        taken = masters.holders(work, cls, name, wanted) if wanted else {}
        for draft in found:
            value = getattr(draft.record, name)
            if value in (None, ""):
                continue
            if value in taken and taken[value] != draft.record.id:
                if name not in {fault.path for fault in draft.faults}:
                    draft.faults.append(Fault(name, EXISTS, "duplicate"))
            elif not draft.faults:
                taken[value] = draft.record.id or 0


@cache
def unique_fields(cls: type[Master]) -> tuple[str, ...]:
    """The fields of which the database lets only one record of a company have the same value."""
    table: Any = cls.__table__
    pairs = [set(one.columns.keys()) for one in table.constraints if isinstance(one, UniqueConstraint)]
    alone = {name for pair in pairs if len(pair) == 2 and "company_id" in pair for name in pair - {"company_id", "id"}}
    return tuple(name for name in faces(cls) if name in alone)


def keys_of(cls: type[Master]) -> dict[str, Callable[[Any], Any]]:
    """The fields by which a record is found again, and how their values are compared."""
    known = faces(cls)
    plain = {name: str.strip if known[name].kind == "text" else _itself for name in unique_fields(cls)}
    return {**plain, **cls.told_apart_by}


def _itself(value: Any) -> Any:
    return value


# Writing ----------------------------------------------------------------------------------------------------------


def _number(work: Work, found: Sequence[Draft]) -> None:
    """The next codes of the series; those that somebody typed already are passed over."""
    pattern, left = work.setting(PARTY_SERIES), list(found)
    while left:
        codes = take(work.connection, work.company.id, Party.kind, pattern, work.today, count=len(left))
        typed = masters.holders(work, Party, "code", codes)
        for code in codes:
            if code not in typed:
                left.pop(0).record.code = code


def _write_parts(work: Work, part: type[Part], found: Sequence[Draft]) -> None:
    """The rows of one part of all records, in one statement."""
    company, owner = work.company.id, part.owner
    owned = [(draft, whole) for draft in found for whole in draft.whole.get(part.key, ())]
    if not owned:
        return
    table: Any = part.__table__
    keys = new_keys(work.connection, table, len(owned))
    for (draft, whole), key in zip(owned, keys, strict=True):
        whole |= {"company_id": company, owner: draft.record.id, "id": key}
        draft.record.__dict__[part.key].append(masters.in_memory_part(part, whole))
    insert_columns(work.connection, table, transposed([whole for _draft, whole in owned], table.columns.keys()))
