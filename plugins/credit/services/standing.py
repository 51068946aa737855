"""Where a customer stands: how much he may owe on a day, how much he owes, and what is overdue (DOMAIN 4.12)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from core.hooks.values import Exposure
from core.money import convert
from core.operations import flow
from core.work import Work
from plugins.credit.masters import Allowance, CreditFile
from plugins.credit.settings import COUNT_ADVANCES, COUNT_ORDERS, COUNT_SHIPPED, NEW_CUSTOMERS

ZERO = Decimal(0)
COUNTS = {"ordered": COUNT_ORDERS, "shipped": COUNT_SHIPPED, "advance": COUNT_ADVANCES}


@dataclass(frozen=True, slots=True)
class Granted:
    """Temporary credit that is valid: how much, until when, whether one order uses it up, and the one that has."""

    id: int
    amount: Decimal
    valid_until: date
    single_use: bool
    used_by: int | None = None


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
    used: tuple[Granted, ...] = ()

    def for_orders(self, keys: Collection[int]) -> Standing:
        """As it stands for what belongs to these orders: what was granted for one of them holds until it ends."""
        mine = sum((one.amount for one in self.used if one.used_by in keys), ZERO)
        return replace(self, temporary=self.temporary + mine) if mine else self

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


def uncounted(work: Work) -> frozenset[str]:
    """The parts of what a customer owes that the company does not hold against his limit (CRD-04)."""
    return frozenset(part for part, setting in COUNTS.items() if not work.setting(setting))


def forget(work: Work, party_id: int) -> None:
    """Read a customer's standing anew next time: his file has changed."""
    for key in [key for key in work.kept if str(key).startswith(f"credit.standing:{party_id}:")]:
        del work.kept[key]


def _standing(work: Work, party_id: int, on: date | None) -> Standing | None:
    rows = _file(work, party_id, on or work.today)
    if not rows and work.setting(NEW_CUSTOMERS) == "open":
        return None
    left_out = uncounted(work)
    told = (part for part in work.hooks.party_exposure(party_id) if part.part not in left_out)
    parts = tuple(sorted(told, key=lambda part: (part.place, part.key)))
    if not rows:
        return Standing(None, "", False, ZERO, ZERO, parts)
    head, day = rows[0], on or work.today
    begun = head.valid_from is None or head.valid_from <= day
    valid = begun and (head.valid_until is None or day <= head.valid_until)
    allowances = [
        Granted(row.allowance_id, row.allowed, row.allowed_until, row.single_use, row.used_by_id)
        for row in rows
        if row.allowance_id
    ]
    granted, used = (tuple(one for one in allowances if (one.used_by is not None) is gone) for gone in (False, True))
    limit = head.amount if valid else ZERO
    temporary = sum((one.amount for one in granted), ZERO)
    return Standing(head.id, head.grade, head.frozen, limit, temporary, parts, granted, used)


def _file(work: Work, party_id: int, on: date) -> Sequence[Any]:
    """The customer's file with what is granted on that day, by whatever order it was used; one statement.

    A file out of use is none, but it does not thaw a customer.
    """
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
        Allowance.used_by_id,
    )
    .outerjoin(
        Allowance,
        and_(
            Allowance.file_id == CreditFile.id,
            Allowance.valid_from <= bindparam("day"),
            Allowance.valid_until >= bindparam("day"),
            or_(Allowance.used_on.is_(None), Allowance.used_by_id.is_not(None)),
        ),
    )
    .where(CreditFile.party_id == bindparam("party"), or_(CreditFile.active, CreditFile.frozen))
    .order_by(Allowance.id)
)


@dataclass(frozen=True, slots=True)
class Overdue:
    """What a customer is late with: in all (company's currency, 2 decimals), since when, and for which documents."""

    amount: Decimal
    oldest: date
    names: tuple[str, ...]


def overdue(work: Work, party_id: int, grace: int) -> Overdue | None:
    """What the customer is late with by more than ``grace`` days, each document at its own rate; retained money too.

    That is not due before its own day.
    """
    last = date.fromordinal(work.today.toordinal() - grace)
    rows = [row for row in flow.claims.open_of(work, party_id) if row.due and row.due < last]
    if not rows:
        return None
    amount = sum((convert(row.amount - row.settled, row.exchange_rate) for row in rows), ZERO)
    return Overdue(amount, rows[0].due, tuple(dict.fromkeys(row.number or row.name for row in rows)))
