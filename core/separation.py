"""Separation of duties (不相容职务分离): the offices that one person should not hold at once, and how strictly.

An area says which of its rights belong to which office (``Plugin.offices``); core knows which offices do not go
together, after China's guidelines of internal control on sales and on funds. Each company chooses how strict it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.settings import Setting
from core.text import Text, _


class Office(StrEnum):
    """What somebody does for the company. ``make`` is whoever wrote a document; no right belongs to it."""

    MAKE = "make"
    CHECK = "check"
    SELL = "sell"
    CREDIT = "credit"
    SHIP = "ship"
    BILL = "bill"
    COLLECT = "collect"
    ALLOCATE = "allocate"
    ADMINISTER = "administer"


OFFICES: dict[str, Text] = {
    Office.MAKE: _("Making a document"),
    Office.CHECK: _("Checking it"),
    Office.SELL: _("Making sales"),
    Office.CREDIT: _("Granting credit"),
    Office.SHIP: _("Shipping"),
    Office.BILL: _("Invoicing"),
    Office.COLLECT: _("Taking money in"),
    Office.ALLOCATE: _("Setting money against what is owed"),
    Office.ADMINISTER: _("Administering the company"),
}
OFF, SHOWN, POSSIBLE, ALWAYS = "off", "shown", "possible", "always"
_STRICTNESS = {
    OFF: _("Nobody looks at it"),
    SHOWN: _("Only shown to the administrator"),
    POSSIBLE: _("Refused on the same record where somebody else may do it"),
    ALWAYS: _("Always refused on the same record"),
}
_HELD = {OFF: _STRICTNESS[OFF], SHOWN: _STRICTNESS[SHOWN], ALWAYS: _("Refused to whoever may do both")}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two offices that do not go together. ``same_record``: it is the same document on which one must not do both."""

    first: Office
    second: Office
    default: str
    same_record: bool = False

    @property
    def key(self) -> str:
        """The key of the setting by which a company chooses."""
        return f"core.separate_{self.first}_{self.second}"

    @property
    def label(self) -> Text:
        """``Taking money in – setting it against what is owed``."""
        return _("{first} – {second}", first=OFFICES[self.first], second=OFFICES[self.second])

    @property
    def setting(self) -> Setting:
        """How strict the company is."""
        known = _STRICTNESS if self.same_record else _HELD
        label = _("Kept apart: {first} – {second}", first=OFFICES[self.first], second=OFFICES[self.second])
        return Setting(self.key, label, self.default, choices=tuple(known.items()))


# A small company has nobody else; there the rule of the same record waits until it has.
PAIRS = (
    Pair(Office.MAKE, Office.CHECK, POSSIBLE, same_record=True),
    # The cashier enters the money; mostly one accountant finds it at the bank and sets it against what is owed.
    Pair(Office.COLLECT, Office.ALLOCATE, SHOWN, same_record=True),
    Pair(Office.SELL, Office.COLLECT, SHOWN),
    Pair(Office.SELL, Office.CREDIT, SHOWN),
    Pair(Office.SELL, Office.SHIP, SHOWN),
    Pair(Office.SELL, Office.BILL, SHOWN),
    Pair(Office.BILL, Office.COLLECT, SHOWN),
    Pair(Office.ADMINISTER, Office.COLLECT, SHOWN),
    Pair(Office.ADMINISTER, Office.ALLOCATE, SHOWN),
    Pair(Office.ADMINISTER, Office.CREDIT, SHOWN),
)
SETTINGS = tuple(pair.setting for pair in PAIRS)
