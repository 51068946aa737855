"""The one way in which values are written down before they are hashed, compared or sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

_PLAIN = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """``value`` as JSON keeps it: decimals as text without loss, moments in ISO form."""
    if type(value) in _PLAIN:
        return value
    match value:
        case Decimal():
            return format(value.normalize() if value else Decimal(0), "f")
        case datetime() | date():
            return value.isoformat()
        case Enum():
            return value.value
        case Mapping():
            return {str(k): v if type(v) in _PLAIN else plain(v) for k, v in value.items()}
        case list() | tuple():
            return [v if type(v) in _PLAIN else plain(v) for v in value]
        case str() | int() | bool() | None:
            return value
        case _:
            return str(value)


def canonical(value: Any) -> str:
    """The one way in which ``value`` is written before it is hashed."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)


def canonical_plain(value: Any) -> str:
    """As ``canonical`` writes it, of what is plain already but for moments and figures: without looking through it."""
    return _ENCODER.encode(value)


def fingerprint(value: Any) -> str:
    """The hash of any content, in hexadecimal."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every key of ``after`` whose value is another than before: old and new."""
    if not before:
        return {key: [None, plain(value)] for key, value in after.items() if value is not None}
    pairs = ((key, plain(before.get(key)), plain(value)) for key, value in after.items())
    return {key: [old, new] for key, old, new in pairs if old != new}
