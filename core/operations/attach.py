"""Hang a file on a document or a master, hand it out, take it off: all in the record's history (PLT-10)."""

from __future__ import annotations

import unicodedata
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.documents.access import reaches
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.errors import Fault, Forbidden, Invalid, Unknown
from core.operations.beside import enter, record_of
from core.operations.ledger import Entry
from core.records.files import Attachment, StoredFile
from core.text import _
from core.work import Work

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 120
_ATTACHED: Any = Attachment.__table__
_STORED: Any = StoredFile.__table__


def attach(work: Work, cls: Type, key: int, name: str, content: bytes) -> int:
    """Hang a file on the record of whoever may edit it, also when its content is frozen; gives back the file's id.

    Raises ``Invalid`` for an empty file, one of more than 10 MB, and a name that says nothing.
    """
    record = record_of(work, cls, key, lock=True)
    if not reaches(work, record, "edit"):
        raise Forbidden(_("This belongs to somebody else."))
    called, proof = _checked(name, content), sha256(content).hexdigest()
    new: Any = (sqlite if is_sqlite(work.connection) else postgresql).insert(StoredFile)
    row = {"company_id": work.company.id, "sha256": proof, "content": content}
    work.connection.execute(new.on_conflict_do_nothing(), row)
    attached: int = work.connection.execute(
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
    return attached


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


def content_of(work: Work, cls: Type, key: int, file_id: int) -> tuple[str, bytes]:
    """Name and content of a file, for whoever may read the record it hangs on. Raises ``Unknown``."""
    record_of(work, cls, key)
    return kept_content(work, cls, key, file_id)


def kept_content(work: Work, cls: Type, key: int, file_id: int) -> tuple[str, bytes]:
    """As ``content_of``, of a record that the caller is known to be allowed to read."""
    row = _file(work, cls, key, file_id)
    content = work.connection.execute(
        select(_STORED.c.content).where(_STORED.c.company_id == work.company.id, _STORED.c.sha256 == row.sha256)
    ).scalar_one()
    return row.name, bytes(content)


def detach(work: Work, cls: Type, key: int, file_id: int, *, reason: str) -> None:
    """Take a file off; content and history keep it. Only who attached it may, and must say why."""
    record = record_of(work, cls, key, lock=True)
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


def _checked(name: str, content: bytes) -> str:
    """The name without any folder and without what cannot be printed."""
    last = PurePosixPath(name.replace("\\", "/")).name
    called = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    faults = []
    if not called:
        faults.append(Fault("file", _("The file needs a name."), "required"))
    if not content:
        faults.append(Fault("file", _("The file is empty."), "empty"))
    if len(content) > LARGEST:
        faults.append(Fault("file", _("A file has at most {size} MB.", size=LARGEST // 1024 // 1024), "too_large"))
    if faults:
        raise Invalid(faults)
    return called[-LONGEST_NAME:]
