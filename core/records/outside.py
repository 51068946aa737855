"""Anchors written down outside of the database: a file that is only added to, and copies of it anywhere else.

A line is JSON and says enough to hold the database against it, so a copy may be on another machine, in a mail or on
paper; what is no such line is passed over.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.records.models import Anchor
from core.work import Work

_ANCHOR: Any = Anchor.__table__


@dataclass(frozen=True, slots=True)
class Written:
    """An anchor as it stands outside: its hash, and when it was made."""

    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A backup was brought back: when that was told, the last anchor that stayed, how many after it were taken back."""

    at: str
    last: int
    count: int


@dataclass(slots=True)
class Outside:
    """What the file outside tells of one company."""

    anchors: dict[int, Written] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)


def publish(work: Work, path: Path) -> int:
    """Append the company's anchors that the file does not have yet; when it returns they are on the disk.

    Safe to repeat, and from several processes: a line written twice says the same twice.
    """
    last = max(read(path, work.company.id).anchors, default=0)
    rows = work.connection.execute(
        select(_ANCHOR).where(_ANCHOR.c.company_id == work.company.id, _ANCHOR.c.id > last).order_by(_ANCHOR.c.id)
    ).all()
    _append(path, [line(work, row) for row in rows])
    return len(rows)


def newest(work: Work) -> Any | None:
    """The last anchor of the company; None while nothing is sealed."""
    mine = select(_ANCHOR).where(_ANCHOR.c.company_id == work.company.id)
    return work.connection.execute(mine.order_by(_ANCHOR.c.id.desc()).limit(1)).one_or_none()


def line(work: Work, row: Any) -> dict[str, Any]:
    """What is written of an anchor."""
    return {
        "company": work.company.id,
        "code": work.company.code,
        "anchor": row.id,
        "at": row.at.isoformat(),
        "entries": row.entries,
        "root": bytes(row.root).hex(),
        "hash": bytes(row.hash).hex(),
    }


def read(path: Path, company_id: int) -> Outside:
    """What a file or a copy of it tells of a company. A restored backup takes back the anchors after its last."""
    found = Outside()
    for one in _lines(path):
        if one.get("company") != company_id:
            continue
        if "restored" in one:
            kept = {key: value for key, value in found.anchors.items() if key <= one["restored"]}
            found.turns.append(Turn(str(one["at"]), one["restored"], len(found.anchors) - len(kept)))
            found.anchors = kept
        else:
            found.anchors[one["anchor"]] = Written(one["hash"], one["at"])
    return found


def companies(path: Path) -> dict[int, str]:
    """The companies that the file tells of: id and code."""
    return {one["company"]: str(one["code"]) for one in _lines(path)}


def restored(work: Work, path: Path) -> int:
    """Tell the file that a backup was brought back: what it says after the last anchor that still fits is no longer so.

    Gives back how many anchors that takes back.
    """
    written = read(path, work.company.id).anchors
    rows = work.connection.execute(select(_ANCHOR.c.id, _ANCHOR.c.hash).where(_ANCHOR.c.company_id == work.company.id))
    known = {row.id: bytes(row.hash).hex() for row in rows}
    last = max(shared(written, known), default=0)
    told = {"company": work.company.id, "code": work.company.code, "restored": last, "at": work.now.isoformat()}
    _append(path, [told])
    return sum(key > last for key in written)


def shared(written: dict[int, Written], known: dict[int, str]) -> list[int]:
    """The anchors that are the same on both sides, from the first on."""
    found = []
    for key in sorted(written):
        if known.get(key) != written[key].hash:
            break
        found.append(key)
    return found


def moment(written: Written) -> datetime | str:
    """When an anchor was made, as far as the line can be read."""
    try:
        return datetime.fromisoformat(written.at)
    except ValueError:
        return written.at


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from (one for text in file if (one := _line(text)))


def _line(text: str) -> dict[str, Any] | None:
    """A line of ours; None for half a line, as a power cut leaves it, and for what else stands in a mail."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    if not isinstance(found, dict) or not isinstance(found.get("company"), int) or "code" not in found:
        return None
    whole = isinstance(found.get("anchor", found.get("restored")), int) and isinstance(found.get("at"), str)
    return found if whole and ("restored" in found or isinstance(found.get("hash"), str)) else None


def written(lines: Iterable[dict[str, Any]]) -> str:
    """Lines as they stand in the file."""
    return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)


def _append(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 1))
        begun = file.read(1) not in ("", "\n")
        file.write(("\n" if begun else "") + written(lines))
        file.flush()
        os.fsync(file.fileno())
