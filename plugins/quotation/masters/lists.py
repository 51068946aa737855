"""Price lists: what a product costs a customer, a class of customers or everybody, from a quantity on, between days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Code, Long, Name, Price, Quantity, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work

APPROVE = "quotation.price_list.approve"


class ListPrice(Part):
    """What one product costs from a quantity on, in the product's own unit."""

    __tablename__ = "quotation_price"
    __table_args__ = company_args(
        refers("list_id", "quotation_price_list"),
        refers("item_id", "item"),
        UniqueConstraint("company_id", "list_id", "item_id", "minimum"),
        Index("ix_quotation_price_item", "company_id", "item_id", "list_id"),
        CheckConstraint("minimum >= 0 AND price >= 0", name="figures"),
    )
    key = "prices"
    label = _("Prices")
    owner = "list_id"
    columns = ("item_id", "minimum", "price", "remark")

    list_id: Mapped[int] = mapped_column(BigId)
    item_id: Mapped[int] = field(_("Product"), BigId, references="core.item", required=True)
    minimum: Mapped[Quantity] = field(_("From quantity"), default=Decimal(0), least=0)
    price: Mapped[Price] = field(_("Price"), required=True, least=0)
    remark: Mapped[Name] = field(_("Remark"), default="")


def check_scope(work: Work, record: PriceList) -> Iterator[Fault]:
    """A list is for one customer, one class or everybody, and ends after it begins."""
    if record.party_id is not None and record.party_class:
        yield Fault("party_class", _("Choose a customer or a class of customers, not both."), "scope")
    if record.valid_from and record.valid_until and record.valid_until < record.valid_from:
        yield Fault("valid_until", _("It ends before it begins."), "order")
    if len(record.currency) != 3 or not (record.currency.isascii() and record.currency.isalpha()):
        yield Fault("currency", _("A currency has three letters, such as CNY."), "currency")
    record.currency = record.currency.upper()


def check_approval(work: Work, record: PriceList) -> Iterator[Fault]:
    """An approved list is made, and changed, by who may approve it (QTN-07)."""
    if work.actor is None or work.may(APPROVE):
        return
    before = work.session.scalar(select(PriceList.approved).where(PriceList.id == record.id)) if record.id else False
    if record.approved or before:
        yield Fault("approved", _("You have no right to approve price lists, nor to change approved ones."), "approval")


class PriceList(Master, kind="quotation.price_list"):
    """The prices for a customer, a class of customers or everybody, between two days (QTN-02)."""

    __tablename__ = "quotation_price_list"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "code"),
        refers("party_id", "party"),
        Index("ix_quotation_price_list_name", "company_id", "name", "id"),
    )
    label = _("Price list")
    label_plural = _("Price lists")
    plural = "price-lists"
    icon = "tags"
    columns: ClassVar = (
        "code",
        "name",
        "party_id",
        "party_class",
        "currency",
        "valid_from",
        "valid_until",
        "approved",
        "active",
    )
    sorts = ("code", "name")
    filters = ("party_id", "party_class", "approved", "active")
    parts = (ListPrice,)
    readers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, FINANCE)
    writers = (SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER)
    checks = (check_scope, check_approval)

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    party_id: Mapped[int | None] = field(_("Only for the customer"), BigId, references="core.party")
    party_class: Mapped[str] = field(
        _("Only for customers of class"),
        String(1),
        choices=(("", _("All")), *((c, _("Class {letter}", letter=c)) for c in "ABC")),
        default="",
    )
    currency: Mapped[str] = field(_("Currency"), String(3), default="CNY")
    includes_tax: Mapped[bool] = field(_("Prices include tax"), default=True)
    valid_from: Mapped[date | None] = field(_("Valid from"))
    valid_until: Mapped[date | None] = field(_("Valid until"), help=_("This day included."))
    approved: Mapped[bool] = field(_("Approved"), default=False, help=_("Only approved lists give prices."))
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
