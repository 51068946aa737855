"""What contracts and orders have in common: terms, reviews, the first amount, acceptance, the end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Code, Line, Long, Name, field
from core.roles import (
    CONTRACT_ADMINISTRATOR,
    FINANCE,
    GENERAL_MANAGER,
    LEGAL,
    PRODUCTION,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
    TECHNICAL,
)
from core.text import _

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
OFFICE = (*SELLERS, CONTRACT_ADMINISTRATOR, SALES_ADMINISTRATOR)
LEADERS = (SALES_MANAGER, GENERAL_MANAGER)
READERS = (*OFFICE, GENERAL_MANAGER, TECHNICAL, FINANCE, LEGAL, PRODUCTION)
LINE_COLUMNS = (
    "item_id",
    "specification",
    "unit",
    "quantity",
    "gross_price",
    "discount_rate",
    "tax_rate_id",
    "gross",
    "deadline",
    "remark",
)
TERMS = ("delivery_terms", "freight_terms", "packing", "warranty")


class Agreed:
    """Columns of every agreement with a customer; a type takes them into its own table."""

    project: Mapped[Name] = field(_("Project"), default="")
    delivery_terms: Mapped[Long] = field(_("Delivery terms"), default="", multiline=True)
    freight_terms: Mapped[Long] = field(_("Freight borne by"), default="", multiline=True)
    packing: Mapped[Long] = field(_("Packing"), default="", multiline=True)
    warranty: Mapped[Long] = field(_("Warranty"), default="", multiline=True)
    technical_review: Mapped[bool] = field(_("Convene the technical department"), default=False)
    finance_review: Mapped[bool] = field(_("Convene finance"), default=False)
    production_review: Mapped[bool] = field(_("Convene production"), default=False)
    special_demands: Mapped[Long] = field(_("Special demands"), default="", multiline=True)
    first_gross: Mapped[Amount] = field(_("Amount first agreed"), default=Decimal(0), writable=False, living=True)
    accepted_on: Mapped[date | None] = field(_("Accepted on"), writable=False, living=True)
    accepted_by: Mapped[Name] = field(_("Accepted by"), default="", writable=False, living=True)
    outcome: Mapped[Line] = field(_("Why it ended"), default="", writable=False, living=True)


class Technical:
    """The technical agreement beside a contract: whether it is needed, and that it is signed (CTR-03)."""

    technical_needed: Mapped[bool] = field(_("Needs a technical agreement"), default=False)
    technical_number: Mapped[Code] = field(_("Technical agreement no."), default="", living=True)
    technical_signed_on: Mapped[date | None] = field(_("Technical agreement signed on"), living=True)
    technical_signatory: Mapped[Name] = field(_("Technical agreement signed by"), default="", living=True)


class Confirmed:
    """How the customer confirmed what was repeated to him (CTR-01, CTR-18)."""

    confirmed_on: Mapped[date | None] = field(_("Confirmed on"), writable=False, living=True)
    confirmed_by: Mapped[Name] = field(_("Confirmed by"), default="", writable=False, living=True)
    confirmed_way: Mapped[str] = field(
        _("Confirmed by way of"),
        String(10),
        choices=(
            ("", _("Not known")),
            ("phone", _("Telephone call")),
            ("fax", _("Fax")),
            ("email", _("E-mail message")),
            ("wechat", _("WeChat")),
            ("signed", _("Signed order sheet")),
        ),
        default="",
        writable=False,
        living=True,
    )
