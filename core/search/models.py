"""One row per findable record: its tokens. It has no policy (text operators lose their index under one).

It is reached only through ``core.search.index``, and every hit is read again through the policed tables.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, Key, Long
from core.db.types import BigId


class SearchEntry(Base):
    """The tokens by which a record is found, separated by blanks."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("company_id", "kind", "record_id"), {"sqlite_autoincrement": True})

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"))
    kind: Mapped[Code]
    record_id: Mapped[int] = mapped_column(BigId)
    grams: Mapped[Long]
