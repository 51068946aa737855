"""Items: what is sold, goods and services alike. Screens say 产品."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import (
    Code,
    JsonDict,
    Line,
    Long,
    Name,
    Price,
    Quantity,
    choice,
    company_args,
    field,
    refers,
)
from core.db.types import BigId
from core.entities.master import Master, Part
from core.rights import COST
from core.roles import FINANCE, PURCHASING, SALES_CLERK, SALES_MANAGER, TECHNICAL
from core.text import _


class ItemKind(StrEnum):
    """Goods go through production and delivery; services do not."""

    GOODS = "goods"
    SERVICE = "service"


class Tracking(StrEnum):
    """How single pieces are told apart."""

    NONE = "none"
    BATCH = "batch"
    SERIAL = "serial"


ITEM_KINDS = choice(ItemKind, {ItemKind.GOODS: _("Goods"), ItemKind.SERVICE: _("Service")})
TRACKING = choice(
    Tracking,
    {Tracking.NONE: _("None"), Tracking.BATCH: _("By batch"), Tracking.SERIAL: _("By serial number")},
)
CLASSES = tuple((c, _("Class {letter}", letter=c)) for c in "ABC")


class ItemUnit(Part):
    """A further unit of an item: one of it is ``factor`` of the item's own unit (1 箱 = 12 盒)."""

    __tablename__ = "item_unit"
    __table_args__ = company_args(
        refers("item_id", "item"),
        UniqueConstraint("company_id", "item_id", "unit"),
        CheckConstraint("factor > 0", name="factor"),
    )
    key = "units"
    label = _("Further units")
    owner = "item_id"
    columns = ("unit", "factor")

    item_id: Mapped[int] = mapped_column(BigId)
    unit: Mapped[str] = field(_("Unit"), String(20), required=True)
    factor: Mapped[Quantity] = field(_("Factor"), required=True, least=Decimal("0.000001"))


class Item(Master, kind="core.item"):
    """A product or service of the company."""

    __tablename__ = "item"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "code"),
        refers("tax_rate_id", "tax_rate"),
        Index("ix_item_company_name", "company_id", "name", "id"),
        CheckConstraint("list_price >= 0 AND cost >= 0 AND floor_price >= 0", name="prices"),
        CheckConstraint("warranty_months >= 0 AND warranty_months <= 600", name="warranty"),
    )
    label = _("Product")
    label_plural = _("Products")
    plural = "items"
    icon = "package"
    columns: ClassVar = (
        "code",
        "name",
        "specification",
        "brand",
        "item_class",
        "unit",
        "list_price",
        "active",
    )
    searched = ("code", "name", "name_en", "specification", "brand")
    sorts = ("code", "name")
    filters = ("item_class", "item_kind", "active")
    parts = (ItemUnit,)
    writers = (SALES_MANAGER, SALES_CLERK, PURCHASING, TECHNICAL)
    see_cost: ClassVar = (SALES_MANAGER, FINANCE, PURCHASING)

    code: Mapped[Code] = field(_("Product code"), required=True)
    name: Mapped[Name] = field(_("Product name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    specification: Mapped[Line] = field(_("Specification"), default="")
    brand: Mapped[Code] = field(_("Brand"), default="")
    item_kind: Mapped[str] = field(_("Kind"), String(20), choices=ITEM_KINDS, default=ItemKind.GOODS.value)
    item_class: Mapped[str] = field(_("Product class"), String(1), choices=(("", _("None")), *CLASSES), default="")
    unit: Mapped[str] = field(_("Unit"), String(20), required=True)
    list_price: Mapped[Price] = field(_("List price"), default=Decimal(0), least=0)
    floor_price: Mapped[Price] = field(_("Floor price"), default=Decimal(0), least=0, needs=COST)
    cost: Mapped[Price] = field(_("Cost"), default=Decimal(0), least=0, needs=COST)
    tax_rate_id: Mapped[int | None] = field(_("Tax rate"), BigId, references="core.tax_rate")
    tax_class_code: Mapped[str] = field(
        _("Tax class code"), String(19), default="", help=_("19 digits, printed on invoices.")
    )
    tracking: Mapped[str] = field(_("Tracking"), String(10), choices=TRACKING, default=Tracking.NONE.value)
    warranty_months: Mapped[int | None] = field(
        _("Warranty (months)"), least=0, most=600, help=_("Empty: what the company says for all products.")
    )
    attributes: Mapped[JsonDict | None] = mapped_column()
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
