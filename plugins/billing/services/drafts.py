"""Drafts that follow from other documents: invoices for requests, red letters for returns, requests for milestones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from core.documents import Document, DocumentLine
from core.documents.models import Claim
from core.documents.reading import find, load
from core.errors import Conflict, Unknown
from core.money import half_up, share
from core.operations import create, flow
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Request
from plugins.billing.documents.checks import ISSUED
from plugins.billing.documents.credit_note import REDUCED, RETURNED
from plugins.billing.services import titles

QUANTITY, AMOUNT = 6, 2
SAID = ("line_kind", "item_id", "name", "name_en", "specification", "unit", "tax_rate_id")
HEADER = ("party_id", "currency", "exchange_rate", "prices_include_tax", "owner_id", "department_id", "payment_terms")


def invoice_for(work: Work, request: Request) -> Invoice:
    """The draft invoice over everything that was asked for, with the request's title and remark."""
    values = {
        **titles.copied(request),
        "on_invoice": request.on_invoice,
        "milestone_id": request.milestone_id,
        "remark": request.remark,
    }
    return flow.take_from(work, Invoice, request, **values)


def red_letter_for(work: Work, source: Document, lines: Sequence[DocumentLine]) -> list[CreditNote]:
    """The draft red letter over what came back and was invoiced; it names the invoice that has most of it.

    What was sold at several exchange rates makes a draft for each.
    """
    invoice = _invoice_of(work, [line.origin_id for line in lines if line.origin_id])
    values: dict[str, Any] = {"red_reason": RETURNED}
    if invoice is not None:
        values |= {**titles.copied(invoice), "invoice_id": invoice.id, "reference": _number(invoice)}
    return flow.take_apart(work, CreditNote, source, **values)


def red_letter_by_hand(
    work: Work, key: int, *, reason: str, quantities: Mapping[int, Decimal] | None = None
) -> CreditNote:
    """A draft red letter to an issued invoice: over all that is left of it, or ``quantities`` in base units by line."""
    invoice, values = _corrected(work, key, reason)
    if quantities is None:
        return flow.take_from(work, CreditNote, invoice, **values)
    return flow.take(work, CreditNote, list(quantities.items()), **values)


def reduction(work: Work, key: int, amounts: Mapping[int, Decimal]) -> CreditNote:
    """A draft red letter that makes lines of an issued invoice cheaper afterwards, by line id an amount with tax.

    No quantity goes along; core sees to it that no line is credited beyond what was invoiced of it (04 销售折让).
    """
    invoice, values = _corrected(work, key, REDUCED)
    rows = []
    for line in invoice.lines:
        if amounts.get(line.id, Decimal(0)) > 0:
            row = {name: getattr(line, name) for name in SAID if getattr(line, name) not in (None, "")}
            part = -half_up(amounts[line.id], AMOUNT)
            rows.append({**row, "quantity": Decimal(0), "origin_id": line.origin_id or line.id, "part": part})
    if not rows or len(rows) != len(amounts):
        raise Unknown()
    header = {name: getattr(invoice, name) for name in HEADER}
    return create.write(work, CreditNote, header | values, rows)


def _corrected(work: Work, key: int, reason: str) -> tuple[Invoice, dict[str, Any]]:
    """The invoice and what its red letter begins with; raises ``Conflict`` when it was not issued."""
    work.demand("billing.credit_note.create")
    invoice = load(work, Invoice, key)
    if invoice.state not in ISSUED:
        raise Conflict(_("The invoice that it corrects was not issued."), code="billing.not_issued")
    begun = {"invoice_id": invoice.id, "reference": _number(invoice), "red_reason": reason}
    return invoice, {**titles.copied(invoice), **begun}


def _number(invoice: Invoice) -> str:
    return invoice.invoice_number or invoice.number or ""


def _invoice_of(work: Work, origins: Sequence[int]) -> Invoice | None:
    """Of the issued invoices over these origins, the one with the greatest amount that is not taken back yet."""
    if not origins:
        return None
    key = work.session.scalar(
        select(Invoice.id)
        .join(DocumentLine, DocumentLine.document_id == Invoice.id)
        .where(
            func.coalesce(DocumentLine.origin_id, DocumentLine.id).in_(origins),
            Invoice.state.in_(ISSUED),
            Invoice.credited < Invoice.gross,
        )
        .group_by(Invoice.id)
        .order_by(func.sum(DocumentLine.gross).desc(), Invoice.id.desc())
        .limit(1)
    )
    return None if key is None else find(work, Invoice, key, lines=False)


def for_milestone(work: Work, claim_id: int) -> Request | Invoice:
    """A draft request, or invoice where nobody asks first, over a milestone's share of every line that is open.

    Each line goes along in proportion, in quantity and in money, so that the document comes to the milestone; the last
    milestone takes what is left. Raises ``Unknown`` when there is no such milestone, ``Conflict`` when nothing is open.
    """
    cls: Any = Request if Request.enters(work) else Invoice
    work.demand(f"{'billing.request' if cls is Request else 'billing.invoice'}.create")
    claim = work.session.scalars(select(Claim).where(Claim.id == claim_id)).one_or_none()
    if claim is None or claim.claim_kind != "milestone":
        raise Unknown()
    rows = flow.waiting(work, cls, document_id=claim.document_id, most=5000)
    whole = sum((row.amount_left for row in rows), Decimal(0))
    if whole <= 0:
        raise Conflict(_("Nothing is open for this any more."), code="flow.nothing")
    wanted: dict[int, Decimal | None] = {row.line_id: None for row in rows}
    amounts: dict[int, Decimal] = {}
    if claim.amount < whole:
        parts = list(_parts(rows, claim.amount, whole))
        wanted = {key: quantity for key, quantity, _amount in parts}
        amounts = {key: amount for key, _quantity, amount in parts}
    return flow.take(work, cls, wanted.items(), amounts=amounts, milestone_id=claim.id)  # type: ignore[no-any-return]


def _parts(rows: Sequence[Any], amount: Decimal, whole: Decimal) -> Iterator[tuple[int, Decimal, Decimal]]:
    """The lines with the quantity and the amount that go along; where lines are summed up, each sum is rounded once."""
    before = given = Decimal(0)
    for row in rows:
        before += row.amount_left
        quantity = half_up(row.left * amount / whole, QUANTITY)
        if quantity:
            part = share(amount, before, whole) - given
            given += part
            yield row.line_id, quantity, part


def first(work: Work, kind: str, source: Document) -> None:
    """The draft request or invoice over what was just released, or one for each condition of payment."""
    flow.take_apart(work, work.types.document(kind), source)
