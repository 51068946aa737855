"""What a company may choose about deliveries and stock."""

from __future__ import annotations

from core.settings import Setting
from core.text import _

NEGATIVE_STOCK = Setting(
    "logistics.negative_stock",
    _("More may be shipped than is in stock"),
    False,
    help=_("For companies that enter receipts later than deliveries, or keep no stock."),
)
DRAFTS = Setting(
    "logistics.drafts",
    _("Make a delivery at once of what is ready"),
    False,
    help=_("Otherwise ready lines wait until somebody puts a delivery together."),
)
TELL_DEPARTURE = Setting(
    "logistics.tell_departure",
    _("Tell the customer when the goods leave"),
    True,
    help=_("Not where the customer fetches them."),
)
SIGNED_NOTE_DAYS = Setting("logistics.signed_note_days", _("Signed notes are back within (days)"), 7, least=1, most=365)
OBJECTION_DAYS = Setting(
    "logistics.objection_days",
    _("Objections within (days)"),
    3,
    least=0,
    most=365,
    help=_("Printed on the delivery note: until when the customer may complain about what was delivered."),
)

SETTINGS = (NEGATIVE_STOCK, DRAFTS, TELL_DEPARTURE, SIGNED_NOTE_DAYS, OBJECTION_DAYS)
