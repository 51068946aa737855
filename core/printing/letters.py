"""Foreign text made fit for paper: nothing invisible, nothing undrawable, no word wider than its place."""

from __future__ import annotations

import re
import unicodedata

from core.printing.fonts import missing_characters

GETA = "〓"
"""What a printer sets where he lacks the type."""

RUN = re.compile(r"[^\s\u2e80-\U0003ffff]+")
"""Letters, figures and marks between which a line is not broken by itself."""

_PIECE = re.compile(r"[^-/_.,;:@&=?+×]*[-/_.,;:@&=?+×]|[^-/_.,;:@&=?+×]+")
_BREAK = "\u200b"
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\u0085\v\f]")
_BLANKS = re.compile(r"[^\S\n\u3000]")
_INVISIBLE = re.compile(r"[\ufe00-\ufe0f\U000e0000-\U000e0fff]")


def clean(text: str) -> str:
    """``text`` composed (NFC), with plain line ends and nothing invisible; 〓 for what cannot be drawn."""
    text = _BLANKS.sub(" ", _LINE_ENDS.sub("\n", text))
    text = _INVISIBLE.sub("", "".join(c for c in text if c == "\n" or not _controls(c)))
    text = unicodedata.normalize("NFC", text)
    for character in missing_characters(text):
        text = text.replace(character, GETA)
    return text


def _controls(character: str) -> bool:
    """Control, direction and joining characters, lone surrogates, and code points that are no characters."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn"}


def em(text: str) -> float:
    """The width of ``text`` in ems, nearly: 1 for a Chinese character, a little over half for a letter."""
    return sum(_em(c) for c in text)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1
    return 0.66 if character.isupper() else 0.57


def softened(text: str, capacity: float) -> str:
    """``text`` in which a run wider than ``capacity`` ems may be broken: after its marks, else anywhere."""
    return RUN.sub(lambda run: _soft(run.group(), capacity), text)


def _soft(run: str, capacity: float) -> str:
    if em(run) <= capacity:
        return run
    pieces = _PIECE.findall(run)
    return _BREAK.join(piece if em(piece) <= capacity else _BREAK.join(piece) for piece in pieces)
