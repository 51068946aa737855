"""The consents a company begins with; from then on they are data that its administrator changes."""

from __future__ import annotations

from sqlalchemy import select

from core.approvals.models import ApprovalPolicy
from core.operations import masters
from core.roles import GENERAL_MANAGER, SALES_MANAGER
from core.text import CHINESE, _, speaking
from core.work import Work
from plugins.contract.settings import MAJOR_AMOUNT

NAMES = {
    "contract.contract": _("Review of contracts"),
    "contract.order": _("Review of orders"),
}
MANAGER = _("Review by the head of sales: complete, clear, price policy")
LEADER = _("Consent of the general manager to a major amount")


def usual_consents(work: Work) -> None:
    """The head of sales first, the leader for major amounts; what each document calls for follows (CTR-02, CTR-05)."""
    kinds = select(ApprovalPolicy.document_kind).where(ApprovalPolicy.document_kind.in_(NAMES))
    known = set(work.session.scalars(kinds))
    roles = {role.key: role.id for role in work.company.roles.values()}
    for kind in NAMES.keys() - known:
        with speaking(work.company.language or CHINESE):
            steps = [
                {"name": str(MANAGER), "role_id": roles[SALES_MANAGER.key]},
                {
                    "name": str(LEADER),
                    "role_id": roles[GENERAL_MANAGER.key],
                    "from_amount": work.setting(MAJOR_AMOUNT),
                },
            ]
            values = {"name": str(NAMES[kind]), "document_kind": kind, "transition": "submit", "steps": steps}
        masters.write(work, ApprovalPolicy, values)
