"""What an agreed application changes, what uses temporary credit up, and the consents that a company begins with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.documents import Document, DocumentLine
from core.operations import masters
from core.operations.consents import FirstStep, begin_with
from core.operations.keep import keep
from core.roles import FINANCE, GENERAL_MANAGER
from core.text import _
from core.work import Work
from plugins.credit.documents import FREEZE, TEMPORARY, THAW, Application
from plugins.credit.masters import Allowance, CreditFile
from plugins.credit.services.standing import Standing, forget, standing

ZERO = Decimal(0)


def note_standing(work: Work, application: Application) -> None:
    """Keep on an application where the customer stood when it was granted."""
    now = standing(work, application.party_id or 0)
    if now is not None:
        keep(
            work,
            application,
            grade_before=now.grade,
            limit_before=now.limit,
            exposure_then=now.exposure,
        )


def grant(work: Work, application: Application) -> None:
    """Write what was agreed to into the customer's credit file; the first application makes the file (CRD-03)."""
    note_standing(work, application)
    key = work.session.scalar(select(CreditFile.id).where(CreditFile.party_id == application.party_id))
    values: dict[str, Any] = {} if key else {"party_id": application.party_id}
    if application.asks_for == TEMPORARY:
        values["allowances"] = [*_allowances(work, key), _allowance(application)]
    elif application.asks_for in (FREEZE, THAW):
        frozen = application.asks_for == FREEZE
        values |= {"frozen": frozen, "frozen_why": application.reason if frozen else ""}
    else:
        values |= {
            "grade": application.grade,
            "amount": application.amount,
            "valid_from": application.valid_from,
            "valid_until": application.valid_until,
            "review_on": application.review_on,
        }
    if application.asks_for != THAW:
        # What was agreed to holds, also where the file was out of use.
        values["active"] = True
    masters.write(work, CreditFile, values, key=key)


def _allowance(application: Application) -> dict[str, Any]:
    return {
        "amount": application.amount,
        "valid_from": application.valid_from,
        "valid_until": application.valid_until,
        "single_use": application.single_use,
        "remark": f"{application.number or ''} {application.reason}".strip()[:400],
    }


def _allowances(work: Work, key: int | None) -> list[dict[str, Any]]:
    """The parts as they stand, so that saving the file keeps them."""
    if key is None:
        return []
    return [{"id": row} for row in work.session.scalars(select(Allowance.id).where(Allowance.file_id == key))]


def use_up(work: Work, document: Document, now: Standing, added: Decimal) -> None:
    """Mark temporary credit for one order as used, when this order would have been over the limit without it."""
    once = [one for one in now.granted if one.single_use]
    over = now.excess(added) + sum((one.amount for one in once), ZERO)
    used: set[int] = set()
    for one in sorted(once, key=lambda one: (one.valid_until, one.id)):
        if over > 0:
            used.add(one.id)
            over -= one.amount
    if used and now.file_id is not None:
        rows = [
            row | {"used_on": work.today, "used_by_id": document.id} if row["id"] in used else row
            for row in _allowances(work, now.file_id)
        ]
        masters.write(work, CreditFile, {"allowances": rows}, key=now.file_id)


def give_back(work: Work, document: Document) -> None:
    """Let another order use what was granted for one, when this one is written anew or ended before anything came."""
    if document.invoiced or document.uninvoiced:
        return
    mine = select(Allowance.id, Allowance.file_id).where(Allowance.used_by_id == document.id)
    used = {row.id: row.file_id for row in work.session.execute(mine)}
    for key in sorted(set(used.values())):
        rows = [
            row | {"used_on": None, "used_by_id": None} if row["id"] in used else row for row in _allowances(work, key)
        ]
        masters.write(work, CreditFile, {"allowances": rows}, key=key)
    if used:
        forget(work, document.party_id or 0)


def orders_of(work: Work, document: Document) -> set[int]:
    """The document, and those in which its lines began."""
    origins = {line.origin_id for line in document.lines if line.origin_id is not None}
    begun = select(DocumentLine.document_id).where(DocumentLine.id.in_(origins)).distinct()
    return {document.id, *(work.session.scalars(begun) if origins else ())}


# The consents a company begins with -------------------------------------------------------------------------------


def usual_consents(work: Work) -> None:
    """Finance reviews an application and the general manager approves it."""
    steps = (
        FirstStep(_("Review by finance"), FINANCE),
        FirstStep(_("Approval by the general manager"), GENERAL_MANAGER),
    )
    begin_with(work, "credit.application", _("Consent to credit"), steps)
