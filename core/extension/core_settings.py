"""The settings every company has, whichever areas it uses."""

from __future__ import annotations

from core.numbering import check_pattern
from core.settings import Setting
from core.text import _

PARTY_SERIES = Setting(
    "core.party_series",
    _("Customer codes"),
    "C{n:05}",
    help=_("The pattern of the codes given to new customers."),
    check=check_pattern,
)
DEFAULT_TAX = Setting(
    "core.default_tax", _("Usual tax rate"), "13", help=_("The code of the rate for products that name none.")
)
PRICES_INCLUDE_TAX = Setting("core.prices_include_tax", _("Prices include tax"), True)
SESSION_HOURS = Setting("core.session_hours", _("Signed in for (hours)"), 12, least=1, most=720)
REMINDER_DAYS = Setting("core.duty_days", _("Show duties ahead (days)"), 7, least=1, most=60)

SETTINGS = (PARTY_SERIES, DEFAULT_TAX, PRICES_INCLUDE_TAX, SESSION_HOURS, REMINDER_DAYS)
