"""What is owed and by when, as of any day; what was invoiced; what came in."""

from __future__ import annotations

from plugins.billing.reports.account import ACCOUNT
from plugins.billing.reports.accounts import ACCOUNTS
from plugins.billing.reports.ageing import AGEING
from plugins.billing.reports.receipts import RECEIPTS
from plugins.billing.reports.receivables import RECEIVABLES
from plugins.billing.reports.register import REGISTER

REPORTS = (ACCOUNTS, ACCOUNT, RECEIVABLES, AGEING, REGISTER, RECEIPTS)
"""The reports of this area."""

__all__ = ["REPORTS"]
