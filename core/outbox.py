"""The outbox: work that commits together with the document and is done afterwards.

One table serves messages, periodic jobs and long exports alike. A job with a key is enqueued once; a job is leased by
one runner at a time and comes back when the lease runs out, so it must be safe to begin again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, JsonDict, Key, Name
from core.db.types import BigId

_WAITING = text("done_at IS NULL AND failed_at IS NULL")


class Job(Base):
    """Something to do. Belongs to the installation, names its company; no policy hides it from the runner."""

    __tablename__ = "job"
    __table_args__ = (
        Index("uq_job_key", "key", unique=True),
        Index("ix_job_waiting", "run_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_job_done", "done_at"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True)
    company_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("company.id"))
    name: Mapped[Code]
    args: Mapped[JsonDict]
    key: Mapped[Name | None]
    run_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(60))
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(2000), default="")
