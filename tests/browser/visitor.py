"""People at their browsers: they sign in, and whatever the browser complains about is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from core.testing.builders import Firm

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Milliseconds in which a page asks for its totals and draws them.
SETTLING = 80
# Milliseconds after which what does not come is missing.
PATIENCE = 10_000
# A refused save answers 422 or 412, which the browser also notes.
EXPECTED = ("status of 422", "status of 412", "status of 409")


@dataclass
class Person:
    """One person's window."""

    page: Page
    root: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> int:
        """Open a page of the company and give back its status."""
        answer = self.page.goto(f"{self.root}{path}")
        self.page.wait_for_timeout(SETTLING)
        return answer.status if answer else 0

    def turn(self, width: int, language: str) -> None:
        """From now on through a window of this width, in this language."""
        self.page.set_viewport_size({"width": width, "height": 900})
        site = self.root.partition("/c/")[0]
        self.page.context.add_cookies([{"name": "zhanggui_language", "value": language, "url": site}])

    def cell(self, row: int, name: str) -> Locator:
        """The control in one cell of the grid of lines."""
        return self.page.locator(f'#grid tr[data-index="{row}"] td[data-name="{name}"] >> :is(input,select)')

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def faults(self, part: str | None = None) -> list[str]:
        """What is wrong with the open page, or a part: accessibility, sideways scrolling, what the browser said."""
        broken = Axe().run(self.page, context=part).response["violations"]
        return [f"{v['id']}: {[n['target'] for n in v['nodes'][:3]]}" for v in broken] + self.troubles()

    def troubles(self) -> list[str]:
        """Of these, what shows without a closer look: sideways scrolling, what the browser said."""
        found = []
        over = self.page.evaluate(SIDEWAYS)
        if over > 0:
            found.append(f"{over} px wider than the window")
        found += [text for text in self.complaints if not any(part in text for part in EXPECTED)]
        self.complaints.clear()
        return found


class Desk:
    """A browser and the site; people come and go."""

    def __init__(self, browser: Browser, address: str, firm: Firm) -> None:
        self._browser, self._address, self._firm = browser, address, firm
        self._windows: list[BrowserContext] = []

    def seat(self, who: str, *, language: str = "zh_Hans_CN", width: int = 1440, theme: str = "light") -> Person:
        """Let somebody sign in with one click, as the demo offers."""
        window = self._browser.new_context(viewport={"width": width, "height": 900})
        self._windows.append(window)
        kept = {"zhanggui_language": language, "zhanggui_theme": theme}
        window.add_cookies([{"name": k, "value": v, "url": self._address} for k, v in kept.items()])
        page = window.new_page()
        page.set_default_timeout(PATIENCE)
        person = Person(page, f"{self._address}/c/{self._firm.code}")
        page.on("console", lambda said: _note(person, said))
        page.on("pageerror", lambda error: person.complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(f"{self._address}/login")
        page.locator(".demo-company").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        named = f'[value="{who}"], [value="{who}@{self._firm.code}"]'
        page.locator(f"button[name=demo]:is({named})").click()
        page.wait_for_url(f"**/c/{self._firm.code}/")
        return person

    def leave(self) -> None:
        """Close every window."""
        for window in self._windows:
            window.close()


def _note(person: Person, said: ConsoleMessage) -> None:
    if said.type in {"error", "warning"}:
        person.complaints.append(said.text)


def text(locator: Any) -> str:
    """What a person reads there, on one line."""
    return " ".join(str(locator.inner_text()).split())
