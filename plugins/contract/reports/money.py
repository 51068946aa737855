"""Money of contracts as reports need it: what was received, what is retained, what is overdue; all in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine
from core.documents.models import Claim, Settlement
from core.documents.stage import Stage
from core.reports import Chosen, total
from core.roles import (
    CONTRACT_ADMINISTRATOR,
    FINANCE,
    GENERAL_MANAGER,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
)
from core.work import Work

READERS = (
    REPRESENTATIVE,
    SALES_MANAGER,
    SALES_CLERK,
    GENERAL_MANAGER,
    FINANCE,
    CONTRACT_ADMINISTRATOR,
    SALES_ADMINISTRATOR,
)
_ORIGIN = aliased(DocumentLine)
_PAYMENT = aliased(Document)


def received(work: Work) -> ColumnElement[Any]:
    """What a document's customer has paid: on its milestones, where it has none on the invoices of its lines.

    Red letters lower what an invoice asks for; they are no money, so what they meet is not counted.
    """
    letters = [kind for kind, cls in work.types.documents.items() if cls.stage is Stage.INVOICE and cls.corrects]
    drawn = (
        select(DocumentLine.document_id)
        .join(_ORIGIN, and_(_ORIGIN.id == DocumentLine.origin_id, _ORIGIN.company_id == DocumentLine.company_id))
        .where(_ORIGIN.document_id == Document.id)
        .correlate(Document)
    )
    billed = (
        select(total(Settlement.amount))
        .join(Claim, and_(Claim.id == Settlement.claim_id, Claim.company_id == Settlement.company_id))
        .join(_PAYMENT, and_(_PAYMENT.id == Settlement.payment_id, _PAYMENT.company_id == Settlement.company_id))
        .where(Claim.document_id.in_(drawn), Settlement.reversed_at.is_(None), _PAYMENT.kind.not_in(letters))
        .correlate(Document)
        .scalar_subquery()
    )
    owed = exists().where(Claim.document_id == Document.id, Claim.claim_kind == "milestone").correlate(Document)
    return case((owed, Document.settled), else_=billed)


def retained() -> ColumnElement[Any]:
    """What of a contract is retained until its warranty ends."""
    return (
        select(total(Claim.amount))
        .where(Claim.document_id == Document.id, Claim.retained)
        .correlate(Document)
        .scalar_subquery()
    )


def retained_until() -> ColumnElement[Any]:
    """When the last retained part is due; none while nobody knows."""
    return (
        select(func.max(Claim.due))
        .where(Claim.document_id == Document.id, Claim.retained)
        .correlate(Document)
        .scalar_subquery()
    )


def first_unpaid() -> ColumnElement[Any]:
    """The first day by which a milestone was due that is not met."""
    return (
        select(func.min(Claim.due))
        .where(Claim.document_id == Document.id, Claim.claim_kind == "milestone", Claim.settled < Claim.amount)
        .correlate(Document)
        .scalar_subquery()
    )


def currency(work: Work, chosen: Chosen) -> str:
    """The currency of a report: the company's, unless another is asked for. Unlike money is never added up."""
    return chosen.text("currency").upper() or work.company.currency
