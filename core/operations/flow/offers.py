"""What people may take: the lines that wait for a type, and those that may come back, as far as their rights reach."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import case, select

from core.documents import access
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine, OpenLine
from core.errors import Unknown
from core.operations.flow import taking
from core.operations.flow.locking import lock_sources
from core.operations.flow.rows import UP_TO, in_base
from core.work import Work

D = TypeVar("D", bound=Document)
_LINE: Any = DocumentLine.__table__
_OPEN: Any = OpenLine.__table__
MOST = 500


def offered(
    work: Work, cls: type[Document], *, party_id: int | None = None, document_id: int | None = None, most: int = MOST
) -> list[Any]:
    """The lines that wait for ``cls`` and that the actor may take: his own where he may only make his own."""
    work.demand(f"{kind_of(cls)}.create")
    if cls.brings_back:
        rows = _with_the_customer(work, document_id)
    else:
        rows = taking.waiting(work, cls, party_id=party_id, document_id=document_id, most=most)
    return _within(work, cls, rows)


def _with_the_customer(work: Work, document_id: int | None) -> list[Any]:
    """What of one document's lines the customer has; without a document nobody can say which lines are meant."""
    if document_id is None:
        return []
    rows = taking.back_from(work, (_LINE.c.document_id == document_id) & (_LINE.c.line_kind != "text"))
    return [row for row in rows if row.delivered > row.returned]


def _within(work: Work, cls: type[Document], rows: Sequence[Any]) -> list[Any]:
    """The rows that the actor's right to make such documents reaches."""
    found = access.reach(work, f"{kind_of(cls)}.create")
    if found.territories:
        access.locate(work, (row.party_id for row in rows))
    return [row for row in rows if access.holds(work, found, row.owner_id, row.created_by, party_id=row.party_id)]


def begin(
    work: Work,
    cls: type[D],
    wanted: Iterable[tuple[int, Decimal | None]],
    values: Mapping[str, Any],
    *,
    exchanged: bool = False,
    moves: Collection[str] = (),
) -> D:
    """A new draft of ``cls`` by the actor from lines that wait for it, or that the customer has.

    Quantities are in each line's own unit; None takes what is left. ``moves``: those that the draft is to make in the
    same work, so that what they need is locked in time. Raises ``Forbidden``, ``Unknown`` for lines out of the actor's
    reach, and what ``take`` and ``take_back`` raise.
    """
    work.demand(f"{kind_of(cls)}.create")
    work.require(area_of(kind_of(cls)))
    asked = dict(wanted)
    ids = list(asked)
    back = cls.brings_back
    if back and moves:
        lock_sources(work, cls, ids, moves)
    rows = taking.back_from(work, _LINE.c.id.in_(ids)) if back else taking.opened(work, cls, ids, moves)
    if len(_within(work, cls, rows)) < len(rows) or (ids and not rows):
        raise Unknown()
    left = {row.line_id: row.delivered - row.returned if back else row.left for row in rows}
    base = {row.line_id: _base(row, asked[row.line_id], left[row.line_id]) for row in rows}
    chosen = [(key, base.get(key, asked[key])) for key in ids]
    if back:
        full = [(key, left.get(key, Decimal(0)) if quantity is None else quantity) for key, quantity in chosen]
        return taking.take_back(work, cls, full, exchanged=exchanged, **values)
    return taking.take_opened(work, cls, rows, dict(chosen), **values)


def _base(row: Any, quantity: Decimal | None, left: Decimal) -> Decimal | None:
    return None if quantity is None else in_base(quantity, row.factor, left)


def still_open(work: Work, document: Document) -> list[Any]:
    """What of a document's lines was released, for whom, how much of it was taken, and whether it is closed.

    What waits for areas that are off shows when they are used again.
    """
    return [
        row
        for row in work.connection.execute(
            select(
                *(_OPEN.c[name] for name in ("line_id", "target", "taken", "closure", "released_at")),
                case((_OPEN.c.closure == "open", UP_TO), else_=_OPEN.c.quantity).label("quantity"),
                *(_LINE.c[name] for name in ("position", "name", "unit", "factor")),
            )
            .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
            .where(_OPEN.c.company_id == work.company.id, _OPEN.c.document_id == document.id)
            .order_by(_OPEN.c.target, _LINE.c.position)
        )
        if area_of(row.target) in work.areas
    ]
