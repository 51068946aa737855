"""Who calls: a bearer token acts as one account in one company. Cookies are never looked at.

A token that was found is remembered with the version of its company. Issuing and revoking raise that version, and
every unit of work reads it anyway: a token that was revoked in any process is refused at its next use, and one that was
not costs no statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from core.entities.account import Account, ApiToken
from core.entities.company import Company
from core.errors import Unauthenticated
from core.facts import Bounded
from core.text import _
from core.tokens import token_hash
from core.work import Works

_GIVEN = re.compile(r"Bearer +(zg_[A-Za-z0-9_-]{20,200})", re.IGNORECASE)
_TOKEN: Any = ApiToken.__table__
_ACCOUNT: Any = Account.__table__
_COMPANY: Any = Company.__table__
_FIND = (
    select(
        _TOKEN.c.account_id,
        _TOKEN.c.company_id,
        _TOKEN.c.expires_at,
        _TOKEN.c.revoked_at,
        _ACCOUNT.c.language,
        _COMPANY.c.version,
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _TOKEN.c.account_id)
    .join(_COMPANY, _COMPANY.c.id == _TOKEN.c.company_id)
)


class Outdated(Exception):
    """The company has changed since the token was found; it must be looked up again."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The account and the company of a token, the language the account reads, and when the token was found to hold.

    ``remembered``: it was found at an earlier request, under ``version`` of the company.
    """

    account: int
    company: int
    language: str
    expires_at: datetime | None
    version: int
    remembered: bool = False


class Tokens:
    """The tokens this process has seen."""

    def __init__(self, works: Works) -> None:
        self._works = works
        self._known: Bounded[Caller] = Bounded()

    def caller(self, header: str | None, *, again: bool = False) -> Caller:
        """Whoever the ``Authorization`` header names; ``again`` asks the database whatever is remembered.

        Raises ``Unauthenticated`` when the token is missing, unknown, expired or revoked.
        """
        given = _GIVEN.fullmatch((header or "").strip())
        if given is None:
            raise Unauthenticated(_("Send a token: “Authorization: Bearer zg_…”."), code="token.needed")
        key = token_hash(given[1])
        known = None if again else self._known.get(key)
        found = replace(known, remembered=True) if known else self._find(key)
        if found is None or (found.expires_at and found.expires_at <= datetime.now(UTC)):
            raise invalid()
        return found if known else self._known.put(key, found)

    def _find(self, key: str) -> Caller | None:
        with self._works.installation(reads=True) as connection:
            row = connection.execute(_FIND.where(_TOKEN.c.token_hash == key)).one_or_none()
        if row is None or row.revoked_at is not None:
            return None
        return Caller(row.account_id, row.company_id, row.language, row.expires_at, row.version)


def invalid() -> Unauthenticated:
    """The refusal of a token that does not hold."""
    return Unauthenticated(_("The token is not valid, or no longer."), code="token.invalid")
