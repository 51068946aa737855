"""What lies in the warehouses, and what was delivered in a period (LOG-09)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core import reports
from core.documents import Document, DocumentLine
from core.entities.item import Item
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row, Statement
from core.roles import FINANCE, GENERAL_MANAGER, LOGISTICS, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, WAREHOUSE
from core.text import _
from core.work import Work
from plugins.logistics.documents import Delivery
from plugins.logistics.masters import Stock, Warehouse

DELIVERY = "logistics.delivery"
READERS = (SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, WAREHOUSE, LOGISTICS, FINANCE)
GONE = ("shipped", "signed", "accepted")


def _on_hand(work: Work, chosen: Chosen) -> Statement:
    """Every product in every warehouse that has or promises some of it."""
    statement = (
        select(
            Stock.id.label("id"),
            Warehouse.id.label("warehouse_id"),
            Warehouse.code.label("warehouse_code"),
            Item.id.label("item_id"),
            Item.code.label("code"),
            Item.specification.label("specification"),
            Item.unit.label("unit"),
            Stock.on_hand.label("on_hand"),
            Stock.reserved.label("reserved"),
        )
        .join(Warehouse, Warehouse.id == Stock.warehouse_id)
        .join(Item, Item.id == Stock.item_id)
        .where((Stock.on_hand != 0) | (Stock.reserved != 0))
    )
    if wanted := chosen.text("code"):
        statement = statement.where(Item.code.startswith(wanted, autoescape=True))
    return statement


def _free(row: Row, _chosen: Chosen) -> Any:
    return row["on_hand"] - row["reserved"]


def _item(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref("core.item", row["item_id"], row["code"])


def _deliveries(work: Work, chosen: Chosen) -> Statement:
    """The lines of everything that has left in the period."""
    statement = (
        select(
            DocumentLine.id.label("id"),
            Document.id.label("document_id"),
            Document.number.label("number"),
            Document.date.label("date"),
            Document.party_name.label("party_name"),
            DocumentLine.code.label("code"),
            DocumentLine.name.label("name"),
            DocumentLine.specification.label("specification"),
            DocumentLine.unit.label("unit"),
            DocumentLine.quantity.label("quantity"),
            DocumentLine.gross.label("gross"),
            Document.owner_id.label("owner_id"),
        )
        .join(Document, Document.id == DocumentLine.document_id)
        .where(
            Document.kind == DELIVERY,
            Document.state.in_(GONE),
            DocumentLine.line_kind != "text",
            chosen.period().holds(Document.date),
            reports.visible(work, Delivery),
        )
    )
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Document.party_id == party)
    if (owner := chosen.id("owner_id")) is not None:
        statement = statement.where(Document.owner_id == owner)
    return statement


def _delivery(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(DELIVERY, row["document_id"], row["number"])


REPORTS = (
    Report(
        key="logistics.stock",
        label=_("Stock on hand"),
        about=_("What lies in each warehouse, what of it is promised, and what is free to promise."),
        columns=(
            Column("warehouse_id", _("Warehouse"), "ref", references="logistics.warehouse"),
            Column("code", _("Product code")),
            Column("item_id", _("Product"), "ref", references="core.item"),
            Column("specification", _("Specification")),
            Column("unit", _("Unit")),
            Column("on_hand", _("On hand"), "quantity"),
            Column("reserved", _("Reserved"), "quantity"),
            Column("free", _("Free to promise"), "quantity", reckon=_free),
        ),
        rows=_on_hand,
        order=("warehouse_code", "code", "id"),
        filters=(reports.words("code", _("Product code begins with")),),
        roles=(*READERS, REPRESENTATIVE),
        drill=_item,
        icon="packages",
    ),
    Report(
        key="logistics.delivered",
        label=_("Deliveries of a period"),
        about=_("Line by line what has left for which customer."),
        columns=(
            Column("date", _("Date"), "date"),
            Column("number", _("Delivery order")),
            Column("party_name", _("Customer")),
            Column("code", _("Product code")),
            Column("name", _("Product")),
            Column("specification", _("Specification")),
            Column("quantity", _("Quantity"), "quantity"),
            Column("unit", _("Unit")),
            Column("gross", _("Amount"), "amount", help=_("In the currency of the document, with tax.")),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
        ),
        rows=_deliveries,
        order=("-date", "-id"),
        filters=(reports.period(), reports.party(), reports.person()),
        roles=(*READERS, REPRESENTATIVE),
        drill=_delivery,
        icon="truck-delivery",
    ),
)
