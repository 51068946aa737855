"""The truths about a document that are not its state: approval and closure. Progress is figures, not a word."""

from __future__ import annotations

from enum import StrEnum

from core.text import _


class Approval(StrEnum):
    """Where the document stands with those who must agree; written by the approval engine alone."""

    NONE = "none"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Closure(StrEnum):
    """Whether later documents may still draw on a document or a line."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    FORCED = "forced"


APPROVAL_LABELS = {
    Approval.NONE: _("Not submitted"),
    Approval.PENDING: _("In approval"),
    Approval.APPROVED: _("Approved"),
    Approval.REJECTED: _("Rejected"),
    Approval.WITHDRAWN: _("Withdrawn"),
}
CLOSURE_LABELS = {
    Closure.OPEN: _("Open"),
    Closure.SUSPENDED: _("Suspended"),
    Closure.CLOSED: _("Closed"),
    Closure.FORCED: _("Force-closed"),
}
