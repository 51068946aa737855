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
            "code": "P{year}",
            "name": "{year}年价目表",
            "name_en": "Prices {year}",
            "year": -1,
            "level": "1.10",
        },
        {"code": "P{year}", "name": "{year}年价目表", "name_en": "Prices {year}", "year": 0, "level": "1.00"},
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


def prices(one: PlannedPriceList) -> dict[tuple[str, str, int], Decimal]:
    return {(row.item, row.customer_class, int(row.quantity)): row.price for row in one.prices}


def test_every_list_is_named_after_its_year_and_valid_through_it(lists: list[PlannedPriceList]) -> None:
    assert [(one.code, one.name, one.name_en) for one in lists] == [
        ("P2025", "2025年价目表", "Prices 2025"),
        ("P2026", "2026年价目表", "Prices 2026"),
    ]
    assert (lists[0].valid_from, lists[0].valid_until) == (date(2025, 1, 1), date(2025, 12, 31))


def test_a_price_is_the_list_price_by_level_and_tier_rounded_half_up(lists: list[PlannedPriceList]) -> None:
    assert prices(lists[1])["L1", "A", 1] == Decimal("90.05")  # 90.045
    assert prices(lists[1])["L1", "C", 1] == Decimal("95.05")  # 95.0475
    assert prices(lists[0])["L1", "A", 1] == Decimal("99.05")  # 99.0495


def test_no_price_lies_below_the_floor(lists: list[PlannedPriceList]) -> None:
    assert prices(lists[1])["L1", "A", 500] == Decimal("70.00")


def test_services_are_sold_at_their_list_price_and_stand_in_no_list(lists: list[PlannedPriceList]) -> None:
    assert {row.item for one in lists for row in one.prices} == {"L1"}
