"""What is on somebody's desk: what to plan, to report, to solve, to buy; and how far it all is."""

from __future__ import annotations

from collections.abc import Iterator

from core.documents.kinds import kind_of
from core.hooks.values import Card, Moment, Ref
from core.search import figures
from core.text import _
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder

ORDER, FOLLOW_UP = "production.order", "production.follow_up"


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
