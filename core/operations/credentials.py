"""Passwords and tokens: changed by their owner, or for people who work for this company alone, by its administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from core.entities.account import Account, ApiToken, Employment, LoginSession
from core.errors import Fault, Forbidden, Invalid, Unknown
from core.operations.company import record
from core.passwords import hashed, weakness
from core.rights import ADMINISTER
from core.text import _
from core.work import Work

_ACCOUNT: Any = Account.__table__
_JOB: Any = Employment.__table__


def set_password(work: Work, account_id: int, password: str) -> None:
    """Give a person of this company a new password and end all of the person's sessions.

    Only for people who work for no other company: their password is not this company's to change.
    """
    work.demand(ADMINISTER)
    row = work.connection.execute(select(_ACCOUNT).where(_ACCOUNT.c.id == account_id)).one_or_none()
    if row is None or account_id not in work.company.people:
        raise Unknown()
    if why := weakness(password, row.login):
        raise Invalid([Fault("password", why, "weak")])
    if works_elsewhere(work, account_id):
        raise Forbidden(_("This person also works for another company and changes the password alone."))
    change_password(work.connection, account_id, password)
    record(work, "password", {"account": [None, account_id]})


def works_elsewhere(work: Work, account_id: int) -> bool:
    """Whether an account is employed by a further company."""
    _look_as(work, account_id)
    found = work.connection.execute(
        select(func.count())
        .select_from(_JOB)
        .where(_JOB.c.account_id == account_id, _JOB.c.company_id != work.company.id)
    ).scalar_one()
    _look_as(work, work.actor_id)
    return bool(found)


def _look_as(work: Work, account_id: int | None) -> None:
    """On PostgreSQL a person's employments elsewhere are visible to that person alone."""
    if work.connection.dialect.name != "sqlite":
        work.connection.execute(select(func.set_config("app.account", str(account_id or ""), True)))


def change_password(connection: Any, account_id: int, password: str) -> None:
    """Keep the hash of a new password; every session of the account ends."""
    connection.execute(
        update(_ACCOUNT)
        .where(_ACCOUNT.c.id == account_id)
        .values(password_hash=hashed(password), version=_ACCOUNT.c.version + 1)
    )
    session: Any = LoginSession.__table__
    connection.execute(delete(session).where(session.c.account_id == account_id))


def set_active(connection: Any, account_id: int, active: bool) -> None:
    """Let an account sign in, or refuse it from the next request on; its sessions end, its tokens stop working."""
    connection.execute(
        update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(active=active, version=_ACCOUNT.c.version + 1)
    )
    session: Any = LoginSession.__table__
    connection.execute(delete(session).where(session.c.account_id == account_id))


def issue_token(work: Work, name: str, token_hash: str, *, account_id: int, expires_at: datetime | None) -> int:
    """Keep the hash of a new token that acts as ``account_id`` here; nobody gets a key that acts as somebody else.

    The command line may issue one for anybody: who stands there owns the installation.
    """
    if work.actor is not None and account_id != work.actor_id:
        raise Forbidden(_("A key is issued by whoever it acts for."))
    if account_id not in work.company.people:
        raise Unknown()
    if not name.strip() or len(name) > 200:
        raise Invalid([Fault("name", _("This is needed."), "required")])
    token: Any = ApiToken.__table__
    mine = (token.c.company_id == work.company.id, token.c.account_id == account_id, token.c.revoked_at.is_(None))
    if work.connection.execute(select(token.c.id).where(*mine, token.c.name == name.strip())).scalar() is not None:
        raise Invalid([Fault("name", _("There is a token of this name already."), "duplicate")])
    key: int = work.connection.execute(
        insert(ApiToken).returning(ApiToken.id),
        {
            "account_id": account_id,
            "company_id": work.company.id,
            "name": name.strip(),
            "token_hash": token_hash,
            "created_at": work.now,
            "expires_at": expires_at,
        },
    ).scalar_one()
    record(work, "token", {"account": [None, account_id], "name": [None, name.strip()]})
    return key


def revoke_token(work: Work, token_id: int) -> None:
    """Make a token of this company useless from now on."""
    token: Any = ApiToken.__table__
    row = work.connection.execute(
        select(token.c.account_id).where(token.c.company_id == work.company.id, token.c.id == token_id)
    ).one_or_none()
    if row is None:
        raise Unknown()
    if row.account_id != work.actor_id:
        work.demand(ADMINISTER)
    work.connection.execute(
        update(token).where(token.c.company_id == work.company.id, token.c.id == token_id).values(revoked_at=work.now)
    )
    record(work, "revoke_token", {"token": [token_id, None]})
