"""What a project needs: products that belong together, in quantities that come near the money there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

# Categories that are asked for together, the ones that cost most first.
SETS = {
    "lighting": (
        ("wall_washer", "linear", "driver", "accessory"),
        ("flood", "in_ground", "accessory"),
        ("linear", "point", "controller", "driver", "accessory"),
        ("wall_washer", "flood", "controller", "driver", "accessory"),
        ("garden", "in_ground", "underwater", "driver"),
        ("flood", "roof_tile", "guardrail", "driver", "accessory"),
    ),
    "bearing": (
        ("deep_groove",),
        ("deep_groove", "cylindrical"),
        ("angular_contact", "cylindrical"),
        ("spherical", "tapered"),
        ("spherical", "deep_groove"),
        ("slewing",),
        ("deep_groove", "tapered", "insert"),
        ("cylindrical", "spherical", "thrust"),
    ),
    "software": (
        ("software", "implementation", "consulting"),
        ("software", "development", "hardware"),
        ("hardware", "consulting"),
        ("development", "implementation"),
        ("subscription", "maintenance"),
    ),
    "feed": (
        ("pig", "hog"),
        ("broiler", "layer"),
        ("duck", "premix"),
        ("hog", "sow", "premix"),
        ("dairy", "beef"),
        ("fish",),
        ("sheep", "premix"),
    ),
}
SHARES = (Decimal("0.55"), Decimal("0.25"), Decimal("0.12"), Decimal("0.05"), Decimal("0.03"))
ROUND = ((1000, 100), (100, 10), (20, 5))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One product and how much of it, in its own unit."""

    item: str
    quantity: Decimal


def basket(random: Random, market: str, items: Sequence[Mapping[str, Any]], budget: Decimal) -> list[Wanted]:
    """Two to ten different products worth about `budget` yuan at list price; larger projects also need a service."""
    categories = random.choice(SETS[market])
    wanted: dict[str, Decimal] = {}
    whole = sum(SHARES[: len(categories)])
    for category, share in zip(categories, SHARES, strict=False):
        choice = [item for item in items if item["category"] == category and Decimal(item["list_price"]) <= budget]
        several = random.sample(choice, min(len(choice), random.randint(1, 3)))
        for item in several:
            wanted[item["code"]] = _quantity(budget * share / whole / len(several) / Decimal(item["list_price"]))
    services = [item for item in items if item["kind"] == "service" and Decimal(item["list_price"]) < budget / 50]
    if services and random.random() < 0.4:
        wanted[random.choice(services)["code"]] = Decimal(random.randint(1, 6))
    if not wanted:
        cheapest = min(items, key=lambda item: Decimal(item["list_price"]))
        wanted[cheapest["code"]] = Decimal(10)
    return [Wanted(code, quantity) for code, quantity in wanted.items()]


def _quantity(about: Decimal) -> Decimal:
    """A quantity as people order it: large ones in hundreds or tens, small ones exactly, one at least."""
    whole = max(1, int(about))
    for least, step in ROUND:
        if whole >= least:
            return Decimal(whole // step * step)
    return Decimal(whole)
