"""Signing in through a real provider on this machine, and what a stranger cannot do by it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.config import BadConfig, SignOn, read
from core.operations import identities, two_step
from core.operations.credentials import set_active
from core.operations.two_step import Vault
from core.testing.builders import Firm
from core.web.site import SiteSettings, create_site
from tests.core.administration_visitor import token

SECRET = "a secret for tests alone"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider of one's own, which lets in whoever says who he is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock as mock

        people = [
            mock.User(
                sub="wang", claims={"preferred_username": "rep@acme", "email": "rep@acme", "email_verified": True}
            ),
            mock.User(
                sub="thief", claims={"preferred_username": "thief", "email": "boss@acme", "email_verified": False}
            ),
        ]
        with mock.run_server_in_thread(user_claims=people, require_nonce=True) as server:
            yield f"http://localhost:{server.server_port}"


class House:
    """The site over a firm with the provider configured, and browsers before it."""

    def __init__(self, firm: Firm, issuer: str, claim: str = "") -> None:
        self.firm, self.issuer = firm, issuer
        sign_on = SignOn(issuer, "zhanggui", "a client secret", "Provider", claim)
        self.site = create_site(firm.program, SiteSettings(SECRET, demo=True, sign_on=sign_on))

    def browser(self) -> FlaskClient:
        client = self.site.test_client()
        client.set_cookie("zhanggui_language", "en")
        return client

    def sent(self, client: FlaskClient, start: str = "/login/sso") -> str:
        """Where the site sends a browser that wants to sign on."""
        answer = client.get(start)
        assert answer.status_code == 302
        return answer.headers["Location"]

    def back(self, address: str, subject: str) -> str:
        """What the provider answers a person: the way back to the site."""
        answer = requests.post(address, data={"sub": subject, "action": "authorize"}, allow_redirects=False, timeout=10)
        assert answer.status_code in {302, 303}, answer.text
        return "/login/sso/back?" + urlsplit(answer.headers["Location"]).query

    def sign_on(self, client: FlaskClient, subject: str, start: str = "/login/sso") -> TestResponse:
        """The whole way there and back."""
        return client.get(self.back(self.sent(client, start), subject))

    def link(self, who: str, subject: str) -> None:
        with self.firm.program.works.installation() as connection:
            identities.link(connection, self.firm.people[who], self.issuer, subject, subject)


@pytest.fixture
def house(firm: Firm, issuer: str) -> Iterator[House]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield House(firm, issuer)


def test_somebody_who_is_linked_signs_on_and_comes_where_he_wanted(house: House) -> None:
    house.link("rep", "wang")
    client = house.browser()
    assert "Sign in with Provider" in client.get("/login").text
    answer = house.sign_on(client, "wang", "/login/sso?next=/c/acme/core/parties/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/c/acme/core/parties/")
    page = client.get("/c/acme/my-account/").text
    assert "rep@acme" in page
    assert "single sign-on" in page


def test_the_request_carries_state_nonce_and_a_challenge(house: House) -> None:
    asked = parse_qs(urlsplit(house.sent(house.browser())).query)
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    assert asked["code_challenge_method"] == ["S256"]


def test_nobody_gets_an_account_by_signing_on(house: House) -> None:
    client = house.browser()
    assert house.sign_on(client, "wang").headers["Location"] == "/login"
    assert "Nobody here is linked" in client.get("/login").text
    assert client.get("/c/acme/").headers["Location"].startswith("/login")


def test_an_answer_is_for_the_browser_that_asked_and_for_once(house: House) -> None:
    """A way back that is slipped to somebody else, or used again, opens nothing."""
    house.link("rep", "wang")
    asking, other = house.browser(), house.browser()
    way = house.back(house.sent(asking), "wang")
    assert other.get(way).headers["Location"] == "/login"
    assert asking.get(way).headers["Location"] == "/"
    assert house.browser().get(way).headers["Location"] == "/login"
    assert other.get("/c/acme/").status_code == 303


def test_a_trusted_claim_links_an_account_the_first_time_and_no_second_person(firm: Firm, house: House) -> None:
    trusting = House(firm, house.issuer, "preferred_username")
    assert trusting.sign_on(trusting.browser(), "wang").headers["Location"] == "/"
    assert trusting.sign_on(trusting.browser(), "thief").headers["Location"] == "/login"
    with firm.program.works.installation() as connection:
        claims = {"preferred_username": "rep@acme"}
        assert identities.claimed(connection, house.issuer, claims, "preferred_username") is None


def test_an_address_that_nobody_verified_links_nothing(firm: Firm, house: House) -> None:
    trusting = House(firm, house.issuer, "email")
    assert trusting.sign_on(trusting.browser(), "thief").headers["Location"] == "/login"


def test_an_owner_links_the_account_within_ten_minutes_and_takes_the_link_away(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = house.browser()
    page = token(client.get("/login").text)
    assert client.post("/login", data={"csrf_token": page, "demo": "rep@acme"}).status_code == 303
    data = {"csrf_token": token(client.get("/c/acme/my-account/").text)}
    assert "Continue to Provider" in client.post("/c/acme/my-account/sign-on", data=data).text
    monkeypatch.setattr("core.web.single_sign_on.PATIENCE", -1)
    assert house.sign_on(client, "wang", "/login/sso?link=1").headers["Location"] == "/login"
    monkeypatch.undo()
    assert "Continue to Provider" in client.post("/c/acme/my-account/sign-on", data=data).text
    answer = house.sign_on(client, "wang", "/login/sso?link=1")
    assert answer.headers["Location"] == "/c/acme/my-account/"
    assert house.sign_on(house.browser(), "wang").headers["Location"] == "/"
    shown = client.get("/c/acme/my-account/").text
    found = re.search(r'action="(/c/acme/my-account/sign-on/\d+)"', shown)
    assert found
    assert client.post(found[1], data=data).status_code == 303
    assert house.sign_on(house.browser(), "wang").headers["Location"] == "/login"


def test_following_a_link_links_nothing(house: House) -> None:
    """Only a form of the own account begins it; otherwise a page elsewhere could link its own person."""
    client = house.browser()
    page = token(client.get("/login").text)
    client.post("/login", data={"csrf_token": page, "demo": "rep@acme"})
    assert house.sign_on(client, "thief", "/login/sso?link=1").headers["Location"] == "/login"
    with house.firm.program.works.installation(reads=True) as connection:
        assert identities.known(connection, house.issuer, "thief") is None


def test_a_closed_account_and_a_second_step_hold_here_too(firm: Firm, house: House) -> None:
    house.link("rep", "wang")
    vault = Vault(SECRET)
    with firm.program.works.installation() as connection:
        two_step.begin(connection, firm.people["rep"], vault)
        seed = two_step.pending_seed(connection, firm.people["rep"], vault)
        two_step.confirm(connection, firm.people["rep"], pyotp.TOTP(seed or "").now(), vault)
    assert house.sign_on(house.browser(), "wang").headers["Location"] == "/login/code"
    with firm.program.works.installation() as connection:
        set_active(connection, firm.people["rep"], False)
    assert house.sign_on(house.browser(), "wang").headers["Location"] == "/login"


def test_a_provider_that_does_not_answer_is_told_in_a_sentence(firm: Firm, house: House) -> None:
    silent = House(firm, "http://localhost:9")
    client = silent.browser()
    assert client.get("/login/sso").headers["Location"] == "/login"
    assert "did not work" in client.get("/login").text


def test_without_a_provider_there_is_no_such_address(firm: Firm) -> None:
    site = create_site(firm.program, SiteSettings(SECRET))
    assert site.test_client().get("/login/sso").status_code == 404


def test_a_provider_is_configured_whole_and_over_an_encrypted_way(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("ZHANGGUI_DATA_DIR", str(tmp_path))
    for name in ("SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(f"ZHANGGUI_{name}", raising=False)
    monkeypatch.setenv("ZHANGGUI_OIDC_ISSUER", "http://login.example")
    with pytest.raises(BadConfig) as error:
        read()
    assert set(error.value.faults) == {f"ZHANGGUI_OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")}
    monkeypatch.setenv("ZHANGGUI_OIDC_ISSUER", "https://login.example")
    monkeypatch.setenv("ZHANGGUI_OIDC_CLIENT_ID", "zhanggui")
    monkeypatch.setenv("ZHANGGUI_OIDC_CLIENT_SECRET", "hunter2")
    config = read()
    assert config.sign_on is not None
    assert config.sign_on.name == "login.example"
    assert "hunter2" not in repr(config)
