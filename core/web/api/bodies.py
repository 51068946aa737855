"""Reading what a program sends: strict JSON, of bounded size and depth, where nothing is dropped in silence."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import Request

from core.text import _
from core.web.api.calls import BINARY, BadRequest

LARGEST_BODY, LARGEST_FILE = 4 * 1024 * 1024, 50 * 1024 * 1024
DEEPEST = 12
LONGEST_NUMBER = 64
LONGEST_KEY = 100


class _Unreadable(ValueError):
    """The text is JSON for some readers and not for others."""


def content(request: Request) -> Any:
    """The JSON of the body. Raises ``BadRequest``: 415 for another kind of content, 400 for what is not strict JSON."""
    if request.mimetype != "application/json":
        raise BadRequest(415, _("Send application/json."), "body.kind")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadRequest(415, _("Send the body as it is, not packed."), "body.encoding")
    return strict(request.get_data(cache=True))


def file(request: Request) -> bytes:
    """The body as it is, for a file. Raises ``BadRequest`` 415 for another kind of content, or when it is packed."""
    if request.mimetype != BINARY:
        raise BadRequest(415, _("Send {kind}.", kind=BINARY), "body.kind")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise BadRequest(415, _("Send the body as it is, not packed."), "body.encoding")
    return request.get_data(cache=False)


def strict(raw: bytes) -> Any:
    """``raw`` as JSON in UTF-8: no key twice, no NaN, no number or nesting beyond reason. Fractions become decimals."""
    try:
        found = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_fraction,
            parse_int=_whole,
            parse_constant=_constant,
        )
    except (ValueError, RecursionError):
        raise BadRequest(400, _("The body is not JSON that can be read."), "body.unreadable") from None
    if _deep(found, DEEPEST):
        raise BadRequest(400, _("The body is nested too deeply."), "body.deep")
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs) or any(len(key) > LONGEST_KEY or not key.isprintable() for key in found):
        raise _Unreadable
    return found


def _fraction(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise _Unreadable
    return Decimal(text)


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _Unreadable
    return int(text)


def _constant(text: str) -> Any:
    raise _Unreadable


def _deep(value: Any, left: int) -> bool:
    inner: Iterable[Any] = ()
    if isinstance(value, dict):
        inner = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return False
    return left == 0 or any(_deep(one, left - 1) for one in inner)
