"""What quotations take from a company preset: its price lists, approved from the first day."""

from __future__ import annotations

from collections.abc import Mapping

from core.extension.preset import Preset
from core.extension.preset_prices import PlannedPriceList, price_lists
from core.operations import masters
from core.work import Work
from plugins.quotation.masters import PriceList


def set_up(work: Work, preset: Preset, items: Mapping[str, int]) -> None:
    """Enter the preset's price lists around this year; `items` are the products' ids by code."""
    for planned in price_lists(preset.items, preset.prices, year=work.today.year):
        masters.save(work, PriceList, _values(planned, items))


def _values(planned: PlannedPriceList, items: Mapping[str, int]) -> dict[str, object]:
    return {
        "code": planned.code,
        "name": planned.name,
        "name_en": planned.name_en,
        "party_class": planned.customer_class,
        "valid_from": planned.valid_from,
        "valid_until": planned.valid_until,
        "approved": True,
        "prices": [{"item_id": items[one.item], "minimum": one.quantity, "price": one.price} for one in planned.prices],
    }
