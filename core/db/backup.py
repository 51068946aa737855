"""Copies of the whole database, made while others work and verified before anybody relies on them.

SQLite: its own backup interface into one file. PostgreSQL: ``pg_dump`` in the custom format over one exported snapshot.
Beside each copy stands ``FILE.json``: its hash and how many rows every table had, held against the copy when it is
brought back.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, inspect, make_url

from core.db.engine import is_sqlite, open_engine
from core.errors import DomainError
from core.text import Text, _

BLOCK = 1 << 20
LEAP = 1_000_000


class BackupFailed(DomainError):
    """The copy was not made, or not brought back; the text says why and nothing was left half done."""

    code = "backup.failed"


@dataclass(frozen=True, slots=True)
class Copy:
    """A finished copy: where it is, its hash, its rows by table."""

    path: Path
    sha256: str
    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        """All rows together."""
        return sum(self.rows.values())


def about(path: Path) -> Path:
    """Where the description of a copy stands."""
    return path.with_name(path.name + ".json")


def backup(url: str, path: Path) -> Copy:
    """Write a copy of the database at ``url`` to ``path`` and verify it. Raises ``BackupFailed``."""
    if path.exists():
        raise BackupFailed(_("There is a file {file} already.", file=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".half")
    half.unlink(missing_ok=True)
    engine = open_engine(url, threads=1)
    try:
        rows = _copy_sqlite(make_url(url), half) if is_sqlite(engine) else _dump(engine, make_url(url), half)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    finally:
        engine.dispose()
    copy = Copy(path, sha256_of(half), rows)
    _settle(half, path, copy)
    return copy


def _settle(half: Path, path: Path, copy: Copy) -> None:
    """Name the copy and its description only when both are on the disk."""
    described = {"sha256": copy.sha256, "rows": dict(copy.rows), "made": datetime.now(UTC).isoformat()}
    about(path).write_text(json.dumps(described, indent=1), encoding="utf-8")
    for file in (half, about(path)):
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    half.chmod(0o600)
    half.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def described(path: Path) -> Copy:
    """The copy at ``path`` as its description tells; raises ``BackupFailed`` when it is missing or does not fit."""
    if not path.is_file() or not about(path).is_file():
        raise BackupFailed(_("{file} or its description {about} is missing.", file=path, about=about(path).name))
    told: dict[str, Any] = json.loads(about(path).read_text(encoding="utf-8"))
    if sha256_of(path) != told["sha256"]:
        raise BackupFailed(_("{file} was changed or damaged after it was made.", file=path))
    return Copy(path, told["sha256"], told["rows"])


def restore(copy: Copy, url: str, *, force: bool = False) -> None:
    """Bring a copy back into the database at ``url``, all of it or nothing. Raises ``BackupFailed``.

    A database with companies in it is replaced only by ``force``. Afterwards put the walls back: ``migrate.upgrade``.
    """
    engine = open_engine(url, threads=1)
    try:
        with engine.connect() as connection:
            if not force and _holds_companies(connection):
                raise BackupFailed(_("The database is not empty. With --force it is replaced by the copy."))
        if is_sqlite(engine):
            _bring_sqlite(copy, make_url(url))
        else:
            _bring_dump(copy, make_url(url))
        _forget_kept(engine)
    finally:
        engine.dispose()


def _forget_kept(engine: Engine) -> None:
    """Raise all versions past any that were used since the copy: no process still running takes old facts for new."""
    with engine.begin() as connection:
        for table in {"company", "account"} & set(inspect(connection).get_table_names()):
            connection.exec_driver_sql(f"UPDATE {table} SET version = version + {LEAP}")  # noqa: S608  (its own tables)


def _holds_companies(connection: Connection) -> bool:
    if "company" not in inspect(connection).get_table_names():
        return False
    return bool(connection.exec_driver_sql("SELECT count(*) FROM company").scalar())


def compared(copy: Copy, rows: Mapping[str, int]) -> None:
    """Raise ``BackupFailed`` unless the database now has the rows of the copy."""
    wrong = [name for name, count in copy.rows.items() if rows.get(name) != count]
    if wrong:
        raise BackupFailed(_("After bringing the copy back, the rows of these tables differ: {names}.", names=wrong))


def sha256_of(path: Path) -> str:
    """The hash of a file's content."""
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            state.update(block)
    return state.hexdigest()


# SQLite ----------------------------------------------------------------------------------------------------------


def _copy_sqlite(url: URL, target: Path) -> dict[str, int]:
    address = f"file:{url.database}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE").close()
        return _sound(copy, target)


def _sound(copy: sqlite3.Connection, path: Path) -> dict[str, int]:
    """The rows of each table, when the file is whole and every reference leads somewhere."""
    found = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
    broken = copy.execute("PRAGMA foreign_key_check").fetchmany(5)
    if found != ["ok"] or broken:
        raise BackupFailed(_("{file} is damaged: {reason}", file=path, reason=[*found, *map(str, broken)]))
    tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    names = [row[0] for row in copy.execute(f"{tables} AND name NOT LIKE 'search!_fts%' ESCAPE '!' ORDER BY name")]
    return {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608  (its own tables)


def _bring_sqlite(copy: Copy, url: URL) -> None:
    """Copy page by page into the file that is there, in one transaction: whoever has it open sees all or nothing."""
    with closing(sqlite3.connect(f"file:{copy.path}?mode=ro&immutable=1", uri=True)) as source:
        compared(copy, _sound(source, copy.path))
        with closing(sqlite3.connect(str(url.database), timeout=10)) as target:
            try:
                source.backup(target)
            except sqlite3.OperationalError as error:
                text = _("The database is in use; stop the program first: {reason}", reason=error)
                raise BackupFailed(text) from error
            target.execute("PRAGMA journal_mode=WAL").close()
            compared(copy, _sound(target, Path(str(url.database))))


# PostgreSQL ------------------------------------------------------------------------------------------------------


def tool(name: str) -> str:
    """Where ``pg_dump`` or ``pg_restore`` is: on PATH, else Debian's newest. Raises ``BackupFailed``."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(re.sub(r"\D", "", p.parts[-3]) or 0)
    )
    # Debian's wrapper on PATH chooses a version by itself; the newest can speak to every older server.
    found = str(debian[-1]) if debian else shutil.which(name)
    if not found:
        raise BackupFailed(_("{tool} is needed and is not installed here (Debian: postgresql-client).", tool=name))
    return found


def _arguments(url: URL) -> tuple[list[str], dict[str, str]]:
    """How the tools are told where the database is; the password goes through the environment, never the list."""
    parts = {"host": url.host, "port": url.port, "username": url.username, "dbname": url.database}
    given = [f"--{name}={value}" for name, value in parts.items() if value is not None]
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    return [*given, "--no-password"], environment


def _run(name: str, url: URL, *options: str) -> None:
    arguments, environment = _arguments(url)
    done = subprocess.run(
        [tool(name), *arguments, *options], capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise BackupFailed(_("{tool} failed: {reason}", tool=name, reason=lines[0]))


def _dump(engine: Engine, url: URL, target: Path) -> dict[str, int]:
    """Dump and count over one snapshot, so that the counts are those of the dump."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        _sees_everything(connection)
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        rows = counted(connection)
        _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", "--no-owner", f"--file={target}")
    return rows


def _sees_everything(connection: Connection) -> None:
    """Behind row-level security a copy would be empty, or refused halfway."""
    may = connection.exec_driver_sql(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    ).scalar_one()
    if not may:
        role = connection.exec_driver_sql("SELECT current_user").scalar_one()
        text: Text = _(
            "{role} does not see all rows. Let ZHANGGUI_BACKUP_URL name a role with BYPASSRLS and pg_read_all_data.",
            role=role,
        )
        raise BackupFailed(text)


def counted(connection: Connection) -> dict[str, int]:
    """The rows of each table that this role sees."""
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}  # noqa: S608  (its own tables)


def _bring_dump(copy: Copy, url: URL) -> None:
    """One transaction: what is there goes and the copy comes, or nothing happens."""
    _run(
        "pg_restore",
        url,
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        str(copy.path),
    )
