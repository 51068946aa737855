"""History, frozen editions and the anchors that seal them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import (
    Base,
    Bytes32,
    Code,
    CompanyRow,
    JsonDict,
    Line,
    Name,
    OfCompany,
    company_args,
    refers,
)
from core.db.types import BigId, Json, JsonOrNull

# Entries of this kind tell who came and who took what out: they change no record, so nothing is locked for them and
# they stand in no chain. Each is sealed by itself, and all of them under the next anchor.
ACCESS = "core.access"
_OF_ACCESS = text(f"kind = '{ACCESS}'")


def _of_access(name: str, *columns: str) -> Index:
    """An index for the audit log alone; other entries do not pay for it."""
    return Index(
        f"ix_history_{name}", "company_id", *columns, "at", "id", sqlite_where=_OF_ACCESS, postgresql_where=_OF_ACCESS
    )


class History(CompanyRow, Base):
    """One entry: who, when, what, from, to, why. Chained by hash per record; the record's row keeps the head.

    It refers to nothing by foreign key but people, since it outlives a discarded draft; rows are only ever added. Of an
    entry of the audit log ``source`` is the kind of the record it speaks of, ``target`` the address it came from.
    """

    __tablename__ = "history"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "uid"),
        Index("ix_history_document", "company_id", "document_id", "id"),
        Index("ix_history_record", "company_id", "kind", "record_id", "id"),
        Index("ix_history_at", "company_id", "at", "id"),
        _of_access("access"),
        _of_access("access_what", "what"),
        _of_access("access_actor", "actor_id"),
        _of_access("access_target", "target"),
    )
    uid: Mapped[str] = mapped_column(String(32))
    kind: Mapped[Code]
    record_id: Mapped[int | None] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    actor: Mapped[Name]
    request: Mapped[str] = mapped_column(String(40))
    what: Mapped[Code]
    source: Mapped[Code] = mapped_column(default="")
    target: Mapped[Code] = mapped_column(default="")
    reason: Mapped[Line] = mapped_column(default="")
    changes: Mapped[dict[str, object]] = mapped_column(Json)
    # What the document said after it, hash by section (see ``core.records.contents``).
    hashes: Mapped[dict[str, str] | None] = mapped_column(JsonOrNull)
    prev: Mapped[Bytes32]
    hash: Mapped[Bytes32]


class DocumentEdition(CompanyRow, Base):
    """The content of a document as it was approved, printed or replaced by a revision."""

    __tablename__ = "document_edition"
    __table_args__ = company_args(
        refers("document_id", "document"),
        UniqueConstraint("company_id", "document_id", "revision", "edition"),
    )
    document_id: Mapped[int] = mapped_column(BigId)
    revision: Mapped[int]
    edition: Mapped[int]
    content: Mapped[JsonDict]
    content_hash: Mapped[str] = mapped_column(String(64))
    paper_hash: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))


class Anchor(CompanyRow, Base):
    """A seal over history entries: the Merkle root of all not yet sealed, chained to the anchor before."""

    __tablename__ = "anchor"
    __table_args__ = company_args()
    at: Mapped[datetime]
    entries: Mapped[int]
    root: Mapped[Bytes32]
    prev: Mapped[Bytes32]
    hash: Mapped[Bytes32]


class AnchorItem(OfCompany, Base):
    """Which history entry an anchor seals, and at which place of its tree."""

    __tablename__ = "anchor_item"
    __table_args__ = (
        refers("anchor_id", "anchor"),
        refers("history_id", "history"),
        Index("ix_anchor_item_anchor", "company_id", "anchor_id", "position"),
    )
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    history_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    anchor_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int]
