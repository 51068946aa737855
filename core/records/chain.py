"""The hash chain of a record: each entry is sealed with the one before, and the record's row keeps the head.

An entry edited, removed or put elsewhere no longer fits its hash; one cut off at the end no longer fits the head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from core.canonical import canonical_plain

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
    """The hash of an entry, its changes plain, that follows the one with hash ``prev``.

    One from before contents were hashed has no hashes of them, and is sealed as it was.
    """
    sealed = [row[key] for key in SEALED]
    if hashes := row["hashes"]:
        sealed.append(hashes)
    return hashlib.sha256(prev + canonical_plain(sealed).encode()).digest()
