"""Keep offices apart that one person should not hold at once: who did the one does not do the other (PLT-08)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from core.approvals.candidates import editors
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.errors import Objection, Refused
from core.facts import RoleFacts
from core.operations.ledger import worked
from core.records.models import History
from core.separation import ALWAYS, OFF, OFFICES, PAIRS, POSSIBLE, SHOWN, Office, Pair
from core.text import _
from core.work import Work

_HISTORY: Any = History.__table__
CODE = "duties.separated"


def keep_apart(work: Work, document: Document, permission: str) -> None:
    """Raise ``Refused`` when the actor must not do this with the document, because of what else he does or did."""
    if (why := clash(work, document, permission)) is not None:
        raise Refused([why])


def clash(work: Work, document: Document, permission: str) -> Objection | None:
    """What separation of duties says against the actor's doing this with the document; None for the program itself.

    The history is asked only where the company keeps offices of this right apart, and somebody else could do it.
    """
    if work.actor is None:
        return None
    own = work.types.offices_of(permission)
    for pair in PAIRS if own else ():
        for mine, other in ((pair.second, pair.first), (pair.first, pair.second)):
            if mine in own and (text := _against(work, document, permission, pair, other)):
                return Objection(CODE, text)
    return None


def _against(work: Work, document: Document, permission: str, pair: Pair, other: Office) -> Any:
    strict = work.setting(work.types.settings[pair.key])
    if strict in (OFF, SHOWN):
        return None
    if not pair.same_record:
        if not _offices(work, _rights_of(work, work.actor_id or 0)) >= {pair.first, pair.second}:
            return None
        return _(
            "You may do both: {rule}. The company keeps them apart; an administrator takes one from you.",
            rule=pair.label,
        )
    if strict == POSSIBLE and not able(work, permission) - {work.actor_id}:
        return None
    if not _did(work, document, other):
        return None
    return _("You have had a part in it: {rule}. Somebody else has to do this.", rule=pair.label)


def _did(work: Work, document: Document, office: Office) -> bool:
    """Whether the actor has done something of this office with the document."""
    if office is Office.MAKE:
        return work.actor_id in {document.created_by, document.edited_by} | editors(work, document)
    kind = kind_of(type(document))
    names = [right.rpartition(".")[2] for right in work.types.offices.get(office, ()) if right.startswith(f"{kind}.")]
    if not names:
        return False
    if any(entry.what in names and entry.actor_id in (None, work.actor_id) for entry in worked(work, document)):
        return True
    mine = (
        _HISTORY.c.company_id == work.company.id,
        _HISTORY.c.kind == kind,
        _HISTORY.c.record_id == document.id,
        _HISTORY.c.actor_id == work.actor_id,
        _HISTORY.c.what.in_(names),
    )
    return work.connection.execute(select(_HISTORY.c.id).where(*mine).limit(1)).scalar() is not None


def able(work: Work, permission: str) -> frozenset[int]:
    """Everybody who works here today and holds the right, however far it reaches."""
    return work.once(f"able:{permission}:{work.today}", lambda: frozenset(_able(work, permission)))


def _able(work: Work, permission: str) -> Iterator[int]:
    for role in work.company.roles.values():
        if any(grant.permission == permission and grant.valid(work.today) for grant in role.grants):
            yield from _holders(work, role)


def _holders(work: Work, role: RoleFacts) -> Iterator[int]:
    for account, held in work.company.holders.get(role.id, ()):
        who = work.company.people.get(account)
        if held.valid(work.today) and who is not None and who.works(work.today):
            yield account


# Who holds what does not go together ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Collision:
    """A person who may do what two offices do that are kept apart; by office the roles that give the rights."""

    account_id: int
    pair: Pair
    first: tuple[str, ...]
    second: tuple[str, ...]


def collisions(work: Work) -> list[Collision]:
    """Everybody who may do both of a pair that the company looks at, by person and pair; no statement is made."""
    found = []
    pairs = [pair for pair in PAIRS if work.setting(work.types.settings[pair.key]) != OFF]
    for account in sorted(work.company.people, key=lambda key: work.company.people[key].login):
        held = _roles_by_office(work, account)
        found += [
            Collision(account, pair, held[pair.first], held[pair.second])
            for pair in pairs
            if pair.first in held and pair.second in held
        ]
    return found


def _roles_by_office(work: Work, account: int) -> dict[Office, tuple[str, ...]]:
    found: dict[Office, list[str]] = {}
    for role in work.company.roles.values():
        if account in set(_holders(work, role)):
            rights = {grant.permission for grant in role.grants if grant.valid(work.today)}
            for office in _offices(work, rights):
                found.setdefault(office, []).append(role.title)
    return {office: tuple(titles) for office, titles in found.items()}


def _rights_of(work: Work, account: int) -> set[str]:
    return {
        grant.permission
        for role in work.company.roles.values()
        if account in set(_holders(work, role))
        for grant in role.grants
        if grant.valid(work.today)
    }


def _offices(work: Work, rights: set[str]) -> set[Office]:
    """The offices that rights of areas in use come to."""
    used = {right for right in rights if right.partition(".")[0] in {*work.areas, "core"}}
    return {office for office, belonging in work.types.offices.items() if used & set(belonging)}


def told(strict: str) -> bool:
    """Whether a pair that is kept so strictly is refused, and not only shown."""
    return strict in (POSSIBLE, ALWAYS)


__all__ = ["CODE", "OFFICES", "Collision", "able", "clash", "collisions", "keep_apart", "told"]
