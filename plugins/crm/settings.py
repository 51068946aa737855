"""What a company may choose about talks and follow-ups. The intervals are ours; no document names any."""

from __future__ import annotations

from core.settings import Setting
from core.text import Text, _

# How one may be in touch with a customer.
WAYS = (
    ("visit", _("Visit to the customer")),
    ("reception", _("Customer's visit to us")),
    ("phone", _("Telephone call")),
    ("wechat", _("WeChat")),
    ("video", _("Video call")),
    ("email", _("E-mail message")),
    ("fair", _("Fair")),
    ("other", _("Other")),
)


def _interval(key: str, label: Text, days: int) -> Setting:
    return Setting(f"crm.days_{key}", label, days, least=1, most=730)


DAYS_A = _interval("a", _("Follow up class A after (days)"), 7)
DAYS_B = _interval("b", _("Follow up class B after (days)"), 14)
DAYS_C = _interval("c", _("Follow up class C after (days)"), 30)
DAYS_NONE = _interval("none", _("Follow up customers without class after (days)"), 14)
REQUIRE_TALK = Setting(
    "crm.require_talk",
    _("Offers without a recorded talk"),
    "off",
    choices=(
        ("off", _("Say nothing")),
        ("warn", _("Ask the person to confirm")),
        ("block", _("Refuse")),
    ),
    help=_("What happens when an offer is submitted for a customer with whom no talk was recorded."),
)
TALK_DAYS = Setting("crm.talk_days", _("A recorded talk counts for (days)"), 90, least=1, most=3650)

SETTINGS = (DAYS_A, DAYS_B, DAYS_C, DAYS_NONE, REQUIRE_TALK, TALK_DAYS)
BY_CLASS = {"A": DAYS_A, "B": DAYS_B, "C": DAYS_C, "": DAYS_NONE}
