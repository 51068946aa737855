"""Allocation: which receipt meets which invoice and milestone; proposed by due day, never beyond either (BIL-07)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from core.documents.models import Claim, Settlement
from core.documents.reading import load
from core.errors import Conflict
from core.operations import flow
from core.operations.guards import check_version
from core.operations.keep import note
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Receipt
from plugins.billing.services.milestones import with_milestones

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
    flow.claims.settle(work, receipt, with_milestones(work, uses))
    _enter(work, receipt, "allocate", before)
    return receipt


def settle(work: Work, receipt: Receipt) -> None:
    """Set a locked receipt against what is due first; raises ``Conflict`` when nothing of the customer is open."""
    uses = propose(work, receipt)
    if not uses:
        raise Conflict(_("The customer owes nothing that is open."), code="billing.nothing_owed")
    flow.claims.settle(work, receipt, with_milestones(work, uses))


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
