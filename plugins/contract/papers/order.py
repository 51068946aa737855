"""The order sheet as it is repeated to the customer, to be confirmed by signature (CTR-01)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from core.documents import DocumentLine
from core.printing import forms
from core.printing.paper import Align, Column, Paper
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.work import Work
from plugins.contract.documents.order import WAYS

if TYPE_CHECKING:
    from plugins.contract.documents import Order


def order_paper(work: Work, order: Order, language: str) -> Paper:
    """The paper of a reviewed order (销售订单 / 订货单)."""
    speech = Speech(language)
    columns = _columns(order, speech)
    return Paper(
        language=speech.main,
        title=speech.say(_("CUSTOMER ORDER")),
        number=order.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(order, speech),
        parties=forms.to_and_from(work, order, speech),
        fields=forms.said_pairs(
            (
                (speech.say(_("Your reference")), order.reference),
                (speech.say(_("Ordered by")), speech.say(dict(WAYS)[order.way])),
                (speech.say(_("Day of delivery")), speech.day(order.deadline)),
                (speech.say(_("Time of pick-up")), order.pick_up_time),
                (speech.say(_("Place of delivery")), order.address),
                (speech.say(_("Payment terms")), order.payment_terms),
                (speech.say(_("Delivery terms")), order.delivery_terms),
                (speech.say(_("Freight borne by")), order.freight_terms),
                (speech.say(_("Packing")), order.packing),
                (speech.say(_("Warranty")), order.warranty),
            )
        ),
        columns=columns,
        rows=tuple(_row(line, order, speech) for line in order.lines),
        page_subtotal=speech.say(_("Page subtotal")),
        sum_row=_sum_row(order, columns, speech),
        words=forms.words(order, speech),
        terms_title=speech.say(_("Special demands")) if order.special_demands else "",
        terms=(("", order.special_demands),) if order.special_demands else (),
        remarks=(speech.say(_("Remark")), order.remark) if order.remark else None,
        signatures=(
            speech.say(_("Made by")),
            speech.say(_("Checked by")),
            speech.say(_("Confirmed by the customer (signature and seal)")),
        ),
        signed_on=speech.say(_("Date:")),
    )


def _columns(order: Order, speech: Speech) -> tuple[Column, ...]:
    def head(text: Text) -> str:
        return speech.say(text, between="\n")

    unit = _("yuan") if order.currency == "CNY" else order.currency
    return (
        Column("position", head(_("Line no.")), 0.5, Align.CENTRE),
        Column("code", head(_("Product code")), 1),
        Column("name", head(_("Product name")), 2.4),
        Column("specification", head(_("Specification")), 2),
        Column("unit", head(_("Unit")), 0.6, Align.CENTRE),
        Column("quantity", head(_("Quantity")), 0.9, Align.RIGHT),
        Column("price", head(_("Unit price with tax ({unit})", unit=unit)), 1, Align.RIGHT),
        Column("rate", head(_("Tax rate")), 0.6, Align.RIGHT),
        Column("amount", head(_("Amount ({unit})", unit=unit)), 1, Align.RIGHT, summed=True),
        Column("deadline", head(_("Day of delivery")), 1.1, Align.CENTRE),
        Column("remark", head(_("Remark")), 1),
    )


def _row(line: DocumentLine, order: Order, speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return ("", "", name, line.specification, "", "", "", "", "", "", line.remark)
    day = line.deadline or order.deadline
    return (
        str(line.position),
        line.code,
        name,
        line.specification,
        line.unit,
        quantity(line.quantity),
        price(line.gross_price * (Decimal(1) - line.discount_rate)),
        f"{quantity(line.tax_rate * 100)}%" if line.tax_rate else "",
        amount(line.gross),
        day.isoformat() if day else line.lead_time,
        line.remark,
    )


def _sum_row(order: Order, columns: tuple[Column, ...], speech: Speech) -> tuple[str, ...]:
    said = {"name": speech.say(_("Sum")), "amount": amount(order.gross)}
    return tuple(said.get(column.key, "") for column in columns)
