"""Panels about money: invoices and receipts of an order, what a receipt meets, what met an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.documents import Document, Stage, access, received
from core.documents.models import Claim, Settlement
from core.hooks.values import Cell, Panel, Ref
from core.operations import flow
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Statement
from plugins.billing.services import allocation, statements

INVOICE, CREDIT_NOTE, RECEIPT = "billing.invoice", "billing.credit_note", "billing.receipt"
CLAIMS = {"receivable": _("Receivable"), "retention": _("Retained money"), "milestone": _("Milestone")}
FEW = 50


def on(work: Work, document: Document) -> Iterator[Panel]:
    """The panels that this area has for the page of ``document``."""
    match document:
        case Receipt() if work.may(f"{RECEIPT}.read"):
            yield _met(work, document)
        case CreditNote() if document.posted_at is not None:
            yield _met(work, document)
        case Invoice() if document.posted_at is not None and work.may(f"{RECEIPT}.read"):
            yield _owed(work, document)
            yield _receipts(_met_by(work, document))
        case Statement():
            yield _movements(work, document)
        case _ if document.stage in (Stage.ORDER, Stage.DELIVERY) and document.posted_at is not None:
            yield from _of_order(work, document)


def _of_order(work: Work, document: Document) -> Iterator[Panel]:
    """The invoices whose lines began here, and the money that came in for it: its part of what met these invoices."""
    if not work.may(f"{INVOICE}.read"):
        return
    after = flow.descendants(work, document.id)
    rows: list[tuple[Cell, ...]] = []
    for row in _documents(work, after):
        state = work.types.document(row.kind).workflow.state(row.state).label
        rows.append((Ref(row.kind, row.id, row.number or str(row.id)), row.date, row.gross, row.unsettled, state))
    yield Panel(
        key="billing.invoices",
        title=_("Invoices"),
        columns=(_("Invoice"), _("Date"), _("Amount"), _("Outstanding"), _("State")),
        rows=tuple(rows),
        empty=_("Nothing of it was invoiced yet."),
        place=60,
    )
    if work.may(f"{RECEIPT}.read"):
        yield _receipts(received.payments(work, document.id, most=FEW))


def _documents(work: Work, ids: Iterable[int]) -> list[Any]:
    wanted = sorted(ids)
    if not wanted:
        return []
    columns = (Document.id, Document.kind, Document.number, Document.date, Document.gross, Document.state)
    statement = (
        select(*columns, Document.unsettled)
        .where(Document.id.in_(wanted), or_(*_reached(work)))
        .order_by(Document.date, Document.id)
        .limit(FEW)
    )
    return list(work.session.execute(statement))


def _reached(work: Work) -> Iterator[ColumnElement[bool]]:
    """Of the invoices and red letters those that the reader may read: one may bill what others have ordered, too."""
    for kind, cls in ((INVOICE, Invoice), (CREDIT_NOTE, CreditNote)):
        if work.may(f"{kind}.read"):
            within = access.rows(work, cls, at=Document)
            yield Document.kind == kind if within is None else and_(Document.kind == kind, within)


def _met_by(work: Work, invoice: Invoice) -> list[Any]:
    """The payments that meet claims on an invoice."""
    return list(
        work.session.execute(
            select(
                Document.id,
                Document.kind,
                Document.number,
                Document.date,
                func.sum(Settlement.amount).label("amount"),
            )
            .join(Settlement, Settlement.payment_id == Document.id)
            .join(Claim, Claim.id == Settlement.claim_id)
            .where(Claim.document_id == invoice.id, Settlement.reversed_at.is_(None))
            .group_by(Document.id, Document.kind, Document.number, Document.date)
            .order_by(Document.date, Document.id)
            .limit(FEW)
        )
    )


def _receipts(payments: Iterable[Any]) -> Panel:
    """The payments with what of them is set against the document."""
    return Panel(
        key="billing.receipts",
        title=_("Receipts"),
        columns=(_("Receipt"), _("Date"), _("Set against it")),
        rows=tuple((Ref(r.kind, r.id, r.number or str(r.id)), r.date, r.amount) for r in payments),
        empty=_("Nothing was received for it yet."),
        place=61,
    )


def _owed(work: Work, invoice: Invoice) -> Panel:
    rows = (
        (CLAIMS[row.claim_kind], row.due, row.amount, row.settled, row.amount - row.settled)
        for row in flow.claims.of(work, [invoice.id])
    )
    return Panel(
        key="billing.owed",
        title=_("What is owed on it"),
        columns=(_("Claim"), _("Due on"), _("Amount"), _("Paid"), _("Outstanding")),
        rows=tuple(rows),
        empty=_("Nothing, until it is issued."),
        place=20,
    )


def _met(work: Work, payment: allocation.Payment) -> Panel:
    rows = allocation.settled_with(work, payment)
    named = {row.id: row for row in _named(work, {row.document_id for row in rows})}
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        document = named[row.document_id]
        ref = Ref(document.kind, document.id, document.number or str(document.id))
        cells.append((ref, CLAIMS[row.claim_kind], row.due, row.amount, row.at.date(), work.person(row.by_id)))
    return Panel(
        key="billing.met",
        title=_("What it is set against"),
        columns=(_("Document"), _("Claim"), _("Due on"), _("Amount"), _("On"), _("By")),
        rows=tuple(cells),
        empty=_("It stands against nothing yet: an advance."),
        place=20,
    )


def _named(work: Work, ids: set[int]) -> list[Any]:
    if not ids:
        return []
    statement = select(Document.id, Document.kind, Document.number).where(Document.id.in_(sorted(ids)))
    return list(work.session.execute(statement))


def _movements(work: Work, statement: Statement) -> Panel:
    """What moved in the period: as it was sent, or as it would be sent now."""
    rows: list[tuple[Cell, ...]] = []
    for one in statements.rows_of(work, statement):
        ref = Ref(one.kind, one.document_id, one.number or str(one.document_id))
        label = work.types.document(one.kind).label
        rows.append((one.on, label, ref, one.amount))
    return Panel(
        key="billing.movements",
        title=_("Movements of the period"),
        columns=(_("Date"), _("Type"), _("Document"), _("Amount")),
        rows=tuple(rows),
        empty=_("Nothing moved in this period."),
        place=20,
    )
