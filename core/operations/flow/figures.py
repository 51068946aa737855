"""The figures on the lines where everything began: what was supplied, delivered, returned, invoiced and credited.

They are written in the same transaction as the move that counts, on documents that stand locked, and the database
refuses by CHECKs what the code would let through. All are in base units of the product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, or_, select, update

from core.db.among import among
from core.documents.models import Document, DocumentLine, DocumentLink
from core.documents.stage import FIGURES, Point, Stage
from core.documents.truths import Closure
from core.errors import Conflict
from core.extension.core_settings import BILLING_POINT, TOLERANCE
from core.money import QUANTITY, half_up, share
from core.operations.content import may_go_back
from core.operations.flow import refunds, routes
from core.operations.ledger import ledger
from core.records.contents import LINES
from core.text import Text, _
from core.work import Work

_LINE: Any = DocumentLine.__table__
_HEADER: Any = Document.__table__
NONE = Decimal(0)
KEPT = (
    "id",
    "document_id",
    "name",
    "line_kind",
    "base_quantity",
    "gross",
    "ceiling",
    "supplied",
    "delivered",
    "returned",
    "invoiced",
    "credited",
    "invoiced_amount",
    "credited_amount",
    "dropped",
    "conceded",
    "withheld",
    "deemed",
    "closure",
)
WRITTEN = KEPT[6:]
BOUND = ("ceiling", "billing_point")
READ = "figures.read"
# Somebody decided these; no figure changes them.
HELD = (Closure.SUSPENDED.value, Closure.FORCED.value)
DONE = (Closure.CLOSED.value, Closure.FORCED.value)


@dataclass(slots=True)
class Origin:
    """The figures of one origin line, as read under the lock and then changed."""

    id: int
    document_id: int
    name: str
    line_kind: str
    base_quantity: Decimal
    gross: Decimal
    ceiling: Decimal | None
    supplied: Decimal
    delivered: Decimal
    returned: Decimal
    invoiced: Decimal
    credited: Decimal
    invoiced_amount: Decimal
    credited_amount: Decimal
    dropped: Decimal
    conceded: Decimal
    withheld: Decimal
    deemed: bool
    closure: str

    @property
    def expected(self) -> Decimal:
        """The quantity that is still to come or has come for good."""
        return self.base_quantity - self.dropped

    @property
    def arrived(self) -> Decimal:
        """What the customer has, after what came back."""
        return self.delivered - self.returned

    @property
    def surplus(self) -> Decimal:
        """What came beyond what is expected, within the tolerance."""
        return max(self.arrived - self.expected, NONE) if self.base_quantity > 0 else NONE

    @property
    def worth(self) -> Decimal:
        """The amount that is to be invoiced in all: of what is expected or came beyond it, less what was conceded."""
        return share(self.gross, self.expected + self.surplus, self.base_quantity) - self.conceded

    @property
    def owed(self) -> Decimal:
        """What it makes the customer owe in all: what is to be invoiced, or what was invoiced beyond that."""
        invoiced = self.invoiced_amount - self.credited_amount
        return self.due + invoiced

    @property
    def due(self) -> Decimal:
        """What of it is not invoiced yet; nothing where more was invoiced than will come."""
        left = self.worth - self.invoiced_amount + self.credited_amount
        return left if left * self.gross > 0 else NONE

    def money(self, quantity: Decimal) -> Decimal:
        """The part of the line's amount that ``quantity`` stands for."""
        return share(self.gross, quantity, self.base_quantity)


# Binding --------------------------------------------------------------------------------------------------------------


def unbound(document: Document) -> list[DocumentLine]:
    """The lines that begin here and bind nobody yet."""
    return [x for x in document.lines if x.origin_id is None and x.ceiling is None and x.line_kind != "text"]


def bind(work: Work, document: Document) -> None:
    """Make the document's own lines obligations: a ceiling for each, and its amount to be invoiced on the header.

    An order's ceiling is its quantity and the company's tolerance, half up; what begins later is what it is. Where its
    invoice will begin is decided with it. Raises ``Conflict`` for what would go back where nothing does.
    """
    lines = unbound(document)
    stage = document.stage or Stage.RECEIPT
    if back := [line.name for line in lines if line.base_quantity < 0]:
        if not may_go_back(document):
            raise Conflict(_("The quantity is negative: {lines}", lines=back[:5]), code="flow.negative")
        return
    if not lines or document.frame:
        return
    more = 1 + work.setting(TOLERANCE) / 100 if stage <= Stage.ORDER else Decimal(1)
    for line in lines:
        line.ceiling = half_up(line.base_quantity * more, QUANTITY)
        line.billing_point = work.setting(BILLING_POINT)
    _write(work, [{"_id": x.id, "ceiling": x.ceiling, "billing_point": x.billing_point} for x in lines], BOUND)
    ledger(work).wrote(document, LINES)
    grown = max(sum((line.gross for line in lines), document.uninvoiced), NONE)
    ledger(work).touch(document, uninvoiced=grown)


def decide(work: Work, document: Document) -> None:
    """Let what is released now, and begins here, be invoiced as the company has it now, whenever it was bound."""
    wanted = work.setting(BILLING_POINT)
    lines = [x for x in document.lines if x.origin_id is None and x.ceiling is not None and x.billing_point != wanted]
    if lines:
        for line in lines:
            line.billing_point = wanted
        _write(work, [{"_id": line.id, "billing_point": wanted} for line in lines], ("billing_point",))
        ledger(work).wrote(document, LINES)


def loosen(work: Work, document: Document) -> None:
    """Take the obligation back, for a document that is opened again or cancelled before anything followed."""
    lines = [line for line in document.lines if line.origin_id is None and line.ceiling is not None]
    if lines:
        for line in lines:
            line.ceiling = None
        _write(work, [{"_id": line.id, "ceiling": None} for line in lines], ("ceiling",))
        ledger(work).wrote(document, LINES)
        ledger(work).touch(document, uninvoiced=NONE)


# Posting --------------------------------------------------------------------------------------------------------------


def post(
    work: Work, document: Document, point: Point, lines: Sequence[DocumentLine] | None = None, *, deemed: bool = False
) -> None:
    """Count the lines of ``document`` on their origins. Lines with a negative quantity, and credits, go the other way.

    ``deemed``: nobody delivers here, so the release counts; as does an invoice for what begins with it. Raises
    ``Conflict`` naming the products when more would be supplied, delivered or invoiced than was ordered, returned than
    delivered, credited than invoiced.
    """
    chosen = [x for x in (document.lines if lines is None else lines) if x.line_kind != "text"]
    if not chosen:
        return
    bind(work, document)
    origins = read(work, {x.origin_id or x.id for x in chosen})
    beyond = {key: one.surplus for key, one in origins.items()}
    touched: dict[int, Origin] = {}
    for line in chosen:
        origin = touched[line.origin_id or line.id] = origins[line.origin_id or line.id]
        count(line, origin, point, back=line.base_quantity < 0 or type(document).corrects)
    begins = point is Point.INVOICE and not type(document).corrects
    begun = [x for x in chosen if x.origin_id is None and x.base_quantity > 0] if begins else []
    for line in begun:
        touched[line.id].delivered += line.base_quantity
    _deem(work, chosen if deemed else begun, touched)
    check(touched.values(), point)
    if point is Point.DELIVERY:
        grown = {key: one.surplus - beyond[key] for key, one in touched.items() if one.surplus > beyond[key]}
        refunds.sent_beyond(work, touched, grown)
        refunds.returned(work, document, [x for x in chosen if x.base_quantity < 0], touched)
    if not deemed:
        # An invoice that begins a chain is not closed by being issued: it is still to be paid.
        own = {line.id for line in begun}
        close_what_is_done(work, (one for key, one in touched.items() if key not in own))
    write(work, document, touched, origins)


def _deem(work: Work, lines: Sequence[DocumentLine], origins: Mapping[int, Origin], *, counts: bool = True) -> None:
    """Note on these lines that they count as delivered without a delivery, or no longer do."""
    for line in lines:
        line.deemed = counts
        if line.id in origins:
            origins[line.id].deemed = counts
    if others := [line for line in lines if line.id not in origins]:
        _write(work, [{"_id": line.id, "deemed": counts} for line in others], ("deemed",))


def undeem(work: Work, document: Document) -> None:
    """What counted as delivered with the document's release does not any more, whoever would deliver it today."""
    lines = [line for line in document.lines if line.deemed]
    if not lines:
        return
    origins = read(work, {line.origin_id or line.id for line in lines})
    touched: dict[int, Origin] = {}
    for line in lines:
        one = touched[line.origin_id or line.id] = origins[line.origin_id or line.id]
        one.delivered -= abs(line.base_quantity)
    _deem(work, lines, touched, counts=False)
    check(touched.values(), Point.DELIVERY)
    write(work, document, touched, origins)


def count(line: DocumentLine, origin: Origin, point: Point, *, back: bool) -> None:
    """Add one line to the figures of its origin; ``back``: it goes the other way."""
    name = FIGURES[point][back]
    if not name:
        raise Conflict(_("What goes back was never made by it: {name}", name=line.name), code="flow.backwards")
    quantity = abs(line.base_quantity)
    over = max(origin.arrived - origin.expected, NONE) if point is Point.DELIVERY else NONE
    setattr(origin, name, getattr(origin, name) + quantity)
    if point is Point.INVOICE and back:
        origin.credited_amount -= line.gross
    elif point is Point.INVOICE:
        origin.invoiced_amount += line.gross
    elif back and not line.exchanged:
        origin.dropped += max(quantity - over, NONE)


def forgo(work: Work, document: Document, *, begun: Document | None = None) -> None:
    """Let what a posted credit note takes back never be invoiced again; what came back has left by its return.

    ``begun``: only what began in this document, which is invoiced nowhere else.
    """
    own = None if begun is None else {line.id for line in begun.lines}
    chosen = [x for x in document.lines if x.line_kind != "text" and x.origin_id is not None]
    chosen = [x for x in chosen if own is None or x.origin_id in own]
    if not chosen:
        return
    returns = _from_returns(work, document)
    chosen = [x for x in chosen if x.id not in returns]
    if not chosen:
        return
    origins = read(work, {x.origin_id for x in chosen if x.origin_id is not None})
    touched: dict[int, Origin] = {}
    for line in chosen:
        one = touched[line.origin_id or 0] = origins[line.origin_id or 0]
        one.conceded -= line.gross
    close_what_is_done(work, touched.values())
    write(work, document, touched, origins)


def _from_returns(work: Work, document: Document) -> set[int]:
    """The lines of a credit note that were taken from lines with a negative quantity."""
    source, link = _LINE, DocumentLink.__table__
    statement = (
        select(link.c.target_id)
        .join(source, (source.c.id == link.c.source_id) & (source.c.company_id == link.c.company_id))
        .where(
            link.c.company_id == work.company.id,
            link.c.target_document_id == document.id,
            source.c.base_quantity < 0,
        )
    )
    return set(work.connection.execute(statement).scalars())


def check(origins: Iterable[Origin], point: Point) -> None:
    """Raise ``Conflict`` for every origin line whose figures went beyond what they may be."""
    beyond: dict[str, list[str]] = defaultdict(list)
    for one in origins:
        most = one.ceiling
        if most is not None and point is Point.SUPPLY and one.supplied > most:
            beyond["flow.supplied"].append(one.name)
        if most is not None and one.arrived > most:
            beyond["flow.delivered"].append(one.name)
        if one.returned > one.delivered:
            beyond["flow.returned"].append(one.name)
        if most is not None and one.invoiced - one.credited > most:
            beyond["flow.invoiced"].append(one.name)
        if one.credited > one.invoiced or abs(one.credited_amount) > abs(one.invoiced_amount):
            beyond["flow.credited"].append(one.name)
    for code, names in beyond.items():
        raise Conflict(Text(BEYOND[code].message, (("lines", names[:5]),)), code=code)


BEYOND = {
    "flow.supplied": _("More would be supplied than was ordered: {lines}"),
    "flow.delivered": _("More would be delivered than was ordered: {lines}"),
    "flow.returned": _("More would come back than was delivered: {lines}"),
    "flow.invoiced": _("More would be invoiced than was ordered: {lines}"),
    "flow.credited": _("More would be credited than was invoiced: {lines}"),
}


def close_what_is_done(work: Work, origins: Iterable[Origin]) -> None:
    """A line closes by itself when all of it has arrived and, where invoices are made, was invoiced; or opens again."""
    billed = routes.invoices(work)
    for one in origins:
        done = one.arrived >= one.expected and (not billed or one.due == 0)
        if one.closure == Closure.OPEN and done:
            one.closure = Closure.CLOSED.value
        elif one.closure == Closure.CLOSED and not done:
            one.closure = Closure.OPEN.value


# Reading and writing --------------------------------------------------------------------------------------------------


def read_ahead(work: Work, ids: Iterable[int]) -> dict[int, Origin]:
    """What ``read`` finds, to try something out on; the next to ``read`` the same need not ask again."""
    wanted = frozenset(ids)
    found = read(work, wanted)
    work.kept[READ] = wanted, found
    return {key: replace(one) for key, one in found.items()}


def read(work: Work, ids: Iterable[int]) -> dict[int, Origin]:
    """All lines that begin in the documents in which these lines are, by id: a header's figures are sums over them."""
    wanted = frozenset(ids)
    known: tuple[frozenset[int], dict[int, Origin]] | None = work.kept.pop(READ, None)
    if known is not None and known[0] == wanted:
        return known[1]
    rows = work.connection.execute(_OF_LINES, {"_company": work.company.id, "_ids": sorted(wanted)})
    return {row.id: Origin(*row) for row in rows}


def write(work: Work, document: Document, touched: dict[int, Origin], origins: dict[int, Origin]) -> None:
    """Write the figures of the lines, and of the headers they are summed up on."""
    if touched:
        rows = [{"_id": key, **{n: getattr(one, n) for n in WRITTEN}} for key, one in sorted(touched.items())]
        _write(work, rows, WRITTEN)
        mine = {line.id: line for line in document.lines}
        for key in touched.keys() & mine.keys():
            for name in WRITTEN:
                setattr(mine[key], name, getattr(touched[key], name))
    by_document: dict[int, list[Origin]] = defaultdict(list)
    for one in origins.values():
        by_document[one.document_id].append(one)
    others = []
    for key, lines in sorted(by_document.items()):
        values = totals(lines)
        closure = values.pop("closure")
        if key == document.id:
            kept = document.closure if document.closure in HELD else closure
            ledger(work).touch(document, **values, closure=kept)
        else:
            others.append({"_company": work.company.id, "_id": key, "_closure": closure, **values})
        _arrived(work)[key] = _all_arrived(lines)
    if others:
        work.connection.execute(_TOTALS, others)


def arrived(work: Work, document_id: int) -> bool:
    """Whether everything that is still to come of the lines that begin in a document has come."""
    known = _arrived(work)
    if document_id not in known:
        rows = work.connection.execute(_OF_DOCUMENT, {"_company": work.company.id, "_document": document_id})
        known[document_id] = _all_arrived([Origin(*row) for row in rows])
    return known[document_id]


def _arrived(work: Work) -> dict[int, bool]:
    """What is known of it by document: whoever changes the figures says it anew."""
    found: dict[int, bool] = work.kept.setdefault("figures.arrived", {})
    return found


def _all_arrived(lines: Iterable[Origin]) -> bool:
    return all(one.arrived >= one.expected for one in lines if one.line_kind != "text")


def totals(lines: Sequence[Origin]) -> dict[str, Any]:
    """The header's figures from its lines: progress in money, what is to be invoiced, and whether all is done."""
    counted = [one for one in lines if one.line_kind != "text"]
    bound = any(one.ceiling is not None for one in counted)
    done = all(one.closure in DONE for one in counted)
    return {
        "supplied": sum((one.money(one.supplied) for one in counted), NONE),
        "delivered": sum((one.money(one.arrived) for one in counted), NONE),
        "invoiced": sum((one.invoiced_amount - one.credited_amount for one in counted), NONE),
        "uninvoiced": max(sum((one.due for one in counted), NONE), NONE) if bound else NONE,
        "closure": (Closure.CLOSED if done else Closure.OPEN).value,
    }


_BEGUN = (
    select(*(_LINE.c[name] for name in KEPT))
    .where(_LINE.c.company_id == bindparam("_company"), _LINE.c.origin_id.is_(None))
    .order_by(_LINE.c.document_id, _LINE.c.position)
)
_OF_DOCUMENT = _BEGUN.where(_LINE.c.document_id == bindparam("_document"))
_OF_LINES = _BEGUN.where(
    among(
        _LINE.c.document_id,
        select(_LINE.c.document_id)
        .where(_LINE.c.company_id == bindparam("_company"), _LINE.c.id.in_(bindparam("_ids", expanding=True)))
        .correlate(None),
    )
)
SUMMED = ("supplied", "delivered", "invoiced", "uninvoiced")
_HELD = or_(*(_HEADER.c.closure == held for held in HELD))
_CLOSURE = case((_HELD, _HEADER.c.closure), else_=bindparam("_closure"))
_TOTALS = (
    update(_HEADER)
    .where(_HEADER.c.company_id == bindparam("_company"), _HEADER.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in SUMMED} | {"closure": _CLOSURE})
)


@cache
def _line_update(names: tuple[str, ...]) -> Any:
    """The update of these columns; made once, since making it costs more than carrying it out."""
    return (
        update(_LINE)
        .where(_LINE.c.company_id == bindparam("_company"), _LINE.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in names})
    )


def _write(work: Work, rows: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
    work.kept.pop(READ, None)
    work.connection.execute(_line_update(tuple(names)), [{"_company": work.company.id, **row} for row in rows])
