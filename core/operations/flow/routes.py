"""Who comes next: for every line the nearest type in use on the goods' way, and where its invoice begins.

No area knows its neighbours. Leave one out and its stage is skipped; a billing point whose area is off falls to the
latest earlier step in use.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from core.documents.kinds import area_of
from core.documents.models import Document, DocumentLine
from core.documents.stage import GOODS, Point, Stage
from core.documents.workflow import Transition
from core.extension.core_settings import BILLING_POINT
from core.work import Work

# As late as each billing point allows; acceptance is a later move of the same step.
LATEST = {"order": Stage.ORDER, "milestones": Stage.ORDER, "delivery": Stage.DELIVERY, "acceptance": Stage.DELIVERY}


def entry(work: Work, stage: Stage, *, corrects: bool = False) -> type[Document] | None:
    """The type in use that lines come to first at ``stage``; with ``corrects`` those that go the other way."""
    found = work.kept.get("entries")
    if found is None:
        found = work.kept["entries"] = _entries(work, work.areas)
    cls: type[Document] | None = found.get((stage, corrects))
    return cls


def _entries(work: Work, areas: Collection[str]) -> dict[tuple[Stage, bool], type[Document]]:
    found: dict[tuple[Stage, bool], type[Document]] = {}
    for kind, cls in sorted(work.types.documents.items()):
        if cls.stage is None or not cls.takes or area_of(kind) not in areas:
            continue
        place = (cls.stage, cls.corrects)
        if place not in found or cls.enters(work):
            found[place] = cls
    return found


def ordered_before(work: Work, stage: Stage) -> bool:
    """Whether something in use before ``stage`` is an order or an offer, so that prices were agreed there."""
    return any(entry(work, early) is not None for early in (Stage.OFFER, Stage.ORDER) if early < stage)


def invoices(work: Work) -> bool:
    """Whether anybody here makes invoices."""
    return entry(work, Stage.INVOICE) is not None


def supplies(work: Work) -> bool:
    """Whether anybody here makes or buys what was ordered; else it lies ready to leave."""
    return entry(work, Stage.SUPPLY) is not None


def goods(work: Work, stage: Stage, line: DocumentLine) -> type[Document] | None:
    """The next type on the goods' way after ``stage`` that accepts the line; None where the way ends."""
    back = line.base_quantity < 0
    for later in GOODS:
        cls = entry(work, later, corrects=back) if later > stage else None
        if cls is not None and cls.accepts(work, line):
            return cls
    return None


def biller(work: Work, *, corrects: bool = False) -> type[Document] | None:
    """The type that lines wait for to be invoiced, or credited: also while its area is off, so that nothing is lost.

    Nobody takes them there until the area is used; then they are waiting.
    """
    found = work.kept.get("billers")
    if found is None:
        found = work.kept["billers"] = _entries(work, {area_of(kind) for kind in work.types.documents})
    cls: type[Document] | None = entry(work, Stage.INVOICE, corrects=corrects) or found.get((Stage.INVOICE, corrects))
    return cls


def orders(work: Work, stage: Stage) -> type[Document] | None:
    """The type that turns an offer into an obligation, when ``stage`` comes before and one is in use."""
    return entry(work, Stage.ORDER) if stage < Stage.ORDER else None


def bills(work: Work, document: Document, move: Transition, line: DocumentLine) -> bool:
    """Whether this move of ``document`` is where the invoice of the line begins.

    It is unless the line goes on to a later step up to the billing point that was decided for it, or an earlier one
    has begun it. What began without prices is invoiced from the first step that names some. An acceptance obeys what
    the release did: whoever delivers today, what went on was not to be invoiced here, what counted as delivered was.
    """
    stage = document.stage
    if stage is None or line.base_quantity < 0:
        return False
    wanted = _wanted(work, line)
    if stage > LATEST[wanted] and line.origin_id is not None:
        return False
    if LATEST[wanted] >= Stage.DELIVERY and _goes_on(work, stage, move, line):
        return False
    if not document.priced and line.origin_id is None and goods(work, stage, line):
        return False
    waits = wanted == "acceptance" and any(t.point is Point.ACCEPTANCE and t.releases for t in moves_of(document))
    return waits == (move.point is Point.ACCEPTANCE)


def bills_again(work: Work, line: DocumentLine) -> bool:
    """Whether what is delivered a second time for ``line`` is invoiced from that delivery."""
    return LATEST[_wanted(work, line)] >= Stage.DELIVERY and _handles(work, Stage.DELIVERY, line)


def _wanted(work: Work, line: DocumentLine) -> str:
    """The billing point of a line: what was decided where it began, else what the company has now."""
    wanted: str = line.billing_point or work.setting(BILLING_POINT)
    return wanted


def _goes_on(work: Work, stage: Stage, move: Transition, line: DocumentLine) -> bool:
    """Whether somebody delivers the line after this step; for an acceptance, as it was when it was released."""
    if move.point is Point.ACCEPTANCE:
        return stage < Stage.DELIVERY and not line.deemed
    return goods(work, stage, line) is not None


def _handles(work: Work, stage: Stage, line: DocumentLine) -> bool:
    cls = entry(work, stage)
    return cls is not None and cls.accepts(work, line)


def moves_of(document: Document) -> tuple[Transition, ...]:
    """The declared moves of the document's type."""
    return document.workflow.transitions


def billing_kinds(work: Work, *, corrects: bool = False) -> list[str]:
    """The kinds that lines wait for when they are to be invoiced; areas that are off keep what waits for them."""
    return [k for k, cls in work.types.documents.items() if cls.stage is Stage.INVOICE and cls.corrects is corrects]


def goods_kinds(work: Work) -> list[str]:
    """The kinds on the goods' way."""
    return [kind for kind, cls in work.types.documents.items() if cls.stage in GOODS and not cls.corrects]


@cache
def posted_states(cls: type[Document], points: frozenset[Point]) -> frozenset[str]:
    """The states that are reached only by a move of one of these points: in them its lines count."""
    flow = cls.workflow
    counting = [t for t in flow.transitions if t.point in points]
    without = _reach(flow.initial, [t for t in flow.transitions if t.point not in points])
    return frozenset(s.key for s in flow.states if s.key not in without) if counting else frozenset()


def _reach(start: str, moves: list[Any]) -> set[str]:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for move in moves:
            if move.leaves(here) and move.target not in seen:
                seen.add(move.target)
                todo.append(move.target)
    return seen
