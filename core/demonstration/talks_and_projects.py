"""Invented talks with customers and the projects they ask for, sensible per market and repeatable by seed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from core.demonstration.people_and_firms import Firm, FirmContact, repeatable
from core.demonstration.words import parted, readings, words

_DECIDING = ("decision_maker", "management", "commercial")
_INTEREST = {"A": 6, "B": 3, "C": 1}


@dataclass(frozen=True, slots=True)
class TalkNote:
    """One talk as it is written into the talk record: one or two Chinese sentences, perhaps a next step and its date.

    `firm` is the position in the list of firms the notes were made for; `about` one of design, sale, dealer,
    complaint, money, meeting and wait.
    """

    firm: int
    contact: FirmContact
    on: datetime.date
    method: str
    subject: str
    about: str
    content: str
    next_step: str
    next_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class Project:
    """What a firm asks an offer for: its name, the money it has (yuan, whole thousands) and when it decides.

    `firm` is the position in the list of firms the projects were made for.
    """

    firm: int
    name: str
    asked_on: datetime.date
    decides_on: datetime.date
    budget: Decimal
    channel: str
    tender: bool


def talk_notes(
    seed: int, industry: str, firms: Sequence[Firm], count: int, *, days: Sequence[datetime.date]
) -> list[TalkNote]:
    """`count` talks on the given (working) days, oldest first; A customers come up most, C customers least.

    Raises ValueError when there is no firm or no day to talk.
    """
    random, market = _started(seed, industry, "talks", firms, days)
    chosen = random.choices(range(len(firms)), [_INTEREST[firm.customer_class] for firm in firms], k=count)
    notes = [_talk(random, market, index, firms[index], random.choice(days)) for index in chosen]
    return sorted(notes, key=lambda note: note.on)


def projects(
    seed: int, industry: str, firms: Sequence[Firm], count: int, *, days: Sequence[datetime.date]
) -> list[Project]:
    """`count` projects asked for on the given (working) days, oldest first, names all different.

    Raises ValueError when there is no firm or no day to ask, or when the market has not so many names.
    """
    random, market = _started(seed, industry, "projects", firms, days)
    weights = [_INTEREST[firm.customer_class] for firm in firms]
    made: dict[str, Project] = {}
    for _attempt in range(count * 20):
        if len(made) == count:
            break
        index = random.choices(range(len(firms)), weights)[0]
        project = _project(random, market, index, firms[index], random.choice(days))
        made.setdefault(project.name, project)
    if len(made) < count:
        raise ValueError(f"{len(firms)} firms are too few for {count} different projects.")
    return sorted(made.values(), key=lambda project: project.asked_on)


def _started(
    seed: int, industry: str, what: str, firms: Sequence[Firm], days: Sequence[datetime.date]
) -> tuple[Random, dict[str, Any]]:
    if not firms or not days:
        raise ValueError("At least one firm and one day are needed.")
    return repeatable(seed, industry, what), words(industry)


def _project(random: Random, market: dict[str, Any], index: int, firm: Firm, day: datetime.date) -> Project:
    lowest, highest = market["projects"]["budgets"]
    share = random.random() ** 3
    budget = Decimal(int(lowest + (highest - lowest) * share) // 1000 * 1000)
    tender = budget >= 400_000 and random.random() < 0.5
    return Project(
        firm=index,
        name=_project_name(random, market, firm),
        asked_on=day,
        decides_on=day + datetime.timedelta(days=random.randint(10, 90)),
        budget=budget,
        channel="platform" if tender else random.choice(("phone", "email", "visit", "wechat", "fair")),
        tender=tender,
    )


def _project_name(random: Random, market: dict[str, Any], firm: Firm) -> str:
    named = market["projects"]
    first, last = random.choice(readings("trade_first")), random.choice(readings("trade_last"))
    return str(random.choice(named["patterns"])).format(
        city=firm.region.district if random.random() < 0.4 else firm.region.city.removesuffix("市"),
        trade=first[0] + last[0],
        short=firm.short_name,
        host=_host(random, market, firm)[0],
        subject=random.choice(_fitting(named["subjects"], firm.kind))[0],
        work=random.choice(named["works"]),
    )


def _host(random: Random, market: dict[str, Any], firm: Firm) -> tuple[str, str]:
    hosts = market["sectors"][firm.sector].get("hosts")
    machine, bearing = parted(random.choice(hosts)) if hosts else ("", "")
    return machine, bearing


def _talk(random: Random, market: dict[str, Any], index: int, firm: Firm, day: datetime.date) -> TalkNote:
    talks = market["talks"]
    opening, _kinds, method, subject, topic = random.choice(_fitting(talks["openings"], firm.kind))
    sentences, step = [opening], ""
    if random.random() < 0.8:
        sentences.append(random.choice(_fitting(talks["middles"], firm.kind, topic))[0])
    if random.random() < 0.7:
        step = random.choice(_fitting(talks["endings"], firm.kind, topic))[0]
    contact = random.choice(firm.contacts)
    said = _fillings(random, market, firm, contact)
    return TalkNote(
        firm=index,
        contact=contact,
        on=day,
        method=method,
        subject=subject,
        about=topic,
        content="".join(sentences).format(**said),
        next_step=step.format(**said).removesuffix("。"),
        next_on=day + datetime.timedelta(days=random.randint(3, 21)) if step else None,
    )


def _fitting(entries: list[str], kind: str, topic: str | None = None) -> list[list[str]]:
    """The sentences for a kind of customer, and, where they have topics (the third part), for this topic."""
    fields = [parted(entry) for entry in entries]
    return [one for one in fields if _allows(one[1], kind) and (topic is None or _allows(one[2], topic))]


def _allows(listed: str, wanted: str) -> bool:
    return listed == "-" or wanted in listed.split(",")


def _fillings(random: Random, market: dict[str, Any], firm: Firm, contact: FirmContact) -> dict[str, object]:
    deciding = [one.title for one in firm.contacts if one.decision_part in _DECIDING and one is not contact]
    host, bearing = _host(random, market, firm)
    return {
        "project": _project_name(random, market, firm),
        "product": random.choice(market["talks"].get("products", [""])),
        "lamp": random.choice(market["talks"].get("lamps", [""])),
        "host": host,
        "bearing": bearing,
        "title": contact.title,
        "decider": deciding[0] if deciding else "总经理",
        "weeks": random.randint(2, 8),
        "count": random.randint(4, 8),
        "few": random.randint(2, 6),
        "quantity": random.randint(4, 60) * 10,
        "percent": random.randint(3, 15),
        "weekday": random.choice("一二三四五"),
    }
