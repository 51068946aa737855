"""What a quotation costs the database does not depend on how many lines it has."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from core.operations import decide
from core.testing.builders import Firm, line
from core.testing.counting import counted
from plugins.quotation.documents import Inquiry, Quotation
from tests.plugins.quotation.test_price_lists import price_list

MOST_TO_CREATE, MOST_TO_MOVE, MOST_TO_AGREE = 9, 10, 12
# With what follows from the acceptance: the draft of a contract, and the check of the customer's credit.
MOST_TO_RELEASE = 20


def cost(engine: Engine, act: Callable[[], object]) -> int:
    """How many statements ``act`` takes."""
    with counted(engine) as statements:
        act()
    return len(statements)


@pytest.mark.parametrize("lines", [1, 5, 50])
def test_making_asking_agreeing_and_sending_take_few_statements(strict_firm: Firm, engine: Engine, lines: int) -> None:
    firm = strict_firm
    items, party = [firm.item("100") for _n in range(min(lines, 5))], firm.party(party_class="A")
    price_list(firm, "A", items[0], ("0", "90"), party_class="A")
    rows = [line(items[n % len(items)], "2") for n in range(lines)]
    # What is cached about company and people is read once, before anything is counted.
    firm.create(Quotation, party_id=party.id, lines=rows)
    firm.read("manager", lambda w: w.roles())
    made: list[Quotation] = []
    create = cost(engine, lambda: made.append(firm.create(Quotation, party_id=party.id, lines=rows)))
    submit = cost(engine, lambda: firm.move(made[0], "submit"))
    task = firm.task(made[0], "manager")
    agree = cost(engine, lambda: firm.run("manager", lambda w: decide.agree(w, task)))
    send = cost(engine, lambda: firm.move(made[0], "send"))
    accept = cost(engine, lambda: firm.move(made[0], "accept"))
    assert create <= MOST_TO_CREATE
    assert submit <= MOST_TO_MOVE
    assert agree <= MOST_TO_AGREE
    assert send <= MOST_TO_MOVE
    assert accept <= MOST_TO_RELEASE


def test_quoting_an_inquiry_costs_the_same_for_one_line_and_for_fifty(firm: Firm, engine: Engine) -> None:
    item, party = firm.item("100"), firm.party()
    costs = []
    for lines in (1, 1, 50):
        inquiry = firm.create(Inquiry, party_id=party.id, lines=[line(item, "2")] * lines)
        costs.append(cost(engine, lambda i=inquiry: firm.move(i, "quote")))  # type: ignore[misc]
    assert costs[1] == costs[2]
