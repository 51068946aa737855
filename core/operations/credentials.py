"""Passwords and tokens: changed by their owner, or for people who work for this company alone, by its administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from core.entities.account import Account, ApiToken, Employment, LoginSession
from core.entities.company import Company
from core.entities.signing_in import EarlierPassword
from core.errors import Fault, Forbidden, Invalid, Unknown
from core.operations import two_step
from core.operations.company import record
from core.operations.employers import seen_by
from core.operations.password_rules import rules_of
from core.passwords import MOST_EARLIER, hashed, is_one_of, weakness
from core.rights import ADMINISTER
from core.text import Text, _
from core.work import Work

_ACCOUNT: Any = Account.__table__
_JOB: Any = Employment.__table__
_SESSION: Any = LoginSession.__table__
_TOKEN: Any = ApiToken.__table__
_COMPANY: Any = Company.__table__
_EARLIER: Any = EarlierPassword.__table__
ITS_OWNERS = _("This person also works for another company; the sign-in is the person's own affair.")


def set_password(work: Work, account_id: int, password: str) -> None:
    """Give a person of this company a new password and end all of the person's sessions and tokens.

    Only for people who work for no other company: their password is not this company's to change.
    """
    of_this_company_alone(
        work, account_id, _("This person also works for another company and changes the password alone.")
    )
    check_password(work.connection, account_id, password)
    change_password(work.connection, account_id, password)
    record(work, "password", {"account": [None, account_id]})


def of_this_company_alone(work: Work, account_id: int, why: Text) -> None:
    """Raise unless the actor administers the company, and the person works here and nowhere else."""
    work.demand(ADMINISTER)
    if account_id not in work.company.people:
        raise Unknown()
    if works_elsewhere(work, account_id):
        raise Forbidden(why)


def end_sessions(work: Work, account_id: int, session_id: int | None = None) -> None:
    """Sign a person of this company alone out: of one browser, or of all."""
    of_this_company_alone(work, account_id, ITS_OWNERS)
    which = _SESSION.c.account_id == account_id
    if session_id is not None:
        which &= _SESSION.c.id == session_id
    if work.connection.execute(delete(_SESSION).where(which)).rowcount:
        record(work, "end_sessions", {"account": [account_id, None]}, quiet=True)
    elif session_id is not None:
        raise Unknown()


def drop_two_step(work: Work, account_id: int) -> None:
    """Take the second step away from a person of this company alone who has lost telephone and recovery codes.

    Every session of the person ends: whoever is signed in now does so anew, by the password.
    """
    of_this_company_alone(work, account_id, ITS_OWNERS)
    two_step.forget(work.connection, account_id)
    end_all_sessions(work.connection, account_id)
    record(work, "drop_two_step", {"account": [account_id, None]})


def end_all_sessions(connection: Any, account_id: int) -> int:
    """Sign an account out everywhere; gives back of how many browsers."""
    gone: int = connection.execute(delete(_SESSION).where(_SESSION.c.account_id == account_id)).rowcount
    return gone


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


def has_agreed(work: Work, account_id: int) -> bool:
    """Whether the owner of an account works here, or did and works for nobody else, or was made in this very work."""
    if work.kept.get(f"hired:{account_id}"):
        return True
    job = work.connection.execute(
        select(_JOB.c.id, _JOB.c.valid_until).where(
            _JOB.c.company_id == work.company.id, _JOB.c.account_id == account_id
        )
    ).one_or_none()
    if job is None:
        return False
    return job.valid_until is None or job.valid_until >= work.today or not works_elsewhere(work, account_id)


def _look_as(work: Work, account_id: int | None) -> None:
    """On PostgreSQL a person's employments elsewhere are visible to that person alone."""
    if work.connection.dialect.name != "sqlite":
        work.connection.execute(select(func.set_config("app.account", str(account_id or ""), True)))


def check_password(connection: Any, account_id: int, password: str, place: str = "password") -> None:
    """Raise ``Invalid`` when a password is too easy, or was the account's own not long ago.

    The strictest rules of all companies that the person works for hold.
    """
    row = connection.execute(
        select(_ACCOUNT.c.login, _ACCOUNT.c.name, _ACCOUNT.c.name_en, _ACCOUNT.c.password_hash).where(
            _ACCOUNT.c.id == account_id
        )
    ).one_or_none()
    if row is None:
        raise Unknown()
    rules = rules_of(connection, account_id)
    if why := weakness(password, row.login, shortest=rules.length, about=(row.name, row.name_en, *rules.companies)):
        raise Invalid([Fault(place, why, "weak")])
    earlier = connection.execute(
        select(_EARLIER.c.password_hash)
        .where(_EARLIER.c.account_id == account_id)
        .order_by(_EARLIER.c.id.desc())
        .limit(max(rules.reuse - 1, 0))
    ).scalars()
    if rules.reuse and is_one_of(filter(None, (row.password_hash, *earlier)), password):
        raise Invalid([Fault(place, _("This was the password before. Choose another one."), "reused")])


def change_password(connection: Any, account_id: int, password: str, *, but: int | None = None) -> None:
    """Keep the hash of a new password; every session of the account ends, ``but`` one, and so do all its tokens."""
    old = connection.execute(select(_ACCOUNT.c.password_hash).where(_ACCOUNT.c.id == account_id)).scalar()
    now = datetime.now(UTC)
    if old:
        connection.execute(insert(EarlierPassword), {"account_id": account_id, "password_hash": old, "until": now})
        kept = (
            select(_EARLIER.c.id)
            .where(_EARLIER.c.account_id == account_id)
            .order_by(_EARLIER.c.id.desc())
            .limit(MOST_EARLIER)
        )
        connection.execute(
            delete(_EARLIER).where(_EARLIER.c.account_id == account_id, _EARLIER.c.id.not_in(kept.scalar_subquery()))
        )
    connection.execute(
        update(_ACCOUNT)
        .where(_ACCOUNT.c.id == account_id)
        .values(password_hash=hashed(password), password_at=now, version=_ACCOUNT.c.version + 1)
    )
    _end(connection, account_id, now, but=but)


def set_active(connection: Any, account_id: int, active: bool) -> None:
    """Let an account sign in, or refuse it from the next request on; its sessions and tokens end for good.

    Every company that employs it learns at once that the person decides nothing there, or does again.
    """
    connection.execute(
        update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(active=active, version=_ACCOUNT.c.version + 1)
    )
    with seen_by(connection) as see:
        see("app.account", account_id)
        jobs = list(connection.execute(select(_JOB.c.company_id).where(_JOB.c.account_id == account_id)).scalars())
    connection.execute(update(_COMPANY).where(_COMPANY.c.id.in_(jobs)).values(version=_COMPANY.c.version + 1))
    _end(connection, account_id, datetime.now(UTC))


def _end(connection: Any, account_id: int, now: datetime, *, but: int | None = None) -> None:
    """End the sessions of an account, ``but`` one, and every token that acts as it, in all companies."""
    gone = _SESSION.c.account_id == account_id
    connection.execute(delete(_SESSION).where(gone if but is None else gone & (_SESSION.c.id != but)))
    end_tokens(connection, now, _TOKEN.c.account_id == account_id)


def end_tokens(connection: Any, now: datetime, *which: Any) -> None:
    """Revoke tokens; their companies' versions rise, so that every process asks anew."""
    ended = connection.execute(
        update(_TOKEN)
        .where(*which, _TOKEN.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(_TOKEN.c.company_id)
    ).scalars()
    for key in sorted(set(ended)):
        connection.execute(update(_COMPANY).where(_COMPANY.c.id == key).values(version=_COMPANY.c.version + 1))


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
    mine = (_TOKEN.c.company_id == work.company.id, _TOKEN.c.account_id == account_id, _TOKEN.c.revoked_at.is_(None))
    if work.connection.execute(select(_TOKEN.c.id).where(*mine, _TOKEN.c.name == name.strip())).scalar() is not None:
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
    row = work.connection.execute(
        select(_TOKEN.c.account_id).where(_TOKEN.c.company_id == work.company.id, _TOKEN.c.id == token_id)
    ).one_or_none()
    if row is None:
        raise Unknown()
    if row.account_id != work.actor_id:
        work.demand(ADMINISTER)
    work.connection.execute(
        update(_TOKEN)
        .where(_TOKEN.c.company_id == work.company.id, _TOKEN.c.id == token_id)
        .values(revoked_at=work.now)
    )
    record(work, "revoke_token", {"token": [token_id, None]})
