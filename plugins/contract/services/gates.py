"""Gates: what must be signed and paid before work begins and before goods leave (PRD-01, LOG-02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from core.documents import Approval, Document, Point, Stage, Transition
from core.errors import Objection, Strength
from core.roles import GENERAL_MANAGER
from core.settings import Setting
from core.text import Text, _
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.services.claims import contracts_of
from plugins.contract.settings import ADVANCE, BEFORE_SHIPMENT

STRENGTHS = {"warn": Strength.WARN, "approve": Strength.APPROVE, "block": Strength.BLOCK}
ADVANCE_MISSING = _("The advance of contract {number} is not here yet: {amount} {currency}.")
SHIPMENT_MISSING = _("Before shipment, contract {number} asks for {amount} {currency} that are not here yet.")


def objections(work: Work, document: Document, move: Transition) -> Iterator[Objection]:
    """What stands against beginning work, or letting goods leave, for the contracts where the lines began."""
    if isinstance(document, Contract) or type(document).corrects or not _goes_out(document):
        return
    if move.point is Point.START or _begins_nowhere_else(document, move):
        yield from _unpaid(work, document, ADVANCE, "contract.advance", ("signing",), ADVANCE_MISSING)
        if move.point is Point.START:
            yield from _unagreed(work, document)
    elif _lets_leave(work, document, move):
        events = ("signing", "shipment")
        yield from _unpaid(work, document, BEFORE_SHIPMENT, "contract.shipment", events, SHIPMENT_MISSING)


def _begins_nowhere_else(document: Document, move: Transition) -> bool:
    """Where nobody says that work begins, being ready says so."""
    if move.point is not Point.SUPPLY or document.stage is not Stage.SUPPLY:
        return False
    return all(one.point is not Point.START for one in document.workflow.transitions)


def _lets_leave(work: Work, document: Document, move: Transition) -> bool:
    """Goods leave with the delivery; where a consent may overcome a missing payment, it is asked for when one can be.

    A delivery that was agreed to is not asked about again.
    """
    asks = work.setting(BEFORE_SHIPMENT) == "approve"
    if move.point is Point.DELIVERY:
        return not (asks and document.approval == Approval.APPROVED)
    return asks and move.approval and document.stage is Stage.DELIVERY


def _goes_out(document: Document) -> bool:
    """What comes back asks nobody for money."""
    return not document.lines or any(line.base_quantity > 0 for line in document.lines)


def _unpaid(
    work: Work, document: Document, setting: Setting, code: str, events: tuple[str, ...], text: Text
) -> Iterator[Objection]:
    strength = STRENGTHS.get(work.setting(setting))
    if strength is None:
        return
    for contract in contracts_of(work, document):
        missing: dict[str, Decimal] = defaultdict(Decimal)
        for one in contract.plan:
            if one.event in events and one.settled < one.amount:
                missing[one.currency] += one.amount - one.settled
        for currency, amount in missing.items():
            values = (("number", contract.number), ("amount", amount), ("currency", currency))
            by = GENERAL_MANAGER if strength is Strength.APPROVE else None
            yield Objection(code, Text(text.message, values), strength, amount, by)


def _unagreed(work: Work, document: Document) -> Iterator[Objection]:
    """Work begins only with the technical agreement that the contract needs (PRD-01)."""
    for row in contracts_of(work, document):
        if row.lacking:
            text = _("The technical agreement of contract {number} is not signed yet.", number=row.number)
            yield Objection("contract.technical", text)
