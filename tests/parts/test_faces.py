"""Parts on the screens and in the interface for programs."""

from __future__ import annotations

from typing import Any

import pytest

from core.db.base import Base
from core.documents.reading import load
from core.entities.item import Item
from core.testing.api import Api, api_for
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.sites import api_app, site_of
from tests.core.test_screens import Seller
from tests.parts.sampler.documents import Deal
from tests.parts.test_saving import THREE, again, deal, shown

DEALS = "/sampler/deals"


@pytest.fixture
def seller(firm: Firm) -> Seller:
    """A sales representative who has signed in."""
    return Seller(site_of(firm), firm, "rep")


@pytest.fixture
def rep(firm: Firm) -> Api:
    """A representative's program."""
    return api_for(firm, "rep")


# On screen --------------------------------------------------------------------------------------------------------


def test_the_form_has_a_grid_for_each_part(seller: Seller, firm: Firm, item: Item) -> None:
    made = deal(firm, item, opinions=[{"body": "fine", "margin": "0.2"}])
    for path in ("new/", f"{made.id}/edit"):
        page = seller.get(f"{DEALS}/{path}").text
        assert 'id="grid-milestones"' in page
        assert 'id="grid-opinions"' in page
        assert '"name": "margin"' not in page, "who may not see the cost sees no margin"
    assert '"percent": "30"' in page


def test_what_the_grids_send_is_saved_and_shown(seller: Seller, firm: Firm, item: Item) -> None:
    given = {"party_id": firm.party().id, "lines": [line(item, "2", "1000")], "milestones": list(THREE)}
    answer = seller.save(f"{DEALS}/save", given)
    assert answer.status_code == 200, answer.text
    key = answer.get_json()["id"]
    page = seller.get(f"{DEALS}/{key}/").text
    assert 'id="panel-milestones"' in page
    assert "1,200.00" in page
    made = firm.read("rep", lambda w: load(w, Deal, key))
    rows = [{"id": made.milestones[0].id, "percent": "0.25"}, {"name": "neu", "percent": "0.75"}]
    changed = seller.save(f"{DEALS}/{key}/save", {"milestones": rows}, method="PUT", If_Match=f'"{made.version}"')
    assert changed.status_code == 200, changed.text
    assert [name for name, _share, _amount in shown(again(firm, made))] == ["预付", "neu"]
    told = seller.get(f"{DEALS}/{key}/").text
    assert "Milestones · Share" in told
    assert "neu 75% 1,500.00" in told


def test_a_wrong_cell_is_named_by_its_place(seller: Seller, firm: Firm, item: Item) -> None:
    given = {
        "party_id": firm.party().id,
        "milestones": [{"name": "a", "percent": "0.5"}, {"name": "b", "percent": "9"}],
    }
    answer = seller.save(f"{DEALS}/save", given)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.get_json()["errors"]] == ["milestones/1/percent"]


def test_who_was_slower_sees_the_rows_that_were_saved(seller: Seller, firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    firm.edit(made, milestones=[])
    sent: dict[str, Any] = {"milestones": [{"id": made.milestones[0].id}]}
    answer = seller.save(f"{DEALS}/{made.id}/save", sent, method="PUT", If_Match=f'"{made.version}"')
    assert answer.status_code in {409, 412}
    assert answer.get_json()["current"]["milestones"] == []


def test_amounts_follow_while_somebody_types(seller: Seller, firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    given: dict[str, Any] = {
        "lines": [line(item, "4", "1000")],
        "milestones": [{"percent": "0.5"}, {"id": made.milestones[0].id}, {"id": 99_999, "percent": "0.1"}],
    }
    for path in (f"{made.id}/preview", "preview"):
        answer = seller.save(f"{DEALS}/{path}", given)
        assert answer.status_code == 200, answer.text
        assert len(answer.get_json()["parts"]["milestones"]) == 3
    given["milestones"] = [{"name": "half", "percent": "0.5"}, {"id": made.milestones[0].id}]
    told = seller.save(f"{DEALS}/{made.id}/preview", given).get_json()["parts"]["milestones"]
    assert [row["amount"] for row in told] == ["2000", "1200"]
    assert shown(again(firm, made)) == shown(made)


def test_two_versions_show_their_parts_side_by_side(seller: Seller, firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    revised = firm.move(firm.move(made, "sign"), "revise")
    firm.edit(revised, milestones=[{"id": made.milestones[0].id, "name": "Vorab"}])
    page = seller.get(f"{DEALS}/{made.id}/compare", left="1", right="2").text
    assert "<del>预付</del>" in page
    assert "<ins>Vorab</ins>" in page


def test_a_form_reads_the_names_of_all_rows_at_once(seller: Seller, firm: Firm, item: Item) -> None:
    people = [firm.people[who] for who in ("rep", "boss", "manager")]
    few = deal(firm, item, milestones=[{"name": "a", "owner_id": people[0]}])
    many = deal(firm, item, milestones=[{"name": f"m{n}", "owner_id": people[n % 3]} for n in range(30)])
    taken = []
    for one in (few, few, many):
        with counted(firm.program.engine) as statements:
            assert seller.get(f"{DEALS}/{one.id}/edit").status_code == 200
        taken.append(len(statements))
    assert taken[2] == taken[1]


# For programs -----------------------------------------------------------------------------------------------------


def test_programs_write_and_read_parts(rep: Api, firm: Firm, item: Item) -> None:
    given = {"party_id": firm.party().id, "lines": [line(item, "2", "1000")], "milestones": list(THREE)}
    made = rep.post(DEALS, given).get_json()
    assert [m["amount"] for m in made["milestones"]] == ["600", "1200", "200"]
    key = made["milestones"][1]["id"]
    rows = [{"id": key, "percent": "0.5"}, {"name": "rest", "percent": "0.5"}]
    changed = rep.patch(f"{DEALS}/{made['id']}", {"milestones": rows}, made["version"]).get_json()
    assert [m["name"] for m in changed["milestones"]] == ["发货", "rest"]
    assert changed["milestones"][0]["id"] == key
    read = rep.get(f"{DEALS}/{made['id']}").get_json()
    assert read["milestones"] == changed["milestones"]
    assert read["opinions"] == []
    whole = {"party_id": given["party_id"], "lines": []}
    bare = rep("PUT", f"{DEALS}/{made['id']}", whole, If_Match=f'"{changed["version"]}"').get_json()
    assert bare["milestones"] == []


def test_programs_are_told_the_place_of_every_fault(rep: Api, firm: Firm) -> None:
    given = {"party_id": firm.party().id, "milestones": [{"name": "a", "percent": True}, {"percent": "0.1"}]}
    answer = rep.post(DEALS, given)
    assert answer.status_code == 422
    assert {e["path"] for e in answer.get_json()["errors"]} == {"milestones/0/percent", "milestones/1/name"}
    hidden = rep.post(DEALS, {"party_id": given["party_id"], "opinions": [{"body": "x", "margin": "0.1"}]})
    assert [e["path"] for e in hidden.get_json()["errors"]] == ["opinions/0/margin"]


def test_the_description_names_the_parts(firm: Firm) -> None:
    found = api_app(firm).test_client().get("/api/v1/openapi.json").get_json()["components"]["schemas"]
    assert found["Deal"]["properties"]["milestones"]["items"] == {"$ref": "#/components/schemas/DealMilestone"}
    assert "milestones" in found["DealInput"]["properties"]
    assert "milestones" in found["DealPatch"]["properties"]
    assert found["DealMilestone"]["properties"]["done_on"]["type"] == ["string", "null"]
    assert "sampler_milestone" in Base.metadata.tables
