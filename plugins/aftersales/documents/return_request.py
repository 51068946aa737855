"""The return or exchange: asked for, confirmed, examined, approved; then the goods come back and the money follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Line, field
from core.documents import Document, DocumentLine, Stage, State, Transition, Workflow
from core.roles import (
    AFTER_SALES,
    FINANCE,
    GENERAL_MANAGER,
    LOGISTICS,
    QUALITY,
    REPRESENTATIVE,
    SALES_CLERK,
    SALES_MANAGER,
    SELLING,
    TECHNICAL,
    WAREHOUSE,
)
from core.text import _
from plugins.aftersales.documents import checks

if TYPE_CHECKING:
    from core.work import Work

REASONS = (
    ("", _("Not said")),
    ("quality", _("Quality defect")),
    ("wrong", _("Wrong goods sent")),
    ("transport", _("Damaged in transport")),
    ("too_many", _("Too many sent")),
    ("slow", _("Does not sell")),
    ("expiring", _("Near its expiry")),
    ("cancelled", _("Cancelled by the customer")),
    ("other", _("Other")),
)
RESPONSIBLE = (
    ("", _("Not decided")),
    ("us", _("We are")),
    ("maker", _("The maker")),
    ("carrier", _("The carrier")),
    ("customer", _("The customer")),
)
DISPOSALS = (
    ("", _("Not decided")),
    ("stock", _("Back into stock")),
    ("defective", _("Store of defective goods")),
    ("scrap", _("Scrapped")),
    ("maker", _("Back to the maker")),
    ("repair", _("Repaired and sent back")),
)
MONEY = (
    ("", _("Not agreed")),
    ("refund", _("Paid back")),
    ("offset", _("Set against what is owed")),
    ("advance", _("Kept as an advance")),
    ("credit_note", _("Red-letter invoice")),
)
SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, AFTER_SALES)
EXAMINERS = (TECHNICAL, AFTER_SALES, QUALITY)


class Return(Document, kind="aftersales.return"):
    """What a customer wants to give back, or to have replaced; its quantities are negative (AFS-03)."""

    label = _("Return or exchange")
    label_plural = _("Returns and exchanges")
    plural = "returns"
    icon = "arrow-back-up"
    stage = Stage.SUPPLY
    takes = False
    brings_back = True
    series = "TH-{yyyy}{MM}{dd}-{n:04}"
    printed_in = frozenset({"confirmed", "examined", "approved"})
    readers = (*SELLING, *EXAMINERS, FINANCE, WAREHOUSE, LOGISTICS)
    writers = SELLERS
    columns = ("number", "date", "party_name", "exchanged", "reason_kind", "gross", "state", "owner_id")
    line_columns = ("item_id", "specification", "quantity", "unit", "gross_price", "gross", "remark")
    searched = ("number", "party_name", "subject", "reference")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "reason_kind",
        "responsible",
        "settled_by",
        "reference",
        "contact_name",
        "contact_phone",
        "owner_id",
        "remark",
        "internal_remark",
    )

    # Chosen with what comes back: exchanged goods are delivered once more.
    exchanged: Mapped[bool] = field(_("To be exchanged"), default=False, writable=False)
    reason_kind: Mapped[str] = field(_("Reason for the return"), String(12), choices=REASONS, default="")
    responsible: Mapped[str] = field(_("Who is responsible"), String(10), choices=RESPONSIBLE, default="", living=True)
    settled_by: Mapped[str] = field(_("Settlement"), String(12), choices=MONEY, default="")
    finding: Mapped[Line] = field(_("Finding"), default="", living=True)
    disposal: Mapped[str] = field(_("Disposal"), String(10), choices=DISPOSALS, default="", living=True)

    workflow = Workflow(
        states=(
            State("requested", _("Requested")),
            State("confirmed", _("Confirmed"), "blue", frozen=True),
            State("examined", _("Examined"), "orange", frozen=True),
            State("approved", _("Approved"), "green", frozen=True, ends=True),
            State("refused", _("Turned down"), "red", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "confirm",
                "requested",
                "confirmed",
                _("Confirm"),
                (SALES_MANAGER, GENERAL_MANAGER),
                checks=(checks.takes_back, checks.says_why),
                tone="primary",
            ),
            Transition(
                "examine",
                "confirmed",
                "examined",
                _("Examined"),
                EXAMINERS,
                asks=("finding", "responsible", "disposal"),
                musts=("finding",),
                tone="primary",
            ),
            Transition(
                "approve",
                "examined",
                "approved",
                _("Approve"),
                (SALES_MANAGER, GENERAL_MANAGER),
                approval=True,
                releases=True,
                tone="success",
            ),
            Transition(
                "correct",
                ("confirmed", "examined"),
                "requested",
                _("Correct"),
                (*SELLERS, GENERAL_MANAGER),
                reason=True,
                revises=True,
            ),
            Transition(
                "refuse",
                ("requested", "confirmed", "examined"),
                "refused",
                _("Turn down"),
                (SALES_MANAGER, GENERAL_MANAGER, *EXAMINERS),
                reason=True,
                closes=True,
            ),
        ),
    )

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Nothing is ever released to it: what comes back is chosen from what was delivered."""
        return False

    @classmethod
    def brought(cls, *, exchanged: bool) -> dict[str, Any]:
        """An exchange is told from a return by what its lines are."""
        return {"exchanged": exchanged}
