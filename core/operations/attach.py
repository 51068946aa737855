"""Hang a file on a document or a master, hand it out, take it off: all in the record's history (PLT-10)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.documents.access import reaches
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.entities.master import Master
from core.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from core.extension.core_settings import FILE_MB, FILE_TYPES
from core.operations import access
from core.operations.beside import enter, record_of
from core.operations.ledger import Entry
from core.records import sniffing
from core.records.files import Attachment, FileState, StoredFile
from core.records.stores import DATABASE
from core.text import _
from core.work import Work

MB, LONGEST_NAME = 1024 * 1024, 120
_ATTACHED: Any = Attachment.__table__
_STORED: Any = StoredFile.__table__


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that is handed out: its name and hash, and its content if the database keeps it."""

    name: str
    sha256: str
    content: bytes | None


def attach(work: Work, cls: Type, key: int, name: str, content: bytes, *, brought: bool = False) -> int:
    """Hang a file on the record of whoever may edit it, also when its content is frozen; gives back the file's id.

    The same file under the same name hangs there once. ``brought``: its content is in the store outside already (see
    ``core.operations.bringing``). Raises ``Invalid`` for an empty file, one that is larger than the company allows, of
    a type that it does not take or that is not what its name says, and for a name that says nothing.
    """
    record, called = prepared(work, cls, key, name, content, lock=True)
    proof = sha256(content).hexdigest()
    same = (row.id for row in attached(work, cls, key) if (row.name, row.sha256) == (called, proof))
    if (there := next(same, None)) is not None:
        return int(there)
    _made_good(work, proof) if brought else _kept(work, proof, content)
    hung: int = work.connection.execute(
        insert(Attachment).returning(Attachment.id),
        {
            "company_id": work.company.id,
            "kind": kind_of(cls),
            "record_id": key,
            "document_id": key if issubclass(cls, Document) else None,
            "name": called,
            "sha256": proof,
            "size": len(content),
            "created_at": work.now,
            "created_by": work.actor_id,
        },
    ).scalar_one()
    enter(work, record, Entry("attach", {"file": [None, called], "sha256": [None, proof]}))
    return hung


def prepared(work: Work, cls: Type, key: int, name: str, content: bytes, *, lock: bool = False) -> tuple[Any, str]:
    """The record, and the name under which the file will hang on it; raises as ``attach`` does."""
    record = record_of(work, cls, key, lock=lock)
    if not reaches(work, record, "edit"):
        raise Forbidden(_("This belongs to somebody else."))
    _open(record)
    return record, _checked(work, name, content)


def _open(record: Document | Master) -> None:
    """What people were told stays with the papers that they were told it with; raises ``Conflict``."""
    if isinstance(record, Master) and (why := record.closed_because):
        raise Conflict(why, code="master.closed")


def announced(work: Work, proof: str, place: str) -> bool:
    """Enter that a content is on its way to the store outside; False when it is kept already."""
    known = _stored(work, proof)
    if known is not None and known.state == FileState.KEPT:
        return False
    _put(work, {"sha256": proof, "content": None, "place": place, "state": FileState.COMING, "since": work.now})
    return True


def _kept(work: Work, proof: str, content: bytes) -> None:
    """The content in the database, unless it is kept already."""
    row = {"sha256": proof, "content": content, "place": DATABASE, "state": FileState.KEPT, "since": work.now}
    _put(work, row)


def _put(work: Work, row: dict[str, Any]) -> None:
    new: Any = (sqlite if is_sqlite(work.connection) else postgresql).insert(StoredFile)
    given = {name: new.excluded[name] for name in ("content", "place", "state", "since")}
    keys = [_STORED.c.company_id, _STORED.c.sha256]
    statement = new.on_conflict_do_update(index_elements=keys, set_=given, where=_STORED.c.state != FileState.KEPT)
    work.connection.execute(statement, {"company_id": work.company.id, **row, "state": row["state"].value})


def _made_good(work: Work, proof: str) -> None:
    """What was on its way has arrived."""
    known = _stored(work, proof)
    if known is None or known.state == FileState.DROPPED:
        raise Conflict(_("The file took too long to arrive. Please attach it again."), code="file.late")
    if known.state == FileState.COMING:
        where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == proof)
        work.connection.execute(update(_STORED).where(*where).values(state=FileState.KEPT.value, since=work.now))


def _stored(work: Work, proof: str) -> Any:
    """What is known of a content; its row is locked until the end."""
    names = (_STORED.c.state, _STORED.c.place)
    where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == proof)
    return work.connection.execute(select(*names).where(*where).with_for_update()).one_or_none()


def attached(work: Work, cls: Type, key: int) -> list[Any]:
    """The files on a record that the caller has read already, the latest first; without their content."""
    statement = (
        select(_ATTACHED)
        .where(
            _ATTACHED.c.company_id == work.company.id,
            _ATTACHED.c.kind == kind_of(cls),
            _ATTACHED.c.record_id == key,
            _ATTACHED.c.removed_at.is_(None),
        )
        .order_by(_ATTACHED.c.id.desc())
    )
    return list(work.connection.execute(statement))


def handed_out(work: Work, cls: Type, key: int, file_id: int, *, opens: Callable[[Work], Any] | None = None) -> Handed:
    """A file for somebody who may read the record and takes it away, which is entered in the audit log first.

    ``opens`` asks instead whether he may, where a file is open to more people than its record. Raises ``Unknown`` for a
    file that is not there, was taken off, or whose content was given up.
    """
    opens(work) if opens else record_of(work, cls, key)
    row = _file(work, cls, key, file_id)
    columns = (_STORED.c.content, _STORED.c.state)
    where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == row.sha256)
    stored = work.connection.execute(select(*columns).where(*where)).one()
    if stored.state != FileState.KEPT:
        raise Unknown(_("The content of this file is no longer kept."), code="file.dropped")
    access.enter(work, "download", record=(kind_of(cls), key), file=row.name, sha256=row.sha256)
    return Handed(row.name, row.sha256, bytes(stored.content) if stored.content is not None else None)


def detach(work: Work, cls: Type, key: int, file_id: int, *, reason: str) -> None:
    """Take a file off; content and history keep it. Only who attached it may, and must say why."""
    record = record_of(work, cls, key, lock=True)
    _open(record)
    row = _file(work, cls, key, file_id)
    if row.created_by != work.actor_id:
        raise Forbidden(_("Only who attached it may take it off."))
    if not reason.strip() or len(reason) > 400:
        raise Invalid([Fault("reason", _("Please say why."), "required")])
    work.connection.execute(
        update(_ATTACHED)
        .where(_ATTACHED.c.company_id == work.company.id, _ATTACHED.c.id == file_id)
        .values(removed_at=work.now, removed_by=work.actor_id, removed_why=reason.strip())
    )
    changes = {"file": [row.name, None], "sha256": [row.sha256, None]}
    enter(work, record, Entry("detach", changes, reason=reason.strip()))


def _file(work: Work, cls: Type, key: int, file_id: int) -> Any:
    found = next((row for row in attached(work, cls, key) if row.id == file_id), None)
    if found is None:
        raise Unknown()
    return found


def _checked(work: Work, name: str, content: bytes) -> str:
    """The name without any folder and without what cannot be printed."""
    last = PurePosixPath(name.replace("\\", "/")).name
    called = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    faults = []
    if not called:
        faults.append(Fault("file", _("The file needs a name."), "required"))
    if not content:
        faults.append(Fault("file", _("The file is empty."), "empty"))
    size = work.setting(FILE_MB)
    if len(content) > size * MB:
        faults.append(Fault("file", _("A file has at most {size} MB.", size=size), "too_large"))
    if called and content:
        faults += _of_type(work, called, content)
    if faults:
        raise Invalid(faults)
    return called[-LONGEST_NAME:]


def _of_type(work: Work, called: str, content: bytes) -> list[Fault]:
    taken = types(work)
    if taken and sniffing.ending(called) not in taken:
        return [Fault("file", _("Files of this type are not taken. Taken are: {types}.", types=sorted(taken)), "type")]
    if not sniffing.fits(called, content):
        text = _("The content of “{name}” is not what its name says.", name=called)
        return [Fault("file", text, "mismatch")]
    return []


def types(work: Work) -> frozenset[str]:
    """The endings of names that the company takes; none when it takes all."""
    chosen = work.setting(FILE_TYPES).lower().replace(",", " ").split()
    return frozenset() if "*" in chosen else frozenset(chosen)
