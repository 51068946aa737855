"""Production order and purchase follow-up: two ways to have what was ordered."""

from __future__ import annotations

from plugins.production.documents.follow_up import FollowUp
from plugins.production.documents.order import ProductionOrder

__all__ = ["FollowUp", "ProductionOrder"]
