"""Open lines: the rows that say what waits for whom, and the only place where they are begun."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, insert, select, type_coerce

from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine, DocumentLink, OpenLine
from core.money import QUANTITY, half_up, share
from core.work import Work

_OPEN: Any = OpenLine.__table__
_LINK: Any = DocumentLink.__table__
_INSERT = insert(_OPEN)
_LESS = case((_OPEN.c.most < _OPEN.c.quantity, _OPEN.c.most), else_=_OPEN.c.quantity)
# How far a row is taken without the tolerance: of what was closed by hand, only what was exchanged since is open.
UP_TO = type_coerce(_LESS, _OPEN.c.quantity.type)


def open_for(
    work: Work,
    source: Document,
    cls: type[Document],
    lines: list[DocumentLine],
    parts: Mapping[int, tuple[Decimal, Decimal]] | None = None,
) -> None:
    """Open ``lines`` for one kind, whole or in ``parts``: by line a quantity and its amount.

    The database refuses what is open for it already.

    An order's line may be taken up to its tolerance; what was taken over before only as it is.
    """
    if not lines:
        return
    amounts = _amounts(work, source, lines) if parts is None else {}
    rows = []
    for line in lines:
        quantity, amount = (abs(line.base_quantity), amounts[line.id]) if parts is None else parts[line.id]
        most = max(quantity, line.ceiling) if line.ceiling is not None and parts is None else quantity
        rows.append(
            {
                "company_id": work.company.id,
                "line_id": line.id,
                "document_id": source.id,
                "party_id": source.party_id,
                "target": kind_of(cls),
                "quantity": quantity,
                "most": most,
                "amount": amount,
                "released_at": work.now,
            }
        )
    work.connection.execute(_INSERT, rows)


def _amounts(work: Work, source: Document, lines: list[DocumentLine]) -> dict[int, Decimal]:
    """What each line is worth: its own amount, or what its link says where the type names no prices."""
    if type(source).priced or not any(line.origin_id for line in lines):
        return {line.id: line.gross for line in lines}
    linked = work.connection.execute(
        select(_LINK.c.target_id, func.sum(_LINK.c.amount))
        .where(
            _LINK.c.company_id == work.company.id,
            _LINK.c.target_document_id == source.id,
            _LINK.c.target_id.in_([line.id for line in lines]),
        )
        .group_by(_LINK.c.target_id)
    )
    return {line.id: Decimal(0) for line in lines} | {row[0]: row[1] for row in linked}


def in_unit(base: Decimal, factor: Decimal) -> Decimal:
    """A quantity in base units, in a unit of which one is ``factor`` of them, half up to 6 decimals."""
    return half_up(base / factor, QUANTITY)


def in_base(quantity: Decimal, factor: Decimal, left: Decimal) -> Decimal:
    """A quantity of a unit in base units; what reads as all that is ``left`` is that, to the last place."""
    return left if quantity == in_unit(left, factor) else half_up(quantity * factor, QUANTITY)


def next_part(row: Any, quantity: Decimal, taken: Decimal, paid: Decimal) -> Decimal:
    """What ``quantity`` of an open row comes to after ``taken`` of it for ``paid``: the next part of its amount.

    Where a part before was given back, its cents may have gone already; a part never turns against the whole.
    """
    amount = share(row.amount, taken + quantity, row.quantity) - paid
    return amount if amount * row.amount > 0 else Decimal(0)
