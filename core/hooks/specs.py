"""The hooks. Every one is documented here and called from ``core.hooks.calls`` only.

Implementations take ``work`` first, return new values and never mutate what they are given. They run for companies that
use the plug-in; nobody else hears of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker, HookspecMarker

if TYPE_CHECKING:
    from core.documents import Document, DocumentLine, Transition
    from core.errors import Objection
    from core.hooks.values import (
        Availability,
        Card,
        Exposure,
        Moment,
        Panel,
        PriceAnswer,
        PriceQuery,
        WarrantyTerm,
    )
    from core.work import Work

hookspec = HookspecMarker("zhanggui")
hookimpl = HookimplMarker("zhanggui")


@hookspec
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """Values with which a new document of ``kind`` begins, by field; what the person gives goes first."""


@hookspec
def document_locks(work: Work, cls: type[Document], move: Transition) -> Iterable[str]:
    """What of a document of ``cls`` stands still while it makes ``move``; core locks it: ``party``, its customer."""


@hookspec
def document_objections(work: Work, document: Document, move: Transition) -> Iterable[Objection]:
    """Say why ``document`` must not make ``move``. Runs after the right was checked and before anything changes."""


@hookspec
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """React to a finished move, inside the same transaction and through ``core.operations`` only."""


@hookspec
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """Lines of ``source`` are open for ``target``, a kind of this plug-in; make drafts of them, or let them wait."""


@hookspec
def lines_closed(work: Work, document: Document) -> None:
    """Lines of ``document`` were closed by hand: what has not come of them will not. Runs like ``document_moved``."""


@hookspec
def line_prices(work: Work, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer | None] | None:
    """The price of each query, in the same order; None where this plug-in knows none. At most one plug-in answers."""


@hookspec
def party_exposure(work: Work, party_id: int) -> Iterable[Exposure]:
    """What the customer owes, or will, by this area's documents; each sum once, in the company's currency."""


@hookspec
def warranty_terms(work: Work, line_ids: Sequence[int]) -> Mapping[int, WarrantyTerm]:
    """What warranty was agreed for lines that began in this area, by line; nothing of those where none was."""


@hookspec
def item_availability(work: Work, item_ids: Sequence[int]) -> Mapping[int, Availability] | None:
    """What is there of each product, in its own unit. At most one plug-in answers."""


@hookspec
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """What this area wants to show on the page of ``document``."""


@hookspec
def party_timeline(work: Work, party_id: int) -> Iterable[Moment]:
    """What happened with a party in this area; the latest fifty at most."""


@hookspec
def dashboard_cards(work: Work) -> Iterable[Card]:
    """Figures of this area for the actor's first page."""


@hookspec
def company_joined(work: Work) -> None:
    """The company has just switched this area on: make what it needs to begin. Called for this plug-in only."""
