"""Reading what is right throughout in a small part of the time that a schema takes.

Whatever is not as it usually is, is left to the schema, which looks at the whole and names every fault.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.documents.faces import Face

MOST_ROWS = 2000


class Otherwise(Exception):
    """Something is not as it usually is; it may be right nevertheless."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields that are read, those needed, the lists with theirs, and what a row of a list may say beside them."""

    faces: Mapping[str, Face]
    needed: frozenset[str] = frozenset()
    lists: Mapping[str, Plan] = field(default_factory=dict)
    beside: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)


def read(plan: Plan, given: Mapping[str, Any], typed: Callable[[Face, Any], Any]) -> dict[str, Any]:
    """The typed values of what was given; raises ``Otherwise``, and what ``typed`` raises for a value."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        face = plan.faces.get(name)
        if face is None:
            found[name] = _further(plan, name, value, typed)
        elif value is not None:
            found[name] = typed(face, value)
        elif face.field.required:
            raise Otherwise
        else:
            found[name] = None
    if not plan.needed <= found.keys():
        raise Otherwise
    return found


def _further(plan: Plan, name: str, value: Any, typed: Callable[[Face, Any], Any]) -> Any:
    inner = plan.lists.get(name)
    if inner is not None and isinstance(value, list) and len(value) <= MOST_ROWS:
        if all(isinstance(row, dict) for row in value):
            return [read(inner, row, typed) for row in value]
    elif name in plan.beside and plan.beside[name](value):
        return value
    raise Otherwise
