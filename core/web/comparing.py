"""Two versions of a document side by side, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.db.base import Base
from core.documents import sight
from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.operations.editions import Comparison, Pair
from core.text import _
from core.web.timeline import said
from core.work import Work

SHOWN = ("name", "specification", "quantity", "unit", "gross_price", "discount_rate", "gross", "remark")


def compared(work: Work, document: Document, found: Comparison) -> dict[str, Any]:
    """What ``compare.html`` shows of the differences that ``editions.compare`` found."""
    cls = type(document)
    known = faces(cls)
    fields = [
        {
            "label": str(known[name].label),
            "left": said(work, cls, known[name], one),
            "right": said(work, cls, known[name], two),
            "changed": True,
        }
        for name, one, two in found.header
    ]
    return {
        "title": str(_("Versions of {title}", title=document.title)),
        "fields": fields,
        **_table(work, DocumentLine, SHOWN, found.lines),
        "parts": [
            {"label": str(part.label), **_table(work, part, part.columns, found.parts[part.key])}
            for part in cls.parts
            if found.parts[part.key]
        ],
    }


def _table(work: Work, cls: type[Base], names: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    known = faces(cls)
    shown = [name for name in names if name in sight.shown(work, cls)]
    return {
        "columns": [str(known[name].label) for name in shown],
        "lines": [_row(work, cls, shown, place, pair) for place, pair in enumerate(pairs, 1)],
    }


def _row(work: Work, cls: type[Base], names: Sequence[str], place: int, pair: Pair) -> dict[str, Any]:
    left, right = (_side(work, cls, names, side) for side in pair)
    if left is None or right is None:
        status, changed = ("removed" if right is None else "added"), []
    else:
        changed = [at for at, (one, two) in enumerate(zip(left, right, strict=True)) if one != two]
        status = "changed" if changed else "same"
    return {
        "position": place,
        "left": left,
        "right": None if status == "same" else right,
        "changed": changed,
        "status": status,
    }


def _side(work: Work, cls: type[Base], names: Sequence[str], row: Mapping[str, Any] | None) -> list[str] | None:
    known = faces(cls)
    return None if row is None else [said(work, cls, known[name], row.get(name)) for name in names]
