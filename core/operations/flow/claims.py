"""Claims and settlements: what is owed by which day, and which payment meets it.

A payment is a document of the stage RECEIPT, or a credit note. A settlement may meet a receivable, a milestone of the
contract, or both at once; a payment is never used beyond its amount, nor a claim beyond its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from core.db.among import among
from core.documents.models import Claim, Document, Settlement
from core.errors import Conflict, Fault, Invalid, Unknown
from core.operations.flow import collecting
from core.operations.flow.locking import ITSELF, lock_documents
from core.operations.ledger import ledger
from core.records.contents import CLAIMS, hash_rows
from core.text import _
from core.work import Work

_CLAIM: Any = Claim.__table__
_SETTLEMENT: Any = Settlement.__table__
_HEADER: Any = Document.__table__
_MINE = _CLAIM.c.company_id == bindparam("_company")
_CLAIMS = (
    select(_CLAIM, _HEADER.c.kind)
    .join(_HEADER, (_HEADER.c.id == _CLAIM.c.document_id) & (_HEADER.c.company_id == _CLAIM.c.company_id))
    .where(_MINE, _CLAIM.c.id.in_(bindparam("_claims", expanding=True)))
)
_OWING = select(_CLAIM.c.document_id).where(_MINE, _CLAIM.c.id.in_(bindparam("_claims", expanding=True)))
_OF_DOCUMENTS = (
    select(_CLAIM, _HEADER.c.kind)
    .join(_HEADER, (_HEADER.c.id == _CLAIM.c.document_id) & (_HEADER.c.company_id == _CLAIM.c.company_id))
    .where(_MINE, _CLAIM.c.document_id.in_(bindparam("_ids", expanding=True)))
    .order_by(_CLAIM.c.document_id, _CLAIM.c.position)
)
# Documents with what lies behind them, each at least once: those without claims are known to have none.
_BEHIND = (
    select(_HEADER.c.id.label("owner_id"), _CLAIM, _HEADER.c.kind)
    .outerjoin(_CLAIM, (_CLAIM.c.document_id == _HEADER.c.id) & (_CLAIM.c.company_id == _HEADER.c.company_id))
    .where(_HEADER.c.company_id == bindparam("_company"), among(_HEADER.c.id, collecting.CHANGED))
    .order_by(_HEADER.c.id, _CLAIM.c.position)
)
_READ = "claims.read"
NONE = Decimal(0)
OWED = ("receivable", "retention")


@dataclass(frozen=True, slots=True)
class ClaimValue:
    """A claim to be made: what it is called, how much (document's currency, 2 decimals), by when, and of which kind.

    ``retained``: of a milestone, that its share of each invoice is not due before the milestone's own day; ``follows``
    the claim of that milestone, while nobody knows its day.
    """

    name: str
    amount: Decimal
    due: date | None
    claim_kind: str = "receivable"
    retained: bool = False
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a payment meets a claim on an invoice, a milestone, or both; or, before ``spread``, a document's."""

    amount: Decimal
    claim_id: int | None = None
    milestone_id: int | None = None
    document_id: int | None = None


# Claims ---------------------------------------------------------------------------------------------------------------


def make(work: Work, document: Document, values: Sequence[ClaimValue]) -> None:
    """Enter what is owed on ``document``; an invoice's claims come to its total and are open on its header."""
    rows = [
        {
            "company_id": work.company.id,
            "document_id": document.id,
            "party_id": document.party_id,
            "position": place,
            "claim_kind": value.claim_kind,
            "name": value.name,
            "due": value.due,
            "currency": document.currency,
            "amount": value.amount,
            "retained": value.retained,
            "follows_id": value.follows,
        }
        for place, value in enumerate(values, 1)
        if value.amount > 0
    ]
    if not rows:
        return
    work.connection.execute(insert(_CLAIM), rows)
    _forget(work)
    ledger(work).wrote(document, CLAIMS, hash_rows(Claim, [SimpleNamespace(**row) for row in rows]))
    if any(value.claim_kind not in OWED for value in values):
        collecting.planned(work, document)
    owed = sum((value.amount for value in values if value.claim_kind in OWED), NONE)
    if owed:
        ledger(work).touch(document, unsettled=document.unsettled + owed)


def drop(work: Work, document: Document) -> None:
    """Take the claims of a document back; raises ``Conflict`` when one of them was met already."""
    found = of(work, [document.id])
    if any(row.settled for row in found):
        raise Conflict(_("Money was set against it already; take that back first."), code="claim.settled")
    if found:
        old = [row.id for row in found]
        used = (_SETTLEMENT.c.claim_id.in_(old)) | (_SETTLEMENT.c.milestone_id.in_(old))
        mine = _SETTLEMENT.c.company_id == work.company.id
        if work.connection.execute(select(_SETTLEMENT.c.id).where(mine, used).limit(1)).first():
            raise Conflict(_("Money was set against it before; cancel it instead."), code="claim.settled")
        work.connection.execute(
            _CLAIM.delete().where(_CLAIM.c.company_id == work.company.id, _CLAIM.c.document_id == document.id)
        )
        _forget(work)
        ledger(work).wrote(document, CLAIMS, hash_rows(Claim, ()))
        if any(row.claim_kind not in OWED for row in found):
            collecting.planned(work, document)
        owed = sum((row.amount for row in found if row.claim_kind in OWED), NONE)
        if owed:
            ledger(work).touch(document, unsettled=document.unsettled - owed)


def set_due(work: Work, days: Mapping[int, date | None]) -> None:
    """Give claims their days, by claim id, and with a milestone what waits for it."""
    if days:
        _forget(work)
        mine = or_(_CLAIM.c.id == bindparam("_id"), _CLAIM.c.follows_id == bindparam("_id"))
        work.connection.execute(
            update(_CLAIM).where(_CLAIM.c.company_id == work.company.id, mine).values(due=bindparam("_due")),
            [{"_id": key, "_due": due} for key, due in sorted(days.items())],
        )


def of(work: Work, document_ids: Iterable[int]) -> list[Any]:
    """The claims of these documents, in their order; read once, as long as this work changes none."""
    ids, known = sorted(set(document_ids)), _known(work)
    missing = [key for key in ids if key not in known]
    if missing:
        known |= {key: [] for key in missing}
        for row in work.connection.execute(_OF_DOCUMENTS, {"_company": work.company.id, "_ids": missing}):
            known[row.document_id].append(row)
    return [row for key in ids for row in known[key]]


def _known(work: Work) -> dict[int, list[Any]]:
    """Claims that were read, by the document that they are on."""
    known: dict[int, list[Any]] = work.kept.setdefault(_READ, {})
    return known


def _forget(work: Work) -> None:
    work.kept.pop(_READ, None)


def _look_behind(work: Work, document_ids: Iterable[int]) -> None:
    """Read the claims of these documents and of those where their lines began, in one statement."""
    asked = {"_company": work.company.id, "_documents": sorted(document_ids)}
    found: dict[int, list[Any]] = defaultdict(list)
    for row in work.connection.execute(_BEHIND, asked):
        found[row.owner_id] += [row] if row.id is not None else []
    _known(work).update(found)


def open_of(work: Work, party_id: int, *, kinds: Sequence[str] = OWED, currency: str | None = None) -> list[Any]:
    """A customer's claims that are not met yet, those due first before those without a day."""
    statement = (
        select(_CLAIM, *(_HEADER.c[name] for name in ("kind", "number", "date", "exchange_rate")))
        .join(_HEADER, (_HEADER.c.id == _CLAIM.c.document_id) & (_HEADER.c.company_id == _CLAIM.c.company_id))
        .where(
            _CLAIM.c.company_id == work.company.id,
            _CLAIM.c.party_id == party_id,
            _CLAIM.c.settled < _CLAIM.c.amount,
            _CLAIM.c.claim_kind.in_(kinds),
        )
        .order_by(_CLAIM.c.due.is_(None), _CLAIM.c.due, _CLAIM.c.id)
    )
    if currency:
        statement = statement.where(_CLAIM.c.currency == currency)
    return list(work.connection.execute(statement))


# Settlements ----------------------------------------------------------------------------------------------------------


def settle(work: Work, payment: Document, uses: Sequence[Use]) -> None:
    """Set parts of a locked payment against claims of its customer and currency.

    A payment's header says how much is used (``settled``) and how much no invoice has used yet (``unsettled``). Raises
    ``Invalid`` for claims of others, ``Conflict`` when more would be used than there is, of the payment or a claim.
    """
    ids = {key for use in uses for key in (use.claim_id, use.milestone_id) if key is not None}
    if not uses or any(use.amount <= 0 or (use.claim_id is None and use.milestone_id is None) for use in uses):
        raise Invalid([Fault("uses", _("Say how much goes to which claim."), "required")])
    _lock(work, payment, ids)
    claims = _claims(work, ids)
    _check(payment, uses, claims)
    _change(work, payment, [(use, use.amount) for use in uses], claims)
    work.connection.execute(
        insert(_SETTLEMENT),
        [
            {
                "company_id": work.company.id,
                "claim_id": use.claim_id,
                "milestone_id": use.milestone_id,
                "payment_id": payment.id,
                "currency": payment.currency,
                "amount": use.amount,
                "at": work.now,
                "by_id": work.actor_id,
            }
            for use in uses
        ],
    )


def spread(work: Work, uses: Sequence[Use]) -> list[Use]:
    """Uses that name a document, against what is open of its claims, in their order; the others as they are.

    What is beyond all of them falls on the last, for ``settle`` to refuse. Raises ``Invalid`` when a document has none.
    """
    wanted = {use.document_id for use in uses if use.document_id is not None}
    if wanted:
        _look_behind(work, wanted)
    owed = [row for row in of(work, wanted) if row.claim_kind in OWED]
    left = {row.id: row.amount - row.settled for row in owed}
    found = []
    for place, use in enumerate(uses):
        rows = [row for row in owed if row.document_id == use.document_id]
        if use.document_id is None:
            found.append(use)
        elif not rows or use.claim_id is not None or use.milestone_id is not None:
            raise Invalid(
                [Fault(f"uses/{place}/document_id", _("There is no such claim on this customer."), "reference")]
            )
        else:
            found += _in_turn(use.amount, rows, left)
    return found


def _in_turn(amount: Decimal, rows: Sequence[Any], left: dict[int, Decimal]) -> Iterator[Use]:
    for row in rows:
        part = amount if row is rows[-1] else min(amount, left[row.id])
        if part > 0:
            left[row.id] -= part
            amount -= part
            yield Use(part, row.id)


def begin(work: Work, payment: Document) -> None:
    """Let a locked payment be used from now on: all of it is an advance, or a credit, until it meets something."""
    ledger(work).touch(payment, unsettled=abs(payment.gross) - payment.settled)


def void(work: Work, payment: Document) -> None:
    """Let a locked payment meet nothing any more, nor be an advance: it was none after all."""
    reverse(work, payment, [row.id for row in settlements(work, payment.id)])
    ledger(work).touch(payment, unsettled=NONE)


def settlements(work: Work, payment_id: int) -> list[Any]:
    """What a payment is set against now."""
    return list(
        work.connection.execute(
            select(_SETTLEMENT)
            .where(
                _SETTLEMENT.c.company_id == work.company.id,
                _SETTLEMENT.c.payment_id == payment_id,
                _SETTLEMENT.c.reversed_at.is_(None),
            )
            .order_by(_SETTLEMENT.c.id)
        )
    )


def reverse(work: Work, payment: Document, settlement_ids: Iterable[int]) -> None:
    """Take settlements of a locked payment back; they stay on record with the moment of it.

    Raises ``Unknown`` for what is not of this payment, or was taken back before, ``Conflict`` for what was paid back.
    """
    wanted = sorted(set(settlement_ids))
    rows = [row for row in settlements(work, payment.id) if row.id in wanted]
    if len(rows) != len(wanted):
        raise Unknown()
    if not rows:
        return
    ids = {key for row in rows for key in (row.claim_id, row.milestone_id) if key is not None}
    _lock(work, payment, ids)
    done = work.connection.execute(
        update(_SETTLEMENT)
        .where(
            _SETTLEMENT.c.company_id == work.company.id,
            _SETTLEMENT.c.id.in_(wanted),
            _SETTLEMENT.c.reversed_at.is_(None),
        )
        .values(reversed_at=work.now)
    )
    if done.rowcount != len(rows):
        raise Conflict(_("Somebody else has changed this in the meantime."), code="claim.changed")
    claims = _claims(work, ids)
    if any(work.types.document(claim.kind).pays_back for claim in claims.values()):
        raise Conflict(_("What was paid back to the customer stays so."), code="claim.paid_back")
    changes = [(Use(row.amount, row.claim_id, row.milestone_id), -row.amount) for row in rows]
    _change(work, payment, changes, claims)


def _lock(work: Work, payment: Document, claim_ids: Iterable[int]) -> None:
    """What a payment moves between, and the documents for which money is received with it."""
    chosen = (_OWING, ITSELF, collecting.BEHIND_CLAIMS, collecting.BEHIND)
    lock_documents(work, *chosen, _claims=sorted(claim_ids), _key=payment.id)


def _claims(work: Work, ids: Iterable[int]) -> dict[int, Any]:
    """Claims by id. Where they were read before they stood locked, ``_MEET`` refuses what has changed since."""
    wanted = set(ids)
    found = {row.id: row for rows in _known(work).values() for row in rows if row.id in wanted}
    if missing := sorted(wanted - found.keys()):
        rows = work.connection.execute(_CLAIMS, {"_company": work.company.id, "_claims": missing})
        found |= {row.id: row for row in rows}
    return found


def _check(payment: Document, uses: Sequence[Use], claims: Mapping[int, Any]) -> None:
    faults = []
    for place, use in enumerate(uses):
        for key, kinds in ((use.claim_id, OWED), (use.milestone_id, ("milestone",))):
            if key is None:
                continue
            claim = claims.get(key)
            if claim is None or claim.party_id != payment.party_id or claim.claim_kind not in kinds:
                faults.append(Fault(f"uses/{place}", _("There is no such claim on this customer."), "reference"))
            elif claim.currency != payment.currency:
                faults.append(Fault(f"uses/{place}", _("Only claims in the payment's own currency."), "currency"))
    if faults:
        raise Invalid(faults)


@dataclass(slots=True)
class _Change:
    """What changes on a document: more of it is met, less of it open, more received for it."""

    met: Decimal = NONE
    open: Decimal = NONE
    collected: Decimal = NONE


def _change(work: Work, payment: Document, changes: Sequence[tuple[Use, Decimal]], claims: Mapping[int, Any]) -> None:
    """Move the figures of the claims, their documents and the payment by signed amounts."""
    by_claim: dict[int, Decimal] = defaultdict(lambda: NONE)
    by_document: dict[int, _Change] = defaultdict(_Change)
    used, invoiced = NONE, NONE
    for use, amount in changes:
        used += amount
        for key in (use.claim_id, use.milestone_id):
            if key is None:
                continue
            by_claim[key] += amount
            figures = by_document[claims[key].document_id]
            figures.met += amount
            if key == use.claim_id:
                figures.open -= amount
                invoiced += amount
    if payment.settled + used > abs(payment.gross) or payment.unsettled - invoiced < 0:
        left = max(abs(payment.gross) - payment.settled, NONE)
        raise Conflict(_("Of this payment only {left} are left.", left=left), code="payment.used")
    _check_open(by_claim, claims)
    _forget(work)
    _write_claims(work, by_claim)
    for key, more in collecting.received(work, payment, _parts(changes, claims)).items():
        by_document[key].collected += more
    others = {key: figures for key, figures in by_document.items() if key != payment.id}
    _write_documents(work, {key: figures for key, figures in others.items() if not _in_hand(work, key, figures)})
    ledger(work).touch(payment, settled=payment.settled + used, unsettled=payment.unsettled - invoiced)


def _check_open(changes: Mapping[int, Decimal], claims: Mapping[int, Any]) -> None:
    for key, change in changes.items():
        left = claims[key].amount - claims[key].settled
        if change > left:
            text = _("Of “{name}” only {left} are still open.", name=claims[key].name, left=left)
            raise Conflict(text, code="claim.met")


def _parts(changes: Sequence[tuple[Use, Decimal]], claims: Mapping[int, Any]) -> list[collecting.Part]:
    """What moves, by the documents of the claims."""
    owner: dict[int | None, int] = {key: claim.document_id for key, claim in claims.items()}
    return [collecting.Part(amount, owner.get(use.claim_id), owner.get(use.milestone_id)) for use, amount in changes]


def _in_hand(work: Work, key: int, change: _Change) -> bool:
    """Whether the document is being written in this work already; then its figures go with the rest of it."""
    document = ledger(work).in_hand(key)
    if document is not None:
        figures = {"settled": document.settled + change.met, "unsettled": document.unsettled + change.open}
        if change.collected and document.collected is not None:
            figures["collected"] = document.collected + change.collected
        ledger(work).touch(document, **figures)
    return document is not None


def _write_claims(work: Work, changes: Mapping[int, Decimal]) -> None:
    mine = {"_company": work.company.id}
    done = work.connection.execute(
        _MEET, [{**mine, "_id": key, "_more": change} for key, change in sorted(changes.items())]
    )
    if done.rowcount != len(changes):
        raise Conflict(_("Somebody else has changed this in the meantime."), code="claim.changed")


def _write_documents(work: Work, changes: Mapping[int, _Change]) -> None:
    if not changes:
        return
    mine = {"_company": work.company.id}
    values = [
        {**mine, "_id": key, "_met": one.met, "_open": one.open, "_collected": one.collected}
        for key, one in sorted(changes.items())
    ]
    work.connection.execute(_MOVE, values)


_MORE = bindparam("_more", type_=_CLAIM.c.settled.type)
_MEET = (
    update(_CLAIM)
    .where(_MINE, _CLAIM.c.id == bindparam("_id"), _CLAIM.c.settled + _MORE <= _CLAIM.c.amount)
    .values(settled=_CLAIM.c.settled + _MORE)
)
_MOVE = (
    update(_HEADER)
    .where(_HEADER.c.company_id == bindparam("_company"), _HEADER.c.id == bindparam("_id"))
    .values(
        settled=_HEADER.c.settled + bindparam("_met", type_=_HEADER.c.settled.type),
        unsettled=_HEADER.c.unsettled + bindparam("_open", type_=_HEADER.c.unsettled.type),
        collected=_HEADER.c.collected + bindparam("_collected", type_=_HEADER.c.collected.type),
    )
)
