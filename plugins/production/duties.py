"""What production and purchasing make people do: plan, begin, report, solve, tell purchasing, urge suppliers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from core.approvals import candidates
from core.duties.kinds import Columns, DutyKind
from core.roles import SALES_CLERK
from core.text import _
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder
from plugins.production.settings import NOTICE_BY, NOTICE_DAYS, REPORT_DAYS, SOLVE_DAYS

SOLVING = _("Problems to solve")
SOLVE = _("Solve the problem with the goods for {party}: {what}")
TELLING = _("Purchasing to be told")
TELL = _("Tell purchasing what {party} needs")
REPORTING = _("Progress to report")
REPORT = _("Report the progress for {party}")


def _key(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.key_order.is_(True)


def _usual(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.key_order.is_(False)


def _by_clerk(work: Work) -> bool:
    return bool(work.setting(NOTICE_BY) == SALES_CLERK.key)


def _clerks(work: Work) -> Collection[int]:
    roles = [role.id for role in work.company.roles.values() if role.key == SALES_CLERK.key]
    return frozenset[int]().union(*(candidates.holders(work, role) for role in roles))


def _solve(key: str, cls: type[ProductionOrder] | type[FollowUp]) -> DutyKind:
    """What went wrong is the representative's at once (PRD-07)."""
    return DutyKind(
        key=key,
        of=cls,
        label=SOLVING,
        title=SOLVE,
        states=("troubled",),
        since=lambda c: c.day(c.updated_at),
        days=SOLVE_DAYS,
        what=lambda c: c.problem,
    )


def _tell(key: str, **whose: Any) -> DutyKind:
    """Purchasing is told so many days before the day of delivery (PRD-05)."""
    return DutyKind(
        key=key,
        of=FollowUp,
        label=TELLING,
        title=TELL,
        states=("waiting",),
        since=("needed_on", "deadline"),
        days=lambda work: -int(work.setting(NOTICE_DAYS)),
        workdays=False,
        **whose,
    )


DUTIES = (
    _solve("production.order.solve", ProductionOrder),
    DutyKind(
        key="production.order.plan",
        of=ProductionOrder,
        label=_("Orders to schedule"),
        title=_("Schedule what {party} has ordered"),
        states=("planned",),
        since=("needed_on", "deadline"),
        right="start",
        own=False,
    ),
    DutyKind(
        key="production.order.make",
        of=ProductionOrder,
        label=_("Scheduled work to begin"),
        title=_("Begin what was scheduled for {party}"),
        states=("scheduled",),
        since=("planned_start",),
        right="start",
        own=False,
    ),
    # Key orders are reported twice as often.
    *(
        DutyKind(
            key=key,
            of=ProductionOrder,
            label=REPORTING,
            title=REPORT,
            states=("started",),
            since=("reported_on", "started_on"),
            days=lambda work, half=half: int(work.setting(REPORT_DAYS)) // half,  # type: ignore[misc]
            workdays=False,
            where=which,
            right="start",
            own=False,
        )
        for key, half, which in (("production.order.report", 1, _usual), ("production.order.report_key", 2, _key))
    ),
    _solve("production.follow_up.solve", FollowUp),
    _tell("production.follow_up.tell", on=lambda work: not _by_clerk(work)),
    _tell("production.follow_up.tell_by_clerk", on=_by_clerk, people=_clerks),
    DutyKind(
        key="production.follow_up.buy",
        of=FollowUp,
        label=_("Suppliers to urge"),
        title=_("Urge the supplier of the goods for {party}"),
        states=("told",),
        since=("expected_on", "deadline"),
        right="urge",
        own=False,
    ),
)
