"""What stands against a service request or a return: nothing said, nothing delivered that could come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.documents import DocumentLine
from core.errors import Objection
from core.text import _
from core.work import Work

if TYPE_CHECKING:
    from plugins.aftersales.documents.case import Case
    from plugins.aftersales.documents.return_request import Return


def says_what_is_wrong(work: Work, case: Case) -> Iterator[Objection]:
    """Nobody is sent without knowing why (AFS-01)."""
    if not (case.fault.strip() or case.subject.strip()):
        yield Objection("aftersales.fault", _("Say first what is wrong, or what is wanted."))


def takes_back(work: Work, request: Return) -> Iterator[Objection]:
    """What comes back was delivered by us, and every quantity is negative (AFS-03)."""
    kept: dict[Any, list[Any]] = work.kept.setdefault("aftersales.lines", {})
    key = (request.id, request.edition)
    if key not in kept:
        columns = (DocumentLine.name, DocumentLine.base_quantity, DocumentLine.origin_id)
        lines = DocumentLine.document_id == request.id, DocumentLine.line_kind != "text"
        kept[key] = list(work.session.execute(select(*columns).where(*lines)))
    rows = kept[key]
    if not rows:
        yield Objection("aftersales.nothing", _("Choose first what comes back, from what was delivered."))
    elif any(row.base_quantity >= 0 for row in rows):
        yield Objection("aftersales.positive", _("What comes back has a negative quantity."))
    strays = [row.name for row in rows if row.origin_id is None]
    if strays:
        yield Objection("aftersales.strays", _("These were never delivered by us: {lines}", lines=strays[:5]))


def says_why(work: Work, request: Return) -> Iterator[Objection]:
    """A return says its reason; statistics are made of it (AFS-03)."""
    if not request.reason_kind:
        yield Objection("aftersales.reason", _("Say first why the goods come back."))
