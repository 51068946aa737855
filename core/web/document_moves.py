"""The moves of a document as its page offers them: open ones as buttons, closed ones with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.approvals import candidates, engine, showing
from core.approvals.engine import PlannedStep
from core.documents.access import reaches
from core.documents.faces import faces
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.workflow import Transition
from core.errors import Objection, Refused, Strength
from core.operations.separating import clash
from core.text import _
from core.web.forms import described
from core.work import Work

# How the fields of a dialog are called in which one names who shall agree.
APPROVER = "approver-"
MORE = 2
TONES = {"primary": "primary", "success": "primary", "danger": "danger"}
ICONS = {
    "submit": "send",
    "cancel": "ban",
    "revise": "history",
    "accept": "check",
    "decline": "x",
    "void": "ban",
    "close": "lock",
    "ship": "truck",
    "send": "mail",
    "approve": "check",
    "complete": "circle-check",
}


def moves(work: Work, document: Document, url: Callable[..., str]) -> Iterator[dict[str, Any]]:
    """A button for every move from here that this person may make; a closed one says why."""
    kind = kind_of(type(document))
    for transition in document.workflow.open_from(document.state):
        mine = work.may(f"{kind}.{transition.name}") and reaches(work, document, transition.name)
        if mine and not transition.system:
            yield _move(work, document, transition, url("move_view", transition=transition.name))


def _move(work: Work, document: Document, transition: Transition, url: str) -> dict[str, Any]:
    reasons, warnings, consents = weighed(work, document, transition)
    return {
        "name": transition.name,
        "label": str(transition.label),
        "icon": ICONS.get(transition.name, "arrow-right"),
        "tone": "danger" if transition.closes and not transition.tone else TONES.get(transition.tone, "secondary"),
        "url": url,
        "closed": reasons,
        "fields": [
            *(_asked(work, document, name, transition) for name in transition.asks),
            *(field for step in consents for field in _named(work, step)),
        ],
        "reason": transition.reason,
        "reason_required": transition.reason,
        "confirm": str(transition.confirm) if transition.confirm else "",
        "consents": [_consent(work, step) for step in consents],
        "warnings": [str(o.text) for o in warnings],
        "codes": [o.code for o in warnings],
    }


def _asked(work: Work, document: Document, name: str, transition: Transition) -> dict[str, Any]:
    """One thing that the move asks for, as it stands now."""
    face = faces(type(document))[name]
    return described(work, name, face, getattr(document, name), required=name in transition.musts)


def _consent(work: Work, step: PlannedStep) -> dict[str, Any]:
    """A step as the dialog tells of it; ``beside`` one that is asked together with the one before."""
    whose = candidates.role_name(work, step.role_id) or ", ".join(candidates.named(work, step.asked)) or step.name
    if step.purpose == engine.CHECK:
        role = candidates.role_name(work, step.role_id)
        mode = " · ".join(text for text in (role, str(showing.shown_check(step.needed))) if text)
        return {"label": str(_("Double check")), "mode": mode, "position": step.position}
    return {"label": whose, "mode": str(showing.shown_mode(step) or ""), "position": step.position}


def _named(work: Work, step: PlannedStep) -> list[dict[str, Any]]:
    """Where the asker names who shall agree: a choice for each person that is needed, and two more where all agree."""
    if step.choose is None:
        return []
    needed = step.needed if step.mode == "some" else 1
    people = sorted(step.asked, key=work.person)
    field = {"kind": "choice", "choices": [(one, work.person(one)) for one in people], "value": "", "reference": True}
    return [
        {
            **field,
            "name": f"{APPROVER}{step.choose}-{place}",
            "label": str(_("Who shall agree: {step}", step=step.name)),
            "required": place < needed,
        }
        for place in range(needed + (MORE if step.mode == "all" else 0))
    ]


def approvers(form: Mapping[str, str]) -> dict[int, list[int]]:
    """Whom the asker has named, by the step of the policy."""
    found: dict[int, list[int]] = {}
    for name, value in form.items():
        step, _dash, place = name.removeprefix(APPROVER).partition("-")
        numbers = (step, place, value)
        if name.startswith(APPROVER) and all(n.isascii() and n.isdigit() and len(n) < 19 for n in numbers):
            found.setdefault(int(step), []).append(int(value))
    return found


def weighed(
    work: Work, document: Document, transition: Transition
) -> tuple[list[str], list[Objection], list[PlannedStep]]:
    """What stands against a move, what it warns of, and the consents that it would need."""
    if document.approval == "pending":
        return [str(_("It is in approval."))], [], []
    apart = clash(work, document, f"{kind_of(type(document))}.{transition.name}")
    if apart is not None:
        return [str(apart.text)], [], []
    found = [o for check in transition.checks for o in check(work, document)]
    found += work.hooks.document_objections(document, transition)
    blocks = [str(o.text) for o in found if o.strength is Strength.BLOCK]
    warnings = [o for o in found if o.strength is Strength.WARN]
    if blocks or not engine.asks(work, document, transition):
        return blocks, warnings, []
    try:
        plan = engine.plan(work, document, transition.name, found)
    except Refused as error:
        return [str(o.text) for o in error.objections], [], []
    return [], warnings, plan


def asked_again(
    found: list[dict[str, Any]], name: str, warnings: Refused, reason: str, written: Mapping[str, str]
) -> None:
    """Open the dialog of the move that has just met warnings, with what was written in it."""
    for move in found:
        if move["name"] == name:
            texts, codes = [str(o.text) for o in warnings.objections], [o.code for o in warnings.objections]
            move |= {"warnings": texts, "codes": codes, "open": True, "written": reason}
            for field in move["fields"]:
                field["value"] = written.get(field["name"], field["value"])
