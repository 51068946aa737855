"""The consents to contracts and orders that a company begins with."""

from __future__ import annotations

from core.operations.consents import FirstStep, begin_with
from core.roles import GENERAL_MANAGER, SALES_MANAGER
from core.text import _
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
    leader = FirstStep(LEADER, GENERAL_MANAGER, work.setting(MAJOR_AMOUNT))
    for kind, name in NAMES.items():
        begin_with(work, kind, name, (FirstStep(MANAGER, SALES_MANAGER), leader))
