"""Bulk: many rows like one, made inside the database, so that plans and speed are looked at where they matter.

The copies differ in whatever lists sort and filter by: day, amount, state, customer, person, name and number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, Date, String, Table, UniqueConstraint, insert, select, text

from core.db.engine import is_sqlite
from core.db.types import Scaled
from core.documents.faces import own_columns
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.entities.master import Master
from core.names import search_tokens
from core.search.index import mark
from core.search.models import SearchEntry

STEP = 50_000
DAYS = 1500


def copies(connection: Connection, table: Table, key: int, count: int, changed: Mapping[str, str]) -> None:
    """``count`` rows like the one under ``key``; ``changed`` are expressions over ``n`` (from 1) and the row ``r``."""
    columns = [c.name for c in table.columns if c.name != "id"]
    values = ", ".join(changed.get(name, f"r.{name}") for name in columns)
    into = f"INSERT INTO {table.name} ({', '.join(columns)}) "
    for first in range(1, count + 1, STEP):
        source = f"FROM {table.name} r, {_numbers(connection, first, min(first + STEP - 1, count))} WHERE r.id = :key"
        connection.execute(text(f"{into} SELECT {values} {source}"), {"key": key})


def _numbers(connection: Connection, first: int, last: int) -> str:
    if is_sqlite(connection):
        counting = f"SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {last}"
        return f"(WITH RECURSIVE c(n) AS ({counting}) SELECT n FROM c) AS s"
    return f"generate_series({first}, {last}) AS s(n)"


def days_before(connection: Connection, column: str) -> str:
    """The expression of a day that goes back with ``n``."""
    if is_sqlite(connection):
        return f"date({column}, '-' || (n % {DAYS}) || ' days')"
    return f"{column} - (n % {DAYS})::int"


def differing(connection: Connection, column: Column[Any], *, unique: bool = False) -> str | None:
    """An expression that differs from row to row, for columns that lists sort or filter by."""
    if isinstance(column.type, Date):
        return days_before(connection, f"r.{column.name}")
    if isinstance(column.type, Scaled):
        return "(n * 7919) % 100000000"
    if isinstance(column.type, String) and unique:
        length = column.type.length or 60
        return f"substr(r.{column.name}, 1, {max(length - 9, 1)}) || n"
    return None


def documents(
    connection: Connection,
    record: Document,
    count: int,
    *,
    people: list[int],
    parties: list[int],
    changed: Mapping[str, str] | None = None,
) -> int:
    """``count`` further documents like ``record``, without lines, spread over days, states, customers and people.

    ``changed``: expressions over ``n`` and ``r`` instead of the usual ones. Gives back the newest id before them.
    """
    cls, table = type(record), Document.__table__
    assert isinstance(table, Table)
    states = [state.key for state in cls.workflow.states]
    padded = "printf('%032d', n)" if is_sqlite(connection) else "lpad(n::text, 32, '0')"
    day = days_before(connection, "r.date")
    newest = connection.execute(text("SELECT max(id) FROM document")).scalar_one()
    uid = f"substr('{newest:08d}' || substr({padded}, 9), 1, 32)"
    values = {
        "number": f"'B{newest}-' || " + padded.replace("32", "9"),
        "uid": uid,
        "state": _one_of("n", [f"'{state}'" for state in states]),
        "date": day,
        "net": "(n * 7919) % 100000000",
        "tax": "0",
        "gross": "(n * 7919) % 100000000",
        "base_gross": "(n * 7919) % 100000000",
        "posted_at": "NULL",
        "owner_id": _one_of("n / 7", [str(person) for person in people]),
        "created_by": _one_of("n / 7", [str(person) for person in people]),
    }
    if record.party_id is not None:
        values |= {
            "party_id": f"{min(parties)} + (n / 3) % {len(parties)}",
            "party_name": f"r.party_name || ((n / 3) % {len(parties)})",
        }
    copies(connection, table, record.id, count, values | dict(changed or {}))
    if own_columns(cls):
        _sides(connection, record, newest)
    return int(newest)


def rows_of(
    connection: Connection, table: Table, record: Document, newest: int, changed: Mapping[str, str], *, where: str = ""
) -> None:
    """What hangs on ``record`` in a table, for each document of its kind after ``newest`` as well.

    ``changed``: expressions over the document ``d`` and the row ``r`` that is copied; ``where`` is a further condition.
    """
    columns = [c.name for c in table.columns if c.name != "id"]
    values = ", ".join(changed.get(name, f"r.{name}") for name in columns)
    chosen = f"d.company_id = :company AND d.kind = :kind AND d.id > :newest{where and f' AND {where}'}"
    owner = "payment_id" if "payment_id" in table.columns else "document_id"
    connection.execute(
        text(
            f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT {values} FROM document d "
            f"JOIN {table.name} r ON r.company_id = d.company_id AND r.{owner} = :key "
            f"WHERE {chosen} ORDER BY d.id"
        ),
        {"key": record.id, "company": record.company_id, "kind": kind_of(type(record)), "newest": newest},
    )


def _sides(connection: Connection, record: Document, newest: int) -> None:
    cls, table = type(record), type(record).__mapper__.local_table
    assert isinstance(table, Table)
    listed = {*cls.sorts, *cls.filters, *(name for name in _unique(table) if getattr(record, name))}
    columns = [c for c in table.columns if c.name not in {"id", "company_id"}]
    values = [
        (differing(connection, c, unique=True) or f"r.{c.name}") if c.name in listed else f"r.{c.name}" for c in columns
    ]
    values = [value.replace("n ", "d.id ").replace("|| n", "|| d.id") for value in values]
    connection.execute(
        text(
            f"INSERT INTO {table.name} (id, company_id, {', '.join(c.name for c in columns)}) "
            f"SELECT d.id, d.company_id, {', '.join(values)} FROM document d, {table.name} r "
            "WHERE d.kind = :kind AND d.id > :newest AND r.id = :key"
        ),
        {"kind": kind_of(cls), "newest": newest, "key": record.id},
    )


def _unique(table: Table) -> set[str]:
    """The columns of which no two rows may have the same."""
    unique = {c.name for u in table.constraints if isinstance(u, UniqueConstraint) for c in u.columns}
    return unique | {c.name for i in table.indexes if i.unique for c in i.columns}


def masters(connection: Connection, record: Master, count: int, *, parties: Sequence[int] = ()) -> None:
    """``count`` further masters like ``record``, without parts; what is unique gets the count behind it.

    ``parties`` are as many customers with ids in a row, for masters of which each customer has one.
    """
    table = type(record).__table__
    assert isinstance(table, Table)
    unique = _unique(table)
    listed = {*type(record).sorts, *type(record).filters, "name"}
    changed: dict[str, str] = {}
    for column in table.columns:
        if column.name in (unique | listed) - {"id", "company_id", "active"}:
            face = column.info.get("field")
            if face is not None and face.references == "core.party" and column.name in unique and parties:
                changed[column.name] = f"{min(parties)} + n - 1"
                continue
            if face is not None and (face.choices or face.references):
                continue
            expression = differing(connection, column, unique=True)
            if expression and not (column.name in unique and getattr(record, column.name) == ""):
                changed[column.name] = expression
    copies(connection, table, record.id, count, changed)


def searchable(
    connection: Connection, record: Document | Master, *, words: Sequence[str], most: int = 2**31 - 1
) -> None:
    """Let later records of the type be found, ``most`` of them, each by one of ``words`` with a count behind."""
    kind, table = kind_of(type(record)), Document.__table__
    if isinstance(record, Master):
        table = type(record).__table__
    assert isinstance(table, Table)
    here = (
        select(table.c.id).where(table.c.company_id == record.company_id, table.c.id > record.id).order_by(table.c.id)
    )
    if isinstance(record, Document):
        here = here.where(table.c.kind == kind)
    entered = select(SearchEntry.record_id).where(SearchEntry.company_id == record.company_id, SearchEntry.kind == kind)
    here = here.where(table.c.id.not_in(entered))
    prefix = mark(record.company_id, kind)
    found = enumerate(list(connection.execute(here).scalars()), 1)
    while given := [
        {
            "company_id": record.company_id,
            "kind": kind,
            "record_id": key,
            "grams": f"{prefix} {search_tokens(f'{words[n % len(words)]}{n}')}",
        }
        for n, key in islice(found, 5000)
    ]:
        connection.execute(insert(SearchEntry), given)


def _one_of(count: str, values: list[str]) -> str:
    cases = " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values))
    return f"CASE ({count}) % {len(values)} {cases} END"
