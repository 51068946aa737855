"""Exact numbers: what people and programs write, read without loss and rounded half up."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal

Number = Decimal | int | str

# Wide enough for the product of any two numbers ``exact`` lets in, so that rounding happens once, at the end.
WIDE = Context(prec=160, rounding=ROUND_HALF_UP)

_LARGEST_STORED = 2**63 - 1
_INTEGER_DIGITS = 19
_DECIMAL_PLACES = 60
_LONGEST_TEXT = 100
_WRITTEN = re.compile(
    r"[+-]?(?=\.?[0-9])(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?:\.[0-9]*)?(?:E[+-]?[0-9]{1,4})?", re.IGNORECASE
)


class BadNumber(ValueError):
    """A figure nobody can calculate with: ``code`` for programs, ``message`` in English for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _out_of_range() -> BadNumber:
    return BadNumber("number.out_of_range", "This number is too large or has too many decimals.")


def exact(value: Number) -> Decimal:
    """The exact decimal that was meant; nothing is rounded, and minus zero is zero.

    Text may be full width, spaced at its ends, grouped in thousands ("1,234.50") and scientific ("1E-8").
    Raises BadNumber for floats, truth values, misplaced commas, NaN, infinity and senseless magnitudes.
    """
    number = _read(value)
    if not number.is_finite():
        raise BadNumber("number.not_finite", "Enter a finite number.")
    if not number:
        return Decimal(0)
    exponent = number.as_tuple().exponent
    if number.adjusted() >= _INTEGER_DIGITS or not isinstance(exponent, int) or exponent < -_DECIMAL_PLACES:
        raise _out_of_range()
    return number


def _read(value: Number) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        # Python refuses to print very long integers, so their size is judged before they become decimals.
        if value.bit_length() > 64:
            raise _out_of_range()
        return Decimal(value)
    if not isinstance(value, str):
        raise BadNumber("number.not_exact", "Give a decimal, a whole number or text, not a float.")
    if len(value) > _LONGEST_TEXT:
        raise _out_of_range()
    written = unicodedata.normalize("NFKC", value).replace("\N{MINUS SIGN}", "-").strip()
    if not _WRITTEN.fullmatch(written):
        raise BadNumber("number.not_a_number", "Enter a number, such as 1234.50 or 1,234.50.")
    return Decimal(written.replace(",", ""))


def half_up(value: Number, places: int) -> Decimal:
    """``value`` rounded half up, away from zero, to exactly ``places`` decimals.

    Raises BadNumber when the result does not fit the store, a signed 64-bit count of its smallest unit.
    """
    return rounded(exact(value), places)


def rounded(value: Decimal, places: int) -> Decimal:
    """As ``half_up``, for a value already known to be an exact decimal."""
    result = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=WIDE)
    if abs(result.scaleb(places, WIDE)) > _LARGEST_STORED:
        raise _out_of_range()
    return result if result else abs(result)
