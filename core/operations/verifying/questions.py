"""What the questions share: which documents count at a point, were released, or gave back what they had taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, exists, false, func, literal, or_, select, type_coerce

from core.documents.models import Document, DocumentLine, DocumentLink, OpenLine
from core.documents.stage import GOODS, Point, Stage
from core.operations.flow.routes import posted_states
from core.records.models import History
from core.work import Work

DOCUMENT: Any = Document.__table__
LINE: Any = DocumentLine.__table__
LINK: Any = DocumentLink.__table__
OPEN: Any = OpenLine.__table__
HISTORY: Any = History.__table__
ORIGIN = func.coalesce(LINE.c.origin_id, LINE.c.id)
QUANTITY, AMOUNT = LINE.c.base_quantity.type, LINE.c.gross.type
POSTING = frozenset({Point.SUPPLY, Point.DELIVERY, Point.INVOICE})
GAVE_BACK = "give_back"


def kinds(work: Work, *stages: Stage, corrects: bool | None = None) -> list[str]:
    """The declared kinds at these stages, whether in use now or not; data outlives a choice."""
    return [
        kind
        for kind, cls in sorted(work.types.documents.items())
        if cls.stage in stages and corrects in (None, cls.corrects)
    ]


def size(column: Any) -> Any:
    """A figure without its sign."""
    return type_coerce(func.abs(column), column.type)


def only(condition: Any, value: Any) -> Any:
    """``value`` where the condition holds, else nothing of it."""
    return type_coerce(case((condition, value), else_=literal(0)), value.type)


def summed(value: Any) -> Any:
    """A sum of a scaled figure is one."""
    return type_coerce(func.sum(value), value.type)


def posted(work: Work, *points: Point) -> ColumnElement[bool]:
    """Documents in a state that is reached only by a move of one of these points: their lines count."""
    found = []
    for kind, cls in sorted(work.types.documents.items()):
        if states := posted_states(cls, frozenset(points)):
            found.append(and_(DOCUMENT.c.kind == kind, DOCUMENT.c.state.in_(sorted(states))))
    return or_(false(), *found)


def releasing(work: Work) -> list[str]:
    """The kinds that open their lines for what comes next in the chain."""
    return [
        kind
        for kind, cls in sorted(work.types.documents.items())
        if any(t.releases is True and t.point is not Point.ACCEPTANCE for t in cls.workflow.transitions)
    ]


def kept(work: Work, name: str, build: Callable[[Work], Select[Any]]) -> Select[Any]:
    """A question put together once for each version of the company: putting it together takes longer than asking it."""
    return work.once(f"verify:{name}", lambda: build(work))


def released(work: Work) -> Select[Any]:
    """The ids of the documents whose lines were opened for the goods' way, and not taken back since."""
    return kept(work, "released", _released)


def _released(work: Work) -> Select[Any]:
    opened: dict[str, list[str]] = {}
    undone: dict[str, list[str]] = {}
    for kind, cls in sorted(work.types.documents.items()):
        moves = cls.workflow.transitions
        opened[kind] = [t.name for t in moves if t.releases is True and t.point is not Point.ACCEPTANCE]
        undone[kind] = [t.name for t in moves if t.undoes]
    both = {kind: [*opened[kind], *undone[kind]] for kind, names in opened.items() if names}
    last = (
        select(func.max(HISTORY.c.id).label("id"))
        .where(HISTORY.c.company_id == work.company.id, entries(both))
        .group_by(HISTORY.c.record_id)
    )
    return select(HISTORY.c.record_id).where(
        HISTORY.c.company_id == work.company.id, HISTORY.c.id.in_(last), entries(opened)
    )


def entries(names: Mapping[str, Iterable[str]]) -> ColumnElement[bool]:
    """History entries of these kinds with these names."""
    pairs = [and_(HISTORY.c.kind == kind, HISTORY.c.what.in_(list(wanted))) for kind, wanted in names.items() if wanted]
    return or_(false(), *pairs)


def gave_back(work: Work) -> Select[Any]:
    """The ids of documents that hold nothing any more of what their links say: closed before they counted."""
    return kept(work, "gave_back", _gave_back)


def _gave_back(work: Work) -> Select[Any]:
    closed = []
    for kind, cls in sorted(work.types.documents.items()):
        names = [t.name for t in cls.workflow.transitions if t.closes]
        if cls.takes and names:
            counting = sorted(posted_states(cls, POSTING))
            begun = HISTORY.c.source.not_in(counting) if counting else literal(True)
            closed.append(and_(HISTORY.c.kind == kind, HISTORY.c.what.in_(names), begun))
    opens = exists().where(OPEN.c.company_id == work.company.id, OPEN.c.document_id == HISTORY.c.document_id)
    return select(HISTORY.c.document_id).where(
        HISTORY.c.company_id == work.company.id,
        HISTORY.c.document_id.is_not(None),
        or_(HISTORY.c.what == type_coerce(GAVE_BACK, String()), and_(or_(false(), *closed), ~opens)),
    )


def exchanged(work: Work) -> Select[Any]:
    """The ids of the lines of which something comes back, or came, only to be delivered again."""
    return select(ORIGIN).where(LINE.c.company_id == work.company.id, LINE.c.exchanged)


def unhandled(work: Work) -> ColumnElement[bool]:
    """Whether a line was released, and nobody was to make, buy or deliver it after; or began with its own invoice."""
    order, way = kinds(work, Stage.ORDER), kinds(work, *GOODS)
    mine = OPEN.c.company_id == work.company.id
    goes_on = exists().where(mine, OPEN.c.line_id == LINE.c.id, OPEN.c.target.in_(way))
    ordered = exists().where(mine, OPEN.c.document_id == LINE.c.document_id, OPEN.c.target.in_(order))
    before = DOCUMENT.c.kind.in_(kinds(work, Stage.OFFER, Stage.ORDER, Stage.SUPPLY))
    billed = and_(
        DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False)),
        posted(work, Point.INVOICE),
        LINE.c.origin_id.is_(None),
        LINE.c.base_quantity > 0,
    )
    return or_(and_(before, DOCUMENT.c.id.in_(released(work)), ~goes_on, ~ordered), billed)


def deemed(work: Work) -> Select[Any]:
    """What counted as delivered, or as come back, with a release or an invoice, since no later step handles it."""
    back = LINE.c.base_quantity < 0
    quantity = size(LINE.c.base_quantity)
    return select(
        ORIGIN.label("origin"),
        only(~back | LINE.c.exchanged, quantity).label("delivered"),
        only(back, quantity).label("returned"),
    ).where(LINE.c.company_id == work.company.id, LINE.c.deemed)
