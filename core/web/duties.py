"""Duties as pages: a person's own, with what may be said to them, and those of a team, the late ones first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents.reading import LARGEST_ID
from core.duties import team
from core.duties.models import TASK
from core.duties.reading import Due, counted
from core.errors import DomainError, Fault, Forbidden, Invalid, Unknown
from core.extension.core_settings import REMINDER_DAYS
from core.messages import reading as messages
from core.operations.duties import acts, tasks
from core.text import Text, _
from core.web import addresses, shell
from core.web.administration.forms import Field, day, field, marked, typed, whole
from core.web.current import run, work
from core.web.screens import Page, Screen, refuse, say
from core.web.showing import moment
from core.web.statuses import status_of
from core.work import Work

MOST_PEOPLE = 200


class MyDuties(Screen):
    """What the person has to do: late, today and coming; the reasons he owes, and tasks beside the records."""

    label, icon, group = _("My duties"), "checklist", ""

    @expose("/")
    def index(self) -> Page:
        """All of them."""
        return self.page("duties.html", duties=_mine(work(), None))

    @expose("/reason", methods=("POST",))
    def reason(self) -> ResponseReturnValue:
        """Say why one is late."""
        kind, record, part = _place()
        return _done(
            lambda opened: acts.answer(opened, kind, record, part, reason=request.form.get("reason", "")),
            _("The reason is kept."),
            "my_duties.index",
        )

    @expose("/remind", methods=("POST",))
    def remind(self) -> ResponseReturnValue:
        """Remind whoever has to do it."""
        kind, record, part = _place()
        back = "team.index" if request.form.get("back") == "team" else "my_duties.index"

        def command(opened: Work) -> None:
            if kind == TASK:
                tasks.remind(opened, record)
            else:
                acts.remind(opened, kind, record, part)

        return _done(command, _("They are reminded."), back)

    @expose("/tasks", methods=("POST",))
    def give(self) -> ResponseReturnValue:
        """Give a task to somebody, or to oneself."""

        def command(opened: Work) -> None:
            faults: list[Fault] = []
            due = day("due", faults)
            if faults:
                raise Invalid(faults)
            tasks.give(opened, whole("account_id"), request.form.get("title", ""), due)

        try:
            run(command)
        except DomainError as error:
            refusal = error
        else:
            shell.forget_bell(g.company_id, g.visitor.account_id)
            say(_("The task is given."))
            return redirect(url_for(".index"), 303)
        return self.again("duties.html", lambda opened: {"duties": _mine(opened, refusal)}, status_of(refusal))

    @expose("/tasks/<int:key>/<act>", methods=("POST",))
    def task(self, key: int, act: str) -> ResponseReturnValue:
        """Tick one's task off, or take back one that was given."""
        if act not in ("done", "withdraw"):
            raise Unknown()
        if act == "done":
            why = request.form.get("reason", "")
            return _done(lambda opened: tasks.finish(opened, key, reason=why), _("Done."), "my_duties.index")
        return _done(lambda opened: tasks.withdraw(opened, key), _("The task is taken back."), "my_duties.index")


class Team(Screen):
    """The duties of those whom the person leads, by person and by kind."""

    label, icon, group, in_menu = _("My team's duties"), "users", "", False

    def gate(self, opened: Work) -> None:
        """For whoever leads somebody."""
        if not team.leads(opened):
            raise Forbidden(_("You lead nobody here."))

    @expose("/")
    def index(self) -> Page:
        """Counts, and the duties of one person or kind."""
        return self.page("team.html", team=_team(work()))


def _done(command: Callable[[Work], Any], said: Text, back: str) -> ResponseReturnValue:
    try:
        run(command)
    except Unknown:
        if not _about_a_duty():
            raise
        return refuse(Unknown(), url_for(back))
    except DomainError as error:
        return refuse(error, url_for(back))
    shell.forget_bell(g.company_id, g.visitor.account_id)
    say(said)
    return redirect(url_for(back), 303)


def _about_a_duty() -> bool:
    """Whether the form is about a duty, which may be done by now; what an address names must be there."""
    return "kind" in request.form


def _place() -> tuple[str, int, int]:
    """Which duty a form is about."""
    numbers = [request.form.get(name, "") for name in ("record", "part")]
    record, part = (int(n) if n.isascii() and n.isdigit() and len(n) < 19 else LARGEST_ID + 1 for n in numbers)
    return request.form.get("kind", ""), record, part


# One's own ------------------------------------------------------------------------------------------------------------


def _mine(opened: Work, error: DomainError | None) -> dict[str, Any]:
    today, found, asked = opened.today, shell.duties(opened), shell.consents(opened)
    shell.ring(opened, found, asked)
    owed = [one for one in found if one.owed]
    dated = [one for one in found if not one.owed]
    groups: list[tuple[Text, bool, list[Due]]] = [
        (_("Done late: please say why"), True, owed),
        (_("Late"), True, [d for d in dated if d.due and d.due < today and not d.alarm]),
        (_("Late with others"), True, [d for d in dated if d.alarm]),
        (_("Today"), False, [d for d in dated if d.due == today]),
        (_("Coming"), False, [d for d in dated if d.due is None or d.due > today]),
    ]
    fields = _fields(opened)
    given = tasks.given(opened)
    return {
        "title": str(_("My duties")),
        "groups": [
            {"label": str(label), "late": late, "rows": [_row(opened, one) for one in some]}
            for label, late, some in groups
            if some
        ],
        "consents": len(asked),
        "consents_url": url_for("inbox.index"),
        "messages": messages.unread(opened),
        "messages_url": url_for("messages.index"),
        "team_url": url_for("team.index") if team.leads(opened) else "",
        "given": [
            {
                "title": row.title,
                "who": opened.person(row.account_id),
                "due": row.due.isoformat() if row.due else "",
                "late": row.due is not None and row.due < today,
                "key": row.id,
                "kind": TASK,
                "remind_url": url_for("my_duties.remind"),
                "back_url": url_for("my_duties.task", key=row.id, act="withdraw"),
            }
            for row in given
        ],
        "fields": fields,
        "errors": marked(fields, error),
        "action": url_for("my_duties.give"),
    }


def _fields(opened: Work) -> list[Field]:
    value = typed("account_id")
    key = int(value) if str(value).isdigit() and len(str(value)) < 19 else None
    known = addresses.names(opened, "core.account", [key] if key else [])
    lookup = url_for("lookup.index", kind="core.account")
    whose = field(
        "account_id",
        _("For whom"),
        value,
        "reference",
        lookup_url=lookup,
        text=known.get(key or 0, ""),
        help=str(_("Empty: for yourself.")),
    )
    return [
        field("title", _("What is to be done"), typed("title"), required=True, wide=True),
        whose,
        field("due", _("To be done by"), typed("due"), "date", min=opened.today.isoformat()),
    ]


def _row(opened: Work, one: Due) -> dict[str, Any]:
    late = one.due is not None and one.due < opened.today
    return {
        "title": str(one.title),
        "subtitle": one.record.label,
        "url": addresses.record(one.record.kind, one.record.id) if one.record.id else "",
        "due": _when(one.due, opened.today),
        "late": late,
        "kind": TASK if one.task_id else one.kind,
        "record": one.task_id or one.record.id,
        "part": one.part_id,
        "reason": one.reason,
        "reminded": moment(opened, one.reminded_at),
        "asks_reason": (late or one.owed)
        and not one.reason
        and not one.alarm
        and not one.task_id
        and _named(opened, one),
        "done_url": url_for("my_duties.task", key=one.task_id, act="done") if one.task_id else "",
        "remind_url": url_for("my_duties.remind") if one.alarm else "",
    }


def _named(opened: Work, one: Due) -> bool:
    """Whether its reason is the person's to give: it is his by name, or that of several of whom he is one."""
    return one.account_id in (None, opened.actor_id)


def _when(due: date | None, today: date) -> str:
    if due is None:
        return ""
    late = (today - due).days
    return str(_("{days} days late", days=late)) if late > 0 else due.isoformat()


# A team's -------------------------------------------------------------------------------------------------------------


def _team(opened: Work) -> dict[str, Any]:
    people, ahead = team.team(opened), opened.setting(REMINDER_DAYS)
    person, kind = request.args.get("person", ""), request.args.get("kind", "")
    key = int(person) if person.isascii() and person.isdigit() and len(person) < 19 else None
    found = team.counts(opened, people, ahead)
    listed = team.listed(opened, people, ahead, person=key, kind=kind)
    return {
        "title": str(_("My team's duties")),
        "crumbs": [{"label": str(_("My duties")), "url": url_for("my_duties.index")}],
        "people": _summed(opened, found, lambda one: one.account_id, lambda k: _person(opened, k), "person", key),
        "kinds": _summed(opened, found, lambda one: one.kind, lambda k: _kind(opened, k), "kind", kind or None),
        "all_url": url_for("team.index") if person or kind else "",
        "rows": [_of_another(opened, one) for one in listed],
        "counts": counted(listed, opened.today),
    }


def _of_another(opened: Work, one: Due) -> dict[str, Any]:
    """A duty of the team: whose it is, and the way to remind him; what he has to say is his to say."""
    mine = {"who": _person(opened, one.account_id), "remind_url": url_for("my_duties.remind")}
    return {**_row(opened, one), **mine, "asks_reason": False, "done_url": ""}


def _person(opened: Work, key: int | None) -> str:
    return opened.person(key) if key else str(_("Whoever may"))


def _kind(opened: Work, key: str) -> str:
    return str(opened.types.duties[key].label if key in opened.types.duties else _("Tasks"))


def _summed(
    opened: Work, found: list[team.Count], by: Callable[[Any], Any], name: Callable[[Any], str], what: str, chosen: Any
) -> list[dict[str, Any]]:
    """Late, today and coming, by person or by kind; those with the most late ones first."""
    sums: dict[Any, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found:
        for place, number in enumerate((one.late, one.today, one.coming)):
            sums[by(one)][place] += number
    rows = sorted(sums.items(), key=lambda pair: (-pair[1][0], -pair[1][1], name(pair[0])))
    return [
        {
            "label": name(key),
            "late": late,
            "today": today,
            "coming": coming,
            "url": url_for("team.index", **{what: key}) if key else "",
            "active": key == chosen and key is not None,
        }
        for key, (late, today, coming) in rows[:MOST_PEOPLE]
    ]
