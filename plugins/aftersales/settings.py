"""What a company may choose about service and returns."""

from __future__ import annotations

from core.settings import Setting
from core.text import _

WARRANTY_MONTHS = Setting(
    "aftersales.warranty_months",
    _("Warranty (months)"),
    12,
    least=0,
    most=600,
    help=_("For products that say nothing of their own; it begins with the delivery."),
)
ANSWER_DAYS = Setting("aftersales.answer_days", _("Service requests are answered within (days)"), 3, least=0, most=365)

SETTINGS = (WARRANTY_MONTHS, ANSWER_DAYS)
