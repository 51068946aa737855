"""What somebody has to do about money: collect, present bills, confirm receipts, answer for letters and statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core.documents import Document
from core.documents.access import leads
from core.documents.models import Claim
from core.hooks.values import Duty, Ref
from core.money import told
from core.reports import visible
from core.search import figures
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Request, Statement
from plugins.billing.settings import MATURITY_DAYS, OVERDUE_DAYS, REMIND_DAYS

MOST = 100
INVOICE, RECEIPT = "billing.invoice", "billing.receipt"
CONFIRMATION_HOURS = 72


def all_of(work: Work) -> Iterator[Duty]:
    """The actor's duties, each once."""
    if work.may(f"{INVOICE}.read"):
        yield from _collect(work)
    if work.may(f"{RECEIPT}.confirm"):
        yield from _cashier(work)
    if work.may(f"{INVOICE}.issue"):
        yield from _clerk(work)


def _collect(work: Work) -> Iterator[Duty]:
    """Receivables of one's own from some days before, other people's when they are long overdue (BIL-08)."""
    soon = work.today + timedelta(days=work.setting(REMIND_DAYS))
    late = work.today - timedelta(days=work.setting(OVERDUE_DAYS))
    others = leads(work, f"{INVOICE}.read")
    statement = (
        select(
            Claim.id,
            Claim.due,
            Claim.amount,
            Claim.settled,
            Claim.claim_kind,
            Claim.currency,
            Claim.document_id,
            Document.kind,
            Document.number,
            Document.party_name,
            Document.owner_id,
        )
        .join(Document, Document.id == Claim.document_id)
        .where(Claim.settled < Claim.amount, Claim.claim_kind != "milestone", Document.kind == INVOICE)
        .order_by(Claim.due, Claim.id)
        .limit(MOST)
    )
    mine = (Document.owner_id == work.actor_id) & (Claim.due <= soon)
    statement = statement.where(visible(work, Invoice), mine | (Claim.due < late) if others else mine)
    for row in work.session.execute(statement):
        yield Duty(f"{INVOICE}.due:{row.id}", _title(work, row), _ref(row), row.due, row.owner_id or work.actor_id)


def _title(work: Work, row: Any) -> Any:
    left = told(row.amount - row.settled, row.currency)
    if row.claim_kind == "retention":
        return _("Collect the retained {amount} from {party}", amount=left, party=row.party_name)
    if row.due < work.today:
        return _("Overdue: collect {amount} from {party}", amount=left, party=row.party_name)
    return _("Collect {amount} from {party}", amount=left, party=row.party_name)


def _ref(row: Any) -> Ref:
    return Ref(row.kind, row.document_id, row.number or str(row.document_id))


def _cashier(work: Work) -> Iterator[Duty]:
    """Receipts to confirm, and bills to present when they mature (BIL-06)."""
    for row in figures.some(work, Receipt, states={"draft"}, most=MOST):
        title = _(
            "Confirm the receipt of {amount} from {party}", amount=told(row.gross, row.currency), party=row.party_name
        )
        yield Duty(f"{RECEIPT}.confirm:{row.id}", title, Ref(RECEIPT, row.id, figures.title_of(row)), row.date, None)
    soon = work.today + timedelta(days=work.setting(MATURITY_DAYS))
    for row in figures.some(work, Receipt, states={"confirmed"}, until=("matures_on", soon), most=MOST):
        title = _(
            "Present the bill over {amount} from {party}", amount=told(row.gross, row.currency), party=row.party_name
        )
        ref = Ref(RECEIPT, row.id, figures.title_of(row))
        yield Duty(f"{RECEIPT}.bill:{row.id}", title, ref, row.matures_on, None)


def _clerk(work: Work) -> Iterator[Duty]:
    """Requests to be invoiced, red letters that wait for the other side, statements that were not answered."""
    for row in figures.some(work, Request, states={"agreed"}, most=MOST):
        ref = Ref("billing.request", row.id, figures.title_of(row))
        title = _("Issue the invoice for {party}", party=row.party_name)
        yield Duty(f"billing.request.issue:{row.id}", title, ref, row.date, None)
    for row in figures.some(work, CreditNote, states={"draft"}, most=MOST):
        if row.confirmation in ("02", "03"):
            ref = Ref("billing.credit_note", row.id, figures.title_of(row))
            due = row.asked_on + timedelta(hours=CONFIRMATION_HOURS) if row.asked_on else None
            title = _("Follow up the confirmation of the red letter to {party}", party=row.party_name)
            yield Duty(f"billing.credit_note.confirm:{row.id}", title, ref, due, None)
    for row in figures.some(work, Statement, states={"sent", "disputed"}, most=MOST):
        ref = Ref("billing.statement", row.id, figures.title_of(row))
        title = _("Get the answer of {party} to the statement", party=row.party_name)
        yield Duty(f"billing.statement.answer:{row.id}", title, ref, row.deadline, None)
