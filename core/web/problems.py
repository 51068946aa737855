"""Saying no: a page for people, ``application/problem+json`` for programs, never a bare failure."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from core.errors import DomainError, Invalid, Unauthenticated
from core.text import Text, _
from core.web import shell
from core.web.current import reading, root, wants_json
from core.web.statuses import parts_of, problem_of, status_of, title_of

_log = logging.getLogger("zhanggui.web")
HELP: dict[int, Text] = {
    404: _("It may belong to another company, or its area is not in use here."),
    403: _("Ask an administrator of your company if you need it."),
    500: _("Nothing was saved. The failure has been recorded."),
}


def problem(error: DomainError, **more: Any) -> tuple[Response, int]:
    """A refusal for programs (RFC 9457), each place of an input with its sentence."""
    status = status_of(error, 400)
    said = problem_of(status, error.code, str(error), g.get("request_id", ""), **{**parts_of(error), **more})
    answer = jsonify(said)
    answer.mimetype = "application/problem+json"
    return answer, status


def register(app: Flask) -> None:
    """Let the site say no in one way."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(CSRFError, expired)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, failed)


def refused(error: DomainError) -> ResponseReturnValue:
    """A refusal that nobody else has answered."""
    if wants_json():
        return problem(error)
    if isinstance(error, Unauthenticated):
        return redirect(f"{root()}/login?{urlencode({'next': _here()})}", 303)
    status = status_of(error, 400)
    reasons = [str(f.text) for f in error.faults] if isinstance(error, Invalid) else []
    text = str(error) if str(error) != title_of(status) else str(HELP.get(status, ""))
    return page(status, text, reasons)


def _here() -> str:
    """The address that was asked for, to come back to; nothing after a form was sent."""
    if request.method != "GET":
        return ""
    query = request.query_string.decode(errors="replace")
    return f"{request.script_root}{request.path}" + (f"?{query}" if query else "")


def expired(error: CSRFError) -> ResponseReturnValue:
    """The page was open for too long, or the request comes from elsewhere."""
    return refused(DomainError(_("This page has expired. Please load it again."), code="csrf"))


def http(error: HTTPException) -> ResponseReturnValue:
    """What the router or the server library refused."""
    status = error.code or 500
    if status < 400:
        return error
    if wants_json():
        said = {"type": "about:blank", "title": title_of(status), "status": status, "code": "http"}
        answer = jsonify(said)
        answer.mimetype = "application/problem+json"
        return answer, status
    return page(status, str(HELP.get(status, "")))


def failed(error: Exception) -> ResponseReturnValue:
    """A mistake of ours: recorded whole, told without its inside."""
    _log.exception("%s %s failed (%s)", request.method, request.path, g.get("request_id"), exc_info=error)
    g.failed = True
    if wants_json():
        answer = jsonify(
            {
                "type": "about:blank",
                "title": title_of(500),
                "status": 500,
                "code": "internal",
                "request_id": g.get("request_id", ""),
            }
        )
        answer.mimetype = "application/problem+json"
        return answer, 500
    return page(500, str(HELP[500]))


def page(status: int, text: str, reasons: list[str] | None = None) -> ResponseReturnValue:
    """The page of a refusal, in the shell where there is one."""
    trouble = {
        "code": status,
        "title": title_of(status),
        "text": text,
        "reasons": reasons or [],
        "request_id": g.get("request_id", "") if status >= 500 else "",
        "home_url": f"{request.script_root}/",
        "back_url": request.referrer if request.method != "GET" else "",
    }
    return render_template("zhanggui/error.html", trouble=trouble, shell=_shell(), **shell.bare()), status


def _shell() -> dict[str, Any] | None:
    if g.get("visitor") is None or g.get("company_id") is None or "failed" in g:
        return None
    try:
        with reading() as work:
            return shell.build(work)
    except DomainError:
        return None
