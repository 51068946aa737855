"""Does the money still hold? What was paid back to customers has come out of the payments that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from core.documents import Document
from core.documents.models import Claim, Settlement
from core.records.verify import Finding
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Refund


def verify_refunds(work: Work) -> Iterator[Finding]:
    """Every refund that was paid stands against its payment whole, so that nothing is paid back twice."""
    met: Any = func.coalesce(func.sum(Settlement.amount, type_=Settlement.amount.type), 0, type_=Refund.amount.type)
    source = func.coalesce(Refund.receipt_id, Refund.credit_note_id)
    mine = and_(Settlement.claim_id == Claim.id, Settlement.company_id == Claim.company_id)
    rows = work.session.execute(
        select(Refund.id, Refund.number, Refund.amount, met.label("met"))
        .outerjoin(Claim, and_(Claim.document_id == Refund.id, Claim.company_id == Refund.company_id))
        .outerjoin(Settlement, and_(mine, Settlement.payment_id == source, Settlement.reversed_at.is_(None)))
        .where(Refund.state == "paid")
        .group_by(Refund.id, Refund.number, Refund.amount)
        .having(met != Refund.amount)
        .order_by(Refund.id)
    )
    for row in rows:
        text = _("{amount} was paid back; {met} of it came out of what it names.", amount=row.amount, met=row.met)
        yield Finding("refund.source", f"{Refund.label} {row.number or row.id}", text)


def verify_offsets(work: Work) -> Iterator[Finding]:
    """What a red letter leaves as credit was paid before: nothing of it is free while its own invoice is open."""
    blue = aliased(Document)
    rows = work.session.execute(
        select(CreditNote.id, CreditNote.number, CreditNote.unsettled, blue.number.label("invoice"))
        .join(blue, and_(blue.id == CreditNote.invoice_id, blue.company_id == CreditNote.company_id))
        .where(CreditNote.state == "issued", CreditNote.unsettled > 0, blue.unsettled > 0)
        .order_by(CreditNote.id)
    )
    for row in rows:
        text = _("{amount} of it is free while invoice {number} is open.", amount=row.unsettled, number=row.invoice)
        yield Finding("credit_note.offset", f"{CreditNote.label} {row.number or row.id}", text)


def verify_billing(work: Work) -> Iterator[Finding]:
    """Everything wrong between refunds, red letters and what they come out of."""
    yield from verify_refunds(work)
    yield from verify_offsets(work)


CHECKS = (verify_billing,)
