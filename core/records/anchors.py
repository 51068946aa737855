"""Anchors: the history sealed in batches, each chained to the one before.

Whoever owns the database could rewrite a whole chain; then the anchor no longer fits. He could rewrite the anchors;
then they no longer fit what is written down outside of the database (``core.records.outside``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import exists, func, insert, select

from core.canonical import canonical
from core.db.engine import is_sqlite
from core.entities.company import ZERO
from core.records.models import Anchor, AnchorItem, History
from core.work import Work

_HISTORY: Any = History.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__
BATCH = 20_000
LOCK = 7_341  # the advisory lock that lets one seal at a time work on a company


def seal_history(work: Work) -> int:
    """Seal every committed entry that no anchor holds yet, whatever its id; gives back how many there were.

    An entry may commit after one with a greater id, so the question is never "what came after the last".
    """
    if not is_sqlite(work.connection):
        work.connection.execute(select(func.pg_advisory_xact_lock(LOCK, work.company.id)))
    prev = work.connection.execute(
        select(_ANCHOR.c.hash).where(_ANCHOR.c.company_id == work.company.id).order_by(_ANCHOR.c.id.desc()).limit(1)
    ).scalar()
    head = bytes(prev) if prev else ZERO
    sealed, rows = 0, iter(_unsealed(work))
    while batch := list(islice(rows, BATCH)):
        head = _anchor(work, batch, head)
        sealed += len(batch)
    return sealed


def _unsealed(work: Work) -> list[Any]:
    held = exists().where(_ITEM.c.company_id == _HISTORY.c.company_id, _ITEM.c.history_id == _HISTORY.c.id)
    columns = (_HISTORY.c.id, _HISTORY.c.kind, _HISTORY.c.record_id, _HISTORY.c.document_id, _HISTORY.c.hash)
    return list(
        work.connection.execute(
            select(*columns).where(_HISTORY.c.company_id == work.company.id, ~held).order_by(_HISTORY.c.id)
        )
    )


def _anchor(work: Work, batch: Sequence[Any], prev: bytes) -> bytes:
    root = merkle_root([leaf(row) for row in batch])
    row: dict[str, Any] = {"company_id": work.company.id, "at": work.now, "entries": len(batch)}
    row |= {"root": root, "prev": prev}
    row["hash"] = anchor_hash(row)
    key = work.connection.execute(insert(_ANCHOR).returning(_ANCHOR.c.id), row).scalar_one()
    work.connection.execute(
        insert(_ITEM),
        [
            {"company_id": work.company.id, "history_id": entry.id, "anchor_id": key, "position": place}
            for place, entry in enumerate(batch)
        ],
    )
    return bytes(row["hash"])


def leaf(entry: Any) -> bytes:
    """What an anchor holds of an entry: its own seal, and which record it stands at."""
    place = canonical([entry.id, entry.kind, entry.record_id, entry.document_id]).encode()
    return hashlib.sha256(b"\x00" + place + bytes(entry.hash)).digest()


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """The one hash over all ``leaves``, in their order; zeros over none."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[2 * len(pairs) :]
    return level[0] if level else ZERO


def anchor_hash(row: Any) -> bytes:
    """The hash of an anchor, over its figures and the anchor before it."""
    figures = canonical([row["company_id"], row["at"].isoformat(), row["entries"]]).encode()
    return hashlib.sha256(bytes(row["prev"]) + bytes(row["root"]) + figures).digest()
