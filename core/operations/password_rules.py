"""What a password and a session must be like for one person: the strictest of what the person's companies chose."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from core.db.engine import is_sqlite
from core.entities.account import Employment
from core.entities.company import Company
from core.entities.company import Setting as ChosenSetting
from core.extension.core_settings import PASSWORD_LENGTH, PASSWORD_REUSE, SESSION_HOURS
from core.settings import BadSetting, Setting

_JOB: Any = Employment.__table__
_COMPANY: Any = Company.__table__
_CHOSEN: Any = ChosenSetting.__table__
_RULES = (PASSWORD_LENGTH, PASSWORD_REUSE, SESSION_HOURS)


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a password is at least, how many earlier ones stay away, how long a session lasts; whose rules."""

    length: int
    reuse: int
    hours: int
    companies: tuple[str, ...] = ()


def rules_of(connection: Connection, account_id: int) -> Rules:
    """The rules for an account; those of nobody's employee are the defaults."""
    with _seen_by(connection) as see:
        see("app.account", account_id)
        today = datetime.now(UTC).date()
        employers = connection.execute(
            select(_COMPANY.c.id, _COMPANY.c.code, _COMPANY.c.name, _COMPANY.c.name_en)
            .join(_JOB, _JOB.c.company_id == _COMPANY.c.id)
            .where(
                _JOB.c.account_id == account_id,
                _COMPANY.c.active,
                _JOB.c.valid_until.is_(None) | (_JOB.c.valid_until >= today),
            )
        ).all()
        chosen = []
        for company in employers:
            see("app.company", company.id)
            rows = connection.execute(
                select(_CHOSEN.c.key, _CHOSEN.c.value).where(
                    _CHOSEN.c.company_id == company.id, _CHOSEN.c.key.in_([one.key for one in _RULES])
                )
            ).all()
            chosen.append({row.key: row.value for row in rows})
    names = tuple(text for one in employers for text in (one.code, one.name, one.name_en) if text)
    lengths, reuses, hours = ([_value(setting, one.get(setting.key)) for one in chosen or [{}]] for setting in _RULES)
    return Rules(max(lengths), max(reuses), min(hours), names)


def _value(setting: Setting, written: str | None) -> int:
    """A value that can no longer be read is as if nothing were chosen."""
    try:
        return int(setting.read(written))
    except BadSetting:
        return int(setting.default)


@contextmanager
def _seen_by(connection: Connection) -> Iterator[Any]:
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
