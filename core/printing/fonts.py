"""The typefaces of the papers, all of them from one package, so that a paper looks alike on every machine."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from core import lazy

if TYPE_CHECKING:
    from typst import Fonts

FAMILIES = {"Noto Sans SC": "notosanssc", "Noto Sans JP": "notosansjp"}
"""The families in the order in which they are asked, with their folders; no other is ever used.

The Japanese one is there for characters of names that the Chinese one lacks, such as 𠮷 (U+20BB7).
"""


def folders() -> list[Path]:
    """Where the font files are, one folder per family."""
    home = Path(str(files("justmytype_intl_cjk"))) / "fonts" / "ofl"
    return [home / folder for folder in FAMILIES.values()]


@cache
def typefaces() -> Fonts:
    """The loaded fonts: ours, neither the system's nor the typesetter's own."""
    paths = [str(folder) for folder in folders()]
    fonts: Fonts = lazy.typesetter().Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
    return fonts


@cache
def covered() -> frozenset[int]:
    """The code points that at least one of our fonts can draw."""
    font_files = [file for folder in folders() for file in folder.glob("*.ttf")]
    return frozenset[int]().union(*(_character_map(file) for file in font_files))


def _character_map(file: Path) -> frozenset[int]:
    with lazy.font_tables().TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def missing_characters(text: str) -> set[str]:
    """The characters of ``text`` that no font of ours can draw, so that one can warn before printing.

    They are printed as 〓. Spaces, controls and invisible marks never count: they are not drawn at all.
    """
    return {c for c in set(text) if not c.isascii() and ord(c) not in covered() and not _blank(c)}


def _blank(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp"}
