"""How people say which receipt, and which red letter's credit, meets which invoice and milestone."""

from __future__ import annotations

from functools import partial

from core.documents.kinds import kind_of
from core.extension.allocating import Allocating
from plugins.billing.documents import CreditNote, Receipt
from plugins.billing.services import allocation


def _allocating(cls: type[allocation.Payment]) -> Allocating:
    return Allocating(
        kind=kind_of(cls),
        permission=allocation.ALLOCATE,
        free=allocation.free,
        usable=allocation.usable,
        open_claims=allocation.open_claims,
        propose=allocation.propose,
        settled_with=allocation.settled_with,
        allocate=partial(allocation.allocate, cls=cls),
        take_back=partial(allocation.take_back, cls=cls),
    )


ALLOCATIONS = (_allocating(Receipt), _allocating(CreditNote))
