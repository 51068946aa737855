"""Links and open lines: what was taken is what the documents that took it say, in quantity and in money."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, type_coerce

from core.documents.models import Document, DocumentLine
from core.documents.stage import GOODS, Point
from core.operations.verifying.questions import (
    AMOUNT,
    DOCUMENT,
    LINE,
    LINK,
    OPEN,
    ORIGIN,
    QUANTITY,
    gave_back,
    kinds,
    posted,
    released,
    size,
    summed,
)
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import _
from core.work import Work

_TARGET: Any = Document.__table__.alias("target")
_TAKEN: Any = DocumentLine.__table__.alias("taken_line")


def verify_links(work: Work) -> Iterator[Finding]:
    """Open lines have given what their links say; linked lines say what their links say."""
    yield from _taken(work)
    yield from _rest(work)
    yield from _astray(work)
    yield from _loose(work)
    yield from _quantities(work)
    yield from _amounts(work)


def _taken(work: Work) -> Iterator[Finding]:
    """Of each released line, what is taken is the sum of the links of the documents that hold some of it.

    What was exchanged is open again though its first delivery stands: there the sums of the whole line are compared.
    """
    exchanged = _exchanged(work)
    held = (
        select(
            LINK.c.source_id,
            _TARGET.c.kind,
            summed(LINK.c.quantity).label("quantity"),
            summed(LINK.c.amount).label("amount"),
        )
        .join(_TARGET, (_TARGET.c.id == LINK.c.target_document_id) & (_TARGET.c.company_id == LINK.c.company_id))
        .where(LINK.c.company_id == work.company.id, _TARGET.c.id.not_in(gave_back(work)))
        .group_by(LINK.c.source_id, _TARGET.c.kind)
        .subquery()
    )
    quantity, amount = func.coalesce(held.c.quantity, 0), func.coalesce(held.c.amount, 0)
    origin = func.coalesce(LINE.c.origin_id, LINE.c.id)
    again = and_(origin.in_(select(exchanged.c.origin)), OPEN.c.target.in_(kinds(work, *GOODS)))
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            LINE.c.name,
            OPEN.c.taken,
            OPEN.c.taken_amount,
            type_coerce(quantity, QUANTITY).label("quantity"),
            type_coerce(amount, AMOUNT).label("amount"),
        )
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .join(DOCUMENT, (DOCUMENT.c.id == OPEN.c.document_id) & (DOCUMENT.c.company_id == OPEN.c.company_id))
        .outerjoin(held, (held.c.source_id == OPEN.c.line_id) & (held.c.kind == OPEN.c.target))
        .where(
            OPEN.c.company_id == work.company.id, ~again, or_(OPEN.c.taken != quantity, OPEN.c.taken_amount != amount)
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )
    for row in rows:
        if row.taken != row.quantity:
            text = _("Of “{name}”, {taken} is noted as taken; those that took it come to {sum}.",
                     name=row.name, taken=row.taken, sum=row.quantity)  # fmt: skip
            yield Finding("open.taken", name_of(work, row), text)
        else:
            text = _("Of “{name}”, {taken} in money is noted as taken; those that took it come to {sum}.",
                     name=row.name, taken=row.taken_amount, sum=row.amount)  # fmt: skip
            yield Finding("open.taken_amount", name_of(work, row), text)
    yield from _taken_again(work, exchanged)


def _rest(work: Work) -> Iterator[Finding]:
    """Where all of a released line is taken, so is all of its amount: the parts come to the whole, to the cent."""
    begun = DocumentLine.__table__.alias("begun")
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, LINE.c.name, OPEN.c.amount, OPEN.c.taken_amount)
        .select_from(OPEN)
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .join(begun, (begun.c.id == ORIGIN) & (begun.c.company_id == OPEN.c.company_id))
        .join(DOCUMENT, (DOCUMENT.c.id == OPEN.c.document_id) & (DOCUMENT.c.company_id == OPEN.c.company_id))
        .where(
            OPEN.c.company_id == work.company.id,
            OPEN.c.quantity > 0,
            OPEN.c.taken == OPEN.c.quantity,
            OPEN.c.taken_amount != OPEN.c.amount,
            begun.c.returned == 0,
            begun.c.dropped == 0,
        )
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )
    for row in rows:
        text = _(
            "All of “{name}” is taken, but {taken} in money of {amount}.",
            name=row.name,
            taken=row.taken_amount,
            amount=row.amount,
        )
        yield Finding("open.rest", name_of(work, row), text)


def _exchanged(work: Work) -> Any:
    """By origin, how much came back only to be delivered again."""
    comes = or_(posted(work, Point.DELIVERY), DOCUMENT.c.id.in_(released(work)))
    return (
        select(ORIGIN.label("origin"), summed(size(LINE.c.base_quantity)).label("quantity"))
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(LINE.c.company_id == work.company.id, LINE.c.exchanged, LINE.c.base_quantity < 0, comes)
        .group_by(ORIGIN)
        .subquery()
    )


def _taken_again(work: Work, exchanged: Any) -> Iterator[Finding]:
    """What is taken of an exchanged line in all is what its links say, less at most what was exchanged."""
    origin = func.coalesce(LINE.c.origin_id, LINE.c.id)
    on_the_way = kinds(work, *GOODS, corrects=False)
    taken = (
        select(origin.label("origin"), summed(OPEN.c.taken).label("quantity"))
        .join(LINE, (LINE.c.id == OPEN.c.line_id) & (LINE.c.company_id == OPEN.c.company_id))
        .where(OPEN.c.company_id == work.company.id, OPEN.c.target.in_(on_the_way))
        .group_by(origin)
        .subquery()
    )
    held = (
        select(origin.label("origin"), summed(LINK.c.quantity).label("quantity"))
        .select_from(LINK)
        .join(LINE, (LINE.c.id == LINK.c.target_id) & (LINE.c.company_id == LINK.c.company_id))
        .join(_TARGET, (_TARGET.c.id == LINK.c.target_document_id) & (_TARGET.c.company_id == LINK.c.company_id))
        .where(LINK.c.company_id == work.company.id, _TARGET.c.kind.in_(on_the_way), LINE.c.base_quantity > 0)
        .where(_TARGET.c.id.not_in(gave_back(work)))
        .group_by(origin)
        .subquery()
    )
    less = func.coalesce(held.c.quantity, 0) - func.coalesce(taken.c.quantity, 0)
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, LINE.c.name, type_coerce(less, QUANTITY).label("less")
        )
        .select_from(exchanged)
        .join(LINE, LINE.c.id == exchanged.c.origin)
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .outerjoin(taken, taken.c.origin == LINE.c.id)
        .outerjoin(held, held.c.origin == LINE.c.id)
        .where(LINE.c.company_id == work.company.id, or_(less < 0, less > exchanged.c.quantity))
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        text = _("Of “{name}”, what is taken differs by {less} from what its links say.", name=row.name, less=row.less)
        yield Finding("open.taken", name_of(work, row), text)


def _astray(work: Work) -> Iterator[Finding]:
    """A document that holds something has it from a line that was released for its kind."""
    opened = exists().where(
        OPEN.c.company_id == LINK.c.company_id, OPEN.c.line_id == LINK.c.source_id, OPEN.c.target == DOCUMENT.c.kind
    )
    takes = [kind for kind, cls in sorted(work.types.documents.items()) if cls.stage is not None and cls.takes]
    # Few or none, and looked for first: in a database without statistics PostgreSQL would join all lines with all.
    loose = (
        select(
            LINK.c.company_id,
            LINK.c.source_id,
            LINK.c.target_id,
            *(DOCUMENT.c[name] for name in ("id", "kind", "number")),
        )
        .select_from(LINK)
        .join(DOCUMENT, (DOCUMENT.c.id == LINK.c.target_document_id) & (DOCUMENT.c.company_id == LINK.c.company_id))
        .where(
            LINK.c.company_id == work.company.id,
            DOCUMENT.c.kind.in_(takes),
            DOCUMENT.c.id.not_in(gave_back(work)),
            ~opened,
        )
        .cte("loose")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    rows = work.connection.execute(
        select(loose.c.id, loose.c.kind, loose.c.number, LINE.c.name)
        .join(LINE, (LINE.c.id == loose.c.target_id) & (LINE.c.company_id == loose.c.company_id))
        .join(_TAKEN, (_TAKEN.c.id == loose.c.source_id) & (_TAKEN.c.company_id == loose.c.company_id))
        .where(or_(LINE.c.base_quantity > 0, _TAKEN.c.base_quantity < 0))
        .order_by(loose.c.id, LINE.c.position)
    )
    for row in rows:
        yield Finding(
            "link.astray",
            name_of(work, row),
            _("“{name}” was taken from a line that was not released for it.", name=row.name),
        )


def _loose(work: Work) -> Iterator[Finding]:
    """A link joins two lines, and names the documents that these are of; a line that was taken over has one."""
    ends = []
    for end in ("source", "target"):
        line = exists().where(
            LINE.c.company_id == LINK.c.company_id,
            LINE.c.id == LINK.c[f"{end}_id"],
            LINE.c.document_id == LINK.c[f"{end}_document_id"],
        )
        ends.append(~line)
    mine = [LINK.c.company_id == work.company.id, or_(*ends)]
    here = or_(DOCUMENT.c.id == LINK.c.source_document_id, DOCUMENT.c.id == LINK.c.target_document_id)
    of_link = (
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number)
        .select_from(LINK)
        .join(DOCUMENT, (DOCUMENT.c.company_id == LINK.c.company_id) & here)
        .where(*mine)
    )
    alone = (
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number)
        .join(LINE, (LINE.c.document_id == DOCUMENT.c.id) & (LINE.c.company_id == DOCUMENT.c.company_id))
        .where(
            DOCUMENT.c.company_id == work.company.id,
            LINE.c.linked,
            ~exists().where(
                LINK.c.company_id == LINE.c.company_id,
                LINK.c.target_id == LINE.c.id,
                LINK.c.target_document_id == LINE.c.document_id,
            ),
        )
    )
    for row in work.connection.execute(of_link.union(alone).order_by("id")):
        yield Finding(
            "link.loose", name_of(work, row), _("A line of it and what it was taken from do not know each other.")
        )


def _linked() -> Any:
    return (
        select(
            LINK.c.company_id,
            LINK.c.target_id,
            summed(LINK.c.quantity).label("quantity"),
            summed(LINK.c.amount).label("amount"),
        )
        .group_by(LINK.c.company_id, LINK.c.target_id)
        .subquery()
    )


def _lines_beside_links(work: Work, sums: Any, *conditions: Any) -> Any:
    return work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            LINE.c.name,
            LINE.c.base_quantity,
            LINE.c.gross,
            sums.c.quantity,
            sums.c.amount,
        )
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .join(sums, (sums.c.target_id == LINE.c.id) & (sums.c.company_id == LINE.c.company_id))
        .where(LINE.c.company_id == work.company.id, *conditions)
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )


def _quantities(work: Work) -> Iterator[Finding]:
    """What an order says of an offer is its own; whatever comes after it has just the quantity it has taken."""
    sums = _linked()
    beside = [kind for kind, cls in sorted(work.types.documents.items()) if cls.stage is None]
    bound = or_(LINE.c.origin_id.is_not(None), DOCUMENT.c.kind.in_(beside))
    for row in _lines_beside_links(work, sums, size(LINE.c.base_quantity) != sums.c.quantity, bound):
        text = _(
            "The quantity of “{name}” is {quantity}, its links say {sum}.",
            name=row.name,
            quantity=row.base_quantity,
            sum=row.quantity,
        )
        yield Finding("link.quantity", name_of(work, row), text)


def _amounts(work: Work) -> Iterator[Finding]:
    """What was taken over at an agreed price costs what its link says."""
    sums = _linked()
    priced = [kind for kind, cls in sorted(work.types.documents.items()) if cls.priced]
    differs = type_coerce(func.abs(LINE.c.gross), AMOUNT) != type_coerce(func.abs(sums.c.amount), AMOUNT)
    agreed = and_(LINE.c.origin_id.is_not(None), DOCUMENT.c.kind.in_(priced))
    for row in _lines_beside_links(work, sums, differs, agreed):
        text = _("“{name}” costs {gross}, its links say {sum}.", name=row.name, gross=row.gross, sum=row.amount)
        yield Finding("link.amount", name_of(work, row), text)
