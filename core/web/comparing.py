"""Two versions of a document side by side, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.text import _
from core.web.timeline import said
from core.work import Work

SHOWN = ("name", "specification", "quantity", "unit", "gross_price", "discount_rate", "gross", "remark")
Line = Mapping[str, Any] | None


def compared(
    work: Work, document: Document, header: Sequence[tuple[str, Any, Any]], lines: Sequence[tuple[Line, Line]]
) -> dict[str, Any]:
    """What ``compare.html`` shows of the differences that ``editions.compare`` found."""
    known, line_faces = faces(type(document)), faces(DocumentLine)
    fields = [
        {
            "label": str(known[name].label),
            "left": said(work, type(document), known[name], one),
            "right": said(work, type(document), known[name], two),
            "changed": True,
        }
        for name, one, two in header
    ]
    rows = [_row(work, place, pair) for place, pair in enumerate(lines, 1)]
    return {
        "title": str(_("Versions of {title}", title=document.title)),
        "fields": fields,
        "lines": rows,
        "columns": [str(line_faces[name].label) for name in SHOWN],
    }


def _row(work: Work, place: int, pair: tuple[Line, Line]) -> dict[str, Any]:
    left, right = (_side(work, side) for side in pair)
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


def _side(work: Work, line: Line) -> list[str] | None:
    known = faces(DocumentLine)
    return None if line is None else [said(work, DocumentLine, known[name], line.get(name)) for name in SHOWN]
