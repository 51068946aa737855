"""Guidance on the pages of records and in its boxes: what superiors said, to whom, and what was answered (PLT-13)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request, url_for
from flask_admin import expose

from core.documents.kinds import kind_of
from core.documents.models import Document
from core.entities.master import Master
from core.errors import Fault, Invalid, Unknown
from core.operations import guide
from core.operations.beside import record_of
from core.records import guidance
from core.text import _
from core.web import addresses
from core.web.current import work
from core.web.screens import Page, Screen
from core.web.showing import Tag, moment
from core.work import Work

SIZE = 50


def panel(opened: Work, record: Document | Master, url: Callable[..., str]) -> dict[str, Any] | None:
    """What was said on a record, with a form for whoever may say something; None where there is neither."""
    rows = guidance.guidance_on(opened, type(record), record.id)
    people = guide.below(opened)
    if not rows and not people:
        return None
    owner = getattr(record, "owner_id", None)
    choices = [(account, opened.person(account)) for account in people]
    field = {
        "name": "to_id",
        "label": str(_("For")),
        "kind": "choice",
        "choices": choices,
        "value": owner if owner in people else "",
        "required": True,
    }
    return {
        "key": "guidance",
        "label": str(_("Guidance")),
        "icon": "message-circle",
        "kind": "guidance",
        "count": len(rows),
        "entries": [_note(opened, row, url) for row in rows],
        "fields": [field] if people else [],
        "url": url("guide_view") if people else "",
    }


def _note(opened: Work, row: Any, url: Callable[..., str]) -> dict[str, Any]:
    mine = row.to_id == opened.actor_id and row.answered_at is None
    return {
        "id": row.id,
        "by": opened.person(row.given_by),
        "to": opened.person(row.to_id),
        "at": moment(opened, row.given_at),
        "text": row.text,
        "tag": _tag(row),
        "answer": row.answer,
        "answered_at": moment(opened, row.answered_at),
        "url": url("answer_view", note=row.id) if mine else "",
    }


def _tag(row: Any) -> Tag:
    return Tag(str(_("Answered")), "green") if row.answered_at else Tag(str(_("Not answered")), "orange")


def say(opened: Work, cls: Any, key: int) -> None:
    """Guidance as it was posted from the page of a record."""
    record_of(opened, cls, key)
    to = request.form.get("to_id", "")
    if not (to.isascii() and to.isdigit() and len(to) < 19):
        raise Invalid([Fault("to_id", _("Name whom it is for."), "required")])
    guide.guide(opened, cls, key, request.form.get("text", ""), to=int(to))


def answer(opened: Work, cls: Any, key: int, note: int) -> None:
    """The answer to guidance as it was posted from the page of the record that it is on."""
    row = guide.find(opened, note)
    if (row.kind, row.record_id) != (kind_of(cls), key):
        raise Unknown()
    guide.answer(opened, note, request.form.get("answer", ""))


class GuidanceBoxes(Screen):
    """What superiors have said to the person, and what he has said to others."""

    label, icon, group = _("Guidance"), "message-circle", ""

    @expose("/")
    @expose("/<box>")
    def index(self, box: str = "mine") -> Page:
        """One box, page by page."""
        boxes = {"mine": (_("For me"), guidance.given_to), "given": (_("Said by me"), guidance.given_by)}
        if box not in boxes:
            raise Unknown()
        opened = work()
        me, text = opened.actor_id or 0, request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        rows = boxes[box][1](opened, me, before=before, most=SIZE + 1)
        counts = {"mine": guidance.count_open(opened, me)}
        return self.page(
            "guidance.html",
            box={
                "title": str(self.label),
                "boxes": [
                    {
                        "label": str(label),
                        "count": counts.get(key, ""),
                        "url": url_for(".index", box=key),
                        "active": key == box,
                    }
                    for key, (label, _read) in boxes.items()
                ],
                "rows": _shown(opened, rows[:SIZE], box),
                "next_url": url_for(".index", box=box, before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
            },
        )


def _shown(opened: Work, rows: list[Any], box: str) -> list[dict[str, Any]]:
    titles = guidance.titles(opened, rows)
    return [
        {
            "title": titles.get((row.kind, row.record_id), ""),
            "who": opened.person(row.given_by if box == "mine" else row.to_id),
            "text": row.text,
            "answer": row.answer,
            "tag": _tag(row),
            "at": moment(opened, row.given_at),
            "url": f"{addresses.record(row.kind, row.record_id)}#guidance",
        }
        for row in rows
    ]
