"""What a condition of a policy may ask of a document: figures of core, and what areas declare in their ``facts``.

A fact is read when a condition names it, not before. None means that nobody knows, such as the margin of goods without
a cost: a condition that asks for what nobody knows counts as met, so that somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select

from core.documents.models import Document, DocumentLine
from core.entities.party import Party
from core.money import half_up
from core.text import Text, _

if TYPE_CHECKING:
    from core.work import Work

Value = Decimal | bool | str | None
PER_CENT = 2
CORE = "core"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known about a document; ``key`` is its name in a condition.

    ``kind`` is ``number`` (amounts in the company's currency), ``percent`` (12.5 for 12.5 %), ``flag`` or ``text``;
    ``choices`` are the values of a text that people pick from. ``of`` tells for which types it makes sense.
    """

    key: str
    label: Text
    kind: str
    read: Callable[[Work, Any], Value]
    of: Callable[[type[Document]], bool] = lambda _cls: True
    choices: tuple[tuple[str, Text], ...] = ()


def facts_of(work: Work, cls: type[Document]) -> dict[str, Fact]:
    """The facts that a condition on documents of ``cls`` may name, of core and of the areas in use."""
    areas = {*work.areas, CORE}
    return {fact.key: fact for area, fact in work.types.facts.values() if area in areas and fact.of(cls)}


def known(work: Work, document: Document, keys: Iterable[str]) -> Mapping[str, Value]:
    """The values of the facts called ``keys``."""
    found = facts_of(work, type(document))
    return {key: found[key].read(work, document) for key in keys if key in found}


# What the lines say, read in one statement ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lines:
    """Of the lines with a product: the greatest reduction, the margin, and whether something is below its floor."""

    discount: Decimal
    margin: Decimal | None
    below_floor: bool


def _lines(work: Work, document: Document) -> _Lines:
    """The figures of the lines as they are now; prices of products are in the company's currency."""
    rows = work.session.execute(_PRICED, {"document": document.id}).all()
    rate, net, cost = document.exchange_rate, Decimal(0), Decimal(0)
    discount, unknown, below = Decimal(0), False, False
    for row in rows:
        price = (row.gross_price if document.prices_include_tax else row.price) * (1 - row.discount_rate) * rate
        listed = row.list_price * row.factor
        discount = max(discount, row.discount_rate, 1 - price / listed if listed > 0 else Decimal(0))
        below = below or price < row.floor_price * row.factor
        unknown = unknown or row.cost <= 0
        net, cost = net + row.net * rate, cost + row.cost * row.base_quantity
    margin = None if unknown or net <= 0 else half_up((net - cost) / net * 100, PER_CENT)
    return _Lines(half_up(discount * 100, PER_CENT), margin, below)


_PRICED = (
    select(
        *(
            getattr(DocumentLine, name)
            for name in (
                "price",
                "gross_price",
                "discount_rate",
                "list_price",
                "floor_price",
                "factor",
                "cost",
                "base_quantity",
                "net",
            )
        )
    )
    .where(DocumentLine.document_id == bindparam("document"), DocumentLine.item_id.is_not(None))
    .where(DocumentLine.base_quantity > 0)
    .order_by(DocumentLine.position)
)


def _party(work: Work, document: Document) -> Party | None:
    return work.session.get(Party, document.party_id) if document.party_id else None


def _class(work: Work, document: Document) -> Value:
    party = _party(work, document)
    return party.party_class if party else None


def _is_new(work: Work, document: Document) -> Value:
    """Nothing of the customer has bound anybody before."""
    before = exists().where(Document.party_id == document.party_id, Document.id != document.id)
    return not work.session.scalar(select(before.where(Document.posted_at.is_not(None))))


def _department(work: Work, document: Document) -> Value:
    found = work.company.departments.get(document.department_id or 0)
    return found[0] if found else ""


def _has_party(cls: type[Document]) -> bool:
    return cls.needs_party


def _is_priced(cls: type[Document]) -> bool:
    return cls.has_lines and cls.priced


CORE_FACTS = (
    Fact("amount", _("Amount with tax"), "number", lambda _w, d: abs(d.base_gross)),
    Fact("discount", _("Greatest discount (%)"), "percent", lambda w, d: _lines(w, d).discount, _is_priced),
    Fact("margin", _("Margin (%)"), "percent", lambda w, d: _lines(w, d).margin, _is_priced),
    Fact("below_floor", _("Below the floor price"), "flag", lambda w, d: _lines(w, d).below_floor, _is_priced),
    Fact("customer_class", _("Class of the customer"), "text", _class, _has_party),
    Fact("new_customer", _("New customer"), "flag", _is_new, _has_party),
    Fact("currency", _("Currency"), "text", lambda _w, d: d.currency),
    Fact("department", _("Department"), "text", _department),
)
