"""Engines for SQLite and PostgreSQL, each told how to keep what was acknowledged.

SQLite: WAL with ``synchronous=FULL`` loses nothing at a power cut; a writing transaction begins with ``BEGIN
IMMEDIATE`` so that nobody writes on a stale reading. PostgreSQL: READ COMMITTED with the owner row locked first; a
host that vanishes frees its locks within seconds.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

from core.db import shares

# The schema stays trusted: it is ours, and its triggers keep the full-text index, which is a virtual table.
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA cell_size_check=ON",
    "PRAGMA recursive_triggers=ON",
)
READS = {"zhanggui_reads": True, "postgresql_readonly": True}


def open_engine(url: str | URL, *, threads: int = 8) -> Engine:
    """An engine for ``url``; ``threads`` bounds the connections of this process."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, threads)
    return _postgresql(address, threads)


def _sqlite(url: URL, threads: int) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, pool_size=threads, max_overflow=2, connect_args={"timeout": 10, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(pragma).close()
        shares.register(connection)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = bool(connection.get_execution_options().get("zhanggui_reads"))
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA query_only={int(reads)}")
        begin = "BEGIN" if reads else "BEGIN IMMEDIATE"
        try:
            cursor.execute(begin)
        except sqlite3.OperationalError as error:
            # Within an event it would arrive bare, and nobody would know that it may be tried again.
            raise OperationalError(begin, None, error) from error
        finally:
            cursor.close()

    return engine


def _postgresql(url: URL, threads: int) -> Engine:
    return create_engine(
        url,
        pool_size=threads,
        max_overflow=2,
        pool_pre_ping=False,
        pool_recycle=1800,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=15s -c statement_timeout=60s "
            # Pages are in memory or on flash; compiling plans costs more than the short statements here take.
            "-c timezone=UTC -c random_page_cost=1.1 -c jit=off",
        },
    )


def is_sqlite(bind: Engine | Connection) -> bool:
    """Whether ``bind`` speaks to SQLite."""
    return bind.dialect.name == "sqlite"
