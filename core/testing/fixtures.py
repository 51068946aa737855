"""Fixtures for everybody's tests: a migrated database of one's own on each engine, a company, its people.

``pytest_plugins = ["core.testing.fixtures"]`` in the top conftest is all it takes. A test that asks for ``database``,
directly or through the others, runs on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.app import Program, open_program
from core.db.engine import open_engine
from core.db.migrate import upgrade
from core.extension.loader import load
from core.testing.builders import Firm
from core.testing.compiled import share_compiled_statements
from core.testing.servers import APP, OWNER, Postgres
from core.text import ENGLISH, speak

# The test kit asserts for others, so its failures should say as much as theirs.
pytest.register_assert_rewrite("core.testing.conformance", "core.testing.evidence")
ENGINES = ("sqlite", "postgresql")
share_compiled_statements()


# Companies that many tests ask for are founded once for each engine, and copied with their database.
FIRMS: dict[str, tuple[str, str, str, bool]] = {
    "firm": ("acme", "大华照明有限公司", "Dahua Lighting Co., Ltd.", False),
    "strict_firm": ("acme", "大华照明有限公司", "Dahua Lighting Co., Ltd.", True),
    "other_firm": ("zeta", "中原轴承有限公司", "Zhongyuan Bearing Co., Ltd.", False),
}


@dataclass(frozen=True, slots=True)
class Database:
    """A database made for one test: where it is for the program, and for its owner; ``firms`` are in it already."""

    engine: str
    url: str
    owner_url: str
    firms: Mapping[str, Firm] = field(default_factory=dict)


@dataclass(slots=True)
class Templates:
    """Databases to copy, made when they are first asked for: by engine and by the companies in them."""

    folder: Path
    places: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    firms: dict[tuple[str, tuple[str, ...]], dict[str, Firm]] = field(default_factory=dict)

    def sqlite(self, firms: tuple[str, ...]) -> str:
        """The file to copy."""
        key = ("sqlite", firms)
        if key not in self.places:
            path = self.folder / f"{'_'.join(firms) or 'empty'}.sqlite"
            if firms:
                shutil.copy(self.sqlite(()), path)
                self._found(key, f"sqlite:///{path}")
            else:
                engine = open_engine(f"sqlite:///{path}")
                upgrade(engine, load()[0].packages)
                engine.dispose()
            _settle(path)
            self.places[key] = str(path)
        return self.places[key]

    def postgresql(self, firms: tuple[str, ...], server: Postgres) -> str:
        """The database to clone."""
        key = ("postgresql", firms)
        if key not in self.places:
            if firms:
                name = server.clone(self.postgresql((), server))
                self._found(key, server.url(name, role=APP))
            else:
                name = server.create()
                engine = open_engine(server.url(name, role=OWNER))
                upgrade(engine, load()[0].packages, app_role=APP)
                engine.dispose()
            self.places[key] = name
        return self.places[key]

    def _found(self, key: tuple[str, tuple[str, ...]], url: str) -> None:
        engine = open_engine(url)
        program = open_program(engine)
        made = self.firms.setdefault(key, {})
        for name in key[1]:
            code, chinese, english, policies = FIRMS[name]
            made[name] = Firm.founded(program, code, chinese, english, policies=policies)
        engine.dispose()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run, in a directory of its own."""
    with Postgres.started() as server:
        yield server


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Migrated databases to copy, made when an engine is first asked for."""
    return Templates(tmp_path_factory.mktemp("templates"))


def _settle(path: Path) -> None:
    """Bring everything into the one file that is copied."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    connection.close()


@contextmanager
def database_on(
    engine: str, request: pytest.FixtureRequest, folder: Path, firms: tuple[str, ...] = ()
) -> Iterator[Database]:
    """A migrated database on one engine, for fixtures that keep it longer than for one test."""
    templates: Templates = request.getfixturevalue("templates")
    if engine == "sqlite":
        path = folder / "zhanggui.sqlite"
        shutil.copy(templates.sqlite(firms), path)
        made = templates.firms.get(("sqlite", firms), {})
        yield Database("sqlite", f"sqlite:///{path}", f"sqlite:///{path}", made)
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.clone(templates.postgresql(firms, server))
    made = templates.firms.get(("postgresql", firms), {})
    yield Database("postgresql", server.url(name, role=APP), server.url(name, role=OWNER), made)
    server.drop(name)


@pytest.fixture(autouse=True)
def in_english() -> None:
    """Every test begins in English, whatever language a request of the one before has left behind."""
    speak(ENGLISH)


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database of one's own, once on each engine."""
    asked = tuple(name for name in FIRMS if name in request.fixturenames)
    with database_on(request.param, request, tmp_path, asked) as made:
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


def _firm(name: str, program: Program, database: Database) -> Firm:
    """The company that came with the database, else a new one."""
    known = database.firms.get(name)
    if known is not None:
        return Firm(program, known.id, known.code, dict(known.people))
    code, chinese, english, policies = FIRMS[name]
    return Firm.founded(program, code, chinese, english, policies=policies)


@pytest.fixture
def firm(program: Program, database: Database) -> Firm:
    """A company that uses every area, with a person for each usual role."""
    return _firm("firm", program, database)


@pytest.fixture
def strict_firm(program: Program, database: Database) -> Firm:
    """A company that keeps the approval policies with which its areas begin."""
    return _firm("strict_firm", program, database)


@pytest.fixture
def other_firm(program: Program, database: Database) -> Firm:
    """A second company in the same database; the first must never see it."""
    return _firm("other_firm", program, database)
