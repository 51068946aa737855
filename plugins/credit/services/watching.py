"""Who is to be watched: customers near or over their limit, reckoned in the database from stored totals (CRD-05)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, and_, case, func, or_, select, type_coerce

from core import reports
from core.documents import Document, Stage
from core.documents.models import Claim
from core.entities.party import Party
from core.hooks.values import Panel
from core.operations import flow
from core.text import _
from core.work import Work
from plugins.credit.masters import GRADES, Allowance, CreditFile
from plugins.credit.services.standing import standing, uncounted
from plugins.credit.settings import NEAR_PERCENT

NOTHING = Decimal(0)
HUNDREDTHS = 100


def panel(work: Work, party_id: int) -> Panel | None:
    """What the customer owes, line by line, against his limit; None where nobody checks him."""
    now = standing(work, party_id)
    if now is None:
        return None
    rows: list[tuple[Any, ...]] = [(part.label, part.amount) for part in now.parts]
    rows += [
        (_("Owed in all"), now.exposure),
        (_("Credit limit"), now.limit),
        *([(_("Temporary credit"), now.temporary)] if now.temporary else []),
        (_("Still free") if now.excess(NOTHING) <= 0 else _("Over the limit"), abs(now.excess(NOTHING))),
    ]
    if now.grade:
        rows.append((_("Credit grade"), dict(GRADES)[now.grade]))
    if now.frozen:
        rows.append((_("Frozen"), _("Nothing but receipts until it is thawed.")))
    return Panel(
        key="credit.standing",
        title=_("Credit of the customer"),
        columns=(_("What counts"), _("Amount")),
        rows=tuple(rows),
        empty=_("Nothing owed."),
        place=30,
    )


def near(work: Work) -> tuple[int, int]:
    """How many customers are near their limit or over it, and how many of them over it."""
    rows = watched(work).subquery()
    over = rows.c.exposure > rows.c.allowed
    count, beyond = work.session.execute(select(func.count(), func.count(case((over, 1)))).select_from(rows)).one()
    return count, beyond


def watched(work: Work, *, everybody: bool = False) -> Any:
    """Files with what the customer owes in the company's currency: those near the limit, of a low grade or frozen.

    Reckoned from the stored totals of documents in that currency; what other areas add of their own is left out.
    """
    owing, granted, late = _owing(work), _granted(work), _late(work)
    exposure = func.coalesce(owing.c.exposure, 0, type_=CreditFile.amount.type)
    valid = and_(
        or_(CreditFile.valid_from.is_(None), CreditFile.valid_from <= work.today),
        or_(CreditFile.valid_until.is_(None), CreditFile.valid_until >= work.today),
    )
    limit = case((valid, CreditFile.amount), else_=0)
    allowed = limit + func.coalesce(granted.c.granted, 0, type_=CreditFile.amount.type)
    percent = int(work.setting(NEAR_PERCENT) * HUNDREDTHS)
    used = type_coerce(exposure, BigInteger) * (HUNDREDTHS * 100)
    close = and_(exposure > 0, used >= type_coerce(allowed, BigInteger) * percent)
    statement = (
        select(
            CreditFile.id.label("file_id"),
            CreditFile.party_id.label("party_id"),
            Party.owner_id.label("owner_id"),
            CreditFile.grade.label("grade"),
            CreditFile.frozen.label("frozen"),
            allowed.label("allowed"),
            exposure.label("exposure"),
            (allowed - exposure).label("free"),
            func.coalesce(late.c.overdue, 0, type_=CreditFile.amount.type).label("overdue"),
            CreditFile.valid_until.label("valid_until"),
        )
        .join(Party, and_(Party.id == CreditFile.party_id, Party.company_id == CreditFile.company_id))
        .outerjoin(owing, owing.c.party_id == CreditFile.party_id)
        .outerjoin(granted, granted.c.file_id == CreditFile.id)
        .outerjoin(late, late.c.party_id == CreditFile.party_id)
        .where(or_(CreditFile.active, CreditFile.frozen), reports.visible(work, Party, Party))
    )
    if everybody:
        return statement
    return statement.where(or_(close, CreditFile.frozen, CreditFile.grade.in_(("C", "D"))))


def _owing(work: Work) -> Any:
    """What each customer owes: not invoiced, and not paid; receipts and credits count the other way."""
    against = [kind for kind, cls in work.types.documents.items() if cls.stage is Stage.RECEIPT or cls.corrects]
    unsettled = case((Document.kind.in_(against), -Document.unsettled), else_=Document.unsettled)
    left_out = uncounted(work)
    ahead = [kind for kind in against if not work.types.documents[kind].corrects]
    if "advance" in left_out:
        unsettled = case((Document.kind.in_(ahead), 0), else_=unsettled)
    shipped = flow.shipped_of(Document)
    owed = Document.uninvoiced + unsettled
    if "shipped" in left_out:
        owed = owed - shipped
    if "ordered" in left_out:
        owed = owed - (Document.uninvoiced - shipped)
    if not flow.invoices(work):
        owed = owed - case((Document.uninvoiced > 0, Document.delivered), else_=0)
    return (
        select(Document.party_id, func.sum(owed, type_=Document.unsettled.type).label("exposure"))
        .where(
            or_(Document.uninvoiced > 0, Document.unsettled > 0),
            Document.currency == work.company.currency,
        )
        .group_by(Document.party_id)
        .subquery("owing")
    )


def _granted(work: Work) -> Any:
    return (
        select(Allowance.file_id, func.sum(Allowance.amount, type_=Allowance.amount.type).label("granted"))
        .where(Allowance.valid_from <= work.today, Allowance.valid_until >= work.today, Allowance.used_on.is_(None))
        .group_by(Allowance.file_id)
        .subquery("granted")
    )


def _late(work: Work) -> Any:
    left = Claim.amount - Claim.settled
    return (
        select(Claim.party_id, func.sum(left, type_=Claim.amount.type).label("overdue"))
        .where(
            Claim.settled < Claim.amount,
            Claim.due < work.today,
            Claim.claim_kind.in_(flow.claims.OWED),
            Claim.currency == work.company.currency,
        )
        .group_by(Claim.party_id)
        .subquery("late")
    )
