"""Receivables by due day, 应收到期明细: every claim on an invoice that is still open."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select

from core import reports
from core.documents import Document
from core.documents.models import Claim
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row
from core.text import _
from core.work import Work
from plugins.billing.documents import Invoice
from plugins.billing.reports.shared import CURRENCY, INVOICE, ROLES, narrowed, said

CLAIMS = (("receivable", _("Receivable")), ("retention", _("Retained money")))


def _receivables(work: Work, chosen: Chosen) -> Any:
    """Every claim on an invoice that is still open, what is due first before the rest."""
    left = Claim.amount - Claim.settled
    statement = (
        select(
            Claim.id.label("claim_id"),
            Claim.due.label("due"),
            Document.party_id.label("party_id"),
            Document.number.label("number"),
            Document.date.label("date"),
            Claim.claim_kind.label("claim_kind"),
            Claim.amount.label("amount"),
            Claim.settled.label("settled"),
            left.label("left"),
            Document.owner_id.label("owner_id"),
            Document.id.label("document_id"),
        )
        .join(Document, and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id))
        .where(
            Claim.settled < Claim.amount,
            Claim.claim_kind != "milestone",
            Claim.currency == work.company.currency,
            Document.kind == INVOICE,
            chosen.period("due").holds(Claim.due),
            reports.visible(work, Invoice),
        )
    )
    return narrowed(statement, chosen)


def _invoice(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(INVOICE, row["document_id"], row.get("number") or "")


RECEIVABLES = Report(
    key="billing.receivables",
    label=_("Receivables by due day"),
    about=_("What customers owe on each invoice and by when; retained money by its own day."),
    icon="calendar-due",
    columns=(
        Column("due", _("Due on"), "date"),
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("number", _("Invoice")),
        Column("date", _("Date"), "date"),
        Column("kind_label", _("Claim"), reckon=said(CLAIMS, "claim_kind")),
        Column("amount", _("Amount"), "amount", total=True),
        Column("settled", _("Paid"), "amount", total=True),
        Column("left", _("Outstanding"), "amount", total=True),
        Column("owner_id", _("Responsible"), "ref", references="core.account"),
    ),
    rows=_receivables,
    order=("due", "claim_id"),
    filters=(reports.period("due", _("Due"), default="all"), reports.party(), reports.person()),
    roles=ROLES,
    drill=_invoice,
    notes=(CURRENCY,),
)
