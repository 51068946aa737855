"""From nothing the scripts make exactly what the models say, on both engines, and unmake it area by area."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, UniqueConstraint, delete, insert, inspect, select, text, update

from core.db.base import Base
from core.db.engine import open_engine
from core.db.migrate import downgrade, upgrade
from core.db.revisions import CORE, pending, scripts, table_names, tables_of
from core.db.security import company_tables
from core.documents.models import Document
from core.entities.company import Company
from core.entities.item import Item
from core.entities.party import Party
from core.extension.loader import load
from core.revision import difference
from core.search.models import SearchEntry
from core.testing.fixtures import Database

PACKAGES = load()[0].packages
AREAS = [CORE, *(one.area for one in scripts(PACKAGES) if one.area != CORE)]


@pytest.fixture
def nothing(blank: Database) -> Iterator[Engine]:
    """The owner's engine on a database without a single table."""
    engine = open_engine(blank.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    """The owner's engine on a database that the scripts have brought to the present: a copy of one that was empty."""
    engine = open_engine(database.owner_url)
    yield engine
    engine.dispose()


def differing(engine: Engine, area: str) -> list[Any]:
    with engine.connect() as connection:
        ops = difference(connection, area, PACKAGES).upgrade_ops
    return list(ops.ops) if ops else []


def test_the_scripts_make_what_the_models_say(nothing: Engine) -> None:
    assert upgrade(nothing, PACKAGES) == AREAS
    assert {area: differing(nothing, area) for area in AREAS} == {area: [] for area in AREAS}
    with nothing.connect() as connection:
        assert pending(connection, PACKAGES) == []


def test_every_declared_index_and_constraint_is_there(owner: Engine) -> None:
    """Alembic leaves some indexes out without a word, so each is looked for by its name."""
    looked = inspect(owner)
    missing = []
    for table in Base.metadata.sorted_tables:
        here = {index["name"] for index in looked.get_indexes(table.name)}
        here |= {unique["name"] for unique in looked.get_unique_constraints(table.name)}
        missing += [f"{table.name}: {index.name}" for index in table.indexes if index.name not in here]
        checks = {check["name"] for check in looked.get_check_constraints(table.name)}
        declared = {str(c.name) for c in table.constraints if c.__visit_name__ == "check_constraint" and c.name}
        missing += [f"{table.name}: {name}" for name in declared - checks]
        keys = {tuple(key["constrained_columns"]) for key in looked.get_foreign_keys(table.name)}
        missing += [
            f"{table.name}: {k.column_keys}" for k in table.foreign_key_constraints if tuple(k.column_keys) not in keys
        ]
    assert missing == []


@pytest.mark.parametrize("area", AREAS[1:])
def test_an_area_goes_and_comes_again_while_the_others_stay(owner: Engine, area: str) -> None:
    with owner.connect() as connection:
        before = table_names(connection)
    downgrade(owner, PACKAGES, area)
    with owner.connect() as connection:
        assert before - table_names(connection) == tables_of(area, PACKAGES) & before
        assert pending(connection, PACKAGES) == [area]
    assert upgrade(owner, PACKAGES) == [area]
    assert differing(owner, area) == []


def test_everything_goes_down_to_nothing_and_up_again(owner: Engine) -> None:
    for area in reversed(AREAS):
        downgrade(owner, PACKAGES, area)
    with owner.connect() as connection:
        left = {t for t in table_names(connection) if not t.startswith(("alembic_version", "search_fts", "sqlite_"))}
    assert left == set()
    assert upgrade(owner, PACKAGES) == AREAS
    assert {area: differing(owner, area) for area in AREAS} == {area: [] for area in AREAS}


def test_running_the_scripts_again_changes_nothing(owner: Engine) -> None:
    assert upgrade(owner, PACKAGES) == []


def test_a_key_is_never_given_twice_on_sqlite(owner: Engine) -> None:
    if owner.dialect.name != "sqlite":
        return
    with owner.connect() as connection:
        counted = set(
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'").scalars()
        )
    keyed = {
        name
        for name in company_tables()
        if [c.name for c in Base.metadata.tables[name].primary_key.columns] == ["id"]
        and Base.metadata.tables[name].c.id.autoincrement is True
    }
    assert keyed - counted == set()


def test_a_database_of_the_first_tables_comes_to_the_present_ones(owner: Engine) -> None:
    downgrade(owner, PACKAGES, CORE, "core_0001")
    assert upgrade(owner, PACKAGES) == [CORE]
    assert differing(owner, CORE) == []


def _as_company(connection: Connection, company: int) -> None:
    """Row-level security binds the owner too."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT set_config('app.company', :company, true)"), {"company": str(company)})


def products(owner: Engine) -> dict[str, Any]:
    """Of the products of the first company the warranty and what else is said of them."""
    with owner.connect() as connection:
        _as_company(connection, 1)
        rows = connection.execute(select(Item.code, Item.warranty_months, Item.attributes))
        return {row.code: (row.warranty_months, row.attributes) for row in rows}


def test_the_warranty_that_hid_among_attributes_becomes_a_field_of_products(owner: Engine) -> None:
    now = datetime(2026, 11, 25, tzinfo=UTC)
    said: dict[str, Any] = {
        "A": None,
        "B": {"warranty_months": 36},
        "C": {"warranty_months": " 9 ", "色温": "3000K"},
        "D": {"warranty_months": "long"},
        "E": {"warranty_months": True},
        "F": {"色温": "4000K"},
    }
    with owner.begin() as connection:
        company = connection.execute(
            insert(Company).returning(Company.id), {"code": "old", "name": "旧公司", "created_at": now}
        ).scalar_one()
        _as_company(connection, company)
        given = {"company_id": company, "unit": "套", "created_at": now, "updated_at": now}
        connection.execute(
            insert(Item), [{**given, "code": code, "name": code, "attributes": told} for code, told in said.items()]
        )
    downgrade(owner, PACKAGES, CORE, "core_0008")
    assert upgrade(owner, PACKAGES) == [CORE]
    assert products(owner) == {
        "A": (None, None),
        "B": (36, None),
        "C": (9, {"色温": "3000K"}),
        "D": (None, None),
        "E": (None, None),
        "F": (None, {"色温": "4000K"}),
    }
    downgrade(owner, PACKAGES, CORE, "core_0008")
    upgrade(owner, PACKAGES)
    assert products(owner)["C"] == (9, {"色温": "3000K"})


def found_by(owner: Engine, tokens: str) -> list[int]:
    """The records that the search index finds by these words."""
    lite, server = (
        "SELECT record_id FROM search_entry WHERE id IN (SELECT rowid FROM search_fts WHERE search_fts MATCH :asked)",
        "SELECT record_id FROM search_entry WHERE grams_vector @@ CAST(:asked AS tsquery)",
    )
    is_lite = owner.dialect.name == "sqlite"
    words = (" AND " if is_lite else " & ").join(f'"{one}"' if is_lite else f"'{one}'" for one in tokens.split())
    with owner.connect() as connection:
        return sorted(connection.execute(text(lite if is_lite else server), {"asked": words}).scalars())


def test_what_was_findable_before_the_search_index_grew_lean_still_is(owner: Engine) -> None:
    """There and back; also a record without a single word."""
    upgrade(owner, PACKAGES)
    downgrade(owner, PACKAGES, CORE, "core_0016")
    entries = {
        1: "zz1zzcorezparty 青 岛 青岛 qd 000123 a1e5",
        2: "zz1zzcorezparty 青 州 青州 qz",
        3: "zz1zzcorezparty ",
    }
    with owner.begin() as connection:
        now = datetime(2026, 11, 25, tzinfo=UTC)
        company = connection.execute(
            insert(Company).returning(Company.id), {"code": "old", "name": "旧公司", "created_at": now}
        ).scalar_one()
        rows = [
            {"company_id": company, "kind": "core.party", "record_id": n, "grams": told} for n, told in entries.items()
        ]
        connection.execute(insert(SearchEntry), rows)

    def seen() -> list[list[int]]:
        return [found_by(owner, asked) for asked in ("青", "青岛 qd", "zz1zzcorezparty", "000123", "a1e5", "青岛 qz")]

    upgrade(owner, PACKAGES)
    assert seen() == [[1, 2], [1], [1, 2, 3], [1], [1], []]
    with owner.begin() as connection:
        connection.execute(delete(SearchEntry).where(SearchEntry.record_id == 1))
        connection.execute(update(SearchEntry).where(SearchEntry.record_id == 3).values(grams="zz1zzcorezparty 海"))
    assert seen() == [[2], [], [2, 3], [], [], []]
    assert found_by(owner, "海") == [3]
    downgrade(owner, PACKAGES, CORE, "core_0016")
    upgrade(owner, PACKAGES)
    assert seen() == [[2], [], [2, 3], [], [], []]


def test_what_refers_to_records_that_may_go_is_found_by_an_index() -> None:
    """Deleting a record makes the database look for whatever names it, record by record."""
    gone = {cls.__mapper__.tables[0].name for cls in (Party, Item, Document)}
    slow = set()
    for table in Base.metadata.sorted_tables:
        leading = [[c.name for c in key.columns] for key in table.constraints if isinstance(key, UniqueConstraint)]
        leading += [[c.name for c in table.primary_key.columns], *([c.name for c in i.columns] for i in table.indexes)]
        for key in table.foreign_key_constraints:
            if key.referred_table.name in gone and table.name in tables_of(CORE, PACKAGES):
                own = [name for name in key.column_keys if name != "company_id"]
                if own and not any([n for n in names if n != "company_id"][:1] == own for names in leading):
                    slow.add(f"{table.name}.{own[0]}")
    # Few rows each, by their nature.
    assert slow <= {"guidance.document_id"}
