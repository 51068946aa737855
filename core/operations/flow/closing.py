"""Close and force-close: what is still open of a document or some of its lines will not come any more; or it will."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import bindparam, func, select, update

from core.documents.models import Document, DocumentLine, OpenLine
from core.documents.reading import load
from core.documents.stage import Point
from core.documents.truths import Closure
from core.errors import Conflict, Unknown
from core.money import share
from core.operations.flow import figures, routes
from core.operations.guards import check_version
from core.operations.ledger import Entry, ledger
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_OPEN: Any = OpenLine.__table__
_LINE: Any = DocumentLine.__table__
_HEADER: Any = Document.__table__
NONE = Decimal(0)
POSTING = frozenset({Point.SUPPLY, Point.DELIVERY, Point.INVOICE})


def close(
    work: Work,
    cls: type[D],
    key: int,
    *,
    lines: Iterable[int] | None = None,
    reason: str,
    version: int | None = None,
) -> D:
    """Force-close a document, or some of its ``lines``: what is still open of them is dropped, and owed no more.

    What was delivered can still be invoiced. Raises ``Conflict`` naming the documents that have taken from these lines
    and are not posted yet, or when nothing is open.
    """
    document = load(work, cls, key, "close", lock=True)
    check_version(document, version)
    reason = sentence(reason, "reason", needed=True)
    chosen = _chosen(document, lines)
    end(work, document, chosen)
    whole = all(x.closure in figures.DONE for x in document.lines if x.line_kind != "text")
    step = ledger(work).touch(document)
    if whole:
        ledger(work).touch(document, closure=Closure.FORCED.value, closure_reason=reason)
    changes = {"closed": [None, [line.position for line in chosen]]}
    step.entries.append(Entry("close", changes, source=document.state, target=document.state, reason=reason))
    work.hooks.lines_closed(document)
    return document


def _chosen(document: Document, lines: Iterable[int] | None) -> list[DocumentLine]:
    wanted = None if lines is None else set(lines)
    ids = {line.id for line in document.lines}
    if wanted is not None and not wanted <= ids:
        raise Unknown()
    chosen = [
        line
        for line in document.lines
        if line.line_kind != "text"
        and line.closure == Closure.OPEN
        and line.ceiling is not None
        and (wanted is None or line.id in wanted)
    ]
    if not chosen:
        raise Conflict(_("Nothing of it is open any more."), code="flow.closed")
    return chosen


def end(work: Work, document: Document, lines: Sequence[DocumentLine]) -> None:
    """Drop what is still to come of these lines of a document where they began."""
    keys = {line.id for line in lines}
    _refuse_pending(work, keys)
    rows = _rows(work, keys)
    origins = figures.read(work, keys)
    goods = routes.goods_kinds(work)
    changes = []
    for key in sorted(keys):
        one = origins[key]
        mine = [row for row in rows if row.origin == key and row.closure == Closure.OPEN]
        # What an order is invoiced for itself stays expected until a red letter takes it back.
        owed = any(row.line_id == key and row.target not in goods for row in mine)
        ahead = min(one.invoiced - one.credited, one.expected) if owed else NONE
        came = max(one.arrived, ahead) if one.ceiling is not None else NONE
        dropped = max(one.base_quantity - came, one.dropped) if one.base_quantity > 0 else one.dropped
        one.withheld, one.dropped = one.withheld + dropped - one.dropped, dropped
        one.closure = Closure.FORCED.value
        for row in mine:
            if row.target in goods:
                changes.append(_kept(row, Closure.FORCED))
            elif row.line_id == key:
                changes.append(_shrunk(row, max(row.taken, came)))
    _change(work, changes)
    figures.write(work, document, {key: origins[key] for key in keys}, origins)


def _change(work: Work, changes: Sequence[dict[str, Any]]) -> None:
    if changes:
        names = ("quantity", "most", "amount", "closure")
        work.connection.execute(
            update(_OPEN)
            .where(_OPEN.c.company_id == work.company.id, _OPEN.c.id == bindparam("_id"))
            .values({name: bindparam(name) for name in names}),
            list(changes),
        )


def _kept(row: Any, closure: Closure, most: Decimal | None = None) -> dict[str, Any]:
    most = row.most if most is None else most
    return {"_id": row.id, "quantity": row.quantity, "most": most, "amount": row.amount, "closure": closure.value}


def _shrunk(row: Any, quantity: Decimal) -> dict[str, Any]:
    """An order that is invoiced itself stays open for invoicing with what has come."""
    quantity = min(quantity, row.quantity)
    amount = share(row.amount, quantity, row.quantity)
    return {"_id": row.id, "quantity": quantity, "most": quantity, "amount": amount, "closure": row.closure}


def _rows(work: Work, keys: set[int]) -> list[Any]:
    origin = func.coalesce(_LINE.c.origin_id, _LINE.c.id).label("origin")
    mine = _LINE.c.origin_id.in_(bindparam("_keys", expanding=True)) | _LINE.c.id.in_(
        bindparam("_keys", expanding=True)
    )
    return list(
        work.connection.execute(
            select(*_OPEN.c, origin)
            .join(_LINE, (_LINE.c.id == _OPEN.c.line_id) & (_LINE.c.company_id == _OPEN.c.company_id))
            .where(_OPEN.c.company_id == work.company.id, mine),
            {"_keys": sorted(keys)},
        )
    )


def _refuse_pending(work: Work, keys: set[int]) -> None:
    """Raise ``Conflict`` naming documents that have taken goods from these lines and are not posted yet."""
    rows = work.connection.execute(
        select(_HEADER.c.id, _HEADER.c.kind, _HEADER.c.number, _HEADER.c.state)
        .distinct()
        .join(_LINE, (_LINE.c.document_id == _HEADER.c.id) & (_LINE.c.company_id == _HEADER.c.company_id))
        .where(
            _LINE.c.company_id == work.company.id,
            _LINE.c.origin_id.in_(bindparam("_keys", expanding=True)),
            _HEADER.c.closure == Closure.OPEN.value,
        ),
        {"_keys": sorted(keys)},
    )
    pending = [name(work, row) for row in rows if _pending(work, row)]
    if pending:
        raise Conflict(_("First finish or cancel what was begun with it: {documents}", documents=pending[:5]))


def _pending(work: Work, row: Any) -> bool:
    cls = work.types.documents.get(row.kind)
    if cls is None or cls.stage is None or not cls.takes:
        return False
    posted = routes.posted_states(cls, POSTING)
    return bool(posted) and row.state not in posted


def name(work: Work, row: Any) -> str:
    """What people call the document of a row with id, kind and number."""
    cls = work.types.documents.get(row.kind)
    return f"{cls.label if cls else row.kind} {row.number or row.id}"


def reopen(work: Work, cls: type[D], key: int, *, reason: str, version: int | None = None) -> D:
    """Open again what was force-closed, with the quantities that were dropped then; what came back stays dropped."""
    document = load(work, cls, key, "close", lock=True)
    check_version(document, version)
    reason = sentence(reason, "reason", needed=True)
    forced = [line for line in document.lines if line.closure == Closure.FORCED]
    if not forced or document.workflow.state(document.state).aside:
        raise Conflict(_("Nothing of it was closed by hand."), code="flow.open")
    keys = {line.id for line in forced}
    rows, origins = _rows(work, keys), figures.read(work, keys)
    goods, changes = routes.goods_kinds(work), []
    for key in sorted(keys):
        one = origins[key]
        # What was exchanged came back too, but is expected again.
        back = one.dropped - one.withheld
        one.dropped, one.withheld, one.closure = back, NONE, Closure.OPEN.value
        for row in (row for row in rows if row.origin == key):
            if row.target in goods and row.most < row.quantity:
                more = max((one.ceiling or NONE) - one.base_quantity, NONE) if row.line_id == key else NONE
                changes.append(_kept(row, Closure.OPEN, row.quantity + more))
            elif row.target in goods and row.closure == Closure.FORCED:
                changes.append(_kept(row, Closure.OPEN))
            elif row.line_id == key and row.target not in goods and row.closure == Closure.OPEN:
                whole = one.base_quantity - back
                changes.append(
                    {
                        "_id": row.id,
                        "quantity": whole,
                        "most": max(whole, one.ceiling or whole),
                        "amount": one.money(whole),
                        "closure": row.closure,
                    }
                )
    _change(work, changes)
    ledger(work).touch(document, closure=Closure.OPEN.value, closure_reason="")
    figures.close_what_is_done(work, (origins[key] for key in keys))
    figures.write(work, document, {key: origins[key] for key in keys}, origins)
    step = ledger(work).touch(document)
    step.entries.append(Entry("reopen", {}, source=document.state, target=document.state, reason=reason))
    return document
