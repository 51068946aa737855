"""The sections of a long form: which fields stand together under a heading, in which order.

A type says ``sections = (Section(_("Parties"), ("contact_name", "address")), …)`` and ``header = fields_of(sections)``.
Its form, its page and its jump list follow. A type that says nothing gets the usual ones once its form is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.text import Text, _

# A form with fewer fields is one card.
LONG = 13


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together. A ``folded`` section is closed as long as nothing in it says anything."""

    label: Text | str
    fields: tuple[str, ...]
    folded: bool = False


# What every document has beside its own columns; what is named nowhere stands in the first section.
BASICS = _("Basic data")
USUAL = (
    Section(_("Contact"), ("contact_name", "contact_phone", "address")),
    Section(_("Currency and payment"), ("currency", "exchange_rate", "prices_include_tax", "payment_terms")),
    Section(_("Remarks"), ("remark", "internal_remark")),
)


def fields_of(sections: Iterable[Section]) -> tuple[str, ...]:
    """The fields of all sections, in order."""
    return tuple(name for section in sections for name in section.fields)


def sorted_into(declared: Sequence[Section], names: Sequence[str]) -> list[tuple[Section, list[str]]]:
    """``names`` by section, empty ones left out; one section without a label for a short form that declares none."""
    if not declared and len(names) < LONG:
        return [(Section("", ()), list(names))]
    sections = declared or (Section(BASICS, ()), *USUAL)
    placed = {name: at for at, section in enumerate(sections) for name in section.fields}
    found: list[tuple[Section, list[str]]] = [(section, []) for section in sections]
    for name in sorted(names, key=lambda name: placed.get(name, 0)):
        found[placed.get(name, 0)][1].append(name)
    return [(section, inside) for section, inside in found if inside]
