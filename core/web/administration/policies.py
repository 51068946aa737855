"""Approval rules: who must agree to which move, from which amount on; and a trial before it matters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.kinds import area_of, kind_of
from core.documents.reading import load_master
from core.errors import DomainError, Fault
from core.operations.masters import save
from core.text import _
from core.web.administration.forms import (
    SEAL,
    Administered,
    Field,
    field,
    fresh,
    marked,
    refuse_faults,
    sealed,
    typed,
    whole,
)
from core.web.administration.staff import roles_by_name
from core.web.administration.trial import amount, trial
from core.web.current import work
from core.web.screens import Page
from core.web.showing import money
from core.work import Work

MOST_STEPS = 20
NEW: dict[str, Any] = {"name": "", "document_kind": "", "transition": "", "active": True, "steps": []}


class Policies(Administered):
    """The rules, one rule, and the trial."""

    label = _("Approval rules")
    icon = "rubber-stamp"
    permission = "core.approval_policy.read"

    @expose("/")
    def index(self) -> Page:
        """All rules, and whoever would have to agree to what was asked."""
        opened = work()
        rules = [_line(opened, rule, steps) for rule, steps in policies(opened)]
        page = {
            "title": str(_("Approval rules")),
            "policies": rules,
            "new_url": url_for(".new") if opened.may("core.approval_policy.create") else "",
            "trial": trial(opened, moves(opened), url_for(".index")),
        }
        return self.page("policies.html", page=page)

    @expose("/new", methods=("GET",))
    def new(self) -> Page:
        """An empty rule."""
        return self.page("policy.html", **_form(work(), None, None))

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """A new rule."""
        return self._save(None)

    @expose("/<int:key>", methods=("GET",))
    def edit(self, key: int) -> Page:
        """A rule."""
        return self.page("policy.html", **_form(work(), None, key))

    @expose("/<int:key>", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change a rule; documents already in approval keep the steps they were given."""
        return self._save(key)

    def _save(self, key: int | None) -> ResponseReturnValue:
        if "rows" in request.form:
            return self.again("policy.html", lambda opened: _form(opened, None, key), 200)

        def command(opened: Work) -> None:
            wanted = _read(opened)
            if key is None:
                save(opened, ApprovalPolicy, wanted)
                return
            kept = _kept(load_master(opened, ApprovalPolicy, key, "edit"))
            if fresh(kept, wanted):
                steps = load_master(opened, ApprovalPolicy, key, "edit").steps  # type: ignore[attr-defined]
                ids = [step.id for step in steps]
                rows = [{**row, "id": ids[n] if n < len(ids) else None} for n, row in enumerate(wanted["steps"])]
                save(opened, ApprovalPolicy, {**wanted, "steps": rows}, key=key)

        return self.write(
            command,
            done=_("The rule is saved. Documents already in approval keep their steps."),
            to=url_for(".index"),
            template="policy.html",
            build=lambda opened, error: _form(opened, error, key),
        )


def policies(work: Work) -> list[tuple[ApprovalPolicy, list[PolicyStep]]]:
    """The rules of the areas in use, in the order in which they count."""
    rules = work.session.scalars(
        select(ApprovalPolicy).order_by(ApprovalPolicy.document_kind, ApprovalPolicy.position, ApprovalPolicy.id)
    )
    steps: dict[int, list[PolicyStep]] = {}
    for step in work.session.scalars(select(PolicyStep).order_by(PolicyStep.position, PolicyStep.id)):
        steps.setdefault(step.policy_id, []).append(step)
    known = moves(work)
    return [(rule, steps.get(rule.id, [])) for rule in rules if f"{rule.document_kind}:{rule.transition}" in known]


def moves(work: Work) -> dict[str, str]:
    """The moves that may need consent, ``kind:move``, in the reader's words."""
    found = {}
    for cls in work.types.documents.values():
        if area_of(kind_of(cls)) not in {*work.areas, "core"}:
            continue
        for move in cls.workflow.transitions:
            if move.approval:
                found[f"{kind_of(cls)}:{move.name}"] = str(_("{type}: {move}", type=cls.label, move=move.label))
    return found


def _line(work: Work, rule: ApprovalPolicy, steps: list[PolicyStep]) -> dict[str, Any]:
    return {
        "label": rule.name,
        "type": moves(work)[f"{rule.document_kind}:{rule.transition}"],
        "steps": [
            {
                "label": work.company.roles[step.role_id].title if step.role_id in work.company.roles else step.name,
                "mode": str(_("from {amount}", amount=money(step.from_amount, work.company.currency)))
                if step.from_amount
                else "",
            }
            for step in steps
        ],
        "active": rule.active,
        "url": url_for(".edit", key=rule.id),
    }


# One rule ---------------------------------------------------------------------------------------------------


def _kept(rule: Any) -> dict[str, Any]:
    return {
        "name": rule.name,
        "document_kind": rule.document_kind,
        "transition": rule.transition,
        "active": rule.active,
        "steps": [{"name": s.name, "role_id": s.role_id, "from_amount": s.from_amount} for s in rule.steps],
    }


def _read(work: Work) -> dict[str, Any]:
    """What was typed, as values; raises ``Invalid``."""
    faults: list[Fault] = []
    move, name = request.form.get("move", ""), request.form.get("name", "").strip()
    if move not in moves(work):
        faults.append(Fault("move", _("This is needed."), "required"))
    if not name or len(name) > 200:
        faults.append(Fault("name", _("This is needed."), "required"))
    steps = [step for n in _numbers() if (step := _step(work, n, faults)) is not None]
    if not steps:
        faults.append(Fault("role-0", _("A rule needs one step at least."), "required"))
    refuse_faults(faults)
    kind, _colon, transition = move.partition(":")
    return {
        "name": name,
        "document_kind": kind,
        "transition": transition,
        "active": request.form.get("active") == "1",
        "steps": steps,
    }


def _numbers() -> range:
    """The rows of steps that the form has."""
    return range(min(sum(name.startswith("role-") for name in request.form), MOST_STEPS))


def _step(work: Work, n: int, faults: list[Fault]) -> dict[str, Any] | None:
    role, name = whole(f"role-{n}"), request.form.get(f"step-{n}", "").strip()
    if role is None:
        return None
    if role not in work.company.roles:
        faults.append(Fault(f"role-{n}", _("There is no such record."), "reference"))
        return None
    if len(name) > 200:
        faults.append(Fault(f"step-{n}", _("At most {length} characters.", length=200), "too_long"))
    amount = _amount(request.form.get(f"amount-{n}", ""), f"amount-{n}", faults)
    return {"name": name or work.company.roles[role].name, "role_id": role, "from_amount": amount}


def _amount(text: str, path: str, faults: list[Fault]) -> Decimal:
    value = amount(text)
    if value is None:
        faults.append(Fault(path, _("This is not an amount."), "invalid"))
    return value or Decimal(0)


def _form(work: Work, error: DomainError | None, key: int | None) -> dict[str, Any]:
    rule: Any = load_master(work, ApprovalPolicy, key, "edit") if key else None
    kept: dict[str, Any] = (
        _kept(rule) if rule else {"name": "", "document_kind": "", "transition": "", "active": True, "steps": []}
    )
    head = _head(work, kept)
    steps = _steps(work, kept["steps"])
    return {
        "page": {
            "title": kept["name"] or str(_("New rule")),
            "crumbs": [{"label": str(_("Approval rules")), "url": url_for(".index")}],
            "action": url_for(".change", key=key) if key else url_for(".create"),
            "cancel_url": url_for(".index"),
            "errors": marked([*head, *(one for row in steps for one in row["fields"])], error),
            SEAL: request.form.get(SEAL, "") if "rows" in request.form else sealed(kept) if rule else "",
            "head": head,
            "steps": steps,
        }
    }


def _head(work: Work, kept: dict[str, Any]) -> list[Field]:
    move = f"{kept['document_kind']}:{kept['transition']}" if kept["document_kind"] else ""
    active = request.form.get("active") == "1" if request.method == "POST" else kept["active"]
    return [
        field("name", _("Name"), typed("name", kept["name"]), required=True, placeholder=str(_("Large quotations"))),
        field(
            "move",
            _("Document and move"),
            typed("move", move),
            "choice",
            required=True,
            choices=list(moves(work).items()),
        ),
        field("active", _("In force"), active, "boolean"),
    ]


def _steps(work: Work, kept: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps in order; one asked to be moved, removed or added is, and nothing is saved by that."""
    rows = [(str(s["role_id"]), s["name"], f"{s['from_amount']:f}" if s["from_amount"] else "") for s in kept]
    if request.method == "POST":
        rows = [tuple(request.form.get(f"{part}-{n}", "") for part in ("role", "step", "amount")) for n in _numbers()]  # type: ignore[misc]
    rows = _moved(rows, request.form.get("rows", "")) or [("", "", "")]
    roles = [(str(role.id), role.title) for role in roles_by_name(work).values()]
    return [
        {
            "fields": [
                field(f"role-{n}", _("Who agrees"), role, "choice", choices=roles),
                field(f"amount-{n}", _("From amount"), amount, "money", placeholder="0.00"),
                field(f"step-{n}", _("Called"), name, placeholder=str(_("As the role"))),
            ],
            "first": n == 0,
            "last": n == len(rows) - 1,
        }
        for n, (role, name, amount) in enumerate(rows)
    ]


def _moved(rows: list[tuple[str, str, str]], wish: str) -> list[tuple[str, str, str]]:
    """The rows after ``add``, ``up-2``, ``down-0`` or ``drop-1``."""
    verb, _dash, place = wish.partition("-")
    n = int(place) if place.isascii() and place.isdigit() else 0
    if verb == "add" and len(rows) < MOST_STEPS:
        return [*rows, ("", "", "")]
    if n >= len(rows):
        return rows
    if verb == "drop":
        return rows[:n] + rows[n + 1 :]
    other = {"up": n - 1, "down": n + 1}.get(verb, -1)
    if 0 <= other < len(rows):
        rows[n], rows[other] = rows[other], rows[n]
    return rows
