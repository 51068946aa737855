"""Guidance (指导意见): what a superior says to somebody on a record, and what he answers; as it is kept and read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, Line, company_args, refers
from core.db.types import BigId
from core.documents.kinds import Type, area_of, kind_of
from core.duties.reading import Due
from core.hooks.values import Ref
from core.search.naming import names
from core.text import _
from core.work import Work

_OPEN = text("answered_at IS NULL")


class Guidance(CompanyRow, Base):
    """One instruction on a document or a master; open until the person whom it is for has answered."""

    __tablename__ = "guidance"
    __table_args__ = company_args(
        refers("document_id", "document"),
        Index("ix_guidance_record", "company_id", "kind", "record_id", "id"),
        Index("ix_guidance_to", "company_id", "to_id", "id"),
        Index("ix_guidance_by", "company_id", "given_by", "id"),
        Index("ix_guidance_open", "company_id", "to_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("given_by <> to_id", name="people"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer"),
    )
    kind: Mapped[Code]
    record_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int | None] = mapped_column(BigId)
    text: Mapped[Line]
    given_by: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    given_at: Mapped[datetime]
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    answer: Mapped[Line] = mapped_column(default="")
    answered_at: Mapped[datetime | None]


_TABLE: Any = Guidance.__table__
MOST = 100


def guidance_on(work: Work, cls: Type, key: int) -> list[Any]:
    """What was said on a record that the caller has read already, the latest first."""
    of_it = (_TABLE.c.kind == kind_of(cls), _TABLE.c.record_id == key)
    return _rows(work, *of_it, most=MOST)


def was_guided(work: Work, record: Any) -> bool:
    """Whether guidance on this record is for the actor, or was: then he reads that one record."""
    found = select(_TABLE.c.id).where(
        _TABLE.c.company_id == work.company.id,
        _TABLE.c.kind == kind_of(type(record)),
        _TABLE.c.record_id == record.id,
        _TABLE.c.to_id == work.actor_id,
    )
    return work.connection.execute(found.limit(1)).first() is not None


# The boxes of a person ------------------------------------------------------------------------------------------------


def open_for(work: Work, account_id: int, *, most: int = MOST) -> list[Any]:
    """What somebody has not answered yet, the latest first."""
    return _in_use(work, _rows(work, _TABLE.c.to_id == account_id, _TABLE.c.answered_at.is_(None), most=most))


def given_to(work: Work, account_id: int, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What was said to somebody, the latest first; ``before`` the guidance with that id, for the next page."""
    return _in_use(work, _rows(work, _TABLE.c.to_id == account_id, *_older(before), most=most))


def given_by(work: Work, account_id: int, *, before: int | None = None, most: int = 50) -> list[Any]:
    """What somebody has said to others, the latest first; ``before`` as above."""
    return _in_use(work, _rows(work, _TABLE.c.given_by == account_id, *_older(before), most=most))


def count_open(work: Work, account_id: int) -> int:
    """How much somebody has not answered yet."""
    unanswered = select(func.count()).where(
        _TABLE.c.company_id == work.company.id, _TABLE.c.to_id == account_id, _TABLE.c.answered_at.is_(None)
    )
    return int(work.connection.execute(unanswered).scalar_one())


def titles(work: Work, rows: Iterable[Any]) -> dict[tuple[str, int], str]:
    """What the records of guidance are called, with their types: one statement for each type."""
    ids: dict[str, set[int]] = {}
    for row in rows:
        ids.setdefault(row.kind, set()).add(row.record_id)
    found: dict[tuple[str, int], str] = {}
    for kind, keys in ids.items():
        drafts = {str(key): str(_("Draft {id}", id=key)) for key in keys if kind in work.types.documents}
        for key, name in names(work, kind, keys).items():
            found[kind, key] = f"{work.types.type(kind).label} {drafts.get(name, name)}"
    return found


def duties(work: Work) -> list[Due]:
    """What the actor has not answered yet, as his duties."""
    rows = open_for(work, work.actor_id or 0)
    known = titles(work, rows)
    return [
        Due(
            key=f"core.guidance:{row.id}",
            title=_("Answer the guidance of {name}: {text}", name=work.person(row.given_by), text=row.text),
            record=Ref(row.kind, row.record_id, known.get((row.kind, row.record_id), "")),
            due=None,
            account_id=row.to_id,
        )
        for row in rows
    ]


def _older(before: int | None) -> tuple[Any, ...]:
    return () if before is None else (_TABLE.c.id < before,)


def _rows(work: Work, *criteria: Any, most: int) -> list[Any]:
    statement = select(_TABLE).where(_TABLE.c.company_id == work.company.id, *criteria)
    return list(work.connection.execute(statement.order_by(_TABLE.c.id.desc()).limit(most)))


def _in_use(work: Work, rows: Iterable[Any]) -> list[Any]:
    """Those on records of areas that the company uses."""
    known = {*work.types.documents, *work.types.masters}
    return [row for row in rows if row.kind in known and area_of(row.kind) in {*work.areas, "core"}]
