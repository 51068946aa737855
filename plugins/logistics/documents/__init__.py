"""Delivery, receipt into stock, and the receipt of what comes back."""

from __future__ import annotations

from plugins.logistics.documents.delivery import Delivery
from plugins.logistics.documents.return_receipt import ReturnReceipt
from plugins.logistics.documents.stock_in import StockIn

__all__ = ["Delivery", "ReturnReceipt", "StockIn"]
