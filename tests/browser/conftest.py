"""A browser before the site. What is asked of the database is asked on both engines elsewhere; here one is enough."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from core.testing.browser import launch_options
from core.testing.builders import Firm
from core.testing.fixtures import Database, database_on
from core.testing.sites import site_of
from tests.browser.visitor import Desk


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A SQLite file of one's own, with the firm in it."""
    with database_on("sqlite", request, tmp_path, ("firm",)) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module; Playwright's loop ends with it, and others may begin theirs."""
    with sync_playwright() as tools:
        browser = tools.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def address(firm: Firm) -> Iterator[str]:
    """Where the site over the firm's program answers."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    site = site_of(firm)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    answering = Thread(target=server.serve_forever, daemon=True)
    answering.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    answering.join()
    server.server_close()


@pytest.fixture
def desk(browser: Browser, address: str, firm: Firm) -> Iterator[Desk]:
    """Where people sit down in turn, each in a browser window of his own."""
    desk = Desk(browser, address, firm)
    yield desk
    desk.leave()
