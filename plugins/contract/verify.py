"""Do the milestones still fall due as agreed? As far as the contract tells it itself: others wait for deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import and_, select

from core.documents.models import Claim
from core.records.verify import Finding
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.milestones import Milestone
from plugins.contract.documents.payment import due_day
from plugins.contract.services.claims import MILESTONE


def verify_milestones(work: Work) -> Iterator[Finding]:
    """Milestones whose day is not the one that signing, acceptance, the warranty or the plan itself says (CTR-14)."""
    rows = work.session.execute(
        select(
            *(Contract.id, Contract.number, Contract.signed_on, Contract.accepted_on, Contract.warranty_until),
            *(Milestone.event, Milestone.rule, Milestone.days, Milestone.day),
            *(Claim.name, Claim.due),
        )
        .join(Claim, and_(Claim.document_id == Contract.id, Claim.claim_kind == MILESTONE))
        .join(Milestone, and_(Milestone.document_id == Contract.id, Milestone.position == Claim.position))
        .order_by(Contract.id, Claim.position)
    )
    for row in rows:
        known, day = _told(row)
        if known and row.due != day:
            text = _("“{name}” is due on {due}; as agreed it would be {day}.", name=row.name, due=row.due, day=day)
            yield Finding("milestone.due", f"{Contract.label} {row.number or row.id}", text)


def _told(row: Any) -> tuple[bool, date | None]:
    """Whether the contract itself tells the day of a milestone, and which it is."""
    events = {"signing": row.signed_on, "acceptance": row.accepted_on, "warranty": row.warranty_until}
    if row.event not in events:
        return row.event == "day", row.day
    happened = events[row.event]
    return True, due_day(happened, row.rule, row.days) if happened else None


CHECKS = (verify_milestones,)
