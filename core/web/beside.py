"""The page on which a document stands beside what it came from, and is confirmed or sent back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.documents.faces import faces
from core.documents.models import Document, DocumentLine
from core.operations.side_by_side import Aligned, Beside, side_by_side
from core.text import _
from core.web import addresses, approving
from core.web.showing import state_tag
from core.web.timeline import said
from core.work import Work


def values(work: Work, document: Document, url: Callable[..., str]) -> dict[str, Any]:
    """Everything ``beside.html`` needs."""
    return {
        "title": str(_("{title} side by side", title=document.title)),
        "label": str(type(document).label),
        "here": document.title,
        "approval": _asked(work, document, url),
        "back_url": url("details_view"),
        "others": [_other(work, document, one) for one in side_by_side(work, document)],
    }


def _asked(work: Work, document: Document, url: Callable[..., str]) -> dict[str, Any] | None:
    """The panel of consents, without the way to this very page."""
    found = approving.approval(work, document, url)
    return found and found | {"compare_url": ""}


def _other(work: Work, document: Document, found: Beside) -> dict[str, Any]:
    other, cls = found.document, type(found.document)
    known, lines = faces(type(document)), faces(DocumentLine)
    names = tuple(name for name in found.names if any(_says(line, name) for line in found.lines))
    return {
        "label": str(cls.label),
        "title": other.title,
        "state": state_tag(cls, other.state),
        "url": addresses.record(other.kind, other.id) if found.readable else "",
        "differences": found.differences,
        "note": ""
        if found.readable
        else str(_("You may not read this document; only goods and quantities are shown.")),
        "fields": [
            {
                "label": str(known[name].label),
                "this": said(work, type(document), known[name], this),
                "other": said(work, cls, known[name], that),
                "differs": differs,
            }
            for name, this, that, differs in found.header
        ],
        "columns": [str(lines[name].label) for name in names],
        "lines": [_line(work, names, place, line) for place, line in enumerate(found.lines, 1)],
    }


def _says(line: Aligned, name: str) -> bool:
    """Whether one of two lines says something in a column."""
    return any(side is not None and side[name] not in (None, "", 0) for side in (line.this, line.other))


def _line(work: Work, names: tuple[str, ...], place: int, line: Aligned) -> dict[str, Any]:
    known = faces(DocumentLine)
    this, other = (
        None if side is None else [said(work, DocumentLine, known[name], side[name]) for name in names]
        for side in (line.this, line.other)
    )
    return {
        "place": place,
        "this": this,
        "other": other,
        "differs": [at for at, name in enumerate(names) if name in line.differs],
        "status": "missing" if this is None else "added" if other is None else "changed" if line.differs else "same",
    }
