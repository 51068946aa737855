"""Many rows written by one statement whose text does not grow with them, in little of the program's own time.

SQLite is given tuples, row by row within the driver. PostgreSQL is given all of them as one JSON value, since a
placeholder for each cell costs more than writing it, and COPY is refused under row-level security.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, Table, text
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.db.types import Instant, Scaled

FEW = 40
"""Below so many rows, an ordinary statement costs less."""

_LITE: Any = sqlite.dialect()
_SERVER: Any = postgresql.dialect()  # type: ignore[no-untyped-call]
_ENCODE = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_LAST = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_NEXT = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
Columns = Mapping[str, Sequence[Any]]


def new_keys(connection: Connection, table: Table, count: int) -> list[int]:
    """The ids of rows that are about to be written, never given before; one statement."""
    if is_sqlite(connection):
        # Whoever writes has the database to himself.
        last = connection.execute(_LAST, {"name": table.name}).scalar() or 0
        return list(range(last + 1, last + count + 1))
    return list(connection.execute(_NEXT, {"name": table.name, "count": count}).scalars())


@contextmanager
def planned_anew(connection: Connection) -> Iterator[None]:
    """For the length of the block PostgreSQL looks things up as befits what the tables hold by now, and what is asked.

    What it once planned, for look-ups of references too, it keeps for the connection: while a company's first
    hundred thousand rows come, it would go through all of them as it did through a few.
    """
    if is_sqlite(connection):
        yield
        return
    driver: Any = connection.connection.driver_connection
    connection.exec_driver_sql("DISCARD PLANS")
    before, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = before


def transposed(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Columns:
    """Rows, column by column."""
    return {name: [row[name] for row in rows] for name in names}


def insert_columns(connection: Connection, table: Table, columns: Columns, *, conflict: str = "") -> None:
    """Write rows given column by column, all of the same length; one statement.

    ``conflict`` is the clause for rows that are there already. Values are those that the columns' types take; what does
    not fit raises as the driver's own statement would.
    """
    if not columns:
        return
    if is_sqlite(connection):
        said = [_for_lite(table, name)(values) for name, values in columns.items()]
        connection.exec_driver_sql(_lite_text(table, tuple(columns), conflict), list(zip(*said, strict=True)))
        return
    same = {name: values[0] for name, values in columns.items() if values.count(values[0]) == len(values)}
    apart = [name for name in columns if name not in same] or [next(iter(columns))]
    same = {name: value for name, value in same.items() if name not in apart}
    told = [_for_server(table, name)(columns[name]) for name in apart]
    rows = _ENCODE([dict(zip(apart, row, strict=True)) for row in zip(*told, strict=True)])
    shared = _ENCODE({name: _for_server(table, name)([value])[0] for name, value in same.items()})
    connection.exec_driver_sql(_server_text(table, tuple(apart), tuple(same), conflict), (rows, shared))


@cache
def _lite_text(table: Table, names: tuple[str, ...], conflict: str) -> str:
    quote = _LITE.identifier_preparer.quote
    places = ", ".join(repeat("?", len(names)))
    return f"{_into(table, names, quote)} VALUES ({places}) {conflict}".rstrip()


def _into(table: Table, names: Iterable[str], quote: Callable[[str], str]) -> str:
    return f"INSERT INTO {table.name} ({', '.join(map(quote, names))})"


@cache
def _server_text(table: Table, apart: tuple[str, ...], same: tuple[str, ...], conflict: str) -> str:
    quote = _SERVER.identifier_preparer.quote
    chosen = [*(f"apart_.{quote(name)}" for name in apart), *(f"same_.{quote(name)}" for name in same)]
    rows, shared = (f"json_populate_record{s}(NULL::{table.name}, %s::json)" for s in ("set", ""))
    read = ", ".join(chosen)
    said = (_into(table, (*apart, *same), quote), f"SELECT {read}", f"FROM {rows} apart_, {shared} same_", conflict)
    return " ".join(said).rstrip()


@cache
def _for_lite(table: Table, name: str) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """The values of a column as the driver takes them."""
    told = table.c[name].type.dialect_impl(_LITE).bind_processor(_LITE)
    if told is None:
        return lambda values: values
    return lambda values: [told(value) for value in values]


@cache
def _for_server(table: Table, name: str) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """The values of a column as JSON says them."""
    kind: Any = table.c[name].type
    if isinstance(kind, Scaled):
        return lambda values: [kind.process_bind_param(value, _SERVER) for value in values]
    if isinstance(kind, Instant):
        return lambda values: [_moment(kind.process_bind_param(value, _SERVER)) for value in values]
    if isinstance(kind, Date):
        return lambda values: [_moment(value) for value in values]
    if isinstance(kind, LargeBinary):
        return lambda values: [None if value is None else f"\\x{value.hex()}" for value in values]
    # Texts, figures and truths are what they are in JSON, and so is JSON.
    return lambda values: values


def _moment(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()
