"""How far the tables are and how far they should be, without Alembic: a server asks it once, and never migrates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from core.db.base import Base

CORE = "core"
# As Alembic's templates write them: a name, perhaps a type, and text, several texts, or None.
_NAMES = re.compile(r"^(down_revision|revision)\b[^=\n]*=\s*(\([^)]*\)|[^\n#]*)", re.MULTILINE)
_TEXT = re.compile(r"[\"']([^\"']+)[\"']")


@dataclass(frozen=True, slots=True)
class Scripts:
    """The migrations of core or of one plug-in."""

    area: str
    folder: Path

    @property
    def version_table(self) -> str:
        """Where the database remembers how far this area's tables are."""
        return f"alembic_version_{self.area}"

    @property
    def head(self) -> str | None:
        """The newest revision, which no other follows; None when the area has no tables.

        Raises ``ValueError`` where it is not one.
        """
        made, followed = set[str](), set[str]()
        for path in (self.folder / "versions").glob("*.py"):
            for name, value in _NAMES.findall(path.read_text(encoding="utf-8")):
                (made if name == "revision" else followed).update(_TEXT.findall(value))
        heads = sorted(made - followed)
        if len(heads) > 1:
            raise ValueError(f"{self.area} has several newest revisions: {', '.join(heads)}")
        return heads[0] if heads else None


def scripts(packages: Mapping[str, str]) -> list[Scripts]:
    """Core's scripts and those of the plug-ins (name → package), in the order in which they are to run."""
    found = []
    for area, package in {CORE: "core", **packages}.items():
        spec = find_spec(package)
        folder = Path(spec.origin).parent / "migrations" if spec and spec.origin else None
        if folder and (folder / "versions").is_dir():
            found.append(Scripts(area, folder))
    return found


def current(connection: Connection, one: Scripts) -> str | None:
    """How far the tables of an area are; None where it has none yet."""
    if not inspect(connection).has_table(one.version_table):
        return None
    version: str | None = connection.scalar(select(column("version_num")).select_from(table(one.version_table)))
    return version


def pending(connection: Connection, packages: Mapping[str, str]) -> list[str]:
    """The areas whose tables are not at head."""
    return [one.area for one in scripts(packages) if current(connection, one) != one.head]


def tables_of(area: str, packages: Mapping[str, str]) -> set[str]:
    """The names of the tables that an area declares."""
    package = "core" if area == CORE else packages[area]
    names = set()
    for mapper in Base.registry.mappers:
        if (
            mapper.class_.__module__.split(".")[: len(package.split("."))] == package.split(".")
            and mapper.local_table is not None
        ):
            names.add(str(mapper.local_table.name))  # type: ignore[attr-defined]
    return names if area == CORE else names - tables_of(CORE, packages)


def table_names(connection: Connection) -> set[str]:
    """The tables that are there."""
    return set(inspect(connection).get_table_names())


def missing_tables(connection: Connection) -> list[str]:
    """Tables that are declared and not there."""
    return sorted(set(Base.metadata.tables) - table_names(connection))
