"""A sale walked through the screens: one person after the other opens a page, reads it, and does what is his."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field

from playwright.sync_api import Locator, expect

from tests.browser.visitor import Desk, Person
from tests.scenarios.house import House

HERE = {"zh_Hans_CN": "en", "en": "zh_Hans_CN"}
CELL = '{grid} tr[data-index="{row}"] td[data-name="{name}"] >> :is(input,select)'


@dataclass
class Walker:
    """The people of a company before their screens; every page that somebody sees is without fault."""

    house: House
    desk: Desk
    language: str = "zh_Hans_CN"
    windows: dict[str, Person] = field(default_factory=dict)
    looked: int = 0
    known: set[str] = field(default_factory=set)
    found: dict[str, list[str]] = field(default_factory=dict)

    def seat(self, who: str) -> Person:
        """Somebody's window, in which he stays signed in."""
        if who not in self.windows:
            self.windows[who] = self.desk.seat(who, language=self.language)
        return self.windows[who]

    def see(self, who: str, path: str, *, narrow: bool = False) -> Person:
        """Open a page and find nothing wrong with it; first on a phone in the other language, where asked."""
        person = self.seat(who)
        if narrow:
            person.turn(390, HERE[self.language])
            assert person.open(path) == 200, path
            self.faultless(person, f"{path} 390")
            person.turn(1440, self.language)
        assert person.open(path) == 200, path
        self.faultless(person, path)
        return person

    def faultless(self, person: Person, name: str, part: str | None = None) -> None:
        """What is wrong with the open page is kept for the end of the walk; a type's page is read closely once."""
        kind = re.sub(r"\d{1,2}(?=/|$)", "", name)
        if faults := person.troubles() if kind in self.known else person.faults(part):
            self.found[name] = faults
        self.known.add(kind)
        if place := os.environ.get("LOOK"):
            self.looked += 1
            named = re.sub(r"[^a-z0-9]+", "-", name)
            person.page.screenshot(path=f"{place}/{self.looked:03}{named}.png", full_page=True)

    def move(self, who: str, path: str, move: str, *, reason: str = "", narrow: bool = False, **values: str) -> Person:
        """Make a move on a document's page: fill in what its dialog asks for, read what it warns of."""
        person = self.see(who, f"{path}/", narrow=narrow)
        page = person.page
        opener = page.locator(f"[data-dialog=move-{move}]")
        if not opener.count():
            with page.expect_navigation():
                page.locator(f'.moves form[action$="/moves/{move}"] button').click()
            return person
        opener.click()
        dialog = page.locator(f"#move-{move}")
        for name, value in values.items():
            fill(dialog.locator(f"#f-{name}"), value)
        if reason:
            dialog.locator("[name=reason]").fill(reason)
        for box in dialog.locator("input[type=checkbox][required]").all():
            box.check()
        self.faultless(person, f"{path}/#{move}", f"#move-{move}")
        with page.expect_navigation():
            dialog.locator("form .zg-dialog-foot button:not([data-close])").click()
        expect(page.locator(".note-bad, .note-danger, .alert-danger:visible")).to_have_count(0)
        return person

    def write(self, who: str, path: str, *, narrow: bool = False, **values: str) -> Person:
        """Open a document's form and type into its header."""
        person = self.see(who, f"{path}/edit", narrow=narrow)
        for name, value in values.items():
            fill(person.page.locator(f"#f-{name}"), value)
        return person

    def save(self, person: Person) -> str:
        """Save by keyboard; the path of what was saved."""
        person.keys("Control+s")
        person.page.wait_for_url(re.compile(r"/\d+/$"))
        return person.page.url.removeprefix(person.root).rstrip("/")

    def agree(self, *people: str) -> None:
        """Each of them finds the request in his inbox, reads it there, and agrees."""
        for who in people:
            person = self.see(who, "/approvals/")
            with person.page.expect_navigation():
                person.page.locator(".row-link").first.click()
            self.faultless(person, "consent")
            person.page.locator("#opinion-approval").fill("同意")
            with person.page.expect_navigation():
                person.page.locator("button[name=act][value=agree]").click()


def cell(person: Person, grid: str, row: int, name: str) -> Locator:
    """The control in one cell of a grid."""
    return person.page.locator(CELL.format(grid=grid, row=row, name=name))


def fill(control: Locator, value: str) -> None:
    """Type, choose or tick, whatever the field wants."""
    if control.evaluate("field => field.tagName") == "SELECT":
        control.select_option(value)
    elif control.get_attribute("role") == "combobox":
        control.click()
        control.press("Control+a")
        control.press_sequentially(value)
        hit = control.page.locator(".combo-list .hit:visible").first
        hit.wait_for()
        control.press("Enter")
    elif control.get_attribute("type") == "checkbox":
        control.set_checked(value == "1")
    else:
        control.fill(value)
