"""What people and the daily round leave of a duty: that it was late and why, who was reminded; and free tasks.

Duties themselves are read from their records. A row stands here from the moment a duty is late, somebody is reminded of
it, or a task was given; it refers to its record by kind and id and not by a key, since a draft may be thrown away.
"""

from __future__ import annotations

import datetime as dt
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Line, Name, company_args
from core.db.types import BigId

TASK = "core.task"
_UNSETTLED = text("closed_at IS NULL OR (late_at IS NOT NULL AND reason_at IS NULL)")
_STANDING = text("closed_at IS NULL AND kind <> 'core.task'")


class Duty(CompanyRow, Base):
    """A duty that was late or reminded of, or a task. ``account_id`` whose it is, None where it is several people's.

    ``since`` is the day from which ``due`` is counted. A late one (``late_at``) is settled when it is closed and its
    reason (正当理由) was stated; one that nobody had by name is settled when it is closed.
    """

    __tablename__ = "duty"
    __table_args__ = company_args(
        Index(
            "uq_duty_standing",
            "company_id",
            "kind",
            "record_id",
            "part_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "ix_duty_unsettled",
            "company_id",
            "account_id",
            "due",
            "id",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
        Index("ix_duty_late", "company_id", "late_at", "kind"),
        Index("ix_duty_asked", "company_id", "asked_by", "id"),
        CheckConstraint("(kind = 'core.task') = (record_id = 0)", name="task"),
    )
    kind: Mapped[Code]
    record_kind: Mapped[Code] = mapped_column(default="")
    record_id: Mapped[int] = mapped_column(BigId, default=0)
    part_id: Mapped[int] = mapped_column(BigId, default=0)
    account_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    owner_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    asked_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    # What it was about, for whoever reads of it when its record has moved on; of a task, what is to be done.
    title: Mapped[Line] = mapped_column(default="")
    party_name: Mapped[Name] = mapped_column(default="")
    number: Mapped[Name] = mapped_column(default="")
    since: Mapped[dt.date | None]
    due: Mapped[dt.date | None]
    opened_at: Mapped[datetime]
    late_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[Line] = mapped_column(default="")
    reason_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    reason_at: Mapped[datetime | None]
    reminded_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    reminded_at: Mapped[datetime | None]
