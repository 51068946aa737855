"""Where a customer stands: how much he may owe on a day, how much he owes, and what is overdue (DOMAIN 4.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, select

from core.hooks.values import Exposure
from core.operations import flow
from core.work import Work
from plugins.credit.masters import Allowance, CreditFile
from plugins.credit.settings import NEW_CUSTOMERS

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Granted:
    """Temporary credit that is valid: how much, until when, and whether one order uses it up."""

    id: int
    amount: Decimal
    valid_until: date
    single_use: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands on a day, in the company's currency."""

    file_id: int | None
    grade: str
    frozen: bool
    limit: Decimal
    temporary: Decimal
    parts: tuple[Exposure, ...]
    granted: tuple[Granted, ...] = ()

    @property
    def exposure(self) -> Decimal:
        """What he owes or will: the sum of all parts, advances taken off."""
        return sum((part.amount for part in self.parts), ZERO)

    @property
    def allowed(self) -> Decimal:
        """The most that he may owe."""
        return self.limit + self.temporary

    def excess(self, added: Decimal) -> Decimal:
        """By how much he would be over with ``added`` on top; zero or less passes."""
        return self.exposure + added - self.allowed


def standing(work: Work, party_id: int, on: date | None = None) -> Standing | None:
    """Where a customer stands today or ``on`` a day; None when he has no file and nobody checks such customers.

    Read once in a unit of work: what it changes itself, it reckons on top.
    """
    key = f"credit.standing:{party_id}:{on or work.today}"
    if key not in work.kept:
        work.kept[key] = _standing(work, party_id, on)
    found: Standing | None = work.kept[key]
    return found


def _standing(work: Work, party_id: int, on: date | None) -> Standing | None:
    rows = _file(work, party_id, on or work.today)
    if not rows and work.setting(NEW_CUSTOMERS) == "open":
        return None
    parts = tuple(sorted(work.hooks.party_exposure(party_id), key=lambda part: (part.place, part.key)))
    if not rows:
        return Standing(None, "", False, ZERO, ZERO, parts)
    head, day = rows[0], on or work.today
    begun = head.valid_from is None or head.valid_from <= day
    valid = begun and (head.valid_until is None or day <= head.valid_until)
    granted = tuple(
        Granted(row.allowance_id, row.allowed, row.allowed_until, row.single_use) for row in rows if row.allowance_id
    )
    limit = head.amount if valid else ZERO
    temporary = sum((one.amount for one in granted), ZERO)
    return Standing(head.id, head.grade, head.frozen, limit, temporary, parts, granted)


def _file(work: Work, party_id: int, on: date) -> Sequence[Any]:
    """The customer's file with what is granted on that day and not used up; one statement."""
    return work.session.execute(_FILE, {"party": party_id, "day": on}).all()


_FILE = (
    select(
        CreditFile.id,
        CreditFile.grade,
        CreditFile.amount,
        CreditFile.valid_from,
        CreditFile.valid_until,
        CreditFile.frozen,
        Allowance.id.label("allowance_id"),
        Allowance.amount.label("allowed"),
        Allowance.valid_until.label("allowed_until"),
        Allowance.single_use,
    )
    .outerjoin(
        Allowance,
        and_(
            Allowance.file_id == CreditFile.id,
            Allowance.valid_from <= bindparam("day"),
            Allowance.valid_until >= bindparam("day"),
            Allowance.used_on.is_(None),
        ),
    )
    .where(CreditFile.party_id == bindparam("party"), CreditFile.active)
    .order_by(Allowance.id)
)


def overdue(work: Work, party_id: int, grace: int) -> list[Any]:
    """The customer's receivables that are overdue by more than ``grace`` days; retained money is not."""
    last = date.fromordinal(work.today.toordinal() - grace)
    return [row for row in flow.claims.open_of(work, party_id, kinds=("receivable",)) if row.due and row.due < last]
