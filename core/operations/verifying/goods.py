"""Goods are never lost on the way: open, in hand and arrived come to what was ordered and not dropped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, literal, or_, select, type_coerce, union_all

from core.documents.models import DocumentLine
from core.documents.stage import GOODS, Point, Stage
from core.documents.truths import Closure
from core.operations.flow.rows import UP_TO
from core.operations.verifying.questions import (
    DOCUMENT,
    LINE,
    OPEN,
    ORIGIN,
    QUANTITY,
    exchanged,
    gave_back,
    kinds,
    only,
    posted,
    released,
    releasing,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import _
from core.work import Work


def verify_goods(work: Work) -> Iterator[Finding]:
    """Of every released line: ordered = open + in hand + arrived + dropped; unless more was taken than ordered."""
    ways = union_all(_open(work), _in_hand(work)).subquery()
    sums = (
        select(
            ways.c.origin,
            summed(type_coerce(ways.c.quantity, QUANTITY)).label("quantity"),
            func.max(ways.c.beyond).label("beyond"),
        )
        .group_by(ways.c.origin)
        .subquery()
    )
    there = LINE.c.delivered - LINE.c.returned + func.coalesce(sums.c.quantity, 0)
    expected = LINE.c.base_quantity - LINE.c.dropped
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            LINE.c.name,
            type_coerce(there, QUANTITY).label("there"),
            type_coerce(expected, QUANTITY).label("expected"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .outerjoin(sums, sums.c.origin == LINE.c.id)
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.ceiling.is_not(None),
            LINE.c.closure != Closure.FORCED.value,
            LINE.c.delivered - LINE.c.returned <= expected,
            func.coalesce(sums.c.beyond, 0) == 0,
            DOCUMENT.c.kind.in_(kinds(work, Stage.OFFER, Stage.ORDER, *GOODS)),
            DOCUMENT.c.id.in_(released(work)),
            there != expected,
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )
    for row in rows:
        text = _(
            "Of “{name}”, {there} is open, in hand or delivered; {expected} was ordered and not dropped.",
            name=row.name,
            there=row.there,
            expected=row.expected,
        )
        yield Finding("goods.lost", name_of(work, row), text)
    yield from _open_after_the_end(work)
    yield from _open_undone(work)


def _open(work: Work) -> Any:
    """What is open on the goods' way, by origin; ``beyond`` where more was taken than was open."""
    return (
        select(
            ORIGIN.label("origin"),
            (OPEN.c.quantity - OPEN.c.taken).label("quantity"),
            only(OPEN.c.taken > OPEN.c.quantity, OPEN.c.taken).label("beyond"),
        )
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.target.in_(kinds(work, *GOODS, corrects=False)))
    )


def _in_hand(work: Work) -> Any:
    """What documents on the goods' way have taken that do not count yet."""
    return (
        select(ORIGIN.label("origin"), LINE.c.base_quantity.label("quantity"), literal(0).label("beyond"))
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.linked,
            LINE.c.base_quantity > 0,
            DOCUMENT.c.kind.in_(kinds(work, *GOODS, corrects=False)),
            ~posted(work, Point.SUPPLY, Point.DELIVERY),
            DOCUMENT.c.id.not_in(gave_back(work)),
        )
    )


def _open_after_the_end(work: Work) -> Iterator[Finding]:
    """Of a line that was closed by hand nothing more is waited for, but what came back to be sent again."""
    begun = DocumentLine.__table__.alias("begun")
    left = type_coerce(UP_TO - OPEN.c.taken, QUANTITY)
    waits = (
        select(ORIGIN.label("origin"), summed(left).label("quantity"))
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(
            OPEN.c.company_id == work.company.id,
            OPEN.c.closure == Closure.OPEN.value,
            OPEN.c.taken < UP_TO,
            OPEN.c.target.in_(kinds(work, *GOODS, corrects=False)),
        )
        .group_by(ORIGIN)
        .subquery()
    )
    expected = begun.c.base_quantity - begun.c.dropped - begun.c.delivered + begun.c.returned
    again = and_(begun.c.id.in_(exchanged(work)), waits.c.quantity <= expected)
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, begun.c.name)
        .select_from(begun)
        .join(waits, waits.c.origin == begun.c.id)
        .join(DOCUMENT, (DOCUMENT.c.id == begun.c.document_id) & (DOCUMENT.c.company_id == begun.c.company_id))
        .where(
            begun.c.company_id == work.company.id,
            or_(and_(begun.c.closure == Closure.FORCED.value, ~again), begun.c.ceiling.is_(None)),
        )
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        text = _("“{name}” is still open for delivery, though nothing of it is expected any more.", name=row.name)
        yield Finding("closed.open", name_of(work, row), text)


def _open_undone(work: Work) -> Iterator[Finding]:
    """A release that was taken back leaves nothing open on the goods' way."""
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number)
        .distinct()
        .join(OPEN, (OPEN.c.document_id == DOCUMENT.c.id) & (OPEN.c.company_id == DOCUMENT.c.company_id))
        .where(
            DOCUMENT.c.company_id == work.company.id,
            OPEN.c.target.in_(kinds(work, *GOODS, corrects=False)),
            DOCUMENT.c.kind.in_(releasing(work)),
            DOCUMENT.c.id.not_in(released(work)),
        )
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        yield Finding("open.undone", name_of(work, row), _("Its lines are open, though its release was taken back."))
