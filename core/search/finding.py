"""Finding any record by what people remember of it: each kind is asked, and read again within the actor's reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.search.listing import Query, page
from core.text import in_language
from core.work import Work


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found: its kind and id, what to call it, and a second line to tell it from others."""

    kind: str
    id: int
    title: str
    about: str


def found(work: Work, asked: str, *, most: int = 10) -> list[Hit]:
    """At most ``most`` records of each kind that hold all words of ``asked``; none when nothing was asked."""
    if not asked.strip():
        return []
    types: list[Type] = [*work.types.masters.values(), *work.types.documents.values()]
    hits: list[Hit] = []
    for cls in types:
        if work.may(f"{kind_of(cls)}.read"):
            hits += [_hit(cls, row) for row in page(work, cls, Query(search=asked, size=most)).rows]
    return hits


def _hit(cls: Type, row: Any) -> Hit:
    if issubclass(cls, Document):
        return Hit(
            kind_of(cls), row["id"], row.get("number") or f"{cls.label} {row['id']}", row.get("party_name") or ""
        )
    name = row.get("name") or row.get("party_name") or row.get("code") or str(row["id"])
    return Hit(kind_of(cls), row["id"], in_language(name, row.get("name_en")), row.get("code") or "")
