"""What conditions of approval rules may ask of a customer's credit: how much is over, whether something is overdue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.approvals.facts import Fact, Value
from core.documents import Document, Stage
from core.text import _
from core.work import Work
from plugins.credit.services.standing import overdue, standing
from plugins.credit.settings import GRACE_DAYS

SOLD = (Stage.OFFER, Stage.ORDER, Stage.DELIVERY, Stage.INVOICE)


def _sells(cls: type[Document]) -> bool:
    return cls.stage in SOLD and cls.needs_party and not cls.corrects


def _used(work: Work, document: Any) -> Value:
    """What of the limit is used, in percent, as the customer stands today; nobody knows it for one without a limit."""
    now = standing(work, document.party_id) if document.party_id else None
    if now is None or now.allowed <= 0:
        return None
    return now.exposure / now.allowed * 100


def _overdue(work: Work, document: Any) -> Value:
    late = overdue(work, document.party_id, work.setting(GRACE_DAYS)) if document.party_id else None
    return late.amount if late is not None else Decimal(0)


FACTS = (
    Fact("credit_used", _("Credit limit used (%)"), "percent", _used, _sells),
    Fact("overdue", _("Overdue amount of the customer"), "number", _overdue, _sells),
)
