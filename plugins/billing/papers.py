"""The papers of money: the invoice request, the receipt that a payer gets, and the statement of account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.documents import DocumentLine
from core.money import half_up
from core.printing import forms
from core.printing.paper import Align, Block, Column, Pair, Paper, Section
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.words import amount_in_words
from core.work import Work
from plugins.billing.documents.common import INVOICE_KINDS
from plugins.billing.documents.receipt import BILLS, METHODS, PURPOSES
from plugins.billing.services import statements

if TYPE_CHECKING:
    from plugins.billing.documents import Receipt, Request, Statement

ZERO, PRICE_PLACES = Decimal(0), 8
LINES = {"billing.invoice", "billing.credit_note"}


def request_paper(work: Work, request: Request, language: str) -> Paper:
    """The invoice request, 开票申请单: the buyer's title, what is to be invoiced, who agrees."""
    speech = Speech(language)
    columns = (
        _column(speech, "position", _("Line no."), 0.5, Align.CENTRE),
        _column(speech, "name", _("Product name"), 3),
        _column(speech, "specification", _("Specification"), 2),
        _column(speech, "unit", _("Unit"), 0.6, Align.CENTRE),
        _column(speech, "quantity", _("Quantity"), 1, Align.RIGHT, summed=True),
        _column(speech, "price", _("Price with tax"), 1, Align.RIGHT),
        _column(speech, "amount", _("Total with tax"), 1.2, Align.RIGHT, summed=True),
        _column(speech, "rate", _("Tax rate"), 0.7, Align.RIGHT),
        _column(speech, "remark", _("Remark"), 1),
    )
    return Paper(
        **_head(work, request, speech, _("INVOICE REQUEST")),
        parties=(_title(request, speech),),
        fields=forms.said_pairs(
            (
                (speech.say(_("Applicant")), forms.who(work, request.owner_id, speech)),
                (speech.say(_("Invoice kind")), speech.say(dict(INVOICE_KINDS)[request.invoice_kind])),
                (speech.say(_("In advance")), speech.say(_("Yes")) if request.in_advance else ""),
                (speech.say(_("Payment expected on")), speech.day(request.expected_on)),
                (speech.say(_("Remark on the invoice")), request.on_invoice),
                (speech.say(_("Send to")), request.send_to),
            )
        ),
        columns=columns,
        rows=tuple(_request_row(line, speech) for line in request.lines),
        sum_row=_sums(
            columns,
            speech,
            quantity=quantity(sum((line.quantity for line in request.lines), ZERO)),
            amount=amount(request.gross),
        ),
        page_subtotal=speech.say(_("Page subtotal")),
        words=forms.words(request, speech),
        sections=forms.opinions(work, request, speech),
        signatures=_signed(speech, _("Applicant"), _("Manager"), _("Checked by finance"), _("Issued by")),
    )


def _request_row(line: DocumentLine, speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return (str(line.position), name, "", "", "", "", "", "", line.remark)
    unit_price = half_up(line.gross_price * (1 - line.discount_rate), PRICE_PLACES)
    return (
        str(line.position),
        name,
        line.specification,
        line.unit,
        quantity(line.quantity),
        price(unit_price),
        amount(line.gross),
        f"{quantity(line.tax_rate * 100)}%",
        line.remark,
    )


def receipt_paper(work: Work, receipt: Receipt, language: str) -> Paper:
    """The receipt, 收款收据: from whom, for what, how much in words and figures, and by which way."""
    speech = Speech(language)
    about = receipt.party_details or {}
    payer = receipt.payer or speech.name(receipt.party_name, about.get("name_en"))
    return Paper(
        **_head(work, receipt, speech, _("RECEIPT")),
        fields=forms.said_pairs(
            (
                (speech.say(_("Received from")), payer),
                (speech.say(_("Purpose")), speech.say(dict(PURPOSES)[receipt.purpose])),
                (speech.say(_("Way of payment")), speech.say(dict(METHODS)[receipt.method])),
                (speech.say(_("Bank reference")), receipt.bank_reference),
                *(_bill(receipt, speech) if receipt.method in BILLS else ()),
            )
        ),
        words=forms.words(receipt, speech),
        remarks=(speech.say(_("Remark")), receipt.remark) if receipt.remark else None,
        signatures=_signed(speech, _("Seal of the receiver"), _("Accountant"), _("Cashier"), _("Handled by")),
    )


def _bill(receipt: Receipt, speech: Speech) -> Iterator[Pair]:
    yield speech.say(_("Bill number")), receipt.bill_number
    yield speech.say(_("Sub-range of the bill")), receipt.bill_range
    yield speech.say(_("Drawer")), receipt.drawer
    yield speech.say(_("Acceptor")), receipt.acceptor
    yield speech.say(_("Matures on")), speech.day(receipt.matures_on)


def statement_paper(work: Work, statement: Statement, language: str) -> Paper:
    """The statement of account, 对账单: every movement with its balance, the sums, and the customer's answer."""
    speech = Speech(language)
    columns = (
        _column(speech, "position", _("Line no."), 0.5, Align.CENTRE),
        _column(speech, "date", _("Date"), 1),
        _column(speech, "type", _("Type"), 0.9),
        _column(speech, "number", _("Number"), 1.6),
        _column(speech, "name", _("Product name"), 1.8),
        _column(speech, "specification", _("Specification"), 1.2),
        _column(speech, "unit", _("Unit"), 0.5, Align.CENTRE),
        _column(speech, "quantity", _("Quantity"), 0.8, Align.RIGHT),
        _column(speech, "price", _("Unit price"), 0.9, Align.RIGHT),
        _column(speech, "owed", _("Owed"), 1.1, Align.RIGHT, summed=True),
        _column(speech, "paid", _("Paid"), 1.1, Align.RIGHT, summed=True),
        _column(speech, "balance", _("Balance"), 1.1, Align.RIGHT),
        _column(speech, "invoice", _("Invoice number"), 1.6),
    )
    answer = (
        speech.say(_("☐ It is correct.")),
        speech.say(_("☐ It is not correct. Difference: ________ Reason: ________________")),
        speech.say(_("Seal of accounts or company, day:")),
    )
    return Paper(
        **_head(work, statement, speech, _("STATEMENT OF ACCOUNT")),
        parties=forms.to_and_from(work, statement, speech),
        fields=_sums_of(statement, speech),
        columns=columns,
        rows=tuple(_statement_rows(work, statement, speech)),
        page_subtotal=speech.say(_("Page subtotal")),
        words=_closing_words(statement, speech),
        sections=(Section(speech.say(_("Answer of the customer")), "\n".join(answer)),),
        remarks=(speech.say(_("Remark")), statement.remark) if statement.remark else None,
        footnote=speech.say(_("Please answer by {day}.", day=statement.deadline)) if statement.deadline else "",
        signatures=_signed(speech, _("Made by"), _("Checked by finance"), _("Customer")),
    )


def _sums_of(statement: Statement, speech: Speech) -> tuple[Pair, ...]:
    period = f"{speech.day(statement.period_from)} – {speech.day(statement.period_to)}"
    return (
        (speech.say(_("Period")), period),
        (speech.say(_("Currency")), statement.currency),
        (speech.say(_("Opening balance")), amount(statement.opening)),
        (speech.say(_("Invoiced in the period")), amount(statement.charged)),
        (speech.say(_("Credited in the period")), amount(statement.corrected)),
        (speech.say(_("Received in the period")), amount(statement.paid)),
        (speech.say(_("Adjustment")), amount(statement.adjustment)),
        (speech.say(_("Closing balance")), amount(statement.closing)),
        (speech.say(_("Of that overdue")), amount(statement.overdue)),
    )


def _closing_words(statement: Statement, speech: Speech) -> tuple[Pair, ...]:
    label = speech.say(_("Closing balance"))
    said = [amount_in_words(statement.closing, language=one, currency=statement.currency) for one in speech.voices]
    return ((label, "\n".join(said)), (label, amount(statement.closing)))


def _statement_rows(work: Work, statement: Statement, speech: Speech) -> Iterator[tuple[str, ...]]:
    """One row for each line of an invoice, one for each payment, with the balance after it."""
    movements = statements.rows_of(work, statement)
    lines = _lines_of(work, [one.document_id for one in movements if one.kind in LINES])
    balance, place = statement.opening, 0
    for one in movements:
        head = (speech.day(one.on), speech.say(work.types.document(one.kind).label), one.number)
        for row in lines.get(one.document_id) or [None]:
            place += 1
            money = row.gross if row is not None else one.amount
            balance += money
            what = _said(row, speech) if row is not None else ("", "", "", "", "")
            sides = (amount(money), "") if one.kind in LINES else ("", amount(-money))
            yield (str(place), *head, *what, *sides, amount(balance), one.reference)


def _said(row: Any, speech: Speech) -> tuple[str, ...]:
    shown = row.gross_price * (1 - row.discount_rate)
    return (
        speech.name(row.name, row.name_en),
        row.specification,
        row.unit,
        quantity(row.quantity),
        price(half_up(shown, PRICE_PLACES)),
    )


def _lines_of(work: Work, ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    if ids:
        names = ("document_id", "name", "name_en", "specification", "unit", "quantity", "gross_price", "discount_rate")
        columns = (getattr(DocumentLine, name) for name in (*names, "gross"))
        statement = select(*columns).where(DocumentLine.document_id.in_(sorted(ids)), DocumentLine.line_kind != "text")
        for row in work.session.execute(statement.order_by(DocumentLine.document_id, DocumentLine.position)):
            found[row.document_id].append(row)
    return found


# What they have in common --------------------------------------------------------------------------------------------


def _head(work: Work, document: Any, speech: Speech, title: Text) -> dict[str, Any]:
    return {
        "language": speech.main,
        "title": speech.say(title),
        "number": document.title,
        "made_at": work.now,
        "company": forms.letterhead(work, speech),
        "page_label": forms.page_label(speech),
        "references": forms.references(document, speech),
    }


def _title(request: Request, speech: Speech) -> Block:
    pairs = (
        (speech.say(_("Invoice title")), request.buyer),
        (speech.say(_("Tax number")), request.tax_number),
        (speech.say(_("Registered address")), request.title_address),
        (speech.say(_("Registered telephone")), request.title_phone),
        (speech.say(_("Bank")), request.title_bank),
        (speech.say(_("Bank account")), request.title_account),
    )
    return Block(speech.say(_("Buyer")), forms.said_pairs(pairs))


def _column(
    speech: Speech, key: str, text: Text, width: float, align: Align = Align.LEFT, *, summed: bool = False
) -> Column:
    return Column(key, speech.say(text, between="\n"), width, align, summed=summed)


def _sums(columns: tuple[Column, ...], speech: Speech, **said: str) -> tuple[str, ...]:
    found = {"name": speech.say(_("Sum")), **said}
    return tuple(found.get(column.key, "") for column in columns)


def _signed(speech: Speech, *texts: Text) -> tuple[str, ...]:
    return tuple(speech.say(text) for text in texts)


PAPERS = {
    "billing.request": request_paper,
    "billing.receipt": receipt_paper,
    "billing.statement": statement_paper,
}
