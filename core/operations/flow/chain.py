"""The documents around one: those it draws on and those that draw on it, and where its lines began."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, false, func, literal, or_, select, union_all

from core.db.among import among
from core.documents.kinds import area_of
from core.documents.models import Document, DocumentLine, DocumentLink
from core.documents.stage import Point, Stage
from core.operations.flow.routes import posted_states
from core.work import Work

_DOCUMENT: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_LINK: Any = DocumentLink.__table__


_ORIGIN: Any = _LINE.alias("origin")
_TAKEN = select(_LINK.c.source_document_id).where(
    _LINK.c.company_id == bindparam("company"), _LINK.c.target_document_id == bindparam("key")
)
_LINES = select(_LINE.c.origin_id).where(
    _LINE.c.company_id == bindparam("company"), _LINE.c.document_id == bindparam("key")
)
_BEGUN = select(_ORIGIN.c.document_id).where(_ORIGIN.c.company_id == bindparam("company"), among(_ORIGIN.c.id, _LINES))
_BEHIND = (
    select(
        *(_DOCUMENT.c[name] for name in ("id", "kind", "number", "state", "party_id", "owner_id", "gross", "invoiced")),
        among(_DOCUMENT.c.id, _BEGUN).label("began"),
    )
    .where(
        _DOCUMENT.c.company_id == bindparam("company"),
        among(_DOCUMENT.c.id, _TAKEN.union_all(_BEGUN)),
        _DOCUMENT.c.id != bindparam("key"),
    )
    .order_by(_DOCUMENT.c.id)
)
_PARTS = (
    select(_ORIGIN.c.document_id, func.sum(_LINE.c.gross))
    .join(
        _LINE,
        (func.coalesce(_LINE.c.origin_id, _LINE.c.id) == _ORIGIN.c.id) & (_LINE.c.company_id == _ORIGIN.c.company_id),
    )
    .where(_LINE.c.company_id == bindparam("company"), _LINE.c.document_id == bindparam("key"))
    .group_by(_ORIGIN.c.document_id)
)


def chain(work: Work, document_id: int) -> tuple[list[Any], list[Any]]:
    """All documents before and after one, for 上查 and 下查, each with how many steps away it is; in one statement."""
    both = union_all(_walk(work, document_id, up=True), _walk(work, document_id, up=False))
    found = [row for row in work.connection.execute(both) if area_of(row.kind) in work.areas]
    found.sort(key=lambda row: (row.steps, row.id))
    return [row for row in found if row.up], [row for row in found if not row.up]


def _walk(work: Work, document_id: int, *, up: bool) -> Select[Any]:
    """Every document that is reached by links in one direction; a chain has no circles, ten steps are plenty."""
    here, there = (
        (_LINK.c.target_document_id, _LINK.c.source_document_id)
        if up
        else (_LINK.c.source_document_id, _LINK.c.target_document_id)
    )
    mine = _LINK.c.company_id == work.company.id
    walk = (
        select(there.label("id"), literal(1).label("steps"))
        .where(mine, here == document_id)
        .cte(f"walk_{'up' if up else 'down'}", recursive=True)
    )
    further = select(there, walk.c.steps + 1).join(walk, here == walk.c.id).where(mine, walk.c.steps < 10)
    walk = walk.union(further)
    nearest = select(walk.c.id, func.min(walk.c.steps).label("steps")).group_by(walk.c.id).subquery()
    # By the last three the caller says how far the reader's right reaches.
    whose = ("owner_id", "created_by", "party_id")
    names = ("id", "kind", "number", "state", "closure", "date", "gross", "currency", *whose)
    return (
        select(*(_DOCUMENT.c[name] for name in names), nearest.c.steps, literal(up).label("up"))
        .join(nearest, nearest.c.id == _DOCUMENT.c.id)
        .where(_DOCUMENT.c.company_id == work.company.id)
    )


def behind(work: Work, document: Document) -> list[Any]:
    """The documents that the lines of ``document`` were taken from, or began in (``began``), but itself, by id.

    Each says id, kind, number, state, party_id, owner_id, gross, and what was invoiced of it by now.
    """
    return list(work.connection.execute(_BEHIND, {"company": work.company.id, "key": document.id}))


def parts(work: Work, document: Document) -> dict[int, Decimal]:
    """What the lines of ``document`` come to, with tax, by the documents where they began; it is one of them."""
    return {row[0]: row[1] for row in work.connection.execute(_PARTS, {"company": work.company.id, "key": document.id})}


def acceptances(work: Work, document_id: int, *, besides: int = 0) -> tuple[int, int]:
    """How many deliveries of what began in a document wait for the customer's acceptance, and how many have it.

    Types that know of no acceptance are not counted, nor what came back whole, nor the delivery ``besides``.
    """
    kinds = [(kind, cls) for kind, cls in sorted(work.types.documents.items()) if cls.stage is Stage.DELIVERY]
    waits, done = (
        or_(false(), *(and_(_DOCUMENT.c.kind == k, _DOCUMENT.c.state.in_(_accepting(cls)[n])) for k, cls in kinds))
        for n in (0, 1)
    )
    rows = select(waits.label("waits"), done.label("done")).where(
        _DOCUMENT.c.company_id == work.company.id,
        _DOCUMENT.c.id != besides,
        or_(waits, done),
        _DOCUMENT.c.id.in_(
            select(_LINE.c.document_id)
            .join(_ORIGIN, (_ORIGIN.c.id == _LINE.c.origin_id) & (_ORIGIN.c.company_id == _LINE.c.company_id))
            .where(
                _ORIGIN.c.company_id == work.company.id,
                _ORIGIN.c.document_id == document_id,
                _ORIGIN.c.delivered > _ORIGIN.c.returned,
            )
        ),
    )
    found = work.connection.execute(rows).all()
    return sum(1 for row in found if row.waits), sum(1 for row in found if row.done)


@cache
def _accepting(cls: type[Document]) -> tuple[list[str], list[str]]:
    """The states in which goods have left and wait for acceptance, and those in which they were accepted."""
    accepted = posted_states(cls, frozenset({Point.ACCEPTANCE})) if not cls.corrects else frozenset()
    left = posted_states(cls, frozenset({Point.DELIVERY})) if accepted else frozenset()
    return sorted(left - accepted), sorted(accepted)


def descendants(work: Work, document_id: int) -> list[int]:
    """The ids of the documents whose lines began in this one."""
    origin = _LINE.alias("origin")
    rows = (
        select(_LINE.c.document_id)
        .distinct()
        .join(origin, (origin.c.id == _LINE.c.origin_id) & (origin.c.company_id == _LINE.c.company_id))
    )
    mine = (origin.c.company_id == work.company.id, origin.c.document_id == document_id)
    return list(work.connection.execute(rows.where(*mine)).scalars())
