"""Double checks: which moves further persons look at first, how many of them, and which role they hold."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.approvals.showing import shown_check
from core.documents.kinds import area_of, kind_of
from core.entities.double_check import MOST_PERSONS, DoubleCheck
from core.errors import DomainError, Fault
from core.operations.masters import save
from core.text import _
from core.web.administration.forms import Administered, Field, choices, field, marked, refuse_faults, typed, whole
from core.web.administration.staff import roles_by_name
from core.web.current import work
from core.web.screens import Page
from core.web.showing import Tag
from core.work import Work


class DoubleChecks(Administered):
    """The rules, and the form of one."""

    label = _("Double checks")
    icon = "checks"
    permission = "core.double_check.read"

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """All rules."""
        return self.page("double_checks.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Set the rule of one move; there is one at most, so a second time changes it."""

        def command(opened: Work) -> None:
            wanted = _read(opened)
            named = (wanted["document_kind"], wanted["transition"])
            old = next((r for r in _rules(opened) if (r.document_kind, r.transition) == named), None)
            save(opened, DoubleCheck, wanted, key=old.id if old else None)

        return self.write(
            command,
            done=_("The rule is saved. What is being checked already goes on as it began."),
            to=url_for(".index"),
            template="double_checks.html",
            build=_page,
        )


def _rules(work: Work) -> list[DoubleCheck]:
    return list(work.session.scalars(select(DoubleCheck).order_by(DoubleCheck.document_kind, DoubleCheck.transition)))


def _moves(work: Work) -> dict[str, str]:
    """Every move that people make of documents of the areas in use, ``kind:move``, in the reader's words."""
    return {
        f"{kind_of(cls)}:{move.name}": str(_("{type}: {move}", type=cls.label, move=move.label))
        for cls in work.types.documents.values()
        if area_of(kind_of(cls)) in {*work.areas, "core"}
        for move in cls.workflow.transitions
        if not move.system
    }


def _read(work: Work) -> dict[str, Any]:
    faults: list[Fault] = []
    move, persons = request.form.get("move", ""), whole("persons")
    if move not in _moves(work):
        faults.append(Fault("move", _("This is needed."), "required"))
    if persons is None or persons > MOST_PERSONS:
        faults.append(
            Fault("persons", _("A whole number from {least} to {most}.", least=0, most=MOST_PERSONS), "range")
        )
    refuse_faults(faults)
    kind, _colon, transition = move.partition(":")
    return {
        "document_kind": kind,
        "transition": transition,
        "persons": persons,
        "role_id": whole("role_id"),
        "active": request.form.get("active") == "1",
    }


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    rules, known = _rules(work), _moves(work)
    chosen = whole_number(request.args.get("rule", ""))
    now = next((rule for rule in rules if rule.id == chosen), None)
    fields = _fields(work, known, now)
    return {
        "page": {
            "title": str(_("Double checks")),
            "errors": marked(fields, error),
            "rules": [_shown(work, rule, known) for rule in rules if _named(rule) in known],
            "fields": fields,
            "action": url_for(".save"),
        }
    }


def whole_number(text: str) -> int | None:
    """An id of the address; None for nothing of the kind."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _named(rule: DoubleCheck) -> str:
    return f"{rule.document_kind}:{rule.transition}"


def _shown(work: Work, rule: DoubleCheck, known: dict[str, str]) -> dict[str, Any]:
    role = work.company.roles.get(rule.role_id or 0)
    who = role.title if role else str(_("Whoever may read it"))
    asks = rule.active and rule.persons
    return {
        "label": known[_named(rule)],
        "about": f"{who} · {shown_check(rule.persons)}" if rule.persons else str(_("Nobody is asked.")),
        "tag": Tag(str(_("In force")), "green") if asks else Tag(str(_("Inactive")), "grey"),
        "url": url_for(".index", rule=rule.id),
    }


def _fields(work: Work, known: dict[str, str], now: DoubleCheck | None) -> list[Field]:
    roles = choices((role.id, role.title) for role in roles_by_name(work).values())
    active = request.form.get("active") == "1" if request.method == "POST" else now is None or now.active
    return [
        field(
            "move",
            _("Document and move"),
            typed("move", _named(now) if now else ""),
            "choice",
            required=True,
            choices=list(known.items()),
        ),
        field(
            "persons",
            _("Further persons"),
            typed("persons", now.persons if now else 1),
            "number",
            required=True,
            help=str(_("How many others confirm before it; none with 0.")),
        ),
        field(
            "role_id",
            _("Role"),
            typed("role_id", str(now.role_id or "") if now else ""),
            "choice",
            choices=roles,
            blank=str(_("Whoever may read it")),
        ),
        field("active", _("In force"), active, "boolean"),
    ]
