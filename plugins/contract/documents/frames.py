"""Framework agreements: they bind nobody to their quantities; the orders that are taken from them do."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from core.documents import Document
from core.documents.models import DocumentLink
from core.documents.received import received
from core.work import Work

FRAMEWORK, ORDER = "framework", "contract.order"
NOT_BINDING = ("draft", "cancelled")


def orders_under(agreement_id: Any) -> Select[Any]:
    """The orders that were taken from an agreement, by its id or in the statement around it."""
    taken = select(DocumentLink.target_document_id).where(DocumentLink.source_document_id == agreement_id)
    return taken.correlate_except(DocumentLink)


def over_orders(agreement_id: Any, figure: ColumnElement[Any]) -> Select[Any]:
    """The sum of a figure of ``Document`` over the binding orders under an agreement; zero where there are none."""
    return select(func.coalesce(func.sum(figure, type_=Document.gross.type), 0, type_=Document.gross.type)).where(
        Document.kind == ORDER,
        Document.state.not_in(NOT_BINDING),
        Document.id.in_(orders_under(agreement_id)),
    )


def unpaid_orders(work: Work, agreement_id: int) -> Any:
    """What is owed by the orders under an agreement, and was not received."""
    left = Document.invoiced + Document.uninvoiced - received(work)
    return work.session.scalar(over_orders(agreement_id, left))
