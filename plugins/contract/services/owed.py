"""What is owed by a contract in the end: what was agreed, less what will not come any more and what was given up.

It is what was invoiced and what is still to be. When it is less than the price, the last milestones give way first:
nobody pays for what he sent back.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from core.documents import Document
from core.documents.models import Claim

NONE = Decimal(0)
DRAFT = "draft"


def owed(document: Document) -> Decimal:
    """What is owed by a contract or an order, in its currency; of a draft, its price."""
    return document.gross if document.state == DRAFT else document.invoiced + document.uninvoiced


def asked(amounts: Sequence[Decimal], whole: Decimal) -> list[Decimal]:
    """What milestones of these ``amounts`` still ask for where ``whole`` is owed: the last give way first."""
    found = []
    for amount in amounts:
        found.append(max(min(amount, whole), NONE))
        whole -= amount
    return found


def owed_by() -> ColumnElement[Any]:
    """What is owed by the ``Document`` of the statement, in the database."""
    return case((Document.state == DRAFT, Document.gross), else_=Document.invoiced + Document.uninvoiced)


def asked_by(claim: Any = Claim) -> ColumnElement[Any]:
    """What a milestone asks for of the ``Document`` of the statement, in the database."""
    earlier = aliased(Claim)
    before = (
        select(func.coalesce(func.sum(earlier.amount, type_=Claim.amount.type), 0, type_=Claim.amount.type))
        .where(
            earlier.company_id == claim.company_id,
            earlier.document_id == claim.document_id,
            earlier.claim_kind == "milestone",
            earlier.position < claim.position,
        )
        .correlate(claim)
        .scalar_subquery()
    )
    left = owed_by() - before
    return case((left <= 0, 0), (left < claim.amount, left), else_=claim.amount)
