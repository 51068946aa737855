"""Framework agreements: they bind nobody to their quantities; the orders that are taken from them do."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from core.documents import Document
from core.documents.models import DocumentLink
from core.work import Work

FRAMEWORK, ORDER = "framework", "contract.order"
NOT_BINDING = ("draft", "cancelled")


def binding() -> tuple[ColumnElement[bool], ...]:
    """Conditions of a ``Document`` that is an order which binds."""
    return Document.kind == ORDER, Document.state.not_in(NOT_BINDING)


def unpaid_orders(work: Work, agreement_id: int) -> Decimal:
    """What is owed by the orders under an agreement, and was not received."""
    left = (Document.invoiced + Document.uninvoiced - func.coalesce(Document.collected, 0)).label("unpaid")
    taken = select(DocumentLink.target_document_id).where(DocumentLink.source_document_id == agreement_id)
    return sum(work.session.scalars(select(left).where(*binding(), Document.id.in_(taken))), Decimal(0))
