"""What this area answers when others ask: drafts from offers, what must be paid first, figures, panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.documents import Document, DocumentLine, Stage, Transition
from core.errors import Objection
from core.hooks import hookimpl
from core.hooks.values import Card, Exposure, Moment, Panel, WarrantyTerm
from core.operations import flow
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.services import claims, desk, drafts, events, gates, policies, shown, texts
from plugins.contract.settings import DRAFTS

CONTRACT, ORDER = "contract.contract", "contract.order"
TYPES: Mapping[str, type[Contract] | type[Order]] = {CONTRACT: Contract, ORDER: Order}


@hookimpl
def company_joined(work: Work) -> None:
    """A company begins with the usual consents and a template."""
    policies.usual_consents(work)
    texts.begin(work)


@hookimpl
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """A new contract says what the usual template says."""
    return texts.begun_with(work) if kind == CONTRACT else {}


@hookimpl
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """What a customer has accepted becomes a draft, unless the company puts drafts together by hand.

    Under a framework agreement he orders what he wants, when he wants it.
    """
    if work.setting(DRAFTS) and not source.frame:
        drafts.draft_from(work, TYPES[target], source)


@hookimpl
def document_objections(work: Work, document: Document, move: Transition) -> Iterator[Objection]:
    """Work begins with the advance, goods leave with what is due before (PRD-01, LOG-02)."""
    yield from gates.objections(work, document, move)


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """Claims and warranties follow signatures, deliveries and acceptances."""
    events.follow(work, document, move)


@hookimpl
def lines_closed(work: Work, document: Document) -> None:
    """Of a contract that was closed by hand, what has come is all that was to come."""
    events.closed(work, document)


@hookimpl
def warranty_terms(work: Work, line_ids: Sequence[int]) -> Mapping[int, WarrantyTerm]:
    """What contracts say of their lines; an order says nothing of its own."""
    return claims.warranty_of(work, line_ids)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """Differences from the offer, and payments with what is met of them."""
    if isinstance(document, Contract | Order):
        yield from shown.panels(work, document)


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Contracts and orders by state with their amounts."""
    yield from desk.cards(work)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """The customer's contracts and orders."""
    for kind, cls in TYPES.items():
        if work.may(f"{kind}.read"):
            yield from shown.moments(work, cls, party_id)


@hookimpl
def party_exposure(work: Work, party_id: int) -> Iterator[Exposure]:
    """What was ordered and is not invoiced yet."""
    return flow.uninvoiced(work, party_id, Stage.ORDER)
