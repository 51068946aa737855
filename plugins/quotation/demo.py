"""A season of offers for the demonstration: asked for, priced, agreed to, sent, revised, won and lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from core.approvals import engine
from core.documents.reading import load
from core.errors import Unconfirmed
from core.operations import create, decide, edit, move
from core.schemas import inputs
from core.testing.baskets import basket
from core.testing.demonstration import Demonstration
from core.testing.talks_and_projects import Project, projects
from core.work import Work
from plugins.quotation.documents import Quotation

COUNT = 130
SEASON = 120  # working days
# How an offer ends when it has had its time, and how often.
FATES = {
    "won": 34, "lost": 18, "expired": 13, "won_after_revision": 12, "lost_after_revision": 5,
    "won_after_refusal": 8, "cancelled": 5, "withdrawn": 5,
}  # fmt: skip
# What the last offers have come to, so that every list and every desk has something on it.
LATEST = (
    "draft", "asking_manager", "asking_leader", "approved", "refused", "sent", "asking_manager", "revising",
    "asking_leader", "draft", "sent", "asking_manager", "approved", "withdrawn", "asking_leader", "draft",
)  # fmt: skip
UNDECIDED = ("draft", "asking_manager", "refused", "withdrawn", "cancelled")
LOST = (
    "价格高于同行，业主选择了低价方案",
    "业主资金未到位，项目取消",
    "指定了其他品牌",
    "交货期不能满足客户要求",
    "改由总包统一采购",
)
REFUSED = ("折扣过大，毛利不足，请重新核价", "付款条件风险大，请争取预付款", "交货期未与采购部确认，请核实后再报")
AGREED = ("同意", "同意，注意回款", "同意报价", "价格可以，尽快跟进", "")
CANCELLED = ("客户撤销采购计划", "重复报价，以另一份为准")
TERMS = ("预付30%，货到付70%", "预付30%，货到付60%，质保金10%一年", "款到发货", "货到30天付清")


def season(demo: Demonstration) -> None:
    """Make the offers of the last months, one event after the other as they happened."""
    events = sorted((event for story in _stories(demo) for event in _chapters(story)), key=lambda event: event.when)
    for event in events:
        if event.when[0] < len(demo.days):
            event.act()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on a working day (its index), at an hour, to the offer of a number."""

    when: tuple[int, float, int]
    act: Callable[[], None]


@dataclass(slots=True)
class Story:
    """One offer on its way: what was asked for, how it ends, and which document it is."""

    demo: Demonstration
    number: int
    project: Project
    fate: str
    random: Random
    start: int
    quotation: int = 0

    @property
    def owner(self) -> str:
        """Who makes the offer."""
        return self.demo.owners[self.project.firm]

    def at(self, day: int, hour: float, act: Callable[..., None], *given: Any) -> Event:
        """`act` on a working day at an hour."""
        return Event((day, hour, self.number), lambda: act(self, day, hour, *given))

    def run(self, who: str, day: int, hour: float, command: Callable[[Work], Any]) -> Any:
        """Let somebody carry out a command."""
        return self.demo.run(who, self.demo.days[day], command, hour=hour)


def _stories(demo: Demonstration) -> Iterator[Story]:
    count = max(len(LATEST) + 4, int(COUNT * demo.scale))
    seed = demo.chance("projects").randrange(10**6)
    asked = projects(seed, demo.market, demo.firms, count, days=demo.days[-SEASON:])
    place = {day: index for index, day in enumerate(demo.days)}
    for number, project in enumerate(asked):
        random, left = demo.chance(f"offer {number}"), count - number
        if left <= len(LATEST):
            yield Story(demo, number, project, LATEST[left - 1], random, len(demo.days) - 1 - left // 5)
        else:
            fate = random.choices(list(FATES), list(FATES.values()))[0]
            yield Story(demo, number, project, fate, random, place[project.asked_on])


def _chapters(story: Story) -> Iterator[Event]:
    """What happens to one offer, chapter by chapter."""
    day, fate, at = story.start, story.fate, story.at
    yield at(day, 9.0, offer)
    if fate != "draft":
        yield at(day, 11.0, go, "submit")
    if fate in ("refused", "won_after_refusal"):
        yield at(day, 13.0, refuse, story.random.choice(REFUSED))
    if fate == "won_after_refusal":
        yield at(day, 13.5, reprice, Decimal("1.02"))
        yield at(day, 14.0, go, "submit")
    if fate in ("withdrawn", "cancelled"):
        yield at(day, 11.5, withdraw)
    if fate == "cancelled":
        yield at(day, 16.0, go, "cancel", story.random.choice(CANCELLED))
    if fate not in UNDECIDED:
        yield from (at(day, hour, agree) for hour in ((14.5,) if fate == "asking_leader" else (14.5, 15.0, 15.5)))
    if fate not in (*UNDECIDED, "asking_leader", "approved"):
        yield at(day, 16.5, go, "send")
        yield from _answer(story)


def _answer(story: Story) -> Iterator[Event]:
    """What the customer says to the offer that was sent."""
    fate, at, day = story.fate, story.at, story.start + story.random.randint(3, 15)
    if fate in ("won", "won_after_refusal"):
        yield at(day, 10.0, go, "accept")
    elif fate == "lost":
        yield at(day, 10.0, go, "decline", story.random.choice(LOST))
    elif fate == "expired":
        yield at(story.start + 60, 6.0, expire)
    elif fate == "revising":
        yield at(story.start, 17.0, revise)
    elif fate in ("won_after_revision", "lost_after_revision"):
        yield at(day, 9.5, revise)
        yield at(day, 10.5, go, "submit")
        yield from (at(day, hour, agree) for hour in (14.0, 14.5, 15.0))
        yield at(day, 16.0, go, "send")
        if fate == "won_after_revision":
            yield at(day + 4, 10.0, go, "accept")
        else:
            yield at(day + 7, 10.0, go, "decline", story.random.choice(LOST))


def offer(story: Story, day: int, hour: float) -> None:
    """The representative writes the offer."""
    demo, random, project = story.demo, story.random, story.project
    budget = max(project.budget, Decimal(400_000)) if story.fate == "asking_leader" else project.budget
    given = {
        "party_id": demo.parties[project.firm],
        "subject": project.name,
        "payment_terms": random.choice(TERMS),
        "lines": [
            {"item_id": demo.items[one.item], "quantity": str(one.quantity)}
            for one in basket(random, demo.market, demo.preset.items, budget)
        ],
    }

    def command(work: Work) -> int:
        values = inputs.read(Quotation, given)
        return create.create(work, Quotation, values, values.pop("lines")).id

    story.quotation = story.run(story.owner, day, hour, command)


def go(story: Story, day: int, hour: float, name: str, reason: str = "") -> None:
    """The representative makes a move, and confirms the warnings that stand against it."""
    _go(story, story.owner, day, hour, name, reason)


def expire(story: Story, day: int, hour: float) -> None:
    """The day up to which the offer was valid has passed."""
    _go(story, "system", day, hour, "expire", "")


def _go(story: Story, who: str, day: int, hour: float, name: str, reason: str) -> None:
    def command(work: Work, confirmed: Iterable[str] = ()) -> None:
        move.move(work, Quotation, story.quotation, name, reason=reason, confirmed=confirmed)

    try:
        story.run(who, day, hour, command)
    except Unconfirmed as warned:
        codes = [one.code for one in warned.objections]
        story.run(who, day, hour, lambda work: command(work, codes))


def withdraw(story: Story, day: int, hour: float) -> None:
    """The representative takes the request back."""
    reason = "客户修改了数量"
    story.run(story.owner, day, hour, lambda work: decide.withdraw(work, Quotation, story.quotation, reason=reason))


def agree(story: Story, day: int, hour: float) -> None:
    """Whoever's turn it is agrees; nothing happens when nobody is asked."""
    who, task = _turn(story, day, hour)
    if task:
        opinion = story.random.choice(AGREED)
        story.run(who, day, hour, lambda work: decide.agree(work, task, opinion=opinion))


def refuse(story: Story, day: int, hour: float, reason: str) -> None:
    """Whoever's turn it is says no, and why."""
    who, task = _turn(story, day, hour)
    if task:
        story.run(who, day, hour, lambda work: decide.reject(work, task, opinion=reason))


def _turn(story: Story, day: int, hour: float) -> tuple[str, int]:
    """The consent that is asked for now, and who gives it; 0 when none is."""

    def look(work: Work) -> tuple[str, int]:
        document = load(work, Quotation, story.quotation, lines=False)
        request = engine.requested(work, document)
        for task in engine.tasks(work, request.id) if request else ():
            if task.state == "open":
                return work.company.roles[task.role_id].key, int(task.id)
        return "", 0

    with story.demo.program.works.read(story.demo.ask("system", story.demo.days[day], hour)) as work:
        role, task = look(work)
    return (story.demo.holders(role)[0] if task else ""), task


def reprice(story: Story, day: int, hour: float, factor: Decimal) -> None:
    """The representative changes the prices of the goods by a factor."""

    def command(work: Work) -> None:
        quotation = load(work, Quotation, story.quotation)
        lines = [
            {"id": line.id, "gross_price": str((line.gross_price * factor).quantize(Decimal("0.01")))}
            for line in quotation.lines
        ]
        values = inputs.read(Quotation, {"lines": lines}, partial=True)
        edit.edit(work, Quotation, quotation.id, {}, values["lines"])

    story.run(story.owner, day, hour, command)


def revise(story: Story, day: int, hour: float) -> None:
    """A second version at a lower price."""
    go(story, day, hour, "revise")
    reprice(story, day, hour, Decimal("0.97"))
