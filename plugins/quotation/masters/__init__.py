"""Price lists, and which of them a price comes from."""

from __future__ import annotations

from plugins.quotation.masters.lists import ListPrice, PriceList

__all__ = ["ListPrice", "PriceList"]
