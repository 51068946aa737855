"""The demonstration: four companies one can look around in, with something on everybody's desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.app import Program, open_program
from core.approvals.models import ApprovalTask
from core.db.base import Base
from core.db.engine import open_engine
from core.demonstration.companies import PRESETS, load_demo, owner_of
from core.demonstration.people_and_firms import firms
from core.documents.models import Document
from core.entities.party import Party
from core.errors import Conflict
from core.extension.loader import presets
from core.extension.preset import read_preset
from core.operations import decide
from core.operations.verifying import verify_chain
from core.records.invariants import verify_figures
from core.records.verify import verify_history
from core.testing.fixtures import ENGINES, database_on
from core.web.timeline import word
from core.work import Ask, System, Work

TODAY = date(2026, 11, 25)
SCALE = 0.08
# At length: as large as it is shown, on days across months, years and holidays.
DAYS = [
    date(*day) for day in ((2026, 11, 26), (2026, 11, 30), (2027, 1, 4), (2027, 2, 15), (2027, 4, 1), (2027, 10, 8))
]
LONG = bool(os.environ.get("ZHANGGUI_SOAK"))


class Undone(Exception):
    """What was tried is taken back, so that everybody finds the same demonstration."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demonstration and the ids of its companies."""

    program: Program
    companies: list[int]


@pytest.fixture(scope="module", params=ENGINES)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Made once on each engine; nobody changes it."""
    with database_on(request.param, request, tmp_path_factory.mktemp("demo")) as database:
        engine = open_engine(database.url)
        program = open_program(engine)
        yield Demo(program, load_demo(program, today=TODAY, scale=SCALE))
        engine.dispose()


@pytest.fixture(scope="module")
def again(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    """What the first company of another demonstration of the same day shows."""
    with database_on("sqlite", request, tmp_path_factory.mktemp("again")) as database:
        engine = open_engine(database.url)
        program = open_program(engine)
        found = shown(program, load_demo(program, today=TODAY, scale=SCALE, names=PRESETS[:1])[0])
        engine.dispose()
    return found


def shown(program: Program, company: int) -> list[tuple[Any, ...]]:
    """All documents of a company, the oldest first."""
    with program.works.read(Ask(company, System("test"), today=TODAY)) as work:
        rows = select(Document.kind, Document.number, Document.party_name, Document.state, Document.gross)
        return [tuple(row) for row in work.session.execute(rows.order_by(Document.id))]


def asks(program: Program, company: int) -> dict[str, Ask]:
    """An ask for everybody of a company, by login."""
    with program.works.read(Ask(company, System("test"), today=TODAY)) as work:
        return {one.login: Ask(company, key, today=TODAY) for key, one in work.company.people.items()}


def leaders(key: str) -> tuple[str, str]:
    """The logins of the sales manager and of the general manager."""
    people = read_preset(presets() / f"{key}.toml").people
    manager, leader = (
        next(one.login for one in people if role in one.roles) for role in ("sales_manager", "general_manager")
    )
    return manager, leader


def documents(work: Work, kind: str) -> list[Document]:
    return list(work.session.scalars(select(Document).where(Document.kind == kind)))


def in_their_territories(work: Work, key: str) -> None:
    """Every customer belongs to a representative in whose territory it lies."""
    people = read_preset(presets() / f"{key}.toml").people
    for party in work.session.scalars(select(Party)):
        owner = work.company.people[party.owner_id or 0].login
        claims = next(one.territory for one in people if one.login == owner)
        assert any(party.region_code.startswith(code) for code in claims)


def test_every_list_shows_every_kind_of_offer_and_no_second_demonstration_is_made(demo: Demo) -> None:
    program = demo.program
    for company, key in zip(demo.companies[:2], PRESETS[:2], strict=True):
        with program.works.read(Ask(company, System("test"), today=TODAY)) as work:
            found = documents(work, "quotation.quotation")
            inquiries = {one.state for one in documents(work, "quotation.inquiry")}
            talks = {one.state for one in documents(work, "crm.talk")}
            assert (work.session.scalar(select(func.count()).select_from(Party)) or 0) >= 12
            in_their_territories(work, key)
        assert inquiries == {"received", "accepted", "quoted", "dropped"}
        assert {"draft", "submitted", "reviewed"} <= talks
        assert {"draft", "approved", "sent"} <= {one.state for one in found}
        assert {"accepted", "declined", "expired", "cancelled"} & {one.state for one in found}
        assert {"pending", "rejected", "withdrawn", "approved"} <= {one.approval for one in found}
        assert max(one.revision for one in found) == 2
        assert all(one.date <= TODAY for one in found)
    with pytest.raises(Conflict):
        load_demo(program, today=TODAY, scale=SCALE)


def test_the_manager_and_the_leader_each_have_something_to_decide_and_can(demo: Demo) -> None:
    def tried(work: Work, task: int) -> None:
        decide.agree(work, task)
        raise Undone

    program = demo.program
    for company, key in zip(demo.companies[:2], PRESETS[:2], strict=True):
        people = asks(program, company)
        for login in leaders(key):
            with program.works.read(people[login]) as work:
                assert work.actor is not None
                mine = work.roles()
                table: Any = ApprovalTask.__table__
                waiting = list(
                    work.connection.execute(
                        select(table.c.id).where(
                            table.c.company_id == company, table.c.state == "open", table.c.role_id.in_(mine)
                        )
                    ).scalars()
                )
            assert waiting
            for task in waiting:
                with pytest.raises(Undone):
                    program.works.run(people[login], lambda work, t=task: tried(work, t))  # type: ignore[misc]


def test_the_chain_is_lived_through_from_the_order_to_the_payment_and_the_books_verify(demo: Demo) -> None:
    program, companies = demo.program, demo.companies
    reached = {"contract": False, "supply": False, "delivery": False, "invoice": False, "receipt": False}
    for company in companies:
        with program.works.read(Ask(company, System("test"), today=TODAY)) as work:
            kinds = {
                row.kind for row in work.session.execute(select(Document.kind).where(Document.number.is_not(None)))
            }
            assert not {kind for kind in kinds if kind.split(".")[0] not in work.areas}
        reached["contract"] |= bool(kinds & {"contract.contract", "contract.order"})
        reached["supply"] |= bool(kinds & {"production.order", "production.follow_up"})
        reached["delivery"] |= "logistics.delivery" in kinds
        reached["invoice"] |= "billing.invoice" in kinds
        reached["receipt"] |= "billing.receipt" in kinds
    assert all(reached.values()), reached
    for company in companies:
        with program.works.read(Ask(company, System("verify"), today=TODAY)) as work:
            found = [*verify_history(work), *verify_figures(work), *verify_chain(work)]
        assert found == []


def test_everything_in_the_history_of_a_record_can_be_read(demo: Demo) -> None:
    history: Any = Base.metadata.tables["history"]
    types = {**demo.program.registry.documents, **demo.program.registry.masters}
    for company in demo.companies:
        with demo.program.works.read(Ask(company, System("test"), today=TODAY)) as work:
            mine = history.c.company_id == company
            for kind, what in work.connection.execute(select(history.c.kind, history.c.what).distinct().where(mine)):
                assert kind not in types or word(types[kind], what) != what


def test_the_readme_names_people_who_are_there() -> None:
    names = {one.name_en for key in PRESETS for one in read_preset(presets() / f"{key}.toml").people}
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    begin = [row.split("|")[3] for row in readme.splitlines() if row.startswith("| ") and "(`" in row]
    named = [name.strip() for cell in begin for name in cell.split(",")]
    assert len(named) == 12
    assert set(named) <= names


def test_the_longest_beginning_of_a_region_code_wins() -> None:
    preset = read_preset(presets() / "led_distributor.toml")
    for firm in firms(1, "lighting", 200):
        if firm.region.city == "青岛市":
            assert owner_of(preset, firm) == "liuyang"
        elif firm.region.city == "烟台市":
            assert owner_of(preset, firm) == "chenxiaomin"
        elif firm.region.province == "山东省" and firm.region.city == "济南市":
            assert owner_of(preset, firm) == "zhaopeng"


def test_the_same_day_gives_the_same_demonstration(demo: Demo, again: list[tuple[Any, ...]]) -> None:
    """On whichever engine it is made."""
    assert again == shown(demo.program, demo.companies[0])


@pytest.mark.parametrize("today", DAYS if LONG else DAYS[:1])
def test_a_demonstration_of_any_day_verifies(request: pytest.FixtureRequest, tmp_path: Path, today: date) -> None:
    """Each day draws other sales: none of them meets a refusal that nobody foresaw, and all the books hold."""
    with database_on("sqlite", request, tmp_path) as database:
        engine = open_engine(database.url)
        program = open_program(engine)
        for company in load_demo(program, today=today, scale=1 if LONG else SCALE / 4):
            with program.works.read(Ask(company, System("verify"), today=today)) as work:
                assert [*verify_history(work), *verify_figures(work), *verify_chain(work)] == []
        engine.dispose()
