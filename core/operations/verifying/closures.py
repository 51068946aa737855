"""What is closed is done or was closed by somebody: lines where they began, and the documents they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, case, exists, false, func, literal, not_, or_, select

from core.documents.models import Document
from core.documents.truths import Closure
from core.operations.flow.figures import DONE
from core.operations.verifying.questions import DOCUMENT, HISTORY, LINE, exchanged, unhandled
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import _
from core.work import Work

_FIGURES = ("dropped", "conceded", "withheld")


def verify_closures(work: Work) -> Iterator[Finding]:
    """Lines that are closed though something is to come, or that end nothing; headers that say other than their lines.

    What lines say of what becomes of them stands where they began, and nowhere else.
    """
    yield from _beside(work)
    yield from _lines(work)
    yield from _headers(work)


def _of_lines(work: Work, *conditions: Any) -> Any:
    return work.connection.execute(
        select(*(DOCUMENT.c[name] for name in ("id", "kind", "number")), LINE.c.name)
        .join(DOCUMENT, (DOCUMENT.c.id == LINE.c.document_id) & (DOCUMENT.c.company_id == LINE.c.company_id))
        .where(LINE.c.company_id == work.company.id, *conditions)
        .order_by(DOCUMENT.c.id, LINE.c.position)
    )


def _beside(work: Work) -> Iterator[Finding]:
    """Lines that began elsewhere, or bind nobody, neither drop nor concede anything, nor are they closed."""
    elsewhere = or_(LINE.c.origin_id.is_not(None), LINE.c.ceiling.is_(None))
    said = or_(LINE.c.closure != Closure.OPEN.value, *(LINE.c[name] != 0 for name in _FIGURES))
    for row in _of_lines(work, elsewhere, said):
        text = _("Nothing begins with “{name}”, and yet it is closed, dropped or conceded here.", name=row.name)
        yield Finding("line.beside", name_of(work, row), text)


def _lines(work: Work) -> Iterator[Finding]:
    """A line is closed when all that is to come of it has come, open while it has not, and forced by somebody."""
    arrived, expected = LINE.c.delivered - LINE.c.returned, LINE.c.base_quantity - LINE.c.dropped
    begun = LINE.c.origin_id.is_(None)
    early = and_(LINE.c.closure == Closure.CLOSED.value, arrived < expected)
    for row in _of_lines(work, begun, early):
        yield Finding(
            "line.closed", name_of(work, row), _("“{name}” is closed, but not all of it has come.", name=row.name)
        )
    # Nothing was ever out beyond what was ordered, nor to be sent again: all that came back is dropped.
    plain = and_(
        LINE.c.closure != Closure.FORCED.value,
        LINE.c.delivered <= LINE.c.base_quantity,
        LINE.c.id.not_in(exchanged(work)),
    )
    # What counted as delivered may be delivered again by whoever does so by now.
    again = and_(LINE.c.deemed, LINE.c.id.in_(exchanged(work)))
    for row in _of_lines(work, LINE.c.line_kind != "text", LINE.c.deemed != unhandled(work), ~again):
        text = _("Of “{name}” it is not told rightly whether somebody delivers it.", name=row.name)
        yield Finding("line.deemed", name_of(work, row), text)
    shut = LINE.c.closure == Closure.FORCED.value
    whole = and_(LINE.c.delivered <= LINE.c.base_quantity, LINE.c.id.not_in(exchanged(work)))
    kept = and_(shut, whole, LINE.c.withheld != LINE.c.dropped - LINE.c.returned)
    for row in _of_lines(work, begun, or_(kept, and_(~shut, LINE.c.withheld != 0))):
        text = _("Of “{name}”, something else is withheld than was closed by hand.", name=row.name)
        yield Finding("line.withheld", name_of(work, row), text)
    for row in _of_lines(work, begun, plain, LINE.c.dropped != LINE.c.returned):
        text = _("Of “{name}”, something else is dropped than has come back.", name=row.name)
        yield Finding("line.dropped", name_of(work, row), text)
    told = exists().where(
        HISTORY.c.company_id == LINE.c.company_id,
        HISTORY.c.document_id == LINE.c.document_id,
        or_(HISTORY.c.what == literal("close"), *_closing(work)),
    )
    forced = LINE.c.closure == Closure.FORCED.value
    for row in _of_lines(work, begun, forced, ~told):
        yield Finding("line.forced", name_of(work, row), _("Nobody has closed “{name}”.", name=row.name))


def _closing(work: Work) -> list[Any]:
    """Entries of moves that end a document."""
    found = []
    for kind, cls in sorted(work.types.documents.items()):
        names = [t.name for t in cls.workflow.transitions if t.closes]
        if names:
            found.append(and_(HISTORY.c.kind == kind, HISTORY.c.what.in_(names)))
    return found


def _headers(work: Work) -> Iterator[Finding]:
    """A document is closed by its last move, or when all its lines are; and it is open while one of them is."""
    ended = []
    for kind, cls in sorted(work.types.documents.items()):
        states = _ended(cls)
        if states:
            ended.append(and_(DOCUMENT.c.kind == kind, DOCUMENT.c.state.in_(sorted(states))))
    done = LINE.c.closure.in_(DONE)
    counted = LINE.c.line_kind != "text"
    sums = (
        select(
            LINE.c.document_id,
            func.sum(case((and_(counted, not_(done)), 1), else_=0)).label("left"),
            func.sum(case((and_(counted, done), 1), else_=0)).label("done"),
        )
        .where(LINE.c.company_id == work.company.id)
        .group_by(LINE.c.document_id)
        .subquery()
    )
    whole = and_(func.coalesce(sums.c.left, 0) == 0, func.coalesce(sums.c.done, 0) > 0)
    closed = DOCUMENT.c.closure.in_(DONE)
    by_move = or_(false(), *ended)
    wrong = or_(and_(closed, ~whole, ~by_move), and_(~closed, or_(whole, by_move)))
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, DOCUMENT.c.closure)
        .outerjoin(sums, sums.c.document_id == DOCUMENT.c.id)
        .where(DOCUMENT.c.company_id == work.company.id, DOCUMENT.c.closure != Closure.SUSPENDED.value, wrong)
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        text = _("It is noted as {closure}, which neither its lines nor its last move say.", closure=row.closure)
        yield Finding("document.closure", name_of(work, row), text)


def _ended(cls: type[Document]) -> set[str]:
    """The states that only a move that closes leads to."""
    moves = cls.workflow.transitions
    others = {t.target for t in moves if not t.closes}
    return {t.target for t in moves if t.closes} - others
