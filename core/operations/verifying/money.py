"""Money is neither made nor lost: claims, payments and what is set against what, document by document and in all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, exists, false, func, or_, select, type_coerce

from core.documents.models import Claim, Document, Settlement
from core.documents.received import reckoned
from core.documents.stage import Point, Stage
from core.operations.flow.claims import OWED
from core.operations.flow.routes import posted_states
from core.operations.verifying.questions import AMOUNT, DOCUMENT, LINE, kinds, only, posted, summed
from core.records.invariants import name_of
from core.records.verify import Finding
from core.text import _
from core.work import Work

_CLAIM: Any = Claim.__table__
_SETTLEMENT: Any = Settlement.__table__
_PAYMENT: Any = Document.__table__.alias("payment")
_NEVER = date(1, 1, 1)
NONE = Decimal(0)


def verify_money(work: Work) -> Iterator[Finding]:
    """Claims, their documents, payments, settlements, and the sums of all of them by currency."""
    yield from _claims(work)
    yield from _retained(work)
    yield from _foreign(work)
    yield from _owing(work)
    yield from _collected(work)
    yield from _payments(work)
    yield from _in_all(work)


def _standing() -> Any:
    """Settlements that nobody has taken back."""
    return _SETTLEMENT.c.reversed_at.is_(None)


def _by_claim(work: Work) -> Any:
    """What stands against each claim, be it the receivable or the milestone of the settlement."""
    names = ("claim_id", "milestone_id")
    parts = [
        select(_SETTLEMENT.c[name].label("claim_id"), _SETTLEMENT.c.amount).where(
            _SETTLEMENT.c.company_id == work.company.id, _SETTLEMENT.c[name].is_not(None), _standing()
        )
        for name in names
    ]
    both = parts[0].union_all(parts[1]).subquery()
    return select(both.c.claim_id, summed(both.c.amount).label("amount")).group_by(both.c.claim_id).subquery()


def _claims(work: Work) -> Iterator[Finding]:
    """What is met of each claim is the sum of its settlements."""
    sums = _by_claim(work)
    met = func.coalesce(sums.c.amount, 0)
    rows = work.connection.execute(
        select(
            DOCUMENT.c.id,
            DOCUMENT.c.kind,
            DOCUMENT.c.number,
            _CLAIM.c.name,
            _CLAIM.c.settled,
            type_coerce(met, AMOUNT).label("sum"),
        )
        .join(DOCUMENT, (DOCUMENT.c.id == _CLAIM.c.document_id) & (DOCUMENT.c.company_id == _CLAIM.c.company_id))
        .outerjoin(sums, sums.c.claim_id == _CLAIM.c.id)
        .where(_CLAIM.c.company_id == work.company.id, _CLAIM.c.settled != met)
        .order_by(DOCUMENT.c.id, _CLAIM.c.position)
    )
    for row in rows:
        text = _("Of “{name}”, {noted} is noted as met; its payments come to {sum}.",
                 name=row.name, noted=row.settled, sum=row.sum)  # fmt: skip
        yield Finding("claim.settled", name_of(work, row), text)


def _retained(work: Work) -> Iterator[Finding]:
    """What is retained of an invoice is due by a day, or on that of a milestone of a contract where its lines began."""
    plan, line, origin = _CLAIM.alias("plan"), LINE, LINE.alias("origin")
    begun = (
        select(origin.c.document_id)
        .join(line, (line.c.origin_id == origin.c.id) & (line.c.company_id == origin.c.company_id))
        .where(line.c.company_id == _CLAIM.c.company_id, line.c.document_id == _CLAIM.c.document_id)
        .correlate(_CLAIM)
    )
    followed = exists().where(
        plan.c.company_id == _CLAIM.c.company_id,
        plan.c.id == _CLAIM.c.follows_id,
        plan.c.claim_kind == "milestone",
        plan.c.retained,
        plan.c.document_id.in_(begun),
        func.coalesce(plan.c.due, _NEVER) == func.coalesce(_CLAIM.c.due, _NEVER),
    )
    alone = and_(_CLAIM.c.follows_id.is_(None), or_(_CLAIM.c.claim_kind != "retention", _CLAIM.c.due.is_not(None)))
    rows = work.connection.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.kind, DOCUMENT.c.number, _CLAIM.c.name)
        .join(DOCUMENT, (DOCUMENT.c.id == _CLAIM.c.document_id) & (DOCUMENT.c.company_id == _CLAIM.c.company_id))
        .where(
            _CLAIM.c.company_id == work.company.id,
            or_(_CLAIM.c.follows_id.is_not(None), _CLAIM.c.claim_kind == "retention"),
            ~and_(_CLAIM.c.claim_kind == "retention", followed),
            ~alone,
        )
        .order_by(DOCUMENT.c.id, _CLAIM.c.position)
    )
    for row in rows:
        text = _("“{name}” is not due when its milestone is.", name=row.name)
        yield Finding("claim.due", name_of(work, row), text)


def _foreign(work: Work) -> Iterator[Finding]:
    """A payment meets claims of its own customer in its own currency, and a claim is its document's."""
    against = or_(_CLAIM.c.id == _SETTLEMENT.c.claim_id, _CLAIM.c.id == _SETTLEMENT.c.milestone_id)
    rows = work.connection.execute(
        select(_PAYMENT.c.id, _PAYMENT.c.kind, _PAYMENT.c.number, _CLAIM.c.name)
        .select_from(_SETTLEMENT)
        .join(_CLAIM, and_(_CLAIM.c.company_id == _SETTLEMENT.c.company_id, against))
        .join(
            _PAYMENT, and_(_PAYMENT.c.company_id == _SETTLEMENT.c.company_id, _PAYMENT.c.id == _SETTLEMENT.c.payment_id)
        )
        .where(
            _SETTLEMENT.c.company_id == work.company.id,
            or_(
                _CLAIM.c.party_id != _PAYMENT.c.party_id,
                _CLAIM.c.currency != _PAYMENT.c.currency,
                _SETTLEMENT.c.currency != _PAYMENT.c.currency,
            ),
        )
        .order_by(_PAYMENT.c.id)
    )
    for row in rows:
        text = _("It is set against “{name}”, which is another customer's or in another currency.", name=row.name)
        yield Finding("settlement.foreign", name_of(work, row), text)
    yield from _astray(work)


def _astray(work: Work) -> Iterator[Finding]:
    """A payment meets something that is owed, or a milestone, as each of the two is."""
    places = (("claim_id", _CLAIM.c.claim_kind.in_(OWED)), ("milestone_id", _CLAIM.c.claim_kind.not_in(OWED)))
    strange = [
        and_(
            _SETTLEMENT.c[name].is_not(None),
            ~exists().where(_CLAIM.c.company_id == work.company.id, _CLAIM.c.id == _SETTLEMENT.c[name], fits),
        )
        for name, fits in places
    ]
    rows = work.connection.execute(
        select(_PAYMENT.c.id, _PAYMENT.c.kind, _PAYMENT.c.number)
        .select_from(_SETTLEMENT)
        .join(
            _PAYMENT, and_(_PAYMENT.c.company_id == _SETTLEMENT.c.company_id, _PAYMENT.c.id == _SETTLEMENT.c.payment_id)
        )
        .where(_SETTLEMENT.c.company_id == work.company.id, or_(*strange))
        .order_by(_PAYMENT.c.id)
    )
    for row in rows:
        yield Finding("settlement.astray", name_of(work, row), _("It is set against something that nobody owes."))


def _owing(work: Work) -> Iterator[Finding]:
    """On what is owed, met and open are sums over its claims; the claims of an invoice come to its total."""
    owed = _CLAIM.c.claim_kind.in_(OWED)
    sums = (
        select(
            _CLAIM.c.document_id,
            summed(_CLAIM.c.settled).label("settled"),
            summed(only(owed, _CLAIM.c.amount)).label("amount"),
            summed(only(owed, _CLAIM.c.settled)).label("met"),
        )
        .where(_CLAIM.c.company_id == work.company.id)
        .group_by(_CLAIM.c.document_id)
        .subquery()
    )
    invoiced = posted(work, Point.INVOICE) & DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False))
    rows = work.connection.execute(
        select(
            *(DOCUMENT.c[name] for name in ("id", "kind", "number", "gross", "settled", "unsettled")),
            sums.c.settled.label("sum"),
            sums.c.amount,
            sums.c.met,
            type_coerce(only(invoiced, DOCUMENT.c.gross), AMOUNT).label("invoice"),
        )
        .outerjoin(sums, sums.c.document_id == DOCUMENT.c.id)
        .where(
            DOCUMENT.c.company_id == work.company.id,
            or_(sums.c.document_id.is_not(None), invoiced),
            ~_pays(work),
            or_(
                DOCUMENT.c.settled != func.coalesce(sums.c.settled, 0),
                DOCUMENT.c.unsettled != func.coalesce(sums.c.amount - sums.c.met, 0),
                and_(invoiced, DOCUMENT.c.gross != func.coalesce(sums.c.amount, 0)),
            ),
        )
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        total, met, left = row.sum or NONE, row.met or NONE, (row.amount or NONE)
        if row.settled != total:
            text = _("{noted} is noted as met; its claims come to {sum}.", noted=row.settled, sum=total)
            yield Finding("document.settled", name_of(work, row), text)
        if row.unsettled != left - met:
            text = _("{noted} is noted as open; its claims come to {sum}.", noted=row.unsettled, sum=left - met)
            yield Finding("document.unsettled", name_of(work, row), text)
        if row.invoice and row.invoice != left:
            text = _("It comes to {total}, what is owed on it to {sum}.", total=row.gross, sum=left)
            yield Finding("claim.total", name_of(work, row), text)


def _collected(work: Work) -> Iterator[Finding]:
    """What is noted as received for a document is what was allocated to it and to its invoices."""
    told, noted = reckoned(work), Document.collected
    statement = (
        select(Document.id, Document.kind, Document.number, noted.label("noted"), told.label("told"))
        .where(or_(Document.invoiced != 0, Document.settled != 0, noted != 0), noted != told)
        .order_by(Document.id)
    )
    for row in work.session.execute(statement):
        text = _("{noted} is noted as received; what was allocated comes to {sum}.", noted=row.noted, sum=row.told)
        yield Finding("document.collected", name_of(work, row), text)


def _pays(work: Work) -> Any:
    """Documents that pay: receipts, and credit notes."""
    return DOCUMENT.c.kind.in_([*kinds(work, Stage.RECEIPT), *kinds(work, Stage.INVOICE, corrects=True)])


def _payments(work: Work) -> Iterator[Finding]:
    """Of a payment, used and free come to its amount; one that never was, or was not paid after all, has neither."""
    sums = (
        select(
            _SETTLEMENT.c.payment_id,
            summed(_SETTLEMENT.c.amount).label("used"),
            summed(only(_SETTLEMENT.c.claim_id.is_not(None), _SETTLEMENT.c.amount)).label("invoiced"),
        )
        .where(_SETTLEMENT.c.company_id == work.company.id, _standing())
        .group_by(_SETTLEMENT.c.payment_id)
        .subquery()
    )
    used, invoiced = func.coalesce(sums.c.used, 0), func.coalesce(sums.c.invoiced, 0)
    total = type_coerce(func.abs(DOCUMENT.c.gross), AMOUNT)
    counts, void = _counting(work)
    whole = or_(
        and_(counts, invoiced + DOCUMENT.c.unsettled == total),
        and_(used == 0, DOCUMENT.c.unsettled == 0, ~counts | void),
    )
    rows = work.connection.execute(
        select(
            *(DOCUMENT.c[name] for name in ("id", "kind", "number", "gross", "settled", "unsettled")),
            type_coerce(used, AMOUNT).label("used"),
            type_coerce(invoiced, AMOUNT).label("invoiced"),
        )
        .outerjoin(sums, sums.c.payment_id == DOCUMENT.c.id)
        .where(DOCUMENT.c.company_id == work.company.id, _pays(work), or_(DOCUMENT.c.settled != used, ~whole))
        .order_by(DOCUMENT.c.id)
    )
    for row in rows:
        if row.settled != row.used:
            text = _(
                "{noted} is noted as used; what it is set against comes to {sum}.", noted=row.settled, sum=row.used
            )
            yield Finding("payment.used", name_of(work, row), text)
        else:
            text = _(
                "It comes to {total}; {used} of it meets invoices and {free} is free.",
                total=abs(row.gross),
                used=row.invoiced,
                free=row.unsettled,
            )
            yield Finding("payment.rest", name_of(work, row), text)
    yield from _beside_payments(work)


def _counting(work: Work) -> tuple[Any, Any]:
    """When a payment counts, and among those states the ones in which it turned out not to have been paid."""
    counts, void = [], []
    for kind, cls in sorted(work.types.documents.items()):
        states = posted_states(cls, frozenset({Point.RECEIPT, Point.INVOICE}))
        if states and (cls.stage is Stage.RECEIPT or cls.corrects):
            counts.append(and_(DOCUMENT.c.kind == kind, DOCUMENT.c.state.in_(sorted(states))))
            aside = [s.key for s in cls.workflow.states if s.key in states and s.aside and s.ends]
            void.append(and_(DOCUMENT.c.kind == kind, DOCUMENT.c.state.in_(aside)))
    return or_(false(), *counts), or_(false(), *void)


def _beside_payments(work: Work) -> Iterator[Finding]:
    """Figures of money on documents that neither owe nor pay."""
    owes = exists().where(_CLAIM.c.company_id == DOCUMENT.c.company_id, _CLAIM.c.document_id == DOCUMENT.c.id)
    rows = work.connection.execute(
        select(*(DOCUMENT.c[name] for name in ("id", "kind", "number", "settled", "unsettled"))).where(
            DOCUMENT.c.company_id == work.company.id,
            or_(DOCUMENT.c.settled != 0, DOCUMENT.c.unsettled != 0),
            ~owes,
            ~_pays(work),
            ~posted(work, Point.INVOICE),
        )
    )
    for row in rows:
        text = _(
            "{met} is noted as met and {open} as open, but nothing is owed on it.", met=row.settled, open=row.unsettled
        )
        yield Finding("document.unsettled", name_of(work, row), text)


def _in_all(work: Work) -> Iterator[Finding]:
    """By currency: what was received is used or free; what was invoiced is paid or owed."""
    counts, _void = _counting(work)
    paid = _totals(work, and_(_pays(work), counts, DOCUMENT.c.unsettled + DOCUMENT.c.settled != 0), size=True)
    free = _totals(work, _pays(work), column=DOCUMENT.c.unsettled)
    owed = _totals(
        work, and_(posted(work, Point.INVOICE), DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False)))
    )
    left = _totals(work, DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False)), column=DOCUMENT.c.unsettled)
    met = _met(work)
    for currency in sorted({*paid, *free, *owed, *left, *met}):
        used, on_invoices = met.get(currency, (NONE, NONE))
        if paid.get(currency, NONE) != used + free.get(currency, NONE):
            text = _(
                "{received} was received and credited; {used} of it is used and {free} is free.",
                received=paid.get(currency, NONE),
                used=used,
                free=free.get(currency, NONE),
            )
            yield Finding("money.received", currency, text)
        if owed.get(currency, NONE) != on_invoices + left.get(currency, NONE):
            text = _(
                "{invoiced} was invoiced; {met} of it is met and {left} is open.",
                invoiced=owed.get(currency, NONE),
                met=on_invoices,
                left=left.get(currency, NONE),
            )
            yield Finding("money.owed", currency, text)


def _totals(work: Work, condition: Any, *, column: Any = None, size: bool = False) -> dict[str, Decimal]:
    figure = DOCUMENT.c.gross if column is None else column
    figure = type_coerce(func.abs(figure), AMOUNT) if size else figure
    rows = work.connection.execute(
        select(DOCUMENT.c.currency, summed(type_coerce(figure, AMOUNT)))
        .where(DOCUMENT.c.company_id == work.company.id, condition)
        .group_by(DOCUMENT.c.currency)
    )
    return {currency: total for currency, total in rows if total}


def _met(work: Work) -> dict[str, tuple[Decimal, Decimal]]:
    """By currency, what settlements against receivables come to, and how much of it is on invoices."""
    invoice = DOCUMENT.c.kind.in_(kinds(work, Stage.INVOICE, corrects=False))
    rows = work.connection.execute(
        select(_SETTLEMENT.c.currency, summed(_SETTLEMENT.c.amount), summed(only(invoice, _SETTLEMENT.c.amount)))
        .join(_CLAIM, and_(_CLAIM.c.company_id == _SETTLEMENT.c.company_id, _CLAIM.c.id == _SETTLEMENT.c.claim_id))
        .join(DOCUMENT, and_(DOCUMENT.c.company_id == _CLAIM.c.company_id, DOCUMENT.c.id == _CLAIM.c.document_id))
        .where(_SETTLEMENT.c.company_id == work.company.id, _standing())
        .group_by(_SETTLEMENT.c.currency)
    )
    return {currency: (total, part) for currency, total, part in rows}
