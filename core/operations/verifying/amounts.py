"""Amounts are never lost on the way to the invoice: open, in hand and invoiced come to what was agreed, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, exists, func, literal, or_, select, type_coerce, union_all

from core.documents.models import DocumentLine
from core.documents.stage import Point, Stage
from core.money import share
from core.operations.verifying.questions import (
    AMOUNT,
    DOCUMENT,
    LINE,
    LINK,
    OPEN,
    ORIGIN,
    QUANTITY,
    gave_back,
    kept,
    kinds,
    only,
    posted,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import STREAMED, Finding
from core.text import _
from core.work import Work


def verify_amounts(work: Work) -> Iterator[Finding]:
    """Where all of a line is open for its invoice, in hand or invoiced, the amounts come to the line's own."""
    for row in work.connection.execute(kept(work, "released_whole", _released_whole), execution_options=STREAMED):
        worth = share(row.gross, row.whole, row.base_quantity) - row.conceded
        if row.amount != worth:
            text = _(
                "Of “{name}”, {there} is open, in hand or invoiced in money; {worth} was agreed.",
                name=row.name,
                there=row.amount,
                worth=worth,
            )
            yield Finding("amount.lost", name_of(work, row), text)


def _released_whole(work: Work) -> Any:
    """The origin lines of which all that is to be invoiced is on its way to an invoice, with its money."""
    ways = on_the_way(work).subquery()
    sums = (
        select(
            ways.c.origin,
            summed(type_coerce(ways.c.quantity, QUANTITY)).label("quantity"),
            summed(type_coerce(ways.c.amount, AMOUNT)).label("amount"),
            func.max(ways.c.beyond).label("beyond"),
        )
        .group_by(ways.c.origin)
        .subquery()
    )
    quantity = func.coalesce(sums.c.quantity, 0) + LINE.c.invoiced - LINE.c.credited
    amount = func.coalesce(sums.c.amount, 0) + LINE.c.invoiced_amount - LINE.c.credited_amount
    expected, arrived = LINE.c.base_quantity - LINE.c.dropped, LINE.c.delivered - LINE.c.returned
    whole = case((arrived > expected, arrived), else_=expected)
    return (
        select(
            *(DOCUMENT.c[name] for name in ("id", "kind", "number")),
            *(LINE.c[name] for name in ("name", "gross", "base_quantity", "conceded")),
            type_coerce(whole, QUANTITY).label("whole"),
            type_coerce(amount, AMOUNT).label("amount"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .outerjoin(sums, sums.c.origin == LINE.c.id)
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.ceiling.is_not(None),
            LINE.c.base_quantity > 0,
            func.coalesce(sums.c.beyond, 0) == 0,
            quantity == whole,
            or_(whole != LINE.c.base_quantity, amount != LINE.c.gross - LINE.c.conceded),
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )


def on_the_way(work: Work) -> Any:
    """By origin, what waits for an invoice or is in one that is not issued, less what will be credited for returns."""
    return union_all(_open(work), _in_hand(work), _to_credit(work), _in_letters(work))


def _to_credit(work: Work) -> Any:
    """What came back after it was invoiced, and waits for a red letter."""
    return (
        select(
            ORIGIN.label("origin"),
            (OPEN.c.taken - OPEN.c.quantity).label("quantity"),
            (OPEN.c.amount - OPEN.c.taken_amount).label("amount"),
            literal(0).label("beyond"),
        )
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(
            OPEN.c.company_id == work.company.id,
            OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=True)),
            LINE.c.base_quantity < 0,
        )
    )


def _in_letters(work: Work) -> Any:
    """What red letters that are not issued yet have taken of it."""
    source = DocumentLine.__table__.alias("came_back")
    returned = exists().where(
        LINK.c.company_id == LINE.c.company_id,
        LINK.c.target_id == LINE.c.id,
        source.c.id == LINK.c.source_id,
        source.c.company_id == LINK.c.company_id,
        source.c.base_quantity < 0,
    )
    return (
        select(
            ORIGIN.label("origin"),
            LINE.c.base_quantity.label("quantity"),
            LINE.c.gross.label("amount"),
            literal(0).label("beyond"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.linked,
            DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=True)),
            ~posted(work, Point.INVOICE),
            DOCUMENT.c.id.not_in(gave_back(work)),
            returned,
        )
    )


def _open(work: Work) -> Any:
    """What is open for an invoice, by origin."""
    return (
        select(
            ORIGIN.label("origin"),
            (OPEN.c.quantity - OPEN.c.taken).label("quantity"),
            (OPEN.c.amount - OPEN.c.taken_amount).label("amount"),
            only(OPEN.c.taken > OPEN.c.quantity, OPEN.c.taken).label("beyond"),
        )
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=False)))
    )


def _in_hand(work: Work) -> Any:
    """What invoices that are not issued yet have taken; what a request has passed on is open from there."""
    line = DocumentLine.__table__.alias("request_line")
    passed = exists().where(
        OPEN.c.company_id == line.c.company_id,
        OPEN.c.line_id == line.c.id,
        OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=False)),
    )
    return (
        select(
            func.coalesce(line.c.origin_id, line.c.id).label("origin"),
            line.c.base_quantity.label("quantity"),
            line.c.gross.label("amount"),
            literal(0).label("beyond"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == line.c.document_id) & (DOCUMENT.c.company_id == line.c.company_id))
        .where(
            line.c.company_id == work.company.id,
            line.c.linked,
            DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False)),
            ~posted(work, Point.INVOICE),
            DOCUMENT.c.id.not_in(gave_back(work)),
            ~passed,
        )
    )
