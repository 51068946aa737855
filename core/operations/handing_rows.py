"""The rows of a hand-over: what goes is entered, sealed into the histories, and then written in one statement a sort.

What a record says is hashed into its history (see ``core.records.contents``), so a document is read whole, some
thousand at a time; the update itself takes whom it goes to, its new version and the head of its history from the items
of the hand-over. A row that somebody changed in between is not updated, and the whole is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from core.approvals.models import ApprovalTask
from core.db.bulk import insert_columns, transposed
from core.documents.models import Document
from core.documents.reading import find
from core.entities.hand_over import HandOverItem
from core.errors import Conflict
from core.extension.core_handing import CONSENTS
from core.extension.handing import Handed
from core.operations.company import raise_version
from core.operations.ledger import Entry, ledger
from core.records import contents
from core.records.models import History
from core.text import _
from core.work import Work

_ITEM: Any = HandOverItem.__table__
_TASK: Any = ApprovalTask.__table__
_DOCUMENT: Any = Document.__table__
_HISTORY: Any = History.__table__
_BACK = (
    update(_ITEM)
    .where(_ITEM.c.company_id == bindparam("_company"), _ITEM.c.id == bindparam("_id"))
    .values(undone=True, version=bindparam("_version"), head=bindparam("_head"))
)
AT_ONCE = 2000
GIVEN, RETURNED = "handed_over", "handed_back"


@dataclass(frozen=True, slots=True)
class Giving:
    """The hand-over that rows go with: its id, whose they were, and why."""

    key: int
    from_id: int
    reason: str


def columns(handed: Handed) -> tuple[list[Any], Any]:
    """What is read of a row before it goes, and from where: for a history its head, for a document all that it says."""
    table = handed.table
    if not handed.kind:
        return [table.c.id], table
    kept = [table.c.id, table.c.version, table.c.head]
    if not issubclass(handed.cls, Document):
        return kept, table
    own: Any = handed.cls.__mapper__.local_table
    source = table if own is table else table.join(own, own.c.id == table.c.id)
    known = {c.key: c for one in handed.cls.__mapper__.tables for c in one.columns}
    return [*kept, *(known[name] for name in contents.header(handed.cls).names)], source


def give(work: Work, handed: Handed, giving: Giving, rows: Callable[[int, int], Select[Any]]) -> Mapping[int, int]:
    """Give the rows of one sort away; how many went to whom. ``rows`` is the statement for those after an id."""
    counts: Counter[int] = Counter()
    after, told = 0, list[tuple[int, int]]()
    while batch := work.connection.execute(rows(after, AT_ONCE)).all():
        after = batch[-1].id
        going = [row for row in batch if row.to_id is not None]
        counts.update(row.to_id for row in going)
        if handed.key == CONSENTS:
            told += [(row.id, row.to_id) for row in going]
        _keep(work, handed, giving, going)
    if counts:
        _write(work, handed, giving, sum(counts.values()))
    _tell(work, giving, told)
    return counts


def _keep(work: Work, handed: Handed, giving: Giving, rows: Sequence[Any]) -> None:
    """Enter the rows with the hand-over, and in their histories."""
    if not rows:
        return
    sealed = [_sealed(work, handed, row, giving.from_id, row.to_id, GIVEN, giving.reason) for row in rows]
    _enter(work, sealed)
    kept = [
        {
            "company_id": work.company.id,
            "hand_over_id": giving.key,
            "what": handed.key,
            "record": row.id,
            "title": row.title_[:200],
            "to_id": row.to_id,
            "version": row.version + 1 if handed.kind else 0,
            "head": entry["hash"] if entry else None,
            "undone": False,
        }
        for row, entry in zip(rows, sealed, strict=True)
    ]
    insert_columns(work.connection, _ITEM, transposed(kept, tuple(kept[0])))


def _enter(work: Work, sealed: Sequence[Mapping[str, Any] | None]) -> None:
    """Insert the entries of those that have a history."""
    if rows := [entry for entry in sealed if entry is not None]:
        insert_columns(work.connection, _HISTORY, transposed(rows, tuple(rows[0])))


def _sealed(
    work: Work, handed: Handed, row: Any, before: int, after: int, what: str, reason: str
) -> dict[str, Any] | None:
    """The entry of a record's history, sealed to the one before; None for what has no history of its own."""
    cls = handed.cls
    if not handed.kind:
        return None
    entry = Entry(what, {handed.column: [before, after]}, reason=reason)
    document_id = None
    if issubclass(cls, Document):
        said = SimpleNamespace(**{**row._mapping, handed.column: after})
        entry.source = entry.target = row.state
        entry.hashes = {contents.HEADER: contents.hash_header(said, cls)}
        document_id = row.id
    return ledger(work).row(handed.kind, row.id, document_id, entry, row.head)


def _write(work: Work, handed: Handed, giving: Giving, count: int, *, back: bool = False) -> None:
    """Let the rows of the items name their new person; raises ``Conflict`` when one was changed in the meantime."""
    table, place = handed.table, handed.place
    whose = literal_of(giving.from_id) if back else _ITEM.c.to_id
    named: dict[Any, Any] = {place.c[name]: whose for name in (handed.column, *handed.along)}
    was_his = place.c[handed.column] == (_ITEM.c.to_id if back else giving.from_id)
    sealed: dict[Any, Any] = {}
    where = []
    if handed.kind:
        sealed = {table.c.version: _ITEM.c.version, table.c.head: _ITEM.c.head}
        sealed |= {table.c.updated_at: work.now, table.c.updated_by: work.actor_id}
        where = [table.c.version == _ITEM.c.version - 1]
    of = _of_items(work, handed, giving, back)
    if place is table:
        steps = [update(table).where(*of(table), was_his, *where).values(named | sealed)]
    else:
        steps = [
            update(place).where(*of(place), was_his).values(named),
            update(table).where(*of(table), *where).values(sealed),
        ]
    changed = [work.connection.execute(step).rowcount for step in steps]
    if handed.raises or getattr(handed.cls, "cached", False):
        raise_version(work)
    if any(one != count for one in changed):
        raise Conflict(_("Somebody has changed one of these records just now. Please try again."), code="stale")


def _of_items(work: Work, handed: Handed, giving: Giving, back: bool) -> Callable[[Any], list[Any]]:
    """The criteria for the rows of a table that are among the items of the hand-over."""
    return lambda table: [
        table.c.company_id == work.company.id,
        _ITEM.c.company_id == work.company.id,
        _ITEM.c.hand_over_id == giving.key,
        _ITEM.c.what == handed.key,
        _ITEM.c.undone.is_(back),
        table.c.id == _ITEM.c.record,
    ]


def literal_of(value: int) -> Any:
    """A person's id as a value of the statement."""
    return bindparam(None, value, type_=_ITEM.c.to_id.type)


def take_back(work: Work, handed: Handed, giving: Giving, alike: Sequence[str]) -> int:
    """Take the rows of one sort back that are still as they were when they had gone; how many.

    ``alike`` are the sorts with the same rows: one that went for two reasons was changed twice by this very hand-over.
    """
    table, after, back = handed.table, 0, 0
    told = list[tuple[int, int]]()
    read, source = columns(handed)
    joined = source.join(_ITEM, (_ITEM.c.record == table.c.id) & (_ITEM.c.company_id == table.c.company_id))
    still = [
        _ITEM.c.company_id == work.company.id,
        _ITEM.c.hand_over_id == giving.key,
        _ITEM.c.what == handed.key,
        _ITEM.c.undone.is_(False),
        handed.place.c[handed.column] == _ITEM.c.to_id,
    ]
    if handed.kind:
        any_of = _ITEM.alias("any_of")
        its = (any_of.c.company_id == work.company.id, any_of.c.hand_over_id == giving.key, any_of.c.what.in_(alike))
        last = select(func.max(any_of.c.version)).where(*its, any_of.c.record == table.c.id)
        still.append(table.c.version == last.correlate(table).scalar_subquery())
    elif handed.still is not None:
        still.append(handed.still(work))
    statement = (
        select(*read, _ITEM.c.id.label("item_"), _ITEM.c.to_id.label("to_"))
        .select_from(joined)
        .where(*still)
        # By the items, whose index has them in this order: else SQLite looks through all of them for each record.
        .order_by(_ITEM.c.record)
        .limit(AT_ONCE)
        .with_for_update(of=table, key_share=True)
    )
    while batch := work.connection.execute(statement.where(_ITEM.c.record > after)).all():
        after, back = batch[-1].id, back + len(batch)
        sealed = [_sealed(work, handed, row, row.to_, giving.from_id, RETURNED, giving.reason) for row in batch]
        _enter(work, sealed)
        gone = [
            {
                "_company": work.company.id,
                "_id": row.item_,
                "_version": row.version + 1 if handed.kind else 0,
                "_head": entry["hash"] if entry else None,
            }
            for row, entry in zip(batch, sealed, strict=True)
        ]
        work.connection.execute(_BACK, gone)
        if handed.key == CONSENTS:
            told += [(row.id, giving.from_id) for row in batch]
    if back:
        _write(work, handed, giving, back, back=True)
    _tell(work, giving, told)
    return back


def _tell(work: Work, giving: Giving, tasks: Sequence[tuple[int, int]]) -> None:
    """Enter in the histories of documents whose consent went to somebody else."""
    if not tasks:
        return
    to = dict(tasks)
    of_task = (_DOCUMENT.c.id == _TASK.c.document_id) & (_DOCUMENT.c.company_id == _TASK.c.company_id)
    rows = work.connection.execute(
        select(_TASK.c.id, _TASK.c.document_id, _TASK.c.name, _DOCUMENT.c.kind)
        .join(_DOCUMENT, of_task)
        .where(_TASK.c.company_id == work.company.id, _TASK.c.id.in_(list(to)))
        .order_by(_TASK.c.document_id, _TASK.c.id)
    ).all()
    for row in rows:
        document = ledger(work).in_hand(row.document_id) or find(
            work, work.types.document(row.kind), row.document_id, lock=True, lines=False
        )
        if document is not None:
            changes = {"step": [None, row.name], "assignee": [None, to[row.id]]}
            step = ledger(work).touch(document)
            step.quiet = True
            step.entries.append(
                Entry("hand_over", changes, source=document.state, target=document.state, reason=giving.reason)
            )
