"""What waits: each open line is the one that was released, with its quantity, what may be taken and its amount.

Where nothing of the origin came back or was dropped, all three are told by the line. Else a part of the amount goes
with the quantity, and what of the invoices' rows is gone is what came back, less what is open for a credit note.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, or_, select, type_coerce

from core.documents.models import DocumentLine
from core.documents.stage import GOODS, Stage
from core.documents.truths import Closure
from core.money import share
from core.operations.verifying.questions import (
    DOCUMENT,
    LINE,
    LINK,
    OPEN,
    ORIGIN,
    QUANTITY,
    exchanged,
    kinds,
    size,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import STREAMED, Finding
from core.text import Text, _
from core.work import Work

_BEGUN: Any = DocumentLine.__table__.alias("begun")
NONE = Decimal(0)
# A part of a part is rounded once more for each time that something came back.
ROUNDED = Decimal("0.05")


def verify_opened(work: Work) -> Iterator[Finding]:
    """Open lines that are another document's or customer's, ended by nobody, or of another quantity or amount."""
    yield from _strange(work)
    yield from _sizes(work)
    yield from _unbilled(work)


def _rows(*columns: Any) -> Any:
    """Open lines with their line, their document and where they began."""
    return (
        select(*(DOCUMENT.c[name] for name in ("id", "kind", "number")), LINE.c.name, *columns)
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == OPEN.c.company_id))
        .join(_BEGUN, (_BEGUN.c.id == ORIGIN) & (_BEGUN.c.company_id == OPEN.c.company_id))
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )


def _strange(work: Work) -> Iterator[Finding]:
    """Rows without their line, of another document or customer than the line's, or ended though the line goes on."""
    lines = select(LINE.c.id).where(LINE.c.company_id == work.company.id)
    loose = (
        select(*(DOCUMENT.c[name] for name in ("id", "kind", "number")))
        .select_from(OPEN)
        .join(DOCUMENT, (DOCUMENT.c.id == OPEN.c.document_id) & (DOCUMENT.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.line_id.not_in(lines))
    )
    for row in work.connection.execute(loose):
        yield Finding("open.astray", name_of(work, row), _("Something waits of it that is none of its lines."))
    forced = and_(_BEGUN.c.closure == Closure.FORCED.value, OPEN.c.target.in_(kinds(work, *GOODS)))
    ended = or_(
        OPEN.c.closure.not_in((Closure.OPEN.value, Closure.FORCED.value)),
        and_(OPEN.c.closure == Closure.FORCED.value, ~forced),
    )
    other = or_(OPEN.c.document_id != DOCUMENT.c.id, OPEN.c.party_id.is_distinct_from(DOCUMENT.c.party_id))
    rows = _rows(ended.label("ended")).where(OPEN.c.company_id == work.company.id, or_(other, ended))
    for row in work.connection.execute(rows):
        if row.ended:
            text: Text = _("“{name}” does not wait any more, though nobody has ended it.", name=row.name)
            yield Finding("open.ended", name_of(work, row), text)
        else:
            text = _("“{name}” waits as another document's or customer's.", name=row.name)
            yield Finding("open.foreign", name_of(work, row), text)


def _sizes(work: Work) -> Iterator[Finding]:
    """Quantity, most and amount of each row, reckoned from its line."""
    linked = (
        select(LINK.c.company_id, LINK.c.target_id, summed(LINK.c.amount).label("amount"))
        .group_by(LINK.c.company_id, LINK.c.target_id)
        .subquery()
    )
    came_back = or_(_BEGUN.c.returned != 0, _BEGUN.c.dropped != 0, _BEGUN.c.closure == Closure.FORCED.value)
    # On the goods' way a row grows by what is sent again; what came back for good leaves it as it is.
    # What went out beyond the order is invoiced with it, where the order itself is invoiced.
    beyond = and_(LINE.c.origin_id.is_(None), _BEGUN.c.delivered > _BEGUN.c.base_quantity)
    billed = and_(OPEN.c.target.not_in(kinds(work, *GOODS)), or_(came_back, beyond))
    again = _BEGUN.c.id.in_(exchanged(work))
    moved = or_(billed, again)
    # Of what was closed by hand, only what was exchanged is open; how much that is, is asked of the goods.
    capped = and_(again, _BEGUN.c.closure == Closure.FORCED.value, OPEN.c.most < OPEN.c.quantity)
    rows = (
        _rows(
            *(OPEN.c[name].label(f"open_{name}") for name in ("quantity", "most", "taken", "amount", "taken_amount")),
            *(LINE.c[name] for name in ("base_quantity", "gross", "ceiling", "origin_id")),
            moved.label("moved"),
            OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=True)).label("credits"),
            capped.label("capped"),
            linked.c.amount.label("linked"),
        )
        .outerjoin(linked, (linked.c.target_id == LINE.c.id) & (linked.c.company_id == LINE.c.company_id))
        .where(OPEN.c.company_id == work.company.id)
    )
    for row in work.connection.execute(rows, execution_options=STREAMED):
        for what, noted, right in _wrong(work, row):
            text = _("Of “{name}”, {noted} is open as {what}; its line comes to {sum}.",
                     name=row.name, what=what, noted=noted, sum=right)  # fmt: skip
            yield Finding("open.size", name_of(work, row), text)


def _wrong(work: Work, row: Any) -> Iterator[tuple[Text, Decimal, Decimal]]:
    """What of a row is not as its line says: what it is called, what is noted, and what it comes to."""
    cls = work.types.documents.get(row.kind)
    if cls is None:
        return
    whole, quantity = abs(row.base_quantity), row.open_quantity
    more = max((row.ceiling or whole) - whole, NONE)
    worth = row.gross if cls.priced or row.origin_id is None else row.linked or NONE
    part = share(worth, quantity, whole) if whole else NONE
    if not row.moved and quantity != whole:
        yield _("quantity"), quantity, whole
    # Taken into what was ended and opened again, up to the ceiling of the whole.
    most = (quantity, quantity + more, row.open_taken, row.ceiling) if row.moved else (quantity + more,)
    if row.open_most not in most and not row.capped:
        yield _("at most"), row.open_most, quantity + more
    # What comes back is worth what it was after all that came back before; of others each time one more is rounded.
    # All of it taken, it is what was taken.
    back = row.credits and row.base_quantity < 0
    if back and quantity and row.open_taken == quantity:
        part, back = row.open_taken_amount, False
    rounded = ROUNDED if back or (row.moved and quantity != whole and row.base_quantity > 0) else NONE
    if abs(row.open_amount - part) > rounded:
        yield _("amount"), row.open_amount, part


def _unbilled(work: Work) -> Iterator[Finding]:
    """By origin: what the rows for invoices have lost is what came back for good and is not open for a credit note.

    What was delivered before anybody made invoices may have come back without a word here.
    """
    opened, credited = _gone(work), _credits(work)
    rows = work.connection.execute(
        select(*(LINE.c[name] for name in ("id", "name", "delivered", "returned")))
        .where(LINE.c.company_id == work.company.id, LINE.c.returned == LINE.c.dropped)
        .where(LINE.c.returned > 0, LINE.c.closure != Closure.FORCED.value, LINE.c.id.not_in(exchanged(work)))
        .order_by(LINE.c.document_id, LINE.c.position)
    )
    for row in rows:
        whole, gone = opened.get(row.id, (NONE, NONE))
        came = row.returned - credited.get(row.id, NONE)
        if gone > came or (gone < came and whole >= row.delivered):
            for one in work.connection.execute(_billed(work).where(row.id == ORIGIN)):
                text = _("Of “{name}”, {gone} less is to be invoiced; {came} came back before it was.",
                         name=row.name, gone=gone, came=came)  # fmt: skip
                yield Finding("open.unbilled", name_of(work, one), text)


def _billed(work: Work) -> Any:
    """The documents of which something waits, or waited, for an invoice or a credit note."""
    return (
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number)
        .distinct()
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.target.in_(kinds(work, Stage.INVOICE)))
        .order_by(DOCUMENT.c.id)
    )


def _gone(work: Work) -> dict[int, tuple[Decimal, Decimal]]:
    """By origin, how much was opened for invoices in all, and how much of it is gone."""
    opened = size(LINE.c.base_quantity)
    rows = work.connection.execute(
        select(
            ORIGIN.label("origin"),
            summed(opened),
            summed(type_coerce(opened - OPEN.c.quantity, QUANTITY)),
        )
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=False)))
        .group_by(ORIGIN)
    )
    return {origin: (whole, gone) for origin, whole, gone in rows}


def _credits(work: Work) -> dict[int, Decimal]:
    """By origin, how much of what came back was invoiced before and is open for a credit note."""
    rows: Any = work.connection.execute(
        select(ORIGIN.label("origin"), summed(OPEN.c.quantity))
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(
            OPEN.c.company_id == work.company.id,
            OPEN.c.target.in_(kinds(work, Stage.INVOICE, corrects=True)),
            LINE.c.base_quantity < 0,
        )
        .group_by(ORIGIN)
    )
    return {row.origin: row[1] for row in rows}
