"""Lists are walked by key: every row comes once, in both directions, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.app import open_program
from core.db.engine import open_engine
from core.entities.party import Party
from core.errors import Invalid
from core.search.listing import Page, Query, every, page
from core.testing import bulk
from core.testing.builders import Firm, line
from core.testing.fixtures import ENGINES, database_on
from core.work import Work
from plugins.quotation.documents import Quotation

ROWS = 57
FEW = settings(max_examples=15, deadline=None)
SORTS = [f"{sign}{name}" for name in Quotation.sorts for sign in ("", "-")]


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A firm with some dozens of quotations, many of them alike in what they are sorted by."""
    with database_on(request.param, request, tmp_path_factory.mktemp("pages")) as database:
        engine = open_engine(database.url)
        firm = Firm.founded(open_program(engine), "pages", "翻页照明有限公司")
        parties = [firm.party().id for _n in range(3)]
        sample = firm.create(Quotation, party_id=parties[0], lines=[line(firm.item())])
        again = firm.create(Quotation, party_id=parties[0], lines=[line(firm.item())])

        def fill(work: Work) -> None:
            for one, count in ((sample, ROWS), (again, ROWS // 3)):
                bulk.documents(work.connection, one, count, people=[firm.people["rep"]], parties=parties)

        firm.as_program(fill)
        yield firm
        engine.dispose()


def look(firm: Firm, query: Query) -> Page:
    return firm.read("boss", lambda w: page(w, Quotation, query))


def forwards(firm: Firm, sort: str, size: int) -> list[Page]:
    pages = [look(firm, Query(sort=sort, size=size))]
    while pages[-1].next:
        pages.append(look(firm, Query(sort=sort, size=size, after=pages[-1].next)))
    return pages


def ids(pages: list[Page]) -> list[int]:
    return [row["id"] for one in pages for row in one.rows]


@FEW
@given(sort=st.sampled_from(SORTS), size=st.integers(1, 30))
def test_walking_forwards_and_back_shows_every_row_once(shop: Firm, sort: str, size: int) -> None:
    pages = forwards(shop, sort, size)
    there = ids(pages)
    name, down = sort.removeprefix("-"), sort.startswith("-")
    expected = sorted(
        ({row["id"]: (row[name], row["id"]) for one in pages for row in one.rows}).items(),
        key=lambda pair: pair[1],
        reverse=down,
    )
    assert there == [key for key, _value in expected]
    assert len(there) == len(set(there)) >= ROWS
    back: list[list[int]] = [[row["id"] for row in pages[-1].rows]]
    at = pages[-1].previous
    while at:
        one = look(shop, Query(sort=sort, size=size, after=at))
        back.insert(0, [row["id"] for row in one.rows])
        at = one.previous
    assert [key for part in back for key in part] == there


@FEW
@given(sort=st.sampled_from(SORTS), size=st.integers(3, 20), at=st.integers(0, 3))
def test_rows_that_come_meanwhile_neither_hide_nor_repeat_others(shop: Firm, sort: str, size: int, at: int) -> None:
    before = set(ids(forwards(shop, sort, 200)))
    seen: list[int] = []
    after, turned = "", 0
    while turned == 0 or after:
        one = look(shop, Query(sort=sort, size=size, after=after))
        seen += [row["id"] for row in one.rows]
        after = one.next
        if turned == at:
            party = shop.party()
            shop.create(Quotation, party_id=party.id, lines=[line(None, "1", "5", name="安装")])
        turned += 1
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


def test_an_export_shows_what_the_pages_show(shop: Firm) -> None:
    rows = shop.read("boss", lambda w: [row["id"] for row in every(w, Quotation, Query(), size=7)])
    assert rows == ids(forwards(shop, "", 50))


def test_nobody_is_shown_what_is_not_his(shop: Firm) -> None:
    assert list(shop.read("rep2", lambda w: page(w, Quotation, Query()).rows)) == []
    assert shop.read("rep", lambda w: page(w, Quotation, Query()).rows)


@pytest.mark.parametrize(
    "after", ["x", "W10", "WzEsMiwzXQ", "WyIyMDI2LTAxLTAxIiwtMSwwXQ", "bnVsbA", "e30", "🙂", "A" * 5000]
)
def test_a_forged_page_is_refused(shop: Firm, after: str) -> None:
    with pytest.raises(Invalid):
        look(shop, Query(after=after))


@FEW
@given(after=st.text(max_size=80), sort=st.text(max_size=20), name=st.text(max_size=12), value=st.text(max_size=30))
def test_any_words_in_the_address_are_answered_or_refused(
    shop: Firm, after: str, sort: str, name: str, value: str
) -> None:
    def asked(**given_words: Any) -> None:
        with suppress(Invalid):
            look(shop, Query(**given_words))

    asked(after=after)
    asked(sort=sort)
    asked(filters={name: value})
    for known in ("state", "party_id", "date_from", "gross_to", "owner_id"):
        asked(filters={known: value})
    asked(search=value)


def test_search_and_filters_meet(shop: Firm) -> None:
    party = shop.party(name="独一无二灯具店")
    made = shop.create(Quotation, party_id=party.id, lines=[line(None, "1", "5", name="安装")])
    found = look(shop, Query(search="独一无二", filters={"state": "draft"}))
    assert ids([found]) == [made.id]
    assert look(shop, Query(search="独一无二", filters={"state": "sent"})).rows == []
    assert [r["id"] for r in shop.read("boss", lambda w: page(w, Party, Query(search="独一"))).rows] == [party.id]
