"""Records that were made and that nothing was built on are taken away again, set-wise; their content stays in history.

Nobody does so by hand: masters are taken out of use and documents cancelled. It is how an import is undone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Table, delete, func, or_, select, update

from core.db.base import Base
from core.documents.faces import own_columns
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.reading import SCOPED, parts_of
from core.operations import parts
from core.operations.company import raise_version
from core.operations.create import line_values
from core.operations.discard import begun_only
from core.operations.ledger import Entry, ledger
from core.operations.masters import columns_of, values_of
from core.records.models import History
from core.search.models import SearchEntry
from core.text import Text, _
from core.work import Work

_HISTORY: Any = History.__table__
_LINE: Any = DocumentLine.__table__
_FOUND: Any = SearchEntry.__table__
AT_ONCE = 500
TOUCHED = _("Something has happened to it since.")
GONE = _("It is no longer there.")
MOVED = _("It is no longer a draft.")
USED = _("Something else refers to it by now.")


def obstacles(work: Work, cls: Type, ids: Sequence[int]) -> dict[int, Text]:
    """Which of the records under ``ids``, each just made and no more, cannot be taken away, with the reason.

    A few statements for each ``AT_ONCE`` of them; what refers to them from among themselves does not count.
    """
    found: dict[int, Text] = {}
    every = frozenset(ids)
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids[start : start + AT_ONCE])
        found |= dict.fromkeys(_used(work, cls, some, every), USED)
        found |= dict.fromkeys(_touched(work, cls, some), TOUCHED)
        found |= _state(work, cls, some)
    return found


def _state(work: Work, cls: Type, some: Sequence[int]) -> dict[int, Text]:
    model: Any = cls
    mine = (model.company_id == work.company.id, model.id.in_(some))
    if not issubclass(cls, Document):
        here = set(work.session.execute(select(model.id).where(*mine)).scalars())
        return dict.fromkeys(set(some) - here, GONE)
    rows = list(work.session.scalars(select(cls).where(*mine).with_for_update(of=Document), execution_options=SCOPED))
    work.session.expunge_all()
    gone = dict.fromkeys(set(some) - {row.id for row in rows}, GONE)
    return gone | {row.id: MOVED for row in rows if not begun_only(row)}


def _touched(work: Work, cls: Type, some: Sequence[int]) -> set[int]:
    """Those in whose history there is more than their beginning."""
    mine = (_HISTORY.c.company_id == work.company.id, _HISTORY.c.kind == kind_of(cls), _HISTORY.c.record_id.in_(some))
    counted = select(_HISTORY.c.record_id).where(*mine).group_by(_HISTORY.c.record_id).having(func.count() > 1)
    return set(work.connection.execute(counted).scalars())


def _used(work: Work, cls: Type, some: Sequence[int], every: frozenset[int]) -> set[int]:
    """Those that a row of another record names."""
    found: set[int] = set()
    for table, column in referring(cls):
        mine = (table.c.company_id == work.company.id, table.c[column].in_(some))
        if table is cls.__mapper__.tables[0]:
            rows = work.connection.execute(select(table.c[column], table.c.id).where(*mine))
            found |= {key for key, by in rows if by not in every}
        else:
            found |= set(work.connection.execute(select(table.c[column]).where(*mine).distinct()).scalars())
    return found


@cache
def referring(cls: Type) -> tuple[tuple[Table, str], ...]:
    """Every column that names records of ``cls`` from outside, with its table."""
    own = {part.__table__ for part in cls.parts} | set(cls.__mapper__.tables)
    if issubclass(cls, Document):
        own.add(_LINE)
    found = []
    first = cls.__mapper__.tables[0]
    for table in Base.metadata.sorted_tables:
        for one in table.foreign_key_constraints:
            if one.referred_table is first and (table is first or table not in own):
                name = next((key for key in one.column_keys if key != "company_id"), "id")
                if name != "id":
                    found.append((table, name))
    return tuple(found)


# Taking away ------------------------------------------------------------------------------------------------------


def take_away(work: Work, cls: Type, ids: Sequence[int], *, reason: str) -> None:
    """Delete records without obstacles, each with an entry of its content; a few statements for each ``AT_ONCE``."""
    _unlink(work, cls, ids)
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids[start : start + AT_ONCE])
        book = ledger(work)
        for record, content in _read(work, cls, some):
            book.record(kind_of(cls), record.id, Entry("discard", content, reason=reason), record.head)
        _delete(work, cls, some)
    if not issubclass(cls, Document) and cls.cached:
        raise_version(work)


def _read(work: Work, cls: Type, some: Sequence[int]) -> Iterator[tuple[Any, dict[str, Any]]]:
    model: Any = cls
    mine = (model.company_id == work.company.id, model.id.in_(some))
    records: list[Any] = list(
        work.session.scalars(select(cls).where(*mine).order_by(model.id), execution_options=SCOPED)
    )
    work.session.expunge_all()
    by_part = {part.key: _by_owner(work, part, some) for part in cls.parts}
    lines: dict[int, list[Any]] = defaultdict(list)
    if issubclass(cls, Document) and cls.has_lines:
        mine = (DocumentLine.company_id == work.company.id, DocumentLine.document_id.in_(some))
        for line in work.session.scalars(
            select(DocumentLine).where(*mine).order_by(DocumentLine.position), execution_options=SCOPED
        ):
            lines[line.document_id].append(line)
        work.session.expunge_all()
    for record in records:
        for key, rows in by_part.items():
            setattr(record, key, rows[record.id])
        yield record, _content(cls, record, lines[record.id])


def _by_owner(work: Work, part: Any, some: Sequence[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in parts_of(work, part, some):
        found[getattr(row, part.owner)].append(row)
    return found


def _content(cls: Type, record: Any, lines: Sequence[DocumentLine]) -> dict[str, Any]:
    """What ``discard`` keeps of a draft, and the same of a master."""
    if issubclass(cls, Document):
        said = {c.key: getattr(record, c.key) for c in cls.__mapper__.columns if c.key not in {"head", "uid"}}
        rows = {name: [found, None] for name, found in parts.snapshot(record).items()}
        return {"content": [said, None], "lines": [[line_values(line) for line in lines], None], **rows}
    kept = {part.key: [[_said(row) for row in getattr(record, part.key)], None] for part in cls.parts}
    return {"content": [values_of(record), None], **{key: pair for key, pair in kept.items() if pair[0]}}


def _said(row: Any) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in columns_of(type(row))}
    return {name: value for name, value in values.items() if value not in (None, "")}


def _unlink(work: Work, cls: Type, ids: Sequence[int]) -> None:
    """Records that name each other let go first."""
    table: Any = cls.__mapper__.tables[0]
    names = [name for where, name in referring(cls) if where is table]
    for start in range(0, len(ids) if names else 0, AT_ONCE):
        mine = (table.c.company_id == work.company.id, table.c.id.in_(ids[start : start + AT_ONCE]))
        named = or_(*(table.c[name].is_not(None) for name in names))
        work.connection.execute(update(table).where(*mine, named).values(dict.fromkeys(names)))


def _delete(work: Work, cls: Type, some: Sequence[int]) -> None:
    company = work.company.id
    found = (_FOUND.c.company_id == company, _FOUND.c.kind == kind_of(cls), _FOUND.c.record_id.in_(some))
    work.connection.execute(delete(_FOUND).where(*found))
    if issubclass(cls, Document) and cls.has_lines:
        work.connection.execute(delete(_LINE).where(_LINE.c.company_id == company, _LINE.c.document_id.in_(some)))
    for part in cls.parts:
        table: Any = part.__table__
        work.connection.execute(delete(table).where(table.c.company_id == company, table.c[part.owner].in_(some)))
    tables: list[Any] = [cls.__mapper__.tables[0]]
    if issubclass(cls, Document) and own_columns(cls):
        tables.insert(0, cls.__mapper__.local_table)
    for table in tables:
        work.connection.execute(delete(table).where(table.c.company_id == company, table.c.id.in_(some)))
