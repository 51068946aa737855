"""Is every file still there, and still what was attached? Each content is read and its hash taken again (PLT-10)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, exists, func, literal_column, select

from core.db.engine import is_sqlite
from core.operations.verifying.attachments import verify_attachments
from core.records.files import Attachment, FileState, StoredFile
from core.records.stores import PIECE, S3
from core.records.verify import Finding, unhurried
from core.text import _
from core.work import Work

_STORED: Any = StoredFile.__table__
_ATTACHED: Any = Attachment.__table__
AT_ONCE = 500


def verify_files(work: Work) -> Iterator[Finding]:
    """Contents that are missing or changed, wherever they are kept; files that hang somewhere and were given up."""
    unhurried(work)
    yield from verify_attachments(work)
    last = ""
    while keys := _further(work, last):
        for row in keys:
            yield from _looked_at(work, row)
        last = keys[-1].sha256


def _further(work: Work, last: str) -> list[Any]:
    names = (_STORED.c.sha256, _STORED.c.place, _STORED.c.state, _STORED.c.content.is_not(None).label("there"))
    mine = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 > last)
    return list(work.connection.execute(select(*names).where(*mine).order_by(_STORED.c.sha256).limit(AT_ONCE)))


def _looked_at(work: Work, row: Any) -> Iterator[Finding]:
    if row.state != FileState.KEPT:
        if work.connection.execute(select(_hangs(work, row.sha256))).scalar():
            yield Finding("file.missing", _name(work, row), _("It hangs on a record, and its content is not kept."))
        return
    if row.place == S3 and work.store is None:
        yield Finding("file.nowhere", _name(work, row), _("The store that keeps its content is not configured here."))
        return
    content = work.store.pieces(work.company.id, row.sha256) if row.place == S3 and work.store else _content(work, row)
    if content is None:
        yield Finding("file.missing", _name(work, row), _("Its content is missing."))
    elif _hashed(content) != row.sha256:
        yield Finding("file.changed", _name(work, row), _("Its content is no longer what was attached."))


def _hashed(content: Iterator[bytes]) -> str:
    found = sha256()
    for piece in content:
        found.update(piece)
    return found.hexdigest()


def _content(work: Work, row: Any) -> Iterator[bytes] | None:
    """A content of the database bit by bit; None where there is none."""
    if not row.there:
        return None
    return _opened(work, row.sha256) if is_sqlite(work.connection) else _parts(work, row.sha256)


def _opened(work: Work, proof: str) -> Iterator[bytes]:
    """SQLite hands out a part of a value only once it has read the whole, but for one that is opened like a file."""
    where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == proof)
    place: int = work.connection.execute(
        select(literal_column("rowid")).select_from(_STORED).where(*where)
    ).scalar_one()
    raw: Any = work.connection.connection.driver_connection
    with raw.blobopen(_STORED.name, _STORED.c.content.name, place, readonly=True) as content:
        while piece := content.read(PIECE):
            yield piece


def _parts(work: Work, proof: str) -> Iterator[bytes]:
    where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == proof)
    part = select(func.substring(_STORED.c.content, bindparam("first"), PIECE)).where(*where)
    first = 1
    while piece := bytes(work.connection.execute(part, {"first": first}).scalar_one()):
        yield piece
        first += len(piece)


def _hangs(work: Work, proof: str) -> Any:
    return exists().where(
        _ATTACHED.c.company_id == work.company.id, _ATTACHED.c.sha256 == proof, _ATTACHED.c.removed_at.is_(None)
    )


def _name(work: Work, row: Any) -> str:
    """The file by its name and where it hangs, else by its hash."""
    where = (_ATTACHED.c.company_id == work.company.id, _ATTACHED.c.sha256 == row.sha256)
    names = (_ATTACHED.c.name, _ATTACHED.c.kind, _ATTACHED.c.record_id)
    found = work.connection.execute(select(*names).where(*where).order_by(_ATTACHED.c.id).limit(1)).one_or_none()
    return f"{found.name} ({found.kind} {found.record_id})" if found else row.sha256[:16]
