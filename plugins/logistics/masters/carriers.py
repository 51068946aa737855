"""Carriers that were screened and filed, and the ways in which goods reach the customer (LOG-04)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.db.base import Code, Long, Name, company_args, field
from core.entities.master import Master
from core.roles import GENERAL_MANAGER, LOGISTICS, SALES_CLERK, SALES_MANAGER, WAREHOUSE
from core.text import _

WAYS = (
    ("pickup", _("The customer fetches it")),
    ("own", _("Our own vehicle")),
    ("carrier", _("Carrier")),
    ("express", _("Express service")),
)
WRITERS = (LOGISTICS, WAREHOUSE, SALES_CLERK, SALES_MANAGER, GENERAL_MANAGER)


class Carrier(Master, kind="logistics.carrier"):
    """A company that carries goods for us; only an approved one is given any."""

    __tablename__ = "logistics_carrier"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "code"),
        Index("ix_logistics_carrier_name", "company_id", "name", "id"),
    )
    label = _("Carrier")
    label_plural = _("Carriers")
    plural = "carriers"
    icon = "truck"
    columns: ClassVar = ("code", "name", "contact_name", "phone", "approved", "screened_on", "active")
    sorts = ("code", "name")
    filters = ("approved", "active")
    writers = (LOGISTICS, SALES_MANAGER, GENERAL_MANAGER)

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    contact_name: Mapped[Name] = field(_("Contact"), default="")
    phone: Mapped[Code] = field(_("Phone"), default="")
    routes: Mapped[Name] = field(_("Routes"), default="")
    approved: Mapped[bool] = field(
        _("On the approved list"), default=False, help=_("Only approved carriers are given goods.")
    )
    screened_on: Mapped[date | None] = field(_("Screened on"))
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)


class ShippingMethod(Master, kind="logistics.shipping_method"):
    """A way in which goods reach the customer."""

    __tablename__ = "logistics_shipping_method"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "code"),
        Index("ix_logistics_shipping_method_name", "company_id", "name", "id"),
    )
    label = _("Shipping method")
    label_plural = _("Shipping methods")
    plural = "shipping-methods"
    icon = "route"
    columns: ClassVar = ("code", "name", "way", "active")
    sorts = ("code", "name")
    filters = ("way", "active")
    writers = WRITERS

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    way: Mapped[str] = field(_("Way"), String(10), choices=WAYS, required=True)
