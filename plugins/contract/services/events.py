"""Events: what moves of contracts, and of the areas that fulfil them, mean to claims and warranties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core.documents import Document, Point, Stage, Transition
from core.documents.reading import find
from core.operations import flow
from core.operations.keep import keep
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.services import claims, texts

FULFILLING = frozenset({Point.SUPPLY, Point.DELIVERY, Point.ACCEPTANCE})


def follow(work: Work, document: Document, move: Transition) -> None:
    """Let claims, warranties and texts follow a finished move."""
    if isinstance(document, Contract):
        act = OWN.get(move.name)
        if act is not None:
            act(work, document)
    elif isinstance(document, Order):
        if move.name == "submit" and not document.first_gross:
            keep(work, document, first_gross=document.gross)
        elif move.name == "revise":
            keep(work, document, confirmed_on=None, confirmed_by="", confirmed_way="")
    elif move.point in FULFILLING and not type(document).corrects:
        fulfil(work, document, move.point)


def released(work: Work, contract: Contract) -> None:
    """What nobody makes or buys lies ready: what must be paid before it leaves can be asked for at once."""
    if contract.milestones and not flow.supplies(work):
        claims.happened(work, claims.plan_of(work, contract.id), ("shipment",), work.today)


def accepted(work: Work, contract: Contract) -> None:
    """The customer has accepted everything: acceptance payments are due, and the warranty may begin."""
    day = contract.accepted_on or work.today
    plan = claims.plan_of(work, contract.id)
    claims.happened(work, plan, ("shipment", "delivery", "acceptance"), day)
    if contract.warranty_until is None:
        claims.warranty_begins(work, contract, day)


def fulfil(work: Work, document: Document, point: Point) -> None:
    """What was made ready, delivered or accepted elsewhere counts for the contracts where it began."""
    for begun in claims.contracts_of(work, document):
        if (point is Point.SUPPLY and document.stage is Stage.SUPPLY) or not flow.arrived(work, begun.id):
            claims.happened(work, begun.plan, ("shipment",), work.today)
        elif point is not Point.ACCEPTANCE or not flow.acceptances(work, begun.id, besides=document.id)[0]:
            _finished(work, begun, point, document.date)


def closed(work: Work, document: Document) -> None:
    """What was still to come of a contract will not: what has come is all, and may be accepted whole by now."""
    if not isinstance(document, Contract) or not document.delivered or not flow.arrived(work, document.id):
        return
    for begun in claims.contract_itself(work, document.id):
        _finished(work, begun, Point.DELIVERY, work.today)
    waits, accepted_before = flow.acceptances(work, document.id)
    if accepted_before and not waits and document.accepted_on is None:
        keep(work, document, accepted_on=work.today)
        accepted(work, document)


def _finished(work: Work, begun: claims.Begun, point: Point, day: date) -> None:
    """The last of a contract's goods has come, or was accepted."""
    if point is Point.DELIVERY:
        claims.happened(work, begun.plan, ("shipment", "delivery"), day)
        follows = begun.warranty_starts == "delivery" and begun.warranty_until is None
    else:
        follows = begun.accepted_on is None
    contract = find(work, Contract, begun.id, lines=False) if follows else None
    if contract is None:
        return
    if point is Point.DELIVERY:
        claims.warranty_begins(work, contract, day)
    else:
        keep(work, contract, accepted_on=day)
        accepted(work, contract)


OWN: Mapping[str, Callable[[Work, Any], None]] = {
    "countersign": claims.take_effect,
    "revise": claims.open_again,
    "release": released,
    "accept": accepted,
    "fill": texts.fill,
}
