"""People, roles, rights and departments; one's own account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.entities.account import ApiToken
from core.errors import Forbidden
from core.operations import credentials, people
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.tokens import token_hash
from tests.core.administration_visitor import Visitor, token

SECRET = "a fine new secret 7"


@pytest.fixture
def admin(firm: Firm) -> Visitor:
    """The administrator of the firm, at a browser."""
    return Visitor(site_of(firm), firm, "admin")


def sign_in(admin: Visitor, login: str, password: str) -> int:
    """What signing in with a password is answered with."""
    client = admin.client.application.test_client()
    page = client.get("/login").text
    return int(
        client.post("/login", data={"csrf_token": token(page), "login": login, "password": password}).status_code
    )


def test_a_new_person_can_sign_in_and_works_in_the_role_given(firm: Firm, admin: Visitor) -> None:
    new = {"login": "Zhou@acme", "name": "周杰", "name_en": "Zhou Jie", "password": SECRET, "role": "sales_clerk"}
    assert admin.send("/administration/people/new", **new).status_code == 303
    assert sign_in(admin, "zhou@acme", SECRET) == 303
    found = {who.login: key for key, who in firm.read("admin", lambda w: w.company).people.items()}
    firm.people["zhou"] = found["zhou@acme"]
    assert firm.read("zhou", lambda w: w.may("core.party.create"))
    again = admin.send("/administration/people/new", **new)
    assert again.status_code == 409
    assert 'value="周杰"' in again.text


def test_nothing_is_made_of_a_person_that_cannot_be_employed(firm: Firm, admin: Visitor) -> None:
    new = {"login": "zhou@acme", "name": "周杰", "password": SECRET, "role": "sales_clerk"}
    for wrong in (
        {"password": "short"},
        {"login": "周"},
        {"name": ""},
        {"password": ""},
        {"valid_from": "soon"},
        {"role": "emperor"},
        {"valid_from": "2026-02-01", "valid_until": "2026-01-01"},
    ):
        refused = admin.send("/administration/people/new", **{**new, **wrong})
        assert refused.status_code == 422, wrong
        assert SECRET not in refused.text
    assert admin.send("/administration/people/new", **new).status_code == 303


def test_somebody_of_another_company_works_here_too_when_he_accepts(
    firm: Firm, other_firm: Firm, admin: Visitor
) -> None:
    employ = ("/administration/people/new", "/administration/people/employ")
    assert admin.send(*employ, known_login="rep@zeta").status_code == 303
    assert admin.send(*employ, known_login="nobody@zeta").status_code == 422
    key = other_firm.people["rep"]
    assert admin.get(f"/administration/people/{key}").status_code == 404
    assert "rep@zeta" in admin.get("/administration/people/").text

    stranger = Visitor(admin.client.application, other_firm, "manager")
    asked = Visitor(admin.client.application, other_firm, "rep")
    page = asked.client.get("/").text
    assert "Dahua Lighting Co., Ltd. asks you" in page
    found = re.search(r'action="(/invitations/\d+)"', page)
    assert found
    assert stranger.client.post(found[1], data={"csrf_token": stranger.token(), "answer": "accept"}).status_code == 404
    accept = {"csrf_token": token(page), "answer": "accept"}
    assert asked.client.post(found[1], data=accept).headers["Location"] == "/c/acme/"
    assert asked.client.post(found[1], data=accept).status_code == 404

    assert admin.send(*employ, known_login="rep@zeta").status_code == 409
    assert "changes the password alone" in admin.get(f"/administration/people/{key}").text
    for act in ("password", "sessions", "two-step"):
        answer = admin.post(f"/administration/people/{key}/{act}", password=SECRET)
        assert answer.status_code == 403, act
    assert "Dahua" in asked.get("/").text


def test_an_invitation_is_declined_or_withdrawn_and_nobody_is_employed_without(
    firm: Firm, other_firm: Firm, admin: Visitor
) -> None:
    employ = ("/administration/people/new", "/administration/people/employ")
    key = other_firm.people["rep"]
    asked = Visitor(admin.client.application, other_firm, "rep")
    with pytest.raises(Forbidden):
        firm.run("admin", lambda w: people.employ(w, key))
    assert admin.send(*employ, known_login="rep@zeta").status_code == 303
    page = asked.client.get("/").text
    place = re.findall(r'action="(/invitations/\d+)"', page)[0]
    assert asked.client.post(place, data={"csrf_token": token(page), "answer": "decline"}).status_code == 303
    assert "rep@zeta" not in admin.get("/administration/people/").text
    assert admin.send(*employ, known_login="rep@zeta").status_code == 303
    listed = admin.get("/administration/people/").text
    back = re.findall(r'action="(/c/acme/administration/people/invitations/\d+)"', listed)[0]
    assert admin.client.post(back, data={"csrf_token": admin.token()}).status_code == 303
    assert "asks you" not in asked.client.get("/", follow_redirects=True).text
    assert key not in firm.read("admin", lambda w: set(w.company.people))


def test_somebody_who_left_for_another_company_is_asked_again(firm: Firm, other_firm: Firm, admin: Visitor) -> None:
    """Whoever went home to nobody else is simply taken on again."""
    for who in ("rep", "rep2"):
        firm.run("admin", lambda w, k=firm.people[who]: people.dismiss(w, k))  # type: ignore[misc]
    other_firm.as_program(lambda w: people.employ(w, firm.people["rep"]))
    with pytest.raises(Forbidden):
        firm.run("admin", lambda w: people.employ(w, firm.people["rep"]))
    firm.run("admin", lambda w: people.employ(w, firm.people["rep2"], roles=None))


def test_roles_are_held_between_days(firm: Firm, admin: Visitor) -> None:
    key, today = firm.people["rep2"], firm.read("admin", lambda w: w.today)
    page = f"/administration/people/{key}"
    ended = {
        "role-0": "sales_representative",
        "role-1": "finance",
        "from-1": str(today - timedelta(9)),
        "until-1": str(today - timedelta(1)),
    }
    assert admin.send(page, **ended).status_code == 303
    assert not firm.read("rep2", lambda w: w.may("core.see.cost"))
    assert admin.send(page, **{**ended, "until-1": ""}).status_code == 303
    assert firm.read("rep2", lambda w: w.may("core.see.cost"))
    wrong = admin.send(page, **{**ended, "from-1": str(today), "until-1": str(today - timedelta(3))})
    assert wrong.status_code == 422
    assert "The end lies before the beginning." in wrong.text
    twice = admin.send(page, **{"role-0": "finance", "role-1": "finance"})
    assert twice.status_code == 422


def test_a_place_in_the_company_is_checked_and_a_stale_page_is_refused(firm: Firm, admin: Visitor) -> None:
    key = firm.people["rep"]
    page = f"/administration/people/{key}"
    firm.run("admin", lambda w: people.save_department(w, "sales", "销售部", "Sales"))
    chosen = re.search(r'<option value="(\d+)">Sales<', admin.get(page).text)
    assert chosen
    seen = admin.form(page)
    moved = {"department": chosen[1], "superior_id": str(firm.people["manager"]), "title": "客户经理"}
    assert admin.send(page, **moved).status_code == 303
    assert "Zhang Wei" in admin.get("/administration/people/").text
    stale = admin.client.post(f"/c/acme{page}", data={**seen, "title": "董事"})
    assert stale.status_code == 409
    assert 'value="董事"' in stale.text
    for wrong in ({"superior_id": str(key)}, {"superior_id": "999999"}, {"title": "长" * 300}):
        assert admin.send(page, **wrong).status_code == 422, wrong
    assert admin.send(page, department="999999").status_code == 404


def test_who_is_dismissed_is_refused_at_once(firm: Firm, admin: Visitor) -> None:
    rep = Visitor(admin.client.application, firm, "rep")
    assert rep.get("/").status_code == 200
    assert admin.post(f"/administration/people/{firm.people['rep']}/dismiss").status_code == 303
    assert rep.get("/").status_code == 404
    assert admin.post(f"/administration/people/{firm.people['rep']}/dismiss").status_code == 303
    assert admin.post(f"/administration/people/{firm.people['admin']}/dismiss").status_code == 409


def test_somebody_always_remains_who_can_administer(firm: Firm, admin: Visitor) -> None:
    me = f"/administration/people/{firm.people['admin']}"
    yesterday = str(firm.read("admin", lambda w: w.today) - timedelta(1))
    for change in ({"role-0": "finance"}, {"until-0": yesterday}, {"valid_until": yesterday}):
        refused = admin.send(me, **change)
        assert refused.status_code == 409, change
        assert "Somebody must remain who can administer the company." in refused.text
    role = "/administration/roles/company_administrator"
    assert admin.send(role, **{"may:core.company.administer": ""}).status_code == 409
    assert firm.read("admin", lambda w: w.may("core.company.administer"))


def test_rights_are_given_by_reach_and_marked_where_they_differ_from_the_usual(firm: Firm, admin: Visitor) -> None:
    """Roles decide who may do what, and how far it reaches."""
    page = "/administration/roles/sales_representative"
    assert firm.read("rep", lambda w: w.scopes("quotation.quotation.read")) == {"own"}
    assert "usually:" not in admin.get(page).text
    assert admin.send(page, **{"may:quotation.quotation.read": "company"}).status_code == 303
    assert firm.read("rep", lambda w: w.scopes("quotation.quotation.read")) == {"company"}
    assert "usually: Own" in admin.get(page).text
    assert admin.send(page, **{"may:quotation.quotation.read": ""}).status_code == 303
    assert not firm.read("rep", lambda w: w.may("quotation.quotation.read"))
    assert admin.send(page, **{"may:core.search.use": "own"}).status_code == 422
    assert admin.send(page, **{"may:core.search.use": "universe"}).status_code == 422


def test_a_role_of_ones_own_is_made_named_and_given_rights(firm: Firm, admin: Visitor) -> None:
    made = {"name": "外贸专员", "name_en": "Export clerk"}
    assert admin.send("/administration/roles/", **made).status_code == 303
    assert admin.send("/administration/roles/", **made).status_code == 409
    assert admin.send("/administration/roles/", name="").status_code == 422
    page = "/administration/roles/export_clerk"
    assert admin.send(page, **{"may:quotation.quotation.read": "company"}).status_code == 303
    assert admin.send(page, f"{page}/name", name="外贸主管").status_code == 303
    assert admin.send(page, f"{page}/name", name="").status_code == 422
    assert (
        "外贸主管" in Visitor(admin.client.application, firm, "admin", "zh_Hans_CN").get("/administration/roles/").text
    )


def test_departments_form_a_tree_without_circles(firm: Firm, admin: Visitor) -> None:
    new = "/administration/departments/new"
    assert admin.send(new, code="a", name="甲").status_code == 303
    keys = {code: key for key, code in _codes(admin).items()}
    assert admin.send(new, code="b", name="乙", parent=keys["a"], head_id=str(firm.people["rep"])).status_code == 303
    assert admin.send(new, code="a", name="丙").status_code == 409
    assert admin.send(new, code="", name="").status_code == 422
    keys = {code: key for key, code in _codes(admin).items()}
    circle = admin.send(f"/administration/departments/{keys['a']}", parent=keys["b"])
    assert circle.status_code == 422
    assert "cannot stand below itself" in circle.text
    assert admin.send(f"/administration/departments/{keys['b']}", head_id="999999").status_code == 422
    seen = admin.form(f"/administration/departments/{keys['b']}")
    assert admin.send(f"/administration/departments/{keys['b']}", name="乙二").status_code == 303
    stale = admin.client.post(f"/c/acme/administration/departments/{keys['b']}", data={**seen, "name": "乙三"})
    assert stale.status_code == 409


def _codes(admin: Visitor) -> dict[str, str]:
    page = admin.get("/administration/departments/").text
    rows = re.findall(r'departments/(\d+)">.*?data-label="Code">([^<]+)<', page, re.S)
    return dict(rows)


def test_everybody_changes_the_own_name_and_password_and_ends_other_sessions(firm: Firm, admin: Visitor) -> None:
    site = admin.client.application
    firm.run("admin", lambda w: credentials.set_password(w, firm.people["clerk"], SECRET))
    clerk, elsewhere = Visitor(site, firm, "clerk"), Visitor(site, firm, "clerk")
    assert clerk.send("/my-account/", name="刘洋洋", theme="dark").status_code == 303
    assert "刘洋洋" in Visitor(site, firm, "admin", "zh_Hans_CN").get("/administration/people/").text
    assert clerk.send("/my-account/", name="").status_code == 422
    change = ("/my-account/", "/my-account/password")
    fresh = "another fine secret 8"
    for wrong in ({"old_password": "no"}, {"again": "different"}, {"password": "short", "again": "short"}):
        given = {"old_password": SECRET, "password": fresh, "again": fresh, **wrong}
        assert clerk.send(*change, **given).status_code == 422, wrong
    assert elsewhere.get("/").status_code == 200
    assert clerk.send(*change, old_password=SECRET, password=fresh, again=fresh).status_code == 303
    assert clerk.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 303
    assert (sign_in(admin, "clerk@acme", SECRET), sign_in(admin, "clerk@acme", fresh)) == (401, 303)


def test_sessions_are_listed_and_ended_by_their_owner_alone(firm: Firm, admin: Visitor) -> None:
    site = admin.client.application
    here, there = Visitor(site, firm, "clerk"), Visitor(site, firm, "clerk")
    ends = re.findall(r'action="(/c/acme/my-account/sessions/\d+)"', here.get("/my-account/").text)
    assert len(ends) == 1
    assert admin.client.post(ends[0], data={"csrf_token": admin.token()}).status_code == 404
    assert here.client.post(ends[0], data={"csrf_token": here.token()}).status_code == 303
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200


def test_a_token_is_shown_once_and_useless_when_revoked(firm: Firm, admin: Visitor) -> None:
    clerk = Visitor(admin.client.application, firm, "clerk")
    issue = ("/my-account/", "/my-account/tokens")
    shown = clerk.send(*issue, token_name="网店")
    assert shown.status_code == 201
    secret = re.search(r"zg_[A-Za-z0-9_-]+", shown.text)
    assert secret
    assert secret[0] not in clerk.get("/my-account/").text
    kept = _tokens(firm)
    assert [row["token_hash"] for row in kept] == [token_hash(secret[0])]
    for wrong in ({"token_name": "网店"}, {"token_name": ""}, {"token_name": "x", "until": "2020-01-01"}):
        assert clerk.send(*issue, **wrong).status_code == 422, wrong
    revoke = f"/my-account/tokens/{kept[0]['id']}"
    assert Visitor(admin.client.application, firm, "rep").post(revoke).status_code == 403
    assert clerk.post(revoke).status_code == 303
    assert _tokens(firm)[0]["revoked_at"] is not None
    assert clerk.send(*issue, token_name="财务软件").status_code == 201
    person = f"/administration/people/{firm.people['clerk']}"
    assert "财务软件" in admin.get(person).text
    assert admin.post(f"{person}/tokens/{_tokens(firm)[1]['id']}").status_code == 303
    assert "财务软件" not in admin.get(person).text


def _tokens(firm: Firm) -> list[dict[str, object]]:
    table = ApiToken.__table__
    with firm.program.works.installation(reads=True) as connection:
        return [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.id))]
