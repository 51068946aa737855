"""Consents: a quotation submitted to five steps of two rules, agreed to, and the boxes of who has decided on much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import func, select

from benchmarks.bare import beside
from benchmarks.clock import Row, median_and_cpu
from benchmarks.places import Place
from core.approvals import reading
from core.approvals.engine import COPY
from core.approvals.models import ApprovalPolicy, ApprovalRequest, ApprovalTask
from core.db.engine import is_sqlite
from core.operations import masters
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, SALES_MANAGER, TECHNICAL
from core.schemas import inputs
from core.testing import bulk
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Quotation

_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
RULES = (
    ("amount >= 10", (SALES_MANAGER, TECHNICAL, PURCHASING)),
    ("discount >= 0 and customer_class != 'Z'", (FINANCE, GENERAL_MANAGER)),
)
RUNS = 15


def approvals(place: Place, past: int) -> Iterator[Row]:
    """Submitting without a rule and to five steps, agreeing, and each box with ``past`` decisions behind one."""
    firm = Firm.founded(place.program, f"consent{place.engine.lower()}", "审批照明有限公司", areas=["quotation"])
    party, item = firm.party(), firm.item()

    def made() -> list[Quotation]:
        rows = [line(item, str(n + 1)) for n in range(5)]
        return [firm.create(Quotation, party_id=party.id, lines=rows) for _n in range(RUNS + 2)]

    def told(what: str, act: Callable[[Quotation], object], documents: list[Quotation]) -> Row:
        waiting = iter(documents)
        ours, cpu = median_and_cpu(lambda: act(next(waiting)), runs=RUNS, bound=20)
        return Row(what, place.engine, ours, "ms", cpu=cpu)

    yield told("quotation of 5 lines submitted without a rule", lambda one: firm.move(one, "submit"), made())
    for n, (condition, roles) in enumerate(RULES):
        _rule(firm, n, condition, roles)
    asked = made()
    yield told("submitted to five steps of two rules", lambda one: firm.move(one, "submit"), asked)
    yield told("the first of five consents", lambda one: firm.agree(one, "manager"), asked)
    _grow(firm, asked[0], past)
    place.analyse()
    size = f"{past // 1000} k decided"
    for name, who, look in (
        ("waiting for me", "manager", reading.my_tasks),
        ("decided by me", "manager", lambda w: reading.decided_by(w, w.actor_id or 0)),
        ("asked by me", "rep", lambda w: reading.asked_by(w, w.actor_id or 0)),
        ("sent to me", "purchaser", lambda w: reading.sent_to(w, w.actor_id or 0)),
        ("how much of mine still waits", "rep", lambda w: reading.count_asked(w, w.actor_id or 0)),
    ):
        ours, cpu, bare = beside(place, firm, who, look)
        yield Row(f"{size}: box, {name}", place.engine, ours, "ms", bare, cpu=cpu)


def _rule(firm: Firm, n: int, condition: str, roles: Any) -> None:
    def write(work: Work) -> None:
        keys = {role.key: role.id for role in work.company.roles.values()}
        steps = [{"name": role.key, "role_id": keys[role.key]} for role in roles]
        steps += [{"name": "抄送采购", "role_id": keys[PURCHASING.key], "mode": "copy"}] if n == 0 else []
        given: dict[str, Any] = {"name": f"规则 {n}", "condition": condition, "position": n, "steps": steps}
        given |= {"document_kind": "quotation.quotation", "transition": "submit"}
        masters.save(work, ApprovalPolicy, inputs.read(ApprovalPolicy, given))

    firm.run("admin", write)


def _grow(firm: Firm, like: Quotation, past: int) -> None:
    """Many more consents and requests like those of ``like``, all of them past."""

    def multiply(work: Work) -> None:
        if not is_sqlite(work.connection):
            # Every row is checked against all that it refers to, which may take longer than a request may.
            work.connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        newest = work.connection.execute(select(func.max(_REQUEST.c.id))).scalar_one()
        request = work.connection.execute(select(_REQUEST.c.id).where(_REQUEST.c.document_id == like.id)).scalar_one()
        bulk.copies(work.connection, _REQUEST, request, past, {"state": "'approved'"})
        first = work.connection.execute(select(func.min(_REQUEST.c.id)).where(_REQUEST.c.id > newest)).scalar_one()
        given = (_TASK.c.acted_by == firm.people["manager"]) | (_TASK.c.mode == COPY)
        found = select(_TASK.c.id).where(_TASK.c.document_id == like.id, given)
        for key in work.connection.execute(found).scalars().all():
            over = {"request_id": f"{first - 1} + n", "state": "'approved'", "opened_at": "r.acted_at"}
            bulk.copies(work.connection, _TASK, key, past, over)

    firm.as_program(multiply)
