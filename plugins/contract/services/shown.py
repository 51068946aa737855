"""What others see of contracts and orders: panels on their pages, moments with a customer, what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from core.documents.kinds import area_of
from core.hooks.values import Moment, Panel, Ref
from core.money import told
from core.search import figures
from core.text import _, shown
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.deviations import deviations
from plugins.contract.documents.payment import EVENTS
from plugins.contract.services.claims import payments

EVENT = dict(EVENTS)


def panels(work: Work, document: Contract | Order) -> Iterator[Panel]:
    """Differences from the offer (CTR-06), where there is one; payments with what is met of them (CTR-14)."""
    found = [one for one in deviations(work, document) if _readable(work, one.offer)]
    if found:
        yield Panel(
            key="contract.deviations",
            title=_("Differences from the approved offer"),
            columns=(_("Product or field"), _("What differs"), _("Offered"), _("As agreed"), _("Offer")),
            rows=tuple((str(one.name), one.what, one.offered, one.agreed, one.offer) for one in found),
            empty=_("Nothing differs."),
            place=20,
        )
    if isinstance(document, Contract) and document.milestones:
        yield Panel(
            key="contract.payments",
            title=_("Payments"),
            columns=(_("Milestone"), _("Due after"), _("Amount"), _("Due"), _("Received"), _("Not received yet")),
            rows=tuple(_payments(work, document)),
            empty=_("No milestones were agreed."),
            place=10,
        )


def _readable(work: Work, offer: Ref | None) -> bool:
    return offer is None or (area_of(offer.kind) in work.areas and work.may(f"{offer.kind}.read"))


def _payments(work: Work, contract: Contract) -> Iterator[tuple[Any, ...]]:
    for one in payments(work, contract, contract.milestones):
        said = one.milestone
        name = said.title if not said.percent else f"{said.title} ({shown(said.percent * 100)} %)"
        yield name, EVENT[said.event], one.amount, one.due, one.settled, one.open


def moments(work: Work, cls: type[Contract] | type[Order], party_id: int) -> Iterator[Moment]:
    """The customer's contracts or orders, with their state and amount."""
    kind = str(cls.__mapper__.polymorphic_identity)
    for row in figures.some(work, cls, party_id=party_id):
        state = cls.workflow.state(row.state).label
        title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
        money = told(row.gross, row.currency) if row.gross else ""
        body = " · ".join(part for part in (row.project or row.subject, money) if part)
        ref = Ref(kind, row.id, figures.title_of(row))
        yield Moment(row.created_at, ref, title, body, work.person(row.owner_id))
