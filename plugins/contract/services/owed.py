"""What is owed by a contract in the end: what was agreed, less what will not come any more and what was given up.

It is what was invoiced and what is still to be. When it is less than the price, what is retained is less in proportion,
and of the other milestones the last give way first: nobody pays for what he sent back.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import aliased

from core.db.shares import Share
from core.documents import Document
from core.documents.models import Claim
from core.money import share

NONE = Decimal(0)
DRAFT = "draft"


def owed(document: Document) -> Decimal:
    """What is owed by a contract or an order, in its currency; of a draft, its price."""
    return document.gross if document.state == DRAFT else document.invoiced + document.uninvoiced


def asked(amounts: Sequence[Decimal], whole: Decimal, retained: Sequence[bool] = ()) -> list[Decimal]:
    """What milestones of these ``amounts`` still ask for where ``whole`` is owed.

    What is ``retained`` stays in proportion, as it does of each invoice; of the others the last give way first.
    """
    agreed = sum(amounts, NONE)
    held = [place < len(retained) and retained[place] for place in range(len(amounts))]
    kept = [
        share(one, min(whole, agreed), agreed) if is_held else NONE for one, is_held in zip(amounts, held, strict=True)
    ]
    found, left = [], whole - sum(kept, NONE)
    for amount, mine, is_held in zip(amounts, kept, held, strict=True):
        found.append(mine if is_held else max(min(amount, left), NONE))
        left -= NONE if is_held else amount
    return found


def owed_by() -> ColumnElement[Any]:
    """What is owed by the ``Document`` of the statement, in the database."""
    return case((Document.state == DRAFT, Document.gross), else_=Document.invoiced + Document.uninvoiced)


def asked_by(claim: Any = Claim) -> ColumnElement[Any]:
    """What a milestone asks for of the ``Document`` of the statement, in the database."""
    other = aliased(Claim)
    before = case((other.position < claim.position, other.amount), else_=0)
    # What is retained of all, and what was agreed before this one without being retained.
    ahead = (
        select(_sum(case((other.retained, _kept(other)), else_=before)))
        .where(
            other.company_id == claim.company_id,
            other.document_id == claim.document_id,
            other.claim_kind == "milestone",
        )
        .correlate(claim, Document)
        .scalar_subquery()
    )
    left = owed_by() - ahead
    return case((claim.retained, _kept(claim)), (left <= 0, 0), (left < claim.amount, left), else_=claim.amount)


def _kept(claim: Any) -> ColumnElement[Any]:
    """What of a retained milestone stays retained: its share of what is owed, if that is less than the price."""
    gross: Any = Document.gross
    return case((owed_by() >= gross, claim.amount), else_=Share(claim.amount, owed_by(), gross))


def _sum(amount: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(amount, type_=Claim.amount.type), 0, type_=Claim.amount.type)
