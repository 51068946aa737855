"""The second step of signing in: codes of an app on a telephone, and recovery codes for whoever has lost it.

A seed is kept locked with the installation's key, and opened where a code is compared; it is shown while it is set up
and never again. A code is taken once: a guarded update keeps the interval of the last one.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import b32encode, urlsafe_b64encode
from datetime import UTC, datetime
from time import time
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from core.entities.signing_in import RecoveryCode, TwoStep
from core.errors import Conflict, Fault, Invalid
from core.lazy import locks, one_time_codes
from core.text import _

_STEP: Any = TwoStep.__table__
_CODE: Any = RecoveryCode.__table__
SECONDS = 30
# Telephones that go half a minute wrong are many.
DRIFT = 1
CODES = 10


class Vault:
    """Locks text with a key derived from the installation's secret, another one for each ``purpose``."""

    def __init__(self, secret: str, purpose: str = "two step") -> None:
        derived = hashlib.blake2b(secret.encode(), digest_size=32, person=f"zg {purpose}".encode()).digest()
        self._fernet: Any = locks().Fernet(urlsafe_b64encode(derived))

    def lock(self, text: str) -> str:
        """What may be kept in a table."""
        return str(self._fernet.encrypt(text.encode()).decode())

    def open(self, kept: str) -> str | None:
        """The text; None when it was locked with another key, or is not what was locked."""
        try:
            return str(self._fernet.decrypt(kept.encode()).decode())
        except locks().InvalidToken:
            return None


def in_force(connection: Connection, account_id: int) -> bool:
    """Whether the account is asked for a second step."""
    found = select(_STEP.c.account_id).where(_STEP.c.account_id == account_id, _STEP.c.confirmed_at.is_not(None))
    return connection.execute(found).scalar() is not None


def begin(connection: Connection, account_id: int, vault: Vault) -> None:
    """A new seed, not in force until a code of it was given. Raises ``Conflict`` when one is in force."""
    if in_force(connection, account_id):
        raise Conflict(_("Two-step sign-in is on already."), code="two_step.on")
    forget(connection, account_id)
    seed = vault.lock(one_time_codes().random_base32())
    now = datetime.now(UTC)
    connection.execute(insert(TwoStep), {"account_id": account_id, "seed": seed, "last_step": 0, "created_at": now})


def pending_seed(connection: Connection, account_id: int, vault: Vault) -> str | None:
    """The seed that is being set up; None when there is none, or it is in force and is not shown again."""
    found = select(_STEP.c.seed).where(_STEP.c.account_id == account_id, _STEP.c.confirmed_at.is_(None))
    kept = connection.execute(found).scalar()
    return vault.open(kept) if kept else None


def address(seed: str, login: str) -> str:
    """What an app reads from the picture."""
    return str(one_time_codes().TOTP(seed).provisioning_uri(name=login, issuer_name="Zhanggui"))


def confirm(connection: Connection, account_id: int, code: str, vault: Vault) -> list[str]:
    """Put the second step in force; gives back the recovery codes, kept as hashes alone. Raises ``Invalid``."""
    if in_force(connection, account_id):
        raise Conflict(_("Two-step sign-in is on already."), code="two_step.on")
    if not _by_app(connection, account_id, code, vault):
        raise Invalid([Fault("code", _("This code is not right, or was used already."), "wrong")])
    connection.execute(update(_STEP).where(_STEP.c.account_id == account_id).values(confirmed_at=datetime.now(UTC)))
    return new_recovery_codes(connection, account_id)


def new_recovery_codes(connection: Connection, account_id: int) -> list[str]:
    """Ten new codes; those before are worth nothing any more."""
    connection.execute(delete(_CODE).where(_CODE.c.account_id == account_id))
    codes = [_spoken(b32encode(secrets.token_bytes(10)).decode()) for _place in range(CODES)]
    connection.execute(insert(RecoveryCode), [{"account_id": account_id, "code_hash": _hash(code)} for code in codes])
    return codes


def left(connection: Connection, account_id: int) -> int:
    """How many recovery codes are left."""
    return connection.execute(
        select(func.count()).select_from(_CODE).where(_CODE.c.account_id == account_id)
    ).scalar_one()


def takes(connection: Connection, account_id: int, code: str, vault: Vault) -> bool:
    """Whether ``code`` is one of the account's, of the app or for recovery; it is used up by this."""
    plain = "".join(code.split())
    if plain.isascii() and plain.isdigit():
        return in_force(connection, account_id) and _by_app(connection, account_id, plain, vault)
    used = connection.execute(delete(_CODE).where(_CODE.c.account_id == account_id, _CODE.c.code_hash == _hash(plain)))
    return used.rowcount == 1


def forget(connection: Connection, account_id: int) -> None:
    """No second step and no recovery codes any more."""
    connection.execute(delete(_CODE).where(_CODE.c.account_id == account_id))
    connection.execute(delete(_STEP).where(_STEP.c.account_id == account_id))


def _by_app(connection: Connection, account_id: int, code: str, vault: Vault) -> bool:
    """Whether the app shows ``code`` now; taken by the one update that raises the last interval past the code's."""
    kept = connection.execute(select(_STEP.c.seed).where(_STEP.c.account_id == account_id)).scalar()
    seed = vault.open(kept) if kept else None
    plain = "".join(code.split())
    if seed is None or not plain.isascii():
        return False
    now, app = int(time()) // SECONDS, one_time_codes().TOTP(seed)
    right = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if secrets.compare_digest(str(app.generate_otp(step)), plain)
    ]
    if not right:
        return False
    taken = connection.execute(
        update(_STEP).where(_STEP.c.account_id == account_id, _STEP.c.last_step < right[0]).values(last_step=right[0])
    )
    return taken.rowcount == 1


def _spoken(code: str) -> str:
    """In groups of four, as one reads it aloud."""
    return "-".join(code[place : place + 4] for place in range(0, len(code), 4)).lower()


def _hash(code: str) -> str:
    """What is kept of a recovery code. It has 80 random bits, so a plain hash cannot be reversed."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
