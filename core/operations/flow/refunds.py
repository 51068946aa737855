"""What comes back: taken out of what is still to be invoiced, the rest opened for a credit note; or sent again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

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
_HEADER: Any = Document.__table__
NONE = Decimal(0)


def returned(work: Work, document: Document, lines: Sequence[DocumentLine], origins: Mapping[int, Origin]) -> None:
    """Let the money follow the goods that came back with ``lines``, and let exchanged ones be delivered again.

    What it comes to is reckoned here, after all that came back before: papers written at the same time know nothing of
    each other. Where the second delivery is not invoiced by itself, an exchange changes nothing in the money.
    """
    if not lines:
        return
    rows = _open_rows(work, {line.origin_id or line.id for line in lines})
    goods, billing = routes.goods_kinds(work), routes.billing_kinds(work)
    worth = _worth(lines, origins)
    credits: dict[int, tuple[Decimal, Decimal]] = {}
    for line in lines:
        origin = origins[line.origin_id or line.id]
        mine = [row for row in rows if row.origin == origin.id]
        money = worth[line.id]
        if line.exchanged:
            money = _again(work, document, line, origin, [row for row in mine if row.target in goods])
            if not routes.bills_again(work, line):
                continue
        billed = [row for row in mine if row.target in billing]
        rest, money = _unbill(billed, abs(line.base_quantity), money)
        if rest == 0:
            _settle(billed, origin, money)
            continue
        # What the customer has not accepted yet has not come to its invoice, and is left out when he does.
        same = [x.id for x in lines if (x.origin_id or x.id) == origin.id and x.id in credits]
        there = _covered(work, mine, origin) - sum((credits[key][0] for key in same), NONE)
        quantity = min(rest, max(there, NONE))
        if quantity > 0:
            part = share(money, quantity, rest)
            credits[line.id] = quantity, _sided(-part, line)
            origin.conceded -= part + credits[line.id][1]
    _write_billed(work, rows)
    _credit(work, document, [line for line in lines if line.id in credits], credits)


def _covered(work: Work, rows: Sequence[Any], origin: Origin) -> Decimal:
    """How much of an origin waits for its invoice or was taken for one, less what is to be credited of it.

    What a request passes on counts as it waits there; what began with its invoice never waited for one.
    """
    billing = routes.billing_kinds(work)
    found = NONE if any(row.target in billing for row in rows) else origin.invoiced
    for row in rows:
        if row.target in billing:
            found += max(row.quantity, row.taken)
            found -= row.base_quantity if row.kind in billing else NONE
        elif row.base_quantity < 0 and row.target in routes.billing_kinds(work, corrects=True):
            found -= row.quantity
    return found


def accepted(
    work: Work, lines: Sequence[DocumentLine], origins: Mapping[int, Origin]
) -> dict[int, tuple[Decimal, Decimal]]:
    """What of lines that the customer accepts is to be invoiced, by line quantity and amount: what he still has."""
    keys = {line.origin_id or line.id for line in lines}
    rows = _open_rows(work, keys)
    there = {key: _covered(work, [row for row in rows if row.origin == key], origins[key]) for key in keys}
    found = {}
    for line in lines:
        origin = origins[line.origin_id or line.id]
        quantity = min(line.base_quantity, max(origin.arrived - there[origin.id], NONE))
        there[origin.id] += quantity
        less = line.base_quantity - quantity
        came = max(origin.expected, origin.arrived)
        amount = line.gross - (origin.money(came + less) - origin.money(came))
        found[line.id] = quantity, _sided(amount, line)
    return found


def _worth(lines: Sequence[DocumentLine], origins: Mapping[int, Origin]) -> dict[int, Decimal]:
    """What each line that came back for good takes off its origin's amount: with the parts before and after, all of it.

    The origins have them counted already.
    """
    there = {origin.id: max(origin.expected, origin.arrived) for origin in origins.values()}
    found = {}
    for line in reversed(lines):
        key = line.origin_id or line.id
        before = there[key] + (NONE if line.exchanged else abs(line.base_quantity))
        found[line.id] = origins[key].money(before) - origins[key].money(there[key])
        there[key] = before
    return found


def _sided(amount: Decimal, line: DocumentLine) -> Decimal:
    """The amount, or nothing where cents would turn it against the line it belongs to."""
    return amount if amount * line.gross > 0 else NONE


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


def _open_rows(work: Work, origins: Collection[int]) -> list[Any]:
    """Everything that was opened from these origins, the latest first; kept as it changes, for lines that share one."""
    origin = func.coalesce(_LINE.c.origin_id, _LINE.c.id).label("origin")
    return [
        SimpleNamespace(**row, changed=False)
        for row in work.connection.execute(
            select(*_OPEN.c, origin, _LINE.c.base_quantity, _HEADER.c.kind)
            .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
            .join(_HEADER, (_HEADER.c.id == _OPEN.c.document_id) & (_HEADER.c.company_id == _OPEN.c.company_id))
            .where(
                _OPEN.c.company_id == work.company.id,
                (_LINE.c.origin_id.in_(bindparam("_keys", expanding=True)))
                | (_LINE.c.id.in_(bindparam("_keys", expanding=True))),
            )
            .order_by(_OPEN.c.id.desc()),
            {"_keys": sorted(origins)},
        ).mappings()
    ]


def _unbill(rows: Sequence[Any], quantity: Decimal, money: Decimal) -> tuple[Decimal, Decimal]:
    """Take ``quantity`` and its ``money`` out of what waits to be invoiced; gives back what is not there any more.

    A row that nothing is left of gives all that it has.
    """
    for row in rows:
        left = row.amount - row.taken_amount
        less = min(row.quantity - row.taken, quantity)
        if row.closure != Closure.OPEN or less <= 0:
            continue
        if less == row.quantity - row.taken:
            part = left
        else:
            part = max(min(money, left), NONE) if left > 0 else min(max(money, left), NONE)
        row.amount, row.quantity, row.changed = row.amount - part, row.quantity - less, True
        row.most = max(row.most - less, row.taken)
        quantity, money = quantity - less, money - part
    return quantity, money


def _settle(rows: Sequence[Any], origin: Origin, money: Decimal) -> None:
    """Cents that rows which gave all they had gave too much or too little: from one that still waits, if any does.

    Else what is left of the line is worth so much more or less.
    """
    for row in rows if money else ():
        left = row.amount - row.taken_amount
        if row.changed and row.closure == Closure.OPEN and row.taken < row.quantity and (left - money) * left > 0:
            row.amount -= money
            return
    origin.conceded -= money


def _write_billed(work: Work, rows: Sequence[Any]) -> None:
    """Write what is still to be invoiced of the rows that changed, in one statement."""
    names = ("quantity", "most", "amount")
    changes = [{"_id": row.id, **{name: getattr(row, name) for name in names}} for row in rows if row.changed]
    if changes:
        work.connection.execute(
            update(_OPEN)
            .where(_OPEN.c.company_id == work.company.id, _OPEN.c.id == bindparam("_id"))
            .values({name: bindparam(name) for name in names}),
            changes,
        )


def _credit(
    work: Work, document: Document, lines: Sequence[DocumentLine], parts: Mapping[int, tuple[Decimal, Decimal]]
) -> None:
    """Open the rest for a credit note, and tell the area that makes them."""
    cls = routes.biller(work, corrects=True)
    if cls is not None and lines:
        open_for(work, document, cls, list(lines), parts)
        work.hooks.lines_released(kind_of(cls).partition(".")[0], kind_of(cls), document, list(lines))


def _again(work: Work, document: Document, line: DocumentLine, origin: Origin, rows: Sequence[Any]) -> Decimal:
    """Let what comes back be delivered again: open once more where it was taken from; at once where nobody delivers.

    Gives back what goes with it in money.
    """
    rest, money = abs(line.base_quantity), NONE
    cls = routes.entry(work, Stage.DELIVERY)
    if cls is None or not cls.accepts(work, line):
        origin.delivered += rest
        return money
    mine = [row for row in rows if row.target == kind_of(cls)]
    for row in mine:
        less = min(row.taken, rest)
        if less > 0:
            before = row.taken_amount
            _untake(work, row, row.taken - less)
            rest, money = rest - less, money + before - row.taken_amount
    if rest > 0:
        money += origin.money(rest)
        _open_more(
            work, document, origin, kind_of(cls), next((row for row in mine if row.line_id == origin.id), None), rest
        )
    return money


def _untake(work: Work, row: Any, given: Decimal) -> None:
    """Of an open row, let no more than ``given`` be taken; of one that was closed, only the difference is open."""
    if row.closure == Closure.FORCED:
        row.most, row.closure = row.taken, Closure.OPEN.value
    elif row.closure == Closure.CLOSED:
        row.closure = Closure.OPEN.value
    row.taken, row.taken_amount = given, share(row.taken_amount, given, row.taken)
    names = ("taken", "taken_amount", "most", "closure")
    _write_row(work, row, {name: getattr(row, name) for name in names})


def _write_row(work: Work, row: Any, values: Mapping[str, Any]) -> None:
    mine = (_OPEN.c.company_id == work.company.id, _OPEN.c.id == row.id)
    work.connection.execute(update(_OPEN).where(*mine).values(**values))


def _grow(work: Work, row: Any, quantity: Decimal, money: Decimal) -> None:
    """Open more of a row, which may then be taken whole."""
    row.quantity, row.amount = row.quantity + quantity, row.amount + money
    row.most = max(row.most, row.quantity)
    _write_row(work, row, {"quantity": row.quantity, "most": row.most, "amount": row.amount})


def _open_more(work: Work, document: Document, origin: Origin, target: str, row: Any, quantity: Decimal) -> None:
    """Open what was delivered before anybody made deliveries, on the origin itself."""
    money = origin.money(quantity)
    if row is not None and (row.closure == Closure.FORCED or row.most < row.quantity):
        # It was closed by hand: of its new quantity, only this is open.
        row.most = quantity + (row.taken if row.closure == Closure.FORCED else row.most)
        row.quantity, row.amount, row.closure = row.quantity + quantity, row.amount + money, Closure.OPEN.value
        names = ("quantity", "most", "amount", "closure")
        _write_row(work, row, {name: getattr(row, name) for name in names})
        return
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
