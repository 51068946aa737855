"""Does the money still hold? What was paid back to customers has come out of the payments that it names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import and_, func, select

from core.documents.models import Claim, Settlement
from core.records.verify import Finding
from core.text import _
from core.work import Work
from plugins.billing.documents import Refund


def verify_refunds(work: Work) -> Iterator[Finding]:
    """Every refund that was paid stands against its payment whole, so that nothing is paid back twice."""
    met: Any = func.coalesce(func.sum(Settlement.amount, type_=Settlement.amount.type), 0, type_=Refund.amount.type)
    own = and_(Settlement.claim_id == Claim.id, Settlement.company_id == Claim.company_id)
    rows = work.session.execute(
        select(Refund.id, Refund.number, Refund.amount, met.label("met"))
        .outerjoin(Claim, and_(Claim.document_id == Refund.id, Claim.company_id == Refund.company_id))
        .outerjoin(Settlement, and_(own, Settlement.payment_id == Refund.receipt_id, Settlement.reversed_at.is_(None)))
        .where(Refund.state == "paid")
        .group_by(Refund.id, Refund.number, Refund.amount)
        .having(met != Refund.amount)
        .order_by(Refund.id)
    )
    for row in rows:
        text = _("{amount} was paid back; {met} of it came out of what it names.", amount=row.amount, met=row.met)
        yield Finding("refund.source", f"{Refund.label} {row.number or row.id}", text)


CHECKS = (verify_refunds,)
