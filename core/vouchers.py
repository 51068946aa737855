"""Numbers of invoices and of acceptance bills as the tax office and the banks give them; ours never makes one.

Every reader returns the form to store, or raises InvalidIdentifier. Its ``message`` is a text of the catalogue, so
``Text(error.message)`` reads in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.pasted import InvalidIdentifier, compact, matching, plain
from core.text import Text, _

# Gathered here so that the catalogue has them.
_DIGITAL = _("A digital invoice's number has 20 digits.")
_PAPER = _("A paper invoice has a number of 8 digits, and a code of 10 or 12.")
_BILL = _("A bill's number has 30 digits.")
_BILL_KIND = _("A bill's number begins with 1, 2, 5, 6, 7 or 8.")
_BILL_DAY = _("Digits 14 to 21 of a bill's number are the day of its registration; this is none.")
_RANGE = _("A sub-range reads from-to, each of at most 12 digits and not falling, or 0 where it is not divisible.")
_RANGE_MOST = _("A pack of bills is worth at most 1,000,000,000.00.")
_RANGE_PART = _("A part is at least one cent, in whole cents, and less than the whole sub-range.")
LARGEST_PACK = 10**11  # cents: 1,000,000,000.00
_CENT = Decimal("0.01")


def invoice_number(text: str, code: str = "") -> str:
    """The number of an invoice: 20 digits of a digital one, or 8 of a paper one when its ``code`` is given.

    Raises InvalidIdentifier ``invoice_number.digital`` or ``invoice_number.paper``.
    """
    if compact(code):
        invoice_code(code)
        return matching(r"\d{8}", compact(text), "invoice_number.paper", _PAPER.message)
    return matching(r"\d{20}", compact(text), "invoice_number.digital", _DIGITAL.message)


def invoice_code(text: str) -> str:
    """The code of a paper invoice, 10 or 12 digits; raises InvalidIdentifier ``invoice_number.paper``."""
    return matching(r"\d{10}(\d{2})?", compact(text), "invoice_number.paper", _PAPER.message)


class BillKind(StrEnum):
    """Who accepted a bill: a bank, a company, or the same within a supply chain."""

    BANK = "bank"
    COMMERCIAL = "commercial"
    CHAIN_BANK = "chain_bank"
    CHAIN_COMMERCIAL = "chain_commercial"


BILL_KINDS = {
    "1": BillKind.BANK,
    "2": BillKind.COMMERCIAL,
    "5": BillKind.BANK,
    "6": BillKind.COMMERCIAL,
    "7": BillKind.CHAIN_COMMERCIAL,
    "8": BillKind.CHAIN_BANK,
}
BILL_LABELS: dict[BillKind, Text] = {
    BillKind.BANK: _("Bank acceptance bill"),
    BillKind.COMMERCIAL: _("Commercial acceptance bill"),
    BillKind.CHAIN_BANK: _("Supply-chain bill, bank"),
    BillKind.CHAIN_COMMERCIAL: _("Supply-chain bill, commercial"),
}


def bill_number(text: str) -> str:
    """The number of a bill or of a pack of bills: 30 digits, the kind first, the day of registration within.

    Raises InvalidIdentifier ``bill_number.length``, ``bill_number.kind`` or ``bill_number.day``. The last digit is a
    check whose rule is not public; it is not checked.
    """
    number = matching(r"\d{30}", compact(text), "bill_number.length", _BILL.message)
    if number[0] not in BILL_KINDS:
        raise InvalidIdentifier("bill_number.kind", _BILL_KIND.message)
    try:
        date(int(number[13:17]), int(number[17:19]), int(number[19:21]))
    except ValueError:
        raise InvalidIdentifier("bill_number.day", _BILL_DAY.message) from None
    return number


def bill_kind(number: str) -> BillKind:
    """The kind of bill that a valid number names by its first digit."""
    return BILL_KINDS[bill_number(number)[0]]


def divisible(number: str) -> bool:
    """Whether a valid number is of the new system, whose packs are divided into sub-ranges."""
    return bill_number(number)[0] not in "12"


@dataclass(frozen=True, slots=True)
class SubRange:
    """A part of a pack of bills, by its first and last unit of one cent, both included."""

    first: int
    last: int

    @property
    def amount(self) -> Decimal:
        """What it is worth: one cent for each unit, 2 decimals."""
        return (self.last - self.first + 1) * _CENT

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def split(self, amount: Decimal) -> tuple[SubRange, SubRange]:
        """The first units that are worth ``amount``, and the rest: contiguous, together the whole.

        Raises InvalidIdentifier ``bill_range.part`` unless both are worth something.
        """
        units = amount / _CENT
        if units != int(units) or not 0 < units < self.last - self.first + 1:
            raise InvalidIdentifier("bill_range.part", _RANGE_PART.message)
        middle = self.first + int(units)
        return SubRange(self.first, middle - 1), SubRange(middle, self.last)


def bill_range(text: str) -> SubRange | None:
    """The sub-range ``from-to`` of a pack; None for ``0``, a bill that is not divisible and whose amount is written.

    Raises InvalidIdentifier ``bill_range.format`` or ``bill_range.most``.
    """
    written = plain(text).replace(" ", "").replace("~", "-")
    if written == "0":
        return None
    matching(r"\d{1,12}-\d{1,12}", written, "bill_range.format", _RANGE.message)
    first, last = (int(part) for part in written.split("-"))
    if not 0 < first <= last:
        raise InvalidIdentifier("bill_range.format", _RANGE.message)
    if last - first + 1 > LARGEST_PACK:
        raise InvalidIdentifier("bill_range.most", _RANGE_MOST.message)
    return SubRange(first, last)
