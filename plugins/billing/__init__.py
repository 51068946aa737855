"""Billing: what a customer is asked to pay, what was invoiced, what came in, and what is still owed."""

from __future__ import annotations

from core.extension import Plugin
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.separation import Office
from core.text import _

plugin = Plugin(
    name="billing",
    label=_("Invoices and receipts"),
    place=60,
    icon="receipt",
    about=_("Invoice requests, invoices, red letters, receipts, what they settle, and statements of account."),
    permissions=(
        ("billing.receipt.allocate", _("Set receipts against what is owed, and take it back"), (FINANCE,)),
        (
            "billing.receivable.read",
            _("See what customers owe"),
            (FINANCE, GENERAL_MANAGER, SALES_MANAGER, SALES_CLERK, REPRESENTATIVE),
        ),
    ),
    offices=(
        (Office.BILL, ("billing.invoice.issue",)),
        (Office.COLLECT, ("billing.receipt.confirm",)),
        (Office.ALLOCATE, ("billing.receipt.allocate", "billing.receipt.settle", "billing.receipt.unsettle")),
        (Office.CHECK, ("billing.receipt.confirm", "billing.refund.pay")),
    ),
)
