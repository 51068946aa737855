"""What production orders and purchase follow-ups have in common: who reads them, what they take, how they go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from core.db.base import Line, field
from core.documents import Document, DocumentLine, Stage
from core.errors import Objection
from core.operations import flow
from core.roles import (
    CONTRACT_ADMINISTRATOR,
    GENERAL_MANAGER,
    PRODUCTION,
    PURCHASING,
    QUALITY,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
    TECHNICAL,
    WAREHOUSE,
)
from core.text import _
from core.work import Work
from plugins.production.settings import SERVICES

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
OFFICE = (*SELLERS, CONTRACT_ADMINISTRATOR, SALES_ADMINISTRATOR)
MAKERS = (PRODUCTION, CONTRACT_ADMINISTRATOR)
BUYERS = (PURCHASING, SALES_CLERK)
LEADERS = (SALES_MANAGER, GENERAL_MANAGER)
READERS = (*OFFICE, GENERAL_MANAGER, PRODUCTION, PURCHASING, QUALITY, TECHNICAL, WAREHOUSE)

if TYPE_CHECKING:
    from plugins.production.documents.follow_up import FollowUp
    from plugins.production.documents.order import ProductionOrder


class Supplied:
    """Columns of everything that is had for a customer; a type takes them into its own table."""

    key_order: Mapped[bool] = field(
        _("Key customer or special contract"), default=False, help=_("Reported more often, and shown first.")
    )
    expected_on: Mapped[date | None] = field(_("Expected on"), living=True)
    needed_on: Mapped[date | None] = field(_("Needed on"), writable=False, living=True)
    problem: Mapped[Line] = field(_("Problem"), default="", writable=False, living=True)
    proposal: Mapped[Line] = field(_("Proposal"), default="", writable=False, living=True)
    solution: Mapped[Line] = field(_("Agreed solution"), default="", writable=False, living=True)
    delay_reason: Mapped[Line] = field(_("Why it is late"), default="", writable=False, living=True)
    outcome: Mapped[Line] = field(_("Why it ended"), default="", writable=False, living=True)

    @classmethod
    def tells_prices(cls, work: Work) -> bool:
        """The works see no prices, unless nothing before them has agreed any."""
        return not flow.ordered_before(work, Stage.SUPPLY)


def is_made(work: Work, line: DocumentLine) -> bool:
    """Goods are made or bought; services where the company plans them too."""
    return line.line_kind == "item" or (line.line_kind == "service" and bool(work.setting(SERVICES)))


def names_goods(work: Work, document: Document) -> Iterator[Objection]:
    """Nobody plans nothing."""
    if not any(line.base_quantity > 0 for line in document.lines):
        yield Objection("production.empty", _("There is nothing to make or to buy."))


def in_order(work: Work, order: ProductionOrder) -> Iterator[Objection]:
    """It begins before it ends."""
    if order.planned_start and order.planned_end and order.planned_end < order.planned_start:
        yield Objection("production.order", _("It ends before it begins."))


def has_happened(work: Work, document: ProductionOrder | FollowUp) -> Iterator[Objection]:
    """Nothing arrives, nor is tested, tomorrow."""
    day = document.finished_on
    if day and day > work.today:
        yield Objection("production.future", _("{day} has not come yet.", day=day))
