"""The administration in a browser: every screen in both languages and widths, and what one does there by keyboard."""

from __future__ import annotations

import pytest

from core.operations import people
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation
from tests.browser.visitor import Desk, Person, text

LOOKS = (("zh_Hans_CN", 1440, "light"), ("en", 1440, "dark"), ("zh_Hans_CN", 390, "dark"), ("en", 390, "light"))
RULES = "/administration/approval-rules/"


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_no_screen_of_the_administration_is_closed_to_anybody(
    desk: Desk, firm: Firm, language: str, width: int, theme: str
) -> None:
    """Nothing that a screen reader, a narrow window or the content policy would trip over."""
    firm.run("admin", lambda w: people.save_department(w, "sales", "销售部", "Sales"))
    firm.run("admin", lambda w: people.save_department(w, "north", "华北大区", parent="sales"))
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=firm.party().id)
    names = [
        "areas/",
        "company/",
        "people/",
        f"people/{firm.people['rep']}",
        "people/new",
        "departments/",
        "roles/",
        "roles/sales_representative",
        "roles/overview/?area=quotation",
        "separation/",
        "why/?person=1&thing=quotation.quotation&verb=submit",
        "approval-rules/",
        "approval-rules/new",
        f"approval-rules/?move=quotation.quotation:submit&document={offer.id}",
        "settings/",
        "series/",
        "calendar/?year=2026&day=2026-10-01",
        "history/",
        "history/?until=2020-01-01",
        "jobs/",
        "../my-account/",
    ]
    person = desk.seat("admin", language=language, width=width, theme=theme)
    found = {name: (visit(person, name), person.faults()) for name in names}
    assert {name: said for name, said in found.items() if said != (200, [])} == {}


def visit(person: Person, name: str) -> int:
    """Open a screen of the administration; its pages fetch nothing later, so loading them is enough."""
    answer = person.page.goto(f"{person.root}/administration/{name}", wait_until="load")
    return answer.status if answer else 0


def test_a_refused_form_marks_its_field_and_leads_there(desk: Desk) -> None:
    person = desk.seat("admin")
    person.open("/administration/settings/")
    hours = person.page.locator('[name="core.session_hours"]')
    hours.fill("9999")
    hours.press("Enter")
    person.page.locator("[data-problems] a").click()
    assert hours.input_value() == "9999"
    assert hours.get_attribute("aria-invalid") == "true"
    assert hours.evaluate("field => field === document.activeElement || location.hash === '#' + field.id")
    assert person.faults() == []


def test_the_next_number_follows_the_typing(desk: Desk) -> None:
    person = desk.seat("admin", language="en")
    person.open("/administration/series/")
    pattern = person.page.locator('[name="quotation.quotation"]')
    pattern.fill("OFFER-{n:05}")
    person.page.get_by_text("OFFER-00001, starts again never").wait_for()
    pattern.fill("OFFER")
    person.page.locator("output .field-error").wait_for()
    assert person.faults() == []


def test_steps_of_a_rule_are_set_by_keyboard_and_nothing_typed_is_lost(desk: Desk) -> None:
    person = desk.seat("admin", language="en")
    person.open(f"{RULES}new")
    page = person.page
    page.locator("[name=name]").fill("Large quotations")
    page.locator("[name=move]").select_option("quotation.quotation:submit")
    page.locator("[name=role-0]").select_option(label="Sales manager")
    page.locator('button[value="add"]').focus()
    person.keys("Enter")
    page.locator("[name=role-1]").select_option(label="General manager")
    page.locator("[name=amount-1]").fill("50,000")
    page.locator('button[value="up-1"]').focus()
    person.keys("Enter")
    page.locator('[name=amount-0][value="50,000"]').wait_for()
    page.locator("[name=name]").press("Enter")
    page.wait_for_url(f"**{RULES}")
    assert "General manager from ¥50,000.00 Sales manager" in text(page.locator('tr:has-text("Large quotations")'))
    assert person.faults() == []


def test_a_double_click_makes_one_role(desk: Desk, firm: Firm) -> None:
    person = desk.seat("admin", language="en")
    person.open("/administration/roles/")
    person.page.locator("form [name=name]").fill("外贸专员")
    person.page.locator('form:has([name=name]) button:has-text("Add the role")').dblclick()
    person.page.get_by_text("now say what it may do").wait_for()
    roles = firm.read("admin", lambda w: [r.name for r in w.company.roles.values()])
    assert roles.count("外贸专员") == 1


def test_a_right_is_given_by_keyboard(desk: Desk, firm: Firm) -> None:
    person = desk.seat("admin", language="en")
    person.open("/administration/roles/sales_representative")
    page = person.page
    page.locator('summary:has-text("Quotations")').first.press("Enter")
    page.locator('[name="may:quotation.quotation.read"][value=own]').focus()
    person.keys("ArrowRight")
    page.locator(".save-bar button").press("Enter")
    page.get_by_text("usually: Own").first.wait_for()
    assert firm.read("rep", lambda w: w.scopes("quotation.quotation.read")) == {"team"}


def test_closing_an_area_tells_what_it_hides_and_asks_first(desk: Desk, firm: Firm) -> None:
    firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=firm.party().id)
    person = desk.seat("admin", language="en")
    person.open("/administration/areas/")
    page = person.page
    page.locator('article:has-text("Quotations") button').first.click()
    assert "1 × Quotations" in text(page.locator("dialog[open]"))
    assert firm.read("admin", lambda w: "quotation" in w.areas)
    page.locator('dialog[open] button:has-text("Close the area")').click()
    page.get_by_text("The area is closed.").wait_for()
    assert not firm.read("admin", lambda w: "quotation" in w.areas)


def test_a_token_is_shown_this_once(desk: Desk) -> None:
    person = desk.seat("rep", language="en")
    person.open("/my-account/")
    person.page.locator("[name=token_name]").fill("Web shop")
    person.page.locator("[name=token_name]").press("Enter")
    secret = text(person.page.locator("#secret"))
    assert secret.startswith("zg_")
    person.open("/my-account/")
    assert secret not in person.page.content()
    assert person.faults() == []
