"""Files that hang on a record: scans, licences, signed notes. Each content is kept once per company, under its hash.

In the database it is written in the transaction that names it and goes wherever the data go: into the backup, behind
the company's wall, and never lost alone. A store outside (``core.records.stores``) holds the content instead where the
installation says so.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Line, Name, OfCompany, company_args, refers
from core.db.types import BigId
from core.records.stores import DATABASE

_TO_SWEEP = text("state = 'coming'")
_TAKEN_OFF = text("removed_at IS NOT NULL")
_OF_DOCUMENT = text("document_id IS NOT NULL")


class FileState(StrEnum):
    """What is known of a content: it is on its way to a store, it is kept, or it was given up."""

    COMING = "coming"
    KEPT = "kept"
    DROPPED = "dropped"


class StoredFile(OfCompany, Base):
    """The content of a file, once per company however often it is attached. It comes and may go, and never changes."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_coming", "company_id", "since", sqlite_where=_TO_SWEEP, postgresql_where=_TO_SWEEP),
    )
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    place: Mapped[Code] = mapped_column(default=DATABASE)
    state: Mapped[Code] = mapped_column(default=FileState.KEPT.value)
    since: Mapped[datetime | None]


class Attachment(CompanyRow, Base):
    """A file on a document or a master. Taking it off marks it: who, when, why and its hash stay, and its content as
    long as the company says."""

    __tablename__ = "attachment"
    __table_args__ = company_args(
        refers("document_id", "document"),
        ForeignKeyConstraint(["company_id", "sha256"], ["stored_file.company_id", "stored_file.sha256"]),
        Index("ix_attachment_record", "company_id", "kind", "record_id", "id"),
        Index("ix_attachment_content", "company_id", "sha256"),
        Index(
            "ix_attachment_document",
            "company_id",
            "document_id",
            sqlite_where=_OF_DOCUMENT,
            postgresql_where=_OF_DOCUMENT,
        ),
        Index(
            "ix_attachment_removed", "company_id", "removed_at", sqlite_where=_TAKEN_OFF, postgresql_where=_TAKEN_OFF
        ),
        CheckConstraint("size > 0", name="size"),
    )
    kind: Mapped[Code]
    record_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[Name]
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    removed_why: Mapped[Line] = mapped_column(default="")
