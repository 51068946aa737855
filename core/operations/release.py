"""Release and take: a released line is open for its next kind until it is taken, closed or cancelled.

No area knows its neighbours. It releases lines, and core opens each for the nearest stage in use that accepts it;
leave an area out and its stage is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, insert, literal, select, type_coerce, union_all, update

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine, DocumentLink, OpenLine
from core.documents.stage import GOODS, MONEY, Stage
from core.documents.workflow import Transition
from core.errors import Conflict
from core.money import half_up
from core.operations.create import write
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_OPEN: Any = OpenLine.__table__
_LINE: Any = DocumentLine.__table__
# A difference of two quantities is one; without a word the database's own number would come back.
_LEFT = type_coerce(_OPEN.c.quantity - _OPEN.c.taken, _OPEN.c.quantity.type).label("left")
AMOUNT = 2


def targets(work: Work, document: Document) -> list[type[Document]]:
    """The kinds that come after ``document``: on the goods' track and on the money's, the nearest in use of each."""
    here = document.stage
    if here is None:
        return []
    entries: dict[Stage, type[Document]] = {}
    for kind, cls in sorted(work.types.documents.items()):
        if cls.stage is not None and area_of(kind) in work.areas and (cls.stage not in entries or cls.entry):
            entries[cls.stage] = cls
    later = sorted(stage for stage in entries if stage > here)
    if here < Stage.ORDER:
        return [entries[later[0]]] if later else []
    goods = next((s for s in later if s in GOODS), None)
    money = next((s for s in later if s in MONEY), None)
    return [entries[s] for s in (goods, money) if s is not None]


def release(work: Work, source: Document, transition: Transition) -> None:
    """Open the lines of ``source`` for what comes next, and tell the areas that own it."""
    if isinstance(transition.releases, str):
        nexts = [work.types.document(transition.releases)] if area_of(transition.releases) in work.areas else []
    else:
        nexts = targets(work, source)
    for cls in nexts:
        lines = [line for line in source.lines if line.line_kind != "text" and cls.accepts(work, line)]
        if lines:
            _open(work, source, cls, lines)
            work.hooks.lines_released(area_of(kind_of(cls)), kind_of(cls), source, lines)


def _open(work: Work, source: Document, cls: type[Document], lines: Sequence[DocumentLine]) -> None:
    work.connection.execute(
        insert(_OPEN),
        [
            {
                "company_id": work.company.id,
                "line_id": line.id,
                "document_id": source.id,
                "party_id": source.party_id,
                "target": kind_of(cls),
                "quantity": abs(line.base_quantity),
                "amount": abs(line.gross),
                "released_at": work.now,
            }
            for line in lines
        ],
    )


def waiting(work: Work, cls: type[Document], *, party_id: int | None = None, most: int = 500) -> list[Any]:
    """Lines that are open for ``cls``: the line, its document and what is left, the oldest first."""
    document: Any = Document.__table__
    statement = (
        select(
            _OPEN.c.line_id,
            _OPEN.c.document_id,
            _LEFT,
            _OPEN.c.released_at,
            document.c.kind,
            document.c.number,
            document.c.party_id,
            document.c.party_name,
            _LINE.c.name,
            _LINE.c.specification,
            _LINE.c.unit,
        )
        .join(document, (document.c.id == _OPEN.c.document_id) & (document.c.company_id == _OPEN.c.company_id))
        .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
        .where(
            _OPEN.c.company_id == work.company.id,
            _OPEN.c.target == kind_of(cls),
            _OPEN.c.closure == "open",
            _OPEN.c.taken < _OPEN.c.quantity,
        )
        .order_by(_OPEN.c.id)
        .limit(most)
    )
    if party_id is not None:
        statement = statement.where(_OPEN.c.party_id == party_id)
    return list(work.connection.execute(statement))


def take(work: Work, cls: type[D], source: Document, wanted: Mapping[int, Decimal] | None = None, **values: Any) -> D:
    """A new draft of ``cls`` from open lines of ``source``: all that is left, or ``wanted`` base quantities by line id.

    Links carry quantity and amount (half up). Raises ``Conflict`` when more is wanted than is open, also when somebody
    else was faster.
    """
    left = {row.line_id: row.left for row in waiting_of(work, cls, source.id)}
    taken = {
        key: left.get(key, Decimal(0)) if quantity is None else quantity for key, quantity in (wanted or left).items()
    }
    lines = [line for line in source.lines if taken.get(line.id)]
    if not lines:
        raise Conflict(_("Nothing is open for this any more."), code="flow.nothing")
    _guard(work, cls, {line.id: taken[line.id] for line in lines})
    rows = [_copied(line, taken[line.id], priced=source.priced) for line in lines]
    begun = {
        "party_id": source.party_id,
        "subject": source.subject,
        "reference": source.reference,
        "currency": source.currency,
        "exchange_rate": source.exchange_rate,
        "prices_include_tax": source.prices_include_tax,
        "contact_name": source.contact_name,
        "contact_phone": source.contact_phone,
        "owner_id": source.owner_id,
        "department_id": source.department_id,
        "payment_terms": source.payment_terms,
        **values,
    }
    document = write(work, cls, begun, rows)
    work.connection.execute(
        insert(DocumentLink),
        [
            {
                "company_id": work.company.id,
                "source_id": old.id,
                "target_id": new.id,
                "source_document_id": source.id,
                "target_document_id": document.id,
                "quantity": taken[old.id],
                "amount": _part(old, taken[old.id]),
            }
            for old, new in zip(lines, document.lines, strict=True)
        ],
    )
    return document


def waiting_of(work: Work, cls: type[Document], document_id: int) -> list[Any]:
    """What of one document is open for ``cls``."""
    return list(
        work.connection.execute(
            select(_OPEN.c.line_id, _LEFT).where(
                _OPEN.c.company_id == work.company.id,
                _OPEN.c.document_id == document_id,
                _OPEN.c.target == kind_of(cls),
                _OPEN.c.closure == "open",
                _OPEN.c.taken < _OPEN.c.quantity,
            )
        )
    )


def _guard(work: Work, cls: type[Document], wanted: Mapping[int, Decimal]) -> None:
    """Take the quantities by guarded updates; the database refuses what is no longer open."""
    done = work.connection.execute(
        update(_OPEN)
        .where(
            _OPEN.c.company_id == work.company.id,
            _OPEN.c.line_id == bindparam("_line"),
            _OPEN.c.target == kind_of(cls),
            _OPEN.c.closure == "open",
            _OPEN.c.taken + bindparam("_wanted", type_=_OPEN.c.taken.type) <= _OPEN.c.quantity,
        )
        .values(taken=_OPEN.c.taken + bindparam("_wanted", type_=_OPEN.c.taken.type)),
        [{"_line": key, "_wanted": quantity} for key, quantity in sorted(wanted.items())],
    )
    if done.rowcount != len(wanted):
        raise Conflict(_("Somebody else has taken these lines in the meantime."), code="flow.taken")


def _copied(line: DocumentLine, base_quantity: Decimal, *, priced: bool) -> dict[str, Any]:
    names = (
        "line_kind",
        "item_id",
        "name",
        "name_en",
        "specification",
        "unit",
        "discount_rate",
        "tax_rate_id",
        "lead_time",
        "deadline",
        "remark",
    )
    row = {name: getattr(line, name) for name in names}
    row["quantity"] = half_up(base_quantity / line.factor, 6)
    if priced and (line.gross_price or line.price):
        fixed = "price" if line.fixed == "price" else "gross_price"
        row |= {"fixed": fixed, fixed: getattr(line, fixed)}
    return {key: value for key, value in row.items() if value is not None}


def _part(line: DocumentLine, base_quantity: Decimal) -> Decimal:
    whole = abs(line.base_quantity)
    return half_up(line.gross * base_quantity / whole, AMOUNT) if whole else Decimal(0)


def chain(work: Work, document_id: int) -> tuple[list[Any], list[Any]]:
    """The documents directly before and directly after one, for 上查 and 下查; both in one statement."""
    both = union_all(_linked(work, document_id, up=True), _linked(work, document_id, up=False)).order_by("id")
    found = [row for row in work.connection.execute(both) if area_of(row.kind) in work.areas]
    return [row for row in found if row.up], [row for row in found if not row.up]


def _linked(work: Work, document_id: int, *, up: bool) -> Select[Any]:
    link: Any = DocumentLink.__table__
    document: Any = Document.__table__
    mine, other = (
        (link.c.target_document_id, link.c.source_document_id)
        if up
        else (link.c.source_document_id, link.c.target_document_id)
    )
    return (
        select(
            document.c.id,
            document.c.kind,
            document.c.number,
            document.c.state,
            document.c.date,
            document.c.gross,
            document.c.currency,
            literal(up).label("up"),
        )
        .distinct()
        .join(link, (other == document.c.id) & (link.c.company_id == document.c.company_id))
        .where(link.c.company_id == work.company.id, mine == document_id)
    )
