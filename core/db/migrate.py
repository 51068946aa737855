"""Migrations: one script set and one version table per plug-in, core's first, each in one transaction.

A plug-in that was removed does not stand in the way of core: its tables and version stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData

from core.db.engine import is_sqlite
from core.db.revisions import CORE, Scripts, current, scripts
from core.db.security import APP_ROLE, loosen, secure


def upgrade(engine: Engine, packages: Mapping[str, str], *, app_role: str | None = APP_ROLE) -> list[str]:
    """Bring every area's tables to head and secure them, as the owner; gives back the areas that changed."""
    changed = []
    with _Quiet(engine) as connection:
        for one in scripts(packages):
            if current(connection, one) != one.head:
                loosen(connection)
                _run(connection, one, "head")
                changed.append(one.area)
        secure(connection, app_role=app_role)
        _check_references(connection)
    return changed


def downgrade(engine: Engine, packages: Mapping[str, str], area: str, target: str = "base") -> None:
    """Take one area's tables back to ``target``; with ``base`` its data are gone."""
    one = next(s for s in scripts(packages) if s.area == area)
    with _Quiet(engine) as connection:
        if area == CORE:
            loosen(connection)
        _run(connection, one, target, down=True)


def _run(connection: Connection, one: Scripts, target: str, *, down: bool = False) -> None:
    directory = ScriptDirectory(str(one.folder))

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return directory._downgrade_revs(target, revision) if down else directory._upgrade_revs(target, revision)

    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": one.version_table,
            "fn": steps,
            "render_as_batch": True,
            "target_metadata": MetaData(),
        },
    )
    with Operations.context(context):
        context.run_migrations()


class _Quiet:
    """A connection in one transaction, on SQLite with references unchecked until the end."""

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.connect()

    def __enter__(self) -> Connection:
        if is_sqlite(self._connection):
            # A batch migration copies a table; with references on, its children would be deleted with the old one.
            raw = self._connection.connection.dbapi_connection
            raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        self._transaction = self._connection.begin()
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            self._transaction.rollback() if kind else self._transaction.commit()
        finally:
            if is_sqlite(self._connection):
                self._connection.connection.dbapi_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
            self._connection.close()


def _check_references(connection: Connection) -> None:
    if is_sqlite(connection):
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise RuntimeError(f"References would be broken: {broken[:5]}")
