"""What becomes owed when an invoice is issued: by which day, and how much of it is retained until its own day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core import terms
from core.documents.reading import find
from core.money import share
from core.operations import flow
from core.operations.keep import keep
from core.text import _, speaking
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice
from plugins.billing.services import allocation
from plugins.billing.settings import TERM_DAYS

NONE = Decimal(0)
Until = tuple[date | None, int | None]


def make(work: Work, invoice: Invoice, origins: Sequence[Any]) -> None:
    """Enter what an issued invoice makes owed, and let advances on the contracts where its lines began meet it.

    The retained share follows the retention milestones of those ``origins``, each in proportion to its own part.
    """
    due = invoice.due_on or due_day(work, invoice)
    if invoice.due_on is None:
        keep(work, invoice, due_on=due)
    agreed = flow.claims.of(work, [row.id for row in origins])
    parts = flow.parts(work, invoice) if any(row.retained for row in agreed) else {}
    retained = _retained(invoice, origins, agreed, parts)
    with speaking(work.company.language):
        names = str(_("Receivable")), str(_("Retained money"))
    values = [flow.claims.ClaimValue(names[0], invoice.gross - sum(retained.values(), NONE), due)]
    values += [
        flow.claims.ClaimValue(names[1], amount, until, "retention", follows=milestone)
        for (until, milestone), amount in retained.items()
    ]
    flow.claims.make(work, invoice, values)
    _meet_advances(work, invoice, agreed, parts)


def due_day(work: Work, invoice: Invoice) -> date:
    """The day by the invoice's payment terms, counted from its date; the company's usual term for any other words."""
    usual = invoice.date + timedelta(days=work.setting(TERM_DAYS))
    try:
        agreed = terms.read(invoice.payment_terms)
        return agreed.due(invoice.date, work.workdays) if agreed is not None else usual
    except terms.BadTerms:
        return usual


def _retained(
    invoice: Invoice, origins: Sequence[Any], agreed: Sequence[Any], parts: Mapping[int, Decimal]
) -> dict[Until, Decimal]:
    """How much of the invoice is retained, and until when; one over a milestone is what that one says."""
    held = [row for row in agreed if row.retained]
    if invoice.milestone_id is not None:
        return {_until(row): invoice.gross for row in held if row.id == invoice.milestone_id}
    rest, found = invoice.gross, dict[Until, Decimal]()
    for until, amount in shares(held, origins, parts).items():
        part = min(amount, rest)
        if part > 0:
            found[until] = part
            rest -= part
    return found


def released(work: Work, letter: CreditNote, blue: Invoice) -> Decimal:
    """How much of what is retained of an invoice goes with its red letter: that letter's share of it."""
    if not any(row.claim_kind == "retention" for row in flow.claims.of(work, [blue.id])):
        return NONE
    origins = [row for row in flow.behind(work, letter) if row.began]
    held = [row for row in flow.claims.of(work, [row.id for row in origins]) if row.retained]
    if blue.milestone_id is not None:
        return -letter.gross if any(row.id == blue.milestone_id for row in held) else NONE
    return -sum(shares(held, origins, flow.parts(work, letter)).values(), NONE)


def _until(milestone: Any) -> Until:
    """The day of a milestone; while nobody knows it, the milestone, whose day it will be."""
    return milestone.due, milestone.id if milestone.due is None else None


def shares(held: Sequence[Any], origins: Sequence[Any], parts: Mapping[int, Decimal]) -> dict[Until, Decimal]:
    """Of retention milestones what falls on a posted document, by their day; less than zero of what is taken back.

    ``parts``: what the document comes to by the documents where its lines began. Of each it is the share of all that
    was invoiced by now less that of what was invoiced before, so that the shares of all invoices come to the whole.
    """
    begun, found = {row.id: row for row in origins}, defaultdict[Until, Decimal](Decimal)
    for row in held:
        origin = begun[row.document_id]
        before = origin.invoiced - parts.get(origin.id, NONE)
        if origin.gross > 0:
            found[_until(row)] += share(row.amount, origin.invoiced, origin.gross) - share(
                row.amount, before, origin.gross
            )
    return dict(sorted(found.items(), key=lambda pair: (pair[0][0] or date.max, pair[0][1] or 0)))


def _meet_advances(work: Work, invoice: Invoice, agreed: Sequence[Any], parts: dict[int, Decimal]) -> None:
    """Let what was paid on the contract's milestones before meet the invoice as well."""
    wanted = [row.id for row in agreed if invoice.milestone_id in (None, row.id)]
    advances = allocation.on_milestones(work, wanted)
    if not advances:
        return
    open_claims = [[row.id, row.amount] for row in flow.claims.of(work, [invoice.id])]
    contracts, parts = {row.id: row.document_id for row in agreed}, parts or flow.parts(work, invoice)
    for payment_id, kind in sorted({(row.payment_id, row.kind) for row in advances}):
        uses: list[flow.claims.Use] = []
        taken: list[int] = []
        for row in (row for row in advances if row.payment_id == payment_id):
            contract = contracts[row.milestone_id]
            found = list(_parts(row, open_claims, parts[contract]))
            if found:
                taken.append(row.id)
                uses += found
                parts[contract] -= sum((use.amount for use in found if use.claim_id is not None), NONE)
        payment = find(work, work.types.document(kind), payment_id, lock=True, lines=False) if taken else None
        if payment is not None:
            flow.claims.reverse(work, payment, taken)
            flow.claims.settle(work, payment, uses)


def _parts(advance: Any, open_claims: list[list[Any]], most: Decimal) -> Iterator[flow.claims.Use]:
    """The advance against the claims that are left, in their order; what remains of it stays on the milestone.

    ``most``: what the invoice still asks for its contract; an advance on one contract pays for no other.
    """
    most = min(most, sum((left for _key, left in open_claims), NONE))
    if most <= 0:
        return
    rest = advance.amount
    for one in open_claims:
        part = min(rest, most, one[1])
        if part > 0:
            one[1] -= part
            most -= part
            rest -= part
            yield flow.claims.Use(part, one[0], advance.milestone_id)
    if rest > 0:
        yield flow.claims.Use(rest, None, advance.milestone_id)
