"""What an agreement says otherwise than the approved offer it came from, line by line (CTR-06)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select

from core.documents import Document, DocumentLine, Stage
from core.documents.faces import faces
from core.documents.models import DocumentLink
from core.documents.reading import find
from core.hooks.values import Ref
from core.money import half_up
from core.text import Text, _, shown
from core.work import Work

PRICE_PLACES = 8
TERMS = ("payment_terms", "delivery_terms", "freight_terms", "packing", "warranty")
KEPT = "deviations"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference: the product or the field, what differs, what was offered and what is agreed."""

    name: str | Text
    what: Text
    offered: str
    agreed: str
    offer: Ref


def deviations(work: Work, document: Document) -> list[Deviation]:
    """Every difference from the offers the document's lines came from; none where it came from no offer.

    Two statements for the links and the offers' headers, and two for each offer.
    """
    known = work.kept.setdefault(KEPT, {})
    place = (document.id, document.edition)
    if place not in known:
        known[place] = list(_compared(work, document))
    found: list[Deviation] = known[place]
    return found


def _compared(work: Work, document: Document) -> Iterator[Deviation]:
    links = _links(work, document)
    for key, kind in dict.fromkeys((row.source_document_id, row.kind) for row in links):
        cls = work.types.documents.get(kind)
        offer = find(work, cls, key) if cls is not None and cls.stage is Stage.OFFER else None
        if offer is not None:
            ref = Ref(kind, offer.id, offer.title)
            came_from = {row.target_id: row.source_id for row in links if row.source_document_id == key}
            yield from _lines(document, offer, came_from, ref, only=len({r.source_document_id for r in links}) == 1)
            yield from _terms(document, offer, ref)


def _links(work: Work, document: Document) -> Sequence[Any]:
    return work.session.execute(
        select(DocumentLink.source_id, DocumentLink.target_id, DocumentLink.source_document_id, Document.kind)
        .join(
            Document,
            and_(Document.id == DocumentLink.source_document_id, Document.company_id == DocumentLink.company_id),
        )
        .where(DocumentLink.target_document_id == document.id)
        .order_by(DocumentLink.source_document_id, DocumentLink.target_id)
    ).all()


def _lines(
    document: Document, offer: Document, came_from: dict[int, int], ref: Ref, *, only: bool
) -> Iterator[Deviation]:
    """Lines that differ, that were left out, and, with one offer, that nobody had offered."""
    offered = {line.id: line for line in offer.lines}
    taken: dict[int, Decimal] = {}
    for line in document.lines:
        old = offered.get(came_from.get(line.id, 0))
        if old is not None:
            taken[old.id] = taken.get(old.id, Decimal(0)) + line.base_quantity
            yield from _line(line, old, offer, ref)
        elif only and line.line_kind != "text":
            yield Deviation(line.name, _("Not in the offer"), "", _quantity(line), ref)
    for line in offer.lines:
        if line.line_kind == "text":
            continue
        if line.id not in taken:
            yield Deviation(line.name, _("Left out"), _quantity(line), "", ref)
        elif taken[line.id] != line.base_quantity:
            agreed = shown(half_up(taken[line.id] / line.factor, 6))
            yield Deviation(line.name, _("Quantity"), _quantity(line), f"{agreed} {line.unit}", ref)


def _line(line: DocumentLine, old: DocumentLine, offer: Document, ref: Ref) -> Iterator[Deviation]:
    name = old.name
    if line.item_id != old.item_id or line.name != old.name:
        yield Deviation(name, _("Product"), old.name, line.name, ref)
    if line.specification != old.specification:
        yield Deviation(name, _("Specification"), old.specification, line.specification, ref)
    before, now = _price(old), _price(line)
    if before != now:
        yield Deviation(name, _("Price with tax"), shown(before), shown(now), ref)
    if line.deadline and old.deadline and line.deadline != old.deadline:
        yield Deviation(name, _("Deadline"), old.deadline.isoformat(), line.deadline.isoformat(), ref)


def _price(line: DocumentLine) -> Decimal:
    """What one unit of the product costs after discount."""
    return half_up(line.gross_price * (1 - line.discount_rate) / line.factor, PRICE_PLACES)


def _quantity(line: DocumentLine) -> str:
    return f"{shown(line.quantity)} {line.unit}".strip()


def _terms(document: Document, offer: Document, ref: Ref) -> Iterator[Deviation]:
    """Terms that both name and that differ; what an offer left open is no deviation."""
    known = faces(type(document))
    for name in TERMS:
        before, now = getattr(offer, name, None), getattr(document, name, None)
        if name in known and before and now is not None and before.strip() != now.strip():
            yield Deviation(known[name].label, _("Terms"), before, now, ref)
    if offer.currency != document.currency:
        yield Deviation(known["currency"].label, _("Terms"), offer.currency, document.currency, ref)
