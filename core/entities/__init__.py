"""What every company has, whichever areas it uses: people, parties, items, settings, taxes, days."""

from __future__ import annotations

from core.entities.account import Account, Department, Employment
from core.entities.company import Company
from core.entities.item import Item
from core.entities.party import Party
from core.entities.signing_in import Invitation
from core.entities.tax import TaxRate

__all__ = ["Account", "Company", "Department", "Employment", "Invitation", "Item", "Party", "TaxRate"]
