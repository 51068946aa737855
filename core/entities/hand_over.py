"""Hand-overs: who gave what to whom, when and why; and each record that went, so that it can come back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, JsonDict, Line, Name, company_args, refers
from core.db.types import BigId


class HandOver(CompanyRow, Base):
    """What one person answered for went to others (PLT-14): ``plan`` as it was asked for, ``counts`` as it was done."""

    __tablename__ = "hand_over"
    __table_args__ = company_args(Index("ix_hand_over_from", "company_id", "from_id", "id"))
    from_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    plan: Mapped[JsonDict]
    # By what was handed over, then by successor; and what stayed.
    counts: Mapped[JsonDict]
    reason: Mapped[Line] = mapped_column(default="")
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))


class HandOverItem(CompanyRow, Base):
    """One record that went. ``version`` and ``head`` are what its row had when it had gone."""

    __tablename__ = "hand_over_item"
    __table_args__ = company_args(
        refers("hand_over_id", "hand_over"),
        Index("ix_hand_over_item_record", "company_id", "hand_over_id", "what", "record"),
    )
    hand_over_id: Mapped[int] = mapped_column(BigId)
    what: Mapped[Code]
    record: Mapped[int] = mapped_column(BigId)
    title: Mapped[Name] = mapped_column(default="")
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    undone: Mapped[bool] = mapped_column(default=False)
