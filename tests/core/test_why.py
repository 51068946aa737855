"""Why somebody may, or may not: every answer names the grant, the scope or the rule that decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.operations import company, people, roles
from core.operations.explaining import Explanation, explain
from core.operations.roles import Given
from core.roles import REPRESENTATIVE, Scope
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from plugins.billing.documents import Receipt
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_reading import asked_for
from tests.core.test_reach import reach, territory

READ, SUBMIT = "quotation.quotation.read", "quotation.quotation.submit"


def asked(firm: Firm, who: str, permission: str, key: int | None = None) -> Explanation:
    """The answer as the person himself would get it."""
    return firm.read(who, lambda w: explain(w, permission, key))


def codes(found: Explanation, allows: bool | None) -> list[str]:
    return [ground.code for ground in found.grounds if ground.allows is allows]


def quoted(firm: Firm, who: str = "rep", **customer: Any) -> Quotation:
    return firm.create(Quotation, who, party_id=firm.party(who, **customer).id, lines=[line(firm.item())])


def test_a_right_is_explained_by_the_role_that_gives_it(firm: Firm) -> None:
    """PLT-05: which role gives the right, and how far; or that none does, and which would."""
    found = asked(firm, "rep", READ)
    assert (found.allowed, codes(found, True)) == (True, ["grant"])
    assert "“Sales representative” gives: Quotation: Read; reach: Own." in str(found.grounds[0].text)
    refused = asked(firm, "purchaser", READ)
    assert (refused.allowed, codes(refused, False)) == (False, ["grant.none"])
    assert "Sales manager" in str(next(one.text for one in refused.grounds if one.code == "grant.roles"))


def test_days_on_which_nothing_is_given_are_named(firm: Firm) -> None:
    """PLT-05: a grant of tomorrow and a role of yesterday explain why nothing is open today."""
    today = firm.read("boss", lambda w: w.today)
    tomorrow, yesterday = today + timedelta(1), today - timedelta(1)
    firm.run("admin", lambda w: roles.set_grants(w, "purchasing", {READ: Given("company", tomorrow)}))
    late = asked(firm, "purchaser", READ)
    assert not late.allowed
    assert f"but only from {tomorrow} on" in str(next(one.text for one in late.grounds if one.code == "grant.days"))
    firm.run("admin", lambda w: people.hold_roles(w, firm.people["clerk"], {"sales_clerk": (None, yesterday)}))
    past = asked(firm, "clerk", READ)
    assert not past.allowed
    assert f"but only until {yesterday}" in str(next(one.text for one in past.grounds if one.code == "grant.days"))


def test_the_reach_to_a_record_is_explained(firm: Firm) -> None:
    """PLT-05: own, team, territory, company, or whose it is instead."""
    mine = quoted(firm, "rep", region_code="370203")
    assert "reach.own" in codes(asked(firm, "rep", READ, mine.id), True)
    assert "reach.company" in codes(asked(firm, "boss", READ, mine.id), True)
    other = asked(firm, "rep2", READ, mine.id)
    assert (other.allowed, codes(other, False)) == (False, ["reach.none"])
    assert "Wang Xiaoming is responsible" in str(next(one.text for one in other.grounds if one.code == "reach.none"))
    reach(firm, REPRESENTATIVE.key, [Given(Scope.TEAM), Given(Scope.TERRITORY)])
    territory(firm, "qd", "3702", {"account_id": firm.people["rep2"]})
    assert "reach.territory" in codes(asked(firm, "rep2", READ, mine.id), True)
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], superior_id=firm.people["rep2"], roles=None))
    assert "reach.team" in codes(asked(firm, "rep2", READ, mine.id), True)


def test_the_state_the_books_and_the_areas_are_explained(firm: Firm) -> None:
    """PLT-05: a workflow state, a closed period, an area that is off, each by its own words."""
    document = quoted(firm)
    assert asked(firm, "rep", SUBMIT, document.id).allowed
    accept = asked(firm, "rep", "quotation.quotation.accept", document.id)
    assert not accept.allowed
    assert "is not possible in the state “Draft”" in " ".join(str(one.text) for one in accept.grounds)
    firm.move(document, "submit", "rep")
    again = asked(firm, "rep", SUBMIT, document.id)
    assert not again.allowed
    edit = asked(firm, "rep", "quotation.quotation.edit", document.id)
    assert edit.allowed is (document.workflow.state("sent").frozen is False)
    bare = Firm.founded(firm.program, "bare", "无模块有限公司", areas=())
    off = asked(bare, "rep", READ)
    assert (off.allowed, codes(off, False)) == (False, ["area.off"])


def test_separation_of_duties_is_explained(firm: Firm) -> None:
    firm.settings(core__separate_make_check="always")
    made = firm.create(Receipt, "finance", party_id=firm.party("rep").id, amount="100")
    found = asked(firm, "finance", "billing.receipt.confirm", made.id)
    assert (found.allowed, codes(found, False)) == (False, ["duties.separated"])


def test_fields_that_are_hidden_are_named_with_the_right_that_shows_them(firm: Firm) -> None:
    item = firm.item(cost="7")
    found = asked(firm, "rep", "core.item.read", item.id)
    told = " ".join(str(one.text) for one in found.grounds if one.code == "field")
    assert found.allowed
    assert "Floor price, Cost" in told
    assert "See cost and floor prices" in told


def test_the_administrator_asks_about_anybody_by_page_and_by_interface(firm: Firm) -> None:
    """PLT-05: the page names person, right and record; it opens nothing that the administrator may not read."""
    document = quoted(firm)
    visitor = Visitor(site_of(firm), firm, "admin")
    query = {"person": firm.people["rep2"], "thing": "quotation.quotation", "verb": "submit", "record": document.id}
    page = visitor.get("/administration/why/", **query).text
    assert "Refused" in page
    assert "Wang Xiaoming is responsible for the record." in page
    assert document.party_name not in page
    assert "There is no such record here." in visitor.get("/administration/why/", **{**query, "record": 999999}).text
    assert visitor.get("/administration/why/", person="x", thing="<b>", verb="'", record="%00").status_code == 200
    place = f"/core/why?permission={SUBMIT}&id={document.id}"
    told = said(api_for(firm, "admin").get(f"{place}&person_id={firm.people['rep2']}"))
    assert (told["allowed"], told["permission"], told["id"]) == (False, SUBMIT, document.id)
    assert {"code", "allows", "text"} == set(told["grounds"][0])
    assert "reach.none" in {one["code"] for one in told["grounds"]}


def test_everybody_else_asks_about_himself_and_learns_of_no_record_that_he_may_not_know(firm: Firm) -> None:
    """PLT-05: what one may not know of is not there, for this question too."""
    document = quoted(firm)
    rep, rep2 = api_for(firm, "rep"), api_for(firm, "rep2")
    place = f"/core/why?permission={SUBMIT}"
    assert said(rep.get(f"{place}&id={document.id}"))["allowed"]
    hidden, missing = rep2.get(f"{place}&id={document.id}"), rep2.get(f"{place}&id=987654321")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert {k: v for k, v in said(hidden).items() if k != "request_id"} == {
        k: v for k, v in said(missing).items() if k != "request_id"
    }
    assert rep2.get(f"{place}&person_id={firm.people['rep']}").status_code == 403
    assert rep.get("/core/why?permission=core.nothing.read").status_code == 422
    assert rep.get("/core/why").status_code == 422


def test_nothing_is_open_to_whoever_does_not_work_here(firm: Firm, other_firm: Firm) -> None:
    api = api_for(firm, "admin")
    firm.run("admin", lambda w: people.dismiss(w, firm.people["rep2"]))
    gone = said(api.get(f"/core/why?permission={READ}&person_id={firm.people['rep2']}"))
    assert (gone["allowed"], gone["grounds"][0]["code"]) == (False, "person.away")
    assert api.get(f"/core/why?permission={READ}&person_id={other_firm.people['rep']}").status_code == 404


def test_roles_are_read_made_and_given_by_programs(firm: Firm) -> None:
    """PLT-05: a company's own roles, their rights with scope and days, and who holds them."""
    admin = api_for(firm, "admin")
    rights = {READ: [{"scope": "team"}, {"scope": "company", "valid_from": "2026-01-01", "valid_until": "2026-01-31"}]}
    body = {"name": "外贸", "name_en": "Export", "rights": rights}
    made = said(admin("PUT", "/core/roles/export", body))
    assert made["rights"][READ] == [
        {"scope": "company", "valid_from": "2026-01-01", "valid_until": "2026-01-31"},
        {"scope": "team", "valid_from": None, "valid_until": None},
    ]
    assert "export" in {one["key"] for one in said(admin.get("/core/roles"))["items"]}
    kept = said(admin("PUT", "/core/roles/export", {"name": "外贸部"}))
    assert (kept["name"], kept["rights"]) == ("外贸部", made["rights"])
    place = f"/core/people/{firm.people['rep']}/roles"
    held = said(admin("PUT", place, {"roles": [{"role": "export", "valid_until": "2030-01-01"}]}))
    assert held["roles"] == [{"role": "export", "name": "外贸部", "valid_from": None, "valid_until": "2030-01-01"}]
    assert said(admin.get(place)) == held
    assert firm.read("rep", lambda w: w.scopes(READ)) == {"team"}
    for method, where, wrong in (
        ("PUT", "/core/roles/export", {"name": "x", "rights": {READ: [{"scope": "moon"}]}}),
        ("PUT", "/core/roles/export", {"name": "x", "rights": {"a.b.c": [{"scope": "own"}]}}),
        ("PUT", "/core/roles/export", {"name": ""}),
        ("PUT", place, {"roles": [{"role": "nobody"}]}),
        ("PUT", place, {"roles": "x"}),
    ):
        assert admin(method, where, wrong).status_code == 422, wrong
    for who in ("rep", "manager", "boss"):
        api = api_for(firm, who)
        for method, where in (("GET", "/core/roles"), ("PUT", "/core/roles/export"), ("GET", place), ("PUT", place)):
            answer = api(method, where, {"name": "x", "roles": []} if method == "PUT" else None)
            assert answer.status_code == 403, (who, method, where)


def test_days_and_reach_are_given_in_the_browser(firm: Firm) -> None:
    """PLT-05: a right reaches the team for a month, and the history says so."""
    admin = Visitor(site_of(firm), firm, "admin")
    page = "/administration/roles/sales_representative"
    today = firm.read("admin", lambda w: w.today)
    days = {f"from:{READ}": str(today), f"until:{READ}": str(today)}
    assert admin.send(page, **{f"may:{READ}": "team", **days}).status_code == 303
    assert firm.read("rep", lambda w: w.scopes(READ)) == {"team"}
    assert str(today) in admin.get(page).text
    firm.today = today + timedelta(1)
    assert firm.read("rep", lambda w: w.scopes(READ)) == frozenset()
    assert admin.send(page, **{f"until:{READ}": str(today - timedelta(1))}).status_code == 422
    assert admin.send(page, **{f"until:{READ}": "never"}).status_code == 422
    assert f"Team {today} – {today}" in admin.get("/administration/history/").text


def test_an_area_off_and_a_right_of_its_own_are_asked_for_by_the_page(firm: Firm) -> None:
    admin = Visitor(site_of(firm), firm, "admin")
    for area in firm.as_program(lambda w: [*w.types.needing("billing", w.areas), "billing"]):
        firm.as_program(lambda w, a=area: company.switch_off(w, a))  # type: ignore[misc]
    query = {"person": firm.people["finance"], "thing": "billing.receipt", "verb": "allocate"}
    assert "does not use “Invoices and receipts”" in admin.get("/administration/why/", **query).text


def test_a_record_that_is_open_to_one_who_was_asked_is_explained(firm: Firm) -> None:
    """Whoever is asked for his consent reads that one document, whatever his rights reach, and is told why."""
    document = asked_for(firm, "purchaser")
    found = asked(firm, "purchaser", READ, document.id)
    assert (found.allowed, [one.code for one in found.grounds][:1]) == (True, ["reach.opened"])
    assert said(api_for(firm, "purchaser").get(f"/core/why?permission={READ}&id={document.id}"))["allowed"]
    assert not asked(firm, "purchaser", SUBMIT, document.id).allowed
    assert not asked(firm, "rep2", READ, document.id).allowed
