"""Money of contracts as reports need it: what is retained, until when, and what is overdue; all in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, select, type_coerce

from core.documents import Document
from core.documents.models import Claim
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
from core.text import _
from core.work import Work
from plugins.contract.services.owed import asked_by

READERS = (
    REPRESENTATIVE,
    SALES_MANAGER,
    SALES_CLERK,
    GENERAL_MANAGER,
    FINANCE,
    CONTRACT_ADMINISTRATOR,
    SALES_ADMINISTRATOR,
)
OWED = _("What was invoiced or is to be: without what came back, will not come any more or was given up.")


def retained() -> ColumnElement[Any]:
    """What of a contract is retained until its warranty ends, less what is not owed any more."""
    return (
        select(total(type_coerce(asked_by(), Claim.amount.type)))
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
        .where(Claim.document_id == Document.id, Claim.claim_kind == "milestone", Claim.settled < asked_by())
        .correlate(Document)
        .scalar_subquery()
    )


def currency(work: Work, chosen: Chosen) -> str:
    """The currency of a report: the company's, unless another is asked for. Unlike money is never added up."""
    return chosen.text("currency").upper() or work.company.currency
