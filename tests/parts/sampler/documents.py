"""The deal: lines, milestones whose amounts follow from it, and what people think of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Line, Name, Rate, field
from core.db.types import BigId
from core.documents import Document, DocumentPart, State, Transition, Workflow, rows_of
from core.errors import Fault
from core.money import half_up
from core.roles import REPRESENTATIVE, SALES_MANAGER
from core.text import _
from core.work import Work

SELLERS = (REPRESENTATIVE, SALES_MANAGER)


def shares_of_the_whole(work: Work, deal: Deal) -> Iterator[Fault]:
    """What every milestone comes to; together they are never more than all."""
    given = Decimal(0)
    for place, milestone in enumerate(deal.milestones):
        milestone.amount = half_up(deal.gross * milestone.percent, 2)
        given += milestone.percent
        if given > 1:
            yield Fault(f"milestones/{place}/percent", _("Together this is more than everything."), "too_much")


class DealMilestone(DocumentPart):
    """When how much of a deal is paid."""

    __tablename__ = "sampler_milestone"
    __table_args__ = (CheckConstraint("percent >= 0", name="percent"),)
    key = "milestones"
    label = _("Milestones")
    columns = ("name", "percent", "amount", "due", "owner_id", "item_id", "done_on")
    checks = (shares_of_the_whole,)

    name: Mapped[Name] = field(_("Name"), required=True)
    percent: Mapped[Rate] = field(_("Share"), default=Decimal(0), least=0, most=1)
    amount: Mapped[Amount] = field(_("Amount"), writable=False, default=Decimal(0))
    due: Mapped[date | None] = field(_("Due"))
    owner_id: Mapped[int | None] = field(_("Responsible"), BigId, references="core.account")
    item_id: Mapped[int | None] = field(_("Product"), BigId, references="core.item")
    done_on: Mapped[date | None] = field(_("Done on"), writable=False, living=True)


class DealOpinion(DocumentPart):
    """What somebody thinks of a deal."""

    __tablename__ = "sampler_opinion"
    key = "opinions"
    label = _("Opinions")
    columns = ("body", "margin")

    body: Mapped[Line] = field(_("Opinion"), required=True)
    margin: Mapped[Rate] = field(_("Margin"), default=Decimal(0), needs="cost")


def named_subject(work: Work, deal: Deal) -> Iterator[Fault]:
    """A deal is about something else than nothing."""
    if deal.subject == "nothing":
        yield Fault("subject", _("Nothing is no subject."), "invalid")


class Deal(Document, kind="sampler.deal"):
    """Goods against money in milestones."""

    label = _("Deal")
    label_plural = _("Deals")
    plural = "deals"
    series = "D{yyyy}-{n:04}"
    readers = SELLERS
    writers = SELLERS
    parts = (DealMilestone, DealOpinion)
    checks = (named_subject,)
    milestones = rows_of(DealMilestone)
    opinions = rows_of(DealOpinion)
    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("signed", _("Signed"), "green", frozen=True, ends=True),
        ),
        transitions=(
            Transition("sign", "draft", "signed", _("Sign"), SELLERS, numbers=True),
            Transition("revise", "signed", "draft", _("Revise"), SELLERS, revises=True),
        ),
    )
