"""How people say which receipt meets which invoice and milestone."""

from __future__ import annotations

from core.extension.allocating import Allocating
from plugins.billing.services import allocation

ALLOCATIONS = (
    Allocating(
        kind="billing.receipt",
        permission=allocation.ALLOCATE,
        free=allocation.free,
        usable=allocation.usable,
        open_claims=allocation.open_claims,
        propose=allocation.propose,
        settled_with=allocation.settled_with,
        allocate=allocation.allocate,
        take_back=allocation.take_back,
    ),
)
