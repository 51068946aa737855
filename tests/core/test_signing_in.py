"""Two steps, recovery codes, sessions that end, tokens that end, and rules for passwords, through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from werkzeug.test import TestResponse

from core.entities.account import Account, LoginSession
from core.entities.signing_in import RecoveryCode, TwoStep
from core.errors import Forbidden, Invalid
from core.operations import credentials, people
from core.operations.two_step import Vault
from core.passwords import weakness
from core.testing.api import api_for
from core.testing.builders import Firm
from core.testing.sites import SETTINGS, site_of
from core.work import Work
from tests.core.administration_visitor import Visitor, token

PASSWORD = "four tall maples"
STEP = "/my-account/two-step/"
NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def no_half_minute_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock that codes go by stands still, so that none grows old within a test."""
    monkeypatch.setattr("core.operations.two_step.time", lambda: NOW)


@pytest.fixture
def site(firm: Firm) -> Flask:
    return site_of(firm)


def give_password(firm: Firm, who: str) -> None:
    with firm.program.works.installation() as connection:
        credentials.change_password(connection, firm.people[who], PASSWORD)


def sign_in(site: Flask, login: str, password: str = PASSWORD) -> tuple[FlaskClient, TestResponse]:
    """A browser after the first step, and what it was answered."""
    client = site.test_client()
    client.set_cookie("zhanggui_language", "en")
    data = {"csrf_token": token(client.get("/login").text), "login": login, "password": password}
    return client, client.post("/login", data=data)


def second(client: FlaskClient, code: str) -> TestResponse:
    """Send a code at the second step."""
    return client.post("/login/code", data={"csrf_token": token(client.get("/login/code").text), "code": code})


def set_up(visitor: Visitor) -> tuple[pyotp.TOTP, list[str]]:
    """Switch the second step on; gives back the app on the telephone, and the recovery codes.

    The app confirms with the code before the one of now, so that the one of now is still unused.
    """
    assert visitor.post(f"{STEP}begin").status_code == 303
    shown = re.search(r'Key: <span class="secret">([A-Z2-7 ]+)</span>', visitor.get(STEP).text)
    assert shown
    app = pyotp.TOTP(shown[1].replace(" ", ""))
    answer = visitor.post(f"{STEP}confirm", code=app.at(NOW - 30))
    assert answer.status_code == 201
    codes = re.findall(r'<li class="secret">([a-z2-7-]+)</li>', answer.text)
    assert len(set(codes)) == 10
    assert shown[1] not in visitor.get(STEP).text
    return app, codes


@pytest.fixture
def rep(firm: Firm, site: Flask) -> Visitor:
    give_password(firm, "rep")
    return Visitor(site, firm, "rep")


# Two steps ------------------------------------------------------------------------------------------------------


def test_with_two_steps_a_password_alone_opens_nothing(firm: Firm, site: Flask, rep: Visitor) -> None:
    app, _codes = set_up(rep)
    client, answer = sign_in(site, "rep@acme")
    assert answer.headers["Location"] == "/login/code"
    assert client.get("/c/acme/").headers["Location"].startswith("/login")
    assert second(client, "000000").status_code == 401
    assert client.get("/c/acme/").status_code == 303
    assert second(client, app.at(NOW)).status_code == 303
    assert client.get("/c/acme/").status_code == 200


def test_a_code_is_taken_once(firm: Firm, site: Flask, rep: Visitor) -> None:
    """Whoever looked over the shoulder finds it used, also within its half minute."""
    app, _codes = set_up(rep)
    code = app.at(NOW)
    first, _answer = sign_in(site, "rep@acme")
    after, _answer = sign_in(site, "rep@acme")
    assert [second(first, code).status_code, second(after, code).status_code] == [303, 401]
    assert second(after, app.at(NOW - 30)).status_code == 401


def test_a_recovery_code_is_taken_once_however_it_is_typed(firm: Firm, site: Flask, rep: Visitor) -> None:
    _app, codes = set_up(rep)
    first, _answer = sign_in(site, "rep@acme")
    assert second(first, f" {codes[0].upper().replace('-', ' ')} ").status_code == 303
    after, _answer = sign_in(site, "rep@acme")
    assert second(after, codes[0]).status_code == 401
    assert "9 recovery codes are left" in rep.get(STEP).text


def test_guesses_at_the_code_run_out_and_the_password_gives_no_new_ones(firm: Firm, site: Flask, rep: Visitor) -> None:
    app, _codes = set_up(rep)
    codes = []
    for number in range(9):
        client, _answer = sign_in(site, "rep@acme")
        codes.append(second(client, f"{number:06}").status_code)
    assert codes == [401] * 6 + [429] * 3
    assert second(client, app.at(NOW)).status_code == 429


def test_the_first_step_is_undone_by_a_new_password_and_by_time(
    firm: Firm, site: Flask, rep: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, _codes = set_up(rep)
    client, _answer = sign_in(site, "rep@acme")
    monkeypatch.setattr("core.web.entering.PATIENCE", -1)
    assert client.get("/login/code").headers["Location"] == "/login"
    monkeypatch.undo()
    page = token(client.get("/login/code").text)
    give_password(firm, "rep")
    answer = client.post("/login/code", data={"csrf_token": page, "code": app.at(NOW)})
    assert answer.headers["Location"] == "/login"
    assert client.get("/c/acme/").status_code == 303


def test_seeds_are_kept_locked_and_codes_as_hashes(firm: Firm, site: Flask, rep: Visitor) -> None:
    """Who reads the database, a copy of it or the pages learns neither."""
    app, codes = set_up(rep)
    with firm.program.works.installation(reads=True) as connection:
        kept = connection.execute(select(TwoStep.__table__.c.seed)).scalar_one()
        hashes = set(connection.execute(select(RecoveryCode.__table__.c.code_hash)).scalars())
    assert app.secret not in kept
    assert Vault(SETTINGS.secret).open(kept) == app.secret
    assert Vault("another secret of the same kind").open(kept) is None
    assert not hashes & set(codes)
    pages = "".join(rep.get(page).text for page in (STEP, "/my-account/", "/administration/history/"))
    assert app.secret not in pages
    assert not any(code in pages for code in codes)


def test_switching_off_and_new_codes_take_a_code(firm: Firm, site: Flask, rep: Visitor) -> None:
    """A browser that somebody left open does not suffice."""
    app, codes = set_up(rep)
    assert "This code is not right" in rep.post(f"{STEP}off", code="111111").text
    assert "This code is not right" in rep.post(f"{STEP}codes", code="").text
    answer = rep.post(f"{STEP}codes", code=codes[0])
    fresh = re.findall(r'<li class="secret">([a-z2-7-]+)</li>', answer.text)
    assert answer.status_code == 201
    assert not set(fresh) & set(codes)
    assert rep.post(f"{STEP}off", code=codes[1]).status_code == 422
    assert rep.post(f"{STEP}off", code=app.at(NOW)).status_code == 303
    assert sign_in(site, "rep@acme")[1].headers["Location"] == "/"


def test_an_administrator_helps_who_lost_the_telephone(firm: Firm, site: Flask, rep: Visitor) -> None:
    set_up(rep)
    admin = Visitor(site, firm, "admin")
    page = f"/administration/people/{firm.people['rep']}"
    assert "Switch off" in admin.get(page).text
    assert rep.post(f"{page}/two-step").status_code == 403
    assert admin.post(f"{page}/two-step").status_code == 303
    assert rep.get("/").status_code == 303
    assert sign_in(site, "rep@acme")[1].headers["Location"] == "/"


def test_a_company_asks_for_two_steps_and_leads_there_first(firm: Firm, site: Flask) -> None:
    for who in ("rep", "admin"):
        give_password(firm, who)
    firm.settings(core__two_step="administrators")
    rep, _answer = sign_in(site, "rep@acme")
    admin, _answer = sign_in(site, "admin@acme")
    assert rep.get("/c/acme/").status_code == 200
    answer = admin.get("/c/acme/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/acme/my-account/")
    assert "asks for two-step sign-in" in admin.get("/c/acme/my-account/").text
    assert admin.get("/c/acme/my-account/two-step/").status_code == 200
    denied = admin.get("/c/acme/administration/people/", headers={"Accept": "application/json"})
    assert denied.status_code == 403


# Sessions and tokens --------------------------------------------------------------------------------------------


def test_one_ends_ones_other_sessions_and_an_administrator_everybodys(firm: Firm, site: Flask, rep: Visitor) -> None:
    other, admin = Visitor(site, firm, "rep"), Visitor(site, firm, "admin")
    assert rep.post("/my-account/sessions").status_code == 303
    assert [rep.get("/").status_code, other.get("/").status_code] == [200, 303]
    page = f"/administration/people/{firm.people['rep']}"
    shown = re.findall(r'name="session" value="(\d+)"', admin.get(page).text)
    assert len(shown) == 1
    assert rep.post(f"{page}/sessions").status_code == 403
    mine = re.findall(r'name="session" value="(\d+)"', admin.get(f"/administration/people/{firm.people['admin']}").text)
    assert admin.post(f"{page}/sessions", session=mine[0]).status_code == 404
    assert admin.post(f"{page}/sessions", session=shown[0]).status_code == 303
    assert rep.get("/").status_code == 303
    again = Visitor(site, firm, "rep")
    assert admin.post(f"{page}/sessions").status_code == 303
    assert [again.get("/").status_code, admin.get("/").status_code] == [303, 200]


def ended(firm: Firm) -> dict[str, Callable[[], Any]]:
    """What ends the tokens of the representative, for good."""
    account, works = firm.people["rep"], firm.program.works

    def blocked() -> None:
        for active in (False, True):
            with works.installation() as connection:
                credentials.set_active(connection, account, active)

    def left() -> None:
        firm.run("admin", lambda w: people.dismiss(w, account))
        firm.run("admin", lambda w: people.employ(w, account, roles=None))

    return {
        "password": lambda: give_password(firm, "rep"),
        "by the administrator": lambda: firm.run("admin", lambda w: credentials.set_password(w, account, PASSWORD)),
        "blocked": blocked,
        "left": left,
    }


@pytest.mark.parametrize("why", ["password", "by the administrator", "blocked", "left"])
def test_a_token_ends_with_the_password_the_account_and_the_employment(firm: Firm, why: str) -> None:
    """Also when the account is opened again, or the person comes back: whoever had it does not come back with it."""
    api, other = api_for(firm, "rep"), api_for(firm, "boss")
    assert api.get("/core/parties").status_code == 200
    ended(firm)[why]()
    assert [api.get("/core/parties").status_code, other.get("/core/parties").status_code] == [401, 200]
    assert api_for(firm, "rep").get("/core/parties").status_code == 200


def test_a_session_lasts_as_long_as_the_strictest_company_says(firm: Firm, other_firm: Firm, site: Flask) -> None:
    give_password(firm, "rep")
    firm.settings(core__session_hours="8")
    other_firm.settings(core__session_hours="2")
    other_firm.as_program(lambda w: people.employ(w, firm.people["rep"]))
    sign_in(site, "rep@acme")
    table: Any = LoginSession.__table__
    with firm.program.works.installation(reads=True) as connection:
        row = connection.execute(select(table).where(table.c.account_id == firm.people["rep"])).one()
    assert row.expires_at - row.created_at == timedelta(hours=2)


# Passwords ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    ["password123", "a123456789", "1qaz2wsx3edc", "Admin@123456", "Aa123456789.", "qq123456789", "P@ssw0rd123"],
)
def test_known_passwords_are_refused(password: str) -> None:
    assert weakness(password, "bob") is not None


@pytest.mark.parametrize("password", ["five brass lamps", "Blue-Lamp-77", "大华照明好好学习天天向上"])
def test_long_ones_of_ones_own_are_not(password: str) -> None:
    assert weakness(password, "bob") is None


def choose(firm: Firm, who: str, password: str) -> None:
    firm.run("admin", lambda w: credentials.set_password(w, firm.people[who], password))


def test_a_company_says_how_long_a_password_is_and_how_soon_one_comes_back(firm: Firm) -> None:
    firm.settings(core__password_length="16", core__password_reuse="2")
    with pytest.raises(Invalid):
        choose(firm, "rep", "five tin lamps")
    first, then, last = "five brass lamps", "seven brass lamps", "nine brass lamps!"
    choose(firm, "rep", first)
    with pytest.raises(Invalid):
        choose(firm, "rep", first)
    choose(firm, "rep", then)
    with pytest.raises(Invalid):
        choose(firm, "rep", first)
    choose(firm, "rep", last)
    choose(firm, "rep", first)


def test_the_strictest_of_several_companies_holds_for_ones_own_password(firm: Firm, other_firm: Firm) -> None:
    other_firm.settings(core__password_length="30")
    other_firm.as_program(lambda w: people.employ(w, firm.people["rep"]))
    with firm.program.works.installation() as connection:
        with pytest.raises(Invalid, match="correct"):
            credentials.check_password(connection, firm.people["rep"], "a phrase of middling length")
        credentials.check_password(connection, firm.people["rep"], "a phrase of quite considerable length")
        credentials.check_password(connection, firm.people["manager"], "a phrase of middling length")


def test_looking_through_other_companies_rules_leaves_one_in_ones_own(firm: Firm, other_firm: Firm) -> None:
    """What the database shows afterwards is what it showed before."""
    other_firm.as_program(lambda w: people.employ(w, firm.people["rep"]))

    def command(work: Work) -> tuple[int, int]:
        count = text("SELECT count(*) FROM setting WHERE company_id = :c")
        firm_id = {"c": work.company.id}
        before = work.connection.execute(count, firm_id).scalar_one()
        credentials.check_password(work.connection, firm.people["rep"], PASSWORD)
        return before, work.connection.execute(count, firm_id).scalar_one()

    firm.settings(core__password_length="12")
    before, after = firm.run("admin", command)
    assert before == after == 1


def test_a_password_that_is_too_old_is_changed_first(firm: Firm, site: Flask) -> None:
    give_password(firm, "rep")
    firm.settings(core__password_days="90")
    client, _answer = sign_in(site, "rep@acme")
    assert client.get("/c/acme/").status_code == 200
    account: Any = Account.__table__
    with firm.program.works.installation() as connection:
        old = datetime.now(UTC) - timedelta(days=91)
        connection.execute(update(account).where(account.c.id == firm.people["rep"]).values(password_at=old))
    assert client.get("/c/acme/").headers["Location"] == "/c/acme/my-account/"
    new = {"old_password": PASSWORD, "password": "five brass lamps", "again": "five brass lamps"}
    page = client.get("/c/acme/my-account/").text
    assert "older than 90 days" in page
    assert client.post("/c/acme/my-account/password", data={"csrf_token": token(page), **new}).status_code == 303
    assert client.get("/c/acme/").status_code == 200


def test_the_sign_in_of_somebody_who_works_elsewhere_too_is_not_a_companys(firm: Firm, other_firm: Firm) -> None:
    other_firm.as_program(lambda w: people.employ(w, firm.people["rep"]))
    account = firm.people["rep"]
    for act in (credentials.end_sessions, credentials.drop_two_step):
        with pytest.raises(Forbidden):
            firm.run("admin", lambda w, a=act: a(w, account))  # type: ignore[misc]
