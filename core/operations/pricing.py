"""The figures of lines: which figure a person fixed, what whoever knows prices says, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.documents.models import Document, DocumentLine
from core.errors import Fault, Invalid
from core.hooks.values import PriceAnswer, PriceQuery
from core.money import BadNumber, Fixed, Totals, convert, figures, half_up, totals
from core.text import _
from core.work import Work

PRICE_PLACES = 8
LARGEST_AMOUNT = Decimal(10) ** 15
LARGEST_QUANTITY = Decimal(10) ** 12
LIST = "list"
_FIGURES = ("price", "gross_price", "net", "tax", "gross")


def price_lines(
    work: Work,
    document: Document,
    lines: Sequence[DocumentLine],
    rows: Sequence[Mapping[str, Any]],
    anew: Sequence[bool],
    party_class: str,
) -> None:
    """Give every line its figures: from what a person fixed, else from whoever knows prices, else the list price.

    ``anew``: whether the line is new or speaks of another product, so that the price it had says nothing any more.
    """
    answers = answers_of(work, [(document, line, party_class) for line in asked(document, lines, rows, anew)])
    set_figures(document, lines, rows, anew, answers)


def asked(
    document: Document, lines: Sequence[DocumentLine], rows: Sequence[Mapping[str, Any]], anew: Sequence[bool]
) -> list[DocumentLine]:
    """The lines whose price somebody else knows: nobody fixed a figure of them."""
    return [
        line
        for line, row, new in zip(lines, rows, anew, strict=True)
        if document.priced
        and line.item_id
        and line.line_kind != "text"
        and not any(row.get(f) is not None for f in _FIGURES)
        and (new or (line.price_source != "" and (row.get("item_id") or row.get("quantity"))))
    ]


def answers_of(work: Work, wanted: Sequence[tuple[Document, DocumentLine, str]]) -> dict[int, PriceAnswer | None]:
    """The prices of lines of many documents, each with the customer's class, by the line's identity: asked once."""
    return dict(zip((id(line) for _document, line, _class in wanted), _answers(work, wanted), strict=True))


def set_figures(
    document: Document,
    lines: Sequence[DocumentLine],
    rows: Sequence[Mapping[str, Any]],
    anew: Sequence[bool],
    answers: Mapping[int, PriceAnswer | None],
) -> None:
    """Give lines their figures; ``answers`` by the line's identity. Raises ``Invalid`` naming each line."""
    faults: list[Fault] = []
    for line, row, new in zip(lines, rows, anew, strict=True):
        unheard = id(line) in answers and line.price_source not in ("", LIST)
        fixed, value = _fixed(document, line, row, answers.get(id(line)), listed=new or unheard)
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


def _answers(work: Work, wanted: Sequence[tuple[Document, DocumentLine, str]]) -> list[PriceAnswer | None]:
    if not wanted:
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
            for document, line, party_class in wanted
        ]
    )


def _fixed(
    document: Document, line: DocumentLine, row: Mapping[str, Any], answer: PriceAnswer | None, *, listed: bool
) -> tuple[Fixed, Decimal]:
    """Which figure counts, and its value; ``listed`` where the product's own price counts when nobody knows another.

    That price is in the company's currency.
    """
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
    if listed and line.item_id and document.priced:
        line.price_source = LIST
        fixed = Fixed.GROSS_PRICE if document.prices_include_tax else Fixed.PRICE
        return fixed, half_up(line.list_price * line.factor / document.exchange_rate, PRICE_PLACES)
    fixed = Fixed(line.fixed)
    return fixed, getattr(line, fixed.value)


def _first(given: Sequence[str], document: Document) -> str:
    """Of several figures without a word which counts, the price of the document's own kind."""
    order = ("gross_price", "price") if document.prices_include_tax else ("price", "gross_price")
    return next((name for name in (*order, "gross", "net", "tax") if name in given), given[0])


def sum_up(document: Document, lines: Sequence[DocumentLine]) -> None:
    """Set the header's totals: sums of the lines, never computed again from them; without lines, the amount it says.

    Raises ``Invalid`` when a line, the sum, the cost or the sum in the company's currency is more than can be kept.
    """
    faults = [
        Fault(f"lines/{index}/quantity", _("This amount is too large."), "too_large")
        for index, line in enumerate(lines)
        if abs(line.gross) >= LARGEST_AMOUNT or abs(line.base_quantity) >= LARGEST_QUANTITY
    ]
    if not faults:
        total, rate = _said(document) or totals(lines), document.exchange_rate
        cost = half_up(sum((line.cost * line.base_quantity for line in lines), Decimal(0)), 2)
        if max(abs(total.gross), abs(total.net), abs(cost), abs(total.gross * rate)) < LARGEST_AMOUNT:
            document.net, document.tax, document.gross = total.net, total.tax, total.gross
            document.base_gross, document.cost_total = convert(total.gross, rate), cost
            return
        faults = [Fault("lines", _("This amount is too large."), "too_large")]
    raise Invalid(faults)


def _said(document: Document) -> Totals | None:
    """The total of a document that has no lines but an ``amount``, such as a receipt."""
    amount = None if type(document).has_lines else getattr(document, "amount", None)
    return None if amount is None else Totals(amount, Decimal(0), amount)
