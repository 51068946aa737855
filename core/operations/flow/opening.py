"""Release: the lines of a document are opened for what comes next, on the goods' way and on the money's.

A released line is open for its next kind until it is taken, closed or cancelled; a draft is one way to take it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.stage import Point, Stage
from core.documents.truths import Closure
from core.documents.workflow import Transition
from core.errors import Conflict
from core.operations.flow import figures, refunds, routes
from core.operations.flow.rows import open_for
from core.text import _
from core.work import Work


def release(work: Work, source: Document, move: Transition) -> None:
    """Open the lines of ``source`` for what comes next, bind what nothing has bound yet, and tell the areas.

    Where the goods' way ends here, the release counts as the delivery. Raises ``Conflict`` where something of it was
    closed by hand before: it would never come.
    """
    lines = [line for line in source.lines if line.line_kind != "text"]
    if isinstance(move.releases, str):
        if area_of(move.releases) in work.areas:
            _hand_over(work, source, {work.types.document(move.releases): lines})
        return
    if source.stage is None:
        return
    orders = work.types.document(source.frame) if source.frame else routes.orders(work, source.stage)
    if orders is not None:
        wanted = [line for line in lines if orders.accepts(work, line) and move.point is not Point.ACCEPTANCE]
        _hand_over(work, source, {orders: wanted})
        return
    figures.bind(work, source)
    if move.point is not Point.ACCEPTANCE:
        if any(line.closure == Closure.FORCED for line in lines):
            raise Conflict(_("Something of it was closed by hand. Open it again first."), code="flow.closed")
        figures.decide(work, source)
        _hand_over(work, source, _by_type((routes.goods(work, source.stage, line), line) for line in lines))
        _end_of_the_way(work, source, lines)
    bill = routes.biller(work)
    if bill is not None:
        billed = [line for line in lines if routes.bills(work, source, move, line) and bill.accepts(work, line)]
        parts = _accepted(work, billed) if billed and move.point is Point.ACCEPTANCE else None
        _hand_over(work, source, {bill: [x for x in billed if parts is None or parts[x.id][0] > 0]}, parts)


def _accepted(work: Work, lines: list[DocumentLine]) -> Mapping[int, tuple[Decimal, Decimal]] | None:
    """What of the accepted lines is invoiced, by quantity and amount, where something came back before; else None."""
    origins = figures.read(work, {line.origin_id or line.id for line in lines})
    back = any(origins[line.origin_id or line.id].returned for line in lines)
    return refunds.accepted(work, lines, origins) if back else None


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


def _hand_over(
    work: Work,
    source: Document,
    wanted: dict[type[Document], list[DocumentLine]],
    parts: Mapping[int, tuple[Decimal, Decimal]] | None = None,
) -> None:
    for cls, lines in sorted(wanted.items(), key=lambda pair: kind_of(pair[0])):
        if lines:
            open_for(work, source, cls, lines, parts)
            work.hooks.lines_released(area_of(kind_of(cls)), kind_of(cls), source, lines)
