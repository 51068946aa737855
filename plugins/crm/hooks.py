"""What this area answers when others ask: talks on offers, figures, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from core.documents import Document, Stage, Transition
from core.documents.access import rows
from core.errors import Objection, Strength
from core.hooks import hookimpl
from core.hooks.values import Card, Moment, Panel, Ref
from core.search import figures
from core.text import _
from core.work import Work
from plugins.crm import services
from plugins.crm.documents import Talk
from plugins.crm.masters import Tracking
from plugins.crm.settings import REQUIRE_TALK, TALK_DAYS, WAYS

TALK, TRACKING = "crm.talk", "crm.tracking"
SOLD = (Stage.OFFER, Stage.ORDER)
RECENT = 30
FEW = 5


@hookimpl
def document_objections(work: Work, document: Document, move: Transition) -> Iterator[Objection]:
    """No offer to a customer with whom no talk was recorded, where the company wants it so (CRM-01)."""
    strength = work.setting(REQUIRE_TALK)
    if strength == "off" or not _offers(document, move) or document.party_id is None:
        return
    days = work.setting(TALK_DAYS)
    if not services.has_talked(work, document.party_id, since=work.today - timedelta(days=days)):
        text = _(
            "No talk with {party} was recorded in the last {days} days; record it first.",
            party=document.party_name,
            days=days,
        )
        yield Objection("crm.no_talk", text, Strength(strength))


def _offers(document: Document, move: Transition) -> bool:
    """Whether the move commits the company to an offer: what needs consent at the stage of offers, inquiries apart."""
    return document.stage is Stage.OFFER and not document.entry and move.approval


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """A recorded talk and an offer that was sent begin the follow-up interval anew (CRM-02)."""
    if isinstance(document, Talk) and move.name == "submit":
        services.talked(work, document)
    elif document.stage is Stage.OFFER and move.target == "sent" and document.party_id is not None:
        services.renew(work, document.party_id, on=work.today, way="offer")


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Follow-ups that are due, and talks of the last thirty days."""
    if work.may(f"{TRACKING}.read"):
        statement = select(func.count(Tracking.id)).where(Tracking.active, Tracking.next_contact <= work.today)
        visible = rows(work, Tracking)
        if visible is not None:
            statement = statement.where(visible)
        late = work.session.scalars(statement).one()
        filters = (("next_contact_to", work.today.isoformat()),)
        tone = "red" if late else "green"
        yield Card(f"{TRACKING}.due", _("Customers to call"), late, TRACKING, filters, tone=tone, place=10)
    if work.may(f"{TALK}.read"):
        since = work.today - timedelta(days=RECENT)
        count = figures.count(work, Talk, since=since)
        filters = (("date_from", since.isoformat()),)
        yield Card(f"{TALK}.recent", _("Talks in thirty days"), count, TALK, filters, place=11)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """The customer's talks."""
    if not work.may(f"{TALK}.read"):
        return
    for row in figures.some(work, Talk, party_id=party_id):
        title = _("Talk: {topic}", topic=row.topic)
        body = row.content or row.next_step
        yield Moment(row.created_at, Ref(TALK, row.id, figures.title_of(row)), title, body, work.person(row.owner_id))


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """On inquiries, offers and orders: the last talks with the customer."""
    if document.stage not in SOLD or document.party_id is None or not work.may(f"{TALK}.read"):
        return
    found = figures.some(work, Talk, party_id=document.party_id, most=FEW)
    yield Panel(
        key="crm.talks",
        title=_("Last talks with the customer"),
        columns=(_("Talk"), _("Date"), _("Way"), _("Topic"), _("Next step"), _("Manager's guidance")),
        rows=tuple(_told(row) for row in found),
        empty=_("No talk with this customer was recorded."),
        place=50,
    )


def _told(row: Any) -> tuple[Any, ...]:
    ref = Ref(TALK, row.id, figures.title_of(row))
    return ref, row.date, dict(WAYS).get(row.way, row.way), row.topic, row.next_step, row.guidance
