"""What a company may choose about contracts and orders."""

from __future__ import annotations

from decimal import Decimal

from core.settings import Setting
from core.text import _

ENTRIES = (("contract", _("A contract")), ("order", _("An order")))
REVIEWS = (
    ("never", _("Never")),
    ("convened", _("When the representative convenes it")),
    ("always", _("Always")),
)
GATES = (
    ("off", _("Say nothing")),
    ("warn", _("Ask the person to confirm")),
    ("approve", _("Ask the general manager")),
    ("block", _("Refuse")),
)
AGREEMENTS = (
    ("off", _("Not asked for")),
    ("submit", _("Before the review")),
    ("sign", _("Before signing")),
    ("release", _("Before the release")),
)

ENTRY = Setting("contract.entry", _("What a customer has accepted becomes"), "contract", choices=ENTRIES)
DRAFTS = Setting(
    "contract.drafts",
    _("Make the draft at once"),
    True,
    help=_("Otherwise accepted lines wait until somebody makes a contract or an order of them."),
)
MAJOR_AMOUNT = Setting(
    "contract.major_amount",
    _("Major from (amount)"),
    Decimal(100_000),
    least=0,
    help=_("New companies begin their policies with it: the general manager agrees too."),
)
TECHNICAL_REVIEW = Setting("contract.technical_review", _("Technical review"), "convened", choices=REVIEWS)
FINANCE_REVIEW = Setting("contract.finance_review", _("Review by finance"), "convened", choices=REVIEWS)
PRODUCTION_REVIEW = Setting("contract.production_review", _("Review by production"), "convened", choices=REVIEWS)
LEGAL_REVIEW = Setting("contract.legal_review", _("Legal review"), "convened", choices=REVIEWS)
TECHNICAL_AGREEMENT = Setting(
    "contract.technical_agreement",
    _("The technical agreement must be signed"),
    "sign",
    choices=AGREEMENTS,
    help=_("Where a contract says that it needs one."),
)
CONFIRMATION = Setting(
    "contract.confirmation",
    _("Orders are repeated to the customer before the release"),
    True,
)
ADVANCE = Setting(
    "contract.advance",
    _("Work begins before the advance is here"),
    "block",
    choices=GATES,
    help=_("For contracts whose terms ask for an advance."),
)
BEFORE_SHIPMENT = Setting(
    "contract.before_shipment",
    _("Goods leave before their payment is here"),
    "approve",
    choices=GATES,
    help=_("For contracts whose terms ask for payment before shipment."),
)
ARCHIVE_YEARS = Setting(
    "contract.archive_after_years",
    _("Handed over to the archive after (years)"),
    2,
    least=0,
    most=50,
    help=_("Counted from the end of the warranty."),
)
REMIND_DAYS = Setting("contract.remind_days", _("Remind before a milestone is due (days)"), 7, least=0, most=90)
SIGN_DAYS = Setting(
    "contract.sign_days", _("Contracts are signed and released within (workdays)"), 3, least=0, most=365
)
NEXT_STEP_DAYS = Setting(
    "contract.next_step_days",
    _("What was released goes on within (workdays)"),
    3,
    least=0,
    most=365,
    help=_("Where nobody has produced, bought or delivered by then, who answers for it and the manager are told."),
)

SETTINGS = (
    ENTRY,
    DRAFTS,
    MAJOR_AMOUNT,
    TECHNICAL_REVIEW,
    FINANCE_REVIEW,
    PRODUCTION_REVIEW,
    LEGAL_REVIEW,
    TECHNICAL_AGREEMENT,
    CONFIRMATION,
    ADVANCE,
    BEFORE_SHIPMENT,
    ARCHIVE_YEARS,
    REMIND_DAYS,
    SIGN_DAYS,
    NEXT_STEP_DAYS,
)
