"""An import is undone: what it made is taken away, what it changed is as before; all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.db.types import Instant, Scaled
from core.documents.kinds import Type
from core.documents.models import Document
from core.operations import imports, many_changes, taking_away
from core.text import Text, _
from core.work import Work

AT_ONCE = 1000
CHANGED_SINCE = _("Somebody has changed it since.")


def take_back(work: Work, cls: Type, batch: Any) -> dict[int, Text]:
    """Undo everything, or give back what stands against it by the number of the row; then nothing has changed."""
    made = {row.record_id: row.place for row in _rows(work, batch, "made") if row.record_id}
    obstacles = taking_away.obstacles(work, cls, sorted(made))
    kept = {made[key]: text for key, text in obstacles.items()}
    for rows in _chunks(list(_rows(work, batch, "changed"))):
        kept |= _stale(work, cls, rows)
    if kept:
        return kept
    reason = str(_("Import {id} was undone", id=batch.id))
    for rows in _chunks(list(_rows(work, batch, "changed"))):
        _restore(work, cls, rows)
    taking_away.take_away(work, cls, sorted(made), reason=reason)
    return {}


def _rows(work: Work, batch: Any, state: str) -> Iterator[Any]:
    after = 0
    while found := imports.rows(work, batch.id, after=after, states=[state], most=AT_ONCE):
        yield from found
        after = found[-1].place


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    kept = [row for row in rows if row.record_id]
    for start in range(0, len(kept), AT_ONCE):
        yield kept[start : start + AT_ONCE]


def _stale(work: Work, cls: Any, rows: Sequence[Any]) -> dict[int, Text]:
    if issubclass(cls, Document):
        return {}
    records = many_changes.found(work, cls, [row.record_id for row in rows], lock=True)
    found: dict[int, Text] = {}
    for row in rows:
        record = records.get(row.record_id)
        if record is None or record.version != row.version:
            found[row.place] = CHANGED_SINCE
    return found


def _restore(work: Work, cls: Any, rows: Sequence[Any]) -> None:
    """Each field as it was; rows of parts that came with the import go, those that it changed are as before."""
    records = many_changes.found(work, cls, [row.record_id for row in rows], lock=True)
    pairs = []
    for row in rows:
        fields = {name: value for name, value in (row.before or {}).items() if name not in {"+", "*"}}
        pairs.append((records[row.record_id], {name: typed(cls, name, value) for name, value in fields.items()}))
    changes = many_changes.restored(work, cls, pairs)
    for row, change in zip(rows, changes, strict=True):
        before = row.before or {}
        for part in cls.parts:
            change.gone[part.key] = list(before.get("+", {}).get(part.key, ()))
            for key, values in before.get("*", {}).get(part.key, {}).items():
                back = {name: typed(part, name, value) for name, value in values.items()}
                change.altered.setdefault(part.key, {})[int(key)] = back
    many_changes.write(work, cls, changes)


def typed(cls: Any, name: str, value: Any) -> Any:
    """A value of a column from what history keeps of it."""
    kind = cls.__table__.c[name].type
    if value is None:
        return None
    if isinstance(kind, Scaled):
        return kind.python_type(value)
    if isinstance(value, str) and kind.python_type is not str and not isinstance(kind, Instant):
        return kind.python_type.fromisoformat(value)
    return value
