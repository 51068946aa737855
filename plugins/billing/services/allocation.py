"""Allocation: which receipt or red letter meets which invoice and milestone, never beyond either (BIL-07)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from core.documents import Document
from core.documents.models import Claim, Settlement
from core.documents.reading import find, load
from core.errors import Conflict
from core.operations import flow
from core.operations.guards import check_version
from core.operations.keep import note
from core.operations.separating import keep_apart
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Receipt
from plugins.billing.services.milestones import with_invoices, with_milestones

_ON_MILESTONES = (
    select(Settlement.id, Settlement.payment_id, Settlement.milestone_id, Settlement.amount, Document.kind)
    .join(Document, Document.id == Settlement.payment_id)
    .where(
        Settlement.milestone_id.in_(bindparam("milestones", expanding=True)),
        Settlement.claim_id.is_(None),
        Settlement.reversed_at.is_(None),
    )
    .order_by(Settlement.id)
)
# The red letters whose invoice lost one of these settlements, and of which something is free.
_LETTERS = (
    select(CreditNote.id)
    .where(
        CreditNote.state == "issued",
        CreditNote.unsettled > 0,
        CreditNote.invoice_id.in_(
            select(Claim.document_id)
            .join(Settlement, Settlement.claim_id == Claim.id)
            .where(Settlement.id.in_(bindparam("settlements", expanding=True)))
        ),
    )
    .order_by(CreditNote.id)
)
Use = flow.claims.Use
Payment = Receipt | CreditNote
USABLE = {"billing.receipt": ("confirmed", "honoured"), "billing.credit_note": ("issued",)}
ZERO = Decimal(0)
ALLOCATE = "billing.receipt.allocate"


def free(payment: Payment) -> Decimal:
    """What of a receipt or of a red letter stands against nothing yet."""
    return abs(payment.gross) - payment.settled


def open_claims(work: Work, payment: Payment) -> list[Any]:
    """What the customer owes in the payment's currency, what is due first before the rest; then the milestones."""
    owed = flow.claims.open_of(work, payment.party_id or 0, currency=payment.currency)
    planned = flow.claims.open_of(work, payment.party_id or 0, kinds=("milestone",), currency=payment.currency)
    return [*owed, *planned]


def propose(work: Work, payment: Payment) -> list[Use]:
    """The payment against what is due first; what no invoice takes stays free, as an advance or a credit."""
    rest, uses = free(payment), []
    for row in flow.claims.open_of(work, payment.party_id or 0, currency=payment.currency):
        part = min(rest, row.amount - row.settled)
        if part > 0:
            uses.append(Use(part, row.id))
            rest -= part
    return uses


def allocate(
    work: Work, key: int, uses: Sequence[Use], *, version: int | None = None, cls: type[Payment] = Receipt
) -> Payment:
    """Set parts of a confirmed receipt, or of an issued red letter, against claims; milestones go along with invoices.

    Raises as ``flow.claims.settle``, ``Conflict`` for what is not confirmed or issued, ``Stale``, ``Forbidden``.
    """
    work.demand(ALLOCATE)
    payment = load(work, cls, key, lock=True)
    keep_apart(work, payment, ALLOCATE)
    check_version(payment, version)
    _check_usable(payment)
    before = payment.settled
    flow.claims.settle(work, payment, with_milestones(work, with_invoices(work, uses)))
    _enter(work, payment, "allocate", before)
    return payment


def settle(work: Work, payment: Payment) -> None:
    """Set a locked payment against what is due first; raises ``Conflict`` when nothing of the customer is open."""
    uses = propose(work, payment)
    if not uses:
        raise Conflict(_("The customer owes nothing that is open."), code="billing.nothing_owed")
    flow.claims.settle(work, payment, with_milestones(work, uses))


def take_back(
    work: Work,
    key: int,
    settlement_ids: Iterable[int],
    *,
    reason: str,
    version: int | None = None,
    cls: type[Payment] = Receipt,
) -> Payment:
    """Take settlements of a payment back, with the reason; what they had met is owed again.

    Raises as ``flow.claims.reverse``, and ``Conflict`` for what a red letter took off its own invoice.
    """
    work.demand(ALLOCATE)
    payment = load(work, cls, key, lock=True)
    keep_apart(work, payment, ALLOCATE)
    check_version(payment, version)
    reason = sentence(reason, "reason", needed=True)
    before = payment.settled
    wanted = sorted(set(settlement_ids))
    if isinstance(payment, CreditNote):
        own = [row.id for row in settled_with(work, payment) if row.document_id == payment.invoice_id]
        if not set(own).isdisjoint(wanted):
            raise Conflict(_("It stands against the invoice that it corrects."), code="billing.own_invoice")
    reverse(work, payment, wanted)
    _enter(work, payment, "take_back", before, reason)
    return payment


def unsettle(work: Work, payment: Payment) -> None:
    """Take back everything that a locked payment is set against, but what a red letter took off its own invoice."""
    rows = settled_with(work, payment)
    if isinstance(payment, CreditNote):
        rows = [row for row in rows if row.document_id != payment.invoice_id and row.kind != "billing.refund"]
    reverse(work, payment, [row.id for row in rows])


def reverse(work: Work, payment: Payment, settlement_ids: Sequence[int]) -> None:
    """Take settlements back and let red letters meet their own invoices, which are open again (红蓝对冲)."""
    flow.claims.reverse(work, payment, settlement_ids)
    offset_again(work, payment, settlement_ids)


def offset_again(work: Work, payment: Payment, settlement_ids: Sequence[int]) -> None:
    """Let the credit of red letters meet what is open again of their invoices, for settlements that were taken back."""
    if isinstance(payment, CreditNote) and free(payment) > 0:
        offset(work, payment)
    for key in work.session.scalars(_LETTERS, {"settlements": list(settlement_ids)}).all() if settlement_ids else ():
        letter = find(work, CreditNote, key, lock=True, lines=False) if key != payment.id else None
        if letter is not None:
            before = letter.settled
            offset(work, letter)
            if letter.settled != before:
                _enter(work, letter, "offset", before)


def offset(work: Work, letter: CreditNote, retained: Decimal = ZERO) -> None:
    """Set an issued red letter against what is open of its invoice; what was paid stays as credit (红蓝对冲).

    First ``retained`` goes off what is retained of the invoice, the rest off what is due before it; only what is then
    left meets the retained money as well, for nobody owes what was taken back.
    """
    owed = flow.claims.of(work, [letter.invoice_id or 0])
    left, met = {row.id: row.amount - row.settled for row in owed}, dict[int, Decimal]()
    held, others = ([row.id for row in owed if (row.claim_kind == "retention") is kept] for kept in (True, False))
    rest = free(letter)
    for most, ids in ((min(retained, rest), held), (rest, others), (rest, held)):
        for key in ids:
            part = min(rest, most, left[key])
            if part > 0:
                left[key] -= part
                met[key] = met.get(key, ZERO) + part
                most, rest = most - part, rest - part
    if met:
        flow.claims.settle(work, letter, [Use(part, key) for key, part in sorted(met.items())])


def on_milestones(work: Work, milestone_ids: Sequence[int]) -> list[Any]:
    """What was paid on these milestones and meets no invoice yet, the oldest first."""
    if not milestone_ids:
        return []
    return list(work.session.execute(_ON_MILESTONES, {"milestones": milestone_ids}))


def settled_with(work: Work, payment: Payment) -> list[Any]:
    """What a payment stands against: the settlement, its claim and the claim's document."""
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
                Document.kind,
            )
            .join(Claim, Claim.id == claim)
            .join(Document, Document.id == Claim.document_id)
            .where(Settlement.payment_id == payment.id, Settlement.reversed_at.is_(None))
            .order_by(Settlement.id)
        )
    )


def usable(payment: Payment) -> bool:
    """Whether it may be set against anything: only what finance has confirmed, or issued."""
    return payment.state in USABLE[payment.kind]


def _check_usable(payment: Payment) -> None:
    if not usable(payment):
        raise Conflict(
            _("Only a confirmed receipt, or an issued red letter, is set against what is owed."),
            code="billing.unconfirmed",
        )


def _enter(work: Work, payment: Payment, what: str, before: Decimal, reason: str = "") -> None:
    note(work, payment, what, {"settled": [before, payment.settled]}, reason=reason)
