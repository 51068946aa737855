"""What comes back: taken out of what is still to be invoiced, the rest opened for a credit note; or sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, insert, select, update

from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine, OpenLine
from core.documents.stage import Stage
from core.documents.truths import Closure
from core.money import share
from core.operations.flow import routes
from core.operations.flow.rows import open_for
from core.work import Work

if TYPE_CHECKING:
    from core.operations.flow.figures import Origin

_OPEN: Any = OpenLine.__table__
_LINE: Any = DocumentLine.__table__


def returned(work: Work, document: Document, lines: Sequence[DocumentLine], origins: Mapping[int, Origin]) -> None:
    """Let the money follow the goods that came back with ``lines``, and let exchanged ones be delivered again.

    Where the second delivery is not invoiced by itself, an exchange changes nothing in the money.
    """
    if not lines:
        return
    keys = {line.origin_id or line.id for line in lines}
    rows = _open_rows(work, keys)
    credits: dict[int, Decimal] = {}
    less: dict[int, Any] = {}
    for line in lines:
        origin = origins[line.origin_id or line.id]
        mine = [row for row in rows if row.origin == origin.id]
        if line.exchanged:
            _again(work, document, line, origin, [r for r in mine if r.target in routes.goods_kinds(work)])
        if line.exchanged and not routes.bills_again(work, line):
            continue
        billed = [row for row in mine if row.target in routes.billing_kinds(work)]
        rest = _unbill(billed, abs(line.base_quantity), less)
        # What began with its invoice never waited for one.
        if rest > 0 and (billed or origin.invoiced > origin.credited):
            credits[line.id] = rest
    _shrink(work, less.values())
    _credit(work, document, [line for line in lines if line.id in credits], credits)


def sent_beyond(work: Work, origins: Mapping[int, Origin], quantities: Mapping[int, Decimal]) -> None:
    """Let what was delivered beyond what was expected be invoiced as well, where the order itself is invoiced.

    Elsewhere the delivery that brought it is.
    """
    if not quantities:
        return
    for row in _open_rows(work, set(quantities)):
        if row.line_id == row.origin and row.target in routes.billing_kinds(work) and row.closure == Closure.OPEN:
            origin = origins[row.origin]
            came = origin.expected + origin.surplus
            money = origin.money(came) - origin.money(came - quantities[row.origin])
            _grow(work, row, quantities[row.origin], money)


def _open_rows(work: Work, origins: set[int]) -> list[Any]:
    """Everything that was opened from these origins, the latest first; kept as it changes, for lines that share one."""
    origin = func.coalesce(_LINE.c.origin_id, _LINE.c.id).label("origin")
    return [
        SimpleNamespace(**row)
        for row in work.connection.execute(
            select(*_OPEN.c, origin)
            .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
            .where(
                _OPEN.c.company_id == work.company.id,
                (_LINE.c.origin_id.in_(bindparam("_keys", expanding=True)))
                | (_LINE.c.id.in_(bindparam("_keys", expanding=True))),
            )
            .order_by(_OPEN.c.id.desc()),
            {"_keys": sorted(origins)},
        ).mappings()
    ]


def _unbill(rows: Sequence[Any], quantity: Decimal, changed: dict[int, Any]) -> Decimal:
    """Take ``quantity`` out of what waits to be invoiced; gives back what is invoiced, or in a draft, already."""
    for row in rows:
        if row.closure != Closure.OPEN:
            continue
        less = min(row.quantity - row.taken, quantity)
        if less > 0:
            row.amount = share(row.amount, row.quantity - less, row.quantity)
            row.quantity -= less
            row.most = max(row.most - less, row.taken)
            changed[row.id] = row
            quantity -= less
    return quantity


def _shrink(work: Work, rows: Iterable[Any]) -> None:
    """Write how much of these rows is still to be invoiced, in one statement."""
    changes = [{"_id": row.id, "quantity": row.quantity, "most": row.most, "amount": row.amount} for row in rows]
    if changes:
        work.connection.execute(
            update(_OPEN)
            .where(_OPEN.c.company_id == work.company.id, _OPEN.c.id == bindparam("_id"))
            .values({name: bindparam(name) for name in ("quantity", "most", "amount")}),
            changes,
        )


def _credit(work: Work, document: Document, lines: Sequence[DocumentLine], quantities: Mapping[int, Decimal]) -> None:
    """Open the rest for a credit note, and tell the area that makes them."""
    cls = routes.biller(work, corrects=True)
    if cls is not None and lines:
        open_for(work, document, cls, list(lines), dict(quantities))
        work.hooks.lines_released(kind_of(cls).partition(".")[0], kind_of(cls), document, list(lines))


def _again(work: Work, document: Document, line: DocumentLine, origin: Origin, rows: Sequence[Any]) -> None:
    """Let what comes back be delivered again: open once more where it was taken from; at once where nobody delivers."""
    rest = abs(line.base_quantity)
    cls = routes.entry(work, Stage.DELIVERY)
    if cls is None or not cls.accepts(work, line):
        origin.delivered += rest
        return
    mine = [row for row in rows if row.target == kind_of(cls)]
    for row in mine:
        less = min(row.taken, rest)
        if less > 0:
            _untake(work, row, row.taken - less)
            rest -= less
    if rest > 0:
        _open_more(
            work, document, origin, kind_of(cls), next((row for row in mine if row.line_id == origin.id), None), rest
        )


def _untake(work: Work, row: Any, given: Decimal) -> None:
    """Of an open row, let no more than ``given`` be taken."""
    row.taken, row.taken_amount = given, share(row.taken_amount, given, row.taken)
    work.connection.execute(
        update(_OPEN)
        .where(_OPEN.c.company_id == work.company.id, _OPEN.c.id == row.id)
        .values(
            taken=row.taken,
            taken_amount=row.taken_amount,
            closure=case((_OPEN.c.closure == Closure.CLOSED, Closure.OPEN.value), else_=_OPEN.c.closure),
        )
    )


def _grow(work: Work, row: Any, quantity: Decimal, money: Decimal) -> None:
    """Open more of a row, which may then be taken whole."""
    row.quantity, row.amount = row.quantity + quantity, row.amount + money
    row.most = max(row.most, row.quantity)
    more = {"quantity": row.quantity, "most": row.most, "amount": row.amount}
    work.connection.execute(
        update(_OPEN).where(_OPEN.c.company_id == work.company.id, _OPEN.c.id == row.id).values(**more)
    )


def _open_more(work: Work, document: Document, origin: Origin, target: str, row: Any, quantity: Decimal) -> None:
    """Open what was delivered before anybody made deliveries, on the origin itself."""
    money = origin.money(quantity)
    if row is not None:
        row.most += quantity
        _grow(work, row, quantity, money)
        return
    work.connection.execute(
        insert(_OPEN),
        {
            "company_id": work.company.id,
            "line_id": origin.id,
            "document_id": origin.document_id,
            "party_id": document.party_id,
            "target": target,
            "quantity": quantity,
            "most": quantity,
            "amount": money,
            "released_at": work.now,
        },
    )
