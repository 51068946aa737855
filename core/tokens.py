"""Tokens for programs: shown once to whoever asked for them, kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets

PREFIX = "zg_"


def new_token() -> str:
    """A token nobody can guess: 256 bits by chance, with a beginning that scanners of leaked secrets know."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token, as 64 hexadecimal digits. It has 256 random bits, so a plain hash cannot be reversed."""
    return hashlib.sha256(token.encode()).hexdigest()
