"""Which list a price comes from: the most specific valid one, by the highest quantity reached, the latest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from core.hooks.values import PriceAnswer, PriceQuery
from core.text import shown
from core.work import Work
from plugins.quotation.masters.lists import ListPrice, PriceList

LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One price of one list, with everything that decides whether it counts."""

    item_id: int
    minimum: Decimal
    price: Decimal
    list_id: int
    title: str
    party_id: int | None
    party_class: str
    currency: str
    includes_tax: bool
    valid_from: date | None
    valid_until: date | None

    def answers(self, query: PriceQuery) -> bool:
        """Whether the price counts for this customer, quantity, currency and day."""
        return (
            self.currency == query.currency
            and self.minimum <= query.quantity
            and self.party_id in (None, query.party_id)
            and self.party_class in ("", query.party_class)
            and (self.valid_from is None or self.valid_from <= query.on)
            and (self.valid_until is None or query.on <= self.valid_until)
        )

    @property
    def rank(self) -> tuple[int, Decimal, date, int]:
        """Customer before class before everybody; then the quantity; then the list that became valid last."""
        special = 2 if self.party_id is not None else 1 if self.party_class else 0
        return special, self.minimum, self.valid_from or date.min, self.list_id

    @property
    def source(self) -> str:
        """Where the price is from, for people to read beside the line (QTN-02)."""
        return (f"{self.title} ≥ {shown(self.minimum)}" if self.minimum else self.title)[:LONGEST_SOURCE]


def answer(work: Work, queries: Sequence[PriceQuery]) -> list[PriceAnswer | None]:
    """The price of each query from the approved lists, in one statement for all; None where no list has one."""
    offers: dict[int, list[Offer]] = defaultdict(list)
    for offer in _offers(work, queries):
        offers[offer.item_id].append(offer)
    return [best(offers[query.item_id], query) for query in queries]


def best(offers: Iterable[Offer], query: PriceQuery) -> PriceAnswer | None:
    """The answer of the offer that counts: the one of the highest rank among those that answer."""
    found = max((o for o in offers if o.answers(query)), key=lambda o: o.rank, default=None)
    return PriceAnswer(found.price, found.includes_tax, found.source) if found else None


def _offers(work: Work, queries: Sequence[PriceQuery]) -> list[Offer]:
    if not queries:
        return []
    days = [query.on for query in queries]
    asked = {
        "items": list({query.item_id for query in queries}),
        "parties": list({query.party_id for query in queries if query.party_id}),
        "classes": list({"", *(query.party_class for query in queries)}),
        "first": min(days),
        "last": max(days),
    }
    rows: Any = work.session.execute(_OFFERS, asked)
    return [
        Offer(
            row.item_id,
            row.minimum,
            row.price,
            row.id,
            f"{row.code} {row.name}",
            row.party_id,
            row.party_class,
            row.currency,
            row.includes_tax,
            row.valid_from,
            row.valid_until,
        )
        for row in rows
    ]


_OFFERS = (
    select(
        ListPrice.item_id,
        ListPrice.minimum,
        ListPrice.price,
        PriceList.id,
        PriceList.code,
        PriceList.name,
        PriceList.party_id,
        PriceList.party_class,
        PriceList.currency,
        PriceList.includes_tax,
        PriceList.valid_from,
        PriceList.valid_until,
    )
    .join(PriceList, and_(PriceList.id == ListPrice.list_id, PriceList.company_id == ListPrice.company_id))
    .where(
        ListPrice.item_id.in_(bindparam("items", expanding=True)),
        PriceList.active,
        PriceList.approved,
        or_(PriceList.party_id.is_(None), PriceList.party_id.in_(bindparam("parties", expanding=True))),
        PriceList.party_class.in_(bindparam("classes", expanding=True)),
        or_(PriceList.valid_from.is_(None), PriceList.valid_from <= bindparam("last")),
        or_(PriceList.valid_until.is_(None), PriceList.valid_until >= bindparam("first")),
    )
)
