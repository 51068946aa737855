"""For whom somebody works, asked before a company is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from core.db.engine import is_sqlite
from core.entities.account import Employment
from core.entities.company import Company

_JOB: Any = Employment.__table__
_COMPANY: Any = Company.__table__


def employers(connection: Connection, account_id: int) -> list[Any]:
    """The companies that employ an account today, by the clock of each.

    The rows are seen through ``seen_by`` for the account.
    """
    now = datetime.now(UTC)
    rows = connection.execute(
        select(
            *(_COMPANY.c[name] for name in ("id", "code", "name", "name_en", "colour", "zone")),
            *(_JOB.c[name] for name in ("valid_from", "valid_until")),
        )
        .join(_JOB, _JOB.c.company_id == _COMPANY.c.id)
        .where(_JOB.c.account_id == account_id, _COMPANY.c.active)
        .order_by(_COMPANY.c.id)
    )
    return [row for row in rows if _on(row, now.astimezone(ZoneInfo(row.zone)).date())]


def _on(row: Any, today: date) -> bool:
    """Whether the employment holds on a day; both of its own days included."""
    return (row.valid_from is None or row.valid_from <= today) and (row.valid_until is None or today <= row.valid_until)


@contextmanager
def seen_by(connection: Connection) -> Iterator[Any]:
    """On PostgreSQL rows are seen by company and by person; what was looked through before is put back."""
    names = ("app.company", "app.account")
    if is_sqlite(connection):
        yield lambda name, value: None
        return

    def see(name: str, value: Any) -> None:
        connection.execute(select(func.set_config(name, str(value), True)))

    before = connection.execute(select(*(func.current_setting(name, True) for name in names))).one()
    try:
        yield see
    finally:
        for name, value in zip(names, before, strict=True):
            see(name, value or "")
