"""Faces: what people see of a type's columns. Forms, lists, schemas, import, export and print are derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String
from sqlalchemy import Text as LongText

from core.db.base import Base, Field
from core.db.types import Instant, Scaled
from core.text import Text

# In this order, since a long text is a String as well.
_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Scaled, "decimal"),
    (Boolean, "bool"),
    (Instant, "instant"),
    (Date, "date"),
    (Integer, "int"),
    (JSON, "json"),
    (LongText, "long"),
    (String, "text"),
)


@dataclass(frozen=True, slots=True)
class Face:
    """One column as people meet it. ``kind``: text long int decimal date instant bool choice ref json.

    ``places`` are the decimal places of a decimal, ``length`` the most characters of a text.
    """

    name: str
    kind: str
    field: Field
    length: int | None = None
    places: int | None = None

    @property
    def label(self) -> Text:
        """What the column is called."""
        return self.field.label

    @property
    def needs(self) -> str | None:
        """What the reader must be allowed to see."""
        return self.field.needs

    @property
    def masked(self) -> bool:
        """Whether who may not see it still reads what is left of it."""
        return self.field.masked

    @property
    def references(self) -> str | None:
        """The kind of record that the number points at."""
        return self.field.references

    def choice(self, value: Any) -> Text | str:
        """The label of a chosen value."""
        return next((label for key, label in self.field.choices if key == value), str(value))


@cache
def faces(cls: type[Base]) -> dict[str, Face]:
    """The faces of a document type, a master or a part, by column name and in the order of the columns."""
    found: dict[str, Face] = {}
    for table in reversed(cls.__mapper__.tables):
        for column in table.columns:
            face = column.info.get("field")
            if face is not None:
                found.setdefault(column.key, _face(column, face))
    if len(cls.__mapper__.tables) == 2:
        own = cls.__mapper__.local_table.columns.keys()
        found = {
            **{k: v for k, v in found.items() if k not in own},
            **{k: v for k, v in found.items() if k in own},
        }
    return found


def _face(column: Column[Any], face: Field) -> Face:
    if face.references:
        return Face(column.key, "ref", face)
    if face.choices:
        return Face(column.key, "choice", face)
    kind = column.type
    for of_type, name in _KINDS:
        if isinstance(kind, of_type):
            places = kind.places if isinstance(kind, Scaled) else None
            length = 20_000 if name == "long" else getattr(kind, "length", None)
            return Face(column.key, name, face, length=length, places=places)
    raise TypeError(f"{column} has no face.")


@cache
def own_columns(cls: type[Base]) -> frozenset[str]:
    """The columns that a document type adds in its own table; none where it has no table."""
    if len(cls.__mapper__.tables) < 2:
        return frozenset()
    return frozenset(c.key for c in cls.__mapper__.local_table.columns) - {"id", "company_id"}


def defaults(cls: type[Base]) -> dict[str, Any]:
    """The default of every column that has one, as a new row needs it."""
    return dict(_defaults(cls))


@cache
def _defaults(cls: type[Base]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table in cls.__mapper__.tables:
        for column in table.columns:
            default = column.default
            if default is not None and default.is_scalar:
                value = default.arg  # type: ignore[attr-defined]
                found[column.key] = Decimal(value) if isinstance(column.type, Scaled) else value
    return found
