"""Every role meets every right: a new company grants what the declarations say, and what is granted is enforced."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from core.documents.models import Document
from core.errors import Forbidden, NotEnabled
from core.extension.loader import load
from core.extension.registry import VERBS
from core.operations import company, people
from core.rights import ADMINISTER, SEE_COST
from core.roles import ADMINISTRATOR, STANDARD, USUAL, Role, Scope
from core.testing.builders import Firm
from core.work import Work

REGISTRY = load()[0]
PERMISSIONS = REGISTRY.permissions


def granted(firm: Firm) -> dict[tuple[str, str], str]:
    """What the company's roles were given: (role, permission) to scope."""

    def look(work: Work) -> dict[tuple[str, str], str]:
        return {
            (role.key, grant.permission): grant.scope for role in work.company.roles.values() for grant in role.grants
        }

    return firm.as_program(look)


def test_a_new_company_grants_exactly_what_is_declared(firm: Firm) -> None:
    """Role × right, generated from the declarations and compared with the company's rows."""
    declared = {
        (role.key, key): (USUAL.get(role.key, Scope.COMPANY) if right.scoped else Scope.COMPANY).value
        for key, right in PERMISSIONS.items()
        for role in right.roles
    }
    assert granted(firm) == declared


def test_every_person_may_what_his_role_is_granted_and_nothing_else(firm: Firm) -> None:
    for role in STANDARD:
        account = people.create_account(firm.program.works, f"only-{role.key.replace('_', '-')}", role.key)
        firm.people[role.key] = account
        firm.as_program(lambda w, a=account, r=role: people.employ(w, a, roles=[r.key]))  # type: ignore[misc]
    differing = {
        (role.key, key)
        for role in STANDARD
        for key, may in firm.read(role.key, lambda w: {key: w.may(key) for key in PERMISSIONS}).items()
        if may != (role in PERMISSIONS[key].roles)
    }
    assert differing == set()


def test_a_right_that_is_not_held_is_refused_by_name(firm: Firm) -> None:
    def demand(work: Work, key: str) -> Any:
        return work.demand(key)

    for key, right in PERMISSIONS.items():
        if ADMINISTRATOR in right.roles:
            firm.read("admin", lambda w, k=key: demand(w, k))  # type: ignore[misc]
        else:
            with pytest.raises(Forbidden, match=str(right.label)):
                firm.read("admin", lambda w, k=key: demand(w, k))  # type: ignore[misc]


def test_no_right_of_an_area_that_is_off_is_held(other_firm: Firm) -> None:
    for area in list(REGISTRY.plugins):
        if area in other_firm.as_program(lambda w: w.areas):
            for needing in other_firm.as_program(lambda w, a=area: w.types.needing(a, w.areas)):  # type: ignore[misc]
                other_firm.as_program(lambda w, a=needing: company.switch_off(w, a))  # type: ignore[misc]
            other_firm.as_program(lambda w, a=area: company.switch_off(w, a))  # type: ignore[misc]
    for key, right in PERMISSIONS.items():
        if right.area != "core":
            assert not other_firm.as_program(lambda w, k=key: w.may(k))  # type: ignore[misc]
            with pytest.raises(NotEnabled):
                other_firm.as_program(lambda w, k=key: w.demand(k))  # type: ignore[misc]


def test_every_right_is_held_by_somebody_and_only_by_standard_roles() -> None:
    assert [key for key, right in PERMISSIONS.items() if not right.roles] == []
    assert [key for key, right in PERMISSIONS.items() if set(right.roles) - set(STANDARD)] == []


def test_every_right_is_called_by_area_thing_and_verb() -> None:
    areas = {"core", *REGISTRY.plugins}
    assert [key for key in PERMISSIONS if key.count(".") != 2 or key.partition(".")[0] not in areas] == []


def test_whoever_writes_or_moves_also_reads() -> None:
    def roles(key: str) -> set[Role]:
        return set(PERMISSIONS[key].roles) if key in PERMISSIONS else set()

    blind = {
        key: {role.key for role in roles(key) - roles(f"{key.rpartition('.')[0]}.read")}
        for kind, cls in {**REGISTRY.documents, **REGISTRY.masters}.items()
        for key in [
            *(f"{kind}.{verb}" for verb in VERBS),
            *(f"{kind}.{t.name}" for t in (cls.workflow.transitions if issubclass(cls, Document) else ())),
        ]
    }
    assert {key: roles for key, roles in blind.items() if roles} == {}


def test_the_administrator_administers_and_sees_no_cost() -> None:
    """Whoever grants rights does not thereby see figures."""
    assert ADMINISTRATOR in PERMISSIONS[ADMINISTER].roles
    assert ADMINISTRATOR not in PERMISSIONS[SEE_COST].roles


def test_a_permission_taken_from_a_role_is_gone_at_the_next_request(firm: Firm) -> None:
    key = "core.party.create"
    assert firm.read("rep", lambda w: w.may(key))
    taken = text(f"DELETE FROM role_grant WHERE company_id = {firm.id} AND permission = '{key}'")

    def take(work: Work) -> None:
        work.connection.execute(taken)
        company.raise_version(work)

    firm.as_program(take)
    assert not firm.read("rep", lambda w: w.may(key))
