"""Logistics: what leaves the house, what comes in, what comes back, and what is in the store."""

from __future__ import annotations

from core.extension import Plugin
from core.separation import Office
from core.text import _

plugin = Plugin(
    name="logistics",
    label=_("Logistics"),
    place=50,
    icon="truck-delivery",
    about=_("Deliveries with signed notes and acceptance, receipts into stock, returned goods and the stock itself."),
    offices=((Office.SHIP, ("logistics.delivery.ship",)),),
)
