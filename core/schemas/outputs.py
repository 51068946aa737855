"""Writing records out as plain values: decimals as text without loss, days in ISO form, hidden fields left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.canonical import plain
from core.db.base import Base
from core.documents import sight
from core.documents.faces import faces
from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine
from core.entities.master import Master
from core.work import Work

LINE_OUTPUT = (
    "id",
    "position",
    "line_kind",
    "item_id",
    "code",
    "name",
    "name_en",
    "specification",
    "unit",
    "quantity",
    "fixed",
    "list_price",
    "price_source",
    "price",
    "gross_price",
    "discount_rate",
    "tax_rate_id",
    "tax_rate",
    "net",
    "tax",
    "gross",
    "cost",
    "floor_price",
    "lead_time",
    "deadline",
    "remark",
)
COMMON = ("id", "version")


def fields_of(work: Work, record: Any, names: Iterable[str] = ()) -> dict[str, Any]:
    """The columns of a record that the actor is shown, or those of ``names``, as plain values."""
    cls: type[Base] = type(record)
    known = faces(cls)
    wanted = names or sight.shown(work, cls)
    return {name: plain(sight.told(work, known.get(name), getattr(record, name))) for name in wanted}


def document(work: Work, record: Document) -> dict[str, Any]:
    """A document with its lines and parts, as API answers keep it."""
    out: dict[str, Any] = {"id": record.id, "kind": kind_of(type(record)), "version": record.version}
    out |= fields_of(work, record)
    if record.has_lines:
        out["lines"] = [line(work, row) for row in record.lines]
    return out | parts(work, record)


def line(work: Work, row: DocumentLine) -> dict[str, Any]:
    """One line of a document."""
    known, shown = faces(DocumentLine), sight.shown(work, DocumentLine)
    return fields_of(work, row, [n for n in LINE_OUTPUT if n not in known or n in shown])


def master(work: Work, record: Master) -> dict[str, Any]:
    """A master with those of its parts that were loaded."""
    out: dict[str, Any] = {"id": record.id, "kind": record.kind, "version": record.version}
    out |= fields_of(work, record)
    return out | parts(work, record)


def parts(work: Work, record: Document | Master) -> dict[str, list[dict[str, Any]]]:
    """Those parts of a record that were loaded, by their key."""
    found = {}
    for part in type(record).parts:
        rows = record.__dict__.get(part.key)
        if rows is not None:
            names = [name for name in ("id", *sight.shown(work, part)) if name != part.owner]
            found[part.key] = [fields_of(work, row, names) for row in rows]
    return found
