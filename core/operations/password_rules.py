"""What a password and a session must be like for one person: the strictest of what the person's companies chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.entities.company import Setting as ChosenSetting
from core.extension.core_settings import PASSWORD_LENGTH, PASSWORD_REUSE, SESSION_HOURS
from core.operations.employers import employers, seen_by
from core.settings import BadSetting, Setting

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
    with seen_by(connection) as see:
        see("app.account", account_id)
        found = employers(connection, account_id)
        chosen = []
        for company in found:
            see("app.company", company.id)
            rows = connection.execute(
                select(_CHOSEN.c.key, _CHOSEN.c.value).where(
                    _CHOSEN.c.company_id == company.id, _CHOSEN.c.key.in_([one.key for one in _RULES])
                )
            ).all()
            chosen.append({row.key: row.value for row in rows})
    names = tuple(text for one in found for text in (one.code, one.name, one.name_en) if text)
    lengths, reuses, hours = ([_value(setting, one.get(setting.key)) for one in chosen or [{}]] for setting in _RULES)
    return Rules(max(lengths), max(reuses), min(hours), names)


def _value(setting: Setting, written: str | None) -> int:
    """A value that can no longer be read is as if nothing were chosen."""
    try:
        return int(setting.read(written))
    except BadSetting:
        return int(setting.default)
