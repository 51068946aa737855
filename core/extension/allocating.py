"""Allocating: what an area offers so that people may say which of its payments meets which claim."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.documents.models import Document
    from core.operations.flow.claims import Use
    from core.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocating:
    """One kind of payment that people set against claims by hand; core makes the page and the interface of it.

    ``free`` is what is left of a payment, ``open_claims`` what it may meet (rows of ``flow.claims.open_of``),
    ``propose`` how it would be set by itself, ``settled_with`` what it meets now (id, amount, at, name, claim_kind,
    due, document_id). ``allocate`` and ``take_back`` ask for their right themselves, which is ``permission``.
    """

    kind: str
    permission: str
    free: Callable[[Any], Decimal]
    usable: Callable[[Any], bool]
    open_claims: Callable[[Work, Any], Sequence[Any]]
    propose: Callable[[Work, Any], Sequence[Use]]
    settled_with: Callable[[Work, Any], Sequence[Any]]
    allocate: Callable[..., Document]
    take_back: Callable[..., Document]
