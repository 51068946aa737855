"""Take pictures of the screens as somebody of the demo sees them, in both languages and widths.

``make pictures`` fills ``var/pictures``; the two that the README shows are kept in ``docs/pictures``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.testing.browser import launch_options

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "pictures"
README = {"home-en-1440": "home-en", "quotation-zh-1440": "quotation-zh"}
WIDTHS = {1440: 900, 390: 844}
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
REPRESENTATIVE = {"zh": "陈晓敏", "en": "Chen Xiaomin"}
MANAGER = {"zh": "孙丽", "en": "Sun Li"}
ADMINISTRATOR = {"zh": "何静", "en": "He Jing"}
# Who looks, and at which addresses of the first company; a pattern follows the first link of the page before.
WALKS: tuple[tuple[dict[str, str], tuple[tuple[str, str], ...]], ...] = (
    (
        MANAGER,
        (
            ("home", ""),
            ("approvals", "approvals/"),
            ("quotations", "quotation/quotations/?state=sent"),
            ("quotation", "link:BJ-"),
        ),
    ),
    (
        REPRESENTATIVE,
        (
            ("customers", "core/parties/"),
            ("customer", "link:C0"),
            ("new-customer", "core/parties/new/"),
            ("talks", "crm/talks/"),
            ("talk", "link:QT-"),
            ("new-quotation", "quotation/quotations/new/"),
            ("price-lists", "quotation/price-lists/"),
            ("search", "search/?q=yantai"),
        ),
    ),
    (
        ADMINISTRATOR,
        tuple(
            (name, f"administration/{name}/")
            for name in (
                "areas",
                "people",
                "roles",
                "settings",
                "series",
                "calendar",
                "approval-rules",
                "history",
                "jobs",
            )
        ),
    ),
)


@contextmanager
def served() -> Iterator[str]:
    """A demo of its own on a free port, stopped at the end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ZHANGGUI_DATA_DIR": folder, "PYTHONUNBUFFERED": "1"}
        command = [str(Path(sys.executable).with_name("zhanggui")), "demo", "--serve", "--port", "0"]
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            address = next(found[0] for line in process.stdout or () if (found := re.search(r"http://\S+:\d+", line)))
            yield address
        finally:
            process.terminate()
            process.wait()


def walk(browser: Browser, address: str, language: str, width: int) -> None:
    """Everything that the walks name, in one language and width."""
    for who, places in WALKS:
        context = browser.new_context(viewport={"width": width, "height": WIDTHS[width]}, locale=LANGUAGES[language])
        page = context.new_page()
        page.goto(f"{address}/login")
        if who is MANAGER:
            keep(page, "login", language, width)
        page.locator("button", has_text=who[language]).first.click()
        page.wait_for_url(re.compile("/c/"))
        for name, place in places:
            if place.startswith("link:"):
                page.locator("main a", has_text=re.compile(place.removeprefix("link:"))).first.click()
                page.wait_for_load_state()
            else:
                page.goto(f"{address}/c/led/{place}")
            keep(page, name, language, width)
        context.close()


def keep(page: Page, name: str, language: str, width: int) -> None:
    """One picture, and a copy for the README where it is one of its two."""
    path = FOLDER / f"{name}-{language}-{width}.png"
    in_readme = README.get(path.stem)
    page.screenshot(path=path, full_page=in_readme is None)
    if in_readme:
        (ROOT / "docs" / "pictures").mkdir(exist_ok=True)
        shutil.copy(path, ROOT / "docs" / "pictures" / f"{in_readme}.png")
    print(path.relative_to(ROOT))


def main() -> None:
    """Serve a demo and look at it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        for language in LANGUAGES:
            for width in WIDTHS:
                walk(browser, address, language, width)
        browser.close()


if __name__ == "__main__":
    main()
