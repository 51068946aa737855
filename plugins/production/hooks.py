"""What this area answers when others ask: plans of what was released, figures, progress."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from core.documents import Document, DocumentLine, Stage, Transition
from core.hooks import hookimpl
from core.hooks.values import Card, Exposure, Moment, Panel
from core.operations import flow
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder
from plugins.production.services import desk, events, shown
from plugins.production.settings import DRAFTS

TYPES: Mapping[str, type[ProductionOrder] | type[FollowUp]] = {
    "production.order": ProductionOrder,
    "production.follow_up": FollowUp,
}


@hookimpl
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """What is released becomes a plan, unless the company puts plans together by hand (CTR-11)."""
    if work.setting(DRAFTS):
        events.draft_from(work, TYPES[target], source)


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """Days are noted; what is ready goes to the store, too (PRD-04)."""
    events.follow(work, document, move)


@hookimpl
def party_exposure(work: Work, party_id: int) -> Iterator[Exposure]:
    """What was made without an order and is not invoiced yet."""
    return flow.uninvoiced(work, party_id, Stage.SUPPLY)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """On orders: how far they are."""
    yield from shown.panels(work, document)


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Plans and purchases by state."""
    yield from desk.cards(work)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """What is or was made for the customer."""
    for kind, cls in TYPES.items():
        if work.may(f"{kind}.read"):
            yield from desk.moments(work, cls, party_id)
