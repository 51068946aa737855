"""The quotation on paper, in Chinese, English or both: what is approved, bound, stamped and sent (QTN-05)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.documents import Document, DocumentLine
from core.entities.item import Item
from core.money import half_up
from core.printing import forms
from core.printing.paper import Align, Column, Pair, Paper
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.work import Work

if TYPE_CHECKING:
    from plugins.quotation.documents import Quotation

PRICE_PLACES = 8


def quotation_paper(work: Work, quotation: Quotation, language: str) -> Paper:
    """The paper of an approved quotation; the columns are those that Chinese buyers expect, in their order."""
    speech = Speech(language)
    columns = _columns(quotation, speech)
    brands = _brands(work, quotation)
    return Paper(
        language=speech.main,
        title=speech.say(_("QUOTATION")),
        number=quotation.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(quotation, speech),
        parties=forms.to_and_from(work, quotation, speech),
        fields=forms.said_pairs(
            (
                (speech.say(_("Project")), quotation.project or quotation.subject),
                (speech.say(_("Your reference")), quotation.reference),
                (speech.say(_("Valid until")), speech.day(quotation.valid_until)),
                (speech.say(_("Currency")), quotation.currency),
            )
        ),
        columns=columns,
        rows=tuple(_row(line, quotation, brands, speech) for line in quotation.lines),
        page_subtotal=speech.say(_("Page subtotal")),
        sum_row=_sum_row(quotation, columns, speech),
        totals=_totals(quotation, speech),
        words=forms.words(quotation, speech),
        terms_title=speech.say(_("Terms of this quotation")),
        terms=_terms(quotation, speech),
        remarks=(speech.say(_("Remark")), quotation.remark) if quotation.remark else None,
        signatures=(
            speech.say(_("Quoted by")),
            speech.say(_("Checked by")),
            speech.say(_("Confirmed by the customer (signature and seal)")),
        ),
        signed_on=speech.say(_("Date:")),
    )


def _columns(quotation: Document, speech: Speech) -> tuple[Column, ...]:
    def head(text: Text) -> str:
        return speech.say(text, between="\n")

    price_head, amount_head = forms.money_heads(quotation, speech)
    return (
        Column("position", head(_("Line no.")), 0.5, Align.CENTRE),
        Column("name", head(_("Product name")), 3),
        Column("specification", head(_("Specification")), 2),
        Column("brand", head(_("Brand")), 1),
        Column("unit", head(_("Unit")), 0.6, Align.CENTRE),
        Column("quantity", head(_("Quantity")), 1, Align.RIGHT, summed=True),
        Column("price", price_head, 1, Align.RIGHT),
        Column("amount", amount_head, 1, Align.RIGHT, summed=True),
        Column("lead_time", head(_("Lead time")), 1),
        Column("remark", head(_("Remark")), 1),
    )


def _brands(work: Work, quotation: Document) -> Mapping[int, str]:
    keys = {line.item_id for line in quotation.lines if line.item_id}
    if not keys:
        return {}
    found: Any = work.session.execute(select(Item.id, Item.brand).where(Item.id.in_(keys)))
    return {row.id: row.brand for row in found}


def _row(line: DocumentLine, quotation: Document, brands: Mapping[int, str], speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return ("", name, line.specification, "", "", "", "", "", "", line.remark)
    full = line.gross_price if quotation.prices_include_tax else line.price
    return (
        str(line.position),
        name,
        line.specification,
        brands.get(line.item_id or 0, ""),
        line.unit,
        quantity(line.quantity),
        price(half_up(full * (1 - line.discount_rate), PRICE_PLACES)),
        amount(line.gross if quotation.prices_include_tax else line.net),
        line.lead_time,
        line.remark,
    )


def _sum_row(quotation: Document, columns: tuple[Column, ...], speech: Speech) -> tuple[str, ...]:
    total = quotation.gross if quotation.prices_include_tax else quotation.net
    pieces = sum((line.quantity for line in quotation.lines), Decimal(0))
    said = {"name": speech.say(_("Sum")), "quantity": quantity(pieces), "amount": amount(total)}
    return tuple(said.get(column.key, "") for column in columns)


def _totals(quotation: Document, speech: Speech) -> tuple[Pair, ...]:
    return (
        (speech.say(_("Amount without tax")), amount(quotation.net)),
        (speech.say(_("Tax")), amount(quotation.tax)),
        (speech.say(_("Total with tax")), amount(quotation.gross)),
    )


def _terms(quotation: Quotation, speech: Speech) -> tuple[Pair, ...]:
    rates = sorted({line.tax_rate for line in quotation.lines if line.tax_rate}, reverse=True)
    tax = _("Prices are without tax.")
    if rates and quotation.prices_include_tax:
        tax = _("Prices include value-added tax at {rates}.", rates=[f"{quantity(rate * 100)}%" for rate in rates])
    valid = _("This quotation is valid until {day}.", day=quotation.valid_until)
    return forms.said_pairs(
        (
            (speech.say(_("Tax rate")), speech.say(tax)),
            (speech.say(_("Validity")), speech.say(valid) if quotation.valid_until else ""),
            (speech.say(_("Payment terms")), quotation.payment_terms),
            (speech.say(_("Delivery")), quotation.delivery_terms),
            (speech.say(_("Warranty")), quotation.warranty),
            (speech.say(_("Freight borne by")), quotation.freight_terms),
            (speech.say(_("Packing")), quotation.packing),
        )
    )


PAPERS = {
    "quotation.quotation": {
        "quotation": (_("Quotation"), quotation_paper),
        "approval": (_("Approval sheet"), forms.approval_sheet),
    }
}
