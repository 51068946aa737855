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
    """Milestones whose day is not the one that signing, the end of the warranty or the plan itself says (CTR-14).

    The day of acceptance may be told anew when the milestone has its day already; so it is not asked about.
    """
    rows = work.session.execute(
        select(
            *(Contract.id, Contract.number, Contract.signed_on, Contract.warranty_until),
            *(Milestone.event, Milestone.rule, Milestone.days, Milestone.day),
            *(Claim.name, Claim.due),
        )
        .join(Claim, and_(Claim.document_id == Contract.id, Claim.claim_kind == MILESTONE))
        .join(Milestone, and_(Milestone.document_id == Contract.id, Milestone.position == Claim.position))
        .where(Milestone.event.in_(("signing", "warranty", "day")))
        .order_by(Contract.id, Claim.position)
    )
    for row in rows:
        day = _told(row)
        # One that was signed anew after its warranty had begun waits for nothing more.
        if row.due != day and not (row.event == "warranty" and row.due is None):
            text = _("“{name}” is due on {due}; as agreed it would be {day}.", name=row.name, due=row.due, day=day)
            yield Finding("milestone.due", f"{Contract.label} {row.number or row.id}", text)


def _told(row: Any) -> date | None:
    """The day that the contract itself tells for a milestone."""
    if row.event == "day":
        return row.day  # type: ignore[no-any-return]
    happened = row.signed_on if row.event == "signing" else row.warranty_until
    return due_day(happened, row.rule, row.days) if happened else None


CHECKS = (verify_milestones,)
