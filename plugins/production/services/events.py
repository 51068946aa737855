"""Drafts of what was released, days that follow from moves, and the goods' way into the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from core.documents import Document, Transition
from core.operations import flow
from core.operations.keep import keep
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder

STORE = "logistics.stock_in"
KIND = "production.order"


def draft_from(work: Work, cls: type[ProductionOrder] | type[FollowUp], source: Document) -> Document:
    """A plan for everything that ``source`` has open, due on its first day of delivery."""
    return flow.take_from(work, cls, source, **begun(source))


def begun(source: Document) -> dict[str, Any]:
    """What a plan takes over: the day of delivery, and that it is urgent or special."""
    days = [line.deadline for line in source.lines if line.deadline]
    values: dict[str, Any] = {"deadline": min([*days, *([source.deadline] if source.deadline else [])], default=None)}
    if getattr(source, "special_terms", False) or getattr(source, "priority", "") == "urgent":
        values["key_order"] = True
    return values


def follow(work: Work, document: Document, move: Transition) -> None:
    """Note the day of what has just happened; tested goods go to the store as well as to whoever ships them."""
    act = MOVES.get((type(document), move.name))
    if act is not None:
        act(work, document)


def _begun(work: Work, order: ProductionOrder) -> None:
    if order.started_on is None:
        keep(work, order, started_on=work.today)


def _reported(work: Work, order: ProductionOrder) -> None:
    keep(work, order, reported_on=work.today)


def _finished(work: Work, order: ProductionOrder) -> None:
    keep(work, order, progress=100, reported_on=work.today)
    flow.release_to(work, order, STORE)


def _told(work: Work, follow_up: FollowUp) -> None:
    keep(work, follow_up, told_on=work.today)


def _urged(work: Work, follow_up: FollowUp) -> None:
    keep(work, follow_up, urged_on=work.today)


def _arrived(work: Work, follow_up: FollowUp) -> None:
    flow.release_to(work, follow_up, STORE)


MOVES: Mapping[tuple[type[Document], str], Callable[[Work, Any], None]] = {
    (ProductionOrder, "start"): _begun,
    (ProductionOrder, "resume"): _begun,
    (ProductionOrder, "report"): _reported,
    (ProductionOrder, "finish"): _finished,
    (FollowUp, "tell"): _told,
    (FollowUp, "urge"): _urged,
    (FollowUp, "arrive"): _arrived,
}
