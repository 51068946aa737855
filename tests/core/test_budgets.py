"""Statements are counted: however many lines a document has, an action takes the same handful."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.approvals.models import ApprovalPolicy
from core.documents.reading import load
from core.entities.item import Item
from core.entities.party import Party
from core.operations import decide, masters
from core.roles import SALES_MANAGER
from core.schemas import inputs, outputs
from core.search.listing import Query, page
from core.testing.builders import Firm, line
from core.testing.counting import Statements, counted
from core.work import Work
from plugins.quotation.documents import Quotation

LINES = (1, 5, 50)
CREATE, EDIT, MOVE = 9, 11, 9


@pytest.fixture
def items(firm: Firm) -> list[Item]:
    """Five products to be quoted over and over."""
    return [firm.item() for _n in range(5)]


def many(items: list[Item], count: int) -> list[dict[str, Any]]:
    return [line(items[n % len(items)], str(n + 1)) for n in range(count)]


def said(firm: Firm, act: Callable[[], Any]) -> Statements:
    """What is said to the database while ``act`` runs, once everything that is kept has been read."""
    firm.read("rep", lambda w: None)
    firm.read("manager", lambda w: None)
    with counted(firm.program.engine) as statements:
        act()
    return statements


def test_creating_takes_the_same_statements_for_any_number_of_lines(firm: Firm, items: list[Item]) -> None:
    party = firm.party(contacts=[{"name": "王经理", "mobile": "13800000000"}])
    counts = {
        count: said(firm, lambda c=count: firm.create(Quotation, party_id=party.id, lines=many(items, c)))  # type: ignore[misc]
        for count in LINES
    }
    assert len({len(s) for s in counts.values()}) == 1, counts[50]
    assert len(counts[50]) <= CREATE, counts[50]


def test_changing_takes_the_same_statements_for_any_number_of_lines(firm: Firm, items: list[Item]) -> None:
    party = firm.party()
    counts = {}
    for count in LINES:
        quotation = firm.create(Quotation, party_id=party.id, lines=many(items, count + 1))
        kept, gone = quotation.lines[:-1], quotation.lines[-1]
        rows = [{"id": row.id, "quantity": "7"} for row in kept] + many(items, count)
        counts[count] = said(firm, lambda q=quotation, r=rows: firm.edit(q, lines=r))  # type: ignore[misc]
        key = quotation.id
        again = firm.read("rep", lambda w, k=key: load(w, Quotation, k))  # type: ignore[misc]
        assert gone.id not in [row.id for row in again.lines]
    assert len({len(s) for s in counts.values()}) == 1, counts[50]
    assert len(counts[50]) <= EDIT, counts[50]


@pytest.mark.parametrize("count", LINES)
def test_moves_without_release_stay_within_ten(firm: Firm, items: list[Item], count: int) -> None:
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=many(items, count))
    for name in ("submit", "send", "decline"):
        statements = said(firm, lambda n=name: firm.move(quotation, n, reason="没有预算"))  # type: ignore[misc]
        assert len(statements) <= MOVE, statements
    assert len(said(firm, lambda: firm.move(quotation, "revise"))) <= MOVE


@pytest.mark.parametrize("count", LINES)
def test_asking_and_agreeing_stay_within_the_budget_of_a_move(firm: Firm, items: list[Item], count: int) -> None:
    consent(firm)
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=many(items, count))
    asked = said(firm, lambda: firm.move(quotation, "submit"))
    assert len(asked) <= MOVE, asked
    task = firm.task(quotation, "manager")
    agreed = said(firm, lambda: firm.run("manager", lambda w: decide.agree(w, task)))
    assert len(agreed) <= MOVE + 3, agreed


def consent(firm: Firm) -> None:
    """A policy: the sales manager agrees to every quotation."""
    role = firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == SALES_MANAGER.key))
    given = {
        "name": "测试审批",
        "document_kind": "quotation.quotation",
        "transition": "submit",
        "steps": [{"name": "销售经理", "role_id": role}],
    }
    firm.run("admin", lambda w: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, given)))


@pytest.mark.parametrize("count", LINES)
def test_a_document_is_read_in_three_statements(firm: Firm, items: list[Item], count: int) -> None:
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=many(items, count))

    def look(work: Work) -> dict[str, Any]:
        return outputs.document(work, load(work, Quotation, quotation.id))

    assert len(said(firm, lambda: firm.read("rep", look))) == 3


def test_a_list_is_read_in_two_statements_and_searched_in_three(firm: Firm, items: list[Item]) -> None:
    for _n in range(3):
        firm.create(Quotation, party_id=firm.party().id, lines=many(items, 1))
    assert len(said(firm, lambda: firm.read("rep", lambda w: page(w, Quotation, Query())))) == 2
    searched = said(firm, lambda: firm.read("rep", lambda w: page(w, Quotation, Query(search="青岛"))))
    assert len(searched) == 3, searched
    assert len(said(firm, lambda: firm.read("rep", lambda w: page(w, Party, Query())))) == 2


@pytest.mark.parametrize("count", LINES)
def test_a_customer_is_saved_in_the_same_statements_for_any_number_of_contacts(firm: Firm, count: int) -> None:
    contacts = [{"name": f"联系人 {n}", "mobile": f"138{n:08}"} for n in range(count)]
    created = said(firm, lambda: firm.party(contacts=contacts))
    assert len(created) <= 8, created
