"""Lines in the grid: by keyboard, by search, by paste; saved whole, refused in place, never lost."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from core.documents.reading import load
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation
from tests.browser.visitor import Desk, Person, text

OFFERS = "/quotation/quotations"


def begin(desk: Desk, firm: Firm, *, who: str = "rep") -> Person:
    """Somebody before the empty form of a quotation for a new customer."""
    party = firm.party()
    person = desk.seat(who)
    person.open(f"{OFFERS}/new/?party_id={party.id}")
    return person


def saved(person: Person) -> int:
    """Save by keyboard; the id of what was saved."""
    person.keys("Control+s")
    person.page.wait_for_url(re.compile(r"/quotations/\d+/$"))
    return int(person.page.url.rstrip("/").rpartition("/")[2])


def test_a_quotation_is_written_without_a_mouse(desk: Desk, firm: Firm) -> None:
    firm.item("186", name="洗墙灯")
    person = begin(desk, firm)
    person.cell(0, "item_id").focus()
    person.page.keyboard.type("xqd")
    person.page.locator(".combo-list.afloat .hit").first.wait_for()
    person.keys("Enter")
    expect(person.cell(0, "gross_price")).to_have_value("186.00")
    person.keys("Tab", "Tab")
    person.page.keyboard.type("20")
    expect(person.page.locator("[data-totals]")).to_contain_text("3,720.00")
    assert "叁仟柒佰贰拾元整" in text(person.page.locator("[data-words]"))
    key = saved(person)
    assert str(firm.read("rep", lambda w: load(w, Quotation, key)).gross) == "3720.00"
    assert person.faults() == []


def test_enter_in_the_last_row_begins_the_next(desk: Desk, firm: Firm) -> None:
    person = begin(desk, firm)
    person.cell(0, "quantity").focus()
    person.keys("Enter")
    assert person.page.locator("#grid tbody tr").count() == 2
    assert person.page.evaluate("document.activeElement.closest('tr').dataset.index") == "1"


def test_a_block_from_a_spreadsheet_becomes_lines(desk: Desk, firm: Firm) -> None:
    one, two = firm.item("186"), firm.item("342")
    person = begin(desk, firm)
    block = f"{one.code}\t\t3\n{two.code}\t\t1,000\nNOPE\t\t2"
    person.cell(0, "item_id").focus()
    person.page.evaluate(
        """block => {
            const data = new DataTransfer(); data.setData('text/plain', block);
            const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
            document.activeElement.dispatchEvent(event);
        }""",
        block,
    )
    person.page.locator("#grid td.bad").wait_for()
    assert person.cell(1, "item_id").input_value() == two.name
    assert person.cell(1, "quantity").input_value() == "1000"
    assert "NOPE" in (person.page.locator("#grid td.bad").get_attribute("title") or "")


def test_a_refused_line_is_marked_where_it_is_wrong(desk: Desk, firm: Firm) -> None:
    item = firm.item("186")
    offer = firm.create(Quotation, lines=[line(item, "1"), line(item, "2")], party_id=firm.party().id)
    person = desk.seat("rep")
    person.open(f"{OFFERS}/{offer.id}/edit")
    person.cell(1, "discount_rate").fill("150")
    person.keys("Control+s")
    person.page.locator("#grid td.bad").wait_for()
    bad = person.page.locator("#grid td.bad")
    assert bad.evaluate("cell => [cell.closest('tr').dataset.index, cell.dataset.name]") == ["1", "discount_rate"]
    assert person.cell(1, "discount_rate").get_attribute("aria-invalid") == "true"
    assert person.faults() == []


def test_the_slower_of_two_sees_both_versions_and_loses_nothing(desk: Desk, firm: Firm) -> None:
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "1")], party_id=firm.party().id)
    slow = desk.seat("rep")
    slow.open(f"{OFFERS}/{offer.id}/edit")
    firm.edit(offer, "clerk", reference="PO-1")
    slow.cell(0, "quantity").fill("7")
    slow.page.fill("#f-reference", "PO-2")
    slow.keys("Control+s")
    slow.page.locator("#stale").wait_for(state="visible")
    assert "PO-2 PO-1" in text(slow.page.locator("[data-stale-rows]"))
    assert slow.cell(0, "quantity").input_value() == "7"
    assert slow.faults() == []
    slow.page.locator("[data-stale=mine]").click()
    slow.page.wait_for_url(re.compile(r"/quotations/\d+/$"))
    now = firm.read("rep", lambda w: load(w, Quotation, offer.id))
    assert (now.reference, str(now.lines[0].quantity.normalize())) == ("PO-2", "7")


def test_unsaved_typing_is_not_left_without_a_question(desk: Desk, firm: Firm) -> None:
    person = begin(desk, firm)
    asked: list[str] = []
    person.page.on("dialog", lambda dialog: asked.append(dialog.type))
    person.cell(0, "quantity").click()
    person.page.keyboard.type("9")
    person.open("/")
    assert asked == ["beforeunload"]


def test_alt_with_an_arrow_moves_the_row_and_stays_with_it(desk: Desk, firm: Firm) -> None:
    person = begin(desk, firm)
    person.cell(0, "remark").focus()
    person.page.keyboard.type("first")
    person.keys("Enter")
    person.cell(1, "remark").focus()
    person.page.keyboard.type("second")
    person.keys("Alt+ArrowUp")
    expect(person.cell(0, "remark")).to_have_value("second")
    expect(person.cell(1, "remark")).to_have_value("first")
    expect(person.cell(0, "remark")).to_be_focused()
    person.keys("Alt+ArrowUp")
    expect(person.cell(0, "remark")).to_have_value("second")


def test_on_a_phone_every_row_is_a_card_within_the_window(desk: Desk, firm: Firm) -> None:
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=firm.party().id)
    person = desk.seat("rep", width=390)
    person.open(f"{OFFERS}/{offer.id}/edit")
    cells = person.page.locator("#grid tbody tr").first.locator("td").all()
    boxes = [box for box in (cell.bounding_box() for cell in cells) if box]
    assert len(boxes) > 10
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["width"] > 100 for box in boxes)
    label = "getComputedStyle(document.querySelector('#grid td[data-name=quantity]'), '::before').content"
    assert "数量" in person.page.evaluate(label)
    assert person.faults() == []
