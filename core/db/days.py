"""``local_day(moment, zone)``: the day of a moment by the clock of a company, reckoned in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _LocalDay(FunctionElement[Any]):
    """The day of ``moment``: by the zone's name on PostgreSQL, by its present distance from UTC on SQLite."""

    type = Date()
    inherit_cache = True
    name = "local_day"


@compiles(_LocalDay, "postgresql")
def _by_zone(element: _LocalDay, compiler: Any, **how: Any) -> str:
    moment, zone, _shift = element.clauses
    return f"({compiler.process(moment, **how)} AT TIME ZONE {compiler.process(zone, **how)})::date"


@compiles(_LocalDay)
def _by_shift(element: _LocalDay, compiler: Any, **how: Any) -> str:
    moment, _zone, shift = element.clauses
    return f"date({compiler.process(moment, **how)}, {compiler.process(shift, **how)})"


def local_day(moment: Any, zone: str) -> ColumnElement[Any]:
    """The day of ``moment``, a column of instants, in ``zone``.

    SQLite knows no zones: where the clocks are put forward in summer, a moment within an hour of midnight may fall on
    the day beside it there.
    """
    shift = datetime.now(UTC).astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(shift.total_seconds() // 60) if shift else 0
    return type_coerce(_LocalDay(moment, zone, f"{minutes:+d} minutes"), Date)
