"""The receipt of what comes back: inspected, then stored, set apart, scrapped or sent on to the maker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Line, field, refers
from core.db.types import BigId
from core.documents import Document, DocumentLine, Point, Stage, State, Transition, Workflow
from core.roles import (
    AFTER_SALES,
    GENERAL_MANAGER,
    LOGISTICS,
    QUALITY,
    SALES_CLERK,
    SALES_MANAGER,
    SELLING,
    TECHNICAL,
    WAREHOUSE,
)
from core.text import _
from plugins.logistics.documents import checks
from plugins.logistics.documents.stock_in import KEEPERS

if TYPE_CHECKING:
    from core.work import Work

DISPOSALS = (
    ("", _("Not decided")),
    ("stock", _("Back into stock")),
    ("defective", _("Store of defective goods")),
    ("scrap", _("Scrapped")),
    ("maker", _("Back to the maker")),
)


class ReturnReceipt(Document, kind="logistics.return_receipt"):
    """Goods that a customer gives back; its quantities are negative, as in everything that takes back (LOG-09)."""

    __table_args__ = (refers("warehouse_id", "logistics_warehouse"),)
    label = _("Return receipt")
    label_plural = _("Return receipts")
    plural = "return-receipts"
    icon = "truck-return"
    stage = Stage.DELIVERY
    corrects = True
    series = "TR-{yyyy}{MM}{dd}-{n:04}"
    readers = (*SELLING, WAREHOUSE, LOGISTICS, QUALITY, AFTER_SALES, TECHNICAL)
    writers = KEEPERS
    columns = ("number", "date", "party_name", "warehouse_id", "disposal", "state", "owner_id")
    line_columns = ("item_id", "specification", "quantity", "unit", "remark")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "warehouse_id",
        "disposal",
        "finding",
        "tracking",
        "contact_name",
        "contact_phone",
        "reference",
        "owner_id",
        "remark",
        "internal_remark",
    )

    warehouse_id: Mapped[int | None] = field(_("Warehouse"), BigId, references="logistics.warehouse", living=True)
    disposal: Mapped[str] = field(_("Disposal"), String(10), choices=DISPOSALS, default="", living=True)
    finding: Mapped[Line] = field(_("Finding"), default="", living=True)
    tracking: Mapped[Line] = field(_("Tracking number"), default="")

    workflow = Workflow(
        states=(
            State("received", _("Goods received")),
            State("inspected", _("Inspected"), "blue", frozen=True),
            State("stored", _("Stored"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "inspect",
                "received",
                "inspected",
                _("Inspected"),
                (QUALITY, TECHNICAL, AFTER_SALES, WAREHOUSE, SALES_CLERK),
                numbers=True,
                checks=(checks.names_goods, checks.all_comes_back),
                asks=("disposal", "warehouse_id", "finding"),
                musts=("disposal",),
                tone="primary",
            ),
            Transition(
                "store",
                "inspected",
                "stored",
                _("Store"),
                KEEPERS,
                checks=(checks.goes_where_it_belongs,),
                point=Point.DELIVERY,
                tone="success",
            ),
            Transition("correct", "inspected", "received", _("Correct"), KEEPERS, reason=True, revises=True),
            Transition(
                "cancel",
                ("received", "inspected"),
                "cancelled",
                _("Cancel"),
                (*KEEPERS, SALES_MANAGER, GENERAL_MANAGER),
                reason=True,
                closes=True,
            ),
        ),
    )

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Goods come back; services do not."""
        return line.line_kind == "item"
