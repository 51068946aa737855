"""Files that hang on a record: scans, licences, signed notes. The content is kept in the database, under its hash.

There it is written in the transaction that names it and goes wherever the data go: into the backup, behind the
company's wall, and never lost alone.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Line, Name, OfCompany, company_args, refers
from core.db.types import BigId


class StoredFile(OfCompany, Base):
    """The content of a file, once per company however often it is attached; never changed, never deleted."""

    __tablename__ = "stored_file"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Attachment(CompanyRow, Base):
    """A file on a document or a master. Taking it off marks it; content and history stay."""

    __tablename__ = "attachment"
    __table_args__ = company_args(
        refers("document_id", "document"),
        ForeignKeyConstraint(["company_id", "sha256"], ["stored_file.company_id", "stored_file.sha256"]),
        Index("ix_attachment_record", "company_id", "kind", "record_id", "id"),
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
