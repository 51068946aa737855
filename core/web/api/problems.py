"""Saying no to programs: ``application/problem+json`` (RFC 9457), in the caller's language, without our insides."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from core.canonical import plain
from core.errors import DomainError, Forbidden, Invalid, Refused, Stale, Unauthenticated, Unknown
from core.text import Text, _
from core.web.api.calls import PROBLEM, Answer, BadRequest
from core.work import Busy

_log = logging.getLogger("zhanggui.api")
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (Unknown, 404),
    (Forbidden, 403),
    (Unauthenticated, 401),
    (Stale, 412),
    (Invalid, 422),
    (Busy, 503),
)
TITLES: dict[int, Text] = {
    400: _("This request was not understood"),
    401: _("A valid token is needed"),
    403: _("You may not open this"),
    404: _("There is nothing here"),
    405: _("This cannot be done this way"),
    406: _("This cannot be given in the form asked for"),
    409: _("This cannot be done now."),
    412: _("Somebody else was faster"),
    413: _("This is too large"),
    415: _("This form of content is not accepted"),
    422: _("Please correct what is marked."),
    428: _("Say which version you have seen"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("The system is busy"),
}
CODES = {400: "request.invalid", 404: "not_found", 405: "method", 413: "body.large", 429: "too_many", 500: "internal"}


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal; 409 for all that the state of things does not allow."""
    if isinstance(error, BadRequest):
        return error.status
    return next((status for kind, status in STATUS if isinstance(error, kind)), 409)


def refusal(error: DomainError, request_id: str) -> Answer:
    """A refusal with its places, its objections, or the two versions that differ."""
    status = status_of(error)
    said: dict[str, Any] = {}
    if isinstance(error, Invalid):
        said["errors"] = [{"path": f.path, "code": f.code, "message": str(f.text)} for f in error.faults]
    if isinstance(error, Refused):
        said["objections"] = [
            {"code": o.code, "message": str(o.text), "strength": o.strength.value, "excess": plain(o.excess)}
            for o in error.objections
        ]
    if isinstance(error, Stale):
        said |= {"seen": error.seen, "current": error.current}
    return problem(status, error.code, str(error), request_id, **said)


def problem(status: int, code: str, detail: str, request_id: str, **more: Any) -> Answer:
    """A problem of ``status``; ``code`` is for programs and stays, ``detail`` is for people."""
    said = {
        "type": "about:blank",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **more,
    }
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}, 503: {"Retry-After": "1"}}
    return Answer(status, json.dumps(said, ensure_ascii=False), headers.get(status, {}), PROBLEM)


def refused_by_server(error: HTTPException, request_id: str) -> Answer:
    """What the router or the server library refused."""
    status = error.code or 500
    return problem(status, CODES.get(status, "http"), str(TITLES.get(status, TITLES[400])), request_id)


def no_such_method(known: Collection[str], request_id: str) -> Answer:
    """The address knows other methods; ``Allow`` names them."""
    said = problem(405, "method", str(TITLES[405]), request_id)
    allowed = sorted({*known, *(["HEAD"] if "GET" in known else [])})
    return Answer(said.status, said.body, {"Allow": ", ".join(allowed)}, said.kind)


def failed(error: Exception, where: str, request_id: str) -> Answer:
    """A mistake of ours, or a database out of reach: recorded whole, told without its inside."""
    _log.error("%s failed (%s)", where, request_id, exc_info=error)
    if _out_of_reach(error):
        said = _("The system cannot be reached now. Repeat the request with the same Idempotency-Key.")
        return problem(503, "unavailable", str(said), request_id)
    said = _("Nothing was saved. The failure has been recorded.")
    return problem(500, "internal", str(said), request_id)


def _out_of_reach(error: Exception) -> bool:
    if isinstance(error, PoolTimeout):
        return True
    said = str(getattr(error, "orig", ""))
    lite = any(word in said for word in ("locked", "unable to open", "disk"))
    return isinstance(error, OperationalError) and (lite or "sqlite3" not in type(error.orig).__module__)
