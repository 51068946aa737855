"""The settings every company has, whichever areas it uses."""

from __future__ import annotations

import re
from decimal import Decimal

from core.numbering import check_pattern
from core.passwords import MOST_EARLIER, SHORTEST
from core.records.sniffing import USUAL
from core.settings import BadSetting, Setting
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
PASSWORD_LENGTH = Setting(
    "core.password_length",
    _("Shortest password (characters)"),
    SHORTEST,
    least=SHORTEST,
    most=64,
    help=_("Known and easily guessed passwords are refused whatever their length."),
)
PASSWORD_REUSE = Setting(
    "core.password_reuse",
    _("Earlier passwords that may not come back"),
    5,
    least=0,
    most=MOST_EARLIER,
)
PASSWORD_DAYS = Setting(
    "core.password_days",
    _("A password holds for (days)"),
    0,
    least=0,
    most=3650,
    help=_("0: until somebody changes it, as is recommended today."),
)
TWO_STEP = Setting(
    "core.two_step",
    _("Two-step sign-in"),
    "optional",
    choices=(
        ("optional", _("Whoever wants to")),
        ("administrators", _("Needed for administrators")),
        ("everybody", _("Needed for everybody")),
    ),
    help=_("Whoever lacks it is led to set it up first. Single sign-on counts as two steps."),
)
REMINDER_DAYS = Setting("core.duty_days", _("Show duties ahead (days)"), 7, least=1, most=60)
BILLING_POINT = Setting(
    "core.billing_point",
    _("When to invoice"),
    "delivery",
    choices=(
        ("order", _("When the order is released")),
        ("delivery", _("When it was delivered")),
        ("acceptance", _("When the customer has accepted it")),
        ("milestones", _("By the milestones of the contract")),
    ),
    help=_("Where the area of this step is not used, the latest earlier step counts."),
)
TOLERANCE = Setting(
    "core.tolerance_percent",
    _("More than ordered may be delivered and invoiced by (percent)"),
    Decimal(0),
    least=0,
    most=100,
)


def _endings(value: str) -> None:
    """Endings of names, parted by blanks; raises ``BadSetting``."""
    wrong = [one for one in value.replace(",", " ").split() if not re.fullmatch(r"\*|[A-Za-z0-9]{1,10}", one)]
    if wrong or not value.strip():
        raise BadSetting(_("Write endings of file names with blanks between them, or * for all."))


FILE_MB = Setting("core.file_mb", _("Attached files have at most (MB)"), 10, least=1, most=50)
FILE_TYPES = Setting(
    "core.file_types",
    _("Types of files that may be attached"),
    USUAL,
    help=_("Endings of names with blanks between them; * takes all. What a file is inside must fit its name."),
    check=_endings,
)
FILE_DAYS = Setting(
    "core.file_days",
    _("The content of a file that was taken off is kept for (days)"),
    0,
    least=0,
    most=36500,
    help=_("0: for ever. Its name, who took it off, when and why, and its fingerprint stay in any case."),
)
REMIND_HOURS = Setting("core.remind_hours", _("Remind of a consent once within (hours)"), 4, least=0, most=720)
CONSENT_DAYS = Setting(
    "core.consent_days",
    _("Consents without a day of their own are given within (workdays)"),
    2,
    least=0,
    most=365,
)
URGE_HOURS = Setting("core.urge_hours", _("Remind of a duty once within (hours)"), 4, least=0, most=720)
MORNING = Setting(
    "core.morning_hour",
    _("Tell everybody at (hour) what is due"),
    8,
    least=0,
    most=23,
    help=_("On working days, by the company's clock."),
)
WITHDRAW = Setting(
    "core.withdraw",
    _("A request may be withdrawn"),
    "any",
    choices=(("any", _("Until the last consent")), ("first", _("Until somebody has decided"))),
)

SETTINGS = (
    PARTY_SERIES,
    DEFAULT_TAX,
    PRICES_INCLUDE_TAX,
    SESSION_HOURS,
    PASSWORD_LENGTH,
    PASSWORD_REUSE,
    PASSWORD_DAYS,
    TWO_STEP,
    REMINDER_DAYS,
    BILLING_POINT,
    TOLERANCE,
    FILE_MB,
    FILE_TYPES,
    FILE_DAYS,
    REMIND_HOURS,
    CONSENT_DAYS,
    URGE_HOURS,
    MORNING,
    WITHDRAW,
)
