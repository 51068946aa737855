"""What money makes people do: collect before and after the day, confirm receipts, present bills, issue, get answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.documents.models import Claim
from core.duties.kinds import Columns, DutyKind
from core.text import Text, _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Request, Statement
from plugins.billing.settings import MATURITY_DAYS, OVERDUE_DAYS, REMIND_DAYS

ISSUE = "billing.invoice.issue"
CONFIRMATION_DAYS = 3


def _unsettled(claim: str) -> Any:
    def where(_work: Work, columns: Columns) -> Iterable[Any]:
        yield columns.part.settled < columns.part.amount
        yield columns.part.claim_kind == claim

    return where


def _at_the_other_side(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.confirmation.in_(("02", "03"))


def _collect(key: str, claim: str, label: Text, title: Text, **more: Any) -> DutyKind:
    """Of who answers for the invoice, from some days before it is due (BIL-08)."""
    return DutyKind(
        key=key,
        of=Invoice,
        label=label,
        title=title,
        part=Claim,
        since=lambda c: c.part.due,
        where=_unsettled(claim),
        amount=lambda c: c.part.amount - c.part.settled,
        ahead=REMIND_DAYS,
        **more,
    )


DUTIES = (
    # Whoever reads all invoices is told of long overdue ones, after the days that the company chose.
    _collect(
        "billing.invoice.due",
        "receivable",
        _("Receivables to collect"),
        _("Collect {amount} from {party}"),
        leads="read",
        grace=OVERDUE_DAYS,
    ),
    _collect(
        "billing.invoice.retained",
        "retention",
        _("Retained money to collect"),
        _("Collect the retained {amount} from {party}"),
    ),
    DutyKind(
        key="billing.receipt.confirm",
        of=Receipt,
        label=_("Receipts to confirm"),
        title=_("Confirm the receipt of {amount} from {party}"),
        states=("draft",),
        since=("date",),
        amount=lambda c: c.gross,
        right="confirm",
    ),
    DutyKind(
        key="billing.receipt.bill",
        of=Receipt,
        label=_("Bills to present"),
        title=_("Present the bill over {amount} from {party}"),
        states=("confirmed",),
        since=("matures_on",),
        where=lambda _work, c: (c.matures_on.is_not(None),),
        amount=lambda c: c.gross,
        ahead=MATURITY_DAYS,
        right="confirm",
    ),
    DutyKind(
        key="billing.request.issue",
        of=Request,
        label=_("Invoices to issue"),
        title=_("Issue the invoice for {party}"),
        states=("agreed",),
        since=("date",),
        right=ISSUE,
    ),
    DutyKind(
        key="billing.credit_note.confirm",
        of=CreditNote,
        label=_("Red letters to be confirmed"),
        title=_("Follow up the confirmation of the red letter to {party}"),
        states=("draft",),
        since=("asked_on",),
        days=CONFIRMATION_DAYS,
        workdays=False,
        where=_at_the_other_side,
        right=ISSUE,
    ),
    DutyKind(
        key="billing.statement.answer",
        of=Statement,
        label=_("Statements to be answered"),
        title=_("Get the answer of {party} to the statement"),
        states=("sent", "disputed"),
        since=("deadline",),
        right=ISSUE,
    ),
)
