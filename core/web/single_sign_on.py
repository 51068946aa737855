"""Signing in through an OpenID Connect provider, where one is configured. Needs the extra ``zhanggui[oidc]``.

Authlib does the protocol: state and nonce in the signed cookie of the page, PKCE, and the signature, issuer, audience
and time of the token. Nobody gets an account by this: whoever signs in has one here already.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue

from core.config import SignOn
from core.errors import DomainError, Unknown
from core.lazy import sign_on_client
from core.operations import identities
from core.text import _
from core.web.current import root, visitor
from core.web.entering import PATIENCE, proven, safe
from core.web.screens import say
from core.web.serving import program

if TYPE_CHECKING:
    from flask import Flask

single_sign_on = Blueprint("single_sign_on", __name__)
KEPT = "sso"
SECONDS = 10
_log = logging.getLogger("zhanggui.web")


def provider() -> SignOn | None:
    """The provider that is configured."""
    found: SignOn | None = current_app.config.get("ZHANGGUI_SIGN_ON")
    return found


def offered(wanted: str = "") -> dict[str, str] | None:
    """What the sign-in page offers: the provider's name and where to go."""
    found = provider()
    return {"name": found.name, "url": f"{root()}/login/sso", "next": safe(wanted)} if found else None


def intend_to_link(back: str) -> None:
    """The visitor is about to link the account: whoever comes back from the provider in this browser is meant."""
    session[KEPT] = {"link": visitor().account_id, "next": back, "at": int(time.time())}


@single_sign_on.get("/login/sso")
def leave() -> ResponseReturnValue:
    """Off to the provider."""
    client = _client()
    if request.args.get("link") is None:
        session[KEPT] = {"link": None, "next": safe(request.args.get("next", ""))}
    try:
        there: ResponseReturnValue = client.authorize_redirect(f"{request.host_url.rstrip('/')}{root()}/login/sso/back")
    except _failures() as error:
        return _failed(error)
    return there


@single_sign_on.get("/login/sso/back")
def back() -> ResponseReturnValue:
    """Back from the provider: in, or linked."""
    kept = session.pop(KEPT, None) or {}
    try:
        claims = _claims(_client())
    except _failures() as error:
        return _failed(error)
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    if kept.get("link") is not None:
        return _linked(kept, issuer, subject, claims)
    with program().works.installation() as connection:
        found = identities.known(connection, issuer, subject)
        if found is None:
            found = identities.claimed(connection, issuer, claims, _configured().claim)
            if found is not None:
                identities.link(connection, found, issuer, subject, _label(claims))
    if found is None:
        say(_("Nobody here is linked with this sign-on. Sign in by password, then link it under “My account”."), "bad")
        return redirect(f"{root()}/login", 303)
    return proven(found, "sso", kept.get("next", ""))


def _linked(kept: Mapping[str, Any], issuer: str, subject: str, claims: Mapping[str, Any]) -> ResponseReturnValue:
    """Link the account of who asked for it, if it is still the one who is signed in here."""
    if g.get("visitor") is None or visitor().account_id != kept["link"]:
        raise Unknown()
    if time.time() - kept["at"] > PATIENCE:
        return _failed(TimeoutError())
    try:
        with program().works.installation() as connection:
            identities.link(connection, kept["link"], issuer, subject, _label(claims))
        say(_("The sign-on is linked with your account."))
    except DomainError as error:
        say(str(error), "bad")
    return redirect(safe(kept.get("next", "")) or f"{root()}/", 303)


def _label(claims: Mapping[str, Any]) -> str:
    return str(claims.get("preferred_username") or claims.get("email") or claims["sub"])


def _configured() -> SignOn:
    found = provider()
    if found is None:
        raise Unknown()
    return found


def _client() -> Any:
    """Authlib's client of the provider; the provider says of itself where it answers when it is first asked."""
    found, made = _configured(), current_app.extensions.get("zhanggui_sign_on")
    if made is None or made[0] is not found:
        made = (found, _made(current_app._get_current_object(), found))  # type: ignore[attr-defined]
        current_app.extensions["zhanggui_sign_on"] = made
    return made[1]


def _made(app: Flask, found: SignOn) -> Any:
    oauth = sign_on_client().OAuth(app)
    return oauth.register(
        "zhanggui",
        client_id=found.client_id,
        client_secret=found.client_secret,
        server_metadata_url=f"{found.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )


def _claims(client: Any) -> Mapping[str, Any]:
    """What the token says, when it holds and is of the provider that is configured."""
    claims: Mapping[str, Any] = client.authorize_access_token(timeout=SECONDS).get("userinfo") or {}
    if str(claims.get("iss", "")).rstrip("/") != _configured().issuer.rstrip("/") or not claims.get("sub"):
        raise ValueError("the token is of another issuer, or says nobody")
    return claims


def _failures() -> tuple[type[Exception], ...]:
    """What can go wrong between here and the provider."""
    from authlib.common.errors import AuthlibBaseError
    from joserfc.errors import JoseError
    from requests import RequestException

    return (AuthlibBaseError, JoseError, RequestException, ValueError, RuntimeError)


def _failed(error: Exception) -> ResponseReturnValue:
    _log.warning("single sign-on failed: %s", type(error).__name__)
    say(_("The single sign-on did not work. Please try again, or sign in by password."), "bad")
    return redirect(f"{root()}/login", 303)
