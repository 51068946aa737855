"""A season of inquiries and offers for the demonstration: asked, priced, agreed to, sent, revised, won and lost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import partial

from core.demonstration.companies import Demonstration
from core.demonstration.talks_and_projects import projects
from plugins.quotation.demo import deeds
from plugins.quotation.demo.story import Event, Story
from plugins.quotation.documents import Inquiry

COUNT = 110
SEASON = 120  # working days
# How a project ends when it has had its time, and how often.
FATES = {
    "won": 32, "lost": 18, "expired": 13, "won_after_revision": 11, "lost_after_revision": 5,
    "won_after_refusal": 7, "cancelled": 4, "withdrawn": 3, "dropped": 7,
}  # fmt: skip
# What the last projects have come to, newest first, so that every list and every desk has something on it.
LATEST = (
    "asked", "draft", "asking_manager", "taking_part", "asking_leader", "approved", "asked", "refused",
    "sent", "asking_part", "asking_manager", "revising", "asking_leader", "draft", "dropped", "sent",
    "asking_manager", "asked", "approved", "withdrawn", "asking_leader", "taking_part", "sent", "draft",
)  # fmt: skip
PER_DAY = 6
INQUIRIES = ("asked", "taking_part", "asking_part", "dropped")
UNDECIDED = ("draft", "asking_manager", "refused", "withdrawn", "cancelled")
LOST = (
    "价格高于同行，业主选择了低价方案",
    "业主资金未到位，项目取消",
    "指定了其他品牌",
    "交货期不能满足客户要求",
    "改由总包统一采购",
)
DROPPED = ("参数不符，我司没有对应产品", "付款条件无法接受", "项目已由他人中标", "客户只比价，没有采购计划")
REFUSED = ("折扣过大，毛利不足，请重新核价", "付款条件风险大，请争取预付款", "交货期未与采购部确认，请核实后再报")
CANCELLED = ("客户撤销采购计划", "重复报价，以另一份为准")


def season(demo: Demonstration) -> None:
    """Make the inquiries and offers of the last months, one event after the other as they happened."""
    events = sorted((event for story in _stories(demo) for event in _chapters(story)), key=lambda event: event.when)
    for event in events:
        if event.when[0] < len(demo.days):
            event.act()


def _stories(demo: Demonstration) -> Iterator[Story]:
    wanted = int(demo.preset.demonstration.get("projects", COUNT))
    count = max(len(LATEST) + 8, int(wanted * demo.scale))
    seed = demo.chance("projects").randrange(10**6)
    asked = projects(seed, demo.market, demo.firms, count, days=demo.days[-SEASON : -len(LATEST) // PER_DAY])
    place = {day: index for index, day in enumerate(demo.days)}
    for number, project in enumerate(asked):
        random, left = demo.chance(f"offer {number}"), count - number
        if left <= len(LATEST):
            yield Story(demo, number, project, LATEST[left - 1], random, len(demo.days) - 1 - left // PER_DAY)
        else:
            fate = random.choices(list(FATES), list(FATES.values()))[0]
            yield Story(demo, number, project, fate, random, place[project.asked_on])


def _chapters(story: Story) -> Iterator[Event]:
    """What happens to one project, chapter by chapter."""
    day, at = story.start, story.at
    if story.fate in INQUIRIES or story.random.random() < 0.75:
        yield at(day, 8.2, deeds.ask)
        if story.fate in ("taking_part", "asking_part") or (story.fate != "asked" and story.random.random() < 0.2):
            yield at(day, 8.4, deeds.take_part)
            if story.fate != "asking_part":
                yield at(day, 8.6, deeds.agree, Inquiry)
        if story.fate == "dropped":
            yield at(day, 9.0, deeds.drop, story.random.choice(DROPPED))
        if story.fate not in INQUIRIES:
            yield at(day, 9.0, deeds.quote)
    else:
        yield at(day, 9.0, deeds.offer)
    if story.fate not in INQUIRIES:
        yield at(day, 10.0, deeds.price)
        yield from _consent(story)


def _consent(story: Story) -> Iterator[Event]:
    """From the draft to the offer that is sent, as far as it comes."""
    day, fate, at = story.start, story.fate, story.at
    if fate != "draft":
        yield at(day, 11.0, deeds.go, "submit")
    if fate in ("refused", "won_after_refusal"):
        yield at(day, 13.0, deeds.refuse, story.random.choice(REFUSED))
    if fate == "won_after_refusal":
        yield at(day, 13.5, deeds.reprice, Decimal("1.02"))
        yield at(day, 14.0, deeds.go, "submit")
    if fate in ("withdrawn", "cancelled"):
        yield at(day, 11.5, deeds.withdraw)
    if fate == "cancelled":
        yield at(day, 16.0, deeds.go, "cancel", story.random.choice(CANCELLED))
    if fate not in UNDECIDED:
        yield at(day, 14.5, partial(deeds.agree, most=1) if fate == "asking_leader" else deeds.agree)
    if fate not in (*UNDECIDED, "asking_leader", "approved"):
        yield at(day, 16.5, deeds.go, "send")
        yield from _answer(story)


def _answer(story: Story) -> Iterator[Event]:
    """What the customer says to the offer that was sent."""
    fate, at, day = story.fate, story.at, story.start + story.random.randint(3, 14)
    if fate in ("won", "won_after_refusal"):
        yield at(day, 10.0, deeds.go, "accept")
    elif fate == "lost":
        yield at(day, 10.0, deeds.go, "decline", story.random.choice(LOST))
    elif fate == "expired":
        yield at(story.start + 60, 6.0, deeds.expire)
    elif fate == "revising":
        yield at(story.start, 17.0, deeds.revise)
    elif fate in ("won_after_revision", "lost_after_revision"):
        yield at(day, 9.5, deeds.revise)
        yield at(day, 10.5, deeds.go, "submit")
        yield at(day, 14.0, deeds.agree)
        yield at(day, 16.0, deeds.go, "send")
        if fate == "won_after_revision":
            yield at(day + 4, 10.0, deeds.go, "accept")
        else:
            yield at(day + 7, 10.0, deeds.go, "decline", story.random.choice(LOST))
