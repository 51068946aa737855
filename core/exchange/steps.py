"""The steps of an import: read the file, check its records, bring them in, or take all of it back.

Each step is one transaction of a bounded number of rows, and says how far it has come; a process that dies in between
has done nothing of its step. So an import goes on where it was, and no row comes in twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError, StatementError

from core.db.bulk import planned_anew
from core.documents.kinds import Type
from core.errors import Fault, Forbidden, Invalid, Unknown
from core.exchange import outcomes
from core.exchange.assembling import WHOLE_ROW, Group, Plan, Said
from core.exchange.fields import all_columns
from core.exchange.outcomes import Outcome
from core.exchange.reading import rows as file_rows
from core.exchange.taking_back import take_back
from core.exchange.templates import is_example
from core.operations import imports
from core.text import Text, _
from core.work import Ask, System, Work, Works, conflict

MOST_ROWS = 200_000
READ_AT_ONCE = 20_000
RECORDS_AT_ONCE = 1000
ROWS_AT_ONCE = 2500
WRITTEN_AT_ONCE = 1000


def step(work: Work, key: int) -> bool:
    """Carry out the next step of an import in this transaction; False when there is none.

    What refuses the whole import is kept with it, and everything of the step is undone.
    """
    batch = imports.find(work, key, lock=True)
    if batch.state not in imports.BUSY:
        return False
    try:
        with work.connection.begin_nested(), planned_anew(work.connection):
            _STEPS[batch.state](work, batch)
    except (Forbidden, Unknown, Invalid) as error:
        texts = [fault.text for fault in error.faults] if isinstance(error, Invalid) else [error.text]
        # What was only looked at is not in; a way back that is refused leaves everything where it is.
        none = dict.fromkeys(imports.COUNTS, 0) if batch.state in {"reading", "checking"} else {}
        state = "done" if batch.state == "undoing" else "failed"
        imports.advance(work, key, state=state, problem=[imports.packed(text) for text in texts], **none)
        return False
    return imports.find(work, key).state in imports.BUSY


def carry_on(works: Works, company: int, key: int) -> None:
    """Carry out all steps that are left, each in its own transaction."""
    while works.run(Ask(company, System(imports.JOB)), lambda work: step(work, key)):
        continue


def plan_of(work: Work, batch: Any) -> Plan:
    """How the columns of the file are read."""
    cls = work.types.type(batch.record_kind)
    known = {column.path: column for column in all_columns(cls) if column.face is None or work.sees(column.face.needs)}
    return Plan.of(cls, batch.mapping, known)


# Reading ------------------------------------------------------------------------------------------------------------


def _read(work: Work, batch: Any) -> None:
    with work.on_behalf_of(batch.created_by) as person:
        plan = plan_of(person, batch)
    first, before = imports.last_record(work, batch.id) or (0, None)
    found: list[tuple[int, int, list[str]]] = []
    count, after, last = 0, max(batch.last, batch.header_row), batch.last
    more = False
    for number, cells in file_rows(imports.content(work, batch.id), batch.form, batch.encoding):
        if number <= after or (not count and not batch.rows and is_example(plan.columns, cells)):
            continue
        if count == READ_AT_ONCE:
            more = True
            break
        if plan.begins(cells, before):
            first, before = number, cells
        found.append((number, first, cells))
        count, last = count + 1, number
        if len(found) == WRITTEN_AT_ONCE:
            imports.add_rows(work, batch.id, found)
            found = []
    imports.add_rows(work, batch.id, found)
    if batch.rows + count > MOST_ROWS:
        raise Invalid([Fault("file", _("A file may have {count} rows; divide it.", count=MOST_ROWS), "too_large")])
    if batch.rows + count == 0:
        raise Invalid([Fault("file", _("Below the headings the file holds no row."), "empty")])
    imports.advance(work, batch.id, rows=batch.rows + count, last=last, state="reading" if more else "checking")


# Checking -----------------------------------------------------------------------------------------------------------


def _groups(work: Work, batch: Any, state: str) -> list[Group]:
    """The next whole records, with all their rows."""
    rows = imports.next_rows(work, batch.id, after=batch.seen, state=state, most=ROWS_AT_ONCE)
    groups: list[Group] = []
    for row in rows:
        if groups and groups[-1].first == row.first:
            groups[-1].rows.append((row.place, row.cells))
        else:
            known = (row.record_id, row.version) if row.record_id is not None else None
            groups.append(Group([(row.place, row.cells)], checked=known))
    if len(rows) == ROWS_AT_ONCE and len(groups) > 1:
        groups.pop()
    return groups[:RECORDS_AT_ONCE]


def _check(work: Work, batch: Any) -> None:
    groups = _groups(work, batch, "read")
    if not groups:
        imports.advance(work, batch.id, state="checked", seen=0, ended_at=None)
        return
    with work.on_behalf_of(batch.created_by) as person:
        found = outcomes.looked_at(person, plan_of(person, batch), batch, groups)
    outcomes.apart(work, batch, found)
    told = [row for one in found for row in one.told(checked=True)]
    imports.tell(work, batch.id, told)
    imports.mark(work, batch.id, "good", groups[0].first, found[-1].last, "read")
    _count(work, batch, found)


def _count(work: Work, batch: Any, found: Sequence[Outcome], **more: Any) -> None:
    counts = {name: getattr(batch, name) + sum(one.state == name for one in found) for name in outcomes.COUNTED}
    records = batch.records + (len(found) if batch.state == "checking" else 0)
    imports.advance(work, batch.id, seen=found[-1].last, records=records, **counts, **more)


# Writing ------------------------------------------------------------------------------------------------------------


def _write(work: Work, batch: Any) -> None:
    groups = _groups(work, batch, "good")
    if not groups:
        imports.ended(work, batch.id, "done")
        return
    found = _stored(work, batch, groups)
    imports.tell(work, batch.id, [row for one in found for row in one.told(checked=False)])
    _count(work, batch, found)


def _stored(work: Work, batch: Any, groups: list[Group]) -> list[Outcome]:
    """Bring records in together; where the database refuses them, each half by itself, down to the one it refuses."""
    for group in groups:
        group.begin_anew()
    try:
        with work.connection.begin_nested(), work.on_behalf_of(batch.created_by) as person:
            return outcomes.brought_in(person, plan_of(person, batch), batch, groups)
    except StatementError as error:
        text = _refusal(error)
        if text is None:
            raise
        if len(groups) == 1:
            return [_refused(groups[0], text)]
    half = len(groups) // 2
    return _stored(work, batch, groups[:half]) + _stored(work, batch, groups[half:])


def _refusal(error: StatementError) -> Text | None:
    """What the database has against a record, as a sentence; None for a fault that is none of the record."""
    if isinstance(error, IntegrityError):
        return conflict(error).text
    if isinstance(error, DataError) or isinstance(error.orig, ValueError):
        return _("This is too long, or cannot be kept.")
    return None


def _refused(group: Group, text: Text) -> Outcome:
    group.begin_anew()
    group.faults.append(Said(group.first, WHOLE_ROW, text, "conflict"))
    return Outcome(group, "bad")


# Taking back --------------------------------------------------------------------------------------------------------


def _undo(work: Work, batch: Any) -> None:
    """All of it or nothing: what stands against it is kept with the import, which stays as it is."""
    cls: Type = work.types.type(batch.record_kind)
    with work.on_behalf_of(batch.undone_by or batch.created_by) as person:
        kept = take_back(person, cls, batch)
    if kept:
        told = [[place, imports.packed(text)] for place, text in sorted(kept.items())]
        imports.advance(work, batch.id, state="done", kept_back=told[:1000])
    else:
        imports.ended(work, batch.id, "undone", undone_at=work.now)


_STEPS = {"reading": _read, "checking": _check, "writing": _write, "undoing": _undo}
