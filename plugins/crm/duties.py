"""What crm makes people do: call customers again by their day, and give guidance on talks."""

from __future__ import annotations

from core.duties.kinds import DutyKind
from core.text import _
from plugins.crm.documents import Talk
from plugins.crm.masters import Tracking

REVIEW = "crm.talk.review"

DUTIES = (
    # Closed by the next recorded talk or sent offer, which sets the day anew (CRM-02).
    DutyKind(
        key="crm.tracking.call",
        of=Tracking,
        label=_("Customers to call again"),
        title=_("Call {party} again"),
        since=("next_contact",),
        leads=REVIEW,
    ),
    DutyKind(
        key="crm.talk.review",
        of=Talk,
        label=_("Talks that wait for guidance"),
        title=_("Give guidance: talk with {party}, {what}"),
        states=("submitted",),
        since=("date",),
        days=1,
        what=lambda c: c.topic,
        right="review",
        own=False,
        others=True,
    ),
)
