"""A company from one file: what the preset says is what its people find."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.app import Program, open_program
from core.approvals.models import ApprovalPolicy, PolicyStep
from core.db.engine import open_engine
from core.entities.account import Account, Department, Employment
from core.entities.company import Company
from core.entities.item import Item
from core.errors import Conflict, Invalid
from core.extension.loader import presets
from core.extension.preset import Preset, find_presets
from core.operations.people import create_account
from core.operations.set_up import load_preset
from core.passwords import matches
from core.rights import ADMINISTER
from core.roles import Scope
from core.testing.fixtures import ENGINES, database_on
from core.work import Ask, System, Work

PRESETS = {preset.key: preset for preset in find_presets(presets())}
PASSWORD = "zhanggui-demo"


def set_up(program: Program, key: str) -> int:
    return load_preset(program.works, presets() / f"{key}.toml", password=PASSWORD)


@dataclass(frozen=True, slots=True)
class Town:
    """The companies of all presets side by side, by the preset's name."""

    program: Program
    companies: dict[str, int]

    def work(self, key: str) -> AbstractContextManager[Work]:
        """A look into the company of a preset."""
        return self.program.works.read(Ask(self.companies[key], System("test")))


@pytest.fixture(scope="module", params=ENGINES)
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Set up once on each engine; nobody changes it."""
    with database_on(request.param, request, tmp_path_factory.mktemp("town")) as database:
        engine = open_engine(database.url)
        program = open_program(engine)
        yield Town(program, {key: set_up(program, key) for key in sorted(PRESETS)})
        engine.dispose()


@pytest.fixture(params=sorted(PRESETS))
def preset(request: pytest.FixtureRequest) -> Preset:
    return PRESETS[request.param]


def everything(work: Work, preset: Preset) -> None:
    """Compare what the company has with what its file says."""
    assert (work.company.code, work.company.name) == (preset.company.code, preset.company.name)
    assert work.company.row["tax_number"] == preset.company.tax_number
    assert work.company.row["week"] == preset.company.week
    people = {one.login: key for key, one in work.company.people.items()}
    assert set(people) == {one.login for one in preset.people}
    roles = {role.key: role for role in work.company.roles.values()}
    for role in preset.roles:
        assert (roles[role.key].name, roles[role.key].name_en) == (role.name, role.name_en)
    departments = {row.code: row for row in work.session.scalars(select(Department))}
    jobs = {row.account_id: row for row in work.session.scalars(select(Employment))}
    for one in preset.departments:
        assert departments[one.key].head_id == people[one.head]
        assert (departments[one.key].parent_id or None) == (departments[one.parent].id if one.parent else None)
    for person in preset.people:
        job = jobs[people[person.login]]
        assert job.superior_id == (people[person.superior] if person.superior else None)
        assert (job.title, job.department_id) == (person.title, departments[person.department].id)


def test_departments_people_and_roles_are_those_of_the_file(town: Town, preset: Preset) -> None:
    with town.work(preset.key) as work:
        everything(work, preset)


def test_everybody_can_sign_in(town: Town, preset: Preset) -> None:
    table: Any = Account.__table__
    mine = table.c.login.in_([one.login for one in preset.people])
    with town.program.works.installation(reads=True) as connection:
        kept = list(connection.execute(select(table.c.password_hash).where(mine)).scalars())
    assert len(kept) == len(preset.people)
    assert matches(kept[0], PASSWORD)


def test_all_companies_live_side_by_side(town: Town) -> None:
    assert len(set(town.companies.values())) == len(PRESETS)


def test_the_representative_sees_the_own_documents_and_the_administrator_administers(town: Town) -> None:
    program, company = town.program, town.companies["led_distributor"]
    with town.work("led_distributor") as work:
        people = {one.login: key for key, one in work.company.people.items()}
    with program.works.read(Ask(company, people["liuyang"])) as work:
        assert work.scopes("quotation.quotation.read") == {Scope.OWN}
        assert not work.may(ADMINISTER)
    with program.works.read(Ask(company, people["sunli"])) as work:
        assert work.scopes("quotation.quotation.read") == {Scope.COMPANY}
    with program.works.read(Ask(company, people["hejing"])) as work:
        assert work.may(ADMINISTER)


def test_a_role_of_the_companys_own_has_the_rights_of_the_one_it_resembles(town: Town) -> None:
    with town.work("bearing_manufacturer") as work:
        roles = {role.key: role for role in work.company.roles.values()}
    deputy, leader = (
        {(one.permission, one.scope) for one in roles[key].grants}
        for key in ("deputy_general_manager", "general_manager")
    )
    assert leader
    assert deputy == leader


def test_offers_ask_the_manager_and_from_the_companys_amount_the_leader(town: Town, preset: Preset) -> None:
    """The steps, amounts and conditions of the preset are the policies of the company, and there are no others."""
    planned = [one for one in preset.policies if one.kind == "quotation.quotation"]
    with town.work(preset.key) as work:
        roles = {role.id: role.key for role in work.company.roles.values()}
        wanted = select(ApprovalPolicy).where(ApprovalPolicy.document_kind == "quotation.quotation")
        policies = list(work.session.scalars(wanted.order_by(ApprovalPolicy.id)))
        found = [
            [
                (roles[step.role_id or 0], step.from_amount, step.beside, step.days, step.late)
                for step in work.session.scalars(
                    select(PolicyStep).where(PolicyStep.policy_id == one.id).order_by(PolicyStep.position)
                )
            ]
            for one in policies
        ]
    assert [one.condition for one in policies] == [one.condition for one in planned]
    assert found == [[(s.role, s.from_amount, s.beside, s.days, s.late) for s in one.steps] for one in planned]


def test_further_persons_look_where_the_preset_says(town: Town, preset: Preset) -> None:
    """PLT-08: the rules of the preset are those of the company; a distributor of lamps names none."""
    with town.work(preset.key) as work:
        roles = {role.id: role.key for role in work.company.roles.values()}
        found = {
            (kind, move, one.persons, roles.get(one.role_id or 0))
            for (kind, move), one in work.company.double_checks.items()
        }
    assert found == {(one.kind, one.move, one.persons, one.role) for one in preset.double_checks}
    if preset.key == "feed_mill":
        assert found == {("logistics.delivery", "confirm", 1, "warehouse")}
    if preset.key == "led_distributor":
        assert found == set()


def test_series_and_settings_are_chosen_for_areas_in_use(town: Town, preset: Preset) -> None:
    with town.work(preset.key) as work:
        assert work.company.series["quotation.quotation"] == preset.series["quotation.quotation"]
        used = {key: text for key, text in preset.settings.items() if key.split(".")[0] in {"core", *work.areas}}
        declared = work.types.settings
        for key, text in used.items():
            assert work.setting(declared[key]) == declared[key].parse(text)
        assert set(work.company.settings) <= set(used)


def test_every_product_is_there_with_its_prices_and_tax(town: Town, preset: Preset) -> None:
    wanted = {item["code"]: item for item in preset.items}
    with town.work(preset.key) as work:
        taxes = {tax.id: tax.code for tax in work.company.taxes}
        found = list(work.session.scalars(select(Item)))
    assert {item.code for item in found} == set(wanted)
    for item in found:
        said = wanted[item.code]
        assert (item.list_price, item.floor_price) == (Decimal(said["list_price"]), Decimal(said["floor_price"]))
        assert taxes[item.tax_rate_id or 0] == said["tax_rate"]
        assert item.attributes == said["attributes"]


def test_a_login_that_is_taken_stops_everything_before_it_begins(program: Program) -> None:
    create_account(program.works, "sunli", "孙莉")
    with pytest.raises(Conflict, match="sunli"):
        set_up(program, "led_distributor")
    table: Any = Company.__table__
    with program.works.installation(reads=True) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_the_same_company_is_not_set_up_twice(program: Program) -> None:
    set_up(program, "led_distributor")
    with pytest.raises(Conflict):
        set_up(program, "led_distributor")


CHECK = '[[double_checks]]\nkind = "{}"\nmove = "{}"\n\n[settings]\n'


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[settings]\n", CHECK.format("quotation.quotation", "fly"), "quotation.quotation"),
        ("[settings]\n", CHECK.format("quotation.letter", "send"), "quotation.letter"),
        ('"quotation.valid_days" = 30', '"quotation.colour" = "red"', "quotation.colour"),
        ('"quotation.quotation" = "BJ-', '"quotation.letter" = "BJ-', "quotation.letter"),
        ('move = "submit"', 'move = "send"', "quotation.quotation.send"),
    ],
)
def test_what_an_installed_area_does_not_know_is_refused(
    program: Program, tmp_path: Path, old: str, new: str, place: str
) -> None:
    shutil.copytree(presets() / "data", tmp_path / "data")
    text = (presets() / "led_distributor.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / "led_distributor.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Invalid) as refused:
        load_preset(program.works, path)
    assert place in {fault.path for fault in refused.value.faults}
    table: Any = Company.__table__
    with program.works.installation(reads=True) as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0
