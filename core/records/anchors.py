"""Anchors: the history sealed in batches, each chained to the one before, and written down outside of the database.

Whoever owns the database could rewrite a whole chain; then the anchor no longer fits. He could rewrite the anchors;
then they no longer fit the lines in the file outside, which belongs on another machine or on paper.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
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


# Outside ---------------------------------------------------------------------------------------------------------


def publish(work: Work, path: Path) -> int:
    """Append the company's anchors that the file does not have yet; when it returns they are on the disk.

    Safe to repeat, and from several processes: a line written twice says the same twice.
    """
    last = max(outside(path, work.company.id), default=0)
    rows = work.connection.execute(
        select(_ANCHOR).where(_ANCHOR.c.company_id == work.company.id, _ANCHOR.c.id > last).order_by(_ANCHOR.c.id)
    ).all()
    _append(
        path,
        [
            {
                "company": work.company.id,
                "code": work.company.code,
                "anchor": row.id,
                "at": row.at.isoformat(),
                "entries": row.entries,
                "root": bytes(row.root).hex(),
                "hash": bytes(row.hash).hex(),
            }
            for row in rows
        ],
    )
    return len(rows)


def outside(path: Path, company_id: int) -> dict[int, str]:
    """The hash of each anchor of a company that the file tells of. A restored backup takes back those after it."""
    found: dict[int, str] = {}
    for line in _lines(path):
        if line.get("company") != company_id:
            continue
        if "restored" in line:
            found = {key: value for key, value in found.items() if key <= line["restored"]}
        else:
            found[line["anchor"]] = line["hash"]
    return found


def restored(work: Work, path: Path) -> None:
    """Tell the file that a backup was brought back: the anchors after its last are no longer in the database."""
    last = work.connection.execute(
        select(func.coalesce(func.max(_ANCHOR.c.id), 0)).where(_ANCHOR.c.company_id == work.company.id)
    ).scalar_one()
    _append(path, [{"company": work.company.id, "code": work.company.code, "restored": last, "at": str(work.now)}])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                line: dict[str, Any] = json.loads(text)
            except ValueError:
                # Half a line is what a power cut leaves; what it said is written again by the next run.
                line = {"unreadable": number}
            yield line


def _append(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        begun = file.read(1) not in ("", "\n")
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        file.write(("\n" if begun else "") + text)
        file.flush()
        os.fsync(file.fileno())
