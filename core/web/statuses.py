"""What a refusal is over HTTP: its status, its title and its parts, the same for pages and for programs."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.errors import (
    Conflict,
    DomainError,
    Forbidden,
    IllegalMove,
    Invalid,
    Refused,
    Stale,
    Unauthenticated,
    Unknown,
)
from core.text import Text, _
from core.work import Busy

# The first that fits.
STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (Unknown, 404),
    (Forbidden, 403),
    (Unauthenticated, 401),
    (Stale, 412),
    (Invalid, 422),
    (Busy, 503),
    (Refused, 409),
    (IllegalMove, 409),
    (Conflict, 409),
)
TITLES: dict[int, Text] = {
    400: _("This request was not understood"),
    401: _("Please sign in."),
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


def status_of(error: DomainError, otherwise: int = 409) -> int:
    """The HTTP status of a refusal."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), otherwise)


def title_of(status: int) -> str:
    """What a status is called in the reader's language."""
    return str(TITLES.get(status, TITLES[400]))


def problem_of(status: int, code: str, detail: str, request_id: str, **more: Any) -> dict[str, Any]:
    """A problem (RFC 9457); ``code`` is for programs and stays, ``detail`` is for people."""
    return {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **more,
    }


def parts_of(error: DomainError) -> dict[str, Any]:
    """The places of an input, the objections to a move, or the two versions that differ."""
    if isinstance(error, Invalid):
        return {"errors": [{"path": f.path, "code": f.code, "message": str(f.text)} for f in error.faults]}
    if isinstance(error, Refused):
        found = [
            {"code": o.code, "message": str(o.text), "strength": o.strength.value, "excess": plain(o.excess)}
            for o in error.objections
        ]
        return {"objections": found}
    return {"seen": error.seen, "current": error.current} if isinstance(error, Stale) else {}
