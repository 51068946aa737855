"""Money and quantities: exact decimals, rounded half up once, where the business rounds.

Every function takes ``Decimal``, ``int`` or numeric text and returns ``Decimal``; binary floats are refused,
because 2.675 is not 2.675 in them. Half up means away from zero, for credits as for charges.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Protocol

from core.decimals import WIDE, BadNumber, Number, exact, half_up, rounded

__all__ = [
    "AMOUNT",
    "EXCHANGE",
    "PRICE",
    "QUANTITY",
    "RATE",
    "BadNumber",
    "Billed",
    "Fixed",
    "LineFigures",
    "Number",
    "Totals",
    "convert",
    "exact",
    "figures",
    "half_up",
    "share",
    "spread",
    "told",
    "totals",
]

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$", "TWD": "NT$"}
AMOUNT = 2
QUANTITY = 6
PRICE = 8
RATE = 4
EXCHANGE = 6

_ZERO = Decimal(0)
_ONE = Decimal(1)
# A truncated quotient never looks like a tie it is not, so rounding it half up afterwards is still exact.
_QUOTIENT = Context(prec=160, rounding=ROUND_DOWN)


def _product(*factors: Decimal) -> Decimal:
    result = _ONE
    for factor in factors:
        result = WIDE.multiply(result, factor)
    return result


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    result = _ZERO
    for amount in amounts:
        result = WIDE.add(result, amount)
    return result


def spread(total: Number, weights: Sequence[Number], places: int = AMOUNT) -> list[Decimal]:
    """``total`` (rounded to ``places``) shared by weight; the shares' sum is exactly the total.

    Each share is half up and the last of the largest weights takes the remainder: 10.00 over three equal
    weights is 3.33, 3.33, 3.34. Weights that are all zero count as equal. With weights of one sign no share
    has the sign opposite to the total: where half up would overdraw the last one, shares are cut instead.
    Raises BadNumber when there is something to share and nobody to take it, or mixed weights cancel out.
    """
    whole = half_up(total, places)
    sizes = [exact(weight) for weight in weights]
    if not sizes:
        if whole:
            raise BadNumber("spread.nobody", "There is an amount to share, but no line to take it.")
        return []
    if not any(sizes):
        sizes = [_ONE] * len(sizes)
    base = _sum(sizes)
    if not base:
        raise BadNumber("spread.no_base", "An amount cannot be shared over lines that cancel each other out.")
    shares = _shares(whole, sizes, base, places, ROUND_HALF_UP)
    one_sign = all(size * base >= 0 for size in sizes)
    if one_sign and any(share * whole < 0 for share in shares):
        shares = _shares(whole, sizes, base, places, ROUND_DOWN)
    return shares


def _shares(whole: Decimal, sizes: list[Decimal], base: Decimal, places: int, rounding: str) -> list[Decimal]:
    unit = Decimal(1).scaleb(-places)
    shares = [
        _QUOTIENT.divide(_product(whole, size), base).quantize(unit, rounding=rounding, context=WIDE) for size in sizes
    ]
    taker = max(range(len(sizes)), key=lambda index: (abs(sizes[index]), index))
    shares[taker] = _ZERO
    shares[taker] = WIDE.subtract(whole, _sum(shares))
    return [rounded(share, places) for share in shares]


class Fixed(StrEnum):
    """The figure of a line the person typed or agreed; the others follow from it."""

    PRICE = "price"
    GROSS_PRICE = "gross_price"
    NET = "net"
    TAX = "tax"
    GROSS = "gross"


@dataclass(frozen=True, slots=True)
class LineFigures:
    """What one line costs: unit prices without and with tax (8 decimals), amounts (2 decimals).

    ``net + tax == gross`` always; ``fixed`` names the figure that holds exactly as it was given.
    """

    price: Decimal
    gross_price: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    fixed: Fixed


def figures(
    quantity: Number, *, rate: Number, fixed: Fixed, value: Number, discount_rate: Number = _ZERO
) -> LineFigures:
    """All figures of a line from the one that is ``fixed``, each rounded half up exactly once.

    ``rate`` is the tax rate (0.13), ``discount_rate`` the share taken off (0.15 is 85折), both from 0 to 1;
    unit prices are before discount. With R for half up to 2 decimals and q for quantity × (1 − discount):
    prices without tax give net = R(q × price), tax = R(net × rate), gross = net + tax;
    prices with tax give gross = R(q × gross price), net = R(gross ÷ (1 + rate)), tax = gross − net;
    a fixed tax gives net = R(tax ÷ rate). Unit prices derived from an amount are zero where nothing divides
    it (no quantity, or all given away). A negative quantity is a return: its amounts mirror the delivery's.
    Raises BadNumber for rates outside 0 to 1, a fixed tax without a rate, and figures beyond the store.
    """
    kind, count, levy = Fixed(fixed), rounded(exact(quantity), QUANTITY), _share(rate)
    billed = _product(count, _ONE - _share(discount_rate))
    grown = _ONE + levy
    given = rounded(exact(value), PRICE if kind in (Fixed.PRICE, Fixed.GROSS_PRICE) else AMOUNT)
    net, tax, gross = _amounts(kind, given, billed, levy)
    if kind is Fixed.PRICE:
        price, gross_price = given, rounded(_product(given, grown), PRICE)
    elif kind is Fixed.GROSS_PRICE:
        price, gross_price = rounded(_QUOTIENT.divide(given, grown), PRICE), given
    else:
        price, gross_price = _unit_price(net, billed), _unit_price(gross, billed)
    return LineFigures(price, gross_price, net, tax, gross, kind)


def _amounts(kind: Fixed, given: Decimal, billed: Decimal, levy: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and gross; prices with tax fix the gross, everything else fixes the net."""
    if kind in (Fixed.GROSS, Fixed.GROSS_PRICE):
        gross = given if kind is Fixed.GROSS else rounded(_product(billed, given), AMOUNT)
        net = rounded(_QUOTIENT.divide(gross, _ONE + levy), AMOUNT)
        return net, rounded(WIDE.subtract(gross, net), AMOUNT), gross
    if kind is Fixed.TAX:
        if not levy:
            raise BadNumber("line.tax_without_rate", "A tax amount can be fixed only above a zero rate.")
        net, tax = rounded(_QUOTIENT.divide(given, levy), AMOUNT), given
    else:
        net = given if kind is Fixed.NET else rounded(_product(billed, given), AMOUNT)
        tax = rounded(_product(net, levy), AMOUNT)
    return net, tax, rounded(WIDE.add(net, tax), AMOUNT)


def _share(rate: Number) -> Decimal:
    share = exact(rate)
    if not 0 <= share <= 1:
        raise BadNumber("line.rate_out_of_range", "A tax or discount rate lies between 0 and 1; 13% is 0.13.")
    return share


def _unit_price(amount: Decimal, billed: Decimal) -> Decimal:
    return rounded(_QUOTIENT.divide(amount, billed) if billed else _ZERO, PRICE)


class Billed(Protocol):
    """Anything with a net, a tax and a gross amount: line figures, or a stored line."""

    @property
    def net(self) -> Decimal: ...

    @property
    def tax(self) -> Decimal: ...

    @property
    def gross(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document costs, in its own currency, with 2 decimals."""

    net: Decimal
    tax: Decimal
    gross: Decimal


def totals(lines: Iterable[Billed]) -> Totals:
    """The sums of the lines' figures, never recomputed from a rate, as an invoice is required to add up."""
    rows = list(lines)
    return Totals(
        net=rounded(_sum(row.net for row in rows), AMOUNT),
        tax=rounded(_sum(row.tax for row in rows), AMOUNT),
        gross=rounded(_sum(row.gross for row in rows), AMOUNT),
    )


def convert(amount: Number, exchange_rate: Number) -> Decimal:
    """``amount`` in the base currency, half up to 2 decimals; the rate is base units per foreign unit.

    Raises BadNumber for a rate that is zero or negative.
    """
    rate = exact(exchange_rate)
    if rate <= 0:
        raise BadNumber("exchange.rate_not_positive", "An exchange rate is above zero.")
    return rounded(_product(exact(amount), rate), AMOUNT)


def share(amount: Decimal, quantity: Decimal, whole: Decimal) -> Decimal:
    """The part of ``amount`` that ``quantity`` of ``whole`` stands for, half up to 2 decimals; all for the whole."""
    if quantity == whole:
        return amount
    return half_up(amount * quantity / whole, AMOUNT) if whole else Decimal(0)


def told(value: Decimal, currency: str = "") -> str:
    """``¥1,234.50`` as people read it on a screen; without a currency the figure alone."""
    sign = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{'-' if value < 0 else ''}{sign}{abs(value):,.2f}"
