"""The shell around every screen: the menu of areas, the companies, the bell, the person, language and light."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from flask import current_app, get_flashed_messages, request, url_for
from sqlalchemy import Date, Select, bindparam, select

from core.approvals import reading
from core.duties.reading import Due, my_duties
from core.entities.account import Employment
from core.entities.company import Company
from core.extension.core_settings import REMINDER_DAYS
from core.extension.registry import in_chain
from core.facts import Bounded
from core.operations import comment
from core.records.guidance import duties as duties_of_guidance
from core.text import CHINESE, LANGUAGES, Text, _, in_language, language
from core.web.current import Visitor, root, visitor
from core.work import Work

if TYPE_CHECKING:
    from core.web.screens import Screen

TAGS = {CHINESE: "zh-Hans-CN", "en": "en"}
THEME_COOKIE = "zhanggui_theme"
GROUPS: dict[str, Text] = {"": _("Start"), "core": _("Master data"), "administration": _("Administration")}
_bells: Bounded[tuple[float, int, bool]] = Bounded()
BELL_SECONDS = 20.0


@dataclass(slots=True)
class Group:
    """A part of the menu."""

    label: str
    entries: list[dict[str, Any]] = field(default_factory=list)


def theme() -> str:
    """Light, dark or what the machine prefers."""
    chosen = request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in {"light", "dark"} else "auto"


def languages() -> list[dict[str, Any]]:
    """The languages that the program speaks."""
    return [{"code": c, "label": label, "tag": TAGS[c], "current": c == language()} for c, label in LANGUAGES.items()]


def messages() -> list[dict[str, str]]:
    """What was said to the person since the last page."""
    found: list[Any] = get_flashed_messages(with_categories=True)
    return [{"tone": tone, "text": text} for tone, text in found]


def build(work: Work, screen: Screen | None = None) -> dict[str, Any]:
    """Everything that ``base.html`` shows around the main part."""
    who = visitor()
    count, late = bell(work)
    return {
        "language": TAGS[language()],
        "theme": theme(),
        "languages": languages(),
        "language_url": f"{root()}/language",
        "company": {"name": work.company.title, "short": work.company.title, "colour": work.company.colour},
        "companies": companies(work),
        "menu": menu(work, screen),
        "messages": messages(),
        "search_url": url_for("search.index"),
        "home_url": url_for("home.index"),
        "logout_url": f"{root()}/logout",
        "duties": {"count": count, "overdue": late, "url": url_for("my_duties.index")},
        "user": {"name": who.title, "role": roles(work), "links": links(who)},
    }


def bare() -> dict[str, Any]:
    """What a page outside of the shell needs."""
    return {
        "plain": {
            "language": TAGS[language()],
            "theme": theme(),
            "languages": languages(),
            "language_url": f"{root()}/language",
        }
    }


def roles(work: Work) -> str:
    """The roles of the person here, in words."""
    return str(_(", ")).join(sorted(work.company.roles[role].title for role in work.roles()))


def links(who: Visitor) -> list[dict[str, str]]:
    """What the menu of the person leads to: screens that say so themselves."""
    screens: list[Screen] = current_app.extensions["zhanggui_screens"]
    return [
        {"url": url_for(f"{s.endpoint}.{s._default_view}"), "label": str(s.label), "icon": s.icon}
        for s in screens
        if s.personal
    ]


def menu(work: Work, active: Screen | None) -> list[Group]:
    """The screens that the person may open, grouped by area in the areas' order."""
    screens: list[Screen] = current_app.extensions["zhanggui_screens"]
    found: dict[str, Group] = {}
    labels = {**{k: str(v) for k, v in GROUPS.items()}, **{n: str(p.label) for n, p in work.types.plugins.items()}}
    for name in ("", "core", *in_chain(work.types.plugins), "administration"):
        found[name] = Group("" if name == "" else labels[name])
    for screen in screens:
        if screen.in_menu and screen.group in found and screen.opens(work):
            found[screen.group].entries.append(
                {
                    "url": url_for(f"{screen.endpoint}.{screen._default_view}"),
                    "label": str(screen.label),
                    "icon": screen.icon,
                    "active": active is screen,
                }
            )
    return [group for group in found.values() if group.entries]


@cache
def _employers() -> Select[Any]:
    company: Any = Company.__table__
    job: Any = Employment.__table__
    today = bindparam("today", type_=Date)
    return (
        select(company.c.id, company.c.code, company.c.name, company.c.name_en, company.c.colour)
        .join(job, job.c.company_id == company.c.id)
        .where(
            job.c.account_id == bindparam("account"),
            company.c.active,
            job.c.valid_from.is_(None) | (job.c.valid_from <= today),
            job.c.valid_until.is_(None) | (job.c.valid_until >= today),
        )
        .order_by(company.c.id)
    )


def companies(work: Work) -> list[dict[str, Any]]:
    """The companies that the person works for today, this one marked; a few seconds old at most.

    Whether one of them opens is asked anew, so a place that was lost a moment ago leads to a refusal.
    """
    key = (work.actor_id, work.today)
    known: Bounded[tuple[float, list[Any]]] = current_app.extensions.setdefault("zhanggui_workplaces", Bounded())
    kept = known.get(key)
    if kept and time.monotonic() - kept[0] < BELL_SECONDS:
        rows = kept[1]
    else:
        rows = list(work.connection.execute(_employers(), {"account": work.actor_id, "today": work.today}))
        known.put(key, (time.monotonic(), rows))
    return [
        {
            "name": in_language(r.name, r.name_en),
            "colour": r.colour,
            "url": f"{root()}/c/{r.code}/",
            "current": r.id == work.company.id,
        }
        for r in rows
    ]


def bell(work: Work) -> tuple[int, bool]:
    """How many duties, consents and comments wait for the person, and whether one is late; some seconds old at most."""
    key = (work.company.id, work.actor_id)
    kept = _bells.get(key)
    if kept and time.monotonic() - kept[0] < BELL_SECONDS:
        return kept[1], kept[2]
    return ring(work, duties(work), consents(work))


def ring(work: Work, found: list[Due], asked: list[Any]) -> tuple[int, bool]:
    """What the bell shows for these duties and consents, kept for the next pages."""
    late = any(duty.due is not None and duty.due < work.today for duty in found)
    late = late or any(task.due_at is not None and work.day_of(task.due_at) < work.today for task in asked)
    count = len(found) + len(asked) + comment.count_unread(work)
    _bells.put((work.company.id, work.actor_id), (time.monotonic(), count, late))
    return count, late


def forget_bell(company: int, account: int) -> None:
    """Count anew at the next page: the person has just done something."""
    _bells.put((company, account), (0.0 - BELL_SECONDS, 0, False))


def duties(work: Work) -> list[Due]:
    """What the person has to do within the company's number of days."""
    return [*my_duties(work, ahead=work.setting(REMINDER_DAYS)), *duties_of_guidance(work)]


def consents(work: Work) -> list[Any]:
    """What waits for the person's consent."""
    return reading.my_tasks(work, most=100)
