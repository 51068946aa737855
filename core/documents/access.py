"""Which rows a person sees: the scopes of several grants are OR-ed.

A right reaches one's own records (responsible for it, or made it), those of the team, those of the territory's
customers, or all of the company's. A record that names a customer lies in the customer's territory. Besides, a single
record may be open to somebody who was asked something about it (``opened``): to be read, in no list and no search.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select

from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.reaching import Reach, leads, over, reach
from core.entities.party import Party
from core.work import Work

_PARTY: Any = Party.__table__
_LAND: Any = Party.__table__.alias("party_in_territory")


def rows(work: Work, cls: Type, verb: str = "read", *, at: Any = None) -> ColumnElement[bool] | None:
    """The criterion that keeps the actor to the rows he may ``verb``; None for all of the company's.

    ``at`` is the mapped class or alias whose columns are meant, where it is not the table itself.
    """
    return within(reach(work, f"{kind_of(cls)}.{verb}"), cls, at=at)


def within(found: Reach, cls: Type, *, at: Any = None) -> ColumnElement[bool] | None:
    """As ``rows``, for a reach that is known."""
    if found.everything or (found and not scoped(cls)):
        return None
    if not found:
        return false()
    own: Any = at
    if own is None:
        own = Document.__table__.c if issubclass(cls, Document) else cls.__table__.c
    people = sorted(found.people)
    whose = [_one_of(own.owner_id, people), _one_of(own.created_by, people)]
    lands = _lands(found, cls, own)
    return or_(*whose, lands) if lands is not None else or_(*whose)


def _one_of(column: Any, keys: list[int]) -> Any:
    return column == keys[0] if len(keys) == 1 else column.in_(keys)


def _lands(found: Reach, cls: Type, own: Any) -> ColumnElement[bool] | None:
    if not found.territories:
        return None
    wanted = sorted(found.territories)
    if cls is Party:
        return _one_of(own.territory_id, wanted)  # type: ignore[no-any-return]
    if not named_party(cls):
        return None
    there = (_LAND.c.company_id == own.company_id, _LAND.c.id == own.party_id, _one_of(_LAND.c.territory_id, wanted))
    return select(_LAND.c.id).where(*there).exists()


def reaches(work: Work, record: Any, verb: str) -> bool:
    """Whether the actor's right to ``verb`` reaches this record."""
    cls = type(record)
    found = reach(work, f"{kind_of(cls)}.{verb}")
    if found.everything or (found and not scoped(cls)):
        return True
    owner = getattr(record, "owner_id", None)
    if cls is Party:
        return holds(work, found, owner, record.created_by, territory_id=record.territory_id)
    party = record.party_id if named_party(cls) else None
    return holds(work, found, owner, record.created_by, party_id=party)


# What somebody may do with a record that is open to him alone: see it, its files and its history, and its paper.
OPEN_VERBS = frozenset({"read", "print"})


def opened(work: Work, record: Any) -> bool:
    """Whether this one record is open to the actor, although no right of his reaches it; see ``Registry.openers``."""
    if work.actor is None:
        return False
    known: dict[tuple[str, int], bool] = work.kept.setdefault("opened", {})
    key = (kind_of(type(record)), int(record.id))
    if key not in known:
        known[key] = any(opens(work, record) for opens in work.types.openers)
    return known[key]


def holds(
    work: Work,
    found: Reach,
    owner_id: int | None,
    created_by: int | None,
    *,
    territory_id: int | None = None,
    party_id: int | None = None,
) -> bool:
    """Whether a reach holds a record: by who answers for it, who made it, or where its customer is.

    ``party_id``: the customer, whose territory is read when only that can decide.
    """
    if found.everything or found.people & {owner_id, created_by}:
        return True
    if not found.territories:
        return False
    if territory_id is None and party_id is not None:
        territory_id = _territory_of(work, party_id)
    return territory_id in found.territories


def _territory_of(work: Work, party_id: int) -> int | None:
    return locate(work, [party_id]).get(party_id)


def locate(work: Work, party_ids: Iterable[int | None]) -> Mapping[int, int | None]:
    """Where customers are, as this work has seen them: one statement for those that it has not."""
    known: dict[int, int | None] = work.kept.setdefault("located", {})
    wanted = {key for key in party_ids if key is not None} - known.keys()
    if wanted:
        mine = (_PARTY.c.company_id == work.company.id, _PARTY.c.id.in_(wanted))
        rows = work.connection.execute(select(_PARTY.c.id, _PARTY.c.territory_id).where(*mine))
        known |= {row.id: row.territory_id for row in rows}
    return known


def scoped(cls: Type) -> bool:
    """Whether records of the type belong to somebody, so that a right may reach some of them only."""
    return issubclass(cls, Document) or cls.owned


def named_party(cls: Type) -> bool:
    """Whether records of the type name a customer."""
    return issubclass(cls, Document) or "party_id" in cls.__mapper__.columns


__all__ = [
    "Reach",
    "holds",
    "leads",
    "locate",
    "named_party",
    "opened",
    "over",
    "reach",
    "reaches",
    "rows",
    "scoped",
    "within",
]
