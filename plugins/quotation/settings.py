"""What a company may choose about inquiries, price lists and quotations."""

from __future__ import annotations

from decimal import Decimal

from core.settings import Setting
from core.text import _

STRENGTHS = (
    ("off", _("Say nothing")),
    ("warn", _("Ask the person to confirm")),
    ("approve", _("Ask for consent")),
)

VALID_DAYS = Setting("quotation.valid_days", _("Quotations are valid for (days)"), 30, least=1, most=3650)
GO_NO_GO = Setting(
    "quotation.go_no_go",
    _("Decide first whether to take part"),
    False,
    help=_("An inquiry is quoted only after the sales manager, for major ones the general manager, has agreed."),
)
MAJOR_AMOUNT = Setting(
    "quotation.major_amount",
    _("Major from (amount)"),
    Decimal(100_000),
    least=0,
    help=_("Inquiries expected to reach it go to the general manager too; new companies begin their policy with it."),
)
DEVIATION = Setting(
    "quotation.deviation",
    _("Prices that differ from the list"),
    "approve",
    choices=STRENGTHS,
    help=_("What happens when a line is further below or above the list than allowed."),
)
LOWER_PERCENT = Setting(
    "quotation.lower_percent", _("May be below the list by (percent)"), Decimal(5), least=0, most=100
)
RAISE_PERCENT = Setting(
    "quotation.raise_percent", _("May be above the list by (percent)"), Decimal(10), least=0, most=1000
)
FLOOR = Setting(
    "quotation.floor",
    _("Prices below the floor"),
    "approve",
    choices=STRENGTHS,
    help=_("Consent is the general manager's."),
)
EXPIRING_DAYS = Setting("quotation.expiring_days", _("Remind before a quotation expires (days)"), 5, least=0, most=60)

ANSWER_DAYS = Setting(
    "quotation.answer_days",
    _("Inquiries without a deadline are answered within (workdays)"),
    1,
    least=0,
    most=60,
)
NEXT_STEP_DAYS = Setting(
    "quotation.next_step_days",
    _("What was accepted goes on within (workdays)"),
    3,
    least=0,
    most=365,
    help=_("Where nothing has followed by then, who answers for it and the manager are told."),
)

SETTINGS = (
    VALID_DAYS,
    GO_NO_GO,
    MAJOR_AMOUNT,
    DEVIATION,
    LOWER_PERCENT,
    RAISE_PERCENT,
    FLOOR,
    EXPIRING_DAYS,
    ANSWER_DAYS,
    NEXT_STEP_DAYS,
)
