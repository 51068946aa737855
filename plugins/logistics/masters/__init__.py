"""Warehouses, carriers and ways of shipping, and the balance of the stock."""

from __future__ import annotations

from plugins.logistics.masters.carriers import Carrier, ShippingMethod
from plugins.logistics.masters.stock import Stock
from plugins.logistics.masters.warehouses import Warehouse

__all__ = ["Carrier", "ShippingMethod", "Stock", "Warehouse"]
