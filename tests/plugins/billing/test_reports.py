"""What is owed and for how long, as of any day; what was invoiced; what came in."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Forbidden
from core.testing.api import api_for
from core.testing.builders import Firm
from core.testing.sites import site_of
from plugins.billing.documents import Invoice, accounts
from tests.core.administration_visitor import Visitor
from tests.plugins.billing.money import allocate, confirmed, issued, looked, on
from tests.plugins.billing.test_credit_notes import red, sold

AS_OF = date(2026, 11, 22)
BUCKETS = ("not_due", "d30", "d60", "d90", "d180", "d365", "older")


def due(firm: Firm, day: date, amount: str, party: int) -> Invoice:
    """An invoice that is due on a day."""
    made: Invoice = on(firm, date(2025, 1, 5), lambda: issued(firm, amount, party_id=party, due_on=day.isoformat()))
    return made


def test_receivables_fall_into_buckets_by_the_days_they_are_overdue(firm: Firm) -> None:
    party = firm.party().id
    days = {0: "1", 1: "2", 30: "4", 31: "8", 60: "16", 61: "32", 90: "64", 91: "128", 180: "256", 181: "512"}
    days |= {365: "1024", 366: "2048"}
    for late, amount in days.items():
        due(firm, AS_OF - timedelta(days=late), amount, party)
    (row,) = looked(firm, "billing.ageing", as_of=AS_OF.isoformat()).rows
    assert [row[key] for key in BUCKETS] == [1, 6, 24, 96, 384, 1536, 2048]
    assert row["balance"] == 4095
    assert row["overdue"] == 4094
    assert row["days"] == 366
    assert row["overdue_rate"] == Decimal("0.9998")


def test_the_age_of_a_day_long_past_is_reckoned_from_what_stood_then(firm: Firm) -> None:
    party = firm.party().id
    one = due(firm, AS_OF, "100", party)
    today = firm.as_program(lambda w: w.today)
    allocate(firm, confirmed(firm, "150", party_id=party), (one, "60"))
    (before,) = looked(firm, "billing.ageing", as_of=(today - timedelta(days=1)).isoformat()).rows
    (now,) = looked(firm, "billing.ageing", as_of=today.isoformat()).rows
    assert [before["balance"], before["unused"]] == [100, 0]
    assert [now["balance"], now["unused"], now["overdue"]] == [-50, -90, 40]


def test_what_a_red_letter_takes_back_is_no_longer_owed(firm: Firm) -> None:
    blue = sold(firm)
    firm.move(red(firm, blue, "02", "3"), "issue", "finance")
    (row,) = looked(firm, "billing.ageing").rows
    assert [row["balance"], row["unused"]] == [700, 0]


def test_receivables_are_listed_by_their_due_day(firm: Firm) -> None:
    """List of debts per customer and representative, to the representative concerned his own."""
    party = firm.party().id
    first, second = due(firm, date(2026, 12, 1), "5", party), due(firm, date(2026, 11, 1), "7", party)
    allocate(firm, confirmed(firm, "2", party_id=party), (second, "2"))
    found = looked(firm, "billing.receivables")
    assert [(row["number"], row["left"]) for row in found.rows] == [(second.number, 5), (first.number, 5)]
    assert found.totals["left"] == 10
    assert looked(firm, "billing.receivables", due_from="2026-11-15", due_to="").count == 1
    assert looked(firm, "billing.receivables", "rep").count == 0


def test_the_register_has_invoices_and_red_letters_with_their_numbers(firm: Firm) -> None:
    blue = sold(firm)
    note = firm.move(red(firm, blue, "02", "3"), "issue", "finance")
    firm.move(blue, "hand_over", "finance", values={"handed_to": "李会计"})
    found = looked(firm, "billing.register")
    assert [row["invoice_number"] for row in found.rows] == [blue.invoice_number, note.invoice_number]
    assert found.totals["gross"] == 700
    assert [row["handed_to"] for row in found.rows] == ["李会计", ""]


def test_what_came_in_is_told_by_day_and_way(firm: Firm) -> None:
    party = firm.party().id
    one = issued(firm, "70", party_id=party)
    allocate(firm, confirmed(firm, "100", party_id=party), (one, "70"))
    confirmed(firm, "30", party_id=party, method="cash")
    found = looked(firm, "billing.receipts")
    assert [found.totals[key] for key in ("gross", "settled", "free")] == [130, 70, 60]
    assert looked(firm, "billing.receipts", method="cash").totals["gross"] == 30


@pytest.mark.parametrize("key", ["receivables", "ageing", "register", "receipts"])
def test_who_has_no_business_with_money_sees_no_report(firm: Firm, key: str) -> None:
    with pytest.raises(Forbidden):
        looked(firm, f"billing.{key}", "engineer")


def test_the_account_of_a_customer_moves_from_the_opening_to_the_closing_balance(firm: Firm) -> None:
    """What each customer owed, what moved it, and what he owes, in all and movement by movement."""
    party = firm.party().id
    due(firm, AS_OF, "100", party)
    issued(firm, "50", party_id=party)
    confirmed(firm, "30", party_id=party)
    today = firm.as_program(lambda w: w.today)
    days = {"date_from": today.replace(day=1).isoformat(), "date_to": today.isoformat()}
    (row,) = looked(firm, "billing.accounts", **days).rows
    figures = [row[key] for key in ("opening", "charged", "corrected", "paid", "closing")]
    assert figures == [100, 50, 0, 30, 120]
    found = looked(firm, "billing.account", party_id=str(party), **days)
    assert [one["balance"] for one in found.rows] == [100, 150, 120]
    assert [one.get("paid") for one in found.rows] == [None, None, 30]
    assert 100 + found.totals["charged"] - found.totals["paid"] == 120
    assert looked(firm, "billing.account", **days).rows == []


@pytest.mark.parametrize("key", ["account", "accounts", "receipts", "receivables"])
def test_days_that_no_document_can_have_are_refused(firm: Firm, key: str) -> None:
    """On the page and over the interface, before anybody reckons with the day before."""
    name = "due" if key == "receivables" else "date"
    party, api = firm.party().id, api_for(firm, "finance")
    for first, last in (("0001-01-01", "2026-11-30"), ("2026-11-01", "9999-12-31")):
        asked = f"party_id={party}&{name}_from={first}&{name}_to={last}"
        assert api.get(f"/billing/reports/{key}?{asked}").status_code == 422
        assert Visitor(site_of(firm), firm, "finance").get(f"/billing/reports/{key}?{asked}").status_code < 500


def test_money_that_failed_later_was_free_until_that_day(firm: Firm) -> None:
    party = firm.party().id
    payment = on(firm, date(2026, 10, 15), lambda: confirmed(firm, "50", party_id=party))
    on(firm, date(2026, 11, 10), lambda: firm.move(payment, "dishonour", "finance", reason="退票"))

    def unused(day: str) -> list[Any]:
        rows = looked(firm, "billing.ageing", as_of=day).rows
        last = date.fromisoformat(day)
        balance = firm.read("finance", lambda w: accounts.balance(w, party, "CNY", last))
        assert balance == sum(row["balance"] for row in rows)
        return [row["unused"] for row in rows]

    assert unused("2026-10-14") == []
    assert unused("2026-10-15") == unused("2026-11-09") == [-50]
    assert unused("2026-11-10") == []
