"""What people are told of planned steps: why each is asked for, and how many of several must agree."""

from __future__ import annotations

from decimal import Decimal

from core.approvals.engine import CHECK, COPY, PlannedStep
from core.text import Text, _


def shown_why(step: PlannedStep) -> str:
    """Why a step is asked for, for the preview."""
    try:
        return str(_("from {amount}", amount=Decimal(step.why))) if step.why else ""
    except ArithmeticError:
        return step.name


def shown_mode(step: PlannedStep) -> Text | None:
    """How many of several must agree; None where it is one of a role, or one person."""
    if step.purpose == CHECK:
        return shown_check(step.needed)
    if step.mode == "all" and len(step.persons) > 1:
        return _("All {count} agree", count=len(step.persons))
    if step.mode == COPY:
        return _("only for reading")
    if step.mode == "some":
        return _("{needed} of {count} agree", needed=step.needed, count=len(step.persons))
    return None


def shown_check(persons: int) -> Text:
    """How many further persons look at it."""
    return _("{count} persons confirm", count=persons) if persons > 1 else _("one person confirms")
