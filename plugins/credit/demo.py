"""Credit in the demonstration: limits for the better customers, some of them used up, one frozen, some applied for."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from core.demonstration.desk import Desk
from core.operations import create
from core.schemas import inputs
from core.work import Work
from plugins.credit.documents import Application

FILES = 24
BEGIN = 14  # workdays of the season on which the first limits are applied for
LIMITS = {"A": (80, 40), "B": (30, 12), "C": (8, 3)}  # ten thousands: up to, and at least
REASONS = ("合作三年，回款及时", "年采购量大，申请账期六十天", "新客户首单，额度从低", "主机厂配套客户，信用良好")


def workday(desk: Desk) -> None:
    """Apply for limits at the beginning, for more in between; one customer is frozen near the end."""
    count = max(6, int(FILES * min(1.0, desk.demo.scale)))
    first = len(desk.demo.days) - 120
    if first <= desk.place < first + BEGIN:
        for index in range(desk.place - first, min(count, len(desk.demo.parties)), BEGIN):
            _apply(desk, index, "limit")
    elif desk.left in (30, 12, 2):
        _apply(desk, desk.left % count, "temporary")
    elif desk.left == 18:
        _apply(desk, 0, "freeze")
    for row in desk.ready(Application, {"draft": (0, 1)}):
        if row.id % 9:
            desk.go(desk.login(row.owner_id), Application, row.id, "submit", hour=11)


def _apply(desk: Desk, index: int, subject: str) -> None:
    firm, random = desk.demo.firms[index], desk.chance("credit", index, subject)
    most, least = LIMITS[firm.customer_class]
    given: dict[str, Any] = {
        "party_id": desk.demo.parties[index],
        "asks_for": subject,
        "grade": "A" if firm.customer_class == "A" else random.choice("BBC"),
        "amount": str(Decimal(random.randint(least, most) * 10_000)),
        "valid_from": desk.today.isoformat(),
        "valid_until": (desk.today + datetime.timedelta(days=random.choice((20, 180, 365)))).isoformat(),
        "reason": "货款逾期，暂停发货" if subject == "freeze" else random.choice(REASONS),
    }
    if subject == "limit":
        given["review_on"] = (desk.today + datetime.timedelta(days=120)).isoformat()

    def command(work: Work) -> int:
        return create.create(work, Application, inputs.read(Application, given)).id

    desk.do(desk.demo.owners[index], command, hour=9.5)
