"""What stands against a service request or a return: nothing said, nothing delivered that could come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

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
    """What comes back was delivered by us, the customer still has it, and every quantity is negative (AFS-03)."""
    rows = _lines(work, request)
    if not rows:
        yield Objection("aftersales.nothing", _("Choose first what comes back, from what was delivered."))
    elif any(row.base_quantity >= 0 for row in rows):
        yield Objection("aftersales.positive", _("What comes back has a negative quantity."))
    strays = [row.name for row in rows if row.delivered is None]
    if strays:
        yield Objection("aftersales.strays", _("These were never delivered by us: {lines}", lines=strays[:5]))
    back: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        back[row.origin_id] -= row.base_quantity
    beyond = {
        row.name for row in rows if row.delivered is not None and back[row.origin_id] > row.delivered - row.returned
    }
    if beyond:
        text = _("The customer has less of these than would come back: {lines}", lines=sorted(beyond)[:5])
        yield Objection("aftersales.beyond", text)


def _lines(work: Work, request: Return) -> list[Any]:
    """The lines with what their origins delivered and got back; one statement for each edition."""
    kept: dict[Any, list[Any]] = work.kept.setdefault("aftersales.lines", {})
    key = (request.id, request.edition)
    if key not in kept:
        origin = aliased(DocumentLine)
        kept[key] = list(
            work.session.execute(
                select(
                    DocumentLine.name,
                    DocumentLine.base_quantity,
                    DocumentLine.origin_id,
                    origin.delivered,
                    origin.returned,
                )
                .outerjoin(origin, origin.id == DocumentLine.origin_id)
                .where(DocumentLine.document_id == request.id, DocumentLine.line_kind != "text")
            )
        )
    return kept[key]


def says_why(work: Work, request: Return) -> Iterator[Objection]:
    """A return says its reason; statistics are made of it (AFS-03)."""
    if not request.reason_kind:
        yield Objection("aftersales.reason", _("Say first why the goods come back."))
