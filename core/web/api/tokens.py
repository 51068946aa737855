"""Who calls: a bearer token acts as one account in one company. Cookies are never looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from core.entities.account import Account, ApiToken
from core.errors import Unauthenticated
from core.text import _
from core.tokens import token_hash
from core.work import Works

_GIVEN = re.compile(r"Bearer +(zg_[A-Za-z0-9_-]{20,200})", re.IGNORECASE)
_TOKEN: Any = ApiToken.__table__
_ACCOUNT: Any = Account.__table__
_FIND = select(
    _TOKEN.c.account_id,
    _TOKEN.c.company_id,
    _TOKEN.c.expires_at,
    _TOKEN.c.revoked_at,
    _ACCOUNT.c.language,
).join(_ACCOUNT, _ACCOUNT.c.id == _TOKEN.c.account_id)


@dataclass(frozen=True, slots=True)
class Caller:
    """The account and the company of a token, and the language the account reads."""

    account: int
    company: int
    language: str


def caller(works: Works, header: str | None) -> Caller:
    """Whoever the ``Authorization`` header names. Raises ``Unauthenticated`` when it is missing, expired or revoked."""
    given = _GIVEN.fullmatch((header or "").strip())
    if given is None:
        raise Unauthenticated(_("Send a token: “Authorization: Bearer zg_…”."), code="token.needed")
    with works.installation(reads=True) as connection:
        row = connection.execute(_FIND.where(_TOKEN.c.token_hash == token_hash(given[1]))).one_or_none()
    if row is None or row.revoked_at is not None or (row.expires_at and row.expires_at <= datetime.now(UTC)):
        raise Unauthenticated(_("The token is not valid, or no longer."), code="token.invalid")
    return Caller(row.account_id, row.company_id, row.language)
