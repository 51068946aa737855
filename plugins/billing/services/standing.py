"""What stood at the end of a day: what each claim still came to, from the settlements that stood then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from core.documents import Document
from core.documents.models import Claim, Settlement
from core.work import Work
from plugins.billing.documents.accounts import INVOICE, INVOICED


def open_at(work: Work, day: date, *only: Any) -> Any:
    """Claims on invoices that were open at the end of a day, with what was left of each; ``only``: which claims."""
    met = met_at(
        work, day, Settlement.claim_id, *([Settlement.claim_id.in_(select(Claim.id).where(*only))] if only else [])
    )
    left = Claim.amount - func.coalesce(met.c.amount, 0, type_=Claim.amount.type)
    return (
        select(Claim.company_id, Claim.party_id, Claim.claim_kind, Claim.due, left.label("open"))
        .join(Document, and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id))
        .outerjoin(met, met.c.key == Claim.id)
        .where(Document.kind == INVOICE, Document.state.in_(INVOICED), Document.date <= day, left > 0, *only)
    )


def met_at(work: Work, day: date, key: Any, *only: Any) -> Any:
    """The settlements against claims that stood at the end of a day, summed up by claim or payment."""
    end = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(work.company.zone))
    return (
        select(key.label("key"), func.sum(Settlement.amount, type_=Settlement.amount.type).label("amount"))
        .where(
            Settlement.claim_id.is_not(None),
            Settlement.at < end,
            or_(Settlement.reversed_at.is_(None), Settlement.reversed_at >= end),
            *only,
        )
        .group_by(key)
        .subquery()
    )
