"""What the roles of a company are called, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from core.entities.account import Account, AccountRole, CompanyRole, Employment, RoleGrant
from core.entities.company import Company
from core.errors import Conflict, Fault, Invalid, Unknown
from core.operations.company import record
from core.rights import ADMINISTER
from core.roles import Scope
from core.text import _
from core.work import Work

_ACCOUNT: Any = Account.__table__
_COMPANY: Any = Company.__table__
_JOB: Any = Employment.__table__
_HELD: Any = AccountRole.__table__
_ROLE: Any = CompanyRole.__table__
_GRANT: Any = RoleGrant.__table__


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """How far a right is given, and between which days, both included; None leaves a side open."""

    scope: str
    valid_from: date | None = None
    valid_until: date | None = None

    def __str__(self) -> str:
        """As the history keeps it: ``team 2026-01-01 – 2026-06-30``."""
        if self.valid_from is None and self.valid_until is None:
            return self.scope
        return f"{self.scope} {self.valid_from or ''} – {self.valid_until or ''}"


Rights = Mapping[str, str | Given | Sequence[Given]]


def set_grants(work: Work, role_key: str, grants: Rights) -> None:
    """Give a role exactly these rights: permission → scope, with its days, or several of them, which are OR-ed.

    Raises ``Invalid`` for what there is not.
    """
    work.demand(ADMINISTER)
    role_id = work.connection.execute(
        select(_ROLE.c.id).where(_ROLE.c.company_id == work.company.id, _ROLE.c.key == role_key)
    ).scalar()
    if role_id is None:
        raise Unknown()
    wanted = {key: given_as(given) for key, given in grants.items()}
    if faults := [fault for key, given in wanted.items() for fault in _wrong(work, key, given)]:
        raise Invalid(faults)
    where = (_GRANT.c.company_id == work.company.id, _GRANT.c.role_id == role_id)
    old: dict[str, tuple[Given, ...]] = {}
    columns = (_GRANT.c.scope, _GRANT.c.valid_from, _GRANT.c.valid_until)
    for key, *given in work.connection.execute(select(_GRANT.c.permission, *columns).where(*where)):
        old[key] = tuple(sorted((*old.get(key, ()), Given(*given)), key=str))
    # Rights of areas that are switched off are not shown, so they are kept as they are.
    hidden = [key for key in old if key not in work.types.permissions or not _in_use(work, key)]
    work.connection.execute(delete(_GRANT).where(*where, _GRANT.c.permission.notin_(hidden)))
    rows = [
        {
            "company_id": work.company.id,
            "role_id": role_id,
            "permission": key,
            "scope": one.scope,
            "valid_from": one.valid_from,
            "valid_until": one.valid_until,
        }
        for key, given in wanted.items()
        for one in given
        if key not in hidden
    ]
    if rows:
        work.connection.execute(insert(RoleGrant), rows)
    keep_an_administrator(work)
    changed = {
        key: [_told(old.get(key)), _told(wanted.get(key))]
        for key in {*old, *wanted}
        if key not in hidden and old.get(key) != wanted.get(key)
    }
    record(work, "grants", {"role": role_key, **changed})


def given_as(given: str | Given | Sequence[Given]) -> tuple[Given, ...]:
    """The grants of one right, each scope once, in a lasting order."""
    if isinstance(given, Given):
        return (given,)
    return (Given(str(given)),) if isinstance(given, str) else tuple(sorted(given, key=str))


def _wrong(work: Work, key: str, given: Sequence[Given]) -> list[Fault]:
    permission = work.types.permissions.get(key)
    if permission is None:
        return [Fault(key, _("There is no such right."), "unknown")]
    known = frozenset(Scope) if permission.scoped else frozenset({Scope.COMPANY})
    if any(one.scope not in known for one in given) or len({one.scope for one in given}) < len(given):
        return [Fault(key, _("The right cannot reach this far."), "scope")]
    if any(one.valid_from and one.valid_until and one.valid_until < one.valid_from for one in given):
        return [Fault(key, _("The end lies before the beginning."), "order")]
    return []


def _told(given: Sequence[Given] | None) -> str | None:
    return ", ".join(str(one) for one in given) if given else None


def _in_use(work: Work, permission: str) -> bool:
    area = permission.partition(".")[0]
    return area == "core" or area in work.company.areas


def name_role(work: Work, key: str, name: str, name_en: str = "") -> None:
    """Name a role as the company does; a key that is new makes a role of its own."""
    work.demand(ADMINISTER)
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,59}", key) or not name.strip() or len(name) > 200 or len(name_en) > 200:
        raise Invalid([Fault("name", _("A role needs a key of small letters and a name."))])
    where = (_ROLE.c.company_id == work.company.id, _ROLE.c.key == key)
    values = {"name": name.strip(), "name_en": name_en.strip()}
    if work.connection.execute(update(_ROLE).where(*where).values(**values)).rowcount == 0:
        work.connection.execute(insert(CompanyRole), {"company_id": work.company.id, "key": key, **values})
    record(work, "role", {key: [None, values]})


def keep_an_administrator(work: Work) -> None:
    """Raise ``Conflict`` unless somebody who works here today may sign in and holds the right to administer.

    Two administrators who take the right from each other are put one after the other here, so that one remains.
    """
    if work.actor is None:
        return
    work.connection.execute(select(_COMPANY.c.id).where(_COMPANY.c.id == work.company.id).with_for_update())
    count = work.connection.execute(
        select(func.count())
        .select_from(_HELD)
        .join(_GRANT, (_GRANT.c.role_id == _HELD.c.role_id) & (_GRANT.c.company_id == _HELD.c.company_id))
        .join(_JOB, (_JOB.c.account_id == _HELD.c.account_id) & (_JOB.c.company_id == _HELD.c.company_id))
        .join(_ACCOUNT, _ACCOUNT.c.id == _HELD.c.account_id)
        .where(
            _HELD.c.company_id == work.company.id,
            _GRANT.c.permission == ADMINISTER,
            _ACCOUNT.c.active,
            *[condition for table in (_HELD, _GRANT, _JOB) for condition in _on(table, work.today)],
        )
    ).scalar_one()
    if not count:
        raise Conflict(_("Somebody must remain who can administer the company."), code="people.last_administrator")


def _on(table: Any, day: date) -> tuple[Any, Any]:
    return (
        or_(table.c.valid_from.is_(None), table.c.valid_from <= day),
        or_(table.c.valid_until.is_(None), table.c.valid_until >= day),
    )
