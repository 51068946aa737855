"""Getting in: what guesses, strangers and crafted addresses cannot do at the login."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from core.entities.company import Company
from core.errors import Unknown
from core.operations import employers, invitations, people
from core.operations.credentials import change_password
from core.rights import ADMINISTER
from core.roles import ADMINISTRATOR
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.web import sessions
from core.web.entering import safe
from core.web.site import SiteSettings, create_site
from core.work import Ask
from tests.core.administration_visitor import Visitor, token

PASSWORD = "four tall maples"


def attempt(site: Flask, login: str, password: str, address: str = "192.0.2.1", **more: Any) -> TestResponse:
    """One try at the login, from a machine of its own."""
    client = site.test_client()
    data = {"csrf_token": token(client.get("/login").text), "login": login, "password": password, **more}
    return client.post("/login", data=data, environ_base={"REMOTE_ADDR": address})


def give_password(firm: Firm, who: str) -> None:
    with firm.program.works.installation() as connection:
        change_password(connection, firm.people[who], PASSWORD)


@pytest.mark.parametrize(
    "path",
    ["///evil.example", "////evil.example", "/\\\\evil.example", "/\\/evil.example", "/\t/evil.example", "/a\x00b"],
)
def test_no_way_of_writing_the_way_back_leads_to_another_site(path: str) -> None:
    """Browsers read any number of slashes and backslashes in front as the name of a site."""
    assert safe(path) == ""
    assert safe("/c/acme/core/parties/?search=大华") == "/c/acme/core/parties/?search=大华"


def test_signing_in_never_leads_to_another_site(firm: Firm) -> None:
    give_password(firm, "rep")
    answer = attempt(site_of(firm), "rep@acme", PASSWORD, next="///evil.example/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_writing_a_login_differently_gives_no_further_guesses(firm: Firm) -> None:
    site = site_of(firm)
    spellings = ["rep@acme", "REP@acme", " rep@acme", "Rep@Acme ", "rEp@acme", "reP@acme", "REP@ACME", "rep@ACME"]
    assert [attempt(site, name, "wrong").status_code for name in spellings] == [401] * 6 + [429] * 2


def test_a_stranger_who_guesses_does_not_lock_the_owner_out(firm: Firm) -> None:
    give_password(firm, "rep")
    site = site_of(firm)
    guessed = [attempt(site, "rep@acme", "wrong", "198.51.100.9").status_code for _time in range(7)]
    assert guessed[-1] == 429
    assert attempt(site, "rep@acme", PASSWORD, "192.0.2.7").status_code == 303


def test_one_who_forgot_the_password_does_not_lock_the_house_out(firm: Firm) -> None:
    """Everybody behind one address shares it; the others sign in all the same."""
    give_password(firm, "manager")
    site = site_of(firm)
    assert [attempt(site, "rep@acme", "wrong").status_code for _time in range(7)][-1] == 429
    assert attempt(site, "manager@acme", PASSWORD).status_code == 303


def test_guessing_at_many_logins_from_one_address_is_slowed_down(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.web.sessions.MANY_FAILURES", 8)
    site = site_of(firm)
    codes = [attempt(site, f"somebody{number}", "wrong").status_code for number in range(10)]
    assert codes == [401] * 9 + [429]


def test_guesses_at_the_same_moment_get_no_more_tries_than_guesses_in_turn(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every try is taken before a password is compared, however many arrive before the first is refused."""
    compared: list[str] = []

    def slow(kept: str, password: str) -> bool:
        compared.append(password)
        sleep(0.2)
        return False

    monkeypatch.setattr("core.web.sessions.matches", slow)
    site, crowd = site_of(firm), 12
    clients = [(client := site.test_client(), token(client.get("/login").text)) for _place in range(crowd)]
    together = Barrier(crowd)

    def guess(place: int) -> int:
        client, seal = clients[place]
        data = {"csrf_token": seal, "login": "rep@acme", "password": f"guess {place}"}
        together.wait()
        return client.post("/login", data=data, environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code

    with ThreadPoolExecutor(crowd) as pool:
        codes = sorted(pool.map(guess, range(crowd)))
    assert codes == [401] * 6 + [429] * 6
    assert len(compared) == 6


def test_a_try_that_is_refused_under_one_name_counts_under_no_other(firm: Firm) -> None:
    """Whoever guesses on while waiting does not use up the tries of the house behind the address."""
    names = {"login:a address:b": 0, "address:b": 50}
    with firm.program.works.installation() as connection:
        assert sessions.attempt(connection, names)
        assert [sessions.attempt(connection, names) for _time in range(60)] == [False] * 60
        assert sessions.attempt(connection, {"address:b": 50})


def test_where_the_way_is_encrypted_no_cookie_goes_over_one_that_is_not(firm: Firm) -> None:
    """Also behind a proxy that forgets to say how it was asked."""
    give_password(firm, "rep")
    site = create_site(firm.program, SiteSettings("a secret for tests alone", secure=True))
    client = site.test_client()
    client.get("/login", base_url="https://localhost")
    page = client.get("/login", base_url="https://localhost").text
    data = {"csrf_token": token(page), "login": "rep@acme", "password": PASSWORD}
    kept = client.get_cookie("zhanggui_page")
    assert kept is not None
    answer = client.post("/login", data=data, headers={"Cookie": f"zhanggui_page={kept.value}"})
    cookies = [text for text in answer.headers.getlist("Set-Cookie") if text.startswith("zhanggui_session=")]
    assert cookies
    assert all("Secure" in text and "HttpOnly" in text and "SameSite=Lax" in text for text in cookies)


def test_a_stranger_does_not_learn_which_companies_there_are(firm: Firm) -> None:
    """Before signing in every company's address leads to the login; afterwards a strange one is not there."""
    site = site_of(firm)
    for code in (firm.code, "nosuchfirm"):
        answer = site.test_client().get(f"/c/{code}/")
        assert (answer.status_code, answer.headers.get("Location", "")[:6]) == (303, "/login")
    assert Visitor(site, firm, "rep").client.get("/c/nosuchfirm/").status_code == 404


def test_whoever_finds_a_browser_open_guesses_the_password_no_faster_there(firm: Firm) -> None:
    """The form for a new password counts wrong old ones as the login does, and with it."""
    give_password(firm, "rep")
    site = site_of(firm)
    visitor = Visitor(site, firm, "rep")
    new = {"password": "seven small birches", "again": "seven small birches"}

    def tried(old: str, **more: str) -> str:
        return visitor.post("/my-account/password", old_password=old, **{**new, **more}).text

    # What does not even say the same twice compares nothing, so it neither counts nor makes forget.
    assert all("This is not your password." in tried(f"guess {n}") for n in range(6))
    assert "The two do not match." in tried(PASSWORD, again="another")
    for guess in ("guess 7", PASSWORD):
        assert "Too many attempts." in tried(guess)
    assert attempt(site, "rep@acme", PASSWORD, "127.0.0.1").status_code == 429


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(("days", "employed"), [(0, True), (-1, False)])
def test_the_last_day_of_work_is_the_companys(firm: Firm, zone: str, days: int, employed: bool) -> None:
    """Where days begin earlier or later than in Greenwich, one still comes in on the last, and no longer."""
    company: Any = Company.__table__
    firm.as_program(
        lambda w: w.connection.execute(
            update(company).where(company.c.id == firm.id).values(zone=zone, version=company.c.version + 1)
        )
    )
    today = firm.as_program(lambda w: w.today)
    last = today + timedelta(days=days)
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], roles=None, valid_until=last))
    with firm.program.works.installation(reads=True) as connection, employers.seen_by(connection) as see:
        see("app.account", firm.people["rep"])
        assert [row.code for row in employers.employers(connection, firm.people["rep"])] == [firm.code] * employed
    if employed:
        assert firm.read("rep", lambda w: w.actor_id) == firm.people["rep"]
    else:
        with pytest.raises(Unknown):
            firm.read("rep", lambda w: w.actor_id)


def test_who_was_let_go_and_is_invited_again_begins_without_the_old_roles(firm: Firm, other_firm: Firm) -> None:
    """PLT-05: the administrator of then accepts, and may nothing until he is given a role; an answer counts once."""
    account, login = firm.people["boss"], f"boss@{firm.code}"

    def invited() -> int:
        other_firm.run("admin", lambda w: invitations.invite(w, login))
        with firm.program.works.installation(reads=True) as connection:
            return invitations.received(connection, account)[0].id

    invitations.answer(firm.program.works, account, invited(), accepted=True)
    other_firm.run("admin", lambda w: people.set_roles(w, account, [ADMINISTRATOR.key]))
    other_firm.run("admin", lambda w: people.dismiss(w, account))
    again = invited()
    invitations.answer(firm.program.works, account, again, accepted=True)
    with firm.program.works.read(Ask(other_firm.id, account)) as work:
        assert (work.roles(), work.may(ADMINISTER)) == (frozenset(), False)
    with pytest.raises(Unknown):
        invitations.answer(firm.program.works, account, again, accepted=True)
