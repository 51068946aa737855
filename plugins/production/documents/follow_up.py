"""The purchase follow-up: purchasing is told in time, urges the supplier, and confirms the arrival (PRD-05)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Mapped

from core.db.base import Code, Line, field, refers
from core.db.types import BigId
from core.documents import Document, DocumentLine, Point, Stage, State, Transition, Workflow
from core.roles import PURCHASING
from core.text import _
from core.work import Work
from plugins.production.documents import supplied, trouble
from plugins.production.documents.supplied import BUYERS, OFFICE, READERS, Supplied
from plugins.production.settings import ENTRY


class FollowUp(Supplied, Document, kind="production.follow_up"):
    """What purchasing has for one customer, from whom, and when it is here (PRD-05)."""

    label = _("Purchase follow-up")
    label_plural = _("Purchase follow-ups")
    plural = "purchase-follow-ups"
    icon = "shopping-cart-check"
    stage = Stage.SUPPLY
    series = "CG-{yyyy}{MM}-{n:04}"
    columns = ("number", "date", "party_name", "deadline", "supplier_id", "expected_on", "state", "owner_id")
    line_columns = ("item_id", "specification", "quantity", "unit", "gross_price", "gross", "deadline", "remark")
    searched = ("number", "party_name", "subject", "reference", "purchase_number")
    sorts = ("date", "party_name")
    readers = READERS
    writers = (*OFFICE, PURCHASING)
    header = (
        "party_id",
        "date",
        "subject",
        "reference",
        "deadline",
        "supplier_id",
        "purchase_number",
        "expected_on",
        "owner_id",
        "key_order",
        "remark",
        "internal_remark",
    )
    __table_args__: Any = (refers("supplier_id", "party"),)

    supplier_id: Mapped[int | None] = field(_("Supplier"), BigId, references="core.party", living=True)
    purchase_number: Mapped[Code] = field(_("Purchase order no."), default="", living=True)
    told_on: Mapped[date | None] = field(_("Purchasing told on"), writable=False, living=True)
    urged_on: Mapped[date | None] = field(_("Supplier urged on"), writable=False, living=True)
    answer: Mapped[Line] = field(_("Supplier's answer"), default="", writable=False, living=True)
    finished_on: Mapped[date | None] = field(_("Arrived on"), writable=False, living=True)

    workflow = Workflow(
        states=(
            State("waiting", _("Purchasing not told yet"), "orange"),
            State("told", _("With purchasing"), "blue"),
            State("troubled", _("Problem"), "red", aside=True),
            State("arrived", _("Arrived"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "tell",
                "waiting",
                "told",
                _("Tell purchasing"),
                OFFICE,
                approval=True,
                numbers=True,
                point=Point.START,
                checks=(supplied.names_goods,),
                tone="primary",
            ),
            Transition(
                "urge",
                "told",
                "told",
                _("Supplier urged"),
                BUYERS,
                asks=("supplier_id", "purchase_number", "expected_on", "answer"),
                musts=("expected_on",),
            ),
            trouble.stop("told", BUYERS),
            trouble.resume("told"),
            trouble.delay(("told", "troubled"), "waiting"),
            Transition(
                "arrive",
                "told",
                "arrived",
                _("Confirm the arrival"),
                BUYERS,
                approval=True,
                point=Point.SUPPLY,
                releases=True,
                asks=("finished_on",),
                musts=("finished_on",),
                checks=(supplied.names_goods, supplied.has_happened),
                tone="success",
            ),
            trouble.cancel(("waiting", "told", "troubled")),
        ),
    )

    @classmethod
    def enters(cls, work: Work) -> bool:
        """Purchasing comes first where the company buys what it sells."""
        return bool(work.setting(ENTRY) == "follow_up")

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Goods, and services where the company plans them too."""
        return supplied.is_made(work, line)
