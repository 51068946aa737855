"""The contract ledger and the fulfilment sheet (CTR-09)."""

from __future__ import annotations

from plugins.contract.reports.fulfilment import FULFILMENT
from plugins.contract.reports.ledger import LEDGER

REPORTS = (LEDGER, FULFILMENT)
"""The reports of this area."""

__all__ = ["FULFILMENT", "LEDGER", "REPORTS"]
