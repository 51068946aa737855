"""The lines of a document in its form: columns of the grid, rows, and their figures while somebody is still typing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy.orm.attributes import set_committed_value

from core.canonical import plain
from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.errors import DomainError, Invalid
from core.operations.content import fill_lines, may_name, set_party
from core.operations.create import draft
from core.operations.pricing import sum_up
from core.schemas.inputs import line_schema, read
from core.text import _, language
from core.web import part_tables
from core.web.forms import column, percent
from core.web.showing import money, number
from core.words import amount_in_words
from core.work import Work

FIGURES = ("price", "gross_price", "discount_rate", "tax_rate_id", "net", "tax", "gross")
COLUMNS = (
    "item_id",
    "specification",
    "quantity",
    "unit",
    "gross_price",
    "discount_rate",
    "gross",
    "lead_time",
    "remark",
    "price",
    "tax_rate_id",
    "tax",
    "deadline",
)
MONEY = frozenset({"gross_price", "discount_rate", "gross", "price", "tax_rate_id", "tax"})
READ_ONLY = frozenset({"tax"})
FIXING = frozenset({"price", "gross_price", "gross"})


def told(work: Work, cls: type[Document], names: Iterable[str]) -> list[str]:
    """Those of these columns of a line that the type tells; prices are not everybody's."""
    prices = cls.tells_prices(work)
    return [name for name in names if prices or name not in MONEY]


def columns(work: Work, cls: type[Document]) -> list[dict[str, Any]]:
    """The columns of the grid; the price that the company usually types comes first."""
    known = faces(DocumentLine)
    found = []
    for name in told(work, cls, COLUMNS):
        one = column(work, name, known[name])
        if name == "item_id":
            one |= {
                "label": str(_("Product")),
                "text_of": "name",
                "required": True,
                "free": True,
                "lookup_url": url_for("lookup.index", kind="core.item"),
            }
        if name == "unit":
            one["kind"] = "unit"
        if name in READ_ONLY:
            one["editable"] = False
        if name in FIXING:
            one["fixes"] = name
        if name == "quantity":
            one["required"] = True
        found.append(one)
    return found


def row(line: DocumentLine) -> dict[str, Any]:
    """One line as the grid holds it: figures without grouping, shares in per cent."""
    return {
        "id": line.id,
        "item_id": line.item_id,
        "name": line.name,
        "specification": line.specification,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "gross_price": _price(line.gross_price),
        "price": _price(line.price),
        "discount_rate": percent(line.discount_rate) if line.discount_rate else "",
        "tax_rate_id": line.tax_rate_id,
        "tax": money(line.tax),
        "gross": f"{line.gross:.2f}",
        "deadline": plain(line.deadline),
        "lead_time": line.lead_time,
        "remark": line.remark,
    }


def _price(value: Decimal) -> str:
    return number(value, 2).replace(",", "")


def amount(work: Work, cls: type[Document], gross: Decimal | None, currency: str) -> str:
    """The total of a document as a person reads it; empty where the document has none or its type tells no prices."""
    return money(gross, currency) if gross is not None and (cls.has_lines or gross) and cls.tells_prices(work) else ""


def totals(work: Work, document: Document) -> dict[str, Any]:
    """The sums below the grid, and the total in words; nothing where no prices are told."""
    if not type(document).tells_prices(work):
        return {"totals": [], "words": ""}
    language_of_words = "zh" if language().startswith("zh") else "en"
    return {
        "totals": [
            {"label": str(label), "value": money(value, document.currency if strong else ""), "strong": strong}
            for label, value, strong in (
                (_("Amount without tax"), document.net, False),
                (_("Tax"), document.tax, False),
                (_("Total"), document.gross, True),
            )
        ],
        "words": words(document.gross, language_of_words, document.currency),
    }


def words(amount: Decimal, spoken: str, currency: str) -> str:
    """The amount in words; empty for what has no words."""
    try:
        return amount_in_words(amount, language=spoken, currency=currency)
    except ValueError:
        return ""


def preview(work: Work, cls: type[Document], given: Any, found: Document | None) -> dict[str, Any]:
    """The figures of a document as it would be saved; nothing is. Lines that are not finished are left empty."""
    whole = given if isinstance(given, Mapping) else {}
    document = _headed(work, cls, whole, found)
    answer: list[dict[str, Any]] = []
    if cls.has_lines:
        asked = whole.get("lines")
        answer = _reckoned(work, document, asked if isinstance(asked, list) else ())
    else:
        sum_up(document, ())
    return {"lines": answer, "parts": part_tables.reckoned(work, document, whole), **totals(work, document)}


def _headed(work: Work, cls: type[Document], whole: Mapping[str, Any], found: Document | None) -> Document:
    """A new document, or the one ``found``, with the header that a person is writing."""
    rows = {"lines", *(part.key for part in cls.parts)}
    head = _head(cls, {name: value for name, value in whole.items() if name not in rows})
    if found is None:
        return begun(work, cls, head)
    if head.get("party_id") not in {None, found.party_id} and not may_name(work, head["party_id"]):
        del head["party_id"]
    for name, value in head.items():
        if value is not None:
            setattr(found, name, value)
    return found


def _reckoned(work: Work, document: Document, asked: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines as they would be saved, in the places they were given at."""
    known = {line.id: line for line in document.lines if line.id}
    finished: list[tuple[int, Mapping[str, Any]]] = []
    for place, one in enumerate(asked[:2000]):
        typed = _typed(one)
        if typed is not None and (typed.get("item_id") or typed.get("name") or typed.get("id") in known):
            finished.append((place, typed))
    lines = _filled(work, document, [typed for _place, typed in finished], known)
    answer: list[dict[str, Any]] = [{} for _one in asked]
    for (place, _given), line in zip(finished, lines, strict=True):
        answer[place] = {name: value for name, value in row(line).items() if name != "id"}
    return answer


def begun(work: Work, cls: type[Document], values: dict[str, Any]) -> Document:
    """A new document in memory, even while its customer is not chosen yet, or is none that the actor may name."""
    nobody = values.get("party_id") is None or not may_name(work, values["party_id"])
    document = draft(work, cls, {**values, "party_id": -1} if nobody else values)
    if nobody:
        document.party_id = None
    return document


def _head(cls: type[Document], values: dict[str, Any]) -> dict[str, Any]:
    """What can already be understood of the header."""
    try:
        return read(cls, values, partial=True)
    except Invalid as error:
        wrong = {fault.path.partition("/")[0] for fault in error.faults}
        rest = {name: value for name, value in values.items() if name not in wrong}
        return read(cls, rest, partial=True) if len(rest) < len(values) else {}


def _typed(one: Any) -> dict[str, Any] | None:
    """A line that can be understood, or what of it can."""
    schema = line_schema()(partial=True)
    if not isinstance(one, Mapping):
        return None
    wrong = {str(path) for path in schema.validate(one)}
    kept = {name: value for name, value in one.items() if name not in wrong}
    return None if "_schema" in wrong else schema.load(kept)


def _filled(
    work: Work, document: Document, rows: Sequence[Mapping[str, Any]], known: Mapping[int, DocumentLine]
) -> list[DocumentLine]:
    try:
        party_class = set_party(work, document)
    except DomainError:
        party_class = ""
    lines = fill_lines(work, document, rows, party_class=party_class, known=known)
    set_committed_value(document, "lines", lines)
    return lines
