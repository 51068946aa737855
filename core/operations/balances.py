"""Balances move by differences: every key at once, in one order for everybody, and never below what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.balance import Balance
from core.errors import Conflict, DomainError
from core.text import _
from core.work import Work

Key = tuple[int, ...]
K = TypeVar("K", bound=Key)
Figures = dict[str, Decimal]
ZERO = Decimal(0)


def add(
    work: Work,
    cls: type[Balance],
    changes: Mapping[K, Mapping[str, Decimal]],
    *,
    least: Decimal | int | None = 0,
    short: Callable[[Mapping[K, Figures]], DomainError] | None = None,
) -> dict[K, Figures]:
    """Add differences to the figures under each key, all or none; gives back the new figures by key.

    Rows that are missing begin at zero. No figure falls below ``least``, nor rises above the one it is ``within``; None
    asks for neither. A change for the better is never refused. Raises what ``short`` makes of the figures that would
    have come about under the failing keys, else ``Conflict``. Two statements however many keys, one more for new ones.
    """
    wanted = {key: {name: value for name, value in named.items() if value} for key, named in changes.items()}
    wanted = {key: wanted[key] for key in sorted(wanted) if wanted[key]}
    if not wanted:
        return {}
    rows = _held(work, cls, list(wanted))
    new = {key: {f: rows[key][1][f] + change.get(f, ZERO) for f in cls.figures} for key, change in wanted.items()}
    if least is not None:
        failing = {key: new[key] for key in wanted if not _holds(cls, rows[key][1], new[key], Decimal(least))}
        if failing:
            raise short(failing) if short else Conflict(_("There is not enough left for this."), code="balance.short")
    _write(work, cls, {rows[key][0]: change for key, change in wanted.items()})
    rows |= {key: (rows[key][0], new[key]) for key in wanted}
    return new


def _held(work: Work, cls: type[Balance], keys: Sequence[Key]) -> dict[Key, tuple[int, Figures]]:
    """The row under each key, and every other one that this work holds; locked once, nobody else changes it."""
    held: dict[Key, tuple[int, Figures]] = work.kept.setdefault(f"balances:{cls.__tablename__}", {})
    if any(key not in held for key in keys):
        held |= _locked(work, cls, keys)
    return held


def _locked(work: Work, cls: type[Balance], keys: Sequence[Key]) -> dict[Key, tuple[int, Figures]]:
    """The row under each key, locked in the order of the keys; missing ones are made, and are ours until the end."""
    found = _read(work, cls, keys)
    missing = [key for key in keys if key not in found]
    if missing:
        found |= _made(work, cls, missing)
    late = [key for key in missing if key not in found]
    # Somebody else has made these at the same moment.
    return found | _read(work, cls, late) if late else found


def _read(work: Work, cls: type[Balance], keys: Sequence[Key]) -> dict[Key, tuple[int, Figures]]:
    rows = work.connection.execute(_select(cls), {"_company": work.company.id, "_keys": list(keys)})
    return {
        tuple(getattr(row, name) for name in cls.keys): (row.id, {f: getattr(row, f) for f in cls.figures})
        for row in rows
    }


@cache
def _select(cls: type[Balance]) -> Any:
    table: Any = cls.__table__
    columns = [table.c[name] for name in cls.keys]
    return (
        select(table)
        .where(table.c.company_id == bindparam("_company"), tuple_(*columns).in_(bindparam("_keys", expanding=True)))
        .order_by(*columns)
        .with_for_update()
    )


def _made(work: Work, cls: type[Balance], keys: Sequence[Key]) -> dict[Key, tuple[int, Figures]]:
    table: Any = cls.__table__
    dialect: Any = sqlite if is_sqlite(work.connection) else postgresql
    begun = dict.fromkeys(cls.figures, ZERO)
    named = [{"company_id": work.company.id, **dict(zip(cls.keys, key, strict=True)), **begun} for key in keys]
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=["company_id", *cls.keys])
    rows = work.connection.execute(statement.returning(table.c.id, *(table.c[name] for name in cls.keys)), named)
    return {tuple(getattr(row, name) for name in cls.keys): (row.id, dict(begun)) for row in rows}


def _holds(cls: type[Balance], old: Figures, new: Figures, least: Decimal) -> bool:
    """Whether what gets worse stays within its bounds."""
    low = any(new[f] < least and new[f] < old[f] for f in cls.figures)
    above = any(new[outer] - new[inner] < min(ZERO, old[outer] - old[inner]) for inner, outer in cls.within)
    return not low and not above


def _write(work: Work, cls: type[Balance], changes: Mapping[int, Mapping[str, Decimal]]) -> None:
    """One statement: the rows are locked, and the differences are added where they stand."""
    mine = {"_company": work.company.id}
    done = work.connection.execute(
        _update(cls),
        [
            {**mine, "_id": key, **{f"_{f}": change.get(f, ZERO) for f in cls.figures}}
            for key, change in sorted(changes.items())
        ],
    )
    if done.rowcount != len(changes):
        raise Conflict(_("There is not enough left for this."), code="balance.short")


@cache
def _update(cls: type[Balance]) -> Any:
    table: Any = cls.__table__
    return (
        update(table)
        .where(table.c.company_id == bindparam("_company"), table.c.id == bindparam("_id"))
        .values({f: table.c[f] + bindparam(f"_{f}", type_=table.c[f].type) for f in cls.figures})
    )
