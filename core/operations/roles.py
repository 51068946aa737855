"""What the roles of a company are called, and what they may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from core.entities.account import Account, AccountRole, CompanyRole, Employment, RoleGrant
from core.entities.company import Company
from core.errors import Conflict, Fault, Invalid, Unknown
from core.operations.company import pairs, record
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


def set_grants(work: Work, role_key: str, grants: Mapping[str, str]) -> None:
    """Give a role exactly these rights: permission → scope. Raises ``Invalid`` for what there is not."""
    work.demand(ADMINISTER)
    role_id = work.connection.execute(
        select(_ROLE.c.id).where(_ROLE.c.company_id == work.company.id, _ROLE.c.key == role_key)
    ).scalar()
    if role_id is None:
        raise Unknown()
    faults = []
    for key, scope in grants.items():
        permission = work.types.permissions.get(key)
        if permission is None:
            faults.append(Fault(key, _("There is no such right."), "unknown"))
        elif scope not in {Scope.OWN, Scope.COMPANY} or (scope == Scope.OWN and not permission.scoped):
            faults.append(Fault(key, _("The right cannot reach this far."), "scope"))
    if faults:
        raise Invalid(faults)
    where = (_GRANT.c.company_id == work.company.id, _GRANT.c.role_id == role_id)
    old: dict[str, str] = pairs(work.connection.execute(select(_GRANT.c.permission, _GRANT.c.scope).where(*where)))
    # Rights of areas that are switched off are not shown, so they are kept as they are.
    hidden = [key for key in old if key not in work.types.permissions or not _in_use(work, key)]
    work.connection.execute(delete(_GRANT).where(*where, _GRANT.c.permission.notin_(hidden)))
    rows = [
        {
            "company_id": work.company.id,
            "role_id": role_id,
            "permission": key,
            "scope": str(scope),
            "valid_from": None,
            "valid_until": None,
        }
        for key, scope in grants.items()
        if key not in hidden
    ]
    if rows:
        work.connection.execute(insert(RoleGrant), rows)
    keep_an_administrator(work)
    changed = {
        key: [old.get(key), grants.get(key)]
        for key in {*old, *grants}
        if key not in hidden and old.get(key) != grants.get(key)
    }
    record(work, "grants", {"role": role_key, **changed})


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
