"""Production and purchase follow-up: what is made or bought for a customer, by when, and how far it is."""

from __future__ import annotations

from core.extension import Plugin
from core.text import _

plugin = Plugin(
    name="production",
    label=_("Production and supply"),
    place=40,
    icon="building-factory-2",
    about=_(
        "Production orders with stages and progress, and the follow-up of purchases, until goods are ready to ship."
    ),
)
