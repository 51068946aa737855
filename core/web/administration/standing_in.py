"""Who stands in for whom: everybody says it for himself, an administrator for everybody."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents.kinds import area_of
from core.errors import DomainError, Fault
from core.operations import standing_in
from core.rights import ADMINISTER
from core.text import _
from core.web import addresses
from core.web.administration.forms import Administered, Field, day, field, marked, refuse_faults, typed, whole
from core.web.current import run, work
from core.web.screens import Page, refuse, say
from core.web.showing import Tag
from core.work import Work


class StandIns(Administered):
    """The agreements of now and later, and a new one."""

    label = _("Standing in")
    icon = "user-check"
    group = "core"
    permission = ""
    in_menu = False
    personal = True

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """All of them."""
        return self.page("standing_in.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Let somebody stand in."""

        def command(opened: Work) -> None:
            faults: list[Fault] = []
            to, first, last = whole("to"), day("first", faults), day("last", faults)
            for name, value in (("to", to), ("first", first), ("last", last)):
                if value is None and not any(fault.path == name for fault in faults):
                    faults.append(Fault(name, _("This is needed."), "required"))
            refuse_faults(faults)
            kind = request.form.get("kind", "")
            if to is not None and first is not None and last is not None:
                standing_in.stand_in(
                    opened,
                    to,
                    first,
                    last,
                    instead_of=whole("instead_of"),
                    kinds=[kind] if kind else [],
                    reason=request.form.get("reason", ""),
                )

        return self.write(
            command,
            done=_("It is agreed."),
            to=url_for(".index"),
            template="standing_in.html",
            build=_page,
        )

    @expose("/<int:key>/end", methods=("POST",))
    def end(self, key: int) -> ResponseReturnValue:
        """Nobody stands in by it any more."""
        try:
            run(lambda opened: standing_in.end(opened, key))
        except DomainError as error:
            return refuse(error, url_for(".index"))
        say(_("It has ended."))
        return redirect(url_for(".index"), 303)


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    fields = _fields(work)
    return {
        "page": {
            "title": str(_("Standing in")),
            "crumbs": [{"label": str(_("Approvals")), "url": url_for("inbox.index")}],
            "errors": marked(fields, error),
            "agreements": [_shown(work, row) for row in standing_in.agreements(work, everybody=True)],
            "fields": fields,
            "action": url_for(".save"),
        }
    }


def _shown(work: Work, row: Any) -> dict[str, Any]:
    documents = work.types.documents
    kinds = [str(documents[kind].label) for kind in (row.kinds["kinds"] if row.kinds else ()) if kind in documents]
    now = row.valid_from <= work.today
    return {
        "title": str(_("{to} for {who}", to=work.person(row.to_id), who=work.person(row.from_id))),
        "days": str(_("{first} to {last}", first=row.valid_from, last=row.valid_until)),
        "about": " · ".join(text for text in (", ".join(kinds), row.reason) if text),
        "tag": Tag(str(_("now")), "green") if now else Tag(str(_("Later")), "grey"),
        "url": url_for(".end", key=row.id) if row.from_id == work.actor_id or work.may(ADMINISTER) else "",
    }


def _fields(work: Work) -> list[Field]:
    kinds = [
        (kind, str(cls.label))
        for kind, cls in work.types.documents.items()
        if area_of(kind) in work.areas and any(move.approval for move in cls.workflow.transitions)
    ]
    every = str(_("All types of documents"))
    found = [
        _person(work, "to", str(_("Who decides")), required=True),
        field("first", _("From"), typed("first", work.today.isoformat()), "date", required=True),
        field("last", _("Until"), typed("last"), "date", required=True),
        field("kind", _("On which documents"), typed("kind"), "choice", choices=kinds, blank=every),
        field("reason", _("Reason"), typed("reason"), placeholder=str(_("Holidays"))),
    ]
    if work.may(ADMINISTER):
        found.insert(1, _person(work, "instead_of", str(_("For whom")), help=str(_("Empty: for yourself."))))
    return found


def _person(work: Work, name: str, label: str, **more: Any) -> Field:
    value = typed(name)
    key = int(value) if str(value).isdigit() and len(str(value)) < 19 else None
    known = addresses.names(work, "core.account", [key] if key else [])
    lookup = url_for("lookup.index", kind="core.account")
    return field(name, label, value, "reference", lookup_url=lookup, text=known.get(key or 0, ""), **more)
