"""The doors of the administration: who comes in, whose things one sees, and what a form without a token is worth."""

from __future__ import annotations

from core.operations import company
from core.testing.builders import Firm
from core.testing.sites import site_of
from tests.core.administration_visitor import Visitor

SCREENS = (
    "areas",
    "company",
    "people",
    "people/new",
    "departments",
    "departments/new",
    "roles",
    "roles/sales_manager",
    "roles/overview",
    "separation",
    "why",
    "approval-rules",
    "approval-rules/new",
    "settings",
    "series",
    "calendar",
    "channels",
    "channels/new/mail",
    "history",
    "jobs",
)
FORMS = (
    "areas/quotation",
    "company",
    "company/books",
    "people/new",
    "people/employ",
    "departments/new",
    "roles",
    "roles/sales_manager",
    "roles/sales_manager/name",
    "approval-rules/new",
    "settings",
    "series",
    "calendar/day",
    "calendar/statutory/2026",
    "channels/new/wecom",
    "jobs/1",
)


def path(name: str) -> str:
    """The address of a screen; some end with a stroke."""
    return f"/administration/{name}" + ("" if "/" in name and name != "roles/overview" else "/")


def test_the_administrator_opens_every_screen_in_both_languages(firm: Firm) -> None:
    site = site_of(firm)
    for language in ("en", "zh_Hans_CN"):
        admin = Visitor(site, firm, "admin", language)
        for name in (*SCREENS, f"people/{firm.people['rep']}"):
            answer = admin.get(path(name))
            assert answer.status_code == 200, name
            assert "{count}" not in answer.text
            assert "{year}" not in answer.text


def test_nobody_else_opens_or_sends_anything_of_the_administration(firm: Firm) -> None:
    clerk = Visitor(site_of(firm), firm, "clerk")
    for name in SCREENS:
        assert clerk.get(path(name)).status_code == 403, name
    for name in FORMS:
        assert clerk.post(path(name)).status_code == 403, name
    assert "administration" not in clerk.get("/").text


def test_the_history_of_everything_takes_its_own_right(firm: Firm) -> None:
    boss = Visitor(site_of(firm), firm, "boss")
    assert boss.get("/administration/history/").status_code == 200
    assert boss.get("/administration/settings/").status_code == 403


def test_a_form_without_the_token_of_its_page_does_nothing(firm: Firm) -> None:
    admin = Visitor(site_of(firm), firm, "admin")
    for name in (*FORMS, f"people/{firm.people['rep']}/dismiss"):
        answer = admin.client.post(f"/c/acme{path(name)}", data={"on": "0"})
        assert answer.status_code == 400, name
    assert firm.read("admin", lambda w: w.areas) == frozenset(firm.program.registry.plugins)


def test_an_administrator_is_nobody_in_another_company(firm: Firm, other_firm: Firm) -> None:
    admin = Visitor(site_of(firm), firm, "admin")
    for name in SCREENS:
        assert admin.client.get(f"/c/zeta{path(name)}").status_code == 404, name
    stranger = other_firm.people["rep"]
    assert admin.get(f"/administration/people/{stranger}").status_code == 404
    for act in ("", "/password", "/dismiss"):
        answer = admin.post(f"/administration/people/{stranger}{act}", password="a new secret 7")
        assert answer.status_code == 404
    assert other_firm.read("rep", lambda w: w.actor_name) == "rep@zeta"


def test_what_belongs_to_an_area_that_is_off_is_not_there(firm: Firm) -> None:
    firm.as_program(lambda w: company.switch_off(w, "quotation"))
    admin = Visitor(site_of(firm), firm, "admin")
    assert admin.get("/administration/roles/overview/", area="quotation").status_code == 404
    assert "quotation." not in admin.get("/administration/roles/sales_manager").text
    assert "quotation." not in admin.get("/administration/settings/").text
    assert "quotation." not in admin.get("/administration/series/").text
    assert 'value="quotation.quotation"' not in admin.get("/administration/history/").text
    refused = admin.post("/administration/approval-rules/new", name="X", move="quotation.quotation:submit")
    assert refused.status_code == 422


def test_what_was_never_there_is_answered_as_not_there(firm: Firm) -> None:
    admin = Visitor(site_of(firm), firm, "admin")
    for name in ("people/99999999", "people/9999999999999999999999", "departments/77", "roles/nothing"):
        assert admin.get(path(name)).status_code == 404, name
    for name in ("jobs/5", "areas/nothing", "people/77/dismiss"):
        assert admin.post(path(name), on="1").status_code == 404, name
