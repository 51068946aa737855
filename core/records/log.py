"""Everything that happened in a company, and who came and took what out: page by page, the latest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, literal, literal_column, select, tuple_

from core.db.types import BigId, Instant
from core.documents.kinds import area_of
from core.records.models import ACCESS, History
from core.work import Work

_HISTORY: Any = History.__table__
COMPANY = "core.company"
SIZE, LARGEST = 50, 200
# What stands in the audit log.
ACCESSES = ("sign_in", "sign_in_failed", "sign_out", "print", "export", "report", "download", "refuse")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries somebody wants to see; ``audit``: those of the audit log instead of what was changed.

    ``record`` is a kind and an id; ``since`` and ``until`` are days of the company's calendar, both included; ``after``
    is the ``next`` of the page before.
    """

    audit: bool = False
    kind: str = ""
    what: str = ""
    actor: int | None = None
    address: str = ""
    record: tuple[str, int] | None = None
    since: date | None = None
    until: date | None = None
    after: str = ""
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Found:
    """The entries of one page, and where the next begins; empty when there is none."""

    rows: Sequence[Any]
    next: str


def log(work: Work, wanted: Wanted) -> Found:
    """One page of the company's entries, of the areas in use. The caller has made sure that the actor may read them.

    A cursor that is none begins at the beginning.
    """
    rows = list(work.connection.execute(_statement(work, wanted)))
    more, rows = len(rows) > wanted.size, rows[: wanted.size]
    return Found(rows, f"{rows[-1].at.isoformat()}_{rows[-1].id}" if more else "")


def kinds(work: Work) -> Collection[str]:
    """The kinds of records whose changes are shown: of the company, and of all areas in use."""
    known = (*work.types.masters, *work.types.documents)
    return [COMPANY, *(kind for kind in known if area_of(kind) in {*work.areas, "core"})]


def _statement(work: Work, wanted: Wanted) -> Select[Any]:
    statement = select(_HISTORY).where(_HISTORY.c.company_id == work.company.id, *_narrowed(work, wanted))
    if after := _after(wanted.after):
        statement = statement.where(
            tuple_(_HISTORY.c.at, _HISTORY.c.id) < tuple_(literal(after[0], Instant), literal(after[1], BigId))
        )
    return statement.order_by(_HISTORY.c.at.desc(), _HISTORY.c.id.desc()).limit(wanted.size + 1)


def _narrowed(work: Work, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    yield _of_kind(work, wanted)
    asked = ((_HISTORY.c.what, wanted.what), (_HISTORY.c.actor_id, wanted.actor), (_HISTORY.c.target, wanted.address))
    yield from (column == value for column, value in asked if value not in ("", None))
    if wanted.record is not None:
        kind, key = wanted.record
        yield _HISTORY.c.record_id == key
        yield (_HISTORY.c.source if wanted.audit else _HISTORY.c.kind) == kind
    if wanted.since:
        yield _HISTORY.c.at >= _begin(work, wanted.since)
    if wanted.until and wanted.until < date.max:
        yield _HISTORY.c.at < _begin(work, wanted.until + timedelta(days=1))


def _of_kind(work: Work, wanted: Wanted) -> ColumnElement[bool]:
    if wanted.audit:
        # Written out, so that both engines see that the indexes of these entries alone will do.
        found: ColumnElement[bool] = _HISTORY.c.kind == literal_column(f"'{ACCESS}'")
    elif wanted.kind:
        found = _HISTORY.c.kind == wanted.kind
    else:
        found = _HISTORY.c.kind.in_(kinds(work))
    return found


def _begin(work: Work, day: date) -> datetime:
    """The first moment of a day by the company's clock; days at either end of the calendar as far as they go."""
    try:
        return datetime.combine(day, time.min, ZoneInfo(work.company.zone)).astimezone(UTC)
    except OverflowError:
        return datetime.combine(day, time.min, UTC)


def _after(text: str) -> tuple[datetime, int] | None:
    at, _bar, key = text.rpartition("_")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    if found.tzinfo is None or not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    return found, int(key)
