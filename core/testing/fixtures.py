"""Fixtures for everybody's tests: a migrated database of one's own on each engine, a company, its people.

``pytest_plugins = ["core.testing.fixtures"]`` in the top conftest is all it takes. A test that asks for ``database``,
directly or through the others, runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.app import Program, open_program
from core.db.engine import open_engine
from core.db.migrate import upgrade
from core.extension.loader import load
from core.testing.builders import Firm
from core.testing.servers import APP, OWNER, Postgres

# The test kit asserts for others, so its failures should say as much as theirs.
pytest.register_assert_rewrite("core.testing.conformance", "core.testing.evidence")
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Database:
    """A database made for one test: where it is for the program, and for its owner."""

    engine: str
    url: str
    owner_url: str


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run, in a directory of its own."""
    with Postgres.started() as server:
        yield server


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, str]:
    """Migrated and empty databases to copy, made when an engine is first asked for."""
    return {"folder": str(tmp_path_factory.mktemp("templates"))}


def _sqlite_template(templates: dict[str, str]) -> str:
    if "sqlite" not in templates:
        path = Path(templates["folder"]) / "template.sqlite"
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine, load()[0].packages)
        engine.dispose()
        _settle(path)
        templates["sqlite"] = str(path)
    return templates["sqlite"]


def _settle(path: Path) -> None:
    """Bring everything into the one file that is copied."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    connection.close()


def _postgres_template(templates: dict[str, str], server: Postgres) -> str:
    if "postgresql" not in templates:
        name = server.create()
        engine = open_engine(server.url(name, role=OWNER))
        upgrade(engine, load()[0].packages, app_role=APP)
        engine.dispose()
        templates["postgresql"] = name
    return templates["postgresql"]


@contextmanager
def database_on(engine: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Database]:
    """A migrated database on one engine, for fixtures that keep it longer than for one test."""
    templates: dict[str, str] = request.getfixturevalue("templates")
    if engine == "sqlite":
        path = folder / "zhanggui.sqlite"
        shutil.copy(_sqlite_template(templates), path)
        yield Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}")
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.clone(_postgres_template(templates, server))
    yield Database("postgresql", server.url(name, role=APP), server.url(name, role=OWNER))
    server.drop(name)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of one's own, once on each engine."""
    with database_on(request.param, request, tmp_path) as made:
        yield made


@pytest.fixture(params=ENGINES)
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table, once on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.sqlite'}"
        yield Database("sqlite", url, url)
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield Database("postgresql", server.url(name, role=APP), server.url(name, role=OWNER))
    server.drop(name)


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """The program's engine on the test's database."""
    engine = open_engine(database.url)
    yield engine
    engine.dispose()


@pytest.fixture
def program(engine: Engine) -> Program:
    """The program over the test's database: works, types, hooks."""
    return open_program(engine)


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that uses every area, with a person for each usual role."""
    return Firm.founded(program, "acme", "大华照明有限公司", "Dahua Lighting Co., Ltd.")


@pytest.fixture
def strict_firm(program: Program) -> Firm:
    """A company that keeps the approval policies with which its areas begin."""
    return Firm.founded(program, "acme", "大华照明有限公司", "Dahua Lighting Co., Ltd.", policies=True)


@pytest.fixture
def other_firm(program: Program) -> Firm:
    """A second company in the same database; the first must never see it."""
    return Firm.founded(program, "zeta", "中原轴承有限公司", "Zhongyuan Bearing Co., Ltd.")
