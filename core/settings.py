"""Settings: typed values with a default, declared by core and by areas, chosen by each company."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from core.text import Text, _

LONGEST = 2000


class BadSetting(ValueError):
    """The value cannot be taken; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.message)
        self.text = text


@dataclass(frozen=True, slots=True)
class Setting:
    """One value a company may choose: ``key`` is ``area.name``; its type is that of ``default``."""

    key: str
    label: Text
    default: Any
    help: Text | None = None
    choices: tuple[tuple[str, Text], ...] = ()
    least: int | Decimal | None = None
    most: int | Decimal | None = None
    check: Callable[[str], None] | None = None

    def read(self, written: str | None) -> Any:
        """The value that is stored as ``written``; the default when nothing is."""
        return self.default if written is None else self.parse(written)

    def parse(self, written: str) -> Any:
        """The value of a text that a person or a file gave; raises ``BadSetting``."""
        value = self._typed(written.strip())
        if self.choices and value not in {key for key, _label in self.choices}:
            raise BadSetting(_("“{value}” is not one of the choices.", value=written))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            if self.least is not None and value < self.least:
                raise BadSetting(_("The least value is {least}.", least=self.least))
            if self.most is not None and value > self.most:
                raise BadSetting(_("The greatest value is {most}.", most=self.most))
        if self.check:
            self.check(value)
        return value

    def _typed(self, written: str) -> Any:
        try:
            match self.default:
                case bool():
                    return {"true": True, "1": True, "on": True, "false": False, "0": False, "": False}[written.lower()]
                case int():
                    return int(written)
                case Decimal():
                    number = Decimal(written)
                    if not number.is_finite():
                        raise InvalidOperation
                    return number
                case _:
                    if len(written) > LONGEST or not written.isprintable():
                        raise BadSetting(_("This is too long, or cannot be kept."))
                    return written
        except (ValueError, KeyError, InvalidOperation) as error:
            if isinstance(error, BadSetting):
                raise
            raise BadSetting(_("“{value}” cannot be read as a value of this kind.", value=written[:40])) from error

    def write(self, value: Any) -> str:
        """How ``value`` is stored."""
        return ("true" if value else "false") if isinstance(value, bool) else str(value)
