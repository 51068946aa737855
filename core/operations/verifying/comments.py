"""A comment says what its record's history says that it says, and none is missing or was slipped in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby, islice
from typing import Any

from sqlalchemy import exists, select

from core.operations.verifying.questions import HISTORY
from core.records.comments import Comment
from core.records.verify import AT_ONCE, STREAMED, Finding
from core.text import _
from core.work import Work

_COMMENT: Any = Comment.__table__
SAID = "comment"
WHATS = (SAID, "edit_comment", "remove_comment")
Record = tuple[str, int]
# By id what a comment says now; nothing where it was taken back.
Told = dict[int, str | None]


def verify_comments(work: Work) -> Iterator[Finding]:
    """Comments that are missing, say something else than the history told last, or of which it does not know."""
    told = _told(work)
    while batch := dict(islice(told, AT_ONCE)):
        here = _here(work, batch)
        for record, wanted in batch.items():
            yield from _compare(record, wanted, here.get(record, {}))
    yield from _unheard_of(work)


def _told(work: Work) -> Iterator[tuple[Record, Told]]:
    rows = work.connection.execute(
        select(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.changes)
        .where(HISTORY.c.company_id == work.company.id, HISTORY.c.what.in_(WHATS))
        .order_by(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.id),
        execution_options=STREAMED,
    )
    for (kind, key), entries in groupby(rows, key=lambda row: (row.kind, row.record_id)):
        yield (kind, key), {row.changes["comment"][1]: row.changes["said"][1] for row in entries}


def _here(work: Work, records: Mapping[Record, Told]) -> dict[Record, Told]:
    found: dict[Record, Told] = {}
    names = ("id", "kind", "record_id", "text", "removed_at")
    rows = work.connection.execute(
        select(*(_COMMENT.c[name] for name in names)).where(
            _COMMENT.c.company_id == work.company.id,
            _COMMENT.c.kind.in_(sorted({kind for kind, _key in records})),
            _COMMENT.c.record_id.in_(sorted({key for _kind, key in records})),
        )
    )
    for row in rows:
        found.setdefault((row.kind, row.record_id), {})[row.id] = row.text if row.removed_at is None else None
    return found


def _compare(record: Record, told: Told, here: Told) -> Iterator[Finding]:
    where = f"{record[0]} {record[1]}"
    for key in sorted(told.keys() | here.keys()):
        if key not in here:
            yield Finding("comment.gone", where, _("Comment {id} is missing.", id=key))
        elif key not in told:
            yield Finding("comment.unknown", where, _("The history does not know of comment {id}.", id=key))
        elif told[key] != here[key]:
            text = _("Comment {id} says something else than its history.", id=key)
            yield Finding("comment.changed", where, text)


def _unheard_of(work: Work) -> Iterator[Finding]:
    """Comments on records of whose history no entry tells of any."""
    said = exists().where(
        HISTORY.c.company_id == work.company.id,
        HISTORY.c.kind == _COMMENT.c.kind,
        HISTORY.c.record_id == _COMMENT.c.record_id,
        HISTORY.c.what == SAID,
    )
    rows = work.connection.execute(
        select(_COMMENT.c.id, _COMMENT.c.kind, _COMMENT.c.record_id).where(
            _COMMENT.c.company_id == work.company.id, ~said
        )
    )
    for row in rows:
        text = _("The history does not know of comment {id}.", id=row.id)
        yield Finding("comment.unknown", f"{row.kind} {row.record_id}", text)
