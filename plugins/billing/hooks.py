"""What this area answers when others ask: titles, receivables, locks, exposure, figures, panels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.documents import Document, DocumentLine, Point, Transition
from core.errors import Objection
from core.hooks import hookimpl
from core.hooks.values import Card, Exposure, Moment, Panel
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Refund, Request, Statement
from plugins.billing.services import drafts, following, statements, titles
from plugins.billing.services.showing import cards, panels, timeline
from plugins.billing.services.showing import exposure as owed
from plugins.billing.settings import DRAFTS

TITLED = {"billing.request", "billing.invoice", "billing.credit_note"}
STATED = (Invoice, CreditNote, Receipt, Refund)


@hookimpl
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """A request, an invoice and a red letter begin with the customer's title."""
    return titles.of_party(work, party_id) if kind in TITLED and party_id else {}


@hookimpl
def document_locks(work: Work, cls: type[Document], move: Transition) -> Iterable[str]:
    """What changes a customer's account waits for its turn, so that no two take from the same invoice."""
    if issubclass(cls, STATED) and move.point:
        yield "party"


@hookimpl
def document_objections(work: Work, document: Document, move: Transition) -> Iterator[Objection]:
    """What a customer has confirmed until a day stays as it is (BIL-10)."""
    if not isinstance(document, STATED) or move.name == "cancel":
        return
    frozen = document.workflow.state(move.target).frozen
    # What turns out not to have been paid is owed again from that day on.
    day = work.today if move.name == "dishonour" else document.date
    if move.name == "dishonour" or frozen != (document.posted_at is not None):
        found = statements.locked(work, document, day)
        if found is not None:
            yield found


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """Receivables follow the invoice, money the receipt, figures the statement."""
    match document:
        case Invoice():
            following.invoice(work, document, move)
        case CreditNote() if move.point is Point.INVOICE:
            following.red_letter(work, document)
        case CreditNote() if move.name == "cancel":
            following.unregister(work, document)
        case CreditNote():
            following.allocated(work, document, move)
        case Receipt():
            following.receipt(work, document, move)
        case Refund() if move.name == "pay":
            following.refund(work, document)
        case Statement():
            following.statement(work, document, move)


@hookimpl
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """A request becomes a draft invoice, what came back a draft red letter; the rest waits if the company so wants."""
    if target == "billing.credit_note":
        if not isinstance(source, Invoice):
            drafts.red_letter_for(work, source, lines)
    elif isinstance(source, Request):
        drafts.invoice_for(work, source)
    elif target in TITLED and work.setting(DRAFTS):
        drafts.first(work, target, source)


@hookimpl
def party_exposure(work: Work, party_id: int) -> Iterator[Exposure]:
    """Invoiced and not paid, less what was paid in advance."""
    return owed.of_party(work, party_id)


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """What is to be invoiced, what is owed and overdue, what came in."""
    return cards.all_of(work)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """The customer's invoices, red letters, receipts and statements."""
    return timeline.of_party(work, party_id)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """On orders and deliveries their invoices and receipts; on receipts what they meet; on invoices what met them."""
    return panels.on(work, document)
