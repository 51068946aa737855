"""Kinds: the names of types, ``area.type``, that never change."""

from __future__ import annotations

from core.documents.models import Document
from core.entities.master import Master

Type = type[Document] | type[Master]


def kind_of(cls: Type) -> str:
    """The kind of a type: ``area.type``."""
    return str(cls.__mapper__.polymorphic_identity) if issubclass(cls, Document) else cls.kind


def area_of(kind: str) -> str:
    """The area of a kind: ``quotation`` of ``quotation.quotation``."""
    return kind.partition(".")[0]
