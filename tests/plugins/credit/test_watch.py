"""Customers near their limit, of a low grade or frozen are listed and watched."""

from __future__ import annotations

from typing import Any

from core.reports.choosing import choose
from core.reports.running import page
from core.testing.builders import Firm
from core.work import Work
from tests.plugins.credit.test_limits import advance, order, shop, temporary, trusted

__all__ = ["shop"]


def watched(firm: Firm, **given: str) -> list[Any]:
    """The report's rows: customer, allowed, owed, free."""

    def look(work: Work) -> list[Any]:
        report = work.types.report("credit.watch")
        rows = page(work, report, choose(work, report.filters, given)).rows
        return [(row["party_id"], row["allowed"], row["exposure"], row["free"]) for row in rows]

    return firm.read("finance", look)


def test_who_is_near_the_limit_of_a_low_grade_or_frozen_is_listed(shop: Firm) -> None:
    """CRD-05: near-limit and low-grade customers are listed and watched."""
    near, far = trusted(shop, "1000", temporary("0.50")), trusted(shop, "1000")
    low, frozen = trusted(shop, "1000", grade="C"), trusted(shop, "1000", frozen=True)
    order(shop, near, "800.40")
    order(shop, far, "799.99")
    advance(shop, low, "7")
    found = watched(shop)
    assert [row[0] for row in found] == [near, frozen, low]
    assert [str(figure) for figure in found[0][1:]] == ["1000.50", "800.40", "200.10"]
    assert [str(figure) for figure in found[2][1:]] == ["1000.00", "-7.00", "1007.00"]
    assert far in [row[0] for row in watched(shop, which="all")]


def test_the_first_page_counts_who_is_near_or_over(shop: Firm) -> None:
    party = trusted(shop, "1000")
    order(shop, party, "900")
    cards = {c.key: c for c in shop.read("finance", lambda w: list(w.hooks.dashboard_cards()))}
    assert cards["credit.file.near"].value == 1
