"""What is on somebody's desk: what to plan, to report, to solve, to buy; and how far it all is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from core.documents.access import leads
from core.documents.kinds import kind_of
from core.hooks.values import Card, Duty, Moment, Ref
from core.roles import SALES_CLERK
from core.search import figures
from core.text import Text, _
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder
from plugins.production.services.events import notice_day
from plugins.production.settings import NOTICE_BY, NOTICE_DAYS, REPORT_DAYS

ORDER, FOLLOW_UP = "production.order", "production.follow_up"
MOST = 100
PLAN = _("Schedule what {party} has ordered")
MAKE = _("Begin what was scheduled for {party}")
REPORT = _("Report the progress for {party}")
SOLVE = _("Solve the problem with the goods for {party}: {problem}")
TELL = _("Tell purchasing what {party} needs")
BUY = _("Urge the supplier of the goods for {party}")


def duties(work: Work) -> Iterator[Duty]:
    """What the actor has to do here."""
    if work.may(f"{ORDER}.read"):
        yield from _orders(work)
    if work.may(f"{FOLLOW_UP}.read"):
        yield from _follow_ups(work)


def _orders(work: Work) -> Iterator[Duty]:
    """To the works what they plan and report; to the representative at once what goes wrong (PRD-02, PRD-07)."""
    makes = leads(work, f"{ORDER}.start")
    every = timedelta(days=work.setting(REPORT_DAYS))
    for row in figures.some(work, ProductionOrder, states=OPEN_ORDERS, most=MOST):
        if row.state == "troubled":
            if row.owner_id == work.actor_id:
                yield _duty(work, ORDER, row, SOLVE, "solve", work.today)
        elif makes and row.state == "planned":
            yield _duty(work, ORDER, row, PLAN, "plan", row.needed_on or row.deadline)
        elif makes and row.state == "scheduled":
            yield _duty(work, ORDER, row, MAKE, "make", row.planned_start)
        elif makes:
            yield _duty(work, ORDER, row, REPORT, "report", _next_report(row, every))


OPEN_ORDERS = ("planned", "scheduled", "started", "troubled")
OPEN_FOLLOW_UPS = ("waiting", "told", "troubled")


def _next_report(row: Any, every: timedelta) -> date | None:
    """Key orders are reported twice as often."""
    last = row.reported_on or row.started_on
    return last + (every / 2 if row.key_order else every) if last else None


def _follow_ups(work: Work) -> Iterator[Duty]:
    """The representative or the clerk tells purchasing in time, purchasing urges and confirms (PRD-05)."""
    buys = leads(work, f"{FOLLOW_UP}.urge")
    tells = work.setting(NOTICE_BY) == SALES_CLERK.key and _is_clerk(work)
    days = work.setting(NOTICE_DAYS)
    for row in figures.some(work, FollowUp, states=OPEN_FOLLOW_UPS, most=MOST):
        mine = row.owner_id == work.actor_id
        if row.state == "troubled":
            if mine:
                yield _duty(work, FOLLOW_UP, row, SOLVE, "solve", work.today)
        elif row.state == "waiting" and (tells or (mine and work.setting(NOTICE_BY) != SALES_CLERK.key)):
            yield _duty(work, FOLLOW_UP, row, TELL, "tell", notice_day(row.needed_on or row.deadline, days))
        elif row.state == "told" and buys:
            yield _duty(work, FOLLOW_UP, row, BUY, "buy", row.expected_on or row.deadline)


def _is_clerk(work: Work) -> bool:
    return any(work.company.roles[role].key == SALES_CLERK.key for role in work.roles())


def _duty(work: Work, kind: str, row: Any, title: Text, what: str, due: date | None) -> Duty:
    values = (("party", row.party_name), ("problem", row.problem))
    said = Text(title.message, tuple(v for v in values if f"{{{v[0]}}}" in title.message))
    return Duty(f"{kind}.{what}:{row.id}", said, Ref(kind, row.id, figures.title_of(row)), due, work.actor_id)


CARDS = (
    (ORDER, ProductionOrder, ("planned",), _("To be scheduled"), "orange"),
    (ORDER, ProductionOrder, ("scheduled", "started"), _("In production"), "blue"),
    (ORDER, ProductionOrder, ("troubled",), _("Production problems"), "red"),
    (FOLLOW_UP, FollowUp, ("waiting",), _("Purchasing to be told"), "orange"),
    (FOLLOW_UP, FollowUp, ("told",), _("With purchasing"), "blue"),
    (FOLLOW_UP, FollowUp, ("troubled",), _("Purchasing problems"), "red"),
)


def cards(work: Work) -> Iterator[Card]:
    """How many there are in each state; a company that only makes, or only buys, sees only that."""
    counted = {}
    for kind, cls in ((ORDER, ProductionOrder), (FOLLOW_UP, FollowUp)):
        if work.may(f"{kind}.read"):
            wanted = {state for one in CARDS if one[0] == kind for state in one[2]}
            counted[kind] = figures.by_state(work, cls, wanted)
    for place, (kind, _cls, states, title, tone) in enumerate(CARDS, 40):
        if counted.get(kind):
            count = sum(counted[kind][state][0] for state in states if state in counted[kind])
            yield Card(f"{kind}.{states[0]}", title, count, kind, (("state", ",".join(states)),), None, tone, place)


def moments(work: Work, cls: type[ProductionOrder] | type[FollowUp], party_id: int) -> Iterator[Moment]:
    """What is or was made or bought for a customer, with its state."""
    kind = kind_of(cls)
    for row in figures.some(work, cls, party_id=party_id):
        state = cls.workflow.state(row.state).label
        title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
        body = str(_("Expected on {day}", day=row.expected_on)) if row.expected_on else row.subject
        yield Moment(row.created_at, Ref(kind, row.id, figures.title_of(row)), title, body, work.person(row.owner_id))
