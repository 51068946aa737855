"""What flows between documents, for programs: what waits, taking it, what is still open, closing and reopening."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.canonical import plain
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.reading import load
from core.errors import Invalid, Unknown
from core.extension.allocating import Allocating
from core.operations.flow import claims, closing, offers
from core.operations.flow.rows import in_unit
from core.operations.move import Asked, go_on
from core.schemas import given, outputs, requests
from core.web.api.calls import Answer, Call, marked, told
from core.web.api.documents import header
from core.web.api.records import place_of
from core.work import Work

LEAST, LARGEST = 1, 2**62


def waiting(work: Work, call: Call) -> Answer:
    """The lines that wait for this type, quantities in each line's own unit."""
    party, source = (_asked(call, name) for name in ("party_id", "document_id"))
    rows = offers.offered(work, call.document, party_id=party, document_id=source)
    return told({"items": [_waiting(work, row, back=call.document.brings_back) for row in rows]})


def _asked(call: Call, name: str) -> int | None:
    return call.whole(name, 0, LEAST, LARGEST) if name in call.query else None


def _waiting(work: Work, row: Any, *, back: bool) -> dict[str, Any]:
    left = row.delivered - row.returned if back else row.left
    return {
        "line_id": row.line_id,
        "document_id": row.document_id,
        "kind": row.kind,
        "number": row.number,
        "party_id": row.party_id,
        "party_name": row.party_name,
        "item_id": row.item_id,
        "code": row.code,
        "name": row.name,
        "specification": row.specification,
        "unit": row.unit,
        "quantity": plain(in_unit(left, row.factor)),
        "deadline": plain(row.deadline),
    }


def take(work: Work, call: Call) -> Answer:
    """A new draft from lines that wait, of one document or several of one customer, and the moves it makes at once."""
    work.demand(f"{kind_of(call.document)}.create")
    asked = requests.read(requests.TakeInput, call.body)
    values = given.read(work, call.document, asked["values"], partial=True)
    if "lines" in values:
        raise Invalid([requests.not_here("values/lines")])
    wanted = [(row["line_id"], row.get("quantity")) for row in asked["lines"]]
    moves = [Asked(**one) for one in asked["then"]]
    document = offers.begin(
        work, call.document, wanted, values, exchanged=asked["exchanged"], moves={one.name for one in moves}
    )
    go_on(work, document, moves)
    work.finish()
    shown = outputs.document(work, document)
    return marked(shown, 201, location=f"{call.root}{place_of(call.document)}/{document.id}")


def still_open(work: Work, call: Call) -> Answer:
    """What of a document's lines was released and for which type, how much was taken, and the figures of its lines."""
    document: Document = load(work, call.document, call.id)
    rows = [
        {
            "line_id": row.line_id,
            "target": row.target,
            "quantity": plain(in_unit(row.quantity, row.factor)),
            "taken": plain(in_unit(row.taken, row.factor)),
            "closure": row.closure,
        }
        for row in offers.still_open(work, document)
    ]
    lines = [
        {"line_id": line.id, "closure": line.closure}
        | {name: plain(in_unit(getattr(line, name), line.factor)) for name in FIGURES}
        for line in document.lines
    ]
    owed = [_owed(row) for row in claims.of(work, [document.id])]
    return told({"closure": document.closure, "open": rows, "lines": lines, "claims": owed})


FIGURES = ("supplied", "delivered", "returned", "invoiced", "credited", "dropped")


def list_claims(work: Work, call: Call) -> Answer:
    """What a payment may be set against, how it would be by itself, and what it meets now."""
    how = _how(call)
    document: Document = load(work, call.document, call.id, lines=False)
    work.demand(how.permission)
    proposed = {use.claim_id or use.milestone_id: use.amount for use in how.propose(work, document)}
    usable = how.usable(document)
    rows = [
        _owed(row) | {"document_id": row.document_id, "proposed": plain(proposed.get(row.id, Decimal(0)))}
        for row in (how.open_claims(work, document) if usable else ())
    ]
    met = [
        {"id": row.id, "claim_kind": row.claim_kind, "name": row.name, "amount": plain(row.amount)}
        | {"document_id": row.document_id}
        for row in how.settled_with(work, document)
    ]
    return told({"free": plain(how.free(document)), "claims": rows, "settlements": met})


def _owed(row: Any) -> dict[str, Any]:
    return {"id": row.id, "claim_kind": row.claim_kind, "name": row.name, "due": plain(row.due)} | {
        "amount": plain(row.amount),
        "settled": plain(row.settled),
    }


def _how(call: Call) -> Allocating:
    how = call.program.registry.allocating.get(kind_of(call.document))
    if how is None:
        raise Unknown()
    return how


def allocate(work: Work, call: Call) -> Answer:
    """Set parts of a payment against claims."""
    work.demand(_how(call).permission)
    asked = requests.read(requests.AllocateInput, call.body)
    found = claims.spread(work, [claims.Use(**row) for row in asked["uses"]])
    document = _how(call).allocate(work, call.id, found, version=call.seen(needed=False))
    work.finish()
    return marked(header(work, document))


def take_back(work: Work, call: Call) -> Answer:
    """Take back what a payment was set against."""
    work.demand(_how(call).permission)
    asked = requests.read(requests.TakeBackInput, call.body)
    document = _how(call).take_back(
        work, call.id, asked["settlements"], reason=asked["reason"], version=call.seen(needed=False)
    )
    work.finish()
    return marked(header(work, document))


def close(work: Work, call: Call) -> Answer:
    """What is still open of the document, or of some lines, will not come any more."""
    work.demand(f"{kind_of(call.document)}.close")
    asked = requests.read(requests.CloseInput, call.body)
    lines = asked.get("lines")
    version = call.seen(needed=False)
    document = closing.close(work, call.document, call.id, lines=lines, reason=asked["reason"], version=version)
    work.finish()
    return marked(header(work, document))


def reopen(work: Work, call: Call) -> Answer:
    """What was closed by hand is open again."""
    work.demand(f"{kind_of(call.document)}.close")
    asked = requests.read(requests.WithdrawInput, call.body)
    version = call.seen(needed=False)
    document = closing.reopen(work, call.document, call.id, reason=asked["reason"], version=version)
    work.finish()
    return marked(header(work, document))
