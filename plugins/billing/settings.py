"""What a company may choose about invoices and receipts."""

from __future__ import annotations

from core.settings import Setting
from core.text import _

REQUESTS = Setting(
    "billing.requests",
    _("Invoices are asked for first"),
    False,
    help=_("What is to be invoiced goes to an invoice request; without it, it goes to the invoice at once."),
)
DRAFTS = Setting(
    "billing.drafts",
    _("Begin an invoice for each delivery or order at once"),
    False,
    help=_("Otherwise what may be invoiced waits until somebody collects it, from several deliveries if need be."),
)
TERM_DAYS = Setting(
    "billing.term_days",
    _("Invoices without payment terms are due after (days)"),
    30,
    least=0,
    most=720,
)
REMIND_DAYS = Setting("billing.remind_days", _("Remind before a receivable is due (days)"), 7, least=0, most=90)
OVERDUE_DAYS = Setting(
    "billing.overdue_days",
    _("The manager is told of overdue receivables after (days)"),
    15,
    least=0,
    most=365,
    help=_("The representative is told from the first day."),
)
MATURITY_DAYS = Setting(
    "billing.maturity_days", _("Remind before an acceptance bill matures (days)"), 10, least=0, most=90
)
COMMERCIAL_BILLS = Setting(
    "billing.commercial_bills_count",
    _("Commercial acceptance bills count as owed until they are paid"),
    True,
    help=_("They settle the receivable when they are received; for the customer's credit they count until honoured."),
)
ANSWER_DAYS = Setting("billing.answer_days", _("Statements are to be answered within (workdays)"), 5, least=1, most=60)

SETTINGS = (
    REQUESTS,
    DRAFTS,
    TERM_DAYS,
    REMIND_DAYS,
    OVERDUE_DAYS,
    MATURITY_DAYS,
    COMMERCIAL_BILLS,
    ANSWER_DAYS,
)
