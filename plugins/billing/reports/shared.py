"""What the reports of this area have in common: who reads them, and how they are narrowed."""

from __future__ import annotations

from typing import Any

from core.documents import Document
from core.reports import Chosen
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _

ROLES = (FINANCE, GENERAL_MANAGER, SALES_MANAGER, SALES_CLERK, REPRESENTATIVE)
INVOICE, RECEIPT = "billing.invoice", "billing.receipt"
CURRENCY = _("Documents in the company's currency only.")


def narrowed(statement: Any, chosen: Chosen) -> Any:
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Document.party_id == party)
    if (owner := chosen.id("owner_id")) is not None:
        statement = statement.where(Document.owner_id == owner)
    return statement


def said(choices: Any, key: str) -> Any:
    labels = dict(choices)
    return lambda row, _chosen: labels.get(row.get(key) or "", "")
