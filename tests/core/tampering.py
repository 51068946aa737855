"""A sealed history, and what somebody who owns the database may do to it with everything switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from core.db.engine import is_sqlite, open_engine
from core.entities.party import Party
from core.operations import discard, masters
from core.records.anchors import seal_history
from core.records.chain import seal
from core.records.invariants import verify_figures
from core.records.models import History
from core.records.outside import publish
from core.records.verify import Finding, verify_history
from core.records.verify_anchors import verify_anchors
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from plugins.quotation.documents import Quotation

_HISTORY: Any = History.__table__


@dataclass(frozen=True, slots=True)
class Told:
    """A company with a history that is sealed: what the tests tamper with."""

    firm: Firm
    database: Database
    file: Path
    quotation: int
    party: int
    item: int

    def found(self) -> list[Finding]:
        """Everything ``verify`` finds."""
        return self.firm.as_program(
            lambda w: [*verify_history(w), *verify_anchors(w, self.file), *verify_figures(w)], "verify"
        )

    def anchors(self, *copies: Path) -> list[Finding]:
        """What is wrong with the anchors, held against the file outside and against further copies of it."""
        return self.firm.as_program(lambda w: list(verify_anchors(w, self.file, *copies)), "verify")

    def codes(self, record: str) -> set[str]:
        """What is found wrong with one record."""
        return {finding.code for finding in self.found() if finding.record.startswith(record)}

    def entries(self, kind: str, key: int) -> list[Any]:
        """The entries of a record, oldest first."""
        where = (_HISTORY.c.kind == kind, _HISTORY.c.record_id == key)
        with owning(self) as connection:
            return list(connection.execute(select(_HISTORY).where(*where).order_by(_HISTORY.c.id)).mappings())

    def seal(self) -> None:
        """Seal what is there and write the anchor outside."""
        self.firm.as_program(seal_history)
        self.firm.as_program(lambda w: publish(w, self.file))


@contextmanager
def owning(told: Told) -> Iterator[Connection]:
    """The database as its owner sees it, with everything switched off that could stand in the way."""
    engine = open_engine(told.database.owner_url)
    try:
        with engine.connect() as connection:
            if is_sqlite(connection):
                raw = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # it was just opened
            with connection.begin():
                _disarm(connection, told.firm.id)
                yield connection
    finally:
        engine.dispose()


def _disarm(connection: Connection, company_id: int) -> None:
    if is_sqlite(connection):
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    connection.execute(select(func.set_config("app.company", str(company_id), True)))
    tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    keys = text(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' "
        "AND confrelid::regclass::text IN ('history', 'anchor', 'item', 'party')"
    )
    for table, name in connection.execute(keys).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def sealed(firm: Firm, database: Database, file: Path) -> Told:
    """A customer edited twice, a quotation submitted, a draft discarded, a product; all sealed."""
    party, item = firm.party(), firm.item()
    for n in range(2):
        rename = inputs.read(Party, {"name": f"青岛海天照明{n}有限公司"}, partial=True)
        firm.run("manager", lambda w, v=rename: masters.save(w, Party, v, key=party.id))  # type: ignore[misc]
    quotation = firm.create(Quotation, party_id=party.id, lines=[line(item, "2")])
    quotation = firm.edit(quotation, subject="广场")
    quotation = firm.move(quotation, "submit")
    draft = firm.create(Quotation, party_id=party.id)
    firm.run("rep", lambda w: discard.discard(w, Quotation, draft.id))
    made = Told(firm, database, file, quotation.id, party.id, item.id)
    made.seal()
    return made


Deed = Callable[[Connection, list[Any]], None]


def rewrite(connection: Connection, entry: Any, **values: Any) -> None:
    """Change an entry in place."""
    connection.execute(update(_HISTORY).where(_HISTORY.c.id == entry["id"]).values(**values))


def remove(connection: Connection, *entries: Any) -> None:
    """Delete entries."""
    for entry in entries:
        connection.execute(_HISTORY.delete().where(_HISTORY.c.id == entry["id"]))


def swap(connection: Connection, one: Any, other: Any) -> None:
    """Let two entries change places."""
    for old, new in ((one["id"], -1), (other["id"], one["id"]), (-1, other["id"])):
        connection.execute(update(_HISTORY).where(_HISTORY.c.id == old).values(id=new))


def three_entries(told: Told, kind: str) -> int:
    """A record with three entries."""
    firm = told.firm
    if kind == "core.party":
        key = firm.party().id
        for n in range(2):
            values = inputs.read(Party, {"short_name": f"海天{n}"}, partial=True)
            firm.run("manager", lambda w, v=values: masters.save(w, Party, v, key=key))  # type: ignore[misc]
        return key
    quotation = firm.create(Quotation, party_id=told.party, lines=[line(price="7", name="安装")])
    return firm.edit(firm.edit(quotation, subject="广场"), subject="车站").id


def forge(connection: Connection, told: Told, reason: str = "so it was not") -> None:
    """What an owner who knows everything does: rewrite the last entry, seal it anew, put the head right."""
    of_party = select(_HISTORY).where(_HISTORY.c.kind == "core.party", _HISTORY.c.record_id == told.party)
    entry = dict(connection.execute(of_party.order_by(_HISTORY.c.id.desc())).mappings().first() or {})
    entry["reason"] = reason
    digest = seal(bytes(entry["prev"]), entry)
    rewrite(connection, entry, reason=entry["reason"], hash=digest)
    table: Any = Party.__table__
    connection.execute(update(table).where(table.c.id == told.party).values(head=digest))


def cut(connection: Connection, told: Told) -> None:
    """Take the last entry of the customer away, and let his row end with the one before."""
    of_party = select(_HISTORY).where(_HISTORY.c.kind == "core.party", _HISTORY.c.record_id == told.party)
    last, before = connection.execute(of_party.order_by(_HISTORY.c.id.desc()).limit(2)).mappings().all()
    remove(connection, last)
    table: Any = Party.__table__
    connection.execute(update(table).where(table.c.id == told.party).values(head=before["hash"]))
