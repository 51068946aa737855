"""The content of a document: from the values a person gave to a header and lines that are priced, taxed and summed.

Everything the content refers to is read set-wise: one statement for the customer, one for all products, one question
for all prices, however many lines there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, select

from core.documents import access
from core.documents.faces import defaults
from core.documents.models import Document, DocumentLine
from core.entities.item import Item, ItemKind, ItemUnit
from core.entities.party import Contact, Party
from core.errors import Fault, Invalid
from core.extension.core_settings import DEFAULT_TAX
from core.facts import TaxFacts
from core.money import half_up
from core.operations.pricing import price_lines, sum_up
from core.text import Text, _
from core.work import Work

_ITEM: Any = Item.__table__
_PARTY: Any = Party.__table__
_CONTACT: Any = Contact.__table__


@dataclass(slots=True)
class Sources:
    """What the lines of one document refer to, read once."""

    items: Mapping[int, Any]
    units: Mapping[tuple[int, str], Decimal]
    taxes: Mapping[int, TaxFacts]
    usual_tax: TaxFacts | None


_PARTY_SAID = (
    select(
        _PARTY.c.id,
        *(_PARTY.c[n] for n in ("active", "owner_id", "created_by", "territory_id")),
        *(_PARTY.c[n] for n in ("code", "name", "name_en", "credit_code", "phone", "address", "email")),
        _PARTY.c.payment_terms,
        _PARTY.c.party_class,
        _CONTACT.c.name.label("contact_name"),
        _CONTACT.c.mobile.label("contact_mobile"),
        _CONTACT.c.phone.label("contact_phone"),
    )
    .outerjoin(_CONTACT, (_CONTACT.c.company_id == _PARTY.c.company_id) & (_CONTACT.c.party_id == _PARTY.c.id))
    .where(_PARTY.c.company_id == bindparam("company"))
    .order_by(_CONTACT.c.is_primary.desc(), _CONTACT.c.position, _CONTACT.c.id)
)
_PARTY_READ = _PARTY_SAID.where(_PARTY.c.id == bindparam("party")).limit(1)
_PARTIES = _PARTY_SAID.where(_PARTY.c.id.in_(bindparam("parties", expanding=True)))


_ITEMS = select(_ITEM).where(
    _ITEM.c.company_id == bindparam("company"), _ITEM.c.id.in_(bindparam("items", expanding=True))
)


def set_party(
    work: Work, document: Document, *, begun_with: Mapping[str, Any] | None = None, chosen: bool = False
) -> str:
    """Check the customer and take a snapshot of what papers say about it; gives back its class.

    ``begun_with`` are the values a new document was given: it takes the customer's first contact unless one is named.
    ``chosen``: the actor names the customer; who sees only his own customers learns nothing of others that way.
    Raises ``Invalid`` when the company has no such customer, or does no more business with him: what was begun before
    is brought to its end all the same.
    """
    if document.party_id is None:
        return ""
    row = _party(work, document.party_id)
    cls = type(document)
    begun = cls.ends_business or (not chosen and cls.continues())
    if row is None or not (row.active or begun) or (chosen and not _in_reach(work, row)):
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
    if begun_with is not None and row.contact_name and not begun_with.get("contact_name"):
        document.contact_name = row.contact_name
        document.contact_phone = begun_with.get("contact_phone") or row.contact_mobile or row.contact_phone
    return str(row.party_class)


FORESEEN = "content.parties"


def foresee_parties(work: Work, ids: Iterable[int]) -> None:
    """Read the customers of many documents at once, for the ``set_party`` of each; one statement."""
    wanted = sorted(set(ids))
    asked = {"company": work.company.id, "parties": wanted}
    rows = work.connection.execute(_PARTIES, asked) if wanted else ()
    first: dict[int, dict[str, Any]] = {}
    for row in rows:
        first.setdefault(row.id, dict(row._mapping))
    work.kept[FORESEEN] = {key: SimpleNamespace(**first[key]) if key in first else None for key in wanted}


def _party(work: Work, key: int) -> Any:
    foreseen: dict[int, Any] = work.kept.get(FORESEEN, {})
    if key in foreseen:
        return foreseen[key]
    return work.connection.execute(_PARTY_READ, {"company": work.company.id, "party": key}).one_or_none()


def may_name(work: Work, party_id: int) -> bool:
    """Whether the actor may make a document for the customer under ``party_id``: active, and within his reach."""
    columns = (_PARTY.c.active, _PARTY.c.owner_id, _PARTY.c.created_by, _PARTY.c.territory_id)
    mine = (_PARTY.c.company_id == work.company.id, _PARTY.c.id == party_id)
    row = work.connection.execute(select(*columns).where(*mine)).one_or_none()
    return row is not None and row.active and _in_reach(work, row)


def _in_reach(work: Work, party: Any) -> bool:
    """Whether somebody whose right reaches only some of the customers may know this one."""
    found = access.reach(work, f"{Party.kind}.read")
    return not found or access.holds(work, found, party.owner_id, party.created_by, territory_id=party.territory_id)


def sources(work: Work, rows: Iterable[Mapping[str, Any]]) -> Sources:
    """Read every product, unit and tax rate that the lines name."""
    ids = {row["item_id"] for row in rows if row.get("item_id")}
    items: dict[int, Any] = {}
    if ids:
        found = work.connection.execute(_ITEMS, {"company": work.company.id, "items": sorted(ids)})
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
    found = sources(work, [_merged(row, known) for row in rows])
    lines, anew = begun_lines(work, document, rows, found, known)
    price_lines(work, document, lines, rows, anew, party_class)
    return settled(document, lines, rows)


def settled(document: Document, lines: list[DocumentLine], rows: Sequence[Mapping[str, Any]]) -> list[DocumentLine]:
    """Lines that have their figures, and the header's totals from them."""
    for line, row in zip(lines, rows, strict=True):
        if "part" in row and document.priced:
            set_part(document, line, row["part"])
    sum_up(document, lines)
    return lines


def begun_lines(
    work: Work,
    document: Document,
    rows: Sequence[Mapping[str, Any]],
    found: Sources,
    known: Mapping[int, DocumentLine] | None = None,
) -> tuple[list[DocumentLine], list[bool]]:
    """The lines without their figures, and whether each speaks of something new; raises ``Invalid`` like the whole."""
    faults: list[Fault] = []
    lines: list[DocumentLine] = []
    anew: list[bool] = []
    for index, row in enumerate(rows):
        old = (known or {}).get(row.get("id") or 0)
        anew.append(_chosen_anew(row, old))
        line, wrong = _line(work, row, found, old)
        line.position = index + 1
        lines.append(line)
        if line.base_quantity < 0 and line.origin_id is None and not may_go_back(document):
            wrong.append(("quantity", NEGATIVE))
        faults += [Fault(f"lines/{index}/{path}".rstrip("/"), text, "invalid") for path, text in wrong]
    if faults:
        raise Invalid(faults)
    return lines, anew


def may_go_back(document: Document) -> bool:
    """Whether lines of its own may have a negative quantity: not in a chain, but on what takes back or corrects it."""
    cls = type(document)
    return cls.stage is None or cls.corrects or cls.brings_back


def _chosen_anew(row: Mapping[str, Any], old: DocumentLine | None) -> bool:
    """Whether the line speaks of another product than before, or of another unit at a price nobody typed."""
    if old is None:
        return True
    other_unit = row.get("unit") not in (None, "", old.unit)
    return row.get("item_id") not in (None, old.item_id) or (other_unit and old.price_source != "")


def _merged(row: Mapping[str, Any], known: Mapping[int, DocumentLine] | None) -> Mapping[str, Any]:
    old = (known or {}).get(row.get("id") or 0)
    if old is None:
        return row
    return {"item_id": row.get("item_id", old.item_id), "unit": row.get("unit", old.unit)}


_GIVEN = (
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
)
NEGATIVE = _("Nothing goes back here. What makes it cheaper has a negative price.")
# What a line brings along when it is taken over; nobody writes these by hand.
FLOWN = ("origin_id", "exchanged", "linked", "billing_point")


def set_part(document: Document, line: DocumentLine, amount: Decimal) -> None:
    """Let the line come to ``amount`` with tax: the part of what was agreed that goes with its quantity.

    Where that moves it by a cent, net and tax follow the amount, so that what is not taxed never has a tax.
    """
    if document.prices_include_tax or line.gross != amount:
        line.net = half_up(amount / (1 + line.tax_rate), 2)
    line.gross = amount
    line.tax = line.gross - line.net


def _line(
    work: Work, row: Mapping[str, Any], found: Sources, old: DocumentLine | None
) -> tuple[DocumentLine, list[tuple[str, Text]]]:
    """One line from what was given, without its figures, and what is wrong with it."""
    wrong: list[tuple[str, Text]] = []
    if row.get("id") and old is None:
        wrong.append(("id", _("This line does not belong to the document.")))
    line = old or new_line(work)
    fresh = old is None or ("item_id" in row and row["item_id"] != line.item_id)
    measured = None if old is None else (old.quantity, old.factor)
    _say(line, row)
    item = found.items.get(line.item_id) if line.item_id else None
    if line.item_id and (item is None or not (item.active or line.origin_id)):
        wrong.append(("item_id", _("There is no such product, or it is no longer sold.")))
    elif item is not None and fresh:
        _take_item(line, item, row)
    elif fresh:
        line.code, line.price_source = "", ""
        line.list_price = line.cost = line.floor_price = Decimal(0)
    if not line.name:
        wrong.append(("item_id" if not line.item_id else "name", _("A line needs a product or a name.")))
    wrong += _tax(line, item, row, found, fresh=fresh)
    wrong += _measure(line, item, row, found, measured)
    return line, wrong


def _say(line: DocumentLine, row: Mapping[str, Any]) -> None:
    for name in _GIVEN:
        if row.get(name) is not None or (name in row and name in {"item_id", "deadline"}):
            setattr(line, name, row[name])
    for name in FLOWN:
        if name in row:
            setattr(line, name, row[name])


def _measure(
    line: DocumentLine, item: Any, row: Mapping[str, Any], found: Sources, measured: tuple[Decimal, Decimal] | None
) -> list[tuple[str, Text]]:
    """Quantity, unit and what they come to in the product's own unit; ``measured``: quantity and factor before.

    What was taken over is so much to the last place in the product's own unit; in another it may not come out even.
    """
    if line.origin_id is not None:
        # As it was agreed, whatever the unit means since.
        line.factor = row.get("factor", line.factor)
    else:
        factor = Decimal(1) if item is None or line.unit == item.unit else found.units.get((item.id, line.unit))
        if factor is None:
            return [("unit", _("The product is not sold in this unit."))]
        line.factor = factor
    if line.line_kind == "text":
        line.quantity = Decimal(0)
    elif measured is None and row.get("quantity") is None:
        line.quantity = Decimal(1)
    if "base_quantity" in row:
        line.base_quantity = row["base_quantity"]
    elif measured != (line.quantity, line.factor):
        line.base_quantity = half_up(line.quantity * line.factor, 6)
    return []


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
    if line.origin_id is not None and ("tax_rate" in row or given == line.tax_rate_id):
        # As it was agreed, whatever has become of the rate since.
        line.tax_rate_id = given
        line.tax_rate, line.tax_kind = row.get("tax_rate", line.tax_rate), row.get("tax_kind", line.tax_kind)
        return []
    chosen = given or (item.tax_rate_id if item is not None else None)
    tax = found.taxes.get(chosen) if chosen else found.usual_tax
    if chosen and (tax is None or not tax.active):
        return [("tax_rate_id", _("There is no such tax rate."))]
    line.tax_rate_id = tax.id if tax else None
    line.tax_rate, line.tax_kind = (tax.rate, tax.tax_kind) if tax else (Decimal(0), "untaxed")
    return []
