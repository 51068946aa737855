"""Which moves a document can make now, why the others are closed, and who would have to agree."""

from __future__ import annotations

from dataclasses import dataclass

from core.approvals import engine
from core.approvals.engine import PlannedStep
from core.documents.models import Document
from core.documents.truths import Approval
from core.documents.workflow import Transition
from core.errors import Conflict, DomainError, IllegalMove, Objection, Unconfirmed
from core.operations.move import allow, object_to
from core.text import _
from core.work import Work


@dataclass(frozen=True, slots=True)
class Outlook:
    """One move as it stands now. ``closed`` says why it cannot be made; ``warnings`` need to be confirmed first.

    ``steps`` are the consents that would be asked for.
    """

    move: Transition
    closed: DomainError | None = None
    warnings: tuple[Objection, ...] = ()
    steps: tuple[PlannedStep, ...] = ()


def outlooks(work: Work, document: Document) -> list[Outlook]:
    """Every move of the document's workflow that people make, in the order of its declaration; its lines are loaded."""
    return [outlook(work, document, move) for move in document.workflow.transitions if not move.system]


def outlook(work: Work, document: Document, move: Transition) -> Outlook:
    """One move, looked at without making it; the state is asked first, then the right, then what stands against it."""
    try:
        document.workflow.find(move.name, document.state)
        if document.approval == Approval.PENDING:
            raise Conflict(_("It is in approval. Wait for the decision, or withdraw it."), code="document.pending")
        if move.system:
            raise IllegalMove(_("Only the program makes this move."), code="move.system")
        allow(work, document, move)
        found, warnings = _objections(work, document, move)
        steps = engine.plan(work, document, move.name, found) if engine.asks(work, document, move) else []
    except DomainError as error:
        return Outlook(move, error)
    return Outlook(move, None, warnings, tuple(steps))


def _objections(work: Work, document: Document, move: Transition) -> tuple[list[Objection], tuple[Objection, ...]]:
    """All objections, and those that only need to be confirmed; raises ``Refused`` when one stands in the way."""
    try:
        return object_to(work, document, move), ()
    except Unconfirmed as error:
        confirmed = frozenset(o.code for o in error.objections)
        return object_to(work, document, move, confirmed), error.objections
