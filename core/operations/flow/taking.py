"""Take: a draft from open lines, whole or in part, from one document or several; the rest stays open.

A line that was taken over keeps its price; its amount is the next part of its source's amount, so that all parts come
to the whole, to the cent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, type_coerce, update

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine, DocumentLink, OpenLine
from core.documents.stage import Stage
from core.errors import Conflict, Fault, Invalid, Unknown
from core.money import half_up, share
from core.operations.create import write
from core.operations.flow import together
from core.operations.flow.locking import ITSELF, lock_documents, lock_sources
from core.operations.flow.rows import UP_TO, next_part
from core.operations.flow.together import BEGUN, HEADER
from core.operations.ledger import Entry, ledger
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_OPEN: Any = OpenLine.__table__
_LINE: Any = DocumentLine.__table__
_LINK: Any = DocumentLink.__table__
_DOCUMENT: Any = Document.__table__
_ORIGIN: Any = _LINE.alias("origin")
_BEGUN: Any = _DOCUMENT.alias("begun")
# A difference of two quantities is one; without a word the database's own number would come back.
_LEFT = type_coerce(UP_TO - _OPEN.c.taken, _OPEN.c.quantity.type).label("left")
_AMOUNT_LEFT = type_coerce(_OPEN.c.amount - _OPEN.c.taken_amount, _OPEN.c.amount.type).label("amount_left")
QUANTITY = 6
MOST = 500
COPIED = (
    "line_kind",
    "item_id",
    "name",
    "name_en",
    "specification",
    "unit",
    "tax_rate_id",
    "lead_time",
    "deadline",
    "remark",
)
TAXED = ("tax_rate", "tax_kind")
PRICED = ("discount_rate", "fixed", "price", "gross_price")


# What waits -----------------------------------------------------------------------------------------------------------


def waiting(
    work: Work,
    cls: type[Document],
    *,
    party_id: int | None = None,
    document_id: int | None = None,
    most: int = MOST,
) -> list[Any]:
    """Lines that are open for ``cls``: the line, its document and what is left of it, the oldest first.

    While its area is off, nothing waits for it that anybody could take.
    """
    if area_of(kind_of(cls)) not in work.areas:
        return []
    statement = _WAITING.limit(most)
    if party_id is not None:
        statement = statement.where(_OPEN.c.party_id == party_id)
    if document_id is not None:
        statement = statement.where(_OPEN.c.document_id == document_id)
    return [row for row in work.connection.execute(statement, _for(work, cls)) if _gives(work, cls, row)]


def _gives(work: Work, cls: type[Document], row: Any) -> bool:
    return cls.stage is not Stage.ORDER or work.types.document(row.kind).gives(row.state)


def opened(work: Work, cls: type[Document], ids: Sequence[int], moves: Collection[str] = ()) -> list[Any]:
    """Those of these lines that were opened for ``cls``, behind the locks for taking them and for what ``moves`` need.

    What is closed or was taken whole by now is among them, for ``take_opened`` to refuse.
    """
    lock_sources(work, cls, ids, moves)
    return list(work.connection.execute(_OPENED_LINES, {**_for(work, cls), "_lines": list(ids)}))


def _for(work: Work, cls: type[Document]) -> dict[str, Any]:
    return {"_company": work.company.id, "_target": kind_of(cls)}


_MINE = (_OPEN.c.company_id == bindparam("_company"), _OPEN.c.target == bindparam("_target"))
_OPENED = (
    select(
        *(_OPEN.c[name] for name in ("line_id", "document_id", "quantity", "most", "taken", "amount")),
        _OPEN.c.taken_amount,
        _OPEN.c.closure,
        _LEFT,
        _AMOUNT_LEFT,
        _OPEN.c.released_at,
        *(_DOCUMENT.c[name] for name in ("kind", "state", "number", "date", "party_name", "owner_id")),
        _DOCUMENT.c.created_by,
        *(_DOCUMENT.c[name] for name in HEADER if name not in {"owner_id"}),
        *(_LINE.c[name] for name in ("code", "factor", "base_quantity", "origin_id", "exchanged", "billing_point")),
        *(_LINE.c[name] for name in ("position", *TAXED)),
        *(_LINE.c[name] for name in COPIED),
        *(_ORIGIN.c[name] for name in PRICED),
        _ORIGIN.c.factor.label("origin_factor"),
        *(_BEGUN.c[name].label(f"begun_{name}") for name in BEGUN),
    )
    .join(_DOCUMENT, (_DOCUMENT.c.id == _OPEN.c.document_id) & (_DOCUMENT.c.company_id == _OPEN.c.company_id))
    .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
    .join(
        _ORIGIN,
        (_ORIGIN.c.id == func.coalesce(_LINE.c.origin_id, _LINE.c.id)) & (_ORIGIN.c.company_id == _LINE.c.company_id),
    )
    .join(_BEGUN, (_BEGUN.c.id == _ORIGIN.c.document_id) & (_BEGUN.c.company_id == _ORIGIN.c.company_id))
    .where(*_MINE)
    .order_by(_OPEN.c.id)
)
_WAITING = _OPENED.where(_OPEN.c.closure == "open", _OPEN.c.taken < UP_TO)
_OPENED_LINES = _OPENED.where(_OPEN.c.line_id.in_(bindparam("_lines", expanding=True)))


# Taking ---------------------------------------------------------------------------------------------------------------


def take(
    work: Work,
    cls: type[D],
    wanted: Iterable[tuple[int, Decimal | None]],
    *,
    amounts: Mapping[int, Decimal] | None = None,
    **values: Any,
) -> D:
    """A new draft of ``cls`` from open lines: by line id a quantity in base units, or None for all that is left.

    Lines of several documents of one customer and currency come together in one draft; ``values`` go before what the
    first of them says. Links carry quantity and amount: what ``amounts`` say for a part of a line (signed, 2 decimals),
    else the next part of the source's amount (half up, cumulative). Raises ``Invalid`` when documents do not go
    together, ``Conflict`` when more is wanted than is open, also when somebody else was faster.
    """
    chosen = dict(wanted)
    return take_opened(work, cls, opened(work, cls, list(chosen)), chosen, amounts=amounts, **values)


def take_opened(
    work: Work,
    cls: type[D],
    rows: Sequence[Any],
    chosen: Mapping[int, Decimal | None],
    *,
    amounts: Mapping[int, Decimal] | None = None,
    **values: Any,
) -> D:
    """Like ``take``, of rows that ``opened`` has found."""
    if not chosen:
        raise Conflict(_("Nothing is open for this any more."), code="flow.nothing")
    if len(rows) != len(chosen) or any(
        row.closure != "open" or row.left <= 0 or not _gives(work, cls, row) for row in rows
    ):
        raise Conflict(_("Some of these lines are no longer open."), code="flow.taken")
    begun = together.header(work, cls, rows, values)
    said = amounts or {}
    taken = [
        _Taken(
            row,
            quantity,
            agreed=row.origin_id is not None or work.types.document(row.kind).priced,
            amount=said.get(row.line_id),
        )
        for row, quantity in rows_with(rows, chosen)
    ]
    _guard(work, cls, taken)
    document = write(work, cls, begun, [one.line(cls) for one in taken])
    _link(work, document, document.lines, taken)
    return document


def take_from(work: Work, cls: type[D], source: Document, **values: Any) -> D:
    """A new draft of ``cls`` with everything that one document has open for it; raises like ``take``."""
    rows = _all_open(work, cls, source)
    return take_opened(work, cls, rows, {row.line_id: None for row in rows}, **values)


def take_apart(work: Work, cls: type[D], source: Document, **values: Any) -> list[D]:
    """Like ``take_from``, in as many drafts as it needs, since not all may go together into one."""
    groups = together.apart(work, cls, _all_open(work, cls, source))
    return [take_opened(work, cls, rows, {row.line_id: None for row in rows}, **values) for rows in groups]


def _all_open(work: Work, cls: type[Document], source: Document) -> list[Any]:
    if source.id not in work.kept.get("locked", ()):
        lock_documents(work, ITSELF, _key=source.id)
    rows = waiting(work, cls, document_id=source.id, most=5000)
    if not rows:
        raise Conflict(_("Nothing is open for this any more."), code="flow.nothing")
    return rows


def rows_with(rows: Sequence[Any], wanted: Mapping[int, Decimal | None]) -> list[tuple[Any, Decimal]]:
    """Each open row with the quantity that is wanted of it; raises ``Invalid`` or ``Conflict`` naming the product."""
    found = []
    for row in rows:
        asked = wanted[row.line_id]
        quantity = row.left if asked is None else asked
        if quantity <= 0:
            raise Invalid([Fault("lines", _("Of “{name}” a quantity is needed.", name=row.name), "required")])
        if row.taken + quantity > row.most:
            left = half_up(row.most - row.taken, QUANTITY).normalize()
            raise Conflict(
                _("Of “{name}” only {left} {unit} are open.", name=row.name, left=f"{left:f}", unit=row.unit),
                code="flow.taken",
            )
        found.append((row, quantity))
    return found


class _Taken:
    """A quantity of one open row on its way into a document, with the part of the amount that goes along.

    ``agreed``: somebody has named a price before; else the line begins anew, with the price of the lists. ``amount``:
    what goes along with a part; never more than is left, and with the last of the quantity all that is left goes.
    """

    def __init__(self, row: Any, quantity: Decimal, *, agreed: bool, amount: Decimal | None = None) -> None:
        self.row, self.quantity, self.agreed = row, quantity, agreed
        self.amount = next_part(row, quantity, row.taken, row.taken_amount)
        left = row.amount_left
        if amount is not None and quantity < row.left and amount * left >= 0 and abs(amount) <= abs(left):
            self.amount = amount

    def line(self, cls: type[Document]) -> dict[str, Any]:
        """The line as ``create`` takes it."""
        row = self.row
        given = {name: getattr(row, name) for name in COPIED if getattr(row, name) not in (None, "")}
        turned = turns(cls, row.base_quantity)
        sign = -1 if turned or row.base_quantity < 0 else 1
        given |= {"quantity": half_up(sign * self.quantity / row.factor, QUANTITY), "exchanged": row.exchanged}
        given |= {"base_quantity": sign * self.quantity, "linked": True}
        if cls.priced and self.agreed:
            given |= self.price()
        if cls.continues() and self.agreed:
            given |= {"origin_id": row.origin_id or row.line_id, "part": -self.amount if turned else self.amount}
            given |= {name: getattr(row, name) for name in ("billing_point", "factor", *TAXED)}
        return given

    def price(self) -> dict[str, Any]:
        """The price of the origin, for the line's own unit."""
        fixed = "price" if self.row.fixed == "price" else "gross_price"
        value = getattr(self.row, fixed)
        if not value:
            return {}
        factor = self.row.factor / self.row.origin_factor
        return {"fixed": fixed, fixed: half_up(value * factor, 8), "discount_rate": self.row.discount_rate}


def turns(cls: type[Document], base_quantity: Decimal) -> bool:
    """Whether a line changes its sign when ``cls`` takes it: a credit note over an invoice that was issued."""
    return cls.corrects and base_quantity > 0


def _guard(work: Work, cls: type[Document], taken: Sequence[_Taken]) -> None:
    """Take the quantities by guarded updates; the database refuses what is no longer open."""
    done = work.connection.execute(
        _GUARDED,
        [
            {
                **_for(work, cls),
                "_line": one.row.line_id,
                "_seen": one.row.taken,
                "_taken": one.row.taken + one.quantity,
                "_amount": one.row.taken_amount + one.amount,
            }
            for one in sorted(taken, key=lambda one: one.row.line_id)
        ],
    )
    if done.rowcount != len(taken):
        raise Conflict(_("Somebody else has taken these lines in the meantime."), code="flow.taken")


_GUARDED = (
    update(_OPEN)
    .where(
        *_MINE, _OPEN.c.line_id == bindparam("_line"), _OPEN.c.closure == "open", _OPEN.c.taken == bindparam("_seen")
    )
    .values(taken=bindparam("_taken"), taken_amount=bindparam("_amount"))
)
_INSERT_LINKS = insert(DocumentLink)


def _link(work: Work, document: Document, lines: Sequence[DocumentLine], taken: Sequence[_Taken]) -> None:
    work.connection.execute(
        _INSERT_LINKS,
        [
            {
                "company_id": work.company.id,
                "source_id": one.row.line_id,
                "target_id": line.id,
                "source_document_id": one.row.document_id,
                "target_document_id": document.id,
                "quantity": one.quantity,
                "amount": one.amount,
            }
            for line, one in zip(lines, taken, strict=True)
        ],
    )


# Giving back ----------------------------------------------------------------------------------------------------------


def give_back(work: Work, document: Document, *, forget: bool = False) -> None:
    """Open again what the document had taken; ``forget`` its links too, when the document itself goes."""
    links = links_to(work, document)
    if links and not type(document).brings_back:
        change_taken(work, document, [(link.source_id, -link.quantity, -link.amount) for link in links])
    if forget:
        work.connection.execute(
            delete(_LINK).where(_LINK.c.company_id == work.company.id, _LINK.c.target_document_id == document.id)
        )


def hand_back(work: Work, document: Document) -> None:
    """Open again what a document had taken that counts already, such as an invoice issued by mistake.

    The document is to be locked; its history says that it holds nothing of it any more.
    """
    give_back(work, document)
    entry = Entry("give_back", {}, source=document.state, target=document.state)
    ledger(work).touch(document).entries.append(entry)


def links_to(work: Work, document: Document) -> list[Any]:
    """What the document has taken, line by line."""
    mine = (_LINK.c.company_id == work.company.id, _LINK.c.target_document_id == document.id)
    return list(work.connection.execute(select(_LINK).where(*mine).order_by(_LINK.c.source_id)))


def change_taken(work: Work, document: Document, changes: Sequence[tuple[int, Decimal, Decimal]]) -> None:
    """Change what open rows have given to documents of this kind, by line id: quantity and amount, signed.

    Raises ``Conflict`` when the row does not give so much.
    """
    quantity, amount = _OPEN.c.taken.type, _OPEN.c.taken_amount.type
    more = bindparam("_more", type_=quantity)
    done = work.connection.execute(
        update(_OPEN)
        .where(
            _OPEN.c.company_id == work.company.id,
            _OPEN.c.line_id == bindparam("_line"),
            _OPEN.c.target == kind_of(type(document)),
            _OPEN.c.taken + more <= _OPEN.c.most,
        )
        .values(taken=_OPEN.c.taken + more, taken_amount=_OPEN.c.taken_amount + bindparam("_money", type_=amount)),
        [
            {"_line": key, "_more": change, "_money": money}
            for key, change, money in sorted(changes, key=lambda change: change[0])
        ],
    )
    if done.rowcount != len(changes):
        raise Conflict(_("More is wanted than is open."), code="flow.taken")


def take_back(
    work: Work, cls: type[D], wanted: Iterable[tuple[int, Decimal]], *, exchanged: bool = False, **values: Any
) -> D:
    """A new draft of ``cls`` with negative lines for what was delivered: by line id a positive quantity in base units.

    The lines may be those of an order, a delivery or an invoice; what counts is where they began. Raises ``Conflict``
    when more would come back than is with the customer.
    """
    quantities = dict(wanted)
    found = back_from(work, _LINE.c.id.in_(list(quantities)))
    if len(found) != len(quantities) or not found:
        raise Unknown()
    for row in found:
        quantity, left = quantities[row.line_id], row.delivered - row.returned
        if quantity <= 0:
            raise Invalid([Fault("lines", _("Of “{name}” a quantity is needed.", name=row.name), "required")])
        if quantity > left:
            raise Conflict(
                _("Of “{name}” the customer has only {left}.", name=row.name, left=f"{left.normalize():f}"),
                code="flow.returned",
            )
    begun = together.header(work, cls, found, cls.brought(exchanged=exchanged) | values)
    document_made = write(
        work, cls, begun, [_back(row, quantities[row.line_id], cls, exchanged=exchanged) for row in found]
    )
    _link_back(work, document_made, found, quantities)
    return document_made


def back_from(work: Work, chosen: ColumnElement[bool]) -> list[Any]:
    """The lines that ``chosen`` names, with what their origins have delivered and got back."""
    return list(
        work.connection.execute(
            select(
                _LINE.c.id.label("line_id"),
                _LINE.c.document_id,
                *(_LINE.c[name] for name in ("code", "factor", "origin_id", "base_quantity", "position")),
                *(_LINE.c[name] for name in (*COPIED, *TAXED)),
                *(_DOCUMENT.c[name] for name in ("kind", "number", "date", "party_name", "created_by", *HEADER)),
                *(_ORIGIN.c[name] for name in PRICED),
                _ORIGIN.c.factor.label("origin_factor"),
                *(_ORIGIN.c[name].label(f"origin_{name}") for name in ("base_quantity", "gross")),
                *(_ORIGIN.c[name] for name in ("delivered", "returned", "billing_point")),
                *(_BEGUN.c[name].label(f"begun_{name}") for name in BEGUN),
            )
            .join(_DOCUMENT, (_DOCUMENT.c.id == _LINE.c.document_id) & (_DOCUMENT.c.company_id == _LINE.c.company_id))
            .join(
                _ORIGIN,
                (_ORIGIN.c.id == func.coalesce(_LINE.c.origin_id, _LINE.c.id))
                & (_ORIGIN.c.company_id == _LINE.c.company_id),
            )
            .join(_BEGUN, (_BEGUN.c.id == _ORIGIN.c.document_id) & (_BEGUN.c.company_id == _ORIGIN.c.company_id))
            .where(_LINE.c.company_id == work.company.id, chosen)
            .order_by(_LINE.c.document_id, _LINE.c.position)
        )
    )


def _back(row: Any, quantity: Decimal, cls: type[Document], *, exchanged: bool) -> dict[str, Any]:
    given = {name: getattr(row, name) for name in COPIED if getattr(row, name) not in (None, "")}
    # The next part of what comes back in all, so that a return in pieces comes to the whole.
    back = row.returned + quantity
    whole, gross = row.origin_base_quantity, row.origin_gross
    money = share(gross, row.returned, whole) - share(gross, back, whole)
    given |= {
        "quantity": half_up(-quantity / row.factor, QUANTITY),
        "base_quantity": -quantity,
        "origin_id": row.origin_id or row.line_id,
        "exchanged": exchanged,
        "linked": True,
        "part": money,
        "billing_point": row.billing_point,
        **{name: getattr(row, name) for name in ("factor", *TAXED)},
    }
    fixed = "price" if row.fixed == "price" else "gross_price"
    if cls.priced and getattr(row, fixed):
        factor = row.factor / row.origin_factor
        given |= {"fixed": fixed, fixed: half_up(getattr(row, fixed) * factor, 8), "discount_rate": row.discount_rate}
    return given


def _link_back(work: Work, document: Document, rows: Sequence[Any], quantities: Mapping[int, Decimal]) -> None:
    work.connection.execute(
        _INSERT_LINKS,
        [
            {
                "company_id": work.company.id,
                "source_id": row.line_id,
                "target_id": line.id,
                "source_document_id": row.document_id,
                "target_document_id": document.id,
                "quantity": quantities[row.line_id],
                "amount": abs(line.gross),
            }
            for line, row in zip(document.lines, rows, strict=True)
        ],
    )
