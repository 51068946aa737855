"""What a contact leaves on the tracking sheet: when it was, how, and when somebody must call again (CRM-02)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, select

from core.entities.party import Party
from core.operations import masters
from core.search import figures
from core.work import Work
from plugins.crm.documents import Talk
from plugins.crm.masters import Tracking, days_for

RECORDED = ("submitted", "reviewed")


def talked(work: Work, talk: Talk) -> None:
    """A talk is recorded: the customer's row is renewed, and begun with its first talk."""
    if talk.party_id is not None:
        renew(work, talk.party_id, on=talk.date, way=talk.way, next_on=talk.next_on, begin=True)


def renew(work: Work, party_id: int, *, on: date, way: str, next_on: date | None = None, begin: bool = False) -> None:
    """Count the follow-up interval from the contact ``on``, unless ``next_on`` was agreed.

    A contact older than the last one changes nothing. Without ``begin`` who is not on the sheet stays off it.
    """
    known: Any = work.session.execute(
        select(
            Party.party_class,
            Party.owner_id,
            Tracking.id,
            Tracking.interval_days,
            Tracking.last_contact,
        )
        .select_from(Party)
        .outerjoin(Tracking, and_(Tracking.party_id == Party.id))
        .where(Party.id == party_id)
    ).one_or_none()
    if known is None or (known.id is None and not begin) or (known.last_contact and on < known.last_contact):
        return
    days = timedelta(days=days_for(work, known.party_class, known.interval_days))
    values: dict[str, Any] = {"last_contact": on, "last_way": way, "next_contact": next_on or on + days}
    if known.id is None:
        values |= {"party_id": party_id, "owner_id": known.owner_id or work.actor_id}
    masters.write(work, Tracking, values, key=known.id)


def has_talked(work: Work, party_id: int, *, since: date) -> bool:
    """Whether anybody of the company recorded a talk with the customer on or after ``since``."""
    return bool(figures.some(work, Talk, states=RECORDED, party_id=party_id, since=since, hidden=True, most=1))


def people(text: str) -> list[Mapping[str, str]]:
    """Names, titles and phones as they are written on a talk: ``李工 / 技术主管 / 139…; 王总``."""
    found: list[Mapping[str, str]] = []
    for person in text.replace("；", ";").replace("\n", ";").split(";"):
        parts = [part.strip() for part in person.replace("／", "/").split("/")]
        if parts[0]:
            name, title, phone = (*parts, "", "")[:3]
            found.append({"name": name, "title": title, "phone": phone})
    return found
