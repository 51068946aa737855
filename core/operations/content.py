"""The content of a document: from the values a person gave to a header and lines that are priced, taxed and summed.

Everything the content refers to is read set-wise: one statement for the customer, one for all products, one question for
all prices, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.documents.faces import defaults
from core.documents.models import Document, DocumentLine
from core.entities.item import Item, ItemKind, ItemUnit
from core.entities.party import Contact, Party
from core.errors import Fault, Invalid
from core.extension.core_settings import DEFAULT_TAX
from core.facts import TaxFacts
from core.hooks.values import PriceAnswer, PriceQuery
from core.money import BadNumber, Fixed, convert, figures, half_up, totals
from core.text import Text, _
from core.work import Work

PRICE_PLACES = 8
LARGEST_AMOUNT = Decimal(10) ** 15
_ITEM: Any = Item.__table__
_PARTY: Any = Party.__table__
_FIGURES = ("price", "gross_price", "net", "tax", "gross")


@dataclass(slots=True)
class Sources:
    """What the lines of one document refer to, read once."""

    items: Mapping[int, Any]
    units: Mapping[tuple[int, str], Decimal]
    taxes: Mapping[int, TaxFacts]
    usual_tax: TaxFacts | None


def set_party(work: Work, document: Document) -> str:
    """Check the customer and take a snapshot of what papers say about it; gives back its class.

    Raises ``Invalid`` when the company has no such active customer.
    """
    if document.party_id is None:
        return ""
    row = work.connection.execute(
        select(_PARTY).where(_PARTY.c.company_id == work.company.id, _PARTY.c.id == document.party_id)
    ).one_or_none()
    if row is None or not row.active:
        raise Invalid([Fault("party_id", _("There is no such customer, or it is no longer active."), "reference")])
    document.party_name = row.name
    document.party_details = {
        "code": row.code,
        "name_en": row.name_en,
        "credit_code": row.credit_code,
        "phone": row.phone,
        "address": row.address,
        "email": row.email,
    }
    document.payment_terms = document.payment_terms or row.payment_terms
    return str(row.party_class)


def default_contact(work: Work, party_id: int) -> dict[str, Any]:
    """What a new document takes from its customer when nobody says otherwise."""
    contact: Any = Contact.__table__
    row = work.connection.execute(
        select(contact.c.name, contact.c.mobile, contact.c.phone)
        .where(contact.c.company_id == work.company.id, contact.c.party_id == party_id)
        .order_by(contact.c.is_primary.desc(), contact.c.position, contact.c.id)
        .limit(1)
    ).one_or_none()
    return {"contact_name": row.name, "contact_phone": row.mobile or row.phone} if row else {}


def sources(work: Work, rows: Iterable[Mapping[str, Any]], document: Document) -> Sources:
    """Read every product, unit and tax rate that the lines name."""
    ids = {row["item_id"] for row in rows if row.get("item_id")}
    items: dict[int, Any] = {}
    if ids:
        found = work.connection.execute(select(_ITEM).where(_ITEM.c.company_id == work.company.id, _ITEM.c.id.in_(ids)))
        items = {row.id: row for row in found}
    other = {
        (row["item_id"], row["unit"])
        for row in rows
        if row.get("unit") and row.get("item_id") in items and row["unit"] != items[row["item_id"]].unit
    }
    units: dict[tuple[int, str], Decimal] = {}
    if other:
        unit: Any = ItemUnit.__table__
        found = work.connection.execute(
            select(unit.c.item_id, unit.c.unit, unit.c.factor).where(
                unit.c.company_id == work.company.id, unit.c.item_id.in_({item for item, _unit in other})
            )
        )
        units = {(row.item_id, row.unit): row.factor for row in found}
    taxes = {t.id: t for t in work.company.taxes}
    code = work.setting(DEFAULT_TAX)
    usual = next((t for t in work.company.taxes if t.code == code and t.active), None)
    return Sources(items, units, taxes, usual)


def fill_lines(
    work: Work,
    document: Document,
    rows: Sequence[Mapping[str, Any]],
    *,
    party_class: str,
    known: Mapping[int, DocumentLine] | None = None,
) -> list[DocumentLine]:
    """The document's lines from what was given: positions, names, prices, taxes and amounts; header totals follow.

    ``known`` are the lines that exist; a row with their id changes them and keeps what it does not name. Amounts are
    rounded half up per line; totals are sums of lines. Raises ``Invalid`` naming each line and field.
    """
    found = sources(work, [_merged(row, known) for row in rows], document)
    faults: list[Fault] = []
    lines: list[DocumentLine] = []
    for index, row in enumerate(rows):
        line, wrong = _line(work, document, row, found, (known or {}).get(row.get("id") or 0))
        line.position = index + 1
        lines.append(line)
        faults += [Fault(f"lines/{index}/{path}".rstrip("/"), text, "invalid") for path, text in wrong]
    if faults:
        raise Invalid(faults)
    price_lines(work, document, lines, rows, party_class)
    faults = [
        Fault(f"lines/{index}/quantity", _("This amount is too large."), "too_large")
        for index, line in enumerate(lines)
        if abs(line.gross) >= LARGEST_AMOUNT
    ]
    if faults:
        raise Invalid(faults)
    sum_up(document, lines)
    return lines


def _merged(row: Mapping[str, Any], known: Mapping[int, DocumentLine] | None) -> Mapping[str, Any]:
    old = (known or {}).get(row.get("id") or 0)
    if old is None:
        return row
    return {"item_id": row.get("item_id", old.item_id), "unit": row.get("unit", old.unit)}


def _line(
    work: Work, document: Document, row: Mapping[str, Any], found: Sources, old: DocumentLine | None
) -> tuple[DocumentLine, list[tuple[str, Text]]]:
    wrong: list[tuple[str, Text]] = []
    if row.get("id") and old is None:
        wrong.append(("id", _("This line does not belong to the document.")))
    line = old or new_line(work)
    changed_item = "item_id" in row and row["item_id"] != line.item_id
    for name in (
        "line_kind",
        "item_id",
        "name",
        "name_en",
        "specification",
        "unit",
        "quantity",
        "discount_rate",
        "lead_time",
        "deadline",
        "remark",
    ):
        if row.get(name) is not None or (name in row and name in {"item_id", "deadline"}):
            setattr(line, name, row[name])
    item = found.items.get(line.item_id) if line.item_id else None
    if line.item_id and (item is None or not item.active):
        wrong.append(("item_id", _("There is no such product, or it is no longer sold.")))
    elif item is not None and (old is None or changed_item):
        _take_item(line, item, row)
    if not line.name:
        wrong.append(("item_id" if not line.item_id else "name", _("A line needs a product or a name.")))
    if item is not None and line.unit != item.unit:
        factor = found.units.get((item.id, line.unit))
        line.factor = factor or Decimal(1)
        if factor is None:
            wrong.append(("unit", _("The product is not sold in this unit.")))
    else:
        line.factor = Decimal(1)
    wrong += _tax(line, item, row, found, fresh=old is None or changed_item)
    if line.line_kind == "text":
        line.quantity = Decimal(0)
    elif old is None and "quantity" not in row:
        line.quantity = Decimal(1)
    line.base_quantity = half_up(line.quantity * line.factor, 6)
    return line, wrong


def new_line(work: Work) -> DocumentLine:
    """A line with every column at its default."""
    return DocumentLine(
        **{
            "company_id": work.company.id,
            "item_id": None,
            "tax_rate_id": None,
            "deadline": None,
            "origin_id": None,
            "ceiling": None,
            **defaults(DocumentLine),
        }
    )


def is_new(line: DocumentLine) -> bool:
    """Whether the line has no row yet."""
    return line.__dict__.get("id") is None


def _take_item(line: DocumentLine, item: Any, row: Mapping[str, Any]) -> None:
    """What the product says goes onto the line, as a snapshot, where the person said nothing."""
    line.code = item.code
    for name in ("name", "name_en", "specification", "unit"):
        if not row.get(name):
            setattr(line, name, getattr(item, name))
    line.line_kind = row.get("line_kind") or ("service" if item.item_kind == ItemKind.SERVICE else "item")
    line.list_price, line.cost, line.floor_price = item.list_price, item.cost, item.floor_price


def _tax(
    line: DocumentLine, item: Any, row: Mapping[str, Any], found: Sources, *, fresh: bool
) -> list[tuple[str, Text]]:
    given = row.get("tax_rate_id")
    if given is None and not fresh:
        return []
    chosen = given or (item.tax_rate_id if item is not None else None)
    tax = found.taxes.get(chosen) if chosen else found.usual_tax
    if chosen and (tax is None or not tax.active):
        return [("tax_rate_id", _("There is no such tax rate."))]
    line.tax_rate_id = tax.id if tax else None
    line.tax_rate, line.tax_kind = (tax.rate, tax.tax_kind) if tax else (Decimal(0), "untaxed")
    return []


def price_lines(
    work: Work,
    document: Document,
    lines: Sequence[DocumentLine],
    rows: Sequence[Mapping[str, Any]],
    party_class: str,
) -> None:
    """Give every line its figures: from the figure a person fixed, else from whoever knows prices, else the list price."""
    asking = [
        line
        for line, row in zip(lines, rows, strict=True)
        if line.item_id
        and line.line_kind != "text"
        and not any(row.get(f) is not None for f in _FIGURES)
        and (is_new(line) or row.get("item_id") or row.get("quantity"))
        and not (not is_new(line) and line.price_source == "")
    ]
    faults: list[Fault] = []
    answers = dict(zip(map(id, asking), _answers(work, document, asking, party_class), strict=True))
    for line, row in zip(lines, rows, strict=True):
        fixed, value = _fixed(document, line, row, answers.get(id(line)))
        try:
            result = figures(
                line.quantity, rate=line.tax_rate, fixed=fixed, value=value, discount_rate=line.discount_rate
            )
        except BadNumber as error:
            faults.append(
                Fault(
                    f"lines/{line.position - 1}/{fixed.value}",
                    FIGURE_FAULTS.get(error.code, _("This amount is too large.")),
                    error.code,
                )
            )
            continue
        for name in _FIGURES:
            setattr(line, name, getattr(result, name))
        line.fixed = fixed.value
    if faults:
        raise Invalid(faults)


FIGURE_FAULTS = {
    "line.tax_without_rate": _("A line without a tax rate has no tax to fix."),
}


def _answers(
    work: Work, document: Document, lines: Sequence[DocumentLine], party_class: str
) -> list[PriceAnswer | None]:
    if not lines:
        return []
    return work.hooks.line_prices(
        [
            PriceQuery(
                line.item_id or 0,
                line.base_quantity,
                document.party_id,
                party_class,
                document.currency,
                document.date,
            )
            for line in lines
        ]
    )


def _fixed(
    document: Document, line: DocumentLine, row: Mapping[str, Any], answer: PriceAnswer | None
) -> tuple[Fixed, Decimal]:
    """Which figure counts, and its value."""
    given = [name for name in _FIGURES if row.get(name) is not None]
    named = row.get("fixed")
    if named in given or (given and named is None):
        name = named if named in given else _first(given, document)
        line.price_source = ""
        return Fixed(name), row[name]
    if answer is not None:
        line.price_source = answer.source
        return (Fixed.GROSS_PRICE if answer.includes_tax else Fixed.PRICE), half_up(
            answer.price * line.factor, PRICE_PLACES
        )
    if is_new(line) and line.item_id:
        line.price_source = "list"
        fixed = Fixed.GROSS_PRICE if document.prices_include_tax else Fixed.PRICE
        return fixed, half_up(line.list_price * line.factor, PRICE_PLACES)
    fixed = Fixed(line.fixed)
    return fixed, getattr(line, fixed.value)


def _first(given: Sequence[str], document: Document) -> str:
    """Of several figures without a word which counts, the price of the document's own kind."""
    order = ("gross_price", "price") if document.prices_include_tax else ("price", "gross_price")
    return next((name for name in (*order, "gross", "net", "tax") if name in given), given[0])


def sum_up(document: Document, lines: Sequence[DocumentLine]) -> None:
    """Set the header's totals: sums of the lines, never computed again from them."""
    total = totals(lines)
    document.net, document.tax, document.gross = total.net, total.tax, total.gross
    document.base_gross = convert(total.gross, document.exchange_rate)
    document.cost_total = half_up(sum((line.cost * line.base_quantity for line in lines), Decimal(0)), 2)
