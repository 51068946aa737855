"""Parts of a document in their grid: by keyboard, reckoned while typing, refused in place, shown on the page."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Locator, expect

from core.documents.reading import load
from core.testing.builders import Firm, line
from plugins.contract.documents import Contract
from tests.browser.visitor import Desk, Person

CONTRACTS = "/contract/contracts"


def contract(firm: Firm) -> Contract:
    """A draft of two thousand, paid in two milestones."""
    milestones = [{"event": "signing", "percent": "0.3"}, {"event": "delivery", "percent": "0.7", "remark": "货到"}]
    lines = [line(firm.item("1000"), "2", "1000")]
    return firm.create(Contract, "clerk", party_id=firm.party().id, lines=lines, milestones=milestones)


def cell(person: Person, row: int, name: str) -> Locator:
    """The control in one cell of the grid of milestones."""
    place = f'#grid-milestones tr[data-index="{row}"] td[data-name="{name}"]'
    return person.page.locator(f"{place} >> :is(input,select)")


def test_milestones_are_written_without_a_mouse(desk: Desk, firm: Firm) -> None:
    made = contract(firm)
    person = desk.seat("clerk")
    person.open(f"{CONTRACTS}/{made.id}/edit")
    expect(cell(person, 0, "percent")).to_have_value("30")
    cell(person, 0, "percent").focus()
    person.keys("Control+a")
    person.page.keyboard.type("20")
    person.keys("Enter")
    assert person.page.evaluate("document.activeElement.closest('tr').dataset.index") == "1"
    person.keys("Enter")
    assert person.page.locator("#grid-milestones tbody tr").count() == 3
    person.page.keyboard.type("尾款")
    cell(person, 2, "event").select_option("warranty")
    person.keys("Tab")
    cell(person, 2, "percent").press_sequentially("10")
    person.keys("Control+s")
    person.page.wait_for_url(re.compile(r"/contracts/\d+/$"))
    read = firm.read("clerk", lambda w: load(w, Contract, made.id))
    found = [(m.name, m.event, f"{m.percent:.0%}") for m in read.milestones]
    assert found == [("", "signing", "20%"), ("", "delivery", "70%"), ("尾款", "warranty", "10%")]
    assert person.faults() == []


def test_a_wrong_share_is_marked_in_its_cell(desk: Desk, firm: Firm) -> None:
    made = contract(firm)
    person = desk.seat("clerk")
    person.open(f"{CONTRACTS}/{made.id}/edit")
    cell(person, 1, "percent").fill("700")
    person.keys("Control+s")
    expect(cell(person, 1, "percent")).to_have_attribute("aria-invalid", "true")
    assert person.faults() == []


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_form_and_page_show_the_milestones_at_both_widths(desk: Desk, firm: Firm, language: str, width: int) -> None:
    made = contract(firm)
    person = desk.seat("clerk", language=language, width=width)
    person.open(f"{CONTRACTS}/{made.id}/edit")
    expect(person.page.locator("#grid-milestones tbody tr")).to_have_count(2)
    assert person.faults() == []
    if place := os.environ.get("LOOK"):
        person.page.screenshot(path=f"{place}/form-{language}-{width}.png", full_page=True)
    person.open(f"{CONTRACTS}/{made.id}/")
    person.page.locator("#tab-milestones").click()
    expect(person.page.locator("#panel-milestones")).to_contain_text("货到")
    assert person.faults() == []
    if place:
        person.page.screenshot(path=f"{place}/page-{language}-{width}.png", full_page=True)


def test_milestones_fit_a_phone_and_move_by_keyboard(desk: Desk, firm: Firm) -> None:
    made = contract(firm)
    person = desk.seat("clerk", width=390)
    person.open(f"{CONTRACTS}/{made.id}/edit")
    person.page.locator("#grid-milestones").scroll_into_view_if_needed()
    for name in ("event", "percent", "rule", "days", "day", "remark"):
        box = cell(person, 1, name).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    cell(person, 1, "remark").focus()
    person.keys("Alt+ArrowUp")
    expect(cell(person, 0, "remark")).to_have_value("货到")
    expect(cell(person, 0, "remark")).to_be_focused()
    assert person.faults() == []


def test_a_fault_opens_the_section_it_lies_in(desk: Desk, firm: Firm) -> None:
    made = contract(firm)
    person = desk.seat("clerk")
    person.open(f"{CONTRACTS}/{made.id}/edit")
    folded = person.page.locator("details.field-group:not([open])", has=person.page.locator("#f-technical_number"))
    folded.locator("summary").click()
    person.page.fill("#f-technical_number", "x" * 200)
    person.page.locator("details.field-group", has=person.page.locator("#f-technical_number")).evaluate(
        "one => { one.open = false; }"
    )
    person.keys("Control+s")
    expect(person.page.locator("#f-technical_number")).to_be_visible()
    expect(person.page.locator("#help-technical_number.field-error")).to_be_visible()
