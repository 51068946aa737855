"""What a reader sees of fields: the whole value, what is left of a masked one, or nothing at all.

A field says next to itself what it needs (``needs=``, ``masked=``); every way out asks here. A masked field is shown
and nothing else: who may not see it whole neither writes it nor sorts, filters or searches by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from core.contacts import masked as mask
from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.models import Document, DocumentLine
from core.rights import PHONE
from core.work import Work

R = TypeVar("R", bound=Base)
# The number in what a document keeps of its customer.
DETAILS = ("phone",)


def shown(work: Work, cls: type[Base]) -> dict[str, Face]:
    """The fields of ``cls`` that the reader is shown, masked ones included; asked for every row, reckoned once."""
    known: dict[type[Base], dict[str, Face]] = work.kept.setdefault("shown", {})
    if cls not in known:
        known[cls] = {name: face for name, face in faces(cls).items() if face.masked or work.sees(face.needs)}
    return known[cls]


def veiled(work: Work, face: Face | None) -> bool:
    """Whether the reader is shown only what is left of the field."""
    return face is not None and face.masked and not work.sees(face.needs)


def told(work: Work, face: Face | None, value: Any) -> Any:
    """The value as the reader may have it."""
    return mask(value) if value and isinstance(value, str) and veiled(work, face) else value


def names(work: Work, *classes: type[Base]) -> frozenset[str]:
    """The names of the fields of these types that the reader is shown masked."""
    return frozenset(name for cls in classes for name, face in faces(cls).items() if veiled(work, face))


def row(masks: frozenset[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """One row of a list as the reader may have it; ``masks`` are the ``names`` of its type."""
    return {name: mask(value) if name in masks and value else value for name, value in values.items()}


def veil(work: Work, record: R) -> R:
    """Mask in place what the reader may not see whole of a record that is only shown, its lines, its parts.

    Gives it back. Never for one that will be written.
    """
    cls: Any = type(record)
    _veil(work, cls, [record])
    if isinstance(record, Document):
        _veil(work, DocumentLine, record.lines)
        if record.party_details and not work.sees(PHONE):
            record.party_details = without_numbers(record.party_details)
    for part in cls.parts:
        _veil(work, part, record.__dict__.get(part.key) or ())
    return record


def without_numbers(details: Mapping[str, Any]) -> dict[str, Any]:
    """What a document keeps of its customer, with numbers masked."""
    return {name: mask(value) if name in DETAILS and value else value for name, value in details.items()}


def _veil(work: Work, cls: type[Base], rows: Iterable[Any]) -> None:
    for name in names(work, cls):
        for one in rows:
            if value := getattr(one, name):
                setattr(one, name, mask(value))


def deep(value: Any, hidden: frozenset[str], masks: frozenset[str]) -> Any:
    """Kept values as the reader may have them, however deep: without ``hidden`` names, those of ``masks`` masked."""
    if not hidden and not masks:
        return value
    if isinstance(value, Mapping):
        return dict(_deep(value, hidden, masks))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [deep(inner, hidden, masks) for inner in value]
    return value


def _deep(value: Mapping[str, Any], hidden: frozenset[str], masks: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if name in masks:
            yield name, _masked(inner)
        elif name == "party_details" and masks:
            yield name, _details(inner)
        elif name not in hidden:
            yield name, deep(inner, hidden, masks)


def _masked(value: Any) -> Any:
    """A kept value, or the pair of an old and a new one."""
    if isinstance(value, str):
        return mask(value)
    return [_masked(one) for one in value] if isinstance(value, list) else value


def _details(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_numbers(value)
    return [_details(one) for one in value] if isinstance(value, list) else value
