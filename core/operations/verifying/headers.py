"""The figures on the headers: what was supplied, delivered and invoiced in money, and what is still to be invoiced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import exists, or_, select

from core.money import share
from core.operations.verifying.questions import DOCUMENT, LINE
from core.records.invariants import name_of
from core.records.verify import STREAMED, Finding
from core.text import Text, _
from core.work import Work

NONE = Decimal(0)
FIGURES: dict[str, Text] = {
    "supplied": _("supplied"),
    "delivered": _("delivered"),
    "invoiced": _("invoiced"),
    "uninvoiced": _("not invoiced yet"),
}


def verify_headers(work: Work) -> Iterator[Finding]:
    """A header's figures are sums over its lines; nothing is multiplied in SQL, so the lines are read in a stream."""
    other = LINE.alias("other")
    bound = exists().where(
        other.c.company_id == DOCUMENT.c.company_id, other.c.document_id == DOCUMENT.c.id, other.c.ceiling.is_not(None)
    )
    noted = or_(*(DOCUMENT.c[name] != 0 for name in FIGURES))
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            *(DOCUMENT.c[name].label(f"noted_{name}") for name in FIGURES),
            *(LINE.c[name] for name in ("base_quantity", "gross", "ceiling", "supplied", "delivered", "returned")),
            *(LINE.c[name] for name in ("invoiced_amount", "credited_amount", "dropped", "conceded")),
        )
        .outerjoin(LINE, (LINE.c.document_id == DOCUMENT.c.id) & (LINE.c.company_id == DOCUMENT.c.company_id))
        .where(DOCUMENT.c.company_id == work.company.id, or_(bound, noted))
        .order_by(DOCUMENT.c.id, LINE.c.position),
        execution_options=STREAMED,
    )
    for _key, group in groupby(rows, key=lambda row: row.id):
        yield from _differences(work, list(group))


def _differences(work: Work, lines: Sequence[Any]) -> Iterator[Finding]:
    first = lines[0]
    sums = _sums([line for line in lines if line.ceiling is not None])
    for name, what in FIGURES.items():
        noted = getattr(first, f"noted_{name}")
        if noted != sums[name]:
            text = _("{noted} is noted as {what}; its lines come to {sum}.", noted=noted, what=what, sum=sums[name])
            yield Finding(f"header.{name}", name_of(work, first), text)


def _sums(lines: Sequence[Any]) -> dict[str, Decimal]:
    """What the figures of bound lines come to, each in the part of the line's amount that it stands for."""
    found = dict.fromkeys(FIGURES, NONE)
    for line in lines:
        found["supplied"] += share(line.gross, line.supplied, line.base_quantity)
        found["delivered"] += share(line.gross, line.delivered - line.returned, line.base_quantity)
        invoiced = line.invoiced_amount - line.credited_amount
        found["invoiced"] += invoiced
        came, expected = line.delivered - line.returned, line.base_quantity - line.dropped
        whole = max(came, expected) if line.base_quantity > 0 else expected
        worth = share(line.gross, whole, line.base_quantity) - line.conceded
        left = worth - invoiced
        found["uninvoiced"] += left if left * line.gross > 0 else NONE
    found["uninvoiced"] = max(found["uninvoiced"], NONE)
    return found
