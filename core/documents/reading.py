"""Loading records whole: a document with its lines and parts, a master with its parts, in a few statements.

What is loaded is detached: nothing that is set on it reaches the database by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from core.documents.access import OPEN_VERBS, opened, reaches
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.entities.master import Master, Part
from core.errors import Unknown
from core.work import Work

D = TypeVar("D", bound=Document)
M = TypeVar("M", bound=Master)
P = TypeVar("P", bound=Part)
R = TypeVar("R")
SCOPED = {"scoped": True, "populate_existing": True}
LARGEST_ID = 2**63 - 1


@cache
def _header(cls: type[Any], lock: bool) -> Select[Any]:
    statement = select(cls).where(cls.id == bindparam("key"), cls.company_id == bindparam("company"))
    table = Document if issubclass(cls, Document) else cls
    # Not against those who only refer to the row: inserting a link must not wait for a move.
    return statement.with_for_update(of=table, key_share=True) if lock else statement


_LINES = (
    select(DocumentLine)
    .where(DocumentLine.company_id == bindparam("company"), DocumentLine.document_id == bindparam("key"))
    .order_by(DocumentLine.position)
)


def find(
    work: Work, cls: type[D], key: int, *, lock: bool = False, lines: bool = True, parts: bool | None = None
) -> D | None:
    """The document, detached, whoever may see it; None when the company has none of this type under ``key``.

    ``parts``: whether its parts are loaded, one statement for each type of them; as its ``lines`` unless said.
    """
    if not 0 < key <= LARGEST_ID:
        return None
    asked = {"key": key, "company": work.company.id}
    document: D | None = work.session.scalars(_header(cls, lock), asked, execution_options=SCOPED).one_or_none()
    if document is None:
        return None
    if lines and cls.has_lines:
        found = list(work.session.scalars(_LINES, asked, execution_options=SCOPED))
        set_committed_value(document, "lines", found)
    else:
        set_committed_value(document, "lines", [])
    work.session.expunge_all()
    for part in cls.parts:
        wanted = lines if parts is None else parts
        setattr(document, part.key, parts_of(work, part, [key]) if wanted else [])
    return document


def load(work: Work, cls: type[D], key: int, verb: str = "read", *, lock: bool = False, lines: bool = True) -> D:
    """The document for somebody who may ``verb`` it, or to whom it is open.

    Raises ``NotEnabled``, ``Forbidden``, or ``Unknown`` when it is not here or out of the actor's reach.
    """
    _enter(work, cls, verb)
    return _reached(work, cls, key, find(work, cls, key, lock=lock, lines=lines), verb)


def _enter(work: Work, cls: Type, verb: str) -> None:
    """Refuse at the door whom nothing could let through."""
    work.require(area_of(kind_of(cls)))
    if verb not in OPEN_VERBS:
        work.demand(f"{kind_of(cls)}.{verb}")


def _reached(work: Work, cls: Type, key: int, record: R | None, verb: str) -> R:
    """The record, where a right of the actor's reaches it or it is open to him; asked in this order."""
    may = work.may(f"{kind_of(cls)}.{verb}")
    if record is not None and may and reaches(work, record, verb) and reaches(work, record, "read"):
        return record
    if record is not None and verb in OPEN_VERBS and opened(work, record):
        return record
    # Whoever lacks the right is told so, whether there is such a record or not.
    work.demand(f"{kind_of(cls)}.{verb}")
    raise Unknown(record=(kind_of(cls), key))


def load_master(work: Work, cls: type[M], key: int, verb: str = "read", *, lock: bool = False, parts: bool = True) -> M:
    """The master with its parts, each list under the part's ``key``; raises like ``load``."""
    _enter(work, cls, verb)
    record = _reached(work, cls, key, find_master(work, cls, key, lock=lock, parts=False), verb)
    for part in cls.parts if parts else ():
        setattr(record, part.key, parts_of(work, part, [key]))
    return record


def find_master(work: Work, cls: type[M], key: int, *, lock: bool = False, parts: bool = True) -> M | None:
    """The master with its parts, detached, whoever may see it; None when the company has none under ``key``."""
    if not 0 < key <= LARGEST_ID:
        return None
    asked = {"key": key, "company": work.company.id}
    record: M | None = work.session.scalars(_header(cls, lock), asked, execution_options=SCOPED).one_or_none()
    work.session.expunge_all()
    for part in cls.parts if parts and record is not None else ():
        setattr(record, part.key, parts_of(work, part, [key]))
    return record


def parts_of(work: Work, part: type[P], owners: Iterable[int]) -> list[P]:
    """The parts of these masters or documents, in their order; detached."""
    asked = {"company": work.company.id, "owners": list(owners)}
    found = list(work.session.scalars(_parts(part), asked, execution_options=SCOPED))
    work.session.expunge_all()
    return found


def fill_parts(work: Work, cls: Type, records: Mapping[int, Any]) -> None:
    """Give these detached records of one type, by id, the rows of their parts: one statement for each part."""
    for part in cls.parts:
        by_owner: dict[int, list[Any]] = defaultdict(list)
        for row in parts_of(work, part, records):
            by_owner[getattr(row, part.owner)].append(row)
        for key, record in records.items():
            setattr(record, part.key, by_owner[key])


@cache
def _parts(part: type[P]) -> Select[P]:
    table: Any = part
    owner = getattr(part, part.owner)
    return (
        select(part)
        .where(table.company_id == bindparam("company"), owner.in_(bindparam("owners", expanding=True)))
        .order_by(owner, part.position, part.id)
    )
