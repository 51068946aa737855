"""The trial: who would have to agree to a move, of a document that is there or of an amount."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import request
from sqlalchemy import select

from core.approvals import candidates, engine, showing
from core.decimals import BadNumber, exact
from core.documents.models import Document
from core.documents.reading import find
from core.errors import DomainError
from core.operations.move import preview
from core.text import _
from core.web.administration.forms import field
from core.web.showing import money
from core.work import Work

TOO_LARGE = Decimal(10) ** 13


def amount(text: str) -> Decimal | None:
    """An amount as people write it; empty is nothing, None is none at all."""
    try:
        value = exact(text.strip() or "0")
    except BadNumber:
        return None
    return value if 0 <= value < TOO_LARGE and value == value.quantize(Decimal("0.01")) else None


def trial(work: Work, moves: dict[str, str], action: str) -> dict[str, Any]:
    """The form of the trial with its answer, once something was asked."""
    move, number, sum_ = (request.args.get(name, "").strip() for name in ("move", "document", "amount"))
    fields = [
        field("move", _("Document and move"), move, "choice", required=True, choices=list(moves.items())),
        field("amount", _("Amount"), sum_, "money", placeholder="0.00"),
        field("document", _("Or a document"), number, placeholder=str(_("Number or id"))),
    ]
    shown: dict[str, Any] = {"action": action, "fields": fields, "result": None, "reasons": []}
    if move not in moves:
        return shown
    kind, _colon, name = move.partition(":")
    if number:
        return {**shown, **_of_document(work, kind, name, number, fields[2])}
    value = amount(sum_)
    if value is None:
        fields[1]["error"] = str(_("This is not an amount."))
        return shown
    return {**shown, "result": _of_amount(work, kind, name, value)}


def _of_document(work: Work, kind: str, name: str, number: str, place: dict[str, Any]) -> dict[str, Any]:
    cls = work.types.document(kind)
    key = work.session.scalar(select(Document.id).where(Document.kind == kind, Document.number == number))
    if key is None and number.isascii() and number.isdigit() and len(number) < 19:
        key = int(number)
    document = find(work, cls, key) if key else None
    if document is None:
        place["error"] = str(_("There is no such document of this type."))
        return {}
    transition = next(t for t in cls.workflow.transitions if t.name == name)
    about = str(
        _(
            "{number}, {amount}",
            number=document.number or f"#{document.id}",
            amount=money(document.gross, document.currency),
        )
    )
    try:
        # As if whoever answers for it asked, not the administrator who tries the rules.
        steps = preview(work, document, transition, asker=document.owner_id or document.created_by)
    except DomainError as error:
        return {"about": about, "reasons": [str(one.text) for one in getattr(error, "objections", ())] or [str(error)]}
    return {"about": about, "result": [_step(work, step) for step in steps]}


def _step(work: Work, step: engine.PlannedStep) -> dict[str, Any]:
    """A step as the trial shows it; people who made the document are not among those asked."""
    mode = showing.shown_mode(step)
    told = [str(mode)] if mode else []
    told += [shown] if (shown := showing.shown_why(step)) and shown != step.name else []
    label = candidates.role_name(work, step.role_id) or step.name
    return {"label": label, "mode": " · ".join(told), "people": candidates.named(work, step.asked)}


def _of_amount(work: Work, kind: str, name: str, value: Decimal) -> list[dict[str, Any]]:
    found = []
    for step in engine.outline(work, kind, name, value):
        told = [str(_("if {condition}", condition=step.why))] if step.why else []
        told += [str(mode)] if (mode := showing.shown_mode(step)) else []
        label = candidates.role_name(work, step.role_id) or step.name
        found.append({"label": label, "mode": " · ".join(told), "people": candidates.named(work, step.asked)})
    return found
