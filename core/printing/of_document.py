"""From a document to its paper: the company above, the two sides, the lines, totals in words, terms, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from core.documents.faces import Face, faces
from core.documents.models import Document, DocumentLine
from core.printing.paper import Align, Block, Column, Letterhead, Paper
from core.text import CHINESE, Text, _, language
from core.words import amount_in_words
from core.work import Work

ALIGN = {"decimal": Align.RIGHT, "date": Align.CENTRE}
WIDTHS = {"item_id": 3.0, "specification": 2.0, "unit": 0.6, "remark": 1.2}
ACCENTS = {
    "blue": "#1f4f8f",
    "azure": "#1f6d9c",
    "indigo": "#3b469e",
    "purple": "#6a3d9c",
    "pink": "#9c3568",
    "red": "#9c2f28",
    "orange": "#9a5318",
    "yellow": "#7d610c",
    "lime": "#567015",
    "green": "#23703d",
    "teal": "#0f655b",
    "cyan": "#136b7d",
}
HEAD = (
    "party_id",
    "date",
    "owner_id",
    "payment_terms",
    "remark",
    "internal_remark",
    "subject",
    "currency",
    "contact_name",
    "contact_phone",
    "prices_include_tax",
)
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


def paper_of(work: Work, document: Document) -> Paper:
    """The paper of a document in the language spoken now; what the reader may not see is not on it.

    The amounts are those of the document; words and figures of the total stand side by side.
    """
    chinese = language() == CHINESE
    known = {n: f for n, f in faces(DocumentLine).items() if work.sees(f.needs) and f.needs is None}
    names = [n for n in type(document).line_columns if n in known]
    if any(line.remark for line in document.lines) and "remark" not in names:
        names.append("remark")
    columns = (Column("position", str(_("No.")), 0.5, Align.CENTRE), *(_column(n, known[n]) for n in names))
    rows = (
        tuple(
            (str(place), *(_written(work, n, known[n], line, chinese) for n in names))
            for place, line in enumerate(document.lines, 1)
        )
        if type(document).has_lines
        else ()
    )
    return Paper(
        language=language(),
        title=str(type(document).label),
        number=document.title,
        company=letterhead(work),
        made_at=document.updated_at.astimezone(ZoneInfo(work.company.zone)),
        page_label=str(_("Page {page} of {pages}", page="{page}", pages="{pages}")),
        subtitle=document.subject,
        references=(("No.", document.title), (str(_("Date")), written_day(document.date, chinese))),
        parties=sides(work, document, chinese),
        columns=columns if rows else (),
        rows=rows,
        page_subtotal=str(_("Page subtotal")),
        totals=sums(document) if rows else (),
        words=in_words(document, chinese) if rows else (),
        terms_title=str(_("Terms")),
        terms=terms(work, document, chinese),
        remarks=(str(_("Remark")), document.remark) if document.remark else None,
        signatures=(str(_("Prepared by")), str(_("Reviewed by")), str(_("Customer (signature and seal)"))),
        signed_on=str(_("Date: ______________")),
        watermark=str(_("DRAFT")) if not document.number else "",
    )


def letterhead(work: Work) -> Letterhead:
    """The company as it stands above its papers, first in the language spoken now."""
    about: Mapping[str, Any] = work.company.row
    first = work.company.title
    other = about["name_en"] if first == about["name"] else about["name"]
    address = about["address_en"] if first == about["name_en"] and about["address_en"] else about["address"]
    contacts = _pairs((_("Address"), address), (_("Phone"), about["phone"]), (_("Tax number"), about["tax_number"]))
    bank = _pairs((_("Bank"), about["bank"]), (_("Account"), about["bank_account"]))
    return Letterhead(
        name=first,
        subname=other if other != first else "",
        contacts=contacts,
        bank=bank,
        bank_title=str(_("Pay to")) if bank else "",
        accent=ACCENTS.get(work.company.colour, "#1f3f6e"),
    )


def sides(work: Work, document: Document, chinese: bool) -> tuple[Block, ...]:
    """To whom and from whom; names and addresses are those that the document keeps."""
    kept: Mapping[str, Any] = document.party_details or {}
    name = document.party_name if chinese else kept.get("name_en") or document.party_name
    to = _pairs(
        (_("Company"), name),
        (_("Contact"), document.contact_name),
        (_("Phone"), document.contact_phone or kept.get("phone", "")),
        (_("Address"), document.address or kept.get("address", "")),
    )
    sender = _pairs((_("Company"), work.company.title), (_("Contact"), work.person(document.owner_id)))
    blocks = [Block(str(_("TO")), to)] if name else []
    return (*blocks, Block(str(_("FROM")), sender))


def sums(document: Document) -> tuple[tuple[str, str], ...]:
    """Net, tax and total below the lines."""
    sign = SIGNS.get(document.currency, f"{document.currency} ")
    return _pairs(
        (_("Amount without tax"), f"{document.net:,.2f}"),
        (_("Tax"), f"{document.tax:,.2f}"),
        (_("Total"), f"{sign}{document.gross:,.2f}"),
    )


def in_words(document: Document, chinese: bool) -> tuple[tuple[str, str], ...]:
    """The total in words and in figures; nothing for an amount that has no words."""
    try:
        words = amount_in_words(document.gross, language="zh" if chinese else "en", currency=document.currency)
    except ValueError:
        return ()
    sign = SIGNS.get(document.currency, f"{document.currency} ")
    return ((str(_("Total in words: ")), words), (str(_("In figures: ")), f"{sign}{document.gross:,.2f}"))


def terms(work: Work, document: Document, chinese: bool) -> tuple[tuple[str, str], ...]:
    """What else the document promises: the fields of its own that say something."""
    known = faces(type(document))
    found = [(known["payment_terms"].label, document.payment_terms)]
    for name in type(document).header:
        face = known.get(name)
        if (
            face is not None
            and name not in HEAD
            and face.needs is None
            and getattr(document, name) not in (None, "", False)
        ):
            found.append((face.label, _written(work, name, face, document, chinese)))
    return _pairs(*found)


def written_day(day: date, chinese: bool) -> str:
    """2026年3月5日, or 5 March 2026."""
    return f"{day.year}年{day.month}月{day.day}日" if chinese else f"{day.day} {day:%B} {day.year}"


def _pairs(*found: tuple[Text, str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(label), text) for label, text in found if text)


def _column(name: str, face: Face) -> Column:
    label = _("Product") if name == "item_id" else face.label
    align = Align.CENTRE if name == "unit" else ALIGN.get(face.kind, Align.LEFT)
    return Column(name, str(label), WIDTHS.get(name, 1.0), align, summed=name in {"gross", "net", "tax", "quantity"})


def _written(work: Work, name: str, face: Face, record: Any, chinese: bool) -> str:
    if name == "item_id":
        return str(record.name if chinese else record.name_en or record.name)
    value = getattr(record, name)
    if value is None or value == "":
        return ""
    if face.kind == "choice":
        return str(face.choice(value))
    if face.kind == "ref":
        return _named(work, face.references, value)
    match value:
        case bool():
            return str(_("Yes") if value else _("No"))
        case Decimal():
            return _figure(value, face.places or 0)
        case date():
            return written_day(value, chinese)
    return str(value)


def _named(work: Work, kind: str | None, key: int) -> str:
    """The name of what a field points at; papers name people and tax rates only."""
    if kind == "core.account":
        return work.person(key)
    return next((tax.title for tax in work.company.taxes if kind == "core.tax_rate" and tax.id == key), "")


def _figure(value: Decimal, places: int) -> str:
    if places == 2:
        return f"{value:,.2f}"
    if places == 4:
        return f"{(value * 100).normalize():f}%"
    whole, _point, rest = f"{value:,f}".partition(".")
    rest = rest.rstrip("0").ljust(2 if places == 8 else 0, "0")
    return f"{whole}.{rest}" if rest else whole
