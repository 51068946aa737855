"""The boxes of somebody who has decided on thousands of documents: a few statements each, by an index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from core.approvals import reading
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.db.engine import is_sqlite, open_engine
from core.documents.reading import load
from core.operations import guide, late, people
from core.records import guidance
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, SALES_MANAGER, TECHNICAL
from core.testing import bulk
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.work import Ask, Work
from plugins.quotation.documents import Quotation
from tests.architecture.test_indexes import scans, sorting
from tests.core.test_approval_plans import offered, policy, step

PAST = 20_000
_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
# Beside the one that opens the unit of work.
ONE, TWO = 2, 3


@pytest.fixture
def busy(firm: Firm, database: Database) -> Firm:
    """A company in which the manager has agreed to much, the representative has asked much, finance was sent much."""
    policy(firm, step(SALES_MANAGER, days=1, late="remind"), step(FINANCE, mode="copy"), step(GENERAL_MANAGER))
    done, waiting = offered(firm), offered(firm)
    for one in (done, waiting):
        firm.move(one, "submit")
    firm.agree(done, "manager")
    firm.agree(done, "boss")
    firm.run("admin", lambda w: people.employ(w, firm.people["rep"], superior_id=firm.people["manager"], roles=None))
    note = firm.run("manager", lambda w: guide.guide(w, Quotation, done.id, "请跟进"))
    firm.run("rep", lambda w: guide.answer(w, note, "好的"))

    newest = firm.as_program(lambda w: w.connection.execute(select(func.max(_REQUEST.c.id))).scalar_one())

    def requests(work: Work) -> None:
        request = work.connection.execute(select(_REQUEST.c.id).where(_REQUEST.c.document_id == done.id)).scalar_one()
        bulk.copies(work.connection, _REQUEST, request, PAST, {})

    def tasks(work: Work) -> None:
        first = work.connection.execute(select(func.min(_REQUEST.c.id)).where(_REQUEST.c.id > newest)).scalar_one()
        of = select(_TASK.c.id).where(_TASK.c.document_id == done.id).order_by(_TASK.c.position)
        for key in work.connection.execute(of).scalars().all():
            bulk.copies(work.connection, _TASK, key, PAST, {"request_id": f"{first - 1} + n"})
        bulk.copies(work.connection, guidance.Guidance.__table__, note, PAST, {})  # type: ignore[arg-type]

    # What guards rows looks up what the step before has made.
    for fill in (requests, tasks):
        firm.as_program(fill)
        analyse(database)
    return firm


def analyse(database: Database) -> None:
    """Let PostgreSQL know how much there is."""
    if database.engine == "postgresql":
        owner = open_engine(database.owner_url)
        with owner.begin() as link:
            link.exec_driver_sql("ANALYZE")
        owner.dispose()


def looked_up(firm: Firm, who: str, look: Callable[[Work], Any]) -> tuple[Any, int, str]:
    """What somebody finds, how many statements it took, and how the database goes about each of them."""
    said: list[tuple[str, Any]] = []

    def keep(link: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, parameters))

    engine = firm.program.engine
    firm.read(who, look)
    event.listen(engine, "before_cursor_execute", keep)
    try:
        with counted(engine) as statements:
            found = firm.read(who, look)
    finally:
        event.remove(engine, "before_cursor_execute", keep)
    of_ours = [one for one in said if "approval_" in one[0] or "guidance" in one[0]]

    def explained(work: Work) -> str:
        explain = "EXPLAIN QUERY PLAN" if is_sqlite(work.connection) else "EXPLAIN"
        rows = [work.connection.exec_driver_sql(f"{explain} {one}", given) for one, given in of_ours]
        return "\n".join(str(row[-1]) for of_one in rows for row in of_one)

    return found, len(statements), firm.read(who, explained)


def gone_through(plan: str) -> list[str]:
    """The tables of consents and guidance that are read from end to end; small ones beside them may be."""
    return [
        one for one in scans(plan) if any(table in one for table in ("approval_task", "approval_request", "guidance"))
    ]


BOXES: dict[str, tuple[str, Callable[[Work], Any], int, bool]] = {
    "waiting": ("manager", reading.my_tasks, TWO, False),
    "decided": ("manager", lambda w: reading.decided_by(w, w.actor_id or 0), ONE, True),
    "asked": ("rep", lambda w: reading.asked_by(w, w.actor_id or 0), ONE, True),
    "sent": ("finance", lambda w: reading.sent_to(w, w.actor_id or 0), ONE, True),
    "count asked": ("rep", lambda w: [reading.count_asked(w, w.actor_id or 0)], ONE, True),
    "count unread": ("finance", lambda w: [reading.count_unread(w, w.actor_id or 0)], ONE, True),
    "guidance": ("rep", lambda w: guidance.given_to(w, w.actor_id or 0), ONE, True),
    "guidance given": ("manager", lambda w: guidance.given_by(w, w.actor_id or 0), ONE, True),
    "guidance open": ("rep", lambda w: [guidance.count_open(w, w.actor_id or 0)], ONE, True),
}


def test_every_box_goes_by_an_index_however_much_was_decided(busy: Firm) -> None:
    """As many statements as with nothing behind one, no table gone through, no sorting of what is past."""
    for name, (who, look, most, ordered) in BOXES.items():
        found, statements, plan = looked_up(busy, who, look)
        assert found, name
        assert statements <= most, (name, statements)
        assert gone_through(plan) == [], (name, plan)
        if ordered:
            assert sorting(plan) == [], (name, plan)
        else:
            # What is open is found as such, not among all that was ever asked.
            assert "ix_approval_task_open" in plan or "ix_approval_task_assignee" in plan, (name, plan)


def test_what_is_late_is_found_by_an_index(busy: Firm) -> None:
    """The job looks at what is open and has a day, not at what is past."""
    then = datetime(2040, 1, 2, tzinfo=UTC)

    def look(work: Work) -> Any:
        return late.overdue(work)

    with busy.program.works.read(Ask(busy.id, busy.people["manager"], now=then)) as work:
        assert len(look(work)) == 1
    _found, statements, plan = looked_up(busy, "manager", look)
    assert statements <= ONE
    assert gone_through(plan) == [], plan


def test_reading_as_one_who_was_asked_is_one_statement_more(firm: Firm) -> None:
    """For whom a right reaches it, nothing is asked at all."""
    policy(firm, step(who="person", person_id=firm.people["engineer"], name="技术"))
    quotation = offered(firm)
    firm.move(quotation, "submit")

    def look(work: Work) -> Any:
        return load(work, Quotation, quotation.id)

    counts = []
    for who in ("rep", "engineer"):
        firm.read(who, look)
        with counted(firm.program.engine) as statements:
            firm.read(who, look)
        counts.append(len(statements))
    assert counts[0] == 3
    assert counts[1] in (3, 4)


def test_submitting_to_five_steps_takes_the_statements_of_one(firm: Firm) -> None:
    """Rules and facts are weighed in memory; however many steps, they are entered at once."""
    party, item = firm.party().id, firm.item()

    def submitted() -> int:
        made = firm.create(Quotation, party_id=party, lines=[line(item)])
        firm.read("rep", lambda w: None)
        with counted(firm.program.engine) as statements:
            firm.move(made, "submit")
        return len(statements)

    policy(firm, step(SALES_MANAGER))
    submitted()
    one = submitted()
    steps = [step(role, from_amount="10") for role in (PURCHASING, TECHNICAL, FINANCE, GENERAL_MANAGER)]
    policy(firm, *steps, condition="amount >= 50 and not (customer_class == 'Z')", position=2)
    submitted()
    # The class of the customer is one more thing to read.
    assert submitted() <= one + 1
