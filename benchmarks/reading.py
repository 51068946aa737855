"""Lists: the first page, one from the middle, filtered and searched, beside the very same statement said bare."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import text

from benchmarks.bare import beside
from benchmarks.clock import Row
from benchmarks.places import Place
from core.entities.party import Party
from core.roles import Scope
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
        ours, cpu, bare = beside(place, place.firm, "manager", partial(page, cls=cls, query=query))
        yield Row(f"{size}: list, {name}", place.engine, ours, "ms", bare, budget, cpu)
    ours, cpu, bare = beside(place, place.firm, "rep2", partial(page, cls=Quotation, query=Query()))
    yield Row(f"{size}: list, one's own only", place.engine, ours, "ms", bare, BUDGET, cpu)
    yield from circles(place, size)


def circles(place: Place, size: str) -> Iterator[Row]:
    """The first page of customers and of quotations as far as each scope reaches: of ten people three are a team."""
    for scope in Scope:
        place.reach(scope)
        for name, cls in (("customers", Party), ("quotations", Quotation)):
            ours, cpu, bare = beside(place, place.firm, "circle", partial(page, cls=cls, query=Query()))
            yield Row(f"{size}: list of {name}, reach {scope}", place.engine, ours, "ms", bare, BUDGET, cpu)


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
