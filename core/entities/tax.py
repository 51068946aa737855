"""Tax rates: kinds that are not alike (rate, levy, exempt, untaxed, zero), each valid between two days."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.db.base import Code, Name, Rate, choice, company_args, field
from core.entities.master import Master
from core.roles import ADMINISTRATOR, FINANCE
from core.text import _


class TaxKind(StrEnum):
    """What stands behind a rate: 0 %, exempt and untaxed are three different things on an invoice."""

    RATE = "rate"
    LEVY = "levy"
    EXEMPT = "exempt"
    UNTAXED = "untaxed"
    ZERO = "zero"


TAX_KINDS = choice(
    TaxKind,
    {
        TaxKind.RATE: _("Tax rate"),
        TaxKind.LEVY: _("Levy rate"),
        TaxKind.EXEMPT: _("Exempt"),
        TaxKind.UNTAXED: _("Not taxable"),
        TaxKind.ZERO: _("Zero rate"),
    },
)


class TaxRate(Master, kind="core.tax_rate"):
    """A rate of value-added tax, e.g. 13 % on goods."""

    __tablename__ = "tax_rate"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "code"),
        CheckConstraint("rate >= 0 AND rate <= 10000", name="rate"),
    )
    label = _("Tax rate")
    label_plural = _("Tax rates")
    plural = "tax-rates"
    icon = "percentage"
    columns: ClassVar = ("code", "name", "tax_kind", "rate", "valid_from", "valid_until", "active")
    writers = (ADMINISTRATOR, FINANCE)
    cached = True

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    tax_kind: Mapped[str] = field(_("Kind"), String(20), choices=TAX_KINDS, default=TaxKind.RATE.value)
    rate: Mapped[Rate] = field(_("Rate"), required=True, least=0, most=1, help=_("As a fraction: 0.13 is 13 %."))
    valid_from: Mapped[date | None] = field(_("Valid from"))
    valid_until: Mapped[date | None] = field(_("Valid until"))
