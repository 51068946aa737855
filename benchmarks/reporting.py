"""Reports over a company's books, and an order of who owes much beside one of who owes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks.bare import beside
from benchmarks.books import Books
from benchmarks.clock import Row, median_and_cpu
from benchmarks.selling import trusted
from core.reports.choosing import choose
from core.reports.running import page
from core.work import Work
from plugins.contract.documents import Order

OPEN, ORDERS = 10_000, 12
ALL = {"date_from": "", "date_to": ""}


def reports(books: Books) -> Iterator[Row]:
    """The first page with its totals of each report, at the size that the books have now."""
    size, engine = f"{books.documents // 1000} k", books.place.engine
    today = books.firm.as_program(lambda w: w.today)
    then = (today - timedelta(days=60)).isoformat()
    budget = "≤ 1,000 ms" if books.documents >= 1_000_000 else "≤ 150 ms"
    for name, key, given, promise in (
        ("contract ledger of the year", "contract.ledger", {}, ""),
        ("contract ledger of all years", "contract.ledger", ALL, ""),
        ("debts by age", "billing.ageing", {}, budget),
        ("debts by age, two months ago", "billing.ageing", {"as_of": then}, ""),
        ("one customer's account", "billing.account", {"party_id": str(books.parties[0]), **ALL}, ""),
    ):
        ours, cpu, bare = beside(books.place, books.firm, "finance", partial(_look, key=key, given=given))
        yield Row(f"{size}: {name}", engine, ours, "ms", bare, promise, cpu)


def _look(work: Work, *, key: str, given: Mapping[str, str]) -> None:
    report = work.types.report(key)
    page(work, report, choose(work, report.filters, given))


def orders(books: Books) -> Iterator[Row]:
    """An order that begins to bind, with the credit check on, of who has very much open and of who has nothing."""
    indebted, new = books.indebted(OPEN), books.firm.party().id
    taken = {}
    for party in (new, indebted):
        trusted(books.firm, party)
        taken[party] = median_and_cpu(_binding(books, party), runs=ORDERS - 2)
    ours, cpu = taken[indebted]
    told = f"order submitted, {OPEN // 1000} k open documents; bare: of a customer with none"
    yield Row(told, books.place.engine, ours, "ms", taken[new][0], cpu=cpu)


def _binding(books: Books, party: int) -> Callable[[], None]:
    """The submission of one order after the other: there it is held against the customer's limit."""
    firm, today = books.firm, books.firm.as_program(lambda w: w.today)
    given: dict[str, Any] = {"party_id": party, "contact_name": "林工", "contact_phone": "13900000000"}
    given |= {"deadline": (today + timedelta(days=10)).isoformat(), "address": "青岛市崂山区"}
    lines = [{"item_id": key, "quantity": "1"} for key in books.items]
    waiting = iter([firm.create(Order, lines=lines, **given) for _n in range(ORDERS)])

    def submit() -> None:
        firm.move(next(waiting), "submit")

    return submit
