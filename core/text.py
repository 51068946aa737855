"""Text that is written once in English and read in the reader's language.

A ``Text`` is a frozen message with its values. It becomes a string as late as possible, in the language of whoever
reads it, so that one error may be logged in English and shown in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from babel.support import Translations

ENGLISH = "en"
CHINESE = "zh_Hans_CN"
LANGUAGES = {CHINESE: "中文", ENGLISH: "English"}
DOMAIN = "zhanggui"

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)
_catalogues: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}


@dataclass(frozen=True, slots=True)
class Text:
    """A message and its values; ``str()`` renders it in the current language."""

    message: str
    values: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        pattern = catalogue().gettext(self.message) if self.message else ""
        return pattern.format_map({k: shown(v) for k, v in self.values}) if self.values else pattern

    def __html__(self) -> str:
        from markupsafe import escape

        return escape(str(self))


def _(message: str, **values: Any) -> Text:
    """Mark ``message`` for translation; ``{name}`` in it is filled from ``values`` when it is shown."""
    return Text(message, tuple(values.items()))


def language() -> str:
    """The language in which texts are rendered now: ``en`` or ``zh_Hans_CN``."""
    return _language.get()


def chosen(code: str | None) -> str:
    """The language we have that is nearest to ``code`` (``zh``, ``zh-CN``, ``en-GB`` …); Chinese when none is given."""
    return ENGLISH if (code or "").lower().startswith("en") else CHINESE


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Render texts in ``code`` within the block."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def speak(code: str) -> None:
    """Render texts in ``code`` from here on, within the current context."""
    _language.set(code)


def catalogue() -> NullTranslations:
    """The messages of the current language, English where there are none."""
    return _catalogues.get(_language.get()) or _catalogues[ENGLISH]


def load_catalogues(folders: Iterable[Path]) -> None:
    """Read the built catalogues below ``folders`` and merge them, one per language."""
    _catalogues[CHINESE] = _merged(tuple(folders))


@cache
def _merged(folders: tuple[Path, ...]) -> Translations:
    merged = Translations()
    for folder in folders:
        found = Translations.load(str(folder), [CHINESE], DOMAIN)
        if isinstance(found, Translations):
            merged.merge(found)
    return merged


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def locale() -> Locale:
    """Babel's locale of the current language."""
    return _locale(_language.get())


def shown(value: Any) -> str:
    """How ``value`` is written inside a sentence of the current language."""
    match value:
        case bool() | None:
            return str(_("Yes") if value else _("No"))
        case datetime():
            return format_datetime(value, "yyyy-MM-dd HH:mm", locale=locale())
        case date():
            return format_date(value, "yyyy-MM-dd", locale=locale())
        case Decimal():
            return format_decimal(value, locale=locale(), decimal_quantization=False)
        case list() | tuple():
            return str(_(", ")).join(shown(v) for v in value)
        case _:
            return str(value)


def in_language(value: str, english: str | None) -> str:
    """A name in the current language: ``english`` for English readers where there is one, else ``value``."""
    return english if english and _language.get() == ENGLISH else value


def plain(texts: Mapping[str, Any]) -> dict[str, str]:
    """Every value of ``texts`` as a string of the current language."""
    return {key: str(value) for key, value in texts.items()}
