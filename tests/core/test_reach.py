"""How far rights reach: one's own records, the team's, the territory's customers', or all of the company's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.documents.models import Document
from core.documents.reading import load, load_master
from core.entities.account import Department
from core.entities.party import Party
from core.entities.territory import Territory
from core.errors import DomainError, Forbidden, Invalid, Unknown
from core.operations import masters, people, roles
from core.operations.flow import offers
from core.operations.roles import Given
from core.roles import REPRESENTATIVE, SALES_MANAGER, Scope
from core.schemas import inputs
from core.search.finding import found
from core.search.listing import Query, every, page
from core.testing.api import api_for
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.work import Work
from plugins.contract.documents import Contract
from plugins.quotation.documents import Quotation

PARTY, QUOTATION = "core.party", "quotation.quotation"


def reach(firm: Firm, role: str, scope: str | Iterable[Given], *, of: Iterable[str] = (PARTY, QUOTATION)) -> None:
    """Let the rights of a role on these types reach as far as ``scope`` says."""

    def command(work: Work) -> None:
        held = next(one for one in work.company.roles.values() if one.key == role)
        rights: dict[str, Any] = {}
        for grant in held.grants:
            mine = grant.permission.rpartition(".")[0] in of and work.types.permissions[grant.permission].scoped
            rights[grant.permission] = scope if mine else grant.scope
        roles.set_grants(work, role, rights)

    firm.run("admin", command)


def placed(firm: Firm, **departments: str) -> None:
    """Put people into departments, by short name, which keeps their roles."""

    def command(work: Work) -> None:
        for who, code in departments.items():
            people.employ(work, firm.people[who], department=code, roles=None)

    firm.as_program(command)


def house(firm: Firm) -> None:
    """Sales with an eastern and a western part; finance beside it."""

    def command(work: Work) -> None:
        people.save_department(work, "sales", "销售部")
        people.save_department(work, "east", "东区", parent="sales")
        people.save_department(work, "west", "西区", parent="sales")
        people.save_department(work, "money", "财务部")

    firm.as_program(command)


def territory(firm: Firm, code: str, regions: str, *holders: dict[str, Any], **more: Any) -> int:
    """A territory, entered by the administrator."""
    given = {"code": code, "name": f"片区{code}", "regions": regions, "holders": list(holders), **more}
    return firm.run("admin", lambda w: masters.save(w, Territory, inputs.read(Territory, given))).id


def seen(firm: Firm, who: str, cls: Any = Party) -> set[int]:
    """The records that somebody finds in the list, all pages of it."""
    return {row["id"] for row in firm.read(who, lambda w: list(every(w, cls, Query(), size=2)))}


def opens(firm: Firm, who: str, record: Any) -> bool:
    """Whether somebody may open the record by its id."""
    cls = type(record)
    get = load if issubclass(cls, Document) else load_master
    try:
        firm.read(who, lambda w: get(w, cls, record.id))
    except Unknown:
        return False
    return True


# The team ---------------------------------------------------------------------------------------------------------


def test_a_manager_sees_what_the_people_of_his_department_and_those_below_have(firm: Firm) -> None:
    """PLT-05: the team is the department with all below it; what others have is not there, in no way at all."""
    house(firm)
    placed(firm, manager="sales", rep="east", rep2="money")
    reach(firm, SALES_MANAGER.key, Scope.TEAM)
    mine, other = firm.party("rep", name="青岛东区客户"), firm.party("rep2", name="青岛别部客户")
    quoted = firm.create(Quotation, "rep", party_id=mine.id, lines=[line(firm.item())])
    hidden = firm.create(Quotation, "rep2", party_id=other.id, lines=[line(firm.item())])
    assert seen(firm, "manager") == {mine.id}
    assert seen(firm, "manager", Quotation) == {quoted.id}
    assert [opens(firm, "manager", one) for one in (mine, quoted, other, hidden)] == [True, True, False, False]
    assert {hit.title for hit in firm.read("manager", lambda w: found(w, "青岛"))} >= {mine.name}
    assert other.name not in {hit.title for hit in firm.read("manager", lambda w: found(w, "青岛"))}
    api = api_for(firm, "manager")
    assert api.get(f"/core/parties/{other.id}").status_code == 404
    assert api.get(f"/quotation/quotations/{hidden.id}").status_code == 404
    assert api.patch(f"/core/parties/{other.id}", {"remark": "x"}, other.version).status_code == 404
    assert api.get(f"/core/parties/{mine.id}").status_code == 200


def test_the_head_of_a_department_leads_it_from_wherever_he_sits(firm: Firm) -> None:
    """PLT-05: a head sees his departments' records, and a person of one of them the own department's only."""
    house(firm)
    placed(firm, rep="east", rep2="west", clerk="west")
    firm.as_program(lambda w: people.save_department(w, "west", "西区", parent="sales", head_id=firm.people["manager"]))
    reach(firm, SALES_MANAGER.key, Scope.TEAM)
    east, west = firm.party("rep"), firm.party("rep2")
    assert seen(firm, "manager") == {west.id}
    reach(firm, "sales_clerk", Scope.TEAM)
    assert seen(firm, "clerk") == {west.id}
    firm.as_program(lambda w: people.save_department(w, "sales", "销售部", head_id=firm.people["manager"]))
    assert seen(firm, "manager") == {east.id, west.id}


def test_who_names_somebody_as_superior_belongs_to_his_team(firm: Firm) -> None:
    """PLT-05: lines of command count as departments do, over several levels, and end in no circle."""
    reach(firm, SALES_MANAGER.key, Scope.TEAM)
    theirs, others = firm.party("rep2"), firm.party("clerk")
    assert seen(firm, "manager") == set()

    def command(work: Work) -> None:
        for who, superior in (("rep", "manager"), ("rep2", "rep"), ("manager", "rep2")):
            people.employ(work, firm.people[who], superior_id=firm.people[superior], roles=None)

    firm.as_program(command)
    assert seen(firm, "manager") == {theirs.id}
    assert not opens(firm, "manager", others)


def test_whoever_leaves_the_department_is_not_of_the_team_from_the_next_request_on(firm: Firm) -> None:
    house(firm)
    placed(firm, manager="sales", rep="east")
    reach(firm, SALES_MANAGER.key, Scope.TEAM)
    party = firm.party("rep")
    assert opens(firm, "manager", party)
    placed(firm, rep="money")
    assert not opens(firm, "manager", party)


# The territory ----------------------------------------------------------------------------------------------------


def test_a_representative_sees_the_customers_of_his_territory_and_their_documents(firm: Firm) -> None:
    """PLT-05: own customers and documents, or the own territory's."""
    territory(firm, "qd", "3702", {"account_id": firm.people["rep"]})
    reach(firm, REPRESENTATIVE.key, Scope.TERRITORY)
    here = firm.party("rep2", region_code="370203")
    there = firm.party("rep2", region_code="370602")
    own = firm.party("rep", region_code="110000")
    quoted = firm.create(Quotation, "rep2", party_id=here.id, lines=[line(firm.item())])
    far = firm.create(Quotation, "rep2", party_id=there.id, lines=[line(firm.item())])
    assert seen(firm, "rep") == {here.id, own.id}
    assert seen(firm, "rep", Quotation) == {quoted.id}
    assert [opens(firm, "rep", one) for one in (here, quoted, there, far)] == [True, True, False, False]
    mine = firm.create(Quotation, "rep", party_id=here.id, lines=[line(firm.item())])
    assert mine.party_name == here.name
    with pytest.raises(Invalid):
        firm.create(Quotation, "rep", party_id=there.id, lines=[line(firm.item())])
    assert seen(firm, "rep2") == {here.id, there.id}


def test_the_longest_beginning_of_a_region_counts_and_the_hand_before_it(firm: Firm) -> None:
    """CRM-06: a customer lies where its region says, unless somebody has chosen otherwise."""
    province = territory(firm, "sd", "37")
    city = territory(firm, "qd", "3702", parent_id=province)
    lies = [firm.party("rep", region_code=code).territory_id for code in ("370203", "370602", "110000", "")]
    assert lies == [city, province, None, None]
    chosen = firm.party("rep", region_code="370203", chosen_territory_id=province)
    assert chosen.territory_id == province
    reach(firm, REPRESENTATIVE.key, Scope.TERRITORY)
    back = firm.run("rep", lambda w: masters.save(w, Party, {"chosen_territory_id": None}, key=chosen.id))
    assert back.territory_id == city


def test_customers_move_when_the_regions_of_a_territory_change(firm: Firm) -> None:
    """CRM-06: the rule holds for those who are there already; who was put somewhere by hand stays."""
    province, city = territory(firm, "sd", "37"), territory(firm, "qd", "")
    moved, stays = firm.party("rep", region_code="370203"), firm.party("rep", region_code="370602")
    fixed = firm.party("rep", region_code="370203", chosen_territory_id=province)

    def lies(*records: Party) -> list[int | None]:
        get = [lambda w, k=one.id: load_master(w, Party, k).territory_id for one in records]
        return [firm.read("boss", one) for one in get]

    assert lies(moved, stays, fixed) == [province, province, province]
    firm.run("admin", lambda w: masters.save(w, Territory, {"regions": "3702"}, key=city))
    assert lies(moved, stays, fixed) == [city, province, province]
    firm.run("admin", lambda w: masters.save(w, Territory, {"active": False}, key=city))
    assert lies(moved, stays, fixed) == [province, province, province]


def test_a_territory_is_held_by_departments_and_between_days(firm: Firm) -> None:
    """PLT-05: whoever sits in the department or below it holds what the department holds, on the days that are said."""
    house(firm)
    placed(firm, rep="east", rep2="west")
    reach(firm, REPRESENTATIVE.key, Scope.TERRITORY)
    sales = firm.as_program(lambda w: w.session.scalars(select(Department.id).where(Department.code == "sales")).one())
    party = firm.party("clerk", region_code="370203")
    today = firm.read("boss", lambda w: w.today)
    key = territory(firm, "qd", "3702", {"department_id": sales})
    assert (opens(firm, "rep", party), opens(firm, "rep2", party)) == (True, True)
    days = {"valid_from": str(today - timedelta(9)), "valid_until": str(today - timedelta(1))}
    for holder, expected in (
        ({"department_id": sales, **days}, False),
        ({"account_id": firm.people["rep"], "valid_from": str(today)}, True),
        ({"account_id": firm.people["rep2"]}, False),
    ):
        given = inputs.read(Territory, {"holders": [holder]}, partial=True)
        firm.run("admin", lambda w, g=given: masters.save(w, Territory, g, key=key))  # type: ignore[misc]
        assert opens(firm, "rep", party) is expected, holder


def test_whoever_holds_a_territory_holds_all_within_it(firm: Firm) -> None:
    reach(firm, REPRESENTATIVE.key, Scope.TERRITORY)
    above = territory(firm, "sd", "", {"account_id": firm.people["rep"]})
    territory(firm, "qd", "3702", parent_id=above)
    assert opens(firm, "rep", firm.party("rep2", region_code="370203"))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"regions": "37x"}, "regions"),
    ({"regions": "123"}, "regions"),
    ({"regions": "3702"}, "regions"),
    ({"holders": [{}]}, "holders/0/account_id"),
]


@pytest.mark.parametrize(("given", "place"), WRONG)
def test_a_territory_that_says_nothing_sensible_is_refused(firm: Firm, given: dict[str, Any], place: str) -> None:
    territory(firm, "qd", "3702")
    with pytest.raises(Invalid) as refused:
        firm.run(
            "admin",
            lambda w: masters.save(w, Territory, inputs.read(Territory, {"code": "x", "name": "某区", **given})),
        )
    assert place in {fault.path for fault in refused.value.faults}


def test_a_row_of_a_territory_names_a_person_or_a_department(firm: Firm) -> None:
    house(firm)
    both = {"account_id": firm.people["rep"], "department_id": firm.as_program(lambda w: min(w.company.departments))}
    with pytest.raises(Invalid) as refused:
        territory(firm, "qd", "3702", both)
    assert [fault.path for fault in refused.value.faults] == ["holders/0/account_id"]


def test_a_territory_never_lies_within_itself(firm: Firm) -> None:
    above = territory(firm, "a", "")
    below = territory(firm, "b", "", parent_id=above)
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: masters.save(w, Territory, {"parent_id": below}, key=above))


def test_only_the_administrator_assigns_territories(firm: Firm) -> None:
    """To assign is to grant: whoever reads customers does not give himself more of them."""
    key = territory(firm, "qd", "3702")
    for who in ("rep", "manager", "boss", "finance"):
        with pytest.raises(Forbidden):
            firm.run(who, lambda w: masters.save(w, Territory, {"regions": "37"}, key=key))


def test_lines_of_the_territorys_customers_wait_for_its_representative(firm: Firm) -> None:
    """PLT-05: what may be taken over reaches as far as the right to make the next document."""
    territory(firm, "qd", "3702", {"account_id": firm.people["rep"]})
    reach(firm, REPRESENTATIVE.key, Scope.TERRITORY, of=(PARTY, QUOTATION, "contract.contract"))
    firm.settings(contract__drafts="false")
    for code in ("370203", "110000"):
        party = firm.party("rep2", region_code=code)
        quoted = firm.create(
            Quotation, "rep2", party_id=party.id, lines=[line(firm.item())], valid_until="2030-01-01", reference=code
        )
        for name in ("submit", "send", "accept"):
            quoted = firm.move(quoted, name, "rep2")

    def waiting(who: str) -> set[str]:
        rows = firm.read(who, lambda w: offers.offered(w, Contract))
        return {row.party_name for row in rows}

    assert len(waiting("rep")) == 1
    assert len(waiting("rep2")) == 2


# Grants -----------------------------------------------------------------------------------------------------------


def test_scopes_of_several_grants_are_added_up_and_hold_on_their_days(firm: Firm) -> None:
    """PLT-05: a right given twice reaches as far as both together, each on its own days."""
    house(firm)
    placed(firm, rep="east", rep2="east")
    territory(firm, "qd", "3702", {"account_id": firm.people["rep"]})
    mates, lands = firm.party("rep2"), firm.party("clerk", region_code="370203")
    far = firm.party("clerk", region_code="110000")
    first = date(2026, 3, 1)
    month = Given("territory", first, date(2026, 3, 31))
    reach(firm, REPRESENTATIVE.key, [Given("own"), Given("team"), month, Given("company", date(2027, 1, 1))])
    expected = {
        first - timedelta(1): {mates.id},
        first: {mates.id, lands.id},
        date(2026, 3, 31): {mates.id, lands.id},
        date(2026, 4, 1): {mates.id},
        date(2027, 1, 1): {mates.id, lands.id, far.id},
    }
    for day, ids in expected.items():
        firm.today = day
        assert seen(firm, "rep") == ids, day


WRONG_GRANTS: list[tuple[str, Any]] = [
    ("core.search.use", "team"),
    (f"{PARTY}.read", "galaxy"),
    (f"{PARTY}.fly", "own"),
    (f"{PARTY}.read", [Given("own"), Given("own", date(2026, 1, 1))]),
    (f"{PARTY}.read", Given("own", date(2026, 2, 1), date(2026, 1, 1))),
]


@pytest.mark.parametrize(("right", "given"), WRONG_GRANTS)
def test_a_grant_that_cannot_be_is_refused_and_changes_nothing(firm: Firm, right: str, given: Any) -> None:
    before = seen_rights(firm, "rep")
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: roles.set_grants(w, REPRESENTATIVE.key, {right: given}))
    assert seen_rights(firm, "rep") == before


def seen_rights(firm: Firm, who: str) -> dict[str, frozenset[str]]:
    return firm.read(who, lambda w: {key: w.scopes(key) for key in w.types.permissions})


def test_no_circle_of_people_reaches_into_another_company(firm: Firm, other_firm: Firm) -> None:
    """The same person's team and territories in one company say nothing in another."""
    territory(other_firm, "qd", "3702", {"account_id": other_firm.people["rep"]})
    reach(other_firm, REPRESENTATIVE.key, Scope.TERRITORY)
    foreign = other_firm.party("clerk", region_code="370203")
    mine = firm.party("clerk", region_code="370203")
    assert seen(other_firm, "rep") == {foreign.id}
    for record in (foreign, mine):
        with pytest.raises(DomainError):
            firm.read("rep", lambda w, k=record.id: load_master(w, Party, k))  # type: ignore[misc]


def test_a_page_within_a_team_or_a_territory_takes_no_further_statement(firm: Firm) -> None:
    """The circles of a person are known before the list is asked."""
    territory(firm, "qd", "3702", {"account_id": firm.people["rep"]})
    firm.party("rep", region_code="370203")

    def statements(scope: Scope) -> int:
        reach(firm, REPRESENTATIVE.key, scope)
        seen(firm, "rep")
        with counted(firm.program.engine) as said:
            firm.read("rep", lambda w: page(w, Party, Query()))
        return len(said)

    assert {statements(scope) for scope in Scope} == {statements(Scope.COMPANY)}
