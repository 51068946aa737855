"""Release: the lines of a document are opened for what comes next, on the goods' way and on the money's.

A released line is open for its next kind until it is taken, closed or cancelled; a draft is one way to take it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.stage import Point, Stage
from core.documents.workflow import Transition
from core.operations.flow import figures, routes
from core.operations.flow.rows import open_for
from core.work import Work


def release(work: Work, source: Document, move: Transition) -> None:
    """Open the lines of ``source`` for what comes next, bind what nothing has bound yet, and tell the areas.

    Where the goods' way ends here, the release counts as the delivery.
    """
    lines = [line for line in source.lines if line.line_kind != "text"]
    if isinstance(move.releases, str):
        if area_of(move.releases) in work.areas:
            _hand_over(work, source, {work.types.document(move.releases): lines})
        return
    if source.stage is None:
        return
    if orders := routes.orders(work, source.stage):
        _hand_over(work, source, {orders: [line for line in lines if orders.accepts(work, line)]})
        return
    figures.bind(work, source)
    if move.point is not Point.ACCEPTANCE:
        figures.decide(work, source)
        _hand_over(work, source, _by_type((routes.goods(work, source.stage, line), line) for line in lines))
        _end_of_the_way(work, source, lines)
    bill = routes.biller(work)
    if bill is not None:
        billed = [line for line in lines if routes.bills(work, source, move, line) and bill.accepts(work, line)]
        _hand_over(work, source, {bill: billed})


def release_to(work: Work, source: Document, kind: str) -> None:
    """Open all lines of ``source`` for one kind beside the chain, such as the store; nothing where its area is off."""
    if area_of(kind) in work.areas:
        lines = [line for line in source.lines if line.line_kind != "text"]
        _hand_over(work, source, {work.types.document(kind): lines})


def _by_type(pairs: Iterable[tuple[type[Document] | None, DocumentLine]]) -> dict[type[Document], list[DocumentLine]]:
    found: dict[type[Document], list[DocumentLine]] = defaultdict(list)
    for cls, line in pairs:
        if cls is not None:
            found[cls].append(line)
    return found


def _end_of_the_way(work: Work, source: Document, lines: list[DocumentLine]) -> None:
    """What nobody will deliver after this counts as delivered (or come back) with the release."""
    stage = source.stage
    if stage is None or stage >= Stage.DELIVERY:
        return
    last = [line for line in lines if routes.goods(work, stage, line) is None]
    if last:
        figures.post(work, source, Point.DELIVERY, last, deemed=True)


def _hand_over(work: Work, source: Document, wanted: dict[type[Document], list[DocumentLine]]) -> None:
    for cls, lines in sorted(wanted.items(), key=lambda pair: kind_of(pair[0])):
        if lines:
            open_for(work, source, cls, lines)
            work.hooks.lines_released(area_of(kind_of(cls)), kind_of(cls), source, lines)
