"""Signing in and out: sessions live in a table, the cookie holds only a random key; wrong passwords slow one down."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.account import Account, LoginSession, LoginThrottle
from core.entities.signing_in import TwoStep
from core.passwords import matches
from core.web.current import Visitor

COOKIE = "zhanggui_session"
HOURS = 12
SEEN_EVERY = timedelta(minutes=5)
FREE_FAILURES, MANY_FAILURES = 5, 50
LONGEST_WAIT = timedelta(minutes=15)

_ACCOUNT: Any = Account.__table__
_SESSION: Any = LoginSession.__table__
_THROTTLE: Any = LoginThrottle.__table__
_STEP: Any = TwoStep.__table__


def digest(text: str) -> str:
    """The hash under which a secret is kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def begin(
    connection: Connection, account_id: int, *, address: str, agent: str, hours: int = HOURS, way: str = "password"
) -> str:
    """A new session of the account; gives back the key for the cookie."""
    key, now = secrets.token_urlsafe(32), datetime.now(UTC)
    connection.execute(delete(_SESSION).where(_SESSION.c.expires_at < now))
    connection.execute(
        insert(_SESSION),
        {
            "key_hash": digest(key),
            "account_id": account_id,
            "created_at": now,
            "seen_at": now,
            "expires_at": now + timedelta(hours=hours),
            "address": address[:60],
            "agent": agent[:200],
            "way": way,
        },
    )
    return key


_FIND = (
    select(
        _SESSION.c.id,
        _SESSION.c.way,
        _SESSION.c.seen_at,
        _SESSION.c.expires_at,
        _SESSION.c.key_hash,
        _ACCOUNT.c.id.label("account_id"),
        _ACCOUNT.c.login,
        _ACCOUNT.c.name,
        _ACCOUNT.c.name_en,
        _ACCOUNT.c.language,
        _ACCOUNT.c.theme,
        _ACCOUNT.c.active,
        _ACCOUNT.c.password_at,
        _STEP.c.confirmed_at,
    )
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .outerjoin(_STEP, _STEP.c.account_id == _ACCOUNT.c.id)
)


def find(connection: Connection, key: str) -> tuple[Visitor, bool] | None:
    """Whose session ``key`` is, and whether it is time to note that the person was seen; None when it has ended."""
    row = connection.execute(_FIND.where(_SESSION.c.key_hash == digest(key))).one_or_none()
    now = datetime.now(UTC)
    if row is None or not row.active or row.expires_at <= now:
        return None
    found = Visitor(
        row.account_id,
        row.id,
        row.login,
        row.name,
        row.name_en,
        row.language,
        row.theme,
        row.way,
        row.confirmed_at is not None,
        row.password_at,
    )
    return found, now - row.seen_at > SEEN_EVERY


def seen(connection: Connection, session_id: int) -> None:
    """Note that the person is here; at most every five minutes."""
    connection.execute(update(_SESSION).where(_SESSION.c.id == session_id).values(seen_at=datetime.now(UTC)))


def end(connection: Connection, session_id: int) -> None:
    """End one session."""
    connection.execute(delete(_SESSION).where(_SESSION.c.id == session_id))


def account(connection: Connection, login: str, password: str) -> int | None:
    """The active account with this login and password; takes as long when there is none."""
    row = connection.execute(select(_ACCOUNT).where(_ACCOUNT.c.login == kept(login))).one_or_none()
    right = matches(row.password_hash if row else "", password[:200])
    return int(row.id) if row is not None and right and row.active else None


def kept(login: str) -> str:
    """A login as accounts keep it, however it was typed."""
    return login.strip().lower()


def counted(login: str, address: str) -> dict[str, int]:
    """The names under which wrong attempts are counted, and how many under each are free of a wait.

    Few for a login at one address. More for a login everywhere, so that a stranger's guesses do not lock its owner out,
    and for an address, so that a house behind one address does not wait for its most forgetful.
    """
    name = kept(login)
    return {
        f"login:{name} address:{address}": FREE_FAILURES,
        f"login:{name}": MANY_FAILURES,
        f"address:{address}": MANY_FAILURES,
    }


def counted_codes(account_id: int, address: str) -> dict[str, int]:
    """The names under which wrong codes of an account are counted; the same bounds as for passwords."""
    return {f"code:{account_id} address:{address}": FREE_FAILURES, f"code:{account_id}": MANY_FAILURES}


def attempt(connection: Connection, names: Mapping[str, int]) -> bool:
    """Take one of the tries under each of the names; False when there is none to take, and nothing may be looked at.

    The try is taken before anything is compared, so guesses sent at the same moment get no more tries than those sent
    one after the other. Beyond the free ones each doubles the wait for the next, a quarter of an hour at most.
    """
    now = datetime.now(UTC)
    connection.execute(delete(_THROTTLE).where(_THROTTLE.c.last_at < now - timedelta(days=1)))
    new: Any = (sqlite if is_sqlite(connection) else postgresql).insert(LoginThrottle)
    # Nothing is returned, and nothing counted, while the wait is on. The rows stay locked until the end.
    statement = new.on_conflict_do_update(
        index_elements=[LoginThrottle.key],
        set_={"failures": _THROTTLE.c.failures + 1, "last_at": now},
        where=_THROTTLE.c.blocked_until.is_(None) | (_THROTTLE.c.blocked_until <= now),
    ).returning(_THROTTLE.c.failures)
    counts: dict[str, int] = {}
    for key, free in sorted((digest(name), free) for name, free in names.items()):
        count = connection.execute(statement, {"key": key, "failures": 1, "last_at": now}).scalar()
        if count is None:
            _give_back(connection, counts)
            return False
        counts[key] = count
        if count > free:
            wait = min(timedelta(seconds=2 ** min(count - free + 2, 20)), LONGEST_WAIT)
            connection.execute(update(_THROTTLE).where(_THROTTLE.c.key == key).values(blocked_until=now + wait))
    return True


def _give_back(connection: Connection, counts: Iterable[str]) -> None:
    """Undo the tries that were taken under some names when another name has none left."""
    connection.execute(
        update(_THROTTLE)
        .where(_THROTTLE.c.key.in_(list(counts)))
        .values(failures=_THROTTLE.c.failures - 1, blocked_until=None)
    )


def touched(connection: Connection, names: Iterable[str]) -> None:
    """Note the time of an attempt once more."""
    keys = sorted(digest(name) for name in names)
    connection.execute(update(_THROTTLE).where(_THROTTLE.c.key.in_(keys)).values(last_at=datetime.now(UTC)))


def forgiven(connection: Connection, *names: str) -> None:
    """Forget the wrong attempts of somebody who has now signed in."""
    for key in sorted(digest(name) for name in names):
        connection.execute(delete(_THROTTLE).where(_THROTTLE.c.key == key))
