"""The notice board: what concerns a person and is in force, one notice to read, and who has read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.entities.announcement import ANNOUNCED, DRAFT, STATES, SUBJECTS, WITHDRAWN, Announcement
from core.errors import DomainError, Unknown
from core.operations import announcing
from core.operations.attach import attached
from core.operations.bringing import fetch
from core.text import _, in_language
from core.web import addresses
from core.web.beside_records import kept_apart
from core.web.current import ask, run, work
from core.web.screens import Page, Screen, refuse, say
from core.web.serving import program
from core.web.showing import Tag, moment
from core.web.types_screen import seen_version
from core.work import Work

SIZE, ON_HOME = 50, 5
TONES = {"draft": "grey", "announced": "green", "replaced": "grey", "withdrawn": "red"}
NAMES = dict(STATES)


class Notices(Screen):
    """Notices in force, those that are over, and one of them."""

    label, icon, group = _("Notice board"), "speakerphone", ""

    @expose("/")
    def index(self) -> Page:
        """What is in force, what is still to be read first; or what is over."""
        opened = work()
        over = request.args.get("box") == "earlier"
        text = request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        rows = announcing.earlier(opened, before=before, most=SIZE + 1) if over else announcing.mine(opened)
        shown = [_row(opened, row) for row in rows[: SIZE if over else None]]
        page = {
            "title": str(self.label),
            "over": over,
            "rows": shown if over else sorted(shown, key=lambda row: not row["open"]),
            "boxes": [
                {"label": str(_("Valid now")), "url": url_for(".index"), "active": not over},
                {"label": str(_("Earlier")), "url": url_for(".index", box="earlier"), "active": over},
            ],
            "next_url": url_for(".index", box="earlier", before=rows[SIZE - 1].id) if over and len(rows) > SIZE else "",
            "new_url": url_for("core_announcement.create_view") if opened.may("core.announcement.create") else "",
            "all_url": url_for("core_announcement.index_view") if opened.may("core.announcement.read") else "",
        }
        return self.page("notices.html", page=page)

    @expose("/<int:key>")
    def one(self, key: int) -> Page:
        """One notice; for who writes notices also who has read it."""
        return self.page("notice.html", page=_page(work(), key))

    @expose("/<int:key>/read", methods=("POST",))
    def read(self, key: int) -> ResponseReturnValue:
        """The person has read it."""
        promise = request.form.get("promise") == "1"
        return self._done(key, lambda opened: announcing.read(opened, key, promise=promise), back=".index")

    @expose("/<int:key>/announce", methods=("POST",))
    def announce(self, key: int) -> ResponseReturnValue:
        """Let it be known."""
        return self._done(key, lambda opened: announcing.announce(opened, key, version=seen_version()))

    @expose("/<int:key>/withdraw", methods=("POST",))
    def withdraw(self, key: int) -> ResponseReturnValue:
        """Take it out of force."""
        reason = request.form.get("reason", "")
        return self._done(key, lambda opened: announcing.withdraw(opened, key, reason=reason, version=seen_version()))

    @expose("/<int:key>/remind", methods=("POST",))
    def remind(self, key: int) -> ResponseReturnValue:
        """Remind those who have not read it."""
        return self._done(key, lambda opened: announcing.remind(opened, key))

    @expose("/<int:key>/renew", methods=("POST",))
    def renew(self, key: int) -> ResponseReturnValue:
        """Begin a newer edition."""
        try:
            draft = run(lambda opened: announcing.renew(opened, key).id)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(".one", key=key))
        return redirect(url_for("core_announcement.edit_view", key=draft), 303)

    def _done(self, key: int, command: Callable[[Work], Any], back: str = ".one") -> ResponseReturnValue:
        try:
            run(command)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(".one", key=key))
        say(_("Done."))
        return redirect(url_for(back) if back == ".index" else url_for(back, key=key), 303)

    @expose("/<int:key>/files/<int:file>")
    def file_view(self, key: int, file: int) -> ResponseReturnValue:
        """A paper of a notice, for whoever may read the notice."""
        works = program().works
        name, content = fetch(works, ask(), Announcement, key, file, opens=lambda w: announcing.to_read(w, key))
        return Response(content, mimetype="application/octet-stream", headers=kept_apart(name))


def card(opened: Work) -> dict[str, Any]:
    """What the first page says of notices: those that the person still has to read."""
    rows = announcing.mine(opened, unread=True, most=SIZE)
    return {
        "count": len(rows),
        "rows": [_row(opened, row) for row in rows[:ON_HOME]],
        "url": url_for("notices.index"),
    }


def _row(opened: Work, row: Any) -> dict[str, Any]:
    done = row.promised_at if row.promised else row.read_at
    asked = row.state == ANNOUNCED and done is None
    until = str(_("until {day}", day=row.valid_until)) if row.valid_until else ""
    if row.state != ANNOUNCED:
        tag = Tag(str(NAMES[row.state]), TONES[row.state])
    elif row.reminded_at and asked:
        tag = Tag(str(_("Reminded")), "red")
    else:
        tag = Tag(str(_("To be read")), "orange") if asked else Tag(str(_("Has been read")), "grey")
    return {
        "title": in_language(row.name, row.name_en),
        "about": " · ".join(part for part in (str(dict(SUBJECTS)[row.subject]), until) if part),
        "at": moment(opened, row.announced_at),
        "who": opened.person(row.announced_by),
        "tag": tag,
        "open": asked,
        "url": url_for("notices.one", key=row.id),
    }


def _page(opened: Work, key: int) -> dict[str, Any]:
    record = announcing.to_read(opened, key)
    title, body = announcing.text_of(record)
    writes = opened.may("core.announcement.edit")
    all_readers = announcing.readers(opened, record) if announcing.may_know(opened) and record.state != DRAFT else []
    mine = next((one for one in announcing.mine(opened) if one.id == key), None)
    asked = mine is not None and (mine.promised_at if record.promised else mine.read_at) is None
    later = announcing.newer(opened, record)
    return {
        "title": title,
        "crumbs": [{"label": str(Notices.label), "url": url_for(".index")}],
        "tag": Tag(str(NAMES[record.state]), TONES[record.state]),
        "about": " · ".join(text for text in _about(opened, record) if text),
        "version": record.version,
        "paragraphs": [part for part in body.split("\n") if part.strip()],
        "why": record.ended_reason,
        "files": [
            {"name": row.name, "url": url_for(".file_view", key=key, file=row.id)}
            for row in attached(opened, Announcement, key)
        ],
        "earlier_url": url_for(".one", key=record.replaces_id) if record.replaces_id else "",
        "later_url": url_for(".one", key=later) if later else "",
        "read_url": url_for(".read", key=key) if asked else "",
        "promised": record.promised,
        "mine": _mine(opened, mine),
        "acts": _acts(record, key) if writes else {},
        "readers": [_reader(opened, record, one) for one in all_readers],
        "missing": sum(not announcing.done(record, one) for one in all_readers),
        "record_url": addresses.record(Announcement.kind, key) if announcing.may_know(opened) else "",
    }


def _about(opened: Work, record: Announcement) -> list[str]:
    first, last = record.valid_from, record.valid_until
    return [
        str(dict(SUBJECTS)[record.subject]),
        opened.person(record.announced_by),
        moment(opened, record.announced_at),
        str(_("from {day}", day=first)) if first else "",
        str(_("until {day}", day=last)) if last else "",
    ]


def _mine(opened: Work, row: Any) -> str:
    if row is None or row.read_at is None:
        return ""
    if row.promised_at is not None:
        return str(_("You have promised to follow it: {at}", at=moment(opened, row.promised_at)))
    return str(_("You have read it: {at}", at=moment(opened, row.read_at)))


def _acts(record: Announcement, key: int) -> dict[str, str]:
    """What whoever writes notices may do with it now."""
    found = {}
    if record.state == DRAFT and record.active:
        found = {
            "announce_url": url_for(".announce", key=key),
            "edit_url": url_for("core_announcement.edit_view", key=key),
        }
    if record.state == ANNOUNCED:
        found |= {"withdraw_url": url_for(".withdraw", key=key), "remind_url": url_for(".remind", key=key)}
    if record.state in (ANNOUNCED, WITHDRAWN):
        found["renew_url"] = url_for(".renew", key=key)
    return found


def _reader(opened: Work, record: Announcement, one: announcing.Reader) -> dict[str, Any]:
    done = announcing.done(record, one)
    at = one.promised_at if record.promised else one.read_at
    return {
        "name": opened.person(one.account_id),
        "done": done,
        "at": moment(opened, at),
        "note": str(_("reminded {at}", at=moment(opened, one.reminded_at))) if one.reminded_at and not done else "",
    }
