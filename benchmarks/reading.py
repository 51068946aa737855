"""Lists: the first page, one from the middle, filtered and searched, beside the very same statement said bare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, event, text

from benchmarks.clock import Row, median_and_cpu, median_ms
from benchmarks.places import Place
from core.documents.kinds import Type
from core.entities.party import Party
from core.search.listing import Query, page
from core.work import Work
from plugins.quotation.documents import Quotation

BUDGET, SEARCH_BUDGET = "≤ 25 ms as a page", "≤ 30 ms"


def lists(place: Place) -> Iterator[Row]:
    """Every kind of list page at the size the place has now."""
    size = f"{place.quotations // 1000} k"
    middle = _middle(place)
    for name, cls, query, budget in (
        ("first page", Quotation, Query(), BUDGET),
        ("page from the middle", Quotation, Query(after=middle), BUDGET),
        ("by amount", Quotation, Query(sort="-gross"), BUDGET),
        ("of one state", Quotation, Query(filters={"state": "sent"}), BUDGET),
        ("of one customer", Quotation, Query(filters={"party_id": str(place.party.id)}), BUDGET),
        ("searched by customer", Quotation, Query(search="宁波海天"), SEARCH_BUDGET),
        ("customers searched by name", Party, Query(search="海天照明"), SEARCH_BUDGET),
        ("customers searched by initials", Party, Query(search="nbht"), SEARCH_BUDGET),
        ("customers searched by what all share", Party, Query(search="有限公司"), ""),
    ):
        ours, cpu, bare = _measured(place, cls, query)
        yield Row(f"{size}: list, {name}", place.engine, ours, "ms", bare, budget, cpu)
    ours, cpu, bare = _measured(place, Quotation, Query(), who="rep2")
    yield Row(f"{size}: list, one's own only", place.engine, ours, "ms", bare, BUDGET, cpu)


def _measured(place: Place, cls: Type, query: Query, who: str = "manager") -> tuple[float, float, float]:
    ask = place.firm.ask(who)

    def ours() -> None:
        with place.program.works.read(ask) as work:
            page(work, cls, query)

    said = _said(place, ours)
    raw = place.program.engine.connect()
    with raw.begin():
        if place.engine == "PostgreSQL":
            raw.execute(text("SELECT set_config('app.company', :key, true)"), {"key": str(place.firm.id)})
        cursor: Any = raw.connection.cursor()

        def bare() -> None:
            for statement, parameters in said:
                cursor.execute(statement, parameters)
                cursor.fetchall()

        told = (*median_and_cpu(ours), median_ms(bare))
        cursor.close()
    raw.close()
    return told


def _said(place: Place, act: Any) -> list[tuple[str, Any]]:
    """The statements of ``act`` but the one that opens its work."""
    act()
    said: list[tuple[str, Any]] = []

    def keep(link: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, parameters))

    event.listen(place.program.engine, "before_cursor_execute", keep)
    try:
        act()
    finally:
        event.remove(place.program.engine, "before_cursor_execute", keep)
    return said[1:]


def _middle(place: Place) -> str:
    """Where the page from the middle begins: a page's own mark, taken from the middle day."""

    def look(work: Work) -> str:
        found = work.connection.execute(
            text(
                "SELECT date FROM document WHERE company_id = :company AND kind = 'quotation.quotation' "
                "ORDER BY date DESC, id DESC LIMIT 1 OFFSET :half"
            ),
            {"company": place.firm.id, "half": place.quotations // 2},
        ).scalar_one()
        return page(work, Quotation, Query(filters={"date_to": str(found)[:10]}, size=1)).next

    return place.firm.read("manager", look)
