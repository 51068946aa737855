"""What a program gives is read more strictly than what a person types: every value in its own JSON type.

Fields that the actor may not see cannot be written either, and are answered like fields there are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type
from core.documents.models import Document, DocumentLine
from core.errors import Fault, Invalid
from core.schemas import inputs
from core.schemas.inputs import MESSAGES
from core.work import Work

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,19}(\.\d{1,18})?", re.ASCII)
_JSON: dict[str, tuple[type, ...]] = {"decimal": (str, int, Decimal), "bool": (bool,), "int": (int,), "ref": (int,)}


def read(work: Work, cls: Type, given: Any, *, partial: bool = False) -> dict[str, Any]:
    """The typed values of a JSON object for ``cls``; raises ``Invalid`` naming every fault."""
    found = list(wrong(work, cls, given)) if isinstance(given, Mapping) else []
    try:
        typed = inputs.read(cls, given, partial=partial)
    except Invalid as error:
        named = {fault.path for fault in found}
        raise Invalid([*found, *(f for f in error.faults if f.path not in named)]) from error
    if found:
        raise Invalid(found)
    return typed


def refuse_hidden(work: Work, cls: Type, given: Any) -> None:
    """Raise ``Invalid`` for fields that the actor may not see whole, as if there were none."""
    found = (
        [fault for fault in wrong(work, cls, given) if fault.code == "unknown"] if isinstance(given, Mapping) else []
    )
    if found:
        raise Invalid(found)


def wrong(work: Work, cls: Type, given: Mapping[str, Any]) -> Iterator[Fault]:
    """Values of another JSON type than their field's, and fields hidden from the actor."""
    yield from _row(work, cls, given, "")
    if issubclass(cls, Document):
        yield from _rows(work, DocumentLine, given, "lines")
    for part in cls.parts:
        yield from _rows(work, part, given, part.key)


def _rows(work: Work, cls: type[Base], given: Mapping[str, Any], key: str) -> Iterator[Fault]:
    rows = given.get(key)
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, Mapping):
            yield from _row(work, cls, row, f"{key}/{place}/")


def _row(work: Work, cls: type[Base], given: Mapping[str, Any], path: str) -> Iterator[Fault]:
    known = faces(cls)
    for name, value in given.items():
        face = known.get(name)
        if face is None:
            continue
        if not work.sees(face.needs):
            yield Fault(f"{path}{name}", MESSAGES["unknown"], "unknown")
        elif value is not None and not _fits(face, value):
            yield Fault(f"{path}{name}", MESSAGES["type"], "type")


def _fits(face: Face, value: Any) -> bool:
    if isinstance(value, bool):
        return face.kind == "bool"
    if not isinstance(value, _JSON.get(face.kind, (str,))):
        return False
    if face.kind == "decimal" and isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return face.kind != "date" or bool(_DAY.fullmatch(str(value)))
