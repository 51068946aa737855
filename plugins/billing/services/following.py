"""What follows the moves of money, in the same transaction: receivables, offsets, advances, figures of statements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.documents import Point, Transition
from core.documents.reading import find
from core.errors import Conflict
from core.operations import flow
from core.operations import move as moves
from core.operations.keep import keep, note
from core.text import _, speaking
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Refund, Request, Statement
from plugins.billing.documents.credit_note import WRONG
from plugins.billing.services import allocation, receivables, statements


def invoice(work: Work, document: Invoice, move: Transition) -> None:
    """Issued, it is owed, and its request is finished; handed over and booked, it carries the day (BIL-04).

    Cancelled before, it sets its number free: the tax bureau has given that for an invoice which is still to be issued.
    """
    if move.point is Point.INVOICE:
        behind = flow.behind(work, document) if any(line.origin_id for line in document.lines) else []
        receivables.make(work, document, [row for row in behind if row.began])
        _finish_requests(work, behind)
    elif move.name == "hand_over":
        keep(work, document, handed_on=document.handed_on or work.today)
    elif move.name == "book":
        keep(work, document, booked_on=document.booked_on or work.today)
    elif move.name == "cancel":
        unregister(work, document)


def unregister(work: Work, document: Invoice | CreditNote) -> None:
    """Let another document carry the number of one that was not issued."""
    keep(work, document, invoice_code="", invoice_number="")


def _finish_requests(work: Work, behind: Iterable[Any]) -> None:
    """A request is finished when nothing of it waits for an invoice any more."""
    for key in [row.id for row in behind if row.kind == "billing.request" and row.state == "agreed"]:
        request = find(work, Request, key, lock=True, lines=False)
        if request is not None and not flow.waiting(work, Invoice, document_id=key, most=1):
            moves.carry_out(work, request, request.workflow.find("finish", request.state))


def red_letter(work: Work, letter: CreditNote) -> None:
    """Issued, it takes back its part of the invoice and of what is owed; after a mistake the goods are invoiced anew.

    The part that is not to be invoiced again leaves the order for good.
    """
    blue = find(work, Invoice, letter.invoice_id or 0, lock=True)
    if blue is None or blue.credited - letter.gross > blue.gross:
        raise Conflict(_("More would be taken back than was invoiced."), code="billing.beyond")
    keep(work, blue, what="credit", credited=blue.credited - letter.gross)
    flow.claims.begin(work, letter)
    allocation.offset(work, letter, receivables.released(work, letter, blue))
    if letter.red_reason == WRONG:
        flow.hand_back(work, blue)
        flow.forgo(work, letter, begun=blue)
    else:
        flow.forgo(work, letter)


def receipt(work: Work, document: Receipt, move: Transition) -> None:
    """Confirmed, it is an advance until it is set against something; dishonoured, it never was (BIL-06)."""
    if move.point is Point.RECEIPT:
        flow.claims.begin(work, document)
    elif move.name == "dishonour":
        rows = flow.claims.settlements(work, document.id)
        flow.claims.void(work, document)
        allocation.offset_again(work, document, [row.id for row in rows])
        keep(work, document, dishonoured_on=work.today)
    else:
        allocated(work, document, move)


def allocated(work: Work, document: allocation.Payment, move: Transition) -> None:
    """Set against what is due first, or what it was set against taken back."""
    if move.name == "settle":
        allocation.settle(work, document)
    elif move.name == "unsettle":
        allocation.unsettle(work, document)


def refund(work: Work, document: Refund) -> None:
    """Paid back: what the customer then owes for it is met by the receipt, or the red letter, it came out of."""
    cls: Any = CreditNote if document.receipt_id is None else Receipt
    source: Any = find(work, cls, document.receipt_id or document.credit_note_id or 0, lock=True, lines=False)
    if source is None:
        raise Conflict(_("The receipt was not confirmed."), code="billing.not_received")
    with speaking(work.company.language):
        name = str(_("Paid back"))
    flow.claims.make(work, document, [flow.claims.ClaimValue(name, document.amount, document.date)])
    claim: Any = flow.claims.of(work, [document.id])[0]
    flow.claims.settle(work, source, [flow.claims.Use(document.amount, claim.id)])
    note(work, source, "refund", {"settled": [source.settled - document.amount, source.settled]})


def statement(work: Work, document: Statement, move: Transition) -> None:
    """Sent, it carries the figures of that moment; confirmed, the day."""
    if move.name == "send":
        statements.fill(work, document)
    elif move.name == "confirm":
        keep(work, document, confirmed_on=document.confirmed_on or work.today)
