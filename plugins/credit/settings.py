"""What a company may choose about the credit of its customers. The defaults are ours; no document names any."""

from __future__ import annotations

from decimal import Decimal

from core.roles import FINANCE, GENERAL_MANAGER, SALES_MANAGER
from core.settings import Setting
from core.text import _

STRENGTHS = (
    ("off", _("Say nothing")),
    ("warn", _("Ask the person to confirm")),
    ("approve", _("Ask for consent")),
    ("block", _("Refuse")),
)
AT_ORDER = Setting("credit.at_order", _("Over the limit: an order"), "approve", choices=STRENGTHS)
AT_DELIVERY = Setting("credit.at_delivery", _("Over the limit: a delivery"), "warn", choices=STRENGTHS)
AT_INVOICE = Setting("credit.at_invoice", _("Over the limit: an invoice"), "off", choices=STRENGTHS)
OVERDUE = Setting(
    "credit.overdue",
    _("Something is overdue: orders and deliveries"),
    "off",
    choices=STRENGTHS,
    help=_(
        "Counts receivables that are overdue by more than the days of grace; retained money counts from its own day."
    ),
)
GRACE_DAYS = Setting("credit.grace_days", _("Days of grace for what is overdue"), 0, least=0, most=365)
CONSENT_BY = Setting(
    "credit.consent_by",
    _("Who agrees to an order over the limit"),
    FINANCE.key,
    choices=tuple((role.key, role.label) for role in (FINANCE, SALES_MANAGER, GENERAL_MANAGER)),
)
LEADER_FROM = Setting(
    "credit.leader_from",
    _("From this excess on the general manager agrees instead (0: never)"),
    Decimal(0),
    least=0,
)
COUNT_ORDERS = Setting(
    "credit.count_orders",
    _("What is ordered and not shipped counts as owed"),
    True,
    help=_("If not, it counts from its shipment on."),
)
COUNT_SHIPPED = Setting(
    "credit.count_shipped",
    _("What is shipped and not invoiced counts as owed"),
    True,
    help=_("If not, it counts from its invoice on."),
)
COUNT_ADVANCES = Setting("credit.count_advances", _("What was paid in advance is taken off"), True)
NEW_CUSTOMERS = Setting(
    "credit.new_customers",
    _("Customers without a credit file"),
    "open",
    choices=(("open", _("Are not checked")), ("none", _("Have no credit"))),
)
NEAR_PERCENT = Setting("credit.near_percent", _("Near the limit from (percent)"), Decimal(80), least=1, most=100)
REMIND_DAYS = Setting("credit.remind_days", _("Remind before a limit ends (days)"), 30, least=0, most=365)

SETTINGS = (
    AT_ORDER,
    AT_DELIVERY,
    AT_INVOICE,
    OVERDUE,
    GRACE_DAYS,
    CONSENT_BY,
    LEADER_FROM,
    COUNT_ORDERS,
    COUNT_SHIPPED,
    COUNT_ADVANCES,
    NEW_CUSTOMERS,
    NEAR_PERCENT,
    REMIND_DAYS,
)
