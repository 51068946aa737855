"""The production order: scheduled, made in stages, reported, tested, and ready to ship (PRD-01, PRD-02, PRD-04)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped

from core.db.base import Line, Name, field
from core.documents import Document, DocumentLine, Point, Stage, State, Transition, Workflow, rows_of
from core.roles import CONTRACT_ADMINISTRATOR, PRODUCTION, QUALITY, SALES_MANAGER
from core.text import _
from core.work import Work
from plugins.production.documents import supplied, trouble
from plugins.production.documents.stages import ProductionStage
from plugins.production.documents.supplied import MAKERS, OFFICE, READERS, Supplied
from plugins.production.settings import ENTRY

PRIORITIES = (("normal", _("Normal")), ("urgent", _("Urgent")), ("low", _("Can wait")))


class ProductionOrder(Supplied, Document, kind="production.order"):
    """What the works make for one customer, in stages with planned and real days (PRD-02)."""

    label = _("Production order")
    label_plural = _("Production orders")
    plural = "production-orders"
    icon = "building-factory-2"
    stage = Stage.SUPPLY
    entry = True
    series = "SC-{yyyy}{MM}-{n:04}"
    columns = (
        "number",
        "date",
        "party_name",
        "planned_start",
        "planned_end",
        "deadline",
        "progress",
        "expected_on",
        "state",
        "owner_id",
    )
    line_columns = ("item_id", "specification", "quantity", "unit", "gross_price", "gross", "deadline", "remark")
    searched = ("number", "party_name", "subject", "reference", "workshop")
    sorts = ("date", "party_name")
    readers = READERS
    writers = (*OFFICE, PRODUCTION)
    header = (
        "party_id",
        "date",
        "subject",
        "reference",
        "deadline",
        "planned_start",
        "planned_end",
        "workshop",
        "priority",
        "owner_id",
        "expected_on",
        "key_order",
        "remark",
        "internal_remark",
    )
    parts = (ProductionStage,)
    stages = rows_of(ProductionStage)
    __table_args__: Any = (CheckConstraint("progress >= 0 AND progress <= 100", name="progress"),)

    planned_start: Mapped[date | None] = field(_("Planned to begin"))
    planned_end: Mapped[date | None] = field(_("Planned to be ready"))
    workshop: Mapped[Name] = field(_("Workshop"), default="")
    priority: Mapped[str] = field(_("Priority"), String(10), choices=PRIORITIES, default="normal")
    started_on: Mapped[date | None] = field(_("Begun on"), writable=False, living=True)
    finished_on: Mapped[date | None] = field(_("Tested on"), writable=False, living=True)
    tested_by: Mapped[Name] = field(_("Tested by"), default="", writable=False, living=True)
    progress: Mapped[int] = field(_("Progress (percent)"), default=0, least=0, most=100, writable=False, living=True)
    reported_on: Mapped[date | None] = field(_("Last report"), writable=False, living=True)
    report: Mapped[Line] = field(_("Progress report"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("planned", _("To be scheduled"), "orange"),
            State("scheduled", _("Scheduled"), "blue"),
            State("started", _("In production"), "blue"),
            State("troubled", _("Problem"), "red", aside=True),
            State("finished", _("Ready to ship"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "schedule",
                "planned",
                "scheduled",
                _("Schedule"),
                (*MAKERS, SALES_MANAGER),
                approval=True,
                numbers=True,
                point=Point.START,
                asks=("planned_start", "planned_end", "workshop"),
                musts=("planned_start", "planned_end"),
                checks=(supplied.names_goods, supplied.in_order),
                tone="primary",
            ),
            Transition(
                "start",
                "scheduled",
                "started",
                _("Begin"),
                MAKERS,
                asks=("started_on",),
                tone="primary",
            ),
            Transition(
                "report",
                "started",
                "started",
                _("Report progress"),
                (*MAKERS, QUALITY),
                asks=("progress", "expected_on", "report"),
                musts=("progress",),
            ),
            trouble.stop(("scheduled", "started"), (*MAKERS, QUALITY)),
            trouble.resume("started"),
            trouble.delay(("scheduled", "started", "troubled"), "planned"),
            Transition(
                "finish",
                "started",
                "finished",
                _("Tested and ready to ship"),
                (PRODUCTION, QUALITY, CONTRACT_ADMINISTRATOR),
                approval=True,
                point=Point.SUPPLY,
                releases=True,
                asks=("finished_on", "tested_by"),
                musts=("finished_on",),
                checks=(supplied.names_goods, supplied.has_happened),
                tone="success",
            ),
            trouble.cancel(("planned", "scheduled", "started", "troubled")),
        ),
    )

    @classmethod
    def enters(cls, work: Work) -> bool:
        """Production comes first unless the company buys what it sells."""
        return bool(work.setting(ENTRY) == "order")

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Goods, and services where the company plans them too."""
        return supplied.is_made(work, line)
