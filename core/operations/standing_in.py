"""Standing in for somebody (委托): between two days another person gives his consents; both are kept and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select, update

from core.approvals import candidates
from core.approvals.models import ApprovalDelegation
from core.documents.reading import LARGEST_ID
from core.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from core.operations.company import record
from core.rights import ADMINISTER
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

_TABLE: Any = ApprovalDelegation.__table__
LONGEST_DAYS = 366


def stand_in(
    work: Work,
    to: int,
    first: date,
    last: date,
    *,
    instead_of: int | None = None,
    kinds: Sequence[str] = (),
    reason: str = "",
) -> int:
    """Let ``to`` decide from ``first`` to ``last``, both days included, for the actor or ``instead_of``; its id.

    On documents of ``kinds`` only, or of all. Only an administrator may say so for others. Raises ``Forbidden``, and
    ``Invalid`` for days in the past, more than a year, strangers and oneself. It is no chain: who stands in for
    somebody else gives that person's own consents, not those that the person gives for others.
    """
    owner = instead_of if instead_of is not None else work.actor_id
    if owner != work.actor_id and not work.may(ADMINISTER):
        raise Forbidden(_("Only an administrator lets somebody stand in for others."))
    if owner is None:
        raise Forbidden(_("Only people let somebody stand in for them."))
    reason = sentence(reason, "reason")
    if faults := [*_wrong_people(work, owner, to), *_wrong_days(work, first, last), *_wrong_kinds(work, kinds)]:
        raise Invalid(faults)
    if _open(work, owner, to, first, last):
        raise Conflict(_("{name} stands in on some of these days already.", name=work.person(to)))
    values = {
        "company_id": work.company.id,
        "from_id": owner,
        "to_id": to,
        "kinds": {"kinds": sorted(set(kinds))} if kinds else None,
        "valid_from": first,
        "valid_until": last,
        "reason": reason,
    }
    key = int(work.connection.execute(insert(_TABLE).returning(_TABLE.c.id), values).scalar_one())
    told = {name: [None, values[name]] for name in ("from_id", "to_id", "valid_from", "valid_until")}
    record(work, "stand_in", told | {"kinds": [None, sorted(set(kinds))]}, reason=reason, quiet=True)
    return key


def end(work: Work, key: int) -> None:
    """Let nobody stand in any more by the agreement ``key``; raises ``Unknown`` for one that is not the actor's."""
    row = _find(work, key)
    if row is None or (row.from_id != work.actor_id and not work.may(ADMINISTER)):
        raise Unknown()
    if row.revoked_at is not None:
        raise Conflict(_("This has ended already."))
    work.connection.execute(
        update(_TABLE).where(_TABLE.c.company_id == work.company.id, _TABLE.c.id == key).values(revoked_at=work.now)
    )
    record(work, "stand_in_ended", {"from_id": [row.from_id, None], "to_id": [row.to_id, None]}, quiet=True)


def agreements(work: Work, *, everybody: bool = False) -> list[Any]:
    """Who stands in for the actor and for whom he does, now or later; with ``everybody`` an administrator sees all."""
    statement = select(_TABLE).where(
        _TABLE.c.company_id == work.company.id, _TABLE.c.revoked_at.is_(None), _TABLE.c.valid_until >= work.today
    )
    if not (everybody and work.may(ADMINISTER)):
        statement = statement.where((_TABLE.c.from_id == work.actor_id) | (_TABLE.c.to_id == work.actor_id))
    return list(work.connection.execute(statement.order_by(_TABLE.c.valid_from, _TABLE.c.id)))


def _find(work: Work, key: int) -> Any | None:
    if not 0 < key <= LARGEST_ID:
        return None
    wanted = select(_TABLE).where(_TABLE.c.company_id == work.company.id, _TABLE.c.id == key)
    return work.connection.execute(wanted).one_or_none()


def _open(work: Work, owner: int, to: int, first: date, last: date) -> bool:
    """Whether the same person stands in for the same on one of the days already."""
    wanted = select(_TABLE.c.id).where(
        _TABLE.c.company_id == work.company.id,
        _TABLE.c.from_id == owner,
        _TABLE.c.to_id == to,
        _TABLE.c.revoked_at.is_(None),
        _TABLE.c.valid_from <= last,
        _TABLE.c.valid_until >= first,
    )
    return work.connection.execute(wanted.limit(1)).first() is not None


def _wrong_people(work: Work, owner: int, to: int) -> list[Fault]:
    if owner == to:
        return [Fault("to", _("Nobody stands in for himself."), "choice")]
    strangers = [(path, one) for path, one in (("to", to), ("instead_of", owner)) if not candidates.here(work, one)]
    return [Fault(path, _("Nobody of this company."), "reference") for path, _one in strangers]


def _wrong_days(work: Work, first: date, last: date) -> list[Fault]:
    if last < first:
        return [Fault("last", _("It ends before it begins."), "range")]
    if last < work.today:
        return [Fault("last", _("This day is past."), "range")]
    if (last - first).days > LONGEST_DAYS:
        return [Fault("last", _("At most {days} days.", days=LONGEST_DAYS), "range")]
    return []


def _wrong_kinds(work: Work, kinds: Sequence[str]) -> list[Fault]:
    unknown = sorted(set(kinds) - set(work.types.documents))
    return [Fault("kinds", _("There is no such type of document."), "reference")] if unknown else []
