"""Names of companies and people: the same name recognised, a similar one suspected, any one found.

All tokens are lower-case letters and digits, or Chinese characters, so that SQLite's FTS5 and PostgreSQL's
tsvector take them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from operator import add

from core.lazy import closeness
from core.places import without_bracketed_places, without_leading_places
from core.readings import HAN, LONGEST, Piece, Readings, latin, pieces, readings, usual_piece

__all__ = [
    "ALIKE",
    "Readings",
    "fuzzy_key",
    "grams",
    "normal_name",
    "query_tokens",
    "readings",
    "search_tokens",
    "similarity",
]

ALIKE = 0.85
"""From this ``similarity`` on, two names deserve a warning."""

_MOST_QUERY_TOKENS = 24
_RUN = re.compile(f"[{HAN}]+|[a-z0-9]+")
_LATIN_WORD = re.compile("[a-z0-9]+")
# What no normalisation changes.
_BARE = re.compile("[\x00-\x7f\u4e00-\u9fff]*")
_LONGEST = 200
_CHINESE_FORM = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|集团|公司|工厂|厂|门店|店|经营部|商行|个体工商户"
    r"|\(普通合伙\)|\(有限合伙\))$"
)
_LATIN_FORM = re.compile(r"[\s,.&]+(?:CO|COMPANY|LTD|LIMITED|INC|CORP|CORPORATION|LLC|LLP|GMBH|PTE|PTY|PLC)[\s.,]*$")


def normal_name(name: str) -> str:
    """The name by which two records are the same: half width, capitals, no spaces or punctuation.

    The legal form stays, since 长江有限公司 and 长江商行 are two companies. A name of nothing but punctuation
    is kept as it is, so that the result is empty for empty names only.
    """
    capitals = _capitals(name)
    return "".join(filter(str.isalnum, capitals)) or "".join(capitals.split())


def _capitals(name: str) -> str:
    if _BARE.fullmatch(name):
        return name.upper()
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).upper())


def fuzzy_key(name: str) -> str:
    """What sets a name apart: ``normal_name`` without legal forms, leading places and places in brackets.

    Two characters stay at least; only the first 200 count.
    """
    key = without_bracketed_places(_capitals(name[:_LONGEST]).strip())
    while (shorter := _without_form(key)) != key:
        key = shorter
    return normal_name(without_leading_places(key))


def _without_form(name: str) -> str:
    shorter = _CHINESE_FORM.sub("", _LATIN_FORM.sub("", name))
    return shorter if len(normal_name(shorter)) >= 2 else name


def similarity(one: str, other: str) -> float:
    """How alike two names are without their legal forms and places: 0.0 nothing, 1.0 the same.

    A name that contains the other is at least ALIKE. Symmetric.
    """
    first, second = fuzzy_key(one), fuzzy_key(other)
    if not first or not second:
        return 0.0
    ratio = float(closeness().ratio(first, second)) / 100
    contained = min(len(first), len(second)) >= 2 and (first in second or second in first)
    return max(ratio, ALIKE) if contained else ratio


def grams(text: str) -> list[str]:
    """Each Chinese character and pair of neighbours, and each Latin word or number whole, once each.

    Punctuation and spaces do not part Chinese neighbours. Good for finding candidates by what they share.
    """
    return list(dict.fromkeys(_grams(pieces(text))))


def _grams(parts: list[Piece]) -> Iterable[str]:
    before = ""
    for part in parts:
        is_chinese = not part.written.isascii()
        yield part.written
        if before and is_chinese:
            yield before + part.written
        before = part.written if is_chinese else ""


def search_tokens(name: str, *extra: str) -> str:
    """The tokens under which a name, and whatever else names it (code, phone, short name), is found.

    Per text: its ``grams``; letter pairs and triples of its initials; letter triples and syllable beginnings
    of its full pinyin, in every reading. ``query_tokens`` asks for these. Only the first 100 characters of
    each text count. Separated by spaces, each token once.
    """
    return " ".join(dict.fromkeys(chain.from_iterable(map(_tokens, filter(None, (name, *extra))))))


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[str, ...]:
    """Of one text; those used last are kept, since a customer's name is on all of his documents."""
    return tuple(_read_tokens(text))


def _read_tokens(text: str) -> Iterable[str]:
    if text.isascii():
        return _latin_tokens(text)
    parts = pieces(text)
    found = list(_grams(parts))
    # What no dictionary can read has no letters, and does not part those around it.
    legible = [part for part in parts if part.syllables[0]]
    # Of numbers and Latin words, of which each may be another, only what others reach is looked up.
    heads = [one if one.readings else usual_piece(one.written[:2]) for one in legible]
    for part, second, third in zip(legible, [*heads[1:], None], [*heads[2:], None, None], strict=False):
        if not part.readings:
            found += (part.written[:2], *_short_runs(part.written, part.written))
            part = usual_piece(part.written[-2:])
        found += _begun(part, second, third)
    return found


def _latin_tokens(text: str) -> list[str]:
    words = _LATIN_WORD.findall(text[:LONGEST].lower())
    joined = "".join(words)
    return [*words, *(word[:2] for word in words if len(word) > 1), *_short_runs(joined, joined)]


def _short_runs(own: str, whole: str) -> Iterable[str]:
    """The letters of ``own``, and the pairs and triples of ``whole`` that begin with them."""
    return chain(own, map(add, own, whole[1:]), map("".join, zip(own, whole[1:], whole[2:], strict=False)))


@lru_cache(maxsize=32768)
def _begun(part: Piece, second: Piece | None, third: Piece | None) -> tuple[str, ...]:
    """The letters, pairs and triples that begin in a piece, of whatever readings it and those behind it have.

    No triple reaches over more than three pieces, and names share most of theirs: so what was found once is kept.
    """
    initials, syllables = _behind(second, third)
    found = [syllable[:2] for syllable in part.syllables if len(syllable) > 1]
    for own in part.initials:
        for more in initials:
            found += _short_runs(own, own + more)
    for own in part.syllables:
        for more in syllables:
            whole = own + more
            found += map("".join, zip(own, whole[1:], whole[2:], strict=False))
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=8192)
def _behind(second: Piece | None, third: Piece | None) -> tuple[list[str], list[str]]:
    """How it may go on for two letters: in initials, and in full."""
    if second is None:
        return [""], [""]
    ways = []
    for near, far in ((second.initials, third and third.initials), (second.syllables, third and third.syllables)):
        ends = {one[:1] for one in far} if far else {""}
        ways.append(sorted({(one[:2] + end)[:2] for one in near for end in ends}))
    return ways[0], ways[1]


def _letters(text: str, length: int) -> Iterable[str]:
    return (text[start : start + length] for start in range(len(text) - length + 1))


def query_tokens(text: str) -> list[str]:
    """The tokens that must all be among a record's ``search_tokens``: at most 24, none for punctuation.

    Spaces part the terms. Within a term Chinese is matched by neighbours, letters and digits as part of a
    word, code, phone, of the initials (szdz) or the full pinyin (shenzhen), and both may mix (深zhen). One
    or two letters match the beginning of a syllable, or stand next to each other in initials or a word.
    Tokens have no order, so that a few records more may come back; none that matches is missing.
    """
    found: dict[str, None] = {}
    for term in latin(text[:_LONGEST]).split():
        joined = "".join(_RUN.findall(term))
        for run in _RUN.findall(joined):
            found |= dict.fromkeys(_asked(run))
    return list(found)[:_MOST_QUERY_TOKENS]


def _asked(run: str) -> Iterable[str]:
    longest = 3 if run.isascii() else 2
    return _letters(run, min(len(run), longest))
