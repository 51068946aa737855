"""What ``zhanggui check`` looks at: the database and its roles, the tables and their walls, the key, what is built."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from core.cli.opening import Opened
from core.config import KEY_FILE, weak_key
from core.db.engine import PRAGMAS, is_sqlite
from core.db.revisions import missing_tables, pending
from core.db.security import ADD_ONLY, company_tables
from core.text import CHINESE, DOMAIN, Text, _


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at: whether it is good, and what was found."""

    subject: Text
    good: bool
    text: Text


def inspected(here: Opened) -> Iterator[Line]:
    """Everything about the installation, good and bad."""
    yield _plugins(here)
    with here.program.engine.connect() as connection:
        yield _tables(here, connection)
        yield from _sqlite(here, connection) if is_sqlite(connection) else _postgresql(connection)
    yield _key(here)
    yield _fonts()
    yield _catalogues(here)
    yield _folder(here)


def _plugins(here: Opened) -> Line:
    # The program is open, so every plug-in was imported and keeps the contract.
    names = [str(plugin.label) for plugin in here.program.registry.plugins.values()]
    return Line(_("Areas"), True, _("{count} installed: {areas}.", count=len(names), areas=names))


def _tables(here: Opened, connection: Connection) -> Line:
    behind = pending(connection, here.program.registry.packages)
    if behind:
        return Line(_("Tables"), False, _("Not up to date: {areas}. Run: zhanggui upgrade", areas=behind))
    missing = missing_tables(connection)
    said = _("These tables are missing, and no migration makes them: {names}.", names=missing)
    return Line(_("Tables"), not missing, said if missing else _("Up to date."))


def _sqlite(here: Opened, connection: Connection) -> Iterator[Line]:
    wanted = dict(pragma.removeprefix("PRAGMA ").split("=") for pragma in PRAGMAS)
    meaning = {"WAL": "wal", "FULL": "2", "ON": "1"}
    off = [
        name
        for name, value in wanted.items()
        if str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()).lower() != meaning.get(value, value)
    ]
    said, fine = _("These settings are wrong: {names}.", names=off), _("Nothing acknowledged is lost.")
    yield Line(_("Safety of the database"), not off, said if off else fine)
    broken = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    good = broken == "ok"
    yield Line(_("Database file"), good, _("It is sound.") if good else _("It is damaged: {reason}", reason=broken))
    there = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
    missing = [f"keep_{table}_{verb}" for table in ADD_ONLY for verb in ("update", "delete")]
    missing = [name for name in [*missing, "document_posted", "line_posted"] if name not in there]
    yield _walls(missing)


def _postgresql(connection: Connection) -> Iterator[Line]:
    role: Any = connection.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    owned = connection.execute(
        text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
    ).scalar_one()
    faults = [
        str(fault)
        for wrong, fault in (
            (role.rolsuper, _("it is a superuser")),
            (role.rolbypassrls, _("it passes row-level security by")),
            (owned, _("it owns the tables")),
        )
        if wrong
    ]
    said = _("{role} may too much: {faults}.", role=role.rolname, faults=faults)
    fine = _("{role} may only what the program needs.", role=role.rolname)
    yield Line(_("Database role"), not faults, said if faults else fine)
    loose = connection.execute(
        text("SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT (relrowsecurity AND relforcerowsecurity)")
    ).scalars()
    there = set(inspect(connection).get_table_names())
    open_tables = sorted(set(company_tables()) & there & set(loose))
    yield _walls(open_tables)
    durable = connection.execute(text("SELECT current_setting('fsync'), current_setting('synchronous_commit')")).one()
    good = "off" not in durable
    yield Line(
        _("Safety of the database"),
        good,
        _("Nothing acknowledged is lost.") if good else _("fsync or synchronous_commit is off."),
    )


def _walls(missing: list[str]) -> Line:
    fine, said = _("In place for every table."), _("Missing: {names}. Run: zhanggui upgrade", names=missing)
    return Line(_("Walls between companies and around history"), not missing, said if missing else fine)


def _key(here: Opened) -> Line:
    path = here.config.data_dir / KEY_FILE
    if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Line(_("Key"), False, _("Others may read {file}.", file=path))
    why = weak_key(here.config.secret_key)
    return Line(_("Key"), why is None, why or _("Long enough, and for the program alone."))


def _fonts() -> Line:
    from core.printing import fonts

    missing = [str(folder) for folder in fonts.folders() if not any(folder.glob("*.ttf"))]
    said, fine = _("Papers cannot be printed, these are missing: {names}.", names=missing), _("Chinese can be printed.")
    return Line(_("Fonts"), not missing, said if missing else fine)


def _catalogues(here: Opened) -> Line:
    from importlib import import_module

    missing = []
    for package in ("core", *here.program.registry.packages.values()):
        folder = Path(import_module(package).__file__ or "").parent / "translations" / CHINESE / "LC_MESSAGES"
        if (folder / f"{DOMAIN}.po").is_file() and not (folder / f"{DOMAIN}.mo").is_file():
            missing.append(package)
    said = _("Not built for: {names}. Run: python -m core.build", names=missing)
    return Line(_("Translations"), not missing, said if missing else _("Built."))


def _folder(here: Opened) -> Line:
    folder = here.config.data_dir
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    good = nearest.is_dir() and os.access(nearest, os.W_OK)
    said, fine = _("It cannot be written: {folder}", folder=folder), _("{folder} can be written.", folder=folder)
    return Line(_("Data folder"), good, fine if good else said)
