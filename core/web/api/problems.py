"""Saying no to programs: ``application/problem+json`` (RFC 9457), in the caller's language, without our insides."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from core.errors import DomainError
from core.text import _
from core.web.api.calls import PROBLEM, Answer, BadRequest
from core.web.statuses import parts_of, problem_of, status_of, title_of

_log = logging.getLogger("zhanggui.api")
CODES = {400: "request.invalid", 404: "not_found", 405: "method", 413: "body.large", 429: "too_many", 500: "internal"}


def refusal(error: DomainError, request_id: str) -> Answer:
    """A refusal with its places, its objections, or the two versions that differ."""
    status = error.status if isinstance(error, BadRequest) else status_of(error)
    return problem(status, error.code, str(error), request_id, **parts_of(error))


def problem(status: int, code: str, detail: str, request_id: str, **more: Any) -> Answer:
    """A problem as an answer, with the headers that belong to its status."""
    said = problem_of(status, code, detail, request_id, **more)
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "5"}, 503: {"Retry-After": "1"}}
    return Answer(status, json.dumps(said, ensure_ascii=False), headers.get(status, {}), PROBLEM)


def refused_by_server(error: HTTPException, request_id: str) -> Answer:
    """What the router or the server library refused."""
    status = error.code or 500
    return problem(status, CODES.get(status, "http"), title_of(status), request_id)


def no_such_method(known: Collection[str], request_id: str) -> Answer:
    """The address knows other methods; ``Allow`` names them."""
    said = problem(405, "method", title_of(405), request_id)
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
