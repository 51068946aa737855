"""How papers speak: Chinese, English, or both side by side, and how they write figures and days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date

from core.text import CHINESE, ENGLISH, Text, speaking

BOTH = "both"
SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$"}
LEAST_PLACES = 2


@dataclass(frozen=True, slots=True)
class Speech:
    """The voice of one paper; ``language`` is a language of ours or ``both``."""

    language: str

    @property
    def voices(self) -> tuple[str, ...]:
        """The languages spoken, the first one first."""
        return (CHINESE, ENGLISH) if self.language == BOTH else (self.language,)

    @property
    def main(self) -> str:
        """The language in which the paper is set."""
        return self.voices[0]

    def say(self, text: Text | str, *, between: str = " ") -> str:
        """A text in every voice; one that is the same in both is said once."""
        said = []
        for voice in self.voices:
            with speaking(voice):
                said.append(str(text))
        return between.join(dict.fromkeys(part for part in said if part))

    def name(self, value: str, english: str | None) -> str:
        """A name of ours or of theirs in every voice, one below the other."""
        names = [english or value if voice == ENGLISH else value for voice in self.voices]
        return "\n".join(dict.fromkeys(name for name in names if name))

    def day(self, day: date | None) -> str:
        """A day: 2026年11月22日, 22 November 2026, or 2026-11-22 where both read it."""
        if day is None:
            return ""
        if self.language == BOTH:
            return day.isoformat()
        pattern = "y年M月d日" if self.main == CHINESE else "d MMMM y"
        return format_date(day, pattern, locale=Locale.parse(self.main))


def amount(value: Decimal) -> str:
    """An amount with grouping and two decimals."""
    return f"{value:,.2f}"


def price(value: Decimal) -> str:
    """A unit price with grouping: two decimals, or as many as it has."""
    shortest = value.normalize()
    places = max(LEAST_PLACES, -int(shortest.as_tuple().exponent))
    return f"{value:,.{places}f}"


def quantity(value: Decimal) -> str:
    """A quantity without needless decimals."""
    text = f"{value:,.6f}"
    return text.rstrip("0").rstrip(".")


def money(value: Decimal, currency: str) -> str:
    """An amount with the sign of its currency, or its code."""
    return f"{SIGNS[currency]}{amount(value)}" if currency in SIGNS else f"{currency} {amount(value)}"


def written(value: Any) -> str:
    """A value of no particular kind."""
    return "" if value is None else str(value)
