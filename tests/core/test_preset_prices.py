"""The price lists of a preset: last year, this year and next year, by class of customer and quantity."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.extension.preset_prices import PlannedPriceList, price_lists

LAMP = {"code": "L1", "kind": "goods", "list_price": "100.05", "floor_price": "70.00"}
SERVICE = {"code": "S1", "kind": "service", "list_price": "900.00", "floor_price": "700.00"}
PLAN: dict[str, Any] = {
    "lists": [
        {
            "code": "P{year}{letter}",
            "name": "{year}年价目表{letter}",
            "name_en": "Prices {year} {letter}",
            "year": -1,
            "level": "1.10",
        },
        {
            "code": "P{year}{letter}",
            "name": "{year}年价目表{letter}",
            "name_en": "Prices {year} {letter}",
            "year": 0,
            "level": "1.00",
        },
    ],
    "tiers": [
        {"customer_class": "A", "quantities": ["1", "500"], "factors": ["0.90", "0.60"]},
        {"customer_class": "C", "quantities": ["1"], "factors": ["0.95"]},
    ],
    "exceptions": {"kinds": ["service"]},
}


@pytest.fixture
def lists() -> list[PlannedPriceList]:
    return price_lists([LAMP, SERVICE], PLAN, year=2026)


def price(lists: list[PlannedPriceList], code: str, item: str, quantity: int) -> Decimal:
    (found,) = [
        row.price
        for one in lists
        for row in one.prices
        if (one.code, row.item, int(row.quantity)) == (code, item, quantity)
    ]
    return found


def test_there_is_a_list_for_every_year_and_class_valid_through_its_year(lists: list[PlannedPriceList]) -> None:
    assert [(one.code, one.name, one.name_en, one.customer_class) for one in lists] == [
        ("P2025A", "2025年价目表A", "Prices 2025 A", "A"),
        ("P2025C", "2025年价目表C", "Prices 2025 C", "C"),
        ("P2026A", "2026年价目表A", "Prices 2026 A", "A"),
        ("P2026C", "2026年价目表C", "Prices 2026 C", "C"),
    ]
    assert (lists[0].valid_from, lists[0].valid_until) == (date(2025, 1, 1), date(2025, 12, 31))


def test_a_price_is_the_list_price_by_level_and_tier_rounded_half_up(lists: list[PlannedPriceList]) -> None:
    assert price(lists, "P2026A", "L1", 1) == Decimal("90.05")  # 90.045
    assert price(lists, "P2026C", "L1", 1) == Decimal("95.05")  # 95.0475
    assert price(lists, "P2025A", "L1", 1) == Decimal("99.05")  # 99.0495


def test_no_price_lies_below_the_floor(lists: list[PlannedPriceList]) -> None:
    assert price(lists, "P2026A", "L1", 500) == Decimal("70.00")


def test_services_are_sold_at_their_list_price_and_stand_in_no_list(lists: list[PlannedPriceList]) -> None:
    assert {row.item for one in lists for row in one.prices} == {"L1"}
