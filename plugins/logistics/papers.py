"""The papers of a delivery: the slip by which the warehouse issues goods, and the note that travels with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.documents import DocumentLine
from core.money import half_up
from core.printing import forms
from core.printing.paper import NOTE_241, Align, Block, Column, Pair, Paper
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.work import Work
from plugins.logistics.documents import Delivery
from plugins.logistics.masters import Carrier, ShippingMethod, Warehouse
from plugins.logistics.settings import OBJECTION_DAYS

PRICE_PLACES = 8


def slip(work: Work, delivery: Delivery, language: str) -> Paper:
    """The outbound slip, 出库单: what the warehouse issues, to be signed by who issues and who takes it."""
    speech = Speech(language)
    place = _name(work, Warehouse, delivery.warehouse_id, speech)
    columns = (
        _column(speech, "position", _("Line no."), 0.5, Align.CENTRE),
        _column(speech, "code", _("Product code"), 1),
        _column(speech, "name", _("Product name"), 3),
        _column(speech, "specification", _("Specification"), 2),
        _column(speech, "unit", _("Unit"), 0.6, Align.CENTRE),
        _column(speech, "quantity", _("To be issued"), 1, Align.RIGHT, summed=True),
        _column(speech, "issued", _("Issued"), 1, Align.RIGHT),
        _column(speech, "place", _("Warehouse"), 1.2),
        _column(speech, "remark", _("Remark"), 1.2),
    )
    return _paper(
        work,
        delivery,
        speech,
        title=_("OUTBOUND SLIP"),
        fields=_route(work, delivery, speech),
        columns=columns,
        rows=tuple(_slip_row(line, place, speech) for line in delivery.lines),
        sum_row=_sums(columns, speech, quantity=_pieces(delivery)),
        signatures=(_("Made by"), _("Checked by"), _("Issued by (warehouse)"), _("Taken over by"), _("Booked by")),
    )


def note(work: Work, delivery: Delivery, language: str) -> Paper:
    """The delivery note, 送货单, with prices."""
    return _note(work, delivery, language, priced=True)


def plain_note(work: Work, delivery: Delivery, language: str) -> Paper:
    """The delivery note without prices, for who receives the goods and does not pay them."""
    return _note(work, delivery, language, priced=False)


def _note(work: Work, delivery: Delivery, language: str, *, priced: bool) -> Paper:
    speech = Speech(language)
    figures = (
        _column(speech, "price", _("Unit price"), 1, Align.RIGHT),
        _column(speech, "amount", _("Amount"), 1.2, Align.RIGHT, summed=True),
    )
    columns = (
        _column(speech, "position", _("Line no."), 0.5, Align.CENTRE),
        _column(speech, "name", _("Product name"), 3),
        _column(speech, "specification", _("Specification"), 2),
        _column(speech, "unit", _("Unit"), 0.6, Align.CENTRE),
        _column(speech, "quantity", _("Quantity"), 1, Align.RIGHT, summed=True),
        *(figures if priced else ()),
        _column(speech, "remark", _("Remark"), 1.2),
    )
    total = delivery.gross if delivery.prices_include_tax else delivery.net
    sums = {"quantity": _pieces(delivery)} | ({"amount": amount(total)} if priced else {})
    days = work.setting(OBJECTION_DAYS)
    asks = _("Please check the goods on arrival; objections are to be made in writing within {days} days.", days=days)
    return _paper(
        work,
        delivery,
        speech,
        title=_("DELIVERY NOTE"),
        fields=_route(work, delivery, speech),
        columns=columns,
        rows=tuple(_note_row(line, delivery, speech, priced=priced) for line in delivery.lines),
        sum_row=_sums(columns, speech, **sums),
        words=forms.words(delivery, speech) if priced and delivery.gross else (),
        signatures=(_("Made by"), _("Warehouse"), _("Delivered by"), _("Received by (signature and seal)")),
        footnote=speech.say(asks) if days else "",
    )


def _paper(
    work: Work, delivery: Delivery, speech: Speech, *, title: Text, signatures: tuple[Text, ...], **parts: Any
) -> Paper:
    """What both papers have in common, on half a sheet of continuous paper."""
    return Paper(
        language=speech.main,
        title=speech.say(title),
        number=delivery.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(delivery, speech),
        parties=(_receiver(delivery, speech),),
        page_subtotal=speech.say(_("Page subtotal")),
        remarks=(speech.say(_("Remark")), delivery.remark) if delivery.remark else None,
        signatures=tuple(speech.say(one) for one in signatures),
        format=NOTE_241,
        **parts,
    )


def _receiver(delivery: Delivery, speech: Speech) -> Block:
    about = delivery.party_details or {}
    pairs = (
        (speech.say(_("Receiver")), speech.name(delivery.party_name, about.get("name_en"))),
        (speech.say(_("Address")), delivery.address or about.get("address") or ""),
        (speech.say(_("Contact")), delivery.contact_name),
        (speech.say(_("Telephone")), delivery.contact_phone or about.get("phone") or ""),
    )
    return Block(speech.say(_("TO")), forms.said_pairs(pairs))


def _route(work: Work, delivery: Delivery, speech: Speech) -> tuple[Pair, ...]:
    """The order, and how the goods travel."""
    return forms.said_pairs(
        (
            (speech.say(_("Your reference")), delivery.reference),
            (speech.say(_("Shipping method")), _name(work, ShippingMethod, delivery.method_id, speech)),
            (speech.say(_("Carrier")), _name(work, Carrier, delivery.carrier_id, speech)),
            (speech.say(_("Tracking number")), delivery.tracking),
            (speech.say(_("Number plate")), delivery.plate),
            (speech.say(_("Driver")), " ".join(part for part in (delivery.driver, delivery.driver_phone) if part)),
            (speech.say(_("Packages")), str(delivery.packages or "")),
        )
    )


def _name(work: Work, cls: Any, key: int | None, speech: Speech) -> str:
    if key is None:
        return ""
    row = work.session.execute(select(cls.name, cls.name_en).where(cls.id == key)).first()
    return speech.name(row.name, row.name_en) if row else ""


def _column(
    speech: Speech, key: str, label: Text, width: float, align: Align = Align.LEFT, *, summed: bool = False
) -> Column:
    return Column(key, speech.say(label, between="\n"), width, align, summed=summed)


def _slip_row(line: DocumentLine, place: str, speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return ("", "", name, line.specification, "", "", "", "", line.remark)
    counted = quantity(line.quantity)
    return (str(line.position), line.code, name, line.specification, line.unit, counted, "", place, line.remark)


def _note_row(line: DocumentLine, delivery: Delivery, speech: Speech, *, priced: bool) -> tuple[str, ...]:
    name, text = speech.name(line.name, line.name_en), line.line_kind == "text"
    full = line.gross_price if delivery.prices_include_tax else line.price
    value = line.gross if delivery.prices_include_tax else line.net
    figures = (price(half_up(full * (1 - line.discount_rate), PRICE_PLACES)), amount(value))
    return (
        "" if text else str(line.position),
        name,
        line.specification,
        line.unit,
        "" if text else quantity(line.quantity),
        *((("", "") if text else figures) if priced else ()),
        line.remark,
    )


def _pieces(delivery: Delivery) -> str:
    return quantity(sum((line.quantity for line in delivery.lines), Decimal(0)))


def _sums(columns: tuple[Column, ...], speech: Speech, **sums: str) -> tuple[str, ...]:
    said = {"name": speech.say(_("Sum")), **sums}
    return tuple(said.get(column.key, "") for column in columns)


PAPERS = {
    "logistics.delivery": {
        "note": (_("Delivery note"), note),
        "plain": (_("Delivery note without prices"), plain_note),
        "slip": (_("Outbound slip"), slip),
    }
}
