"""A document with a long past opens as quickly as a new one, page by page, and is proven whole."""

from __future__ import annotations

import re

import pytest

from core.records.anchors import seal_history
from core.records.verify import verify_history
from core.records.verify_anchors import verify_anchors
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.long_history import long_history
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor

OFFERS, MANY = "/quotation/quotations", 450


@pytest.fixture
def offer(firm: Firm) -> Quotation:
    """A quotation with a few hundred entries."""
    made = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    long_history(firm, made, MANY)
    return made


def test_the_page_shows_the_latest_and_leads_to_the_older_ones(firm: Firm, offer: Quotation) -> None:
    """PLT-09: nothing is out of reach, however long ago."""
    visitor = Visitor(site_of(firm), firm, "rep")
    page = visitor.get(f"{OFFERS}/{offer.id}/").text
    told = re.findall(r"第 (\d+) 稿</ins>", page)
    pages = 1
    while older := re.search(r'href="([^"]+/history\?before=\d+)" rel="next"', page):
        page = visitor.client.get(older[1]).text
        told += re.findall(r"第 (\d+) 稿</ins>", page)
        pages += 1
    assert [int(n) for n in told] == list(range(MANY, 0, -1))
    assert pages == 5
    assert "created" in page
    assert visitor.get(f"{OFFERS}/{offer.id}/history", before="x").status_code == 200
    assert Visitor(site_of(firm), firm, "rep2").get(f"{OFFERS}/{offer.id}/history").status_code == 404


def test_a_program_reads_all_of_it_by_cursor(firm: Firm, offer: Quotation) -> None:
    """PLT-09: page by page, each entry once."""
    api = api_for(firm, "rep")
    found, before = list[int](), ""
    while True:
        page = said(api.get(f"{OFFERS}/{offer.id}/history?size=200{before}"))
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert len(found) == len(set(found)) == MANY + 1
    assert found == sorted(found, reverse=True)


def test_a_long_past_takes_no_statement_more(firm: Firm, offer: Quotation) -> None:
    """The page, its older part and the interface: as many statements as for a document of yesterday."""
    fresh = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    visitor, api = Visitor(site_of(firm), firm, "rep"), api_for(firm, "rep")
    for path in ("/", "/history"):
        costs = [_page(firm, visitor, f"{OFFERS}/{key}{path}") for key in (fresh.id, offer.id)]
        assert costs[0] == costs[1], path
    assert _page(firm, visitor, f"{OFFERS}/{offer.id}/history") <= 8
    costs = [_call(firm, api, f"{OFFERS}/{key}/history") for key in (fresh.id, offer.id)]
    assert costs == [3, 3]


def _page(firm: Firm, visitor: Visitor, path: str) -> int:
    visitor.get(path)
    with counted(firm.program.engine) as statements:
        assert visitor.get(path).status_code == 200
    return len(statements)


def _call(firm: Firm, api: Api, path: str) -> int:
    api.get(path)
    with counted(firm.program.engine) as statements:
        assert api.get(path).status_code == 200
    return len(statements)


def test_proving_a_long_past_takes_statements_by_the_page_not_by_the_entry(firm: Firm, offer: Quotation) -> None:
    """PLT-09: every entry is followed, and so is every anchor."""
    firm.as_program(seal_history)
    with counted(firm.program.engine) as statements:
        assert firm.as_program(lambda w: [*verify_history(w), *verify_anchors(w)]) == []
    assert len(statements) < 60, statements
