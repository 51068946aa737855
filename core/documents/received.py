"""What was received for each document in which lines began: contracts, orders, or whatever comes first.

A document with milestones of its own has received what met these. Another has its part of every payment that met an
invoice of its lines. Such a payment is spread over the documents whose lines are on the invoice by what each is asked
for there, less what red letters have taken back. Where these parts are added up, in the order of the documents, each
sum is rounded half up to the cent, so that the parts come to the payment, and all payments of an invoice to what each
document is asked for. What met a milestone together with an invoice is that contract's alone. A red letter is no money
on the invoice that it corrects: what it meets there was not received. Its credit that meets anything else, or is paid
back, is money that moves: received there, and no longer for the documents where the letter's lines began.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    type_coerce,
)
from sqlalchemy.orm import aliased

from core.db.among import among
from core.db.shares import Share
from core.db.types import BigId
from core.documents.kinds import kind_of
from core.documents.models import Claim, Document, DocumentLine, Settlement
from core.documents.stage import Stage
from core.work import Work

_BEGUN: Any = aliased(DocumentLine)
_PAYMENT: Any = aliased(Document)
_MONEY = Settlement.amount.type
Letters = tuple[type[Document], ...]


def reckoned(work: Work) -> ColumnElement[Any]:
    """What was received for the ``Document`` of the statement around it: in its currency, 2 decimals, exact.

    Summed anew from what was allocated, which takes its time; ``Document.collected`` keeps it.
    """
    return _reckoned(_letters(work))


@cache
def _reckoned(letters: Letters) -> ColumnElement[Any]:
    parts = _parts(letters, Document.id).correlate(Document).subquery("parts")
    spread = select(_sum(parts.c.amount)).correlate(Document).scalar_subquery()
    gone = _gone(letters, Document.id).correlate(Document).subquery("gone")
    left = select(_sum(gone.c.amount)).correlate(Document).scalar_subquery()
    return type_coerce(case((_planned(Document.id), Document.settled), else_=spread) + left, _MONEY)


def payments(work: Work, document_id: int, *, most: int) -> list[Any]:
    """The payments of which something was received for a document, by day: id, kind, number, date, amount.

    The amounts are in the document's currency, with 2 decimals, and those of all come to ``Document.collected``.
    """
    return list(work.session.execute(_payments(_letters(work)), {"at": document_id, "most": most}))


@cache
def _payments(letters: Letters) -> Select[Any]:
    at: SQLColumnExpression[int] = bindparam("at", type_=BigId)
    plan = aliased(Claim)
    met: Any = (
        select(Settlement.payment_id, Settlement.amount)
        .join(plan, and_(plan.id == Settlement.milestone_id, plan.company_id == Settlement.company_id))
        .where(plan.document_id == at, Settlement.reversed_at.is_(None))
    )
    parts = met.union_all(_parts(letters, at).where(~_planned(at)), _gone(letters, at)).subquery("parts")
    amount = _sum(parts.c.amount)
    return (
        select(Document.id, Document.kind, Document.number, Document.date, amount.label("amount"))
        .join(parts, parts.c.payment_id == Document.id)
        .where(parts.c.amount != 0)
        .group_by(Document.id, Document.kind, Document.number, Document.date)
        .having(amount != 0)
        .order_by(Document.date, Document.id)
        .limit(bindparam("most"))
    )


def _parts(letters: Letters, at: SQLColumnExpression[int]) -> Select[Any]:
    """By payment the parts of the document ``at`` in the money that met invoices of its lines, but no milestone."""
    paid, line = _paid(letters, at), aliased(DocumentLine)
    others = _lines(line).where(line.document_id == paid.c.invoice_id, _began(line) != at)
    alone = ~others.correlate(paid, Document).exists()
    part = case((alone, paid.c.amount), else_=_spread(letters, paid, at))
    return select(paid.c.payment_id, part.label("amount"))


def _paid(letters: Letters, at: SQLColumnExpression[int]) -> Any:
    """The money that met invoices of the document's lines, and how much of each invoice was paid with it.

    Lists within lists lead from the document to its lines, and on to claims and settlements by their indexes. Of joins
    SQLite, which knows nothing of how much there is of what, takes those first of which there is most.
    """
    claim = aliased(Claim)
    mine = select(_BEGUN.id).where(_BEGUN.document_id == at).correlate(Document)
    drawn = select(DocumentLine.document_id).where(among(DocumentLine.origin_id, mine))
    owed = select(claim.id).where(among(claim.document_id, drawn))
    so_far = func.sum(Settlement.amount, type_=_MONEY).over(partition_by=Claim.document_id, order_by=Settlement.id)
    return (
        select(Claim.document_id.label("invoice_id"), Settlement.payment_id, Settlement.amount, so_far.label("so_far"))
        .join(Claim, and_(Claim.id == Settlement.claim_id, Claim.company_id == Settlement.company_id))
        .join(_PAYMENT, and_(_PAYMENT.id == Settlement.payment_id, _PAYMENT.company_id == Settlement.company_id))
        .where(
            among(Settlement.claim_id, owed),
            Settlement.reversed_at.is_(None),
            # Not "IS NULL": SQLite would go by the index of milestones, where nearly all have none.
            func.coalesce(Settlement.milestone_id, 0) == 0,
            or_(_PAYMENT.kind.not_in(_kinds(letters)), ~_corrects(letters, _PAYMENT, Claim.document_id)),
        )
        .correlate(Document)
        .subquery("paid")
    )


def _spread(letters: Letters, paid: Any, at: SQLColumnExpression[int]) -> Any:
    """The document's part of a payment of an invoice over several; contracts with milestones have theirs already."""
    asked, back = _asked(paid, at), _taken_back(letters, paid, at)
    with_it, before_it, whole = (asked.c[name] - back.c[name] for name in ("with_it", "before_it", "whole"))

    def until(money: Any) -> Any:
        most = case((money < whole, money), else_=whole)
        return Share(most, with_it, whole) - Share(most, before_it, whole)

    part = until(paid.c.so_far) - until(paid.c.so_far - paid.c.amount)
    return (
        select(case((whole > 0, part), else_=literal(0, _MONEY)))
        .select_from(asked.join(back, true()))
        .correlate(paid, Document)
        .scalar_subquery()
    )


def _asked(paid: Any, at: SQLColumnExpression[int]) -> Any:
    """What the invoice asks for the document together with those before it, for those before it, and in all."""
    line = aliased(DocumentLine)
    found = _lines(line).where(line.document_id == paid.c.invoice_id, ~_planned(_began(line)))
    return found.with_only_columns(*_reaching(line, at)).correlate(paid, Document).subquery("asked")


def _taken_back(letters: Letters, paid: Any, at: SQLColumnExpression[int]) -> Any:
    """The same of what red letters took back of the invoice; of one that met it in part, in proportion."""
    line, letter, claim, met = aliased(DocumentLine), aliased(Document), aliased(Claim), aliased(Settlement)
    owed = select(claim.id).where(claim.document_id == paid.c.invoice_id).correlate(paid)
    used = (
        select(_sum(met.amount))
        .where(met.payment_id == letter.id, among(met.claim_id, owed), met.reversed_at.is_(None))
        .correlate(letter, paid)
        .scalar_subquery()
    )
    by_letter = (
        _lines(line)
        .join(letter, and_(letter.id == line.document_id, letter.company_id == line.company_id))
        .where(
            among(line.document_id, select(met.payment_id).where(among(met.claim_id, owed), met.reversed_at.is_(None))),
            letter.kind.in_(_kinds(letters)),
            _corrects(letters, letter, paid.c.invoice_id),
            ~_planned(_began(line)),
        )
        .with_only_columns(used.label("amount"), letter.gross.label("letter"), *_reaching(line, at))
        .group_by(letter.id, letter.gross)
        .correlate(paid, Document)
        .subquery("by_letter")
    )
    reached = (by_letter.c[name] for name in ("with_it", "before_it", "whole"))
    return select(
        *(_sum(Share(by_letter.c.amount, one, by_letter.c.letter)).label(one.name) for one in reached)
    ).subquery("back")


def _gone(letters: Letters, at: SQLColumnExpression[int]) -> Select[Any]:
    """By red letter the part of ``at`` in its credit that met something else or was paid back: negative."""
    line, letter, claim, met = aliased(DocumentLine), aliased(Document), aliased(Claim), aliased(Settlement)
    against = func.coalesce(met.claim_id, met.milestone_id)
    moved = (
        select(_sum(met.amount))
        .join(claim, and_(claim.id == against, claim.company_id == met.company_id))
        .where(met.payment_id == letter.id, met.reversed_at.is_(None), ~_corrects(letters, letter, claim.document_id))
        .correlate(letter)
        .scalar_subquery()
    )
    # Lists within lists, from the document to its lines and on to the few letters among all that draws on it.
    mine, own, red = select(_BEGUN.id).where(_BEGUN.document_id == at), aliased(DocumentLine), aliased(Document)
    drawn = select(own.document_id).where(among(own.origin_id, mine.correlate(Document)))
    used = select(red.id).where(among(red.id, drawn), red.kind.in_(_kinds(letters)), red.settled > 0)
    by_letter = (
        _lines(line)
        .join(letter, and_(letter.id == line.document_id, letter.company_id == line.company_id))
        .where(among(line.document_id, used))
        .with_only_columns(
            letter.id.label("payment_id"), moved.label("amount"), letter.gross.label("letter"), *_reaching(line, at)
        )
        .group_by(letter.id, letter.gross)
        .correlate(Document)
        .subquery("by_letter")
    )
    with_it, before_it = (
        Share(by_letter.c.amount, by_letter.c[name], by_letter.c.letter) for name in ("with_it", "before_it")
    )
    return select(by_letter.c.payment_id, (before_it - with_it).label("amount"))


def _corrects(letters: Letters, letter: Any, document_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a red letter corrects a document."""
    found = []
    for cls in letters:
        table: Any = cls.__table__.alias()
        found.append(
            exists().where(
                table.c.company_id == letter.company_id,
                table.c.id == letter.id,
                table.c[cls.corrects_by] == document_id,
            )
        )
    return or_(false(), *found)


def _kinds(letters: Letters) -> tuple[str, ...]:
    return tuple(kind_of(cls) for cls in letters)


def _lines(line: Any) -> Select[Any]:
    """Lines with those where they began, as ``_BEGUN``."""
    return (
        select(line.id)
        .outerjoin(_BEGUN, and_(_BEGUN.id == line.origin_id, _BEGUN.company_id == line.company_id))
        .where(line.line_kind != "text")
    )


def _began(line: Any) -> ColumnElement[int]:
    """The document where a line began: its own, where it comes from nowhere."""
    return func.coalesce(_BEGUN.document_id, line.document_id)


def _reaching(line: Any, at: SQLColumnExpression[int]) -> tuple[Any, ...]:
    """Sums over the documents where the lines began, in their order: with the one ``at``, before it, and over all."""
    began = _began(line)
    return (
        _sum(case((began <= at, line.gross), else_=None)).label("with_it"),
        _sum(case((began < at, line.gross), else_=None)).label("before_it"),
        _sum(line.gross).label("whole"),
    )


def _planned(document_id: Any) -> ColumnElement[bool]:
    """Whether a document has milestones.

    One is looked for, not whether some exist: what PostgreSQL knows of few documents would have it read all claims
    there are, once for each of these.
    """
    plan = aliased(Claim)
    of_it = select(plan.id).where(plan.document_id == document_id, plan.claim_kind == "milestone")
    return of_it.limit(1).correlate_except(plan).scalar_subquery().is_not(None)


def _letters(work: Work) -> Letters:
    """The types of red letters; what is built from them serves every work of the same areas."""
    types = (cls for _kind, cls in sorted(work.types.documents.items()))
    return tuple(cls for cls in types if cls.stage is Stage.INVOICE and cls.corrects and cls.corrects_by)


def _sum(column: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column, type_=column.type), 0, type_=column.type)
