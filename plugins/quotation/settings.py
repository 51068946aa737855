"""What a company may choose about quotations."""

from __future__ import annotations

from core.settings import Setting
from core.text import _

VALID_DAYS = Setting("quotation.valid_days", _("Quotations are valid for (days)"), 30, least=1, most=3650)

SETTINGS = (VALID_DAYS,)
