"""The stock of each product in each warehouse: what lies there, and what of it is promised."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Quantity, company_args, refers
from core.db.types import BigId
from core.entities.balance import Balance


class Stock(Balance):
    """On hand and reserved, in the product's own unit; ``on_hand`` is the sum of all posted lines."""

    __tablename__ = "logistics_stock"
    __table_args__ = company_args(
        refers("warehouse_id", "logistics_warehouse"),
        refers("item_id", "item"),
        UniqueConstraint("company_id", "warehouse_id", "item_id"),
        Index("ix_logistics_stock_item", "company_id", "item_id", "warehouse_id"),
    )
    keys = ("warehouse_id", "item_id")
    figures = ("on_hand", "reserved")
    within = (("reserved", "on_hand"),)

    warehouse_id: Mapped[int] = mapped_column(BigId)
    item_id: Mapped[int] = mapped_column(BigId)
    on_hand: Mapped[Quantity]
    reserved: Mapped[Quantity]
