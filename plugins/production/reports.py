"""Production progress, 生产进度表: every line of every production order, planned and real, and how late it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from core import reports
from core.documents import Document, DocumentLine
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row, Statement
from core.roles import (
    CONTRACT_ADMINISTRATOR,
    GENERAL_MANAGER,
    PRODUCTION,
    PURCHASING,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
)
from core.text import _
from core.work import Work
from plugins.production.documents import ProductionOrder

ORDER = "production.order"
STATES = tuple((state.key, state.label) for state in ProductionOrder.workflow.states)
HUNDRED = Decimal(100)


def _rows(work: Work, chosen: Chosen) -> Statement:
    """The lines of production orders by their date, each with the document it began in."""
    line, origin, begun = DocumentLine, aliased(DocumentLine), aliased(Document)
    order = ProductionOrder
    statement = (
        select(
            line.id.label("id"),
            order.id.label("order_id"),
            order.number.label("number"),
            begun.number.label("origin"),
            order.party_id.label("party_id"),
            line.name.label("name"),
            line.specification.label("specification"),
            line.unit.label("unit"),
            line.quantity.label("quantity"),
            order.planned_start.label("planned_start"),
            order.planned_end.label("planned_end"),
            order.workshop.label("workshop"),
            order.deadline.label("deadline"),
            order.expected_on.label("expected_on"),
            order.finished_on.label("finished_on"),
            order.state.label("state"),
            order.progress.label("progress"),
            order.delay_reason.label("delay_reason"),
            order.problem.label("problem"),
            line.remark.label("remark"),
            order.date.label("date"),
        )
        .join(order, and_(order.id == line.document_id))
        .outerjoin(origin, and_(origin.id == line.origin_id, origin.company_id == line.company_id))
        .outerjoin(begun, and_(begun.id == origin.document_id, begun.company_id == origin.company_id))
        .where(
            line.line_kind != "text",
            order.state != "cancelled",
            chosen.period().holds(order.date),
            reports.visible(work, order, order),
        )
    )
    for name in ("party_id", "owner_id"):
        if (key := chosen.id(name)) is not None:
            statement = statement.where(getattr(order, name) == key)
    if state := chosen.text("state"):
        statement = statement.where(order.state == state)
    return statement


def _made(row: Row, chosen: Chosen) -> Decimal:
    return row["quantity"] if row["state"] == "finished" else Decimal(0)


def _owed(row: Row, chosen: Chosen) -> Decimal:
    return Decimal(row["quantity"]) - _made(row, chosen)


def _late(row: Row, chosen: Chosen) -> int | None:
    """Days behind the day of delivery: as tested, else as expected, else as of the chosen day."""
    promised: date | None = row["deadline"] or row["planned_end"]
    real = row["finished_on"] or row["expected_on"] or chosen.day()
    days = (real - promised).days if promised else 0
    return days if days > 0 else None


def _state(row: Row, chosen: Chosen) -> str:
    return str(ProductionOrder.workflow.state(row["state"]).label)


def _reason(row: Row, chosen: Chosen) -> Any:
    return row["delay_reason"] or row["problem"]


PROGRESS = Report(
    key="production.progress",
    label=_("Production progress"),
    about=_("What is made for whom: planned and real, how far it is, and why it is late."),
    columns=(
        Column("number", _("Production order")),
        Column("origin", _("Contract or order")),
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("name", _("Product name")),
        Column("specification", _("Specification")),
        Column("unit", _("Unit")),
        Column("quantity", _("Quantity"), "quantity"),
        Column("made", _("Made"), "quantity", reckon=_made),
        Column("owed", _("Still to make"), "quantity", reckon=_owed),
        Column("planned_start", _("Planned to begin"), "date"),
        Column("planned_end", _("Planned to be ready"), "date"),
        Column("workshop", _("Workshop")),
        Column("deadline", _("Day of delivery"), "date"),
        Column("expected_on", _("Expected on"), "date"),
        Column("state_label", _("State"), reckon=_state),
        Column("done", _("Done"), "percent", reckon=lambda row, _c: Decimal(row["progress"]) / HUNDRED),
        Column("late", _("Late by (days)"), "int", reckon=_late),
        Column("reason", _("Why it is late"), reckon=_reason),
        Column("remark", _("Remark")),
    ),
    rows=_rows,
    order=("-date", "-id"),
    filters=(
        reports.period(default="year"),
        reports.as_of(help=_("The day from which delays are counted.")),
        reports.party(),
        reports.person(),
        reports.choice("state", _("State"), STATES),
    ),
    roles=(
        REPRESENTATIVE,
        SALES_MANAGER,
        SALES_CLERK,
        GENERAL_MANAGER,
        PRODUCTION,
        PURCHASING,
        CONTRACT_ADMINISTRATOR,
        SALES_ADMINISTRATOR,
    ),
    drill=lambda _work, row, _chosen: Ref(ORDER, row["order_id"], row["number"] or ""),
    icon="chart-bar",
)

REPORTS = (PROGRESS,)
"""The reports of this area."""
