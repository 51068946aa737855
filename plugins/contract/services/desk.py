"""What is on somebody's desk: contracts to sign, release, collect on and file, orders to repeat and release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select

from core.documents import Document
from core.documents.access import leads
from core.documents.models import Claim
from core.hooks.values import Card, Duty, Ref
from core.money import told
from core.search import figures
from core.terms import months_after
from core.text import Text, _
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.checks import authorised
from plugins.contract.services.owed import asked_by
from plugins.contract.settings import ARCHIVE_YEARS, CONFIRMATION, REMIND_DAYS

CONTRACT, ORDER = "contract.contract", "contract.order"
MOST = 100
TO_SIGN = ("approved", "sealed")
NEXT = {
    "approved": _("Have the contract with {party} signed by us"),
    "sealed": _("Have the contract signed by {party}"),
    "signed": _("Release the contract with {party} to the departments"),
}
REFUSED = _("Mend the refused contract with {party}")
REFUSED_ORDER = _("Mend the refused order of {party}")
REPEAT = _("Repeat the order to {party} and have it confirmed")
RELEASE = _("Release the order of {party} to the departments")


def duties(work: Work) -> Iterator[Duty]:
    """What the actor has to do with contracts and orders."""
    if work.may(f"{CONTRACT}.read"):
        yield from _contracts(work)
        yield from _payments(work)
        yield from _archive(work)
    if work.may(f"{ORDER}.read"):
        yield from _orders(work)


def _contracts(work: Work) -> Iterator[Duty]:
    """To sign: also for those who may; to release and to mend: for who answers for it."""
    signs = work.actor_id in authorised(work)
    for row in figures.some(work, Contract, states={"draft", *TO_SIGN, "signed"}, most=MOST):
        mine = row.owner_id == work.actor_id
        if row.state == "draft":
            if mine and row.approval == "rejected":
                yield _duty(work, CONTRACT, row, REFUSED, "mend", None)
        elif mine or (signs and row.state == "approved"):
            yield _duty(work, CONTRACT, row, NEXT[row.state], row.state, row.date)


def _payments(work: Work) -> Iterator[Duty]:
    """Milestones that are due soon or were not met in time, for who answers for the contract."""
    soon = work.today + timedelta(days=work.setting(REMIND_DAYS))
    rows = work.session.execute(
        select(Claim.id, Claim.name, Claim.due, Document.id.label("document_id"), Document.number, Document.party_name)
        .join(Document, and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id))
        .where(
            Document.kind == CONTRACT,
            or_(Document.owner_id == work.actor_id, Document.created_by == work.actor_id),
            Claim.claim_kind == "milestone",
            Claim.settled < asked_by(),
            Claim.due <= soon,
        )
        .order_by(Claim.due, Claim.id)
        .limit(MOST)
    )
    for row in rows:
        title = _("Collect “{name}” from {party}", name=row.name, party=row.party_name)
        ref = Ref(CONTRACT, row.document_id, row.number or str(row.document_id))
        yield Duty(f"{CONTRACT}.payment:{row.id}", title, ref, row.due, work.actor_id)


def _archive(work: Work) -> Iterator[Duty]:
    """Completed contracts whose warranty has been over for the company's years (CTR-13)."""
    if not leads(work, f"{CONTRACT}.archive"):
        return
    over = months_after(work.today, -12 * work.setting(ARCHIVE_YEARS))
    for row in figures.some(work, Contract, states={"completed"}, until=("warranty_until", over), most=MOST):
        yield _duty(work, CONTRACT, row, _("Hand the contract with {party} over to the archive"), "archive", None)


def _orders(work: Work) -> Iterator[Duty]:
    confirms = work.setting(CONFIRMATION)
    mine = work.actor_id
    for row in figures.some(work, Order, states={"draft", "reviewed", "confirmed"}, owner_id=mine, most=MOST):
        if row.state == "draft":
            if row.approval == "rejected":
                yield _duty(work, ORDER, row, REFUSED_ORDER, "mend", None)
        elif confirms and row.state == "reviewed":
            yield _duty(work, ORDER, row, REPEAT, "repeat", row.date)
        else:
            yield _duty(work, ORDER, row, RELEASE, "release", row.date)


def _duty(work: Work, kind: str, row: Any, title: Text, what: str, due: Any) -> Duty:
    said = Text(title.message, (("party", row.party_name),))
    return Duty(f"{kind}.{what}:{row.id}", said, Ref(kind, row.id, figures.title_of(row)), due, work.actor_id)


CARDS = (
    (("approved", "sealed"), _("Contracts to be signed"), "orange"),
    (("signed",), _("In force, not released"), "orange"),
    (("released", "accepted"), _("Contracts being fulfilled"), "blue"),
)
ORDER_CARDS = (
    (("reviewed", "confirmed"), _("Orders not released"), "orange"),
    (("released", "accepted"), _("Orders being fulfilled"), "blue"),
)


def cards(work: Work) -> Iterator[Card]:
    """Contracts and orders by state, with their amounts."""
    place = 30
    for kind, cls, wanted in ((CONTRACT, Contract, CARDS), (ORDER, Order, ORDER_CARDS)):
        if not work.may(f"{kind}.read"):
            continue
        counted = figures.by_state(work, cls, {state for states, _title, _tone in wanted for state in states})
        if kind == ORDER and not counted:
            continue
        for states, title, tone in wanted:
            count = sum(counted[state][0] for state in states if state in counted)
            amount = sum(counted[state][1] for state in states if state in counted)
            note = told(amount, work.company.currency) if amount else None
            yield Card(f"{kind}.{states[0]}", title, count, kind, (("state", ",".join(states)),), note, tone, place)
            place += 1
