"""What stands against an invoice, a red letter, a receipt, a refund or a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, union_all

from core.documents import Document, DocumentLine
from core.documents.models import Claim, Settlement
from core.errors import Fault, Objection, Strength
from core.identifiers import InvalidIdentifier, bill_number, bill_range, invoice_code, invoice_number
from core.text import Text, _
from core.vouchers import SubRange
from core.work import Work
from plugins.billing.documents.common import DIGITAL, ON_PAPER

if TYPE_CHECKING:
    from plugins.billing.documents import CreditNote, Invoice, Receipt, Refund, Request

INVOICE, CREDIT_NOTE = "billing.invoice", "billing.credit_note"
RECEIPT, REFUND = "billing.receipt", "billing.refund"
ISSUED = ("issued", "handed", "booked")
CONFIRMED, WAITING = frozenset({"01", "04"}), frozenset({"02", "03"})
BILLS = frozenset({"bank_bill", "commercial_bill"})
LONGEST_TENOR = 184
ZERO = Decimal(0)
# Of a bill that is not divided, or of which no part is named.
WHOLE = "0"


def has_amount(work: Work, document: Document) -> Iterator[Objection]:
    """Nothing is asked for or invoiced that has no amount."""
    if document.gross <= 0:
        yield Objection("billing.empty", _("There is nothing to be invoiced on it yet."))


def has_come(work: Work, document: Document) -> Iterator[Objection]:
    """Nothing is issued, received or paid back tomorrow: accounts of today and what is open would differ."""
    if document.date > work.today:
        yield Objection("billing.future", _("{day} has not come yet.", day=document.date))


def has_title(work: Work, document: Request | Invoice) -> Iterator[Objection]:
    """The buyer's title must be whole: his name, and the tax number of a company (BIL-02)."""
    if document.invoice_kind not in DIGITAL | ON_PAPER:
        return
    if not document.buyer:
        yield Objection("billing.title", _("The invoice title is missing."))
    if document.title_kind == "company" and not document.tax_number:
        yield Objection("billing.tax_number", _("A company's invoice needs its tax number."))


def is_registered(work: Work, document: Invoice | CreditNote) -> Iterator[Objection]:
    """The number is the tax bureau's: 20 digits for a digital invoice; code and 8 digits for one on paper."""
    code, number = document.invoice_code, document.invoice_number
    if document.invoice_kind in DIGITAL and (code or not _is(invoice_number, number)):
        yield Objection("billing.number", _("A digital invoice has a number of 20 digits and no code."))
    elif document.invoice_kind in ON_PAPER and not (_is(invoice_code, code) and _is(invoice_number, number, code)):
        yield Objection(
            "billing.number", _("An invoice on paper has a code of 10 or 12 digits and a number of 8 digits.")
        )
    elif number and (taken := _numbered(work, document)):
        yield Objection("billing.number_taken", _("This invoice number is registered already: {number}.", number=taken))


def _is(reader: Callable[..., str], written: str, *more: str) -> bool:
    """Whether a number is one, written as it is to be kept."""
    try:
        return reader(written, *more) == written
    except InvalidIdentifier:
        return False


def _numbered(work: Work, document: Invoice | CreditNote) -> str:
    """The other document that carries this number."""
    found = []
    for kind in (INVOICE, CREDIT_NOTE):
        cls: Any = work.types.document(kind)
        same = (cls.invoice_code == document.invoice_code, cls.invoice_number == document.invoice_number)
        found.append(select(cls.number.label("number"), cls.id.label("id")).where(*same, cls.id != document.id))
    row = work.session.execute(union_all(*found).limit(1)).one_or_none()
    return (row.number or str(_("Draft {id}", id=row.id))) if row else ""


# Red letters ------------------------------------------------------------------------------------------------------


def takes_back(work: Work, note: CreditNote) -> Iterator[Objection]:
    """A red letter has negative lines only, and names the invoice it corrects."""
    if note.gross >= 0 or any(line.gross > 0 for line in note.lines):
        yield Objection("billing.not_red", _("A red letter has negative quantities and amounts only."))
    if note.invoice_id is None:
        yield Objection("billing.no_invoice", _("Name the invoice that it corrects."))


def is_confirmed(work: Work, note: CreditNote) -> Iterator[Objection]:
    """A digital invoice is corrected when both sides have confirmed, or when nobody needs to."""
    if note.invoice_kind not in DIGITAL or note.confirmation in CONFIRMED:
        return
    if note.confirmation in WAITING:
        yield Objection("billing.unconfirmed", _("The other side has not confirmed the red letter yet."))
    elif note.confirmation:
        yield Objection(
            "billing.confirmation_void", _("The confirmation of the red letter is void; ask for a new one.")
        )
    else:
        yield Objection("billing.unconfirmed", _("The confirmation of the red letter was not asked for yet."))


def within_the_invoice(work: Work, note: CreditNote) -> Iterator[Objection]:
    """Never more than the blue invoice, by product and in all; a mistake takes back the whole of it."""
    if note.invoice_id is None:
        return
    invoice = _invoice(work, note.invoice_id)
    if invoice is None or invoice.state not in ISSUED:
        yield Objection("billing.not_issued", _("The invoice that it corrects was not issued."))
        return
    if (invoice.party_id, invoice.currency) != (note.party_id, note.currency):
        yield Objection("billing.other_customer", _("The invoice is another customer's, or in another currency."))
        return
    left = invoice.gross - invoice.credited
    if -note.gross > left:
        text = _("Of invoice {number} only {left} is left to take back.", number=invoice.number, left=left)
        yield Objection("billing.beyond", text, excess=-note.gross - left)
    yield from _beyond_quantity(work, note, invoice)
    if note.red_reason == "01" and (-note.gross != invoice.gross or -note.tax != invoice.tax):
        yield Objection("billing.not_whole", _("Issued by mistake: the whole invoice must be taken back."))


def _invoice(work: Work, key: int) -> Any:
    cls: Any = work.types.document(INVOICE)
    columns = (cls.number, cls.state, cls.party_id, cls.currency, cls.gross, cls.tax, cls.credited)
    return work.session.execute(select(*columns).where(cls.id == key)).one_or_none()


def _beyond_quantity(work: Work, note: CreditNote, invoice: Any) -> Iterator[Objection]:
    """The lines that would take back more than the invoice had of them."""
    cls: Any = type(note)
    key = func.coalesce(DocumentLine.origin_id, DocumentLine.id)
    had = _quantities(
        work,
        select(key, func.sum(DocumentLine.base_quantity))
        .where(DocumentLine.document_id == note.invoice_id)
        .group_by(key),
    )
    earlier = _quantities(
        work,
        select(DocumentLine.origin_id, func.sum(DocumentLine.base_quantity))
        .join(cls, cls.id == DocumentLine.document_id)
        .where(cls.invoice_id == note.invoice_id, cls.state == "issued", cls.id != note.id)
        .group_by(DocumentLine.origin_id),
    )
    wanted: dict[int, Decimal] = {}
    for line in note.lines:
        wanted[line.origin_id or 0] = wanted.get(line.origin_id or 0, Decimal(0)) + line.base_quantity
    beyond = {key for key, quantity in wanted.items() if had.get(key, ZERO) + earlier.get(key, ZERO) + quantity < 0}
    names = sorted({line.name for line in note.lines if (line.origin_id or 0) in beyond})
    if names:
        text = _("Invoice {number} has less of: {lines}", number=invoice.number, lines=names[:5])
        yield Objection("billing.beyond_quantity", text)


def _quantities(work: Work, statement: Any) -> dict[int, Decimal]:
    return {row[0] or 0: row[1] for row in work.session.execute(statement)}


# Receipts ---------------------------------------------------------------------------------------------------------


def bill_is_whole(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """An acceptance bill is entered with everything by which it is presented on its day (BIL-06)."""
    if receipt.method not in BILLS:
        return
    try:
        bill_number(receipt.bill_number)
    except InvalidIdentifier as error:
        yield Objection("billing.bill_number", Text(error.message))
    if not (receipt.drawer and receipt.acceptor):
        yield Objection("billing.bill_parties", _("Drawer and acceptor of the bill are missing."))
    if receipt.matures_on is None:
        yield Objection("billing.bill_maturity", _("The day on which the bill matures is missing."))
    elif receipt.bill_issued_on and not (
        timedelta(0) <= receipt.matures_on - receipt.bill_issued_on <= timedelta(days=LONGEST_TENOR)
    ):
        yield Objection("billing.bill_tenor", _("A bill matures within six months from its issue."))
    yield from _range(receipt)


def _range(receipt: Receipt) -> Iterator[Objection]:
    """The sub-range of a bill says its amount: one unit is a hundredth."""
    try:
        part = bill_range(receipt.bill_range or WHOLE)
    except InvalidIdentifier as error:
        yield Objection("billing.bill_range", Text(error.message))
        return
    if part is not None and part.amount != receipt.amount:
        yield Objection("billing.bill_range", _("The sub-range of the bill does not come to its amount."))


def _part(written: str) -> SubRange | None:
    """The sub-range that is written; None for the whole bill, and for what is none and is told elsewhere."""
    try:
        return bill_range(written or WHOLE)
    except InvalidIdentifier:
        return None


def bill_is_new(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """The same bill is not received twice; the same bank reference deserves a second look."""
    cls: Any = type(receipt)
    if receipt.method in BILLS and receipt.bill_number:
        same = cls.bill_number == receipt.bill_number
    elif receipt.bank_reference:
        same = (cls.bank_reference == receipt.bank_reference) & (cls.method == receipt.method)
    else:
        return
    statement = select(cls.number, cls.bill_range).where(
        same, cls.id != receipt.id, cls.state.in_(("confirmed", "honoured"))
    )
    for row in work.session.execute(statement.limit(100)):
        if receipt.method not in BILLS:
            text = _("Receipt {number} has the same bank reference.", number=row.number)
            yield Objection("billing.reference_known", text, Strength.WARN)
            return
        mine, other = _part(receipt.bill_range), _part(row.bill_range)
        if mine is None or other is None or (mine.first <= other.last and other.first <= mine.last):
            yield Objection("billing.bill_known", _("The bill was received already: {number}.", number=row.number))
            return


def is_free(work: Work, payment: Receipt | CreditNote) -> Iterator[Objection]:
    """What stands against something in full cannot be used again."""
    if payment.settled >= abs(payment.gross):
        yield Objection("billing.used", _("All of it is set against something already."))


def is_used(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """There must be something to take back."""
    if not receipt.settled:
        yield Objection("billing.unused", _("It stands against nothing."))


def is_used_elsewhere(work: Work, note: CreditNote) -> Iterator[Objection]:
    """What a red letter took off its own invoice, and what was paid back of it, stays so."""
    met = func.coalesce(Settlement.claim_id, Settlement.milestone_id)
    elsewhere = (
        select(Settlement.id)
        .join(Claim, Claim.id == met)
        .join(Document, Document.id == Claim.document_id)
        .where(
            Settlement.payment_id == note.id,
            Settlement.reversed_at.is_(None),
            Document.id != note.invoice_id,
            Document.kind != REFUND,
        )
    )
    if work.session.scalar(elsewhere.limit(1)) is None:
        yield Objection("billing.unused", _("It stands against nothing but the invoice that it corrects."))


def is_a_bill(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """Only an acceptance bill is paid later than it is received."""
    if receipt.method not in BILLS:
        yield Objection("billing.no_bill", _("This is not an acceptance bill."))


def has_matured(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """A bill is paid on its day, not before."""
    if receipt.matures_on and receipt.matures_on > work.today:
        yield Objection("billing.not_mature", _("The bill matures on {day}.", day=receipt.matures_on))


def nothing_refunded(work: Work, receipt: Receipt) -> Iterator[Objection]:
    """What was paid back cannot turn out not to have been paid."""
    cls: Any = work.types.document(REFUND)
    statement = select(cls.number).where(cls.receipt_id == receipt.id, cls.state == "paid").limit(1)
    if number := work.session.scalar(statement):
        yield Objection("billing.refunded", _("Part of it was paid back: {number}.", number=number))


def one_source(work: Work, refund: Refund) -> Iterator[Fault]:
    """A refund comes out of one receipt, or of the credit of one red letter, not of both."""
    if refund.receipt_id is not None and refund.credit_note_id is not None:
        text = _("It comes out of a receipt or of a red letter, not of both.")
        yield Fault("credit_note_id", text, "invalid")


def advance_is_there(work: Work, refund: Refund) -> Iterator[Objection]:
    """Only what stands against nothing is paid back, to the customer it came from or was credited to."""
    if refund.receipt_id is None and refund.credit_note_id is None:
        yield Objection("billing.no_source", _("Name the receipt or the red letter that it comes out of."))
        return
    letter = refund.receipt_id is None
    cls: Any = work.types.document(CREDIT_NOTE if letter else RECEIPT)
    columns = (cls.state, cls.party_id, cls.currency, cls.gross, cls.settled)
    key = refund.credit_note_id if letter else refund.receipt_id
    source = work.session.execute(select(*columns).where(cls.id == key)).one_or_none()
    if source is None or source.state not in (("issued",) if letter else ("confirmed", "honoured")):
        said = _("The red letter was not issued.") if letter else _("The receipt was not confirmed.")
        yield Objection("billing.not_received", said)
    elif (source.party_id, source.currency) != (refund.party_id, refund.currency):
        said = (
            _("The red letter is another customer's, or in another currency.")
            if letter
            else _("The receipt is another customer's, or in another currency.")
        )
        yield Objection("billing.other_customer", said)
    elif refund.amount > (left := abs(source.gross) - source.settled):
        said = (
            _("Of the red letter only {left} stands against nothing.", left=left)
            if letter
            else _("Of the receipt only {left} stands against nothing.", left=left)
        )
        yield Objection("billing.no_advance", said, excess=refund.amount - left)
