"""What is owed by a contract, and by when: claims made at signing, their days set when the events come (CTR-14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from core.db.among import among
from core.documents import Document, DocumentLine
from core.documents.models import Claim, DocumentLink
from core.hooks.values import WarrantyTerm
from core.operations import flow
from core.operations.flow.claims import ClaimValue
from core.operations.keep import keep
from core.terms import months_after
from core.text import speaking
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.frames import FRAMEWORK
from plugins.contract.documents.milestones import Milestone
from plugins.contract.documents.payment import amounts, due_day
from plugins.contract.services.owed import asked, owed

MILESTONE, RETAINED = "milestone", "warranty"


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
        """What is not met yet; nothing where more was paid than is asked for by now."""
        return max(self.amount - self.settled, Decimal(0))


@dataclass(slots=True)
class Owed:
    """What a milestone asks for (document's currency, 2 decimals), by which day, and the event it waits for."""

    claim_id: int
    event: str
    rule: str
    days: int
    due: date | None
    currency: str
    amount: Decimal
    settled: Decimal


@dataclass(frozen=True, slots=True)
class Begun:
    """A contract in which lines of a document began; ``lacking``: its technical agreement is still to be signed."""

    id: int
    number: str | None
    lacking: bool
    warranty_starts: str
    warranty_until: date | None
    accepted_on: date | None
    plan: list[Owed] = field(default_factory=list)


def payments(work: Work, contract: Document, milestones: Iterable[Milestone]) -> list[Payment]:
    """The milestones of a contract and how far each is met; before signing they are plans without claims."""
    rows = list(milestones)
    signed = rows and getattr(contract, "signed_on", None)
    claims = {row.position: row for row in flow.claims.of(work, [contract.id])} if signed else {}
    found = []
    agreed = amounts(contract.gross, rows)
    wanted = asked(agreed, owed(contract), [row.event == RETAINED for row in rows]) if signed else agreed
    for place, (milestone, amount) in enumerate(zip(rows, wanted, strict=True), 1):
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
    milestones: list[Milestone] = contract.milestones
    # What a claim is called is kept, and read by everybody: it is said as the company speaks, whoever signs.
    with speaking(work.company.language):
        values = [
            ClaimValue(one.title, amount, first_day(one, signed_on), MILESTONE, retained=one.event == RETAINED)
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


def happened(work: Work, plan: Iterable[Owed], events: Iterable[str], day: date) -> None:
    """Set the days of the milestones that wait for these events; those that have one keep it."""
    wanted = frozenset(events)
    waiting = [one for one in plan if one.due is None and one.event in wanted]
    for one in waiting:
        one.due = due_day(day, one.rule, one.days)
    flow.claims.set_due(work, {one.claim_id: one.due for one in waiting})


def warranty_begins(work: Work, contract: Contract, day: date) -> None:
    """The warranty runs from ``day``; what is retained is due when it ends."""
    until = months_after(day, contract.warranty_months)
    keep(work, contract, warranty_until=until)
    happened(work, plan_of(work, contract.id), ("warranty",), until)


def warranty_of(work: Work, line_ids: Collection[int]) -> dict[int, WarrantyTerm]:
    """The warranty of the contracts in which these lines began, or of those under which they were ordered, by line."""
    taken = and_(DocumentLink.target_id == DocumentLine.id, DocumentLink.company_id == DocumentLine.company_id)
    signed = or_(
        Contract.id == DocumentLine.document_id,
        and_(Contract.id == DocumentLink.source_document_id, Contract.contract_kind == FRAMEWORK),
    )
    rows = work.session.execute(
        select(DocumentLine.id, Contract.warranty_months, Contract.warranty_until)
        .outerjoin(DocumentLink, taken)
        .join(Contract, signed)
        .where(DocumentLine.id.in_(line_ids))
    )
    return {row.id: WarrantyTerm(row.warranty_months, row.warranty_until) for row in rows}


def contracts_of(work: Work, document: Document) -> list[Begun]:
    """The contracts in which the lines of ``document`` began, with what their milestones ask for; one statement."""
    known: dict[int, list[Begun]] = work.kept.setdefault("contract.origins", {})
    if document.id not in known:
        known[document.id] = _read(work, _OF_DOCUMENT, document.id)
    return known[document.id]


def contract_itself(work: Work, contract_id: int) -> list[Begun]:
    """The contract with what its milestones ask for, as ``contracts_of`` tells it of what began there."""
    return _read(work, _OF_CONTRACT, contract_id)


def plan_of(work: Work, contract_id: int) -> list[Owed]:
    """What the milestones of a signed contract ask for."""
    return [one for contract in contract_itself(work, contract_id) for one in contract.plan]


def _read(work: Work, statement: Select[*tuple[Any, ...]], key: int) -> list[Begun]:
    found: dict[int, Begun] = {}
    whole: dict[int, Decimal] = {}
    for row in work.session.execute(statement, {"key": key}):
        one = found.setdefault(row.id, Begun(*row[:PLAIN]))
        whole[row.id] = row.invoiced + row.uninvoiced
        if row.claim_id is not None:
            one.plan.append(Owed(*row[PLAIN:-2]))
    for one in found.values():
        held = [x.event == RETAINED for x in one.plan]
        wanted = asked([x.amount for x in one.plan], whole[one.id], held)
        for milestone, amount in zip(one.plan, wanted, strict=True):
            milestone.amount = amount
    return list(found.values())


_PLANS = (
    select(
        Contract.id,
        Contract.number,
        and_(Contract.technical_needed, Contract.technical_signed_on.is_(None)).label("lacking"),
        Contract.warranty_starts,
        Contract.warranty_until,
        Contract.accepted_on,
        Claim.id.label("claim_id"),
        Milestone.event,
        Milestone.rule,
        Milestone.days,
        Claim.due,
        Claim.currency,
        Claim.amount,
        Claim.settled,
        Contract.invoiced,
        Contract.uninvoiced,
    )
    .outerjoin(Claim, and_(Claim.document_id == Contract.id, Claim.claim_kind == MILESTONE))
    .outerjoin(Milestone, and_(Milestone.document_id == Claim.document_id, Milestone.position == Claim.position))
    .order_by(Contract.id, Claim.position)
)
PLAIN = 6
_ORIGIN, _LINE = aliased(DocumentLine), aliased(DocumentLine)
_BEGUN = select(_LINE.origin_id).where(_LINE.document_id == bindparam("key"))
_OF_DOCUMENT = _PLANS.where(among(Contract.id, select(_ORIGIN.document_id).where(among(_ORIGIN.id, _BEGUN))))
_OF_CONTRACT = _PLANS.where(Contract.id == bindparam("key"))
