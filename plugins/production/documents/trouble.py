"""How work for a customer goes wrong, goes on, waits and ends: the same moves for what is made and what is bought."""

from __future__ import annotations

from core.documents import Transition
from core.roles import GENERAL_MANAGER, Role
from core.text import _
from plugins.production.documents.supplied import LEADERS, OFFICE


def stop(source: str | tuple[str, ...], by: tuple[Role, ...]) -> Transition:
    """A problem goes to the representative at once, with a proposal (PRD-07)."""
    said = ("problem", "proposal")
    return Transition("stop", source, "troubled", _("Report a problem"), by, asks=said, musts=said, tone="danger")


def resume(target: str) -> Transition:
    """The office has agreed on a solution with the customer."""
    return Transition(
        "resume",
        "troubled",
        target,
        _("Go on as agreed"),
        (*OFFICE, GENERAL_MANAGER),
        asks=("solution", "expected_on"),
        musts=("solution",),
        tone="primary",
    )


def delay(source: tuple[str, ...], target: str) -> Transition:
    """The customer's own delay moves the plan (PRD-03)."""
    return Transition(
        "delay",
        source,
        target,
        _("The customer needs it later"),
        OFFICE,
        reason=True,
        keeps="delay_reason",
        asks=("needed_on",),
    )


def cancel(source: tuple[str, ...]) -> Transition:
    """What was taken is open again."""
    return Transition("cancel", source, "cancelled", _("Cancel"), LEADERS, reason=True, closes=True, keeps="outcome")
