"""What a person was told, and by which ways and when he wants to be."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.channels import KINDS
from core.entities.announcement import Announcement
from core.errors import DomainError, Unknown
from core.messages import reading
from core.operations import channels, telling
from core.text import _
from core.web import addresses
from core.web.administration.forms import Field, field, marked
from core.web.current import run, work
from core.web.screens import Page, Screen, say
from core.web.showing import moment
from core.web.statuses import status_of
from core.work import Work

SIZE = 50
PLACES = {"core.duties": "my_duties.index", "core.team": "team.index"}


class Messages(Screen):
    """The messages of a person."""

    label, icon, group, in_menu, personal = _("Messages"), "message", "", False, True

    @expose("/")
    def index(self) -> Page:
        """The latest ones, page by page, and what the person wants."""
        return self.page("messages.html", messages=_page(work(), None))

    @expose("/to/<kind>/<int:key>")
    def to(self, kind: str, key: int) -> ResponseReturnValue:
        """What a message outside of the program leads to."""
        url = _place(kind, key)
        if not url:
            raise Unknown()
        return redirect(url)

    @expose("/read", methods=("POST",))
    def read(self) -> ResponseReturnValue:
        """All of them were read."""
        run(telling.mark_read)
        return redirect(url_for(".index"), 303)

    @expose("/", methods=("POST",))
    def choose(self) -> ResponseReturnValue:
        """What the person wants."""

        def command(opened: Work) -> None:
            wanted = {int(one) for one in request.form.getlist("channel") if one.isascii() and one.isdigit()}
            silent = [row.id for row in telling.channels(opened) if row.id not in wanted]
            times = (request.form.get(name, "").strip() for name in ("quiet_from", "quiet_until"))
            channels.choose(opened, silent, *times)

        try:
            run(command)
        except DomainError as error:
            refusal = error
        else:
            say(_("This is how you will be told."))
            return redirect(url_for(".index"), 303)
        return self.again("messages.html", lambda opened: {"messages": _page(opened, refusal)}, status_of(refusal))


def _page(opened: Work, error: DomainError | None) -> dict[str, Any]:
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    rows = reading.mine(opened, before=before, most=SIZE + 1)
    chosen = channels.choice(opened)
    silent = set(chosen.silent.get("channels", ())) if chosen else set()
    fields = _fields(chosen)
    return {
        "title": str(_("Messages")),
        "crumbs": [{"label": str(_("My duties")), "url": url_for("my_duties.index")}],
        "rows": [_row(opened, row) for row in rows[:SIZE]],
        "unread": any(row.read_at is None for row in rows),
        "read_url": url_for(".read"),
        "next_url": url_for(".index", before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
        "channels": [
            {"id": row.id, "label": row.name, "kind": str(KINDS[row.kind].label), "on": row.id not in silent}
            for row in telling.channels(opened)
        ],
        "fields": fields,
        "errors": marked(fields, error),
        "action": url_for(".choose"),
    }


def _fields(chosen: Any) -> list[Field]:
    def value(name: str) -> str:
        kept = getattr(chosen, name) if chosen else ""
        return str(request.form.get(name, kept) if request.method == "POST" else kept)

    return [
        field("quiet_from", _("Quiet from"), value("quiet_from"), placeholder="21:30"),
        field("quiet_until", _("Quiet until"), value("quiet_until"), placeholder="07:30"),
    ]


def _row(opened: Work, row: Any) -> dict[str, Any]:
    topic = telling.TOPICS.get(row.topic)
    return {
        "text": str(telling.told(opened, row.text, row.details)),
        "topic": str(topic) if topic else "",
        "at": moment(opened, row.created_at),
        "unread": row.read_at is None,
        "url": _place(row.record_kind, row.record_id),
    }


def _place(kind: str, key: int) -> str:
    """The page of what a message is about; empty for what has none."""
    if kind in PLACES:
        return url_for(PLACES[kind])
    if kind == Announcement.kind:
        return url_for("notices.one", key=key)
    return addresses.record(kind, key) if key else ""
