"""Somebody who has an account already comes to work for a further company: asked by it, and only when he accepts.

An account is its owner's. Whoever could employ it without asking could see where its owner is at home, and more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from core.db.engine import is_sqlite
from core.entities.account import Account, Employment
from core.entities.company import Company
from core.entities.signing_in import Invitation
from core.errors import Conflict, Fault, Invalid, Unknown
from core.operations import people
from core.operations.company import record
from core.rights import ADMINISTER
from core.text import _
from core.work import Ask, System, Work, Works

_ACCOUNT: Any = Account.__table__
_JOB: Any = Employment.__table__
_COMPANY: Any = Company.__table__
_INVITED: Any = Invitation.__table__
HOLDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation as its receiver reads it."""

    id: int
    company_id: int
    code: str
    name: str
    name_en: str
    colour: str
    at: datetime


def invite(work: Work, login: str) -> int:
    """Ask the owner of an account to work for the company; gives back the account. Raises ``Invalid``, ``Conflict``."""
    work.demand(ADMINISTER)
    account: int | None = work.connection.execute(
        select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == login.strip().lower(), _ACCOUNT.c.active)
    ).scalar()
    if account is None:
        raise Invalid([Fault("known_login", _("There is no account of this name."), "reference")])
    employed = select(_JOB.c.id).where(
        _JOB.c.company_id == work.company.id,
        _JOB.c.account_id == account,
        _JOB.c.valid_until.is_(None) | (_JOB.c.valid_until >= work.today),
    )
    if work.connection.execute(employed).scalar() is not None:
        raise Conflict(_("This person works here already."), code="people.employed")
    _drop(work, _INVITED.c.account_id == account)
    work.connection.execute(
        insert(Invitation),
        {"company_id": work.company.id, "account_id": account, "invited_by": work.actor_id, "created_at": work.now},
    )
    record(work, "invite", {"account": [None, account]}, quiet=True)
    return account


def withdraw(work: Work, invitation_id: int) -> None:
    """Take an invitation back that nobody has answered yet."""
    work.demand(ADMINISTER)
    account = _drop(work, _INVITED.c.id == invitation_id)
    if account is None:
        raise Unknown()
    record(work, "withdraw_invitation", {"account": [account, None]}, quiet=True)


def pending(work: Work) -> list[Any]:
    """Whom the company has asked and who has not answered yet: id, login, name, name_en, created_at."""
    return list(
        work.connection.execute(
            select(_INVITED.c.id, _INVITED.c.created_at, _ACCOUNT.c.login, _ACCOUNT.c.name, _ACCOUNT.c.name_en)
            .join(_ACCOUNT, _ACCOUNT.c.id == _INVITED.c.account_id)
            .where(_INVITED.c.company_id == work.company.id, _INVITED.c.created_at > work.now - HOLDS)
            .order_by(_INVITED.c.id)
        )
    )


def received(connection: Connection, account_id: int) -> list[Invited]:
    """Which companies ask the owner of an account to work for them."""
    if not is_sqlite(connection):
        connection.execute(select(func.set_config("app.account", str(account_id), True)))
    rows = connection.execute(
        select(
            _INVITED.c.id,
            _COMPANY.c.id.label("company_id"),
            _COMPANY.c.code,
            _COMPANY.c.name,
            _COMPANY.c.name_en,
            _COMPANY.c.colour,
            _INVITED.c.created_at,
        )
        .join(_COMPANY, _COMPANY.c.id == _INVITED.c.company_id)
        .where(
            _INVITED.c.account_id == account_id,
            _COMPANY.c.active,
            _INVITED.c.created_at > datetime.now(UTC) - HOLDS,
        )
        .order_by(_INVITED.c.id)
    )
    return [Invited(*row) for row in rows]


def answer(works: Works, account_id: int, invitation_id: int, *, accepted: bool) -> Invited:
    """The owner of the account accepts an invitation, or declines it. Raises ``Unknown`` for one of somebody else."""
    with works.installation(reads=True) as connection:
        found = next((one for one in received(connection, account_id) if one.id == invitation_id), None)
    if found is None:
        raise Unknown()

    def command(work: Work) -> None:
        if _drop(work, (_INVITED.c.id == invitation_id) & (_INVITED.c.account_id == account_id)) is None:
            raise Unknown()
        if accepted:
            # Who worked here before begins anew: what he held then, an administrator gives him again, or does not.
            people.employ(work, account_id, roles=())
        record(work, "accept_invitation" if accepted else "decline_invitation", {"account": [None, account_id]})

    works.run(Ask(found.company_id, System("invitation")), command)
    return found


def _drop(work: Work, which: Any) -> int | None:
    """Take an invitation of the company away; gives back whom it was for. Whoever comes second finds nothing."""
    gone = delete(_INVITED).where(_INVITED.c.company_id == work.company.id, which).returning(_INVITED.c.account_id)
    found: int | None = work.connection.execute(gone).scalar()
    return found
