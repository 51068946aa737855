"""The hash chain of a record: each entry is sealed with the one before, and the record's row keeps the head.

An entry edited, removed or put elsewhere no longer fits its hash; one cut off at the end no longer fits the head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from core.canonical import canonical

SEALED = (
    "company_id",
    "kind",
    "uid",
    "at",
    "actor_id",
    "actor",
    "request",
    "what",
    "source",
    "target",
    "reason",
    "changes",
)


def seal(prev: bytes, row: Mapping[str, Any]) -> bytes:
    """The hash of an entry that follows the entry with hash ``prev``."""
    return hashlib.sha256(prev + canonical([row[key] for key in SEALED]).encode()).digest()
