"""What is owed by a contract, and by when: claims made at signing, their days set when the events come (CTR-14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine
from core.documents.reading import parts_of
from core.operations import flow
from core.operations.flow.claims import ClaimValue
from core.operations.keep import keep
from core.terms import months_after
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.milestones import Milestone
from plugins.contract.documents.payment import amounts, due_day

MILESTONE = "milestone"


@dataclass(frozen=True, slots=True)
class Payment:
    """One milestone with what it comes to (document's currency, 2 decimals): owed by a day, and met so far."""

    milestone: Milestone
    amount: Decimal
    due: date | None
    settled: Decimal
    claim_id: int | None

    @property
    def open(self) -> Decimal:
        """What is not met yet."""
        return self.amount - self.settled


def payments(work: Work, contract: Document, milestones: Iterable[Milestone]) -> list[Payment]:
    """The milestones of a contract and how far each is met; before signing they are plans without claims."""
    rows = list(milestones)
    signed = rows and getattr(contract, "signed_on", None)
    claims = {row.position: row for row in flow.claims.of(work, [contract.id])} if signed else {}
    found = []
    for place, (milestone, amount) in enumerate(zip(rows, amounts(contract.gross, rows), strict=True), 1):
        claim = claims.get(place)
        due = claim.due if claim else milestone.day
        settled = claim.settled if claim else Decimal(0)
        found.append(Payment(milestone, amount, due, settled, claim.id if claim else None))
    return found


def take_effect(work: Work, contract: Contract) -> None:
    """Both have signed: the contract is in force, its milestones are owed, the advance by its day (CTR-17)."""
    days = [day for day in (contract.our_signed_on, contract.customer_signed_on) if day]
    signed_on = max(days, default=work.today)
    first = contract.first_gross or contract.gross
    keep(work, contract, signed_on=signed_on, first_gross=first)
    milestones = parts_of(work, Milestone, [contract.id])
    values = [
        ClaimValue(one.title, amount, first_day(one, signed_on), MILESTONE, retained=one.event == "warranty")
        for one, amount in zip(milestones, amounts(contract.gross, milestones), strict=True)
    ]
    flow.claims.make(work, contract, values)


def first_day(milestone: Milestone, signed_on: date) -> date | None:
    """When a milestone is due as far as signing tells."""
    if milestone.event == "signing":
        return due_day(signed_on, milestone.rule, milestone.days)
    return milestone.day if milestone.event == "day" else None


def open_again(work: Work, contract: Contract) -> None:
    """A contract that is revised is signed anew; raises ``Conflict`` when money was set against it already."""
    if contract.signed_on:
        flow.claims.drop(work, contract)
    keep(
        work,
        contract,
        our_signatory_id=None,
        our_signed_on=None,
        customer_signatory="",
        customer_signed_on=None,
        signed_on=None,
    )


def happened(work: Work, contract_id: int, events: Iterable[str], day: date) -> None:
    """Set the days of the milestones that wait for these events; those that have one keep it."""
    wanted = frozenset(events)
    waiting = [row for row in flow.claims.of(work, [contract_id]) if row.due is None and row.claim_kind == MILESTONE]
    if not waiting:
        return
    milestones = dict(enumerate(parts_of(work, Milestone, [contract_id]), 1))
    found = {
        row.id: due_day(day, milestones[row.position].rule, milestones[row.position].days)
        for row in waiting
        if row.position in milestones and milestones[row.position].event in wanted
    }
    flow.claims.set_due(work, found)


def warranty_begins(work: Work, contract: Contract, day: date) -> None:
    """The warranty runs from ``day``; what is retained is due when it ends."""
    until = months_after(day, contract.warranty_months)
    keep(work, contract, warranty_until=until)
    happened(work, contract.id, ("warranty",), until)


def contracts_of(work: Work, document: Document) -> list[Any]:
    """The contracts in which the lines of ``document`` began: id, number, and whether an agreement is still lacking."""
    known: dict[int, list[Any]] = work.kept.setdefault("contract.origins", {})
    if document.id not in known:
        origin, mine = aliased(DocumentLine), aliased(DocumentLine)
        lacking = Contract.technical_needed & Contract.technical_signed_on.is_(None)
        rows = work.session.execute(
            select(Contract.id, Contract.number, lacking.label("lacking"))
            .distinct()
            .join(origin, origin.document_id == Contract.id)
            .join(mine, and_(mine.origin_id == origin.id, mine.company_id == origin.company_id))
            .where(mine.document_id == document.id)
            .order_by(Contract.id)
        )
        known[document.id] = list(rows)
    return known[document.id]
