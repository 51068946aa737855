"""The second step of signing in: a code of the app, or a recovery code."""

from __future__ import annotations

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from core.operations import access, two_step
from core.text import Text, _
from core.web import sessions, shell
from core.web.current import origin, root
from core.web.entering import entered, half, vault
from core.web.serving import program

second_step = Blueprint("second_step", __name__)


@second_step.get("/login/code")
def form() -> ResponseReturnValue:
    """Ask for the code."""
    return _page() if half() else redirect(f"{root()}/login", 303)


@second_step.post("/login/code")
def check() -> ResponseReturnValue:
    """Take the code and let the person in."""
    who = half()
    if who is None:
        return redirect(f"{root()}/login", 303)
    right = takes(who.account_id, request.form.get("code", ""))
    if right is None:
        return _page(_("Too many attempts. Please wait a little."), 429)
    if not right:
        return _page(_("This code is not right, or was used already."), 401)
    return entered(who.account_id, "code" if who.way == "password" else who.way, who.wanted)


def takes(account_id: int, code: str) -> bool | None:
    """Whether a code is right, which uses it up; None when there were too many wrong ones. A try is taken first."""
    counted = sessions.counted_codes(account_id, request.remote_addr or "")
    with program().works.installation() as connection:
        free = sessions.attempt(connection, counted)
    if not free:
        return None
    with program().works.installation() as connection:
        right = two_step.takes(connection, account_id, code[:60], vault())
        if right:
            sessions.forgiven(connection, *counted)
        else:
            access.signed(connection, account_id, "sign_in_failed", origin(), request=g.request_id, way="code")
    return right


def _page(error: Text | None = None, status: int = 200) -> Response:
    values = {"action": f"{root()}/login/code", "back_url": f"{root()}/login", "error": error}
    answer = make_response(render_template("zhanggui/login_code.html", gate=values, **shell.bare()), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
