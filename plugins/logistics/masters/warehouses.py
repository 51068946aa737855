"""Warehouses: where goods lie, whether they may be sold from there, and who keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped

from core.db.base import Code, Line, Long, Name, company_args, field
from core.db.types import BigId
from core.entities.master import Master
from core.errors import Fault
from core.roles import GENERAL_MANAGER, LOGISTICS, SALES_CLERK, SALES_MANAGER, WAREHOUSE
from core.text import _
from core.work import Work

USUAL = "MAIN"


def check_warehouse(work: Work, record: Warehouse) -> Iterator[Fault]:
    """The keeper is of this company; there is one usual warehouse at most, and goods may be sold from it."""
    if record.keeper_id is not None and record.keeper_id not in work.company.people:
        yield Fault("keeper_id", _("Nobody of this company."), "reference")
    if not record.is_usual:
        return
    if not (record.active and record.sellable):
        yield Fault("is_usual", _("The usual warehouse is in use, and its goods may be sold."), "usual")
    other = usual(work)
    if other not in (None, record.id):
        yield Fault("is_usual", _("Another warehouse is the usual one."), "usual")


def usual(work: Work) -> int | None:
    """The warehouse that documents begin with; None when there is none."""
    first = select(Warehouse.id).where(Warehouse.is_usual).limit(1)
    return work.once("logistics.usual_warehouse", lambda: work.session.scalars(first).first())


class Warehouse(Master, kind="logistics.warehouse"):
    """A place where goods lie."""

    __tablename__ = "logistics_warehouse"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "code"),
        Index("ix_logistics_warehouse_name", "company_id", "name", "id"),
    )
    label = _("Warehouse")
    label_plural = _("Warehouses")
    plural = "warehouses"
    icon = "building-warehouse"
    columns: ClassVar = ("code", "name", "address", "keeper_id", "sellable", "is_usual", "active")
    searched = ("code", "name", "name_en")
    sorts = ("code", "name")
    filters = ("sellable", "active")
    writers = (WAREHOUSE, LOGISTICS, SALES_CLERK, SALES_MANAGER, GENERAL_MANAGER)
    cached = True
    checks = (check_warehouse,)

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    address: Mapped[Line] = field(_("Address"), default="")
    keeper_id: Mapped[int | None] = field(
        _("Warehouse keeper"), BigId, ForeignKey("account.id"), references="core.account"
    )
    sellable: Mapped[bool] = field(
        _("Goods may be sold"), default=True, help=_("Not from a store of damaged or returned goods.")
    )
    is_usual: Mapped[bool] = field(_("Usual warehouse"), default=False, help=_("New documents begin with it."))
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
