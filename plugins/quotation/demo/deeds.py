"""What people do with inquiries and offers in the demonstration, each as the person whose work it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select

from core.approvals import reading
from core.demonstration.baskets import basket
from core.demonstration.words import words
from core.documents.models import Document
from core.documents.reading import load
from core.errors import Unconfirmed
from core.operations import create, decide, edit, move
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.work import Work
from plugins.quotation.demo.story import Story
from plugins.quotation.documents import Inquiry, Quotation
from plugins.quotation.settings import VALID_DAYS

AGREED = ("同意", "同意，注意回款", "同意报价", "价格可以，尽快跟进", "")
# How an offer lies to the price list, and how often.
FACTORS = {"1": 60, "0.98": 22, "0.96": 8, "0.92": 7, "0.83": 3}
WITHDRAWN = "客户修改了数量"


def ask(story: Story, day: int, hour: float) -> None:
    """The representative enters what the customer asks for."""
    demo, project = story.demo, story.project
    given = {
        "party_id": demo.parties[project.firm],
        "project": project.name,
        "inquiry_kind": "tender" if project.tender else "inquiry",
        "way": project.channel,
        "deadline": (demo.days[day] + timedelta(days=story.random.randint(3, 12))).isoformat(),
        "priority": story.random.choice(("normal", "normal", "normal", "urgent", "low")),
        "expected_amount": str(_budget(story)),
        "lines": _wanted(story),
    }

    def command(work: Work) -> int:
        values = inputs.read(Inquiry, given)
        return create.create(work, Inquiry, values, values.pop("lines")).id

    story.inquiry = story.run(story.owner, day, hour, command)


def take_part(story: Story, day: int, hour: float) -> None:
    """The manager decides that we take part; a major one waits for the leader."""
    manager = story.demo.holders(SALES_MANAGER.key)[0]
    story.run(manager, day, hour, lambda work: move.move(work, Inquiry, story.inquiry, "accept"))


def drop(story: Story, day: int, hour: float, reason: str) -> None:
    """The representative lets an inquiry go."""
    story.run(story.owner, day, hour, lambda work: move.move(work, Inquiry, story.inquiry, "drop", reason=reason))


def quote(story: Story, day: int, hour: float) -> None:
    """The representative makes the draft of an offer from the inquiry."""
    party = story.demo.parties[story.project.firm]
    newest = (
        select(Quotation.id)
        .where(Quotation.party_id == party, Quotation.project == story.project.name)
        .order_by(Quotation.id.desc())
    )

    def command(work: Work) -> None:
        move.move(work, Inquiry, story.inquiry, "quote")

    story.run(story.owner, day, hour, command)
    story.quotation = story.look(day, hour, lambda work: work.session.scalars(newest).first()) or 0


def offer(story: Story, day: int, hour: float) -> None:
    """The representative writes an offer nobody has entered an inquiry for."""
    given = {
        "party_id": story.demo.parties[story.project.firm],
        "project": story.project.name,
        "lines": _wanted(story),
    }

    def command(work: Work) -> int:
        values = inputs.read(Quotation, given)
        return create.create(work, Quotation, values, values.pop("lines")).id

    story.quotation = story.run(story.owner, day, hour, command)


def _wanted(story: Story) -> list[dict[str, Any]]:
    demo = story.demo
    chosen = basket(story.random, demo.market, demo.preset.items, _budget(story))
    return [{"item_id": demo.items[one.item], "quantity": str(one.quantity)} for one in chosen]


def _budget(story: Story) -> Decimal:
    """What the customer has; where the leader is to be asked, twice the amount from which that is so."""
    major = max(step.from_amount for one in story.demo.preset.policies for step in one.steps)
    return (
        max(story.project.budget, 2 * major) if story.fate in ("asking_leader", "asking_part") else story.project.budget
    )


def price(story: Story, day: int, hour: float) -> None:
    """The representative settles terms and prices: mostly those of the list, sometimes below."""
    terms = words(story.demo.market)["offers"]
    header = {name: story.random.choice(choice) for name, choice in terms.items()}
    header["sent_by"] = story.random.choice(("paper", "email", "wechat", "hand"))
    factor = Decimal(story.random.choices(list(FACTORS), list(FACTORS.values()))[0])
    _change(story, day, hour, factor, header)


def reprice(story: Story, day: int, hour: float, factor: Decimal) -> None:
    """The representative changes the prices of an offer by a factor, and promises them anew."""
    _change(story, day, hour, factor, {})


def _change(story: Story, day: int, hour: float, factor: Decimal, header: dict[str, Any]) -> None:
    def command(work: Work) -> None:
        quotation = load(work, Quotation, story.quotation)
        valid = work.today + timedelta(days=work.setting(VALID_DAYS))
        lines: list[dict[str, Any]] = [
            {"id": line.id, "lead_time": _lead_time(story, line.code)} for line in quotation.lines
        ]
        if factor != 1:
            for row, line in zip(lines, quotation.lines, strict=True):
                row["gross_price"] = str((line.gross_price * factor).quantize(Decimal("0.01")))
        given = {**header, "valid_until": valid.isoformat(), "lines": lines}
        values = inputs.read(Quotation, given, partial=True)
        edit.edit(work, Quotation, quotation.id, values, values.pop("lines"))

    story.run(story.owner, day, hour, command)


def _lead_time(story: Story, code: str) -> str:
    days = next((item["lead_days"] for item in story.demo.preset.items if item["code"] == code), 0)
    return f"{days}天" if days else ""


def go(story: Story, day: int, hour: float, name: str, reason: str = "") -> None:
    """The representative moves the offer on, and confirms the warnings that stand against it."""
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
    """The representative takes the request for consent back."""
    key = story.quotation
    story.run(story.owner, day, hour, lambda work: decide.withdraw(work, Quotation, key, reason=WITHDRAWN))


def agree(story: Story, day: int, hour: float, cls: type[Document] = Quotation, *, most: int = 4) -> None:
    """One after the other who is asked agrees, `most` of them; nothing happens when nobody is asked."""
    for n in range(most):
        later = hour + n / 2
        who, task = _turn(story, day, later, cls)
        if not task:
            return
        story.run(who, day, later, partial(_agree, task, story.random.choice(AGREED)))


def _agree(task: int, opinion: str, work: Work) -> None:
    decide.agree(work, task, opinion=opinion)


def refuse(story: Story, day: int, hour: float, reason: str) -> None:
    """Whoever's turn it is says no, and why."""
    who, task = _turn(story, day, hour, Quotation)
    if task:
        story.run(who, day, hour, lambda work: decide.reject(work, task, opinion=reason))


def revise(story: Story, day: int, hour: float) -> None:
    """A second version at a lower price."""
    go(story, day, hour, "revise")
    reprice(story, day, hour, Decimal("0.97"))


def _turn(story: Story, day: int, hour: float, cls: type[Document]) -> tuple[str, int]:
    """Who may give the consent that is asked for now, and which; 0 when none is."""
    key = story.inquiry if cls is Inquiry else story.quotation

    def question(work: Work) -> tuple[str, int]:
        request = reading.requested(work, load(work, cls, key, lines=False))
        for task in reading.tasks(work, request.id) if request else ():
            if task.state == "open":
                return work.company.roles[task.role_id].key, int(task.id)
        return "", 0

    role, task = story.look(day, hour, question)
    return (story.demo.holders(role)[0] if task else ""), task
