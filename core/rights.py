"""Names of rights that core itself asks for."""

from __future__ import annotations

ADMINISTER = "core.company.administer"
READ_HISTORY = "core.history.read"
SEARCH = "core.search.use"
HAND_OVER = "core.hand_over.make"
OVERSEE = "core.duty.oversee"


COST, PHONE = "cost", "phone"


def sight(needs: str) -> str:
    """The right to see fields that need ``needs``: ``cost`` is the core's, ``billing.commission`` an area's own."""
    area, _dot, name = needs.rpartition(".")
    return f"{area or 'core'}.see.{name}"


SEE_COST, SEE_PHONE = sight(COST), sight(PHONE)
