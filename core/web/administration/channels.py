"""Channels: how messages leave the program, a test of each, and the log of what went out."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.channels import KINDS
from core.errors import DomainError, Forbidden, Unknown
from core.messages import reading
from core.operations import channels, telling
from core.text import _
from core.web.administration.forms import Administered, Field, choices, field, marked
from core.web.current import run, work
from core.web.screens import Page, refuse, say
from core.web.showing import Tag, moment
from core.work import Work

SIZE = 50
USUAL = {"mail": tuple(telling.TOPICS)}


class Channels(Administered):
    """The channels of the company."""

    label = _("Channels")
    icon = "send"

    @expose("/")
    def index(self) -> Page:
        """All of them, and the log."""
        return self.page("channels.html", page=_page(work()))

    @expose("/new/<kind>", methods=("GET",))
    def new(self, kind: str) -> Page:
        """The form of a new one."""
        return self.page("channel.html", page=_form(work(), kind, None, None))

    @expose("/new/<kind>", methods=("POST",))
    def create(self, kind: str) -> ResponseReturnValue:
        """A new one."""
        if kind not in KINDS:
            raise Unknown()
        return self._save(kind, None)

    @expose("/<int:key>", methods=("GET",))
    def change(self, key: int) -> Page:
        """The form of one."""
        row = channels.find(work(), key)
        return self.page("channel.html", page=_form(work(), row.kind, row, None))

    @expose("/<int:key>", methods=("POST",))
    def keep(self, key: int) -> ResponseReturnValue:
        """Change one."""
        return self._save("", key)

    @expose("/<int:key>/test", methods=("POST",))
    def test(self, key: int) -> ResponseReturnValue:
        """Send the administrator a test by it."""
        try:
            run(lambda opened: channels.test(opened, key))
        except (Unknown, Forbidden):
            raise
        except DomainError as error:
            return refuse(error, url_for(".index"))
        say(_("A test is on its way; the log below says what became of it."))
        return redirect(url_for(".index"), 303)

    def _save(self, kind: str, key: int | None) -> ResponseReturnValue:
        given = request.form

        def command(opened: Work) -> None:
            channels.save(
                opened,
                kind,
                given.get("name", ""),
                given,
                given.getlist("topic"),
                key=key,
                active=key is None or "active" in given,
            )

        def build(opened: Work, error: DomainError | None) -> dict[str, Any]:
            row = None if key is None else channels.find(opened, key)
            return {"page": _form(opened, row.kind if row else kind, row, error)}

        return self.write(
            command, done=_("The channel is saved."), to=url_for(".index"), template="channel.html", build=build
        )


def _page(opened: Work) -> dict[str, Any]:
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    rows = reading.log(opened, before=before, most=SIZE + 1)
    return {
        "title": str(_("Channels")),
        "channels": [
            {
                "label": row.name,
                "kind": str(KINDS[row.kind].label),
                "tag": Tag(str(_("in use")), "green") if row.active else Tag(str(_("off")), "grey"),
                "topics": str(_(", ")).join(
                    str(telling.TOPICS[t]) for t in row.topics["topics"] if t in telling.TOPICS
                ),
                "url": url_for(".change", key=row.id),
                "test_url": url_for(".test", key=row.id) if row.active else "",
            }
            for row in channels.channels_of(opened)
        ],
        "new": [{"label": str(kind.label), "url": url_for(".new", kind=key)} for key, kind in KINDS.items()],
        "log": [_row(opened, row) for row in rows[:SIZE]],
        "next_url": url_for(".index", before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
    }


def _row(opened: Work, row: Any) -> dict[str, Any]:
    if row.sent_at is not None:
        tag, said = Tag(str(_("sent")), "green"), row.answer
    elif row.failed_at is not None:
        tag, said = Tag(str(_("given up")), "red"), row.error
    else:
        tag, said = Tag(str(_("Waiting")), "orange"), row.error or ""
    topic = telling.TOPICS.get(row.topic, _("A test"))
    return {
        "who": opened.person(row.account_id),
        "channel": row.name,
        "topic": str(topic),
        "at": moment(opened, row.sent_at or row.failed_at or row.run_at or row.created_at),
        "attempts": row.attempts or 0,
        "tag": tag,
        "said": said,
        "retry_url": url_for("administration_jobs.again_", key=row.job_id) if row.failed_at is not None else "",
    }


def _form(opened: Work, kind: str, row: Any, error: DomainError | None) -> dict[str, Any]:
    if kind not in KINDS:
        raise Unknown()
    posted = request.method == "POST"
    chosen = request.form.getlist("topic") if posted else (row.topics["topics"] if row else USUAL.get(kind, ("alarm",)))
    fields = [field("name", _("Name"), _value("name", row.name if row else str(KINDS[kind].label)), required=True)]
    fields += [_option(opened, kind, option, row) for option in KINDS[kind].options]
    if row is not None:
        active = "active" in request.form if posted else row.active
        fields.append(field("active", _("In use"), active, "boolean"))
    return {
        "title": row.name if row else str(KINDS[kind].label),
        "crumbs": [{"label": str(_("Channels")), "url": url_for(".index")}],
        "fields": fields,
        "topics": [{"key": key, "label": str(label), "on": key in chosen} for key, label in telling.TOPICS.items()],
        "errors": marked(fields, error),
        "action": url_for(".keep", key=row.id) if row else url_for(".create", kind=kind),
    }


def _option(opened: Work, kind: str, option: Any, row: Any) -> Field:
    help_text = str(option.help) if option.help else ""
    if option.secret:
        # What is kept is never shown, nor sent to the browser again.
        kept = row is not None and option.key in channels.secrets(opened, row)
        note = str(_("One is kept; leave this empty to keep it.")) if kept else ""
        about = " ".join(text for text in (help_text, note) if text)
        return field(
            option.key,
            option.label,
            "",
            "password",
            help=about,
            required=option.required and not kept,
            autocomplete="off",
        )
    value = _value(option.key, row.options.get(option.key, "") if row else option.default)
    if option.choices:
        return field(option.key, option.label, value, "choice", choices=choices(option.choices), required=True)
    return field(option.key, option.label, value, help=help_text, required=option.required)


def _value(name: str, kept: str) -> str:
    return request.form.get(name, kept) if request.method == "POST" else kept
