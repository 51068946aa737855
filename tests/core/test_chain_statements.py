"""What a sale costs the database: a bounded number of statements, the same for one line and for fifty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

import pytest
from sqlalchemy import text

from benchmarks.selling import AREAS, PEOPLE, Call, ready, sale, walk
from core.app import Program
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm
from core.testing.counting import counted
from core.testing.sites import api_app
from core.work import Work

# What the twelve calls of a sale take in all, and a single one of them; they may only fall.
CALLS, CALL = 12, 30
CHAIN = {"sqlite": 184, "postgresql": 191}


def caller(firm: Firm, people: Mapping[str, Api], told: list[tuple[str, int]]) -> Callable[[Call], Any]:
    """Sends calls in this process, each with a key of its own, and notes how many statements each takes."""

    def send(call: Call) -> Any:
        key = {"Idempotency_Key": f"{len(told)}-{firm.next('call')}"} if call.writes else {}
        with counted(firm.program.engine) as statements:
            answer = people[call.who](call.method, call.path, call.body, **key)
        assert answer.status_code < 300, f"{call.name}: {answer.get_data(as_text=True)}"
        told.append((call.name, len(statements)))
        return said(answer)

    return send


def test_a_sale_takes_as_many_statements_with_one_line_as_with_fifty(program: Program) -> None:
    """From the quotation to the allocated receipt, with stock, credit, consents, history, outbox and keys."""
    firm, people, party, items = _selling(program, 50)
    today = firm.as_program(_today)
    costs = {}
    for lines in (1, 5, 50):
        for _again in range(2):
            told: list[tuple[str, int]] = []
            walk(sale(party, items[:lines], today, firm.people["manager"]), caller(firm, people, told))
        costs[lines] = told
    assert costs[1] == costs[5] == costs[50]
    assert len(costs[5]) == CALLS
    assert sum(count for _name, count in costs[5]) <= CHAIN[program.engine.dialect.name], costs[5]
    assert max(count for _name, count in costs[5]) <= CALL, costs[5]


def _selling(program: Program, count: int) -> tuple[Firm, dict[str, Api], int, list[int]]:
    """A company that is ready to sell: its people at the interface, a customer and so many products."""
    firm = Firm.founded(program, "sale", "销售照明有限公司", areas=AREAS)
    items = [firm.item().id for _n in range(count)]
    app = api_app(firm)
    people = {who: api_for(firm, who, app) for who in PEOPLE}
    party = firm.party(credit_code="91350100M000100Y43").id
    ready(firm, [party], items)
    return firm, people, party, items


def _today(work: Work) -> Any:
    return work.today


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_a_sale_reads_of_a_new_database_grows_with_it_and_no_faster(program: Program) -> None:
    """In its first minutes PostgreSQL knows nothing of its tables, and may read all of one for each row of another.

    SQLite, which plans by its indexes alone, does not tell what it reads; ``test_indexes`` looks at its plans.
    """
    firm, people, party, items = _selling(program, 5)
    today = firm.as_program(_today)
    told: list[int] = []
    for _sale in range(30):
        before = _rows_read(program)
        walk(sale(party, items, today, firm.people["manager"]), caller(firm, people, []))
        told.append(_rows_read(program) - before)
    # Small tables are read whole, each once: twice the rows are twice the reading, and not four times.
    assert median(told[-5:]) / 27 < 1.3 * median(told[5:10]) / 7, told


def _rows_read(program: Program) -> int:
    """How many rows the database has read from tables and their indexes since it began."""
    with program.works.installation() as link:
        link.execute(text("SELECT pg_stat_force_next_flush()"))
    with program.works.installation() as link:
        read = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables")
        return int(link.execute(read).scalar_one())
