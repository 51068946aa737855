"""Milestones behind invoices: what meets an invoice meets those of its contracts, of each no more than its part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from core.db.among import among
from core.documents import Document, DocumentLine
from core.documents.models import Claim, Settlement
from core.money import share
from core.operations import flow
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice

Use = flow.claims.Use
ZERO = Decimal(0)
_LINE: Any = aliased(DocumentLine)
_BEGUN: Any = aliased(DocumentLine)
_OWED: Any = aliased(Claim)


@dataclass(slots=True)
class _Bill:
    """An invoice: its milestones, what it asks for by the documents where its lines began, and what it was paid."""

    milestones: list[Any] = field(default_factory=list)
    asked: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    paid: Decimal = ZERO
    met: dict[int, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def room(self, document_id: int) -> Decimal:
        """How much of what was paid may still meet milestones of a document.

        It is the document's part, rounded as ``core.documents.received`` rounds parts; all where there is no other.
        """
        whole = sum(self.asked.values(), ZERO)
        before = sum((amount for key, amount in self.asked.items() if key < document_id), ZERO)
        paid = self.paid if len(self.asked) == 1 else min(self.paid, max(whole, ZERO))
        part = share(paid, before + self.asked[document_id], whole) - share(paid, before, whole)
        return max(part - self.met[document_id], ZERO)


def with_milestones(work: Work, uses: Sequence[Use]) -> list[Use]:
    """Let what meets an invoice meet the open milestones of the contracts it came from as well, in their order."""
    alone = [use.claim_id for use in uses if use.claim_id is not None and use.milestone_id is None]
    named = {use.milestone_id for use in uses if use.milestone_id is not None}
    bills = _bills(work, alone)
    left = {row.id: row.amount - row.settled for bill in bills.values() for row in bill.milestones}
    left |= dict.fromkeys(named, ZERO)
    found: list[Use] = []
    for use in uses:
        if use.milestone_id is not None or use.claim_id not in bills:
            found.append(use)
        else:
            found += _split(use, bills[use.claim_id], left)
    return found


def with_invoices(work: Work, uses: Sequence[Use]) -> list[Use]:
    """Let what meets a milestone alone meet what is open of its contract's invoices as well, those due first.

    Of each no more than it asks for the contract; what no invoice takes stays an advance on the milestone.
    """
    alone = {use.milestone_id for use in uses if use.claim_id is None and use.milestone_id is not None}
    rows = work.session.execute(_OPEN, {"milestones": sorted(alone)}).all() if alone else []
    if not rows:
        return list(uses)
    bills = _bills(work, {row.id for row in rows})
    left = {row.id: row.amount - row.settled for row in rows}
    for use in uses:
        if use.claim_id in left:
            left[use.claim_id] -= use.amount
    found: list[Use] = []
    for use in uses:
        if use.claim_id is None and use.milestone_id is not None:
            found += _invoiced(use, [row for row in rows if row.milestone_id == use.milestone_id], bills, left)
        else:
            found.append(use)
    return found


def _invoiced(use: Use, rows: Sequence[Any], bills: dict[int, _Bill], left: dict[int, Decimal]) -> Iterator[Use]:
    """What meets a milestone by the claims on invoices that it meets as well, and the rest that is an advance."""
    rest = use.amount
    for row in rows:
        bill = bills[row.id]
        if all(one.id != use.milestone_id for one in bill.milestones):
            continue
        asked = bill.asked[row.contract] - bill.met[row.contract] if len(bill.asked) > 1 else left[row.id]
        part = min(rest, left[row.id], asked)
        if part > 0:
            left[row.id] -= part
            bill.met[row.contract] += part
            rest -= part
            yield Use(part, row.id, use.milestone_id)
    if rest > 0 or use.amount <= 0:
        yield Use(rest, None, use.milestone_id)


_PLAN: Any = aliased(Claim)
# What is open on invoices of lines that began in the contracts of these milestones.
_OPEN = (
    select(Claim.id, Claim.amount, Claim.settled, _PLAN.id.label("milestone_id"), _PLAN.document_id.label("contract"))
    .join(Invoice, Invoice.id == Claim.document_id)
    .join(
        _PLAN,
        Claim.document_id.in_(
            select(_LINE.document_id)
            .join(_BEGUN, and_(_BEGUN.id == _LINE.origin_id, _BEGUN.company_id == _LINE.company_id))
            .where(_BEGUN.document_id == _PLAN.document_id)
        ),
    )
    .where(_PLAN.id.in_(bindparam("milestones", expanding=True)), Claim.settled < Claim.amount)
    .order_by(Claim.due.is_(None), Claim.due, Claim.id)
)


def _split(use: Use, bill: _Bill, left: dict[int, Decimal]) -> Iterator[Use]:
    """What meets an invoice by the milestones that it meets, and the rest that meets none."""
    bill.paid += use.amount
    rest = use.amount
    for row in bill.milestones:
        part = min(rest, left[row.id], bill.room(row.document_id))
        if part > 0:
            left[row.id] -= part
            bill.met[row.document_id] += part
            rest -= part
            yield Use(part, use.claim_id, row.id)
    if rest > 0 or use.amount <= 0:
        yield Use(rest, use.claim_id)


def _bills(work: Work, claim_ids: Collection[int]) -> dict[int, _Bill]:
    """By claim the invoice it is on, with the milestones of its contracts, or the one that it was made for."""
    if not claim_ids:
        return {}
    rows = work.session.execute(
        _asked(Claim.id, Invoice.milestone_id)
        .join(Claim, Claim.document_id == _LINE.document_id)
        .join(Invoice, Invoice.id == _LINE.document_id)
        .where(
            Claim.id.in_(claim_ids),
            among(_LINE.document_id, select(_OWED.document_id).where(_OWED.id.in_(claim_ids)).correlate(None)),
        )
    ).all()
    planned: dict[int, list[Any]] = defaultdict(list)
    for row in flow.claims.of(work, {row.origin for row in rows if row.origin != row.document_id}):
        if row.claim_kind == "milestone":
            planned[row.document_id].append(row)
    bills: dict[int, _Bill] = defaultdict(_Bill)
    for row in rows:
        bill = bills[row.document_id]
        if row.origin not in bill.asked:
            bill.asked[row.origin] = row.gross
            bill.milestones += [one for one in planned[row.origin] if row.milestone_id in (None, one.id)]
    _enter_payments(work, {key: bill for key, bill in bills.items() if len(bill.asked) > 1 and bill.milestones})
    return {row.id: bills[row.document_id] for row in rows}


def _enter_payments(work: Work, bills: dict[int, _Bill]) -> None:
    """What met these invoices before: money and, of their own red letters, what is no longer asked for.

    The credit that a red letter over another invoice brings is as good as money.
    """
    if not bills:
        return
    plan, red = aliased(Claim), select(CreditNote.id, CreditNote.invoice_id).subquery("red")
    columns = (
        Claim.document_id,
        Settlement.payment_id,
        Document.gross,
        red.c.invoice_id,
        plan.document_id.label("contract"),
    )
    rows = work.session.execute(
        select(*columns, func.sum(Settlement.amount, type_=Settlement.amount.type).label("amount"))
        .join(Claim, Claim.id == Settlement.claim_id)
        .join(Document, Document.id == Settlement.payment_id)
        .outerjoin(red, red.c.id == Settlement.payment_id)
        .outerjoin(plan, plan.id == Settlement.milestone_id)
        .where(Claim.document_id.in_(bills), Settlement.reversed_at.is_(None))
        .group_by(*columns)
    ).all()
    for row in (row for row in rows if row.invoice_id != row.document_id):
        bill = bills[row.document_id]
        bill.paid += row.amount
        if row.contract is not None:
            bill.met[row.contract] += row.amount
    letters = {row.payment_id: row for row in rows if row.invoice_id == row.document_id}
    back = work.session.execute(_asked().where(_LINE.document_id.in_(letters))) if letters else ()
    for line in back:
        letter = letters[line.document_id]
        bills[letter.document_id].asked[line.origin] -= share(letter.amount, line.gross, letter.gross)


def _asked(*further: Any) -> Select[Any]:
    """What documents come to by the documents where their lines began, in the order of these."""
    began = func.coalesce(_BEGUN.document_id, _LINE.document_id)
    columns = (_LINE.document_id, began, *further)
    return (
        select(
            _LINE.document_id,
            began.label("origin"),
            *further,
            func.sum(_LINE.gross, type_=_LINE.gross.type).label("gross"),
        )
        .select_from(_LINE)
        .outerjoin(_BEGUN, and_(_BEGUN.id == _LINE.origin_id, _BEGUN.company_id == _LINE.company_id))
        .where(_LINE.line_kind != "text")
        .group_by(*columns)
        .order_by(began)
    )
