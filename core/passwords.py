"""Passwords: hashed with argon2id at the parameters OWASP recommends, and refused when they are too easy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from core.lazy import argon2
from core.text import Text, _

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200


@cache
def _hasher() -> PasswordHasher:
    hasher: PasswordHasher = argon2().PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
    return hasher


def hashed(password: str) -> str:
    """The hash that is kept of a password; about 40 ms."""
    return _hasher().hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether ``password`` is the one kept; takes as long for an account that does not exist or has none."""
    try:
        _hasher().verify(kept or _nobody(), password)
        return bool(kept)
    except argon2().exceptions.VerificationError:
        return False
    except argon2().exceptions.InvalidHashError:
        return False


@cache
def _nobody() -> str:
    return hashed("nobody has this password")


def weakness(password: str, login: str) -> Text | None:
    """Why a password is too easy; None when it will do."""
    if len(password) < SHORTEST:
        return _("At least {length} characters.", length=SHORTEST)
    if len(password) > LONGEST:
        return _("At most {length} characters.", length=LONGEST)
    if len(set(password)) < 5 or login.lower() in password.lower():
        return _("This is too easy to guess.")
    return None
