"""The first page: what is due, what waits for consent, figures of the areas, and what was touched last."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import url_for
from flask_admin import expose

from core.documents.kinds import area_of
from core.documents.models import Document
from core.duties.reading import Due
from core.hooks.values import Card
from core.money import told
from core.search.listing import Query, page
from core.text import Text, _, locale
from core.web import addresses, inbox, notices, shell
from core.web.current import work
from core.web.document_lines import amount
from core.web.screens import Page, Screen
from core.web.showing import free, state_tag
from core.work import Work

LATEST = 8
# Duties of one group that stand open; the others are folded below them, up to the second figure.
OPEN, MOST = 12, 100
_DOCUMENT: Any = Document.__table__


class Home(Screen):
    """The first page of a person in a company."""

    label, icon, group = _("Home"), "home", ""

    @expose("/")
    def index(self) -> Page:
        """The first page."""
        return self.page("home.html", home=values(work()))


def values(opened: Work) -> dict[str, Any]:
    """Everything ``home.html`` needs."""
    cards = opened.hooks.dashboard_cards()
    return {
        "greeting": str(_("{greeting}, {name}", greeting=greeting(opened), name=opened.person(opened.actor_id))),
        "date": format_date(opened.today, "full", locale=locale()),
        "quick": quick(opened),
        # What is at zero is said in one line: nobody has to do anything about it, but it was counted.
        "cards": [card(opened, c) for c in cards if c.value],
        "quiet": [card(opened, c) for c in cards if not c.value],
        "duties": duties(opened),
        "duties_url": url_for("my_duties.index"),
        "boxes": inbox.boxes(opened),
        "notices": notices.card(opened),
        "charts": [],
        "recent": recent(opened),
    }


def greeting(opened: Work) -> Text:
    """By the company's clock."""
    hour = opened.now.astimezone(ZoneInfo(opened.company.zone)).hour
    return _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")


def quick(opened: Work) -> list[dict[str, str]]:
    """What the person may begin: customers first, then documents along the chain."""
    kinds = [
        k
        for k, c in sorted(opened.types.documents.items(), key=lambda p: (p[1].stage or 99, p[1].corrects, p[0]))
        if c.stage is not None
    ]
    found = [k for k in [*kinds, "core.party"] if opened.may(f"{k}.create")]
    return [
        {"label": str(opened.types.type(k).label), "url": url_for(f"{addresses.endpoint(k)}.create_view")}
        for k in found[:3]
    ]


def card(opened: Work, one: Card) -> dict[str, Any]:
    """A figure that an area gave, leading to the list it counts."""
    readable = area_of(one.kind) in {*opened.areas, "core"} and opened.may(f"{one.kind}.read")
    icon = (
        opened.types.type(one.kind).icon
        if one.kind in {*opened.types.documents, *opened.types.masters}
        else "chart-bar"
    )
    return {
        "label": str(one.title),
        "value": told(one.value, one.currency) if isinstance(one.value, Decimal) else free(opened, one.value).value,
        "icon": icon,
        "note": str(one.note) if one.note else "",
        "tone": one.tone if one.tone in {"red", "green"} else "",
        "url": addresses.listing(one.kind, **dict(one.filters)) if readable else "",
    }


def duties(opened: Work) -> list[dict[str, Any]]:
    """What is due: late, today, later in the week and beyond, without a day."""
    today, found = opened.today, shell.duties(opened)
    week = today + timedelta(days=6 - today.weekday())
    parts: list[tuple[Text, bool, list[Due]]] = [
        (_("Overdue"), True, [d for d in found if d.due and d.due < today]),
        (_("Today"), False, [d for d in found if d.due == today]),
        (_("This week"), False, [d for d in found if d.due and today < d.due <= week]),
        (_("Later"), False, [d for d in found if d.due is None or d.due > week]),
    ]
    return [
        {
            "label": str(label),
            "late": late,
            "count": len(some),
            "entries": [_duty(d, today) for d in some[:OPEN]],
            "rest": [_duty(d, today) for d in some[OPEN:MOST]],
        }
        for label, late, some in parts
    ]


def _duty(duty: Due, today: date) -> dict[str, Any]:
    due = ""
    if duty.due:
        late = (today - duty.due).days
        due = str(_("{days} days late", days=late)) if late > 0 else duty.due.isoformat()
    return {
        "title": str(duty.title),
        "subtitle": duty.record.label,
        "due": due,
        "icon": "circle-dot",
        "url": addresses.record(duty.record.kind, duty.record.id) if duty.record.id else url_for("my_duties.index"),
    }


def recent(opened: Work) -> list[dict[str, Any]]:
    """The latest documents that the person may read, of every type."""
    rows: list[Any] = []
    for kind, cls in opened.types.documents.items():
        if opened.may(f"{kind}.read") and cls.sorts[0] == "date":
            rows += page(opened, cls, Query(size=LATEST)).rows
    rows.sort(key=lambda row: (row["date"], row["id"]), reverse=True)
    return [_latest(opened, row) for row in rows[:LATEST]]


def _latest(opened: Work, row: Any) -> dict[str, Any]:
    cls = opened.types.documents[row["kind"]]
    return {
        "title": row.get("number") or str(_("Draft {id}", id=row["id"])),
        "state": state_tag(cls, row["state"]),
        "subtitle": " · ".join(part for part in (str(cls.label), row.get("party_name") or "") if part),
        "amount": amount(opened, cls, row.get("gross"), row["currency"]),
        "at": row["date"].isoformat(),
        "url": addresses.record(row["kind"], row["id"]),
    }
