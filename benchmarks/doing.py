"""Duties of a thousand people: the round over all records, a person's page, and the counts of everybody's team."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from sqlalchemy import insert, text

from benchmarks.bare import beside
from benchmarks.books import Books
from benchmarks.clock import Row
from core.duties import reading, team
from core.entities.account import Account, AccountRole, Employment
from core.operations.company import raise_version
from core.operations.duties import daily
from core.roles import REPRESENTATIVE
from core.work import Work

PEOPLE, AHEAD = 1_000, 7
PAGE, ROUND = "≤ 100 ms as a page", "≤ 60 s"


def duties(books: Books) -> Iterator[Row]:
    """The day's duties of so many people over the documents that the books have now."""
    size, engine, firm = f"{books.documents // 1000} k", books.place.engine, books.firm
    if books.documents:
        firm.as_program(partial(_spread, people=_crowd(books)))
        books.place.analyse()
    for name in ("day's round over duties of 1,000 people, the first", "the same, when all is on file"):
        if "first" in name:
            firm.as_program(lambda w: w.connection.execute(text("DELETE FROM duty")))
        begun = time.perf_counter()
        count = firm.as_program(daily.go_round)
        taken = (time.perf_counter() - begun) * 1000
        books.place.analyse()
        yield Row(f"{size}: {name} ({count:,} late)", engine, taken, "ms", budget=ROUND)
    who = "crowd"
    ours, cpu, bare = beside(books.place, firm, who, partial(reading.my_duties, ahead=AHEAD))
    yield Row(f"{size}: my duties, one of 1,000", engine, ours, "ms", bare, PAGE, cpu)
    ours, cpu, bare = beside(books.place, firm, "boss", partial(team.counts, people=None, ahead=AHEAD))
    yield Row(f"{size}: everybody's duties by person and kind", engine, ours, "ms", bare, "", cpu)


def _crowd(books: Books) -> tuple[int, int]:
    """The ids of a thousand representatives, made once."""
    firm = books.firm
    if "crowd" in firm.people:
        return firm.people["crowd"], firm.people["crowd_last"]

    def make(work: Work) -> tuple[int, int]:
        link = work.connection
        role = next(r.id for r in work.company.roles.values() if r.key == REPRESENTATIVE.key)
        rows = [{"login": f"c{n}@books", "name": f"代表{n}", "created_at": work.now} for n in range(PEOPLE)]
        ids = [int(key) for key in link.execute(insert(Account).returning(Account.id), rows).scalars()]
        company = work.company.id
        link.execute(insert(Employment), [{"company_id": company, "account_id": key} for key in ids])
        link.execute(insert(AccountRole), [{"company_id": company, "account_id": key, "role_id": role} for key in ids])
        raise_version(work)
        return min(ids), max(ids)

    firm.people["crowd"], firm.people["crowd_last"] = firm.as_program(make)
    return firm.people["crowd"], firm.people["crowd_last"]


def _spread(work: Work, *, people: tuple[int, int]) -> None:
    """Let all documents be theirs, in turn."""
    first, last = people
    work.connection.execute(
        text("UPDATE document SET owner_id = :first + id % :count WHERE company_id = :company"),
        {"first": first, "count": last - first + 1, "company": work.company.id},
    )
