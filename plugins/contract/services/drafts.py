"""Drafts: what a customer has accepted becomes a contract or an order, with the terms of the offer."""

from __future__ import annotations

from typing import Any

from core.documents import Document
from core.operations import flow
from core.work import Work
from plugins.contract.documents import Contract, Order

# What an offer may have settled already, whatever area it is of.
SETTLED = ("project", "delivery_terms", "freight_terms", "packing", "warranty", "remark", "internal_remark")


def draft_from(work: Work, cls: type[Contract] | type[Order], source: Document) -> Contract | Order:
    """A draft of everything that ``source`` has open; its terms go before those of the template (CTR-06)."""
    values: dict[str, Any] = {name: getattr(source, name, "") for name in SETTLED}
    return flow.take_from(work, cls, source, **{name: value for name, value in values.items() if value})
