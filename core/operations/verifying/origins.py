"""The figures on the lines where everything began: each is the sum of the lines of the documents that count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, union_all

from core.documents.stage import Point, Stage
from core.operations.verifying.questions import (
    DOCUMENT,
    LINE,
    ORIGIN,
    deemed,
    kinds,
    only,
    posted,
    size,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import Text, _
from core.work import Work

FIGURES: Mapping[str, Text] = {
    "supplied": _("supplied"),
    "delivered": _("delivered"),
    "returned": _("returned"),
    "invoiced": _("invoiced"),
    "credited": _("credited"),
    "invoiced_amount": _("invoiced in money"),
    "credited_amount": _("credited in money"),
}


def verify_origins(work: Work) -> Iterator[Finding]:
    """Supplied, delivered, returned, invoiced and credited are the sums of the lines of posted documents.

    Where nobody delivers, the release counts as delivery.
    """
    supplied = _grouped(_lines(work, Point.SUPPLY, delivered="supplied"), "supplied")
    yield from _differences(work, supplied, "supplied")
    sent = _lines(work, Point.DELIVERY, delivered="delivered", returned="returned")
    both = union_all(sent, deemed(work))
    yield from _differences(work, _grouped(both, "delivered", "returned"), "delivered", "returned")
    names = ("invoiced", "credited", "invoiced_amount", "credited_amount")
    invoiced = _lines(
        work,
        Point.INVOICE,
        delivered="invoiced",
        returned="credited",
        amount="invoiced_amount",
        back_amount="credited_amount",
    )
    yield from _differences(work, _grouped(invoiced, *names), *names)
    yield from _strangers(work)


def _strangers(work: Work) -> Iterator[Finding]:
    """What was sold to one customer in one currency is delivered and invoiced to him in it, and to nobody else."""
    begun, origin = DOCUMENT.alias("begun"), LINE.alias("origin")
    rows = work.connection.execute(
        select(*(DOCUMENT.c[name] for name in ("id", "kind", "number")), LINE.c.name)
        .select_from(LINE)
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .join(origin, (origin.c.id == LINE.c.origin_id) & (origin.c.company_id == LINE.c.company_id))
        .join(begun, (begun.c.id == origin.c.document_id) & (begun.c.company_id == origin.c.company_id))
        .where(
            LINE.c.company_id == work.company.id,
            or_(begun.c.party_id != DOCUMENT.c.party_id, begun.c.currency != DOCUMENT.c.currency),
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )
    for row in rows:
        text = _("“{name}” was sold to another customer, or in another currency.", name=row.name)
        yield Finding("line.astray", name_of(work, row), text)


def _lines(
    work: Work, point: Point, *, delivered: str, returned: str = "", amount: str = "", back_amount: str = ""
) -> Any:
    """What each line of the documents that count at ``point`` adds to its origin, under the names of its figures."""
    back = or_(LINE.c.base_quantity < 0, DOCUMENT.c.kind.in_(kinds(work, *Stage, corrects=True)))
    quantity = size(LINE.c.base_quantity)
    columns = [only(~back, quantity).label(delivered)]
    if returned:
        columns.append(only(back, quantity).label(returned))
    if amount:
        columns += [only(~back, LINE.c.gross).label(amount), only(back, -LINE.c.gross).label(back_amount)]
    return (
        select(ORIGIN.label("origin"), *columns)
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(LINE.c.company_id == work.company.id, LINE.c.line_kind != "text", posted(work, point))
    )


def _grouped(lines: Any, *names: str) -> Any:
    rows = lines.subquery()
    return (
        select(rows.c.origin, *(summed(rows.c[name]).label(name) for name in names)).group_by(rows.c.origin).subquery()
    )


def _differences(work: Work, sums: Any, *names: str) -> Iterator[Finding]:
    """The lines whose figures are not what the documents come to."""
    differs = [LINE.c[name] != func.coalesce(sums.c[name], 0) for name in names]
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            LINE.c.name,
            *(LINE.c[name] for name in names),
            *(sums.c[name].label(f"{name}_sum") for name in names),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .outerjoin(sums, sums.c.origin == LINE.c.id)
        .where(LINE.c.company_id == work.company.id, or_(*differs))
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )
    for row in rows:
        for name in names:
            noted, comes_to = getattr(row, name), getattr(row, f"{name}_sum") or Decimal(0)
            if noted != comes_to:
                text = _(
                    "Of “{name}”, {noted} is noted as {what}; its documents come to {sum}.",
                    name=row.name,
                    what=FIGURES[name],
                    noted=noted,
                    sum=comes_to,
                )
                yield Finding(f"figure.{name}", name_of(work, row), text)
