"""Price lists of a preset: list price × level of the year × factor of the tier, never below the floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PlannedPrice:
    """What one unit of an item costs from a quantity on; yuan, two decimals."""

    item: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class PlannedPriceList:
    """A price list for one class of customers, valid for a whole year."""

    code: str
    name: str
    name_en: str
    customer_class: str
    valid_from: date
    valid_until: date
    prices: tuple[PlannedPrice, ...]


def price_lists(items: Iterable[Mapping[str, Any]], plan: Mapping[str, Any], *, year: int) -> list[PlannedPriceList]:
    """The lists of `plan` around `year`, oldest first, one for each class; prices are rounded half up to the fen.

    Kinds of items among the plan's exceptions are in no list: they are sold at their list price.
    """
    exempt = set(plan.get("exceptions", {}).get("kinds", ()))
    sold = [item for item in items if item["kind"] not in exempt]
    return [_list(sold, tier, one, year + int(one["year"])) for one in plan.get("lists", ()) for tier in plan["tiers"]]


def _list(
    items: list[Mapping[str, Any]], tier: Mapping[str, Any], one: Mapping[str, Any], year: int
) -> PlannedPriceList:
    level, words = Decimal(one["level"]), {"year": year, "letter": tier["customer_class"]}
    steps = list(zip(tier["quantities"], tier["factors"], strict=True))
    return PlannedPriceList(
        code=one["code"].format(**words),
        name=one["name"].format(**words),
        name_en=one["name_en"].format(**words),
        customer_class=tier["customer_class"],
        valid_from=date(year, 1, 1),
        valid_until=date(year, 12, 31),
        prices=tuple(
            PlannedPrice(item["code"], Decimal(quantity), _price(item, level * Decimal(factor)))
            for item in items
            for quantity, factor in steps
        ),
    )


def _price(item: Mapping[str, Any], factor: Decimal) -> Decimal:
    price = (Decimal(item["list_price"]) * factor).quantize(FEN, ROUND_HALF_UP)
    return max(price, Decimal(item["floor_price"]))
