"""Text as people paste it, made plain before anything is read from it."""

from __future__ import annotations

import re
import unicodedata

_LONGEST = 320
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_SEPARATORS = re.compile(r"[\s\-]+")


class InvalidIdentifier(ValueError):
    """Why a code or number cannot be right: ``code`` for programs, ``message`` in English for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def plain(text: str) -> str:
    """Half width, one kind of dash, no invisible characters or outer spaces.

    No identifier is longer than 320 characters; longer text is cut there and fails its reader's own check.
    """
    return _DASHES.sub("-", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text[:_LONGEST]))).strip()


def compact(text: str) -> str:
    """Plain text in capitals without any spaces and dashes."""
    return _SEPARATORS.sub("", plain(text)).upper()


def matching(pattern: str, text: str, code: str, message: str) -> str:
    """``text`` if it is exactly what the pattern describes, else InvalidIdentifier with this code."""
    if not re.fullmatch(pattern, text, re.ASCII):
        raise InvalidIdentifier(code, message)
    return text
