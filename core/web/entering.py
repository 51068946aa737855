"""The last steps of signing in, whichever way somebody came: the second step where there is one, then the session."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, redirect, request, session
from sqlalchemy import Connection, select

from core.entities.account import Account
from core.operations import access, two_step
from core.operations.password_rules import rules_of
from core.web import sessions
from core.web.current import origin, root
from core.web.serving import program

_ACCOUNT: Any = Account.__table__
HALF = "half"
# Seconds in which the second step follows the first.
PATIENCE = 600


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who has passed the first step and not the second."""

    account_id: int
    way: str
    wanted: str


def vault() -> two_step.Vault:
    """What opens the seeds of this installation."""
    return two_step.Vault(current_app.config["SECRET_KEY"])


def proven(account_id: int, way: str, wanted: str) -> Response:
    """The first step is done: on to the second where the account has one, else in."""
    with program().works.installation(reads=True) as connection:
        asked = two_step.in_force(connection, account_id)
        mark = _mark(connection, account_id)
    if not asked:
        return entered(account_id, way, wanted)
    session.clear()
    session[HALF] = {"account": account_id, "way": way, "wanted": wanted, "mark": mark, "at": int(time.time())}
    return make_response(redirect(f"{root()}/login/code", 303))


def half() -> Half | None:
    """Who has passed the first step in this browser a moment ago; a new password since then undoes it."""
    kept = session.get(HALF)
    if not isinstance(kept, dict) or not 0 <= time.time() - kept["at"] <= PATIENCE:
        return None
    with program().works.installation(reads=True) as connection:
        if _mark(connection, kept["account"]) != kept["mark"]:
            return None
    return Half(kept["account"], kept["way"], kept["wanted"])


def knows(login: str, password: str) -> bool | None:
    """Whether this is the password of an account; None when there were too many wrong ones. A try is taken first."""
    counted = sessions.counted(login, request.remote_addr or "")
    with program().works.installation() as connection:
        free = sessions.attempt(connection, counted)
    if not free:
        return None
    with program().works.installation(reads=True) as connection:
        found = sessions.account(connection, login, password)
    with program().works.installation() as connection:
        if found is None:
            access.failed(connection, login, origin(), request=g.request_id, way="password")
        else:
            sessions.forgiven(connection, *counted)
    return found is not None


def entered(account_id: int, way: str, wanted: str) -> Response:
    """A new session, and on to the page that was wanted."""
    with program().works.installation() as connection:
        hours = rules_of(connection, account_id).hours
        key = sessions.begin(
            connection,
            account_id,
            address=request.remote_addr or "",
            agent=str(request.user_agent),
            hours=hours,
            way=way,
        )
        access.signed(connection, account_id, "sign_in", origin(), request=g.request_id, way=way)
    session.clear()
    answer = make_response(redirect(safe(wanted) or f"{root()}/", 303))
    answer.set_cookie(
        sessions.COOKIE,
        key,
        max_age=hours * 3600,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure or current_app.config["SESSION_COOKIE_SECURE"],
        path=f"{root()}/",
    )
    return answer


def safe(path: str) -> str:
    """``path`` if it stays within this site."""
    # A browser reads a backslash as a slash, leaves out what cannot be printed, and takes any slashes in front as two.
    within = path.isprintable() and path.startswith("/") and path[1:2] not in {"/", "\\"}
    return path if within and not urlsplit(path).netloc else ""


def _mark(connection: Connection, account_id: int) -> str:
    """What changes with the password, and when the account is closed."""
    row = connection.execute(
        select(_ACCOUNT.c.password_hash, _ACCOUNT.c.active).where(_ACCOUNT.c.id == account_id)
    ).one_or_none()
    return sessions.digest(row.password_hash)[:20] if row is not None and row.active else ""
