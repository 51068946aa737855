"""What a document is to be compared with: what it was taken from, and where its lines began (PLT-08).

An order stands beside its contract, a delivery beside its order, an invoice beside its order and what was delivered.
Lines are put side by side by the chain: those that one was taken from, else those that began in the same line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.documents.access import reaches
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine, DocumentLink
from core.documents.reading import SCOPED
from core.documents.stage import Stage
from core.operations.flow.chain import behind
from core.work import Work

_LINE: Any = DocumentLine.__table__
_LINK: Any = DocumentLink.__table__
_DOCUMENT: Any = Document.__table__
HEADER = (
    "party_name",
    "reference",
    "contact_name",
    "contact_phone",
    "address",
    "currency",
    "exchange_rate",
    "payment_terms",
    "prices_include_tax",
    "deadline",
)
GOODS = ("name", "quantity", "unit")
PRICES = ("gross_price", "gross", "discount_rate", "tax_rate")
FURTHER = ("specification", "deadline", "remark")
SUMMED = frozenset({"quantity", "gross"})
# What may differ without anybody having erred: said, and not marked.
LOOSE = frozenset({"deadline", "remark"})
MOST_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class Aligned:
    """Lines that belong together: by field what this document says and what the other says, None where it has none.

    Quantities are in the unit of the line, in base units where several lines of different units are summed.
    """

    this: Mapping[str, Any] | None
    other: Mapping[str, Any] | None
    differs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """One document beside this one. Of one that the reader may not read only goods and quantities are told."""

    document: Document
    readable: bool
    header: tuple[tuple[str, Any, Any, bool], ...]
    names: tuple[str, ...]
    lines: tuple[Aligned, ...]

    @property
    def differences(self) -> int:
        """How many places differ."""
        return sum(row[3] for row in self.header) + sum(len(line.differs) for line in self.lines)


def side_by_side(work: Work, document: Document) -> list[Beside]:
    """Every document that this one, loaded with its lines, is to be compared with; the nearest in the chain first."""
    links = _links(work, document)
    others = _others(work, document)
    lines: dict[int, list[Any]] = {}
    for line in _lines(work, [other.id for other in others]):
        lines.setdefault(line.document_id, []).append(line)
    return [_beside(work, document, other, lines.get(other.id, []), links) for other in others]


def _links(work: Work, document: Document) -> dict[int, set[int]]:
    """The lines of this document that were taken from another line, by that line."""
    mine = (_LINK.c.company_id == work.company.id, _LINK.c.target_document_id == document.id)
    found: dict[int, set[int]] = {}
    for source, target in work.connection.execute(select(_LINK.c.source_id, _LINK.c.target_id).where(*mine)):
        found.setdefault(source, set()).add(target)
    return found


def _others(work: Work, document: Document) -> list[Document]:
    ids = [row.id for row in behind(work, document)]
    if document.stage is Stage.INVOICE:
        ids += _delivered(work, document)
    wanted = (_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.id.in_(sorted(set(ids) - {document.id})))
    if not ids:
        return []
    found = work.session.scalars(select(Document).where(*wanted), execution_options=SCOPED).all()
    work.session.expunge_all()
    used = [one for one in found if area_of(one.kind) in work.areas]
    used.sort(key=lambda one: (-(one.stage or 0), one.id))
    return used[:MOST_DOCUMENTS]


def _delivered(work: Work, document: Document) -> list[int]:
    """What went out of the same orders: an invoice is compared with it, whatever it was taken from."""
    origins = {_origin(line) for line in document.lines}
    kinds = [kind for kind, cls in work.types.documents.items() if cls.stage is Stage.DELIVERY and not cls.brings_back]
    of_document = (_DOCUMENT.c.id == _LINE.c.document_id) & (_DOCUMENT.c.company_id == _LINE.c.company_id)
    statement = (
        select(_LINE.c.document_id)
        .distinct()
        .join(_DOCUMENT, of_document)
        .where(
            _LINE.c.company_id == work.company.id,
            _LINE.c.origin_id.in_(sorted(origins)),
            _DOCUMENT.c.kind.in_(kinds),
            _DOCUMENT.c.posted_at.is_not(None),
        )
    )
    return list(work.connection.execute(statement).scalars()) if origins else []


def _lines(work: Work, documents: Sequence[int]) -> Iterable[Any]:
    statement = (
        select(_LINE)
        .where(_LINE.c.company_id == work.company.id, _LINE.c.document_id.in_(documents), _LINE.c.line_kind != "text")
        .order_by(_LINE.c.document_id, _LINE.c.position)
    )
    return work.connection.execute(statement) if documents else ()


def _origin(line: Any) -> int:
    return int(line.origin_id or line.id)


def _beside(
    work: Work, document: Document, other: Document, lines: Sequence[Any], links: Mapping[int, set[int]]
) -> Beside:
    readable = work.may(f"{kind_of(type(other))}.read") and reaches(work, other, "read")
    prices = readable and type(document).tells_prices(work) and type(other).tells_prices(work)
    names = (*GOODS, *(PRICES if prices else ()), *FURTHER)
    own = [line for line in document.lines if line.line_kind != "text"]
    return Beside(
        document=other,
        readable=readable,
        header=tuple(_header(document, other, prices)) if readable else (),
        names=names,
        lines=tuple(_aligned(mine, theirs, names) for mine, theirs in _together(own, lines, links)),
    )


def _header(document: Document, other: Document, prices: bool) -> Iterable[tuple[str, Any, Any, bool]]:
    for name in HEADER:
        if name in ("exchange_rate", "payment_terms", "prices_include_tax") and not prices:
            continue
        this, that = getattr(document, name), getattr(other, name)
        said = this not in (None, ""), that not in (None, "")
        if any(said):
            # What one of them leaves open contradicts nothing.
            yield name, this, that, all(said) and this != that
    if prices:
        yield "gross", document.gross, other.gross, abs(document.gross) != abs(other.gross)


def _together(
    own: Sequence[Any], others: Sequence[Any], links: Mapping[int, set[int]]
) -> list[tuple[list[Any], list[Any]]]:
    """The lines in groups that belong together, in the order of this document; then those that it does not have."""
    by_origin: dict[int, set[int]] = {}
    for line in own:
        by_origin.setdefault(_origin(line), set()).add(line.id)
    groups: list[tuple[set[int], list[Any]]] = [({line.id}, []) for line in own]
    left: list[tuple[list[Any], list[Any]]] = []
    for line in others:
        wanted = (links.get(line.id) or by_origin.get(_origin(line)) or set()) & {one.id for one in own}
        found = [group for group in groups if group[0] & wanted]
        if not found:
            left.append(([], [line]))
            continue
        first, *rest = found
        for one in rest:
            first[0].update(one[0])
            first[1].extend(one[1])
            groups.remove(one)
        first[1].append(line)
    mine = {line.id: line for line in own}
    together = [([line for key, line in mine.items() if key in keys], theirs) for keys, theirs in groups]
    return [*together, *left]


def _aligned(mine: Sequence[Any], theirs: Sequence[Any], names: Sequence[str]) -> Aligned:
    alike = len({line.unit for line in (*mine, *theirs)}) == 1 and len({line.factor for line in (*mine, *theirs)}) == 1
    this, that = (_summed(rows, names, alike) if rows else None for rows in (mine, theirs))
    if this is None or that is None:
        return Aligned(this, that, frozenset({"quantity"}))
    differs = frozenset(name for name in names if name not in LOOSE and _differ(this[name], that[name]))
    return Aligned(this, that, differs)


def _summed(lines: Sequence[Any], names: Sequence[str], alike: bool) -> dict[str, Any]:
    said = {name: getattr(lines[0], name) for name in names}
    counted = "quantity" if alike else "base_quantity"
    for name in SUMMED & said.keys():
        said[name] = sum((getattr(line, counted if name == "quantity" else name) for line in lines), Decimal(0))
    return said


def _differ(this: Any, that: Any) -> bool:
    """Whether two values differ; what comes back has the opposite sign, and is the same goods and money."""
    if isinstance(this, Decimal) and isinstance(that, Decimal):
        return abs(this) != abs(that)
    return bool((this or "") != (that or ""))
