"""The receipt into stock: what production has made or a supplier has sent, inspected before it is stored."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Line, field, refers
from core.db.types import BigId
from core.documents import Document, State, Transition, Workflow
from core.roles import (
    GENERAL_MANAGER,
    LOGISTICS,
    PRODUCTION,
    PURCHASING,
    QUALITY,
    SALES_CLERK,
    SALES_MANAGER,
    SELLING,
    WAREHOUSE,
)
from core.text import _
from plugins.logistics.documents import checks

KINDS = (
    ("production", _("From production")),
    ("purchase", _("Purchase")),
    ("opening", _("Opening stock")),
    ("count", _("Stock-taking difference")),
    ("other", _("Other")),
)
FINDINGS = (
    ("", _("Not inspected")),
    ("good", _("Good")),
    ("concession", _("Accepted with concession")),
    ("partly", _("Partly rejected")),
)
KEEPERS = (WAREHOUSE, LOGISTICS, SALES_CLERK)


class StockIn(Document, kind="logistics.stock_in"):
    """Goods that come into a warehouse; the stock rises when they are stored (LOG-09)."""

    __table_args__ = (refers("warehouse_id", "logistics_warehouse"),)
    label = _("Receipt into stock")
    label_plural = _("Receipts into stock")
    plural = "stock-ins"
    icon = "package-import"
    needs_party = False
    priced = False
    series = "RK-{yyyy}{MM}{dd}-{n:04}"
    readers = (*SELLING, WAREHOUSE, LOGISTICS, PRODUCTION, PURCHASING, QUALITY)
    writers = (*KEEPERS, PURCHASING, PRODUCTION)
    columns = ("number", "date", "stock_kind", "warehouse_id", "subject", "finding", "state", "owner_id")
    line_columns = ("item_id", "specification", "quantity", "unit", "remark")
    searched = ("number", "party_name", "subject", "reference", "batch")
    sorts = ("date",)
    header = (
        "date",
        "stock_kind",
        "warehouse_id",
        "party_id",
        "subject",
        "reference",
        "batch",
        "finding",
        "rejected",
        "owner_id",
        "remark",
        "internal_remark",
    )

    stock_kind: Mapped[str] = field(_("Kind of receipt"), String(12), choices=KINDS, default="purchase")
    warehouse_id: Mapped[int | None] = field(_("Warehouse"), BigId, references="logistics.warehouse")
    batch: Mapped[Line] = field(_("Batch"), default="")
    finding: Mapped[str] = field(_("Finding"), String(12), choices=FINDINGS, default="", living=True)
    rejected: Mapped[Line] = field(_("Rejected goods"), default="", living=True)

    workflow = Workflow(
        states=(
            State("arrived", _("Arrived")),
            State("inspected", _("Inspected"), "blue", frozen=True),
            State("stored", _("Stored"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "inspect",
                "arrived",
                "inspected",
                _("Inspected"),
                (QUALITY, WAREHOUSE, LOGISTICS, SALES_CLERK),
                numbers=True,
                checks=(checks.names_goods, checks.only_differences_fall),
                asks=("finding", "rejected"),
                musts=("finding",),
                tone="primary",
            ),
            Transition(
                "store",
                "inspected",
                "stored",
                _("Store"),
                KEEPERS,
                checks=(checks.has_warehouse,),
                tone="success",
            ),
            Transition("correct", "inspected", "arrived", _("Correct"), KEEPERS, reason=True, revises=True),
            Transition(
                "cancel",
                ("arrived", "inspected"),
                "cancelled",
                _("Cancel"),
                (*KEEPERS, SALES_MANAGER, GENERAL_MANAGER),
                reason=True,
                closes=True,
            ),
        ),
    )
