"""Contract and customer order: two ways to bind a customer and ourselves."""

from __future__ import annotations

from plugins.contract.documents.contract import Contract
from plugins.contract.documents.order import Order

__all__ = ["Contract", "Order"]
