"""Messages, the channels that carry them out of the program, what each sent, and what every person wants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, JsonDict, Line, Name, company_args, refers
from core.db.types import BigId

_UNREAD = text("read_at IS NULL")


class Message(CompanyRow, Base):
    """Something that one person is told, once for each ``key``; a text with its values, read in any language."""

    __tablename__ = "message"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "key"),
        Index("ix_message_mine", "company_id", "account_id", "id"),
        Index("ix_message_unread", "company_id", "account_id", "id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )
    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    topic: Mapped[Code]
    text: Mapped[Line]
    details: Mapped[JsonDict]
    # Where it leads: a record, or a page of the program.
    record_kind: Mapped[Code] = mapped_column(default="")
    record_id: Mapped[int] = mapped_column(BigId, default=0)
    key: Mapped[Name]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Channel(CompanyRow, Base):
    """A way out of the program: a mail server or a group's robot. What is secret of it is locked and never shown."""

    __tablename__ = "channel"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "name"),
        CheckConstraint("kind IN ('mail', 'wecom', 'dingtalk', 'feishu')", name="kind"),
    )
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[Name]
    options: Mapped[JsonDict]
    secret: Mapped[str] = mapped_column(String(4000), default="")
    topics: Mapped[JsonDict]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Sending(CompanyRow, Base):
    """One message on one channel, at most once. Its job in the outbox has the key ``send@<id>``."""

    __tablename__ = "sending"
    __table_args__ = company_args(
        refers("message_id", "message"),
        refers("channel_id", "channel"),
        UniqueConstraint("company_id", "message_id", "channel_id"),
        Index("ix_sending_channel", "company_id", "channel_id", "id"),
    )
    message_id: Mapped[int] = mapped_column(BigId)
    channel_id: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answer: Mapped[Line] = mapped_column(default="")


class MessageChoice(CompanyRow, Base):
    """What a person wants of messages: from which channels none, and between which times of the day none."""

    __tablename__ = "message_choice"
    __table_args__ = company_args(UniqueConstraint("company_id", "account_id"))

    account_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    silent: Mapped[JsonDict]
    quiet_from: Mapped[str] = mapped_column(String(5), default="")
    quiet_until: Mapped[str] = mapped_column(String(5), default="")
