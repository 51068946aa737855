"""What a company may choose about making and buying what was ordered."""

from __future__ import annotations

from core.settings import Setting
from core.text import _

ENTRIES = (("order", _("A production order")), ("follow_up", _("A purchase follow-up")))

ENTRY = Setting("production.entry", _("What was ordered becomes"), "order", choices=ENTRIES)
DRAFTS = Setting(
    "production.drafts",
    _("Make it at once"),
    True,
    help=_("Otherwise released lines wait until somebody plans them."),
)
SERVICES = Setting(
    "production.services",
    _("Services are planned too"),
    False,
    help=_("Such as development and installation; otherwise only goods are."),
)
NOTICE_DAYS = Setting(
    "production.purchase_notice_days",
    _("Tell purchasing before the day of delivery (days)"),
    10,
    least=0,
    most=365,
)
NOTICE_BY = Setting(
    "production.purchase_notice_by",
    _("Purchasing is told by"),
    "sales_representative",
    choices=(("sales_representative", _("Sales representative")), ("sales_clerk", _("Sales clerk"))),
)
REPORT_DAYS = Setting(
    "production.report_days",
    _("Progress is reported every (days)"),
    7,
    least=1,
    most=365,
    help=_("Key orders are reported twice as often."),
)
SOLVE_DAYS = Setting("production.solve_days", _("Problems are solved within (workdays)"), 1, least=0, most=60)

SETTINGS = (ENTRY, DRAFTS, SERVICES, NOTICE_DAYS, NOTICE_BY, REPORT_DAYS, SOLVE_DAYS)
