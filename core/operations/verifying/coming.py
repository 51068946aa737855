"""Nothing that is still to be invoiced is forgotten: it waits for its invoice, is in one, or comes to it later."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select, type_coerce

from core.documents.stage import Point, Stage
from core.money import share
from core.operations.verifying.amounts import on_the_way
from core.operations.verifying.questions import (
    DOCUMENT,
    LINE,
    ORIGIN,
    QUANTITY,
    kept,
    kinds,
    posted,
    released,
    releasing,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import STREAMED, Finding
from core.text import _
from core.work import Work

NONE = Decimal(0)
LATER = ("delivery", "acceptance")


def verify_coming(work: Work) -> Iterator[Finding]:
    """Of each line that is to be invoiced: what is not on its way to an invoice is still on its way to the customer.

    An order that is invoiced itself has come to its invoice with its release. Elsewhere its goods are to be delivered
    before, and accepted where the company waits for that.
    """
    if not kinds(work, Stage.INVOICE):
        return
    for row in work.connection.execute(kept(work, "owing", _owing), execution_options=STREAMED):
        expected, arrived = row.base_quantity - row.dropped, row.delivered - row.returned
        whole = max(expected, arrived)
        due = share(row.gross, whole, row.base_quantity) - row.conceded - row.invoiced_amount + row.credited_amount
        if due * row.gross <= 0:
            continue
        way = (row.way or NONE) + (row.unaccepted or NONE) if row.billing_point == "acceptance" else row.way or NONE
        to_come = way + (max(expected - arrived, NONE) if row.billing_point in LATER else NONE)
        # What a red letter took back for good is no longer missed; then it is only asked whether anything comes.
        missing = whole - row.invoiced + row.credited if row.conceded == 0 else min(whole, Decimal("0.000001"))
        if missing > to_come:
            text = _(
                "Of “{name}”, {due} is still to be invoiced, and nothing of it waits for an invoice or is to come.",
                name=row.name,
                due=due,
            )
            yield Finding("invoice.forgotten", name_of(work, row), text)


def _owing(work: Work) -> Any:
    """Released lines that are not invoiced as they were agreed, with what is on its way to an invoice."""
    ways = on_the_way(work).subquery()
    way = _grouped(ways.c.origin, type_coerce(ways.c.quantity, QUANTITY))
    rest = _unaccepted(work).subquery()
    unaccepted = _grouped(rest.c.origin, rest.c.quantity)
    names = ("base_quantity", "gross", "dropped", "delivered", "returned", "conceded", "billing_point", "name")
    money = ("invoiced", "credited", "invoiced_amount", "credited_amount")
    done = LINE.c.invoiced_amount - LINE.c.credited_amount + LINE.c.conceded == LINE.c.gross
    return (
        select(
            *(DOCUMENT.c[name] for name in ("id", "kind", "number")),
            *(LINE.c[name] for name in (*names, *money)),
            way.c.quantity.label("way"),
            unaccepted.c.quantity.label("unaccepted"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .outerjoin(way, way.c.origin == LINE.c.id)
        .outerjoin(unaccepted, unaccepted.c.origin == LINE.c.id)
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.ceiling.is_not(None),
            LINE.c.base_quantity > 0,
            or_(~done, LINE.c.dropped != 0),
            or_(DOCUMENT.c.kind.not_in(releasing(work)), DOCUMENT.c.id.in_(released(work))),
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )


def _grouped(origin: Any, quantity: Any) -> Any:
    return select(origin.label("origin"), summed(quantity).label("quantity")).group_by(origin).subquery()


def _unaccepted(work: Work) -> Any:
    """By origin, what the customer has and may still accept."""
    accepts = [
        kind
        for kind, cls in sorted(work.types.documents.items())
        if any(t.point is Point.ACCEPTANCE and t.releases for t in cls.workflow.transitions)
    ]
    there = or_(LINE.c.deemed, and_(DOCUMENT.c.kind.in_(kinds(work, Stage.DELIVERY)), posted(work, Point.DELIVERY)))
    return (
        select(ORIGIN.label("origin"), LINE.c.base_quantity.label("quantity"))
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(
            LINE.c.company_id == work.company.id,
            LINE.c.base_quantity > 0,
            DOCUMENT.c.kind.in_(accepts),
            ~posted(work, Point.ACCEPTANCE),
            there,
        )
    )
