"""Rights for programs: roles with their grants, who holds them, what collides, and why something is (not) allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from core.canonical import plain
from core.documents.reading import LARGEST_ID
from core.entities.account import AccountRole, CompanyRole, RoleGrant
from core.errors import Fault, Forbidden, Invalid, Unauthenticated, Unknown
from core.operations import people
from core.operations.explaining import Explanation, Ground, explain, sees
from core.operations.roles import Given, name_role, set_grants
from core.operations.separating import collisions
from core.rights import ADMINISTER
from core.schemas import requests
from core.text import _
from core.web.api.calls import Answer, Call, told
from core.work import Work

_ROLE: Any = CompanyRole.__table__
_GRANT: Any = RoleGrant.__table__
_HELD: Any = AccountRole.__table__
LARGEST = 10**18


def roles(work: Work, call: Call) -> Answer:
    """Every role with its rights, those of areas that are off included."""
    work.demand(ADMINISTER)
    return told({"items": _roles(work)})


def _roles(work: Work, key: str | None = None) -> list[dict[str, Any]]:
    """As the tables say now, behind what this call has changed."""
    mine = _ROLE.c.company_id == work.company.id
    rows = work.connection.execute(
        select(_ROLE).where(mine, *([_ROLE.c.key == key] if key else [])).order_by(_ROLE.c.id)
    ).all()
    rights: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for one in work.connection.execute(
        select(_GRANT)
        .where(_GRANT.c.company_id == work.company.id, _GRANT.c.role_id.in_([row.id for row in rows]))
        .order_by(_GRANT.c.permission, _GRANT.c.scope)
    ):
        days = {name: plain(getattr(one, name)) for name in ("valid_from", "valid_until")}
        rights.setdefault(one.role_id, {}).setdefault(one.permission, []).append({"scope": one.scope, **days})
    return [
        {"key": row.key, "name": row.name, "name_en": row.name_en, "rights": rights.get(row.id, {})} for row in rows
    ]


def change_role(work: Work, call: Call) -> Answer:
    """A role of the company is made, or named and given exactly these rights; all or nothing."""
    work.demand(ADMINISTER)
    key, asked = str(call.path["name"]), requests.read(requests.RoleInput, call.body)
    name_role(work, key, asked["name"], asked["name_en"])
    if asked["rights"] is not None:
        set_grants(work, key, {right: [Given(**one) for one in given] for right, given in asked["rights"].items()})
    work.finish()
    return told(_roles(work, key)[0])


def held(work: Work, call: Call) -> Answer:
    """The roles that somebody holds, held and will hold."""
    work.demand(ADMINISTER)
    return told(_held(work, call.id))


def _held(work: Work, account_id: int) -> dict[str, Any]:
    if account_id not in work.company.people:
        raise Unknown()
    rows = work.connection.execute(
        select(_ROLE.c.key, _ROLE.c.name, _ROLE.c.name_en, _HELD.c.valid_from, _HELD.c.valid_until)
        .join(_HELD, (_HELD.c.role_id == _ROLE.c.id) & (_HELD.c.company_id == _ROLE.c.company_id))
        .where(_HELD.c.company_id == work.company.id, _HELD.c.account_id == account_id)
        .order_by(_ROLE.c.id)
    )
    return {
        "person_id": account_id,
        "roles": [
            {"role": row.key, "name": row.name}
            | {name: plain(getattr(row, name)) for name in ("valid_from", "valid_until")}
            for row in rows
        ],
    }


def hold(work: Work, call: Call) -> Answer:
    """Somebody holds exactly these roles from now on, each between its days."""
    work.demand(ADMINISTER)
    if not 0 < call.id <= LARGEST_ID:
        raise Unknown()
    asked = requests.read(requests.HeldRolesInput, call.body)["roles"]
    wanted: Mapping[str, tuple[date | None, date | None]] = {
        one["role"]: (one["valid_from"], one["valid_until"]) for one in asked
    }
    people.hold_roles(work, call.id, wanted)
    work.finish()
    return told(_held(work, call.id))


def collisions_of_all(work: Work, call: Call) -> Answer:
    """Everybody who may do two things that the company keeps apart."""
    work.demand(ADMINISTER)
    return told(
        {
            "items": [
                {
                    "person_id": one.account_id,
                    "person": work.person(one.account_id),
                    "duties": str(one.pair.label),
                    "strictness": work.setting(work.types.settings[one.pair.key]),
                    "first": list(one.first),
                    "second": list(one.second),
                }
                for one in collisions(work)
            ]
        }
    )


def why(call: Call) -> Answer:
    """Why somebody may, or may not, exercise a right, on one record where its ``id`` is named.

    An administrator asks about anybody; everybody else about himself, and about records that he may know of.
    """
    right, key = call.query.get("permission", ""), call.whole("id", 0, 1, LARGEST) or None
    works = call.program.works
    with works.read(call.ask) as work:
        person = call.whole("person_id", 0, 1, LARGEST) or work.actor_id or 0
        administers = work.may(ADMINISTER)
        if person != work.actor_id and not administers:
            raise Forbidden(_("Only an administrator asks about somebody else."))
        if right not in work.types.permissions:
            raise Invalid([Fault("permission", _("There is no such right."), "unknown")])
        if person not in work.company.people:
            raise Unknown()
        if key is not None and not administers and not sees(work, right, key):
            raise Unknown()
        here = work.company.people[person].works(work.today)
    try:
        with works.read(replace(call.ask, actor=person)) as work:
            found = explain(work, right, key)
    except (Unauthenticated, Unknown) as error:
        if isinstance(error, Unknown) and here:
            raise
        found = Explanation(False, (Ground("person.away", False, _("Nothing is open to the person today.")),))
    return told(
        {
            "person_id": person,
            "permission": right,
            "id": key,
            "allowed": found.allowed,
            "grounds": [{"code": one.code, "allows": one.allows, "text": str(one.text)} for one in found.grounds],
        }
    )
