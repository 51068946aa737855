"""What somebody with the rights of the database's owner may plant in it: any value in any column, past every check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    LargeBinary,
    String,
    Table,
    bindparam,
    func,
    select,
    text,
    update,
)

from core.db.base import Base
from core.db.engine import is_sqlite, open_engine
from core.db.types import Instant, Scaled
from core.documents.models import Document
from core.documents.parts import DocumentPart
from core.testing.fixtures import Database

HEADER: Any = Document.__table__
# The tables of the chain with the column that names the document; those of the areas are found by their keys.
OWNERS = {
    "document": "id",
    "document_line": "document_id",
    "document_link": "target_document_id",
    "open_line": "document_id",
    "claim": "document_id",
    "settlement": "payment_id",
}
KEYS = frozenset({"id", "company_id"})


@dataclass(frozen=True, slots=True)
class Planting:
    """A column and the rows to plant something in; ``owner`` names their document, ``section`` which part they are."""

    column: Column[Any]
    owner: str
    section: str
    rows: list[dict[str, Any]]


@dataclass(slots=True)
class Planter:
    """The database as its owner sees it, with everything switched off that stands in the way."""

    database: Database
    company_id: int
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.database.owner_url)
        with self.engine.connect() as connection:
            self._disarm(connection)
            connection.commit()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction in which nothing is refused."""
        with self.engine.connect() as connection:
            if is_sqlite(connection):
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys=OFF")
                raw.execute("PRAGMA ignore_check_constraints=ON")
            with connection.begin():
                if not is_sqlite(connection):
                    connection.execute(select(func.set_config("app.company", str(self.company_id), True)))
                yield connection

    def _disarm(self, connection: Connection) -> None:
        names = [
            table.name for table in (*(found for found, _owner in tables()), Base.metadata.tables["approval_task"])
        ]
        if is_sqlite(connection):
            triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in triggers:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            return
        refuse = text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE contype IN ('c', 'f') AND conrelid::regclass::text = ANY(:names)"
        )
        for table in names:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, name in connection.execute(refuse, {"names": names}).all():
            connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')

    def plantings(self, table: Table, owner: str) -> Iterator[Planting]:
        """Every column of a table but its keys, with the rows that belong to posted documents of the company."""
        rows = select(table).where(table.c.company_id == self.company_id, HEADER.c.posted_at.is_not(None))
        if table is not HEADER:
            rows = rows.join(HEADER, HEADER.c.id == table.c[owner])
        with self.writing() as connection:
            found = [dict(row) for row in connection.execute(rows).mappings()]
        for column in table.columns:
            if column.name not in KEYS:
                # Which document a row is of is told by the rows that it then lacks.
                yield Planting(column, owner, "" if column.name == owner else section_of(table), found)

    @contextmanager
    def planted(self, planting: Planting) -> Iterator[None]:
        """Another value in a column of all its rows, put right again afterwards."""
        column = planting.column
        values = [(row, row[column.name], another(column, row[column.name])) for row in planting.rows]
        self._write(column, values)
        try:
            yield
        finally:
            self._write(column, [(row, new, old) for row, old, new in values])

    def _write(self, column: Column[Any], values: list[tuple[dict[str, Any], Any, Any]]) -> None:
        """Write old and new: by the row's key as it is now, of which the column itself may be a part."""
        table: Any = column.table
        keys = [key.name for key in table.primary_key.columns]
        statement = update(table).where(*(table.c[name] == bindparam(f"_{name}") for name in keys))
        with self.writing() as connection:
            connection.execute(
                statement.values({column.name: bindparam("_new", type_=column.type)}),
                [
                    {"_new": new, **{f"_{n}": old if n == column.name else row[n] for n in keys}}
                    for row, old, new in values
                ],
            )

    def called(self, planting: Planting) -> list[tuple[int, str, str | None]]:
        """Id, kind and number of the documents of the rows, as they are now."""
        keys = {row[planting.owner] for row in planting.rows}
        chosen = select(HEADER.c.id, HEADER.c.kind, HEADER.c.number).where(HEADER.c.id.in_(keys))
        with self.writing() as connection:
            return [(row.id, row.kind, row.number) for row in connection.execute(chosen)]


def section_of(table: Table) -> str:
    """The section of a document that the table's rows are; empty for what is between documents."""
    named = {"document_line": "lines", "claim": "claims", "document_link": "", "open_line": "", "settlement": ""}
    if table.info.get("document_part"):
        parts = {part.__table__.name: part.key for part in DocumentPart.__subclasses__()}  # type: ignore[attr-defined]
        return str(parts[table.name])
    return named.get(table.name, "header")


def tables() -> Iterator[tuple[Table, str]]:
    """Every table in which something of a document stands, with the column that names the document."""
    for table in Base.metadata.sorted_tables:
        side = any(
            key.referred_table is HEADER and key.column_keys == ["company_id", "id"]
            for key in table.foreign_key_constraints
        )
        if table.name in OWNERS:
            yield table, OWNERS[table.name]
        elif side:
            yield table, "id"
        elif table.info.get("document_part"):
            yield table, "document_id"


def another(column: Column[Any], value: Any) -> Any:
    """Another value of a column, as little as may be: a cent more, the next day, another letter."""
    if column.name == "closure":
        return "closed" if value == "open" else "open"
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Scaled):
        return (value or Decimal(0)) + Decimal(1).scaleb(-column.type.places)
    changes = (change for kind, change in CHANGES.items() if isinstance(column.type, kind))
    return next(changes, lambda number: (number or 0) + 1000)(value)


CHANGES: dict[type[Any], Callable[[Any], Any]] = {
    JSON: lambda _value: {"planted": "1"},
    Instant: lambda value: (value or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(seconds=1),
    Date: lambda value: (value or date(2026, 1, 1)) + timedelta(days=1),
    LargeBinary: lambda _value: b"0" * 32,
    String: lambda value: ("y" if (value or "").startswith("x") else "x") + (value or "")[1:],
}
