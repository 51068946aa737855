"""Messages as they are read: by the person who was told, and by the administrator who wants to know what went out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, cast, func, literal, select

from core.messages.models import Channel, Message, Sending
from core.outbox import Job
from core.work import Work

_MESSAGE: Any = Message.__table__
_CHANNEL: Any = Channel.__table__
_SENDING: Any = Sending.__table__
_JOB: Any = Job.__table__


def mine(work: Work, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What the actor was told, the latest first; ``before`` the message with that id."""
    statement = select(_MESSAGE).where(_MESSAGE.c.company_id == work.company.id, _MESSAGE.c.account_id == work.actor_id)
    if before is not None:
        statement = statement.where(_MESSAGE.c.id < before)
    return list(work.connection.execute(statement.order_by(_MESSAGE.c.id.desc()).limit(most)))


def unread(work: Work) -> int:
    """How much the actor was told and has not read."""
    statement = select(func.count()).where(
        _MESSAGE.c.company_id == work.company.id,
        _MESSAGE.c.account_id == work.actor_id,
        _MESSAGE.c.read_at.is_(None),
    )
    return int(work.connection.execute(statement).scalar_one())


def log(work: Work, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What left the program, or could not, the latest first: each with its channel, its receiver and its job."""
    statement = (
        select(
            _SENDING.c.id,
            _SENDING.c.created_at,
            _SENDING.c.sent_at,
            _SENDING.c.answer,
            _MESSAGE.c.account_id,
            _MESSAGE.c.topic,
            _CHANNEL.c.name,
            _CHANNEL.c.kind,
            _JOB.c.id.label("job_id"),
            _JOB.c.attempts,
            _JOB.c.run_at,
            _JOB.c.failed_at,
            _JOB.c.error,
        )
        .join(_MESSAGE, (_MESSAGE.c.company_id == _SENDING.c.company_id) & (_MESSAGE.c.id == _SENDING.c.message_id))
        .join(_CHANNEL, (_CHANNEL.c.company_id == _SENDING.c.company_id) & (_CHANNEL.c.id == _SENDING.c.channel_id))
        .outerjoin(_JOB, _JOB.c.key == literal("send@").concat(cast(_SENDING.c.id, String)))
        .where(_SENDING.c.company_id == work.company.id)
    )
    if before is not None:
        statement = statement.where(_SENDING.c.id < before)
    return list(work.connection.execute(statement.order_by(_SENDING.c.id.desc()).limit(most)))
