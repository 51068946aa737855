"""What a draft has taken follows its quantities when people edit it; what was agreed before stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine, DocumentLink, OpenLine
from core.errors import Fault, Invalid
from core.money import share
from core.operations.content import set_part
from core.operations.flow.rows import in_base, next_part
from core.operations.flow.taking import change_taken, turns
from core.operations.flow.together import AGREED as STAYS
from core.text import _
from core.work import Work

_OPEN: Any = OpenLine.__table__
_LINK: Any = DocumentLink.__table__
_LINE: Any = DocumentLine.__table__
# Agreed where the line began; a later document only says how much of it.
AGREED = ("line_kind", "item_id", "unit", "discount_rate", "tax_rate_id", "fixed")
MONEY = ("net", "tax", "gross")


def check_agreed(lines: Sequence[DocumentLine], before: Mapping[int, Mapping[str, Any]]) -> None:
    """Raise ``Invalid`` where a line that was taken over would say something else than what was agreed."""
    faults = []
    for place, line in enumerate(lines):
        old = before.get(line.id) if line.id and line.origin_id else None
        if old is None:
            continue
        changed = next((name for name in AGREED if getattr(line, name) != old[name]), None)
        if changed is None and getattr(line, line.fixed) != old[line.fixed] and line.fixed in ("price", "gross_price"):
            changed = line.fixed
        if changed:
            faults.append(Fault(f"lines/{place}/{changed}", STAYS, "agreed"))
        elif line.base_quantity * old["base_quantity"] < 0:
            faults.append(Fault(f"lines/{place}/quantity", _("The quantity keeps its sign."), "agreed"))
    if faults:
        raise Invalid(faults)


def adjust(
    work: Work, document: Document, lines: Sequence[DocumentLine], before: Mapping[int, Mapping[str, Any]]
) -> None:
    """Let open lines and links follow the new quantities of ``document``, and amounts follow the links.

    Lines that went give back what they had taken. Raises ``Conflict`` when more is wanted than is open.
    """
    kept = {line.id: line for line in lines if line.id}
    # Beside the chain no line has an origin, but what was taken is adjusted all the same.
    beside = type(document).stage is None
    taken = {key for key, old in before.items() if old.get("origin_id") or (beside and old["linked"])}
    moved = {key for key in taken & kept.keys() if kept[key].base_quantity != before[key]["base_quantity"]}
    for key in taken & kept.keys() - moved:
        for name in MONEY:
            setattr(kept[key], name, before[key][name])
    gone = {key for key in before.keys() - kept.keys() if before[key]["linked"]}
    if concerned := moved | gone:
        links = _links(work, concerned)
        takes = not type(document).brings_back
        rows = _rows(work, document, {link.source_id for link in links}) if takes else {}
        _follow(work, document, links, rows, kept)


def _links(work: Work, targets: set[int]) -> list[Any]:
    return list(
        work.connection.execute(
            select(_LINK)
            .where(_LINK.c.company_id == work.company.id, _LINK.c.target_id.in_(bindparam("_keys", expanding=True)))
            .order_by(_LINK.c.source_id),
            {"_keys": sorted(targets)},
        )
    )


def _rows(work: Work, document: Document, sources: set[int]) -> dict[int, Any]:
    found = work.connection.execute(
        select(_OPEN, _LINE.c.base_quantity)
        .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
        .where(
            _OPEN.c.company_id == work.company.id,
            _OPEN.c.target == kind_of(type(document)),
            _OPEN.c.line_id.in_(bindparam("_keys", expanding=True)),
        )
        # Amounts are reckoned from what others have taken, so nobody takes more meanwhile.
        .order_by(_OPEN.c.id)
        .with_for_update(of=_OPEN),
        {"_keys": sorted(sources)},
    )
    return {row.line_id: row for row in found}


def _follow(
    work: Work, document: Document, links: Sequence[Any], rows: Mapping[int, Any], kept: Mapping[int, DocumentLine]
) -> None:
    """Each link, its open row and its line come to the same new quantity and amount."""
    changes, updated, gone = [], [], []
    for link in links:
        line, row = kept.get(link.target_id), rows.get(link.source_id)
        quantity = _quantity(link, row, line) if line is not None else Decimal(0)
        amount = _amount(link, row, quantity)
        if row is not None:
            changes.append((link.source_id, quantity - link.quantity, amount - link.amount))
        if line is None:
            gone.append(link.target_id)
        else:
            updated.append({"_s": link.source_id, "_t": link.target_id, "_q": quantity, "_a": amount})
            if document.priced:
                # What is brought back says without a sign what its link is worth.
                turned = turns(type(document), row.base_quantity) if row is not None else line.gross <= 0
                set_part(document, line, -amount if turned else amount)
    if changes:
        change_taken(work, document, changes)
    mine = _LINK.c.company_id == work.company.id
    if updated:
        work.connection.execute(
            update(_LINK)
            .where(mine, _LINK.c.source_id == bindparam("_s"), _LINK.c.target_id == bindparam("_t"))
            .values(quantity=bindparam("_q"), amount=bindparam("_a")),
            updated,
        )
    if gone:
        work.connection.execute(delete(_LINK).where(mine, _LINK.c.target_id.in_(gone)))


def _quantity(link: Any, row: Any, line: DocumentLine) -> Decimal:
    """What the line takes now, in base units; what reads as all that is left for it is that."""
    if row is None or line.base_quantity == 0:
        return abs(line.base_quantity)
    left = min(row.quantity, row.most) - row.taken + link.quantity
    quantity = in_base(abs(line.quantity), line.factor, left)
    line.base_quantity = quantity.copy_sign(line.base_quantity)
    return quantity


def _amount(link: Any, row: Any, quantity: Decimal) -> Decimal:
    """The part of the open row's amount for the new quantity, after what others have taken; else in proportion."""
    if row is None:
        return share(link.amount, quantity, link.quantity)
    before, paid = row.taken - link.quantity, row.taken_amount - link.amount
    return next_part(row, quantity, before, paid) if quantity else Decimal(0)
