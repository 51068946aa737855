"""Passwords: hashed with argon2id at the parameters OWASP recommends, and refused when they are too easy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from core.lazy import argon2, password_guesses
from core.text import Text, _

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 200
# How many earlier ones are kept to compare with.
MOST_EARLIER = 24
FEWEST_GUESSES = 10**7
USUAL_WORDS = frozenset(
    (
        "admin",
        "administrator",
        "root",
        "user",
        "test",
        "guest",
        "zhanggui",
        "huawei",
        "qwer",
        "asdf",
        "abc",
        "abcd",
        "aa",
    )
)
USUAL_NUMBER = re.compile(r"123(4(5(6(7(89?0?)?)?)?)?)?|520|(520)?1314|6{3,8}|8{3,8}|0{3,8}")


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


def is_one_of(kept: Iterable[str], password: str) -> bool:
    """Whether ``password`` is the one of any of these hashes."""
    return any(matches(one, password) for one in kept)


@cache
def _nobody() -> str:
    return hashed("nobody has this password")


def weakness(password: str, login: str, *, shortest: int = SHORTEST, about: Iterable[str] = ()) -> Text | None:
    """Why a password is too easy; None when it will do. ``about``: words that a guesser knows, such as names."""
    if len(password) < max(shortest, SHORTEST):
        return _("At least {length} characters.", length=max(shortest, SHORTEST))
    if len(password) > LONGEST:
        return _("At most {length} characters.", length=LONGEST)
    if len(set(password)) < 5 or login.lower() in password.lower() or _usual(password):
        return _("This is too easy to guess.")
    if guesses(password, (login, *about)) < FEWEST_GUESSES:
        return _("This is too easy to guess: it is on the lists of known passwords, or made like those.")
    return None


def guesses(password: str, known: Iterable[str] = ()) -> int:
    """How many tries somebody needs who goes by lists, names, dates and keyboards."""
    words = [word for text in known for word in (text, *re.split(r"[^\w]+", text)) if len(word) > 2]
    # What follows makes it no easier, and the reckoning takes longer with each character.
    return int(password_guesses().zxcvbn(password[:72], user_inputs=words)["guesses"])


def _usual(password: str) -> bool:
    """Whether it is a usual word with a usual number behind it, as devices and programs are delivered with."""
    plain = re.sub(r"[^a-z0-9]", "", password.lower())
    word = plain.rstrip("0123456789")
    return word in USUAL_WORDS and USUAL_NUMBER.fullmatch(plain[len(word) :]) is not None
