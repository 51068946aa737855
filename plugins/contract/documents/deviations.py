"""What an agreement says otherwise than the approved offer it came from, line by line (CTR-06)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import aliased

from core.db.among import among
from core.documents import Document, DocumentLine, Stage
from core.documents.faces import faces
from core.documents.models import DocumentLink
from core.documents.reading import find
from core.entities.tax import TAX_KINDS, TaxKind
from core.hooks.values import Ref
from core.money import half_up
from core.text import Text, _, shown
from core.work import Work

PRICE_PLACES = 8
TERMS = ("payment_terms", "delivery_terms", "freight_terms", "packing", "warranty")
KEPT, SOURCES = "deviations", "deviations.sources"
# What a framework agreement says of prices and terms holds for what is ordered under it, as an offer does.
OFFERS = (Stage.OFFER, Stage.ORDER)
# What a line says in words.
SAID = (("specification", _("Specification")), ("unit", _("Unit")), ("remark", _("Remark")))


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference: the product or the field, what differs, what was offered and what is agreed.

    ``offer`` is None for what none of several offers has said.
    """

    name: str | Text
    what: Text
    offered: str
    agreed: str
    offer: Ref | None


def deviations(work: Work, document: Document) -> list[Deviation]:
    """Every difference from the offers the document's lines came from; none where it came from no offer.

    One statement for all lines that were offered, and one for each offer.
    """
    known = work.kept.setdefault(KEPT, {})
    place = (document.id, document.edition)
    if place not in known:
        known[place] = list(_compared(work, document))
    found: list[Deviation] = known[place]
    return found


def _compared(work: Work, document: Document) -> Iterator[Deviation]:
    by_source = sources_of(work, document)
    offers: list[tuple[Document, Ref]] = []
    for (key, kind), rows in by_source.items():
        cls = work.types.documents.get(kind)
        offer = find(work, cls, key, lines=False) if cls is not None and cls.stage in OFFERS else None
        if offer is not None:
            offers.append((offer, Ref(kind, offer.id, offer.title)))
            yield from _lines(document, rows, offers[-1][1], whole=not offer.frame)
    if offers:
        yield from _unoffered(document, by_source.values(), offers[0][1] if len(offers) == 1 else None)
    for offer, ref in offers:
        yield from _terms(document, offer, ref)


def sources_of(work: Work, document: Document) -> dict[tuple[int, str], list[Any]]:
    """By id and kind of the documents that ``document`` was taken from their lines, with what came of each."""
    known = work.kept.setdefault(SOURCES, {})
    place = (document.id, document.edition)
    if place not in known:
        known[place] = defaultdict(list)
        for row in work.session.execute(_OFFERED, {"target": document.id}):
            known[place][row.DocumentLine.document_id, row.kind].append(row)
    found: dict[tuple[int, str], list[Any]] = known[place]
    return found


_TAKEN: Any = aliased(DocumentLink)
# Every line of the documents that the target was taken from, once for each line of the target that was taken from it.
_OFFERED = (
    select(
        DocumentLine,
        DocumentLink.target_id,
        select(Document.kind).where(Document.id == DocumentLine.document_id).scalar_subquery().label("kind"),
    )
    .outerjoin(
        DocumentLink,
        and_(
            DocumentLink.source_id == DocumentLine.id,
            DocumentLink.company_id == DocumentLine.company_id,
            DocumentLink.target_document_id == bindparam("target"),
        ),
    )
    .where(
        among(
            DocumentLine.document_id,
            select(_TAKEN.source_document_id).where(_TAKEN.target_document_id == bindparam("target")),
        )
    )
    .order_by(DocumentLine.document_id, DocumentLine.position)
)


def _lines(document: Document, rows: Sequence[Any], ref: Ref, *, whole: bool) -> Iterator[Deviation]:
    """Lines of the offer that differ or, where all of it was to be taken (``whole``), were left out."""
    offered = {row.DocumentLine.id: row.DocumentLine for row in rows}
    came_from = {row.target_id: row.DocumentLine for row in rows}
    taken: dict[int, Decimal] = {}
    for line in document.lines:
        old = came_from.get(line.id)
        if old is not None:
            taken[old.id] = taken.get(old.id, Decimal(0)) + line.base_quantity
            yield from _line(document, line, old, ref)
    for line in offered.values() if whole else ():
        if line.line_kind == "text":
            continue
        if line.id not in taken:
            yield Deviation(line.name, _("Left out"), _quantity(line), "", ref)
        elif taken[line.id] != line.base_quantity:
            agreed = shown(half_up(taken[line.id] / line.factor, 6))
            yield Deviation(line.name, _("Quantity"), _quantity(line), f"{agreed} {line.unit}", ref)


def _unoffered(document: Document, sources: Iterable[Sequence[Any]], ref: Ref | None) -> Iterator[Deviation]:
    """Lines that came from nowhere: beside an offer, nobody has offered them."""
    came = {row.target_id for rows in sources for row in rows}
    for line in document.lines:
        if line.id not in came and line.line_kind != "text":
            yield Deviation(line.name, _("Not in the offer"), "", _quantity(line), ref)


def _line(document: Document, line: DocumentLine, old: DocumentLine, ref: Ref) -> Iterator[Deviation]:
    name = old.name
    if line.item_id != old.item_id or line.name != old.name:
        yield Deviation(name, _("Product"), old.name, line.name, ref)
    for field, what in SAID:
        before, now = getattr(old, field), getattr(line, field)
        if before != now:
            yield Deviation(name, what, before, now, ref)
    if _price(old) != _price(line):
        yield Deviation(name, _("Price with tax"), shown(_price(old)), shown(_price(line)), ref)
    if (old.tax_kind, old.tax_rate) != (line.tax_kind, line.tax_rate):
        yield Deviation(name, _("Tax rate"), _tax(old), _tax(line), ref)
    # What an offer left open is no deviation; a day that moved from the line to the header is none either.
    if old.lead_time and line.lead_time != old.lead_time:
        yield Deviation(name, _("Lead time"), old.lead_time, line.lead_time, ref)
    day = line.deadline or document.deadline
    if old.deadline and day != old.deadline:
        yield Deviation(name, _("Deadline"), old.deadline.isoformat(), day.isoformat() if day else "", ref)


def _price(line: DocumentLine) -> Decimal:
    """What one unit of the product costs after discount."""
    return half_up(line.gross_price * (1 - line.discount_rate) / line.factor, PRICE_PLACES)


def _tax(line: DocumentLine) -> str:
    """The rate in percent; what it is, where that is not a plain rate."""
    percent = f"{shown(line.tax_rate * 100)} %"
    if line.tax_kind == TaxKind.RATE:
        return percent
    kind = str(dict(TAX_KINDS)[line.tax_kind])
    return f"{kind} {percent}" if line.tax_rate else kind


def _quantity(line: DocumentLine) -> str:
    return f"{shown(line.quantity)} {line.unit}".strip()


def _terms(document: Document, offer: Document, ref: Ref) -> Iterator[Deviation]:
    """Terms that both name and that differ; what an offer left open is no deviation.

    What an order says nothing of is as its framework agreement says.
    """
    known = faces(type(document))
    if document.party_id != offer.party_id:
        yield Deviation(known["party_id"].label, _("Terms"), offer.party_name, document.party_name, ref)
    for name in TERMS:
        before, now = getattr(offer, name, None), getattr(document, name, None)
        if offer.frame and not now:
            continue
        if name in known and before and now is not None and before.strip() != now.strip():
            yield Deviation(known[name].label, _("Terms"), before, now, ref)
    for name in ("currency", "prices_include_tax"):
        before, now = getattr(offer, name), getattr(document, name)
        if before != now:
            yield Deviation(known[name].label, _("Terms"), shown(before), shown(now), ref)
