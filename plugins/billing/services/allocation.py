"""Allocation: which receipt meets which invoice and milestone; proposed by due day, never beyond either (BIL-07)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import aliased

from core.documents import DocumentLine
from core.documents.models import Claim, Settlement
from core.documents.reading import load
from core.errors import Conflict
from core.operations import flow
from core.operations.guards import check_version
from core.operations.keep import note
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt

_BEGUN, _LINE = aliased(DocumentLine), aliased(DocumentLine)
_ORIGINS = (
    select(Claim.id, Claim.document_id, Invoice.milestone_id, func.coalesce(_BEGUN.document_id, 0).label("origin"))
    .join(Invoice, Invoice.id == Claim.document_id)
    .join(_LINE, _LINE.document_id == Claim.document_id)
    .join(_BEGUN, (_BEGUN.id == _LINE.origin_id) & (_BEGUN.company_id == _LINE.company_id))
    .where(Claim.id.in_(bindparam("claims", expanding=True)))
    .distinct()
)
_ON_MILESTONES = (
    select(Settlement.id, Settlement.payment_id, Settlement.milestone_id, Settlement.amount)
    .where(
        Settlement.milestone_id.in_(bindparam("milestones", expanding=True)),
        Settlement.claim_id.is_(None),
        Settlement.reversed_at.is_(None),
    )
    .order_by(Settlement.id)
)
Use = flow.claims.Use
USABLE = ("confirmed", "honoured")
ZERO = Decimal(0)
ALLOCATE = "billing.receipt.allocate"


def free(receipt: Receipt) -> Decimal:
    """What of a receipt stands against nothing yet."""
    return receipt.gross - receipt.settled


def open_claims(work: Work, receipt: Receipt) -> list[Any]:
    """What the customer owes in the receipt's currency, what is due first before the rest; then the milestones."""
    owed = flow.claims.open_of(work, receipt.party_id or 0, currency=receipt.currency)
    planned = flow.claims.open_of(work, receipt.party_id or 0, kinds=("milestone",), currency=receipt.currency)
    return [*owed, *planned]


def propose(work: Work, receipt: Receipt) -> list[Use]:
    """The receipt against what is due first; what no invoice takes stays free, as an advance."""
    rest, uses = free(receipt), []
    for row in flow.claims.open_of(work, receipt.party_id or 0, currency=receipt.currency):
        part = min(rest, row.amount - row.settled)
        if part > 0:
            uses.append(Use(part, row.id))
            rest -= part
    return uses


def allocate(work: Work, key: int, uses: Sequence[Use], *, version: int | None = None) -> Receipt:
    """Set parts of a confirmed receipt against claims; milestones of the same contracts go along with invoices.

    Raises as ``flow.claims.settle``, ``Conflict`` for a receipt that is not confirmed, ``Stale``, ``Forbidden``.
    """
    work.demand(ALLOCATE)
    receipt = load(work, Receipt, key, lock=True)
    check_version(receipt, version)
    _check_usable(receipt)
    before = receipt.settled
    flow.claims.settle(work, receipt, _with_milestones(work, uses))
    _enter(work, receipt, "allocate", before)
    return receipt


def settle(work: Work, receipt: Receipt) -> None:
    """Set a locked receipt against what is due first; raises ``Conflict`` when nothing of the customer is open."""
    uses = propose(work, receipt)
    if not uses:
        raise Conflict(_("The customer owes nothing that is open."), code="billing.nothing_owed")
    flow.claims.settle(work, receipt, _with_milestones(work, uses))


def take_back(
    work: Work, key: int, settlement_ids: Iterable[int], *, reason: str, version: int | None = None
) -> Receipt:
    """Take settlements of a receipt back, with the reason; what they had met is owed again."""
    work.demand(ALLOCATE)
    receipt = load(work, Receipt, key, lock=True)
    check_version(receipt, version)
    reason = sentence(reason, "reason", needed=True)
    before = receipt.settled
    flow.claims.reverse(work, receipt, settlement_ids)
    _enter(work, receipt, "take_back", before, reason)
    return receipt


def offset(work: Work, letter: CreditNote) -> None:
    """Set an issued red letter against what is open of its invoice; what was paid stays as credit (红蓝对冲)."""
    rest, uses = -letter.gross, []
    for row in reversed(flow.claims.of(work, [letter.invoice_id or 0])):
        part = min(rest, row.amount - row.settled)
        if part > 0:
            uses.append(Use(part, row.id))
            rest -= part
    if uses:
        flow.claims.settle(work, letter, uses)


def on_milestones(work: Work, milestone_ids: Sequence[int]) -> list[Any]:
    """What was paid on these milestones and meets no invoice yet, the oldest first."""
    if not milestone_ids:
        return []
    return list(work.session.execute(_ON_MILESTONES, {"milestones": milestone_ids}))


def settled_with(work: Work, receipt: Receipt) -> list[Any]:
    """What a receipt stands against: the settlement, its claim and the claim's document."""
    claim = func.coalesce(Settlement.claim_id, Settlement.milestone_id)
    return list(
        work.session.execute(
            select(
                Settlement.id,
                Settlement.amount,
                Settlement.at,
                Settlement.by_id,
                Claim.name,
                Claim.claim_kind,
                Claim.due,
                Claim.document_id,
            )
            .join(Claim, Claim.id == claim)
            .where(Settlement.payment_id == receipt.id, Settlement.reversed_at.is_(None))
            .order_by(Settlement.id)
        )
    )


def usable(receipt: Receipt) -> bool:
    """Whether the receipt may be set against anything: only what finance has confirmed."""
    return receipt.state in USABLE


def _check_usable(receipt: Receipt) -> None:
    if not usable(receipt):
        raise Conflict(_("Only a confirmed receipt is set against what is owed."), code="billing.unconfirmed")


def _enter(work: Work, receipt: Receipt, what: str, before: Decimal, reason: str = "") -> None:
    note(work, receipt, what, {"settled": [before, receipt.settled]}, reason=reason)


def _with_milestones(work: Work, uses: Sequence[Use]) -> list[Use]:
    """Let what meets an invoice meet the open milestones of the contracts it came from as well, in their order."""
    alone = [use.claim_id for use in uses if use.claim_id is not None and use.milestone_id is None]
    named = {use.milestone_id for use in uses if use.milestone_id is not None}
    plans = _milestones(work, alone)
    left = {row.id: row.amount - row.settled for rows in plans.values() for row in rows if row.id not in named}
    found: list[Use] = []
    for use in uses:
        rest = use.amount
        for row in plans.get(use.claim_id or 0, ()) if use.milestone_id is None else ():
            part = min(rest, left.get(row.id, ZERO))
            if part > 0:
                left[row.id] -= part
                rest -= part
                found.append(Use(part, use.claim_id, row.id))
        if rest > 0 or use.amount <= 0:
            found.append(Use(rest, use.claim_id, use.milestone_id))
    return found


def _milestones(work: Work, claim_ids: Sequence[int]) -> dict[int, list[Any]]:
    """By claim: the milestones of the documents where the claim's invoice began, the one it was made for first."""
    if not claim_ids:
        return {}
    invoices = work.session.execute(_ORIGINS, {"claims": claim_ids}).all()
    by_origin: dict[int, list[Any]] = defaultdict(list)
    for row in flow.claims.of(work, {row.origin for row in invoices}):
        if row.claim_kind == "milestone":
            by_origin[row.document_id].append(row)
    found: dict[int, list[Any]] = defaultdict(list)
    for one in invoices:
        found[one.id] += [r for r in by_origin[one.origin] if one.milestone_id in (None, r.id)]
    return found
