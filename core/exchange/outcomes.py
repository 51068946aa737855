"""What becomes of the records of a file: new, changed, as they were, or bad with the reason at each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from core.documents.models import Document
from core.exchange.assembling import WHOLE_ROW, Group, Plan, Said, assemble, cell_of, check, tell
from core.exchange.references import References
from core.exchange.taking_back import CHANGED_SINCE
from core.operations import imports, many, many_changes, many_documents, masters
from core.text import _
from core.work import Work

COUNTED = ("bad", "made", "changed", "same")


@dataclass(slots=True)
class Outcome:
    """One record of the file and what became of it; ``before`` is what a change replaces."""

    group: Group
    state: str
    record_id: int | None = None
    version: int | None = None
    before: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.group.last

    def bad(self, place: int, column: int, text: Any, code: str) -> None:
        """Find something wrong with it."""
        self.group.faults.append(Said(place, column, text, code))
        self.state = "bad"

    def told(self, *, checked: bool) -> Iterator[dict[str, Any]]:
        """What is kept with its rows. While it is only ``checked``, new records need no word."""
        if self.state == "bad":
            by_place: dict[int, list[Any]] = defaultdict(list)
            for said in self.group.faults:
                by_place[said.place].append([said.column, imports.packed(said.text), said.code])
            for place, _cells in self.group.rows:
                yield {"place": place, "state": "bad", "faults": by_place[place]}
        elif not checked or self.record_id is not None:
            state = "good" if checked else self.state
            first = {"place": self.group.first, "state": state, "faults": [], "before": self.before or None}
            yield first | {"record_id": self.record_id, "version": self.version}
            if not checked:
                for place, _cells in self.group.rows[1:]:
                    yield {"place": place, "state": state, "faults": []}


def looked_at(work: Work, plan: Plan, batch: Any, groups: Sequence[Group]) -> list[Outcome]:
    """What would become of records; nothing is written. Raises ``Forbidden``."""
    return _prepared(work, plan, batch, groups, write=False)


def brought_in(work: Work, plan: Plan, batch: Any, groups: Sequence[Group]) -> list[Outcome]:
    """Write the good ones of the records, checked once more. Raises ``Forbidden`` and what the database refuses."""
    return _prepared(work, plan, batch, groups, write=True)


def _prepared(work: Work, plan: Plan, batch: Any, groups: Sequence[Group], *, write: bool) -> list[Outcome]:
    imports.demand(work, plan.cls, batch.way)
    assemble(plan, groups, References(work))
    if issubclass(plan.cls, Document):
        for group in groups:
            check(plan, group, partial=False)
        return _documents(work, plan, groups, write=write)
    there = _there(work, plan, batch, groups, lock=write)
    for group in groups:
        check(plan, group, partial=id(group) in there)
    if write and batch.way != "new":
        _unmoved(groups, there)
    known = [group for group in groups if id(group) in there]
    new = [group for group in groups if id(group) not in there]
    found = _changes(work, plan, known, there, write=write)
    found |= _new(work, plan, batch, new, write=write)
    return [found[id(group)] for group in groups]


def _unmoved(groups: Sequence[Group], there: dict[int, Any]) -> None:
    """Tell the records that are not what they were when somebody looked at what would become of them."""
    for group in groups:
        record = there.get(id(group))
        if (None if record is None else (record.id, record.version)) != group.checked:
            group.faults.append(Said(group.first, WHOLE_ROW, CHANGED_SINCE, "stale"))


# New records --------------------------------------------------------------------------------------------------------


def _new(work: Work, plan: Plan, batch: Any, groups: Sequence[Group], *, write: bool) -> dict[int, Outcome]:
    found = {id(group): Outcome(group, "bad") for group in groups}
    for group in groups:
        if batch.way == "change" and not group.faults:
            column = next((p for p, c in plan.header if c.path == batch.found_by), WHOLE_ROW)
            group.faults.append(Said(group.first, column, _("There is no such record to change."), "reference"))
    good = [group for group in groups if not group.faults]
    cls: Any = plan.cls
    drafts = many.drafts(work, cls, [group.typed for group in good], numbered=write) if good else []
    for group, draft in zip(good, drafts, strict=True):
        tell(plan, group, draft.faults)
    fine = [(group, draft) for group, draft in zip(good, drafts, strict=True) if not group.faults]
    if write:
        many.write(work, cls, [draft for _group, draft in fine])
    for group, draft in fine:
        found[id(group)] = Outcome(group, "made", draft.record.id if write else None, draft.record.version)
    return found


def _documents(work: Work, plan: Plan, groups: Sequence[Group], *, write: bool) -> list[Outcome]:
    found = {id(group): Outcome(group, "bad") for group in groups}
    good = [group for group in groups if not group.faults]
    given = [({**group.typed}, group.typed.get("lines") or ()) for group in good]
    for values, _lines in given:
        values.pop("lines", None)
    cls: Any = plan.cls
    drafts = many_documents.drafts(work, cls, given) if good else []
    for group, draft in zip(good, drafts, strict=True):
        tell(plan, group, draft.faults)
    fine = [(group, draft) for group, draft in zip(good, drafts, strict=True) if not group.faults]
    if write:
        many_documents.write(work, cls, [draft for _group, draft in fine])
    for group, draft in fine:
        document = draft.document
        found[id(group)] = Outcome(group, "made", document.id if write else None, document.version)
    return [found[id(group)] for group in groups]


# Changed records ----------------------------------------------------------------------------------------------------


def _there(work: Work, plan: Plan, batch: Any, groups: Sequence[Group], *, lock: bool) -> dict[int, Any]:
    """The record that each group changes, by the group's identity; read whole."""
    if batch.way == "new":
        return {}
    cls: Any = plan.cls
    name = batch.found_by
    same = many.keys_of(cls)[name]
    wanted = {id(group): same(group.given[name]) for group in groups if group.given.get(name) not in (None, "")}
    column = "name_key" if name == "name" and "name_key" in cls.__table__.c else name
    ids = masters.holders(work, cls, column, set(wanted.values())) if wanted else {}
    records = many_changes.found(work, cls, list(ids.values()), lock=lock) if ids else {}
    return {key: records[ids[value]] for key, value in wanted.items() if value in ids and ids[value] in records}


def _changes(
    work: Work, plan: Plan, groups: Sequence[Group], there: dict[int, Any], *, write: bool
) -> dict[int, Outcome]:
    found = {id(group): Outcome(group, "bad") for group in groups}
    # One record twice in a file: the second row meets what the first has made of it in memory, and is refused.
    good, seen = [], set[int]()
    for group in groups:
        record = there[id(group)]
        if not group.faults and record.id in seen:
            group.faults.append(
                Said(group.first, WHOLE_ROW, _("Another row of the file changes this record."), "twice")
            )
        if not group.faults:
            seen.add(record.id)
            good.append(group)
    cls: Any = plan.cls
    pairs = [(there[id(group)], group.typed) for group in good]
    changes = many_changes.changes(work, cls, pairs) if good else []
    for group, change in zip(good, changes, strict=True):
        tell(plan, group, change.faults)
    fine = [(group, change) for group, change in zip(good, changes, strict=True) if not group.faults]
    if write:
        many_changes.write(work, cls, [change for _group, change in fine])
    for group, change in fine:
        state = "changed" if change.differs else "same"
        before = change.before if write else _preview(change)
        found[id(group)] = Outcome(group, state, change.record.id, change.record.version, before)
    return found


def _preview(change: many_changes.Change) -> dict[str, Any]:
    """Old and new of each field, and how many rows of each part come and change."""
    counts = {key: len(rows) for rows_of in (change.added, change.altered) for key, rows in rows_of.items()}
    told: dict[str, Any] = dict(change.changes)
    return told | {key: [None, count] for key, count in counts.items()}


# Twice in one file --------------------------------------------------------------------------------------------------


def apart(work: Work, batch: Any, found: Sequence[Outcome]) -> None:
    """Refuse records that say of themselves what an earlier row of the file says already."""
    plan_cls: Any = work.types.type(batch.record_kind)
    places = {path: int(place) for place, path in batch.mapping.items()}
    marks: dict[int, int] = {}
    mine: list[tuple[Outcome, str, int]] = []
    for one in found:
        for name, value in _keys(plan_cls, places, one.group):
            mark = int.from_bytes(blake2b(f"{name}\0{value}".encode(), digest_size=8).digest(), signed=True)
            marks.setdefault(mark, one.group.first)
            mine.append((one, name, mark))
    first = imports.met_before(work, batch.id, marks)
    for one, name, mark in mine:
        if first[mark] != one.group.first and one.state != "bad":
            text = _("Row {row} of the file says the same.", row=first[mark])
            if name.startswith("_"):
                text = _("Rows with this document number stand at row {row} too; put them together.", row=first[mark])
            one.bad(one.group.first, places[name], text, "twice")


def _keys(cls: Any, places: dict[str, int], group: Group) -> Iterator[tuple[str, Any]]:
    cells = group.rows[0][1]
    if issubclass(cls, Document):
        if "_together" in places and (text := cell_of(cells, places["_together"])):
            yield "_together", text
        return
    for name, same in many.keys_of(cls).items():
        if name in places and (value := group.given.get(name)) not in (None, ""):
            yield name, same(value)
