"""The milestones of payment of a contract: what share of the price is due after which event (CTR-14)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Name, Rate, field
from core.documents import DocumentPart
from core.text import _
from plugins.contract.documents.payment import EVENTS, RULES


class Milestone(DocumentPart):
    """One payment: in percent of the total or as an amount, due so many days after its event."""

    __tablename__ = "contract_milestone"
    __table_args__ = (
        CheckConstraint("percent >= 0 AND percent <= 10000", name="percent"),
        CheckConstraint("amount >= 0 AND days >= 0", name="figures"),
        CheckConstraint("percent = 0 OR amount = 0", name="one"),
    )
    key = "milestones"
    label = _("Payment milestones")
    columns = ("name", "event", "percent", "amount", "rule", "days", "day", "remark")

    name: Mapped[Name] = field(_("Name"), default="")
    event: Mapped[str] = field(_("Due after"), String(12), choices=EVENTS, required=True)
    percent: Mapped[Rate] = field(_("Share"), default=Decimal(0), least=0, most=1)
    amount: Mapped[Amount] = field(_("Amount"), default=Decimal(0), least=0)
    rule: Mapped[str] = field(_("Counted as"), String(12), choices=RULES, default="days")
    days: Mapped[int] = field(_("Days"), default=0, least=0, most=3650)
    day: Mapped[date | None] = field(_("Fixed day"))
    remark: Mapped[Name] = field(_("Remark"), default="")

    @property
    def title(self) -> str:
        """What the milestone is called: its name, else its event."""
        return self.name or str(dict(EVENTS)[self.event])
