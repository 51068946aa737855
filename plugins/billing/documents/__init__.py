"""The documents of money: requests, invoices, red letters, receipts, refunds and statements."""

from __future__ import annotations

from plugins.billing.documents.credit_note import CreditNote
from plugins.billing.documents.invoice import Invoice
from plugins.billing.documents.receipt import Receipt
from plugins.billing.documents.refund import Refund
from plugins.billing.documents.request import Request
from plugins.billing.documents.statement import Statement

__all__ = ["CreditNote", "Invoice", "Receipt", "Refund", "Request", "Statement"]
