"""The price lists of a preset: list price × the level of the year × the factor of the tier, not below the floor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PlannedPrice:
    """What one unit of an item costs from a quantity on, for one class of customers; yuan, two decimals."""

    item: str
    customer_class: str
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class PlannedPriceList:
    """A price list that is valid for a whole year."""

    code: str
    name: str
    name_en: str
    valid_from: date
    valid_until: date
    prices: tuple[PlannedPrice, ...]


def price_lists(
    items: Iterable[Mapping[str, Any]], plan: Mapping[str, Any], *, year: int
) -> list[PlannedPriceList]:
    """The lists of `plan` around `year`, oldest first; prices are rounded half up to the fen.

    Kinds of items among the plan's exceptions are in no list: they are sold at their list price.
    """
    exempt = set(plan.get("exceptions", {}).get("kinds", ()))
    sold = [item for item in items if item["kind"] not in exempt]
    return [_list(sold, plan["tiers"], one, year + int(one["year"])) for one in plan.get("lists", ())]


def _list(
    items: list[Mapping[str, Any]], tiers: list[Mapping[str, Any]], one: Mapping[str, Any], year: int
) -> PlannedPriceList:
    level = Decimal(one["level"])
    return PlannedPriceList(
        code=one["code"].format(year=year),
        name=one["name"].format(year=year),
        name_en=one["name_en"].format(year=year),
        valid_from=date(year, 1, 1),
        valid_until=date(year, 12, 31),
        prices=tuple(
            PlannedPrice(
                item["code"], tier["customer_class"], Decimal(quantity), _price(item, level * Decimal(factor))
            )
            for item in items
            for tier in tiers
            for quantity, factor in zip(tier["quantities"], tier["factors"], strict=True)
        ),
    )


def _price(item: Mapping[str, Any], factor: Decimal) -> Decimal:
    price = (Decimal(item["list_price"]) * factor).quantize(FEN, ROUND_HALF_UP)
    return max(price, Decimal(item["floor_price"]))
