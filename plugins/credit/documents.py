"""The application for credit: proposed by sales, reviewed by finance, approved by management (信用申请)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Line, field
from core.documents import Document, State, Transition, Workflow
from core.errors import Objection
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work
from plugins.credit.masters import GRADES

PROPOSERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, FINANCE)
LIMIT, TEMPORARY, FREEZE, THAW = "limit", "temporary", "freeze", "thaw"
SUBJECTS = (
    (LIMIT, _("Grade and limit")),
    (TEMPORARY, _("Temporary credit")),
    (FREEZE, _("Freeze")),
    (THAW, _("Thaw")),
)


def is_whole(work: Work, application: Application) -> Iterator[Objection]:
    """What is applied for has its figures, its days and its reason."""
    begins, ends = application.valid_from, application.valid_until
    if application.asks_for == TEMPORARY and not (application.amount > 0 and begins and ends):
        yield Objection("credit.temporary", _("Temporary credit needs an amount and its first and last day."))
    if begins and ends and ends < begins:
        yield Objection("credit.days", _("It ends before it begins."))
    if ends and ends < work.today:
        yield Objection("credit.over", _("It would have ended already."))
    if not application.reason:
        yield Objection("credit.reason", _("Say why the credit is applied for."))


class Application(Document, kind="credit.application"):
    """What the customer's credit should be, or be for a while, and why (CRD-03)."""

    __table_args__: Any = (CheckConstraint("amount >= 0", name="amount"),)
    label = _("Credit application")
    label_plural = _("Credit applications")
    plural = "credit-applications"
    icon = "shield-plus"
    has_lines = False
    readers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, FINANCE)
    writers = PROPOSERS
    series = "XY-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "asks_for", "grade", "amount", "valid_until", "state", "owner_id")
    header = (
        "party_id",
        "date",
        "asks_for",
        "grade",
        "amount",
        "valid_from",
        "valid_until",
        "single_use",
        "review_on",
        "reason",
        "guarantee",
        "owner_id",
        "remark",
        "internal_remark",
    )

    asks_for: Mapped[str] = field(_("Asks for"), String(12), choices=SUBJECTS, default=LIMIT)
    grade: Mapped[str] = field(_("Credit grade"), String(1), choices=GRADES, default="")
    amount: Mapped[Amount] = field(_("Limit or amount"), default=Decimal(0), least=0)
    valid_from: Mapped[date | None] = field(_("Valid from"))
    valid_until: Mapped[date | None] = field(_("Valid until"), help=_("This day included."))
    single_use: Mapped[bool] = field(_("For one order only"), default=False)
    review_on: Mapped[date | None] = field(_("Review on"))
    reason: Mapped[Line] = field(_("Reason"), default="")
    guarantee: Mapped[Line] = field(_("Guarantee"), default="")
    grade_before: Mapped[str] = field(_("Grade before"), String(1), choices=GRADES, default="", writable=False)
    limit_before: Mapped[Amount] = field(_("Limit before"), default=Decimal(0), writable=False)
    exposure_then: Mapped[Amount] = field(_("Owed at that time"), default=Decimal(0), writable=False)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("granted", _("Granted"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "granted",
                _("Submit"),
                PROPOSERS,
                approval=True,
                numbers=True,
                checks=(is_whole,),
                tone="primary",
            ),
            Transition("cancel", "draft", "cancelled", _("Cancel"), PROPOSERS, reason=True),
        ),
    )
