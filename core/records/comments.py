"""What people say about a document or a master, and whom they call: the present text here, every earlier one in the
record's history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Long, company_args, refers
from core.db.types import BigId

_UNREAD = text("read_at IS NULL")


class Comment(CompanyRow, Base):
    """A comment as it stands now. Taken back it is marked and says nothing any more; it outlives a discarded draft."""

    __tablename__ = "comment"
    __table_args__ = company_args(
        Index("ix_comment_record", "company_id", "kind", "record_id", "id"),
    )
    kind: Mapped[Code]
    record_id: Mapped[int] = mapped_column(BigId)
    text: Mapped[Long]
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    edited_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))


class Mention(CompanyRow, Base):
    """Somebody who is called by a comment, and when he has read it."""

    __tablename__ = "mention"
    __table_args__ = company_args(
        refers("comment_id", "comment"),
        UniqueConstraint("company_id", "comment_id", "account_id"),
        Index("ix_mention_account", "company_id", "account_id", "id"),
        Index("ix_mention_unread", "company_id", "account_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )
    comment_id: Mapped[int] = mapped_column(BigId)
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
