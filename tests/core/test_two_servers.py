"""Two servers over one database behave as one: what is switched through the first, the second follows at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core.db.engine import open_engine
from core.operations.credentials import change_password, issue_token, set_active
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.tokens import new_token, token_hash
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.command_line import KEY
from tests.core.running import ROOT, Visitor, served

PASSWORD = "Blue-Lamp-77"
QUOTATIONS = "/quotation/quotations"


@pytest.fixture
def addresses(database: Database, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Two processes over the same database, the second with the jobs; neither outlives the test."""
    environment = {
        "ZHANGGUI_DATABASE_URL": database.url,
        "ZHANGGUI_SECRET_KEY": KEY,
        "ZHANGGUI_DATA_DIR": str(tmp_path / "data"),
    }
    with served(environment, "--no-jobs") as first, served(environment, "--jobs") as second:
        yield first, second


def token(firm: Firm, who: str) -> str:
    """A token that acts as one of the people."""
    secret, account = new_token(), firm.people[who]

    def command(work: Work) -> int:
        return issue_token(work, "test", token_hash(secret), account_id=account, expires_at=None)

    firm.as_program(command)
    return secret


def signed_in(address: str, firm: Firm, who: str) -> Visitor:
    """One of the people at the pages of a server."""
    with firm.program.works.installation() as connection:
        change_password(connection, firm.people[who], PASSWORD)
    visitor = Visitor(address)
    visitor.send("/login", "/login", login=f"{who}@{firm.code}", password=PASSWORD)
    return visitor


def switch(visitor: Visitor, firm: Firm, area: str, *, on: bool) -> None:
    """Press the button of an area on its screen."""
    home = visitor.page(f"/c/{firm.code}/")
    found = re.search(rf'href="(/c/{firm.code}/[^"]*areas/)"', home)
    assert found
    visitor.send(found[1], f"{found[1]}{area}", on="1" if on else "0")


def test_an_area_switched_off_through_one_server_is_gone_on_the_other_at_once(
    firm: Firm, other_firm: Firm, addresses: tuple[str, str]
) -> None:
    """404 in the interface and no menu from the next request on; data stay, and another company notices nothing."""
    first, second = addresses
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    theirs = other_firm.create(Quotation, party_id=other_firm.party().id, lines=[line(other_firm.item())])
    here = Visitor(second, token(firm, "boss"))
    there = Visitor(second, token(other_firm, "boss"))
    reader = signed_in(second, firm, "manager")
    admin = signed_in(first, firm, "admin")
    address = f"{QUOTATIONS}/{quotation.id}"

    assert here.api(address)[0] == 200
    assert "/quotation" in reader.page("/c/acme/")
    before = here.api(address)[1]

    switch(admin, firm, "quotation", on=False)
    assert [here.api(path)[0] for path in (address, QUOTATIONS)] == [404, 404]
    assert "/quotation" not in reader.page("/c/acme/")
    assert there.api(f"{QUOTATIONS}/{theirs.id}")[0] == 200

    switch(admin, firm, "quotation", on=True)
    assert here.api(address) == (200, before)
    assert "/quotation" in reader.page("/c/acme/")


def test_a_right_taken_away_through_one_server_refuses_the_next_request_of_the_other(
    firm: Firm, addresses: tuple[str, str]
) -> None:
    """A revoked token, a changed password: no process goes on with what it remembers."""
    first, second = addresses
    secret = token(firm, "rep")
    assert [Visitor(address, secret).api(QUOTATIONS)[0] for address in addresses] == [200, 200]
    reader = signed_in(second, firm, "manager")
    assert reader.ask("/c/acme/")[0] == 200
    signed_in(first, firm, "manager")
    assert 'name="password"' in reader.page("/c/acme/")
    with firm.program.works.installation() as connection:
        set_active(connection, firm.people["rep"], False)
    assert [Visitor(address, secret).api(QUOTATIONS)[0] for address in addresses] == [401, 401]


def test_a_server_with_several_processes_finds_the_application(database: Database, firm: Firm, tmp_path: Path) -> None:
    """``core.wsgi:app`` is what granian and gunicorn are told; it refuses to start on tables of another release."""
    environment = {
        **os.environ,
        "ZHANGGUI_DATABASE_URL": database.url,
        "ZHANGGUI_SECRET_KEY": KEY,
        "ZHANGGUI_DATA_DIR": str(tmp_path),
    }
    program = (
        "from core.wsgi import app; from werkzeug.test import Client; print(Client(app).get('/login').status_code)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "200"
    engine = open_engine(database.owner_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version_core"))
    engine.dispose()
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "zhanggui upgrade" in refused.stderr
