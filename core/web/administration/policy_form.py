"""The form of one approval rule: its head, its steps in order, and the words that its conditions may use."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import request, url_for

from core.approvals.engine import LONGEST_NAME
from core.approvals.facts import facts_of
from core.approvals.models import LATE, MODES, WHO, ApprovalPolicy
from core.documents.reading import load_master
from core.errors import DomainError, Fault
from core.text import _
from core.web import addresses
from core.web.administration.forms import SEAL, Field, choices, field, marked, refuse_faults, sealed, typed, whole
from core.web.administration.staff import roles_by_name
from core.web.administration.trial import amount
from core.web.showing import money
from core.work import Work

MOST_STEPS = 20
STEP: dict[str, Any] = {
    "who": "role",
    "role_id": None,
    "permission": "",
    "person_id": None,
    "levels": 1,
    "mode": "one",
    "needed": 2,
    "beside": False,
    "from_amount": Decimal(0),
    "condition": "",
    "days": 0,
    "late": "",
    "name": "",
}
NEW: dict[str, Any] = {
    "name": "",
    "document_kind": "",
    "transition": "",
    "condition": "",
    "position": 0,
    "active": True,
    "steps": [],
}
# What each field of a step is called in the form, before its number.
CALLED = {"role_id": "role", "permission": "right", "person_id": "person", "from_amount": "amount", "name": "step"}
# Where the people come from, and how many of them: what else has to be said then.
NEEDS = {
    "role": "role chosen",
    "right": "permission",
    "person": "person",
    "levels": "superior head",
    "mode": "role permission chosen",
    "needed": "some",
}


def kept(rule: Any) -> dict[str, Any]:
    """A rule as the form has it."""
    return {
        **{name: getattr(rule, name) for name in NEW if name != "steps"},
        "steps": [{name: getattr(step, name) for name in STEP} for step in rule.steps],
    }


def told(work: Work, step: Any) -> dict[str, str]:
    """A step in a few words: whose consent, how many of them, from which amount, on what condition."""
    words = dict(MODES)
    parts = [str(words[step.mode])] if step.mode == "all" else []
    if step.mode == "some":
        parts.append(str(_("{count} of them", count=step.needed)))
    if step.from_amount:
        parts.append(str(_("from {amount}", amount=money(step.from_amount, work.company.currency))))
    if step.condition:
        parts.append(str(_("if {condition}", condition=step.condition)))
    if step.days:
        parts.append(str(_("{days} workdays", days=step.days)))
    if step.late:
        parts.append(str(_("then: {what}", what=dict(LATE)[step.late])))
    return {"label": _whose(work, step), "mode": " · ".join(parts)}


def _whose(work: Work, step: Any) -> str:
    role = work.company.roles.get(step.role_id or 0)
    match step.who:
        case "person":
            return work.person(step.person_id) or str(step.name)
        case "permission":
            return _right(work, step.permission)
        case "role" | "chosen" if role is not None:
            return role.title if step.who == "role" else str(_("{role}, named by the asker", role=role.title))
    return str(dict(WHO)[step.who])


def _right(work: Work, key: str) -> str:
    """What a right is called: on what, and what it is."""
    right = work.types.permissions.get(key)
    return f"{right.subject} – {right.label}" if right else key


# Reading --------------------------------------------------------------------------------------------------------------


def read(work: Work, moves: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as values; raises ``Invalid``."""
    faults: list[Fault] = []
    move, name = request.form.get("move", ""), request.form.get("name", "").strip()
    if move not in moves:
        faults.append(Fault("move", _("This is needed."), "required"))
    if not name or len(name) > 200:
        faults.append(Fault("name", _("This is needed."), "required"))
    steps = [_step(n, faults) for n in _numbers() if _said(n)]
    if not steps:
        faults.append(Fault("role-0", _("A rule needs one step at least."), "required"))
    position = _whole("position", 0, 9999, faults)
    refuse_faults(faults)
    kind, _colon, transition = move.partition(":")
    return {
        "name": name,
        "document_kind": kind,
        "transition": transition,
        "condition": request.form.get("condition", "").strip(),
        "position": position,
        "active": request.form.get("active") == "1",
        "steps": [{**one, "name": one["name"] or _named(work, one)} for one in steps],
    }


def _numbers() -> range:
    """The rows of steps that the form has."""
    return range(min(sum(name.startswith("role-") for name in request.form), MOST_STEPS))


def _said(n: int) -> bool:
    """Whether a row says whom it asks; an empty one is left out."""
    who = request.form.get(f"who-{n}", "role")
    return (
        who in ("superior", "head")
        or whole(f"role-{n}") is not None
        or bool(request.form.get(f"right-{n}"))
        or whole(f"person-{n}") is not None
        or (who == "chosen")
    )


def _step(n: int, faults: list[Fault]) -> dict[str, Any]:
    """One row, as values; what it does not ask for is as in a new one."""
    who, mode = request.form.get(f"who-{n}", "role"), request.form.get(f"mode-{n}", "one")
    late = request.form.get(f"late-{n}", "")
    asked = ((f"who-{n}", who, dict(WHO)), (f"mode-{n}", mode, dict(MODES)), (f"late-{n}", late, dict(LATE)))
    for path, value, known in asked:
        if value not in known:
            faults.append(Fault(path, _("“{value}” is not one of the choices.", value=value), "choice"))
    mode = mode if who in ("role", "permission", "chosen") else "one"
    for name in ("step", "condition"):
        if len(request.form.get(f"{name}-{n}", "")) > 200:
            faults.append(Fault(f"{name}-{n}", _("At most {length} characters.", length=200), "too_long"))
    found = amount(request.form.get(f"amount-{n}", ""))
    if found is None:
        faults.append(Fault(f"amount-{n}", _("This is not an amount."), "invalid"))
    return {
        "who": who,
        "role_id": whole(f"role-{n}") if who in ("role", "chosen") else None,
        "permission": request.form.get(f"right-{n}", "") if who == "permission" else "",
        "person_id": whole(f"person-{n}") if who == "person" else None,
        "levels": _whole(f"levels-{n}", 1, 9, faults) if who in ("superior", "head") else 1,
        "mode": mode,
        "needed": _whole(f"needed-{n}", 1, 99, faults) if mode == "some" else 1,
        "beside": request.form.get(f"beside-{n}") == "1",
        "from_amount": found or Decimal(0),
        "condition": request.form.get(f"condition-{n}", "").strip(),
        "days": _whole(f"days-{n}", 0, 365, faults),
        "late": late,
        "name": request.form.get(f"step-{n}", "").strip(),
    }


def _whole(name: str, least: int, most: int, faults: list[Fault]) -> int:
    text = request.form.get(name, "").strip() or str(least)
    if not (text.isascii() and text.isdigit() and len(text) < 9 and least <= int(text) <= most):
        faults.append(Fault(name, _("A whole number from {least} to {most}.", least=least, most=most), "range"))
        return least
    return int(text)


def _named(work: Work, step: Mapping[str, Any]) -> str:
    """What a step is called that was given no name, in the company's words."""
    if step["role_id"] in work.company.roles:
        return work.company.roles[step["role_id"]].name
    if step["permission"]:
        return _right(work, step["permission"])[:LONGEST_NAME]
    return work.person(step["person_id"]) or str(dict(WHO)[step["who"]])


# Showing --------------------------------------------------------------------------------------------------------------


def page(work: Work, moves: Mapping[str, str], error: DomainError | None, key: int | None) -> dict[str, Any]:
    """Everything ``policy.html`` needs."""
    rule = load_master(work, ApprovalPolicy, key, "edit") if key else None
    now = kept(rule) if rule else NEW
    head, steps = _head(now, moves), _steps(work, now["steps"])
    return {
        "page": {
            "title": now["name"] or str(_("New rule")),
            "crumbs": [{"label": str(_("Approval rules")), "url": url_for(".index")}],
            "action": url_for(".change", key=key) if key else url_for(".create"),
            "cancel_url": url_for(".index"),
            "errors": marked([*head, *(one for row in steps for one in row["fields"])], error),
            SEAL: request.form.get(SEAL, "") if "rows" in request.form else sealed(now) if rule else "",
            "head": head,
            "steps": steps,
            "facts": _facts(work, typed("move", _move(now))),
        }
    }


def _move(now: Mapping[str, Any]) -> str:
    return f"{now['document_kind']}:{now['transition']}" if now["document_kind"] else ""


def _head(now: Mapping[str, Any], moves: Mapping[str, str]) -> list[Field]:
    active = request.form.get("active") == "1" if request.method == "POST" else now["active"]
    return [
        field("name", _("Name"), typed("name", now["name"]), required=True, placeholder=str(_("Large quotations"))),
        field(
            "move",
            _("Document and move"),
            typed("move", _move(now)),
            "choice",
            required=True,
            choices=list(moves.items()),
        ),
        field(
            "condition",
            _("Condition"),
            typed("condition", now["condition"]),
            placeholder="amount >= 50000 and discount > 10",
            help=str(_("Empty: always. The words that may be used are listed below.")),
        ),
        field(
            "position",
            _("Sequence"),
            typed("position", now["position"]),
            "number",
            help=str(_("Rules with a lower number are asked for first.")),
        ),
        field("active", _("In force"), active, "boolean"),
    ]


def _steps(work: Work, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps in order; one asked to be moved, removed or added is, and nothing is saved by that."""
    rows = [{name: _written(name, step[name]) for name in STEP} for step in steps]
    if request.method == "POST":
        rows = [{name: request.form.get(f"{CALLED.get(name, name)}-{n}", "") for name in STEP} for n in _numbers()]
    empty = {name: _written(name, value) for name, value in STEP.items()}
    rows = _moved(rows, request.form.get("rows", ""), empty) or [empty]
    last = len(rows) - 1
    return [{"fields": _fields(work, n, row), "first": n == 0, "last": n == last} for n, row in enumerate(rows)]


def _written(name: str, value: Any) -> str:
    if name == "from_amount":
        return f"{value:f}" if value else ""
    if name == "beside":
        return "1" if value else ""
    return "" if value is None or (name == "days" and not value) else str(value)


def _fields(work: Work, n: int, row: Mapping[str, str]) -> list[Field]:
    roles = choices((role.id, role.title) for role in roles_by_name(work).values())
    person = int(row["person_id"]) if row["person_id"].isdigit() else None
    known = addresses.names(work, "core.account", [person] if person else [])
    wanted: tuple[tuple[str, Any, str, dict[str, Any]], ...] = (
        ("who", _("Who agrees"), "choice", {"choices": choices(WHO), "required": True}),
        ("role_id", _("Role"), "choice", {"choices": roles}),
        ("permission", _("Right"), "choice", {"choices": _rights(work)}),
        (
            "person_id",
            _("Person"),
            "reference",
            {"lookup_url": url_for("lookup.index", kind="core.account"), "text": known.get(person or 0, "")},
        ),
        ("levels", _("Levels up"), "number", {}),
        ("mode", _("How many of them"), "choice", {"choices": choices(MODES), "required": True}),
        ("needed", _("Number needed"), "number", {}),
        ("from_amount", _("From amount"), "money", {"placeholder": "0.00"}),
        ("condition", _("Only if"), "text", {"placeholder": "margin < 10"}),
        ("days", _("Workdays to decide"), "number", {"placeholder": str(_("no limit"))}),
        ("late", _("If nobody decides in time"), "choice", {"choices": choices(LATE[1:]), "blank": str(LATE[0][1])}),
        ("name", _("Called"), "text", {"placeholder": str(_("As the role"))}),
        ("beside", _("At the same time as the step before"), "boolean", {}),
    )
    found = []
    for name, label, kind, more in wanted:
        called = CALLED.get(name, name)
        about = field(f"{called}-{n}", label, row[name], kind, **more)
        found.append(about | {"path": f"steps/{n}/{name}", "needs": NEEDS.get(called, ""), "n": n})
    return found


def _rights(work: Work) -> list[tuple[str, str]]:
    """The rights of the areas that the company uses, by what they are on."""
    used = (p.key for p in work.types.permissions.values() if p.area in {"core", *work.areas})
    return sorted(((key, _right(work, key)) for key in used), key=lambda pair: pair[1])


def _moved(rows: list[dict[str, str]], wish: str, empty: dict[str, str]) -> list[dict[str, str]]:
    """The rows after ``add``, ``up-2``, ``down-0`` or ``drop-1``."""
    verb, _dash, place = wish.partition("-")
    n = int(place) if place.isascii() and place.isdigit() else 0
    if verb == "add" and len(rows) < MOST_STEPS:
        return [*rows, empty]
    if n >= len(rows):
        return rows
    if verb == "drop":
        return rows[:n] + rows[n + 1 :]
    other = {"up": n - 1, "down": n + 1}.get(verb, -1)
    if 0 <= other < len(rows):
        rows[n], rows[other] = rows[other], rows[n]
    return rows


def _facts(work: Work, move: str) -> list[dict[str, str]]:
    """The words of conditions for the chosen type, with what they mean; those of core before one is chosen."""
    cls = work.types.documents.get(move.partition(":")[0])
    if cls is None:
        return []
    kinds = {"number": _("a number"), "percent": _("a number"), "flag": _("yes or no"), "text": _("a text")}
    return [
        {"key": fact.key, "label": str(fact.label), "kind": str(kinds[fact.kind])}
        for fact in facts_of(work, cls).values()
    ]
