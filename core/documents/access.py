"""Which rows a person sees: the scopes of several grants are OR-ed.

A right reaches one's own records (responsible for it, or made it) or all of the company's. Besides, a single record may
be open to somebody who was asked something about it (``opened``): to be read, in no list and no search.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_

from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.roles import Scope
from core.work import Work


def rows(work: Work, cls: Type, verb: str = "read", *, at: Any = None) -> ColumnElement[bool] | None:
    """The criterion that keeps the actor to the rows he may ``verb``; None for all of the company's.

    ``at`` is the mapped class or alias whose columns are meant, where it is not the table itself.
    """
    scopes = work.scopes(f"{kind_of(cls)}.{verb}")
    if Scope.COMPANY in scopes or not _scoped(cls):
        return None if scopes else false()
    if Scope.OWN in scopes:
        own: Any = at
        if own is None:
            own = Document.__table__.c if issubclass(cls, Document) else cls.__table__.c
        return or_(own.owner_id == work.actor_id, own.created_by == work.actor_id)
    return false()


def reaches(work: Work, record: Any, verb: str) -> bool:
    """Whether the actor's right to ``verb`` reaches this record."""
    cls = type(record)
    scopes = work.scopes(f"{kind_of(cls)}.{verb}")
    if Scope.COMPANY in scopes or (scopes and not _scoped(cls)):
        return True
    mine = {getattr(record, "owner_id", None), record.created_by}
    return Scope.OWN in scopes and work.actor_id in mine


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


def _scoped(cls: Type) -> bool:
    return issubclass(cls, Document) or cls.owned
