"""How far a right reaches: all of the company, some people's records, or the customers of some territories.

The circles of a person are reckoned from what every request knows of the company, without a statement of their own.
Every wider circle holds the person's own records as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from core.entities.territory import territories
from core.facts import CompanyFacts
from core.roles import Scope
from core.work import Work


@dataclass(frozen=True, slots=True)
class Reach:
    """What a right reaches; false where it reaches nothing."""

    everything: bool = False
    people: frozenset[int] = frozenset()
    territories: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everything or bool(self.people) or bool(self.territories)


NOTHING = Reach()
EVERYTHING = Reach(everything=True)


def reach(work: Work, permission: str) -> Reach:
    """How far the actor holds ``permission`` today; scopes of several grants are OR-ed."""
    return over(work, work.scopes(permission))


def over(work: Work, scopes: Iterable[str], *, of: int | None = None) -> Reach:
    """What these scopes come to for the actor, or for somebody else: ``of``."""
    held, who = frozenset(scopes), of or work.actor_id
    if Scope.COMPANY in held:
        return EVERYTHING
    if not held or who is None:
        return NOTHING
    people = team(work, who) if Scope.TEAM in held else frozenset({who})
    lands = held_territories(work, who) if Scope.TERRITORY in held else frozenset[int]()
    return Reach(False, people, lands)


def leads(work: Work, permission: str) -> bool:
    """Whether the right reaches beyond one's own: what concerns others is told to those who lead them."""
    return bool(work.scopes(permission) - {Scope.OWN})


def team(work: Work, account_id: int) -> frozenset[int]:
    """A person's team: the person, everybody of the own department, of those he heads and all below, and whoever
    names him as superior, directly or through others."""
    return work.once(f"team:{account_id}", lambda: _team(work.company, account_id))


def _team(company: CompanyFacts, account_id: int) -> frozenset[int]:
    me = company.people.get(account_id)
    roots = {key for key, (head, _parent) in company.heads.items() if head == account_id}
    if me is not None and me.department_id is not None:
        roots.add(me.department_id)
    departments = _below(roots, {key: parent for key, (_head, parent) in company.heads.items()})
    under = _below({account_id}, {key: who.superior_id for key, who in company.people.items()})
    return under | {key for key, who in company.people.items() if who.department_id in departments}


def _below(roots: Iterable[int], above: Mapping[int, int | None]) -> frozenset[int]:
    """The roots and all that lies below them, by who or what is above each."""
    below: dict[int | None, list[int]] = {}
    for key, parent in above.items():
        below.setdefault(parent, []).append(key)
    found, todo = set[int](), list(roots)
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += below.get(one, ())
    return frozenset(found)


def held_territories(work: Work, account_id: int) -> frozenset[int]:
    """The territories that a person answers for today, by himself or with his department, and all within them."""
    return work.once(f"lands:{account_id}:{work.today}", lambda: _held(work, account_id))


def _held(work: Work, account_id: int) -> frozenset[int]:
    known = territories(work)
    departments = _departments(work.company, account_id)
    roots = {
        one.id
        for one in known.values()
        if any(key == account_id and _on(work.today, days) for key, *days in one.accounts)
        or any(key in departments and _on(work.today, days) for key, *days in one.departments)
    }
    return _below(roots, {one.id: one.parent_id for one in known.values()}) & known.keys()


def _departments(company: CompanyFacts, account_id: int) -> frozenset[int]:
    """The department of a person, and those that it is a part of."""
    me = company.people.get(account_id)
    found, one = set[int](), me.department_id if me else None
    while one is not None and one not in found:
        found.add(one)
        one = company.heads[one][1] if one in company.heads else None
    return frozenset(found)


def _on(today: date, days: list[date | None]) -> bool:
    first, last = days
    return (first is None or first <= today) and (last is None or today <= last)
