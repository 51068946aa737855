"""The neutral values hooks exchange, so that plug-ins never exchange classes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.text import Text


@dataclass(frozen=True, slots=True)
class Ref:
    """A record to link to: its kind, its id, and what to call it."""

    kind: str
    id: int
    label: str


@dataclass(frozen=True, slots=True)
class PriceQuery:
    """What is asked of whoever knows prices; quantity in the item's own unit."""

    item_id: int
    quantity: Decimal
    party_id: int | None
    party_class: str
    currency: str
    on: date


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """A unit price (8 decimals), whether it includes tax, and where it is from, for people to read."""

    price: Decimal
    includes_tax: bool
    source: str


Cell = str | int | Decimal | date | datetime | Ref | Text | None


@dataclass(frozen=True, slots=True)
class Panel:
    """A small table that one area shows on another's page. Lower ``place`` stands first."""

    key: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: Text
    place: int = 100


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened with a party, for its timeline."""

    at: datetime
    record: Ref
    title: Text
    body: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A figure for the first page, leading to the list it counts; money where it names its ``currency``."""

    key: str
    title: Text
    value: Cell
    kind: str
    filters: tuple[tuple[str, str], ...] = ()
    note: Text | str | None = None
    tone: str = "blue"
    place: int = 100
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One part of what a customer owes or will owe, in the company's currency (2 decimals); negative for advances.

    ``part`` says what kind of part it is: ``ordered`` and not shipped, ``shipped`` and not invoiced, ``advance`` for
    what was paid ahead, or ``owed``.
    """

    key: str
    label: Text
    amount: Decimal
    place: int = 100
    part: str = "owed"


@dataclass(frozen=True, slots=True)
class WarrantyTerm:
    """The warranty that was agreed for a line: how many months, and its last day once it is known."""

    months: int
    until: date | None


@dataclass(frozen=True, slots=True)
class Availability:
    """What is there of a product, in its own unit (6 decimals): on the shelf, promised of that, and on its way in."""

    on_hand: Decimal
    reserved: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
