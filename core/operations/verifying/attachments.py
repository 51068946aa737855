"""What hangs on records is what their histories tell: every file that was attached, none taken off but by people.

Contents may be whole while the row that leads to them was taken away, led elsewhere or marked as taken off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any

from sqlalchemy import exists, select

from core.operations.verifying.questions import HISTORY
from core.records.files import Attachment
from core.records.verify import AT_ONCE, STREAMED, Finding
from core.text import _
from core.work import Work

_ATTACHED: Any = Attachment.__table__
ATTACH, DETACH, DISCARD = "attach", "detach", "discard"
Record = tuple[str, int]
File = tuple[str, str]


@dataclass(slots=True)
class Hung:
    """The files of one record, by name and hash: all that ever hung there, and those that still do."""

    ever: Counter[File] = field(default_factory=Counter)
    still: Counter[File] = field(default_factory=Counter)


def verify_attachments(work: Work) -> Iterator[Finding]:
    """Files that are missing where the history attached them, or hang where it tells nothing of them."""
    told = _told(work)
    while batch := dict(islice(told, AT_ONCE)):
        here = _here(work, batch)
        for record, wanted in batch.items():
            yield from _compare(record, wanted, here.get(record, Hung()))
    yield from _unheard_of(work)


def _told(work: Work) -> Iterator[tuple[Record, Hung]]:
    """What the histories tell, record by record; what hung on a discarded draft is taken off with it."""
    rows = work.connection.execute(
        select(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.what, HISTORY.c.changes)
        .where(HISTORY.c.company_id == work.company.id, HISTORY.c.what.in_((ATTACH, DETACH, DISCARD)))
        .order_by(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.id),
        execution_options=STREAMED,
    )
    for (kind, key), entries in groupby(rows, key=lambda row: (row.kind, row.record_id)):
        found = Hung()
        for entry in entries:
            if entry.what == DISCARD:
                found.still.clear()
                continue
            came = entry.what == ATTACH
            # From nothing to the file, or from the file to nothing.
            file = entry.changes["file"][came], entry.changes["sha256"][came]
            found.ever[file] += came
            found.still[file] += 1 if came else -1
        if +found.ever:
            yield (kind, key), found


def _here(work: Work, records: Mapping[Record, Hung]) -> dict[Record, Hung]:
    found: dict[Record, Hung] = {}
    names = ("kind", "record_id", "name", "sha256", "removed_at")
    rows = work.connection.execute(
        select(*(_ATTACHED.c[name] for name in names)).where(
            _ATTACHED.c.company_id == work.company.id,
            _ATTACHED.c.kind.in_(sorted({kind for kind, _key in records})),
            _ATTACHED.c.record_id.in_(sorted({key for _kind, key in records})),
        )
    )
    for row in rows:
        hung = found.setdefault((row.kind, row.record_id), Hung())
        hung.ever[row.name, row.sha256] += 1
        hung.still[row.name, row.sha256] += row.removed_at is None
    return found


def _compare(record: Record, told: Hung, here: Hung) -> Iterator[Finding]:
    for file in sorted(told.ever.keys() | here.ever.keys()):
        where = _name(record, file)
        if here.ever[file] < told.ever[file]:
            yield Finding("file.gone", where, _("It was attached, and what kept it there is missing."))
        elif here.ever[file] > told.ever[file]:
            yield Finding("file.unknown", where, _("It hangs there, and the history does not know of it."))
        elif here.still[file] < told.still[file]:
            yield Finding("file.hidden", where, _("It is marked as taken off, and nobody took it off."))
        elif here.still[file] > told.still[file]:
            yield Finding("file.back", where, _("It hangs there, though it was taken off."))


def _unheard_of(work: Work) -> Iterator[Finding]:
    """Files on records of whose history no entry attaches anything."""
    attached = exists().where(
        HISTORY.c.company_id == work.company.id,
        HISTORY.c.kind == _ATTACHED.c.kind,
        HISTORY.c.record_id == _ATTACHED.c.record_id,
        HISTORY.c.what == ATTACH,
    )
    names = ("kind", "record_id", "name", "sha256")
    rows = work.connection.execute(
        select(*(_ATTACHED.c[name] for name in names)).where(_ATTACHED.c.company_id == work.company.id, ~attached)
    )
    for row in rows:
        text = _("It hangs there, and the history does not know of it.")
        yield Finding("file.unknown", _name((row.kind, row.record_id), (row.name, row.sha256)), text)


def _name(record: Record, file: File) -> str:
    return f"{file[0]} ({record[0]} {record[1]})"
