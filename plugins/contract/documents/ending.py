"""How an agreement goes on after its release, and how it ends: the same moves for contracts and for orders."""

from __future__ import annotations

from core.documents import Point, Transition
from core.roles import GENERAL_MANAGER
from core.text import _
from plugins.contract.documents import checks
from plugins.contract.documents.agreed import LEADERS, OFFICE

ACCEPT = Transition(
    "accept",
    "released",
    "accepted",
    _("The customer has accepted"),
    OFFICE,
    point=Point.ACCEPTANCE,
    releases=True,
    asks=("accepted_on", "accepted_by"),
    musts=("accepted_on",),
    tone="success",
)
COMPLETE = Transition(
    "complete",
    ("released", "accepted"),
    "completed",
    _("Complete"),
    OFFICE,
    checks=(checks.is_fulfilled,),
    tone="success",
)


def recall(target: str) -> Transition:
    """The release is taken back, while nobody has worked with it."""
    return Transition("recall", "released", target, _("Recall the release"), LEADERS, reason=True, undoes=True)


def terminate(source: tuple[str, ...]) -> Transition:
    """It ends before it is fulfilled; what is still to come is dropped."""
    return Transition(
        "terminate",
        source,
        "terminated",
        _("Terminate"),
        LEADERS,
        approval=True,
        reason=True,
        closes=True,
        keeps="outcome",
        tone="danger",
    )


def cancel(source: tuple[str, ...]) -> Transition:
    """It never binds anybody; what it had taken over is open again."""
    return Transition(
        "cancel",
        source,
        "cancelled",
        _("Cancel"),
        (*OFFICE, GENERAL_MANAGER),
        reason=True,
        closes=True,
        keeps="outcome",
    )
