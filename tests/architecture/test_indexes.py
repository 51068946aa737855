"""Every list goes by an index: each sort and each filter of every type, in the program's own role, on both engines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from core.app import Program, open_program
from core.db.engine import is_sqlite, open_engine
from core.documents.faces import faces
from core.documents.kinds import Type
from core.documents.models import Document
from core.entities.master import Master
from core.entities.party import Party
from core.entities.territory import Territory
from core.extension.loader import load
from core.operations import masters, people
from core.operations.roles import name_role, set_grants
from core.roles import REPRESENTATIVE, Scope
from core.schemas import inputs
from core.search.listing import Query, filter_names, page
from core.testing import bulk
from core.testing.fixtures import ENGINES, Database, database_on
from core.testing.samples import Samples
from core.work import Work

# As many as it takes until a plan without an index would be dear; documents of all types are in one table.
MASTERS, DOCUMENTS, PEOPLE = 20_000, 8_000, 100
REGISTRY = load()[0]
TYPES: dict[str, Type] = {**REGISTRY.masters, **REGISTRY.documents}
# Few rows by nature, read whole with the company or looked at by its administrator alone.
SMALL = {"core.tax_rate", "core.territory", "core.approval_policy", "core.double_check"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A company with many records of every type, one sample of each, and a person who sees only what is his."""

    program: Program
    samples: Samples
    records: dict[str, Any]
    mine: int
    people: list[int]


@pytest.fixture(scope="module", params=ENGINES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The company with many records, once on each engine; nothing is changed in it."""
    with database_on(request.param, request, tmp_path_factory.mktemp("many")) as database:
        engine = open_engine(database.url)
        yield fill(open_program(engine), database)
        engine.dispose()


def fill(program: Program, database: Database) -> Filled:
    """Make one of everything, then many like it."""
    samples = Samples.founded(program, "many", list(program.registry.plugins))
    firm = samples.firm
    own = [people.create_account(program.works, f"p{n}@many", f"代表{n}") for n in range(PEOPLE)]
    firm.as_program(lambda w: people.employ(w, own[0], roles=[REPRESENTATIVE.key]))
    firm.people["mine"] = own[0]
    records: dict[str, Any] = {}
    for kind, cls in TYPES.items():
        records[kind] = samples.document(cls) if issubclass(cls, Document) else samples.master(cls)

    def multiply(work: Work) -> None:
        newest = work.connection.execute(text("SELECT max(id) FROM party")).scalar_one()
        bulk.masters(work.connection, records[Party.kind], MASTERS)
        parties = list(
            work.connection.execute(
                text("SELECT id FROM party WHERE id > :first ORDER BY id"), {"first": newest}
            ).scalars()
        )
        for kind, cls in TYPES.items():
            if issubclass(cls, Master) and kind not in {*SMALL, Party.kind}:
                bulk.masters(work.connection, records[kind], MASTERS, parties=parties)
        for kind, cls in TYPES.items():
            if issubclass(cls, Document):
                bulk.documents(work.connection, records[kind], DOCUMENTS, people=own, parties=parties)

    firm.as_program(multiply)
    if database.engine == "postgresql":
        owner = open_engine(database.owner_url)
        with owner.begin() as link:
            link.exec_driver_sql("ANALYZE")
        owner.dispose()
    return Filled(program, samples, records, own[0], own)


def plans(filled: Filled, cls: Type, query: Query, who: str) -> str:
    """How the database goes about the page."""
    said: list[tuple[str, Any]] = []

    def keep(link: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, parameters))

    def look(work: Work) -> str:
        event.listen(filled.program.engine, "before_cursor_execute", keep)
        try:
            page(work, cls, query)
        finally:
            event.remove(filled.program.engine, "before_cursor_execute", keep)
        statement, parameters = said[-1]
        explain = "EXPLAIN QUERY PLAN" if is_sqlite(work.connection) else "EXPLAIN"
        rows = work.connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row[-1]) for row in rows)

    return filled.samples.firm.read(who, look)


def scans(plan: str) -> list[str]:
    """The steps of a plan that go through all of a table."""
    return [
        step
        for step in plan.splitlines()
        if "Seq Scan" in step or re.search(r"\bSCAN (?!CONSTANT)\w+(?! .*INDEX)", step)
    ]


def sorting(plan: str) -> list[str]:
    """The steps of a plan that put rows in order, which an index should have done."""
    return [step for step in plan.splitlines() if re.search(r"(?<!Incremental )\bSort\b(?! Key)|TEMP B-TREE", step)]


def sort_cases() -> list[Any]:
    return [
        pytest.param(kind, name, id=f"{kind}-{name or 'usual'}")
        for kind, cls in TYPES.items()
        if kind not in SMALL
        for name in ("", *cls.sorts)
    ]


def filter_cases() -> list[Any]:
    return [
        pytest.param(kind, name, id=f"{kind}-{name}")
        for kind, cls in TYPES.items()
        if kind not in SMALL
        for name in filter_names(cls)
    ]


@pytest.mark.parametrize(("kind", "sort"), sort_cases())
def test_a_list_is_in_order_by_an_index(filled: Filled, kind: str, sort: str) -> None:
    cls = TYPES[kind]
    first = filled.samples.firm.read("everybody", lambda w: page(w, cls, Query(sort=sort)))
    back = filled.samples.firm.read("everybody", lambda w: page(w, cls, Query(sort=sort, after=first.next)))
    for query in (
        Query(sort=sort),
        Query(sort=f"-{sort}" if sort else ""),
        Query(sort=sort, after=first.next),
        Query(sort=sort, after=back.previous),
    ):
        plan = plans(filled, cls, query, "everybody")
        assert scans(plan) == [], plan
        assert sorting(plan) == [], plan


@pytest.mark.parametrize(("kind", "name"), filter_cases())
def test_a_filtered_list_goes_by_an_index(filled: Filled, kind: str, name: str) -> None:
    cls, record = TYPES[kind], filled.records[kind]
    column = name if name in cls.filters else name.removesuffix("_from").removesuffix("_to")
    value = getattr(record, column)
    if value is None:
        value = {"ref": 1, "int": 1, "date": "2026-01-01", "decimal": "1"}.get(faces(cls)[column].kind, "")
    written = str(value).lower() if isinstance(value, bool) else str(value)
    plan = plans(filled, cls, Query(filters={name: written}), "everybody")
    assert scans(plan) == [], plan


@pytest.mark.parametrize("kind", [k for k, c in TYPES.items() if issubclass(c, Document) or c.owned])
def test_whoever_sees_only_his_own_finds_it_by_an_index(filled: Filled, kind: str) -> None:
    if not filled.samples.firm.read("mine", lambda w: w.may(f"{kind}.read")):
        return
    plan = plans(filled, TYPES[kind], Query(), "mine")
    assert scans(plan) == [], plan


@pytest.mark.parametrize("scope", [Scope.TEAM, Scope.TERRITORY])
@pytest.mark.parametrize("kind", [k for k, c in TYPES.items() if issubclass(c, Document) or c.owned])
def test_whoever_sees_a_team_or_a_territory_finds_it_by_an_index(filled: Filled, kind: str, scope: Scope) -> None:
    """A third of the people are the team, and one of some territories is mine."""
    reaching(filled, scope)
    plan = plans(filled, TYPES[kind], Query(), "circle")
    assert scans(plan) == [], plan


def reaching(filled: Filled, scope: Scope) -> None:
    """Somebody with every right as far as ``scope`` says."""
    firm = filled.samples.firm
    if "circle" not in firm.people:
        account = firm.people["circle"] = people.create_account(firm.program.works, "circle@many", "主管")
        firm.as_program(lambda w: people.save_department(w, "circle", "主管部"))

        def settle(work: Work) -> None:
            name_role(work, "circle", "主管")
            people.employ(work, account, department="circle", roles=["circle"])
            for one in filled.people[: PEOPLE // 3]:
                people.employ(work, one, department="circle", roles=None)

        def assign(work: Work) -> None:
            holders = [{"account_id": account}]
            for code in ("3701", "3702", "3703"):
                values = {
                    "code": code,
                    "name": f"区{code}",
                    "regions": code,
                    "holders": holders if code == "3701" else [],
                }
                masters.save(work, Territory, inputs.read(Territory, values))

        firm.as_program(settle)
        firm.as_program(assign)

    def command(work: Work) -> None:
        types = work.types.permissions.items()
        set_grants(work, "circle", {k: scope.value if p.scoped else Scope.COMPANY.value for k, p in types})

    firm.as_program(command)


def test_a_scan_and_a_sort_would_be_noticed(filled: Filled) -> None:
    statement = "SELECT id FROM document WHERE remark = 'x' ORDER BY subject, id"
    explain = "EXPLAIN QUERY PLAN" if is_sqlite(filled.program.engine) else "EXPLAIN"

    def look(work: Work) -> str:
        if not is_sqlite(work.connection):
            work.connection.exec_driver_sql("SET LOCAL enable_indexscan = off")
            work.connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
        return "\n".join(str(row[-1]) for row in work.connection.exec_driver_sql(f"{explain} {statement}"))

    plan = filled.samples.firm.read("everybody", look)
    assert scans(plan)
    assert sorting(plan)
