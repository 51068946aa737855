"""What stands against an inquiry or a quotation: nothing said, too late, too cheap, too dear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, select

from core.documents import Document, DocumentLine
from core.entities.party import Party
from core.errors import Objection, Strength
from core.hooks.values import PriceAnswer, PriceQuery
from core.money import half_up
from core.roles import GENERAL_MANAGER, SALES_MANAGER, Role
from core.text import Text, _, shown
from core.work import Work
from plugins.quotation.masters.prices import answer
from plugins.quotation.settings import (
    DEVIATION,
    FLOOR,
    GO_NO_GO,
    LOWER_PERCENT,
    MAJOR_AMOUNT,
    RAISE_PERCENT,
)

if TYPE_CHECKING:
    from plugins.quotation.documents.inquiry import Inquiry
    from plugins.quotation.documents.quotation import Quotation

PER_CENT = 2
MOST_NAMED = 5


def is_decided(work: Work, inquiry: Inquiry) -> Iterator[Objection]:
    """Where the company decides first whether to take part, nothing is quoted before (QTN-01)."""
    if work.setting(GO_NO_GO) and inquiry.state == "received":
        yield Objection("inquiry.undecided", _("The manager has not decided yet whether to take part."))


def is_major(work: Work, inquiry: Inquiry) -> Iterator[Objection]:
    """A major inquiry is decided by the leader as well (QTN-01)."""
    major = work.setting(MAJOR_AMOUNT)
    if inquiry.expected_amount >= major and not _is_leader(work):
        text = _("Major inquiry: {amount} expected, the limit is {limit}.", amount=inquiry.expected_amount, limit=major)
        yield Objection("inquiry.major", text, Strength.APPROVE, inquiry.expected_amount - major, GENERAL_MANAGER)


def _is_leader(work: Work) -> bool:
    return any(work.company.roles[role].key == GENERAL_MANAGER.key for role in work.roles())


def has_lines(work: Work, inquiry: Inquiry) -> Iterator[Objection]:
    """A quotation is made from what is asked for."""
    if not any(line.line_kind != "text" and line.quantity for line in inquiry.lines):
        yield Objection("inquiry.empty", _("The inquiry names no product yet."))


def says_something(work: Work, quotation: Quotation) -> Iterator[Objection]:
    """An empty quotation is not offered."""
    if quotation.gross <= 0:
        yield Objection("quotation.empty", _("The quotation has no amount yet."))


def still_valid(work: Work, quotation: Quotation) -> Iterator[Objection]:
    """What has expired is revised, not offered nor accepted."""
    if quotation.valid_until and quotation.valid_until < work.today:
        yield Objection("quotation.expired", _("The quotation was valid until {day}.", day=quotation.valid_until))


def fair_prices(work: Work, quotation: Quotation) -> Iterator[Objection]:
    """Prices far below the list, far above it and below the floor need a second look or a consent (QTN-02).

    The list is the one valid for the customer, quantity and day; without one, the product's own list price. Compared
    is the price after discount, per unit of the product, with the product's own prices in the company's currency.
    What is given away is below the floor as well, whatever kind of line it is called.
    """
    deviation, floor = work.setting(DEVIATION), work.setting(FLOOR)
    if deviation == "off" and floor == "off":
        return
    rows = _lines(work, quotation)
    if deviation != "off":
        answers = answer(work, [_query(quotation, row) for row in rows])
        yield from _deviations(work, quotation, rows, answers)
    rate = quotation.exchange_rate
    cheap = [row for row in rows if _unit_price(row, quotation.prices_include_tax) * rate < row.floor_price]
    if cheap and floor != "off":
        text = _("Below the floor price: {lines}", lines=_named(row.name for row in cheap))
        yield _objection("quotation.floor", text, floor, GENERAL_MANAGER)


def _lines(work: Work, quotation: Document) -> Sequence[Any]:
    """The lines with a product, and the class of the customer, in one statement."""
    return work.session.execute(_PRICED, {"document": quotation.id, "party": quotation.party_id}).all()


_PRICED = (
    select(
        DocumentLine.item_id,
        DocumentLine.name,
        DocumentLine.base_quantity,
        DocumentLine.factor,
        DocumentLine.price,
        DocumentLine.gross_price,
        DocumentLine.discount_rate,
        DocumentLine.list_price,
        DocumentLine.floor_price,
        Party.party_class,
    )
    .join(Party, and_(Party.id == bindparam("party"), Party.company_id == DocumentLine.company_id))
    .where(
        DocumentLine.document_id == bindparam("document"),
        DocumentLine.item_id.is_not(None),
        DocumentLine.base_quantity > 0,
    )
    .order_by(DocumentLine.position)
)


def _query(quotation: Document, row: Any) -> PriceQuery:
    return PriceQuery(
        row.item_id, row.base_quantity, quotation.party_id, row.party_class, quotation.currency, quotation.date
    )


def _unit_price(row: Any, includes_tax: bool) -> Decimal:
    """What one unit of the product costs after discount."""
    price = row.gross_price if includes_tax else row.price
    return Decimal(price * (1 - row.discount_rate) / row.factor)


def _deviations(
    work: Work, quotation: Document, rows: Sequence[Any], answers: Sequence[PriceAnswer | None]
) -> Iterator[Objection]:
    lower, upper = work.setting(LOWER_PERCENT), work.setting(RAISE_PERCENT)
    found: dict[str, list[str]] = {"lower": [], "raise": []}
    for row, listed in zip(rows, answers, strict=True):
        expected = listed.price if listed else row.list_price / quotation.exchange_rate
        includes_tax = listed.includes_tax if listed else quotation.prices_include_tax
        if expected <= 0:
            continue
        percent = half_up((_unit_price(row, includes_tax) / expected - 1) * 100, PER_CENT)
        if percent < -lower or percent > upper:
            found["lower" if percent < 0 else "raise"].append(f"{row.name} {shown(percent)}%")
    if found["lower"]:
        text = _("Below the price list: {lines}", lines=_named(found["lower"]))
        yield _objection("quotation.lowered", text, work.setting(DEVIATION), SALES_MANAGER)
    if found["raise"]:
        text = _("Above the price list: {lines}", lines=_named(found["raise"]))
        yield _objection("quotation.raised", text, work.setting(DEVIATION), SALES_MANAGER)


def _objection(code: str, text: Text, strength: str, by: Role) -> Objection:
    return Objection(code, text, Strength(strength), by=by)


def _named(names: Iterable[str]) -> list[str]:
    """The first few; a paper of two hundred lines is not named line by line."""
    named = list(names)
    return [*named[:MOST_NAMED], *(["…"] if len(named) > MOST_NAMED else [])]
