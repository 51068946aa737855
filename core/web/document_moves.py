"""The moves of a document as its page offers them: open ones as buttons, closed ones with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.approvals import engine
from core.documents.access import reaches
from core.documents.faces import faces
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.workflow import Transition
from core.errors import Objection, Refused, Strength
from core.text import _
from core.web.forms import described
from core.work import Work

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
        "fields": [_asked(work, document, name, transition) for name in transition.asks],
        "reason": transition.reason,
        "reason_required": transition.reason,
        "confirm": str(transition.confirm) if transition.confirm else "",
        "consents": consents,
        "warnings": [str(o.text) for o in warnings],
        "codes": [o.code for o in warnings],
    }


def _asked(work: Work, document: Document, name: str, transition: Transition) -> dict[str, Any]:
    """One thing that the move asks for, as it stands now."""
    face = faces(type(document))[name]
    return described(work, name, face, getattr(document, name), required=name in transition.musts)


def weighed(work: Work, document: Document, transition: Transition) -> tuple[list[str], list[Objection], list[str]]:
    """What stands against a move, what it warns of, and the roles that would have to agree."""
    if document.approval == "pending":
        return [str(_("It is in approval."))], [], []
    found = [o for check in transition.checks for o in check(work, document)]
    found += work.hooks.document_objections(document, transition)
    blocks = [str(o.text) for o in found if o.strength is Strength.BLOCK]
    warnings = [o for o in found if o.strength is Strength.WARN]
    if blocks or not transition.approval:
        return blocks, warnings, []
    try:
        plan = engine.plan(work, document, transition.name, found)
    except Refused as error:
        return [str(o.text) for o in error.objections], [], []
    return [], warnings, [engine.role_name(work, step.role_id) for step in plan]


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
