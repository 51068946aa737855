"""What this area answers when others ask: whether a customer may owe more, how he stands, and what is to be watched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from core.documents import Document, Point, Stage, Transition
from core.errors import Objection, Strength
from core.hooks import hookimpl
from core.hooks.values import Card, Moment, Panel, Ref
from core.operations import flow
from core.roles import BY_KEY, GENERAL_MANAGER, Role
from core.search import figures
from core.text import Text, _
from core.work import Work
from plugins.credit.documents import Application
from plugins.credit.services import granting, watching
from plugins.credit.services.standing import Standing, overdue, standing, uncounted
from plugins.credit.settings import (
    AT_DELIVERY,
    AT_INVOICE,
    AT_ORDER,
    CONSENT_BY,
    GRACE_DAYS,
    LEADER_FROM,
    OVERDUE,
)

FILE, APPLICATION = "credit.file", "credit.application"
EXPOSURE = "credit.exposure.read"
CHECKED = {Point.ORDER: AT_ORDER, Point.DELIVERY: AT_DELIVERY, Point.INVOICE: AT_INVOICE}
SHOWN = (Stage.OFFER, Stage.ORDER, Stage.DELIVERY, Stage.INVOICE)
BINDING = (Stage.OFFER, Stage.ORDER, Stage.SUPPLY, Stage.DELIVERY, Stage.INVOICE)
MOST_NAMED = 3
ORDER_OF_STRENGTHS = ("off", "warn", "approve", "block")
_ADDED, _PENDING = "credit.added", "credit.pending"
NOTHING = Decimal(0)


def point_of(work: Work, cls: type[Document], move: Transition) -> Point | None:
    """Where credit is checked: a document binds, goods leave, an invoice goes out; never for what comes back."""
    if cls.corrects:
        return None
    if move.point in CHECKED:
        return move.point
    return Point.ORDER if flow.binds(work, cls, move) else None


@hookimpl
def company_joined(work: Work) -> None:
    """A company begins with the usual consents."""
    granting.usual_consents(work)


@hookimpl
def document_locks(work: Work, cls: type[Document], move: Transition) -> Iterable[str]:
    """Two moves that let the same customer owe more wait for each other (CRD-07)."""
    if point_of(work, cls, move):
        yield "party"


@hookimpl
def document_objections(work: Work, document: Document, move: Transition) -> Iterator[Objection]:
    """Over the limit, frozen, or late with what is due: warned of, put before somebody, or refused (CRD-04)."""
    point = point_of(work, type(document), move)
    if point is None or document.party_id is None:
        return
    now = standing(work, document.party_id)
    if now is not None and now.frozen:
        yield Objection("credit.frozen", _("The customer's credit is frozen."))
        return
    if move.point not in CHECKED and flow.adds(work, document, move) <= 0:
        # What binds already was checked when it came to bind: a consent to it holds for its release as well.
        return
    added = flow.adds(work, document, move, without=uncounted(work))
    if now is not None:
        yield from _over(work, document, now, added, point)
    strength = work.setting(OVERDUE)
    if strength != "off" and point is not Point.INVOICE:
        yield from _late(work, document.party_id, strength)


def _over(work: Work, document: Document, now: Standing, added: Decimal, point: Point) -> Iterator[Objection]:
    strength = _strength(work, point, added)
    if now.used:
        now = now.for_orders(granting.orders_of(work, document))
    # What this very unit of work has let him owe already is not in the stored totals yet.
    excess = now.excess(added + work.kept.get(f"{_PENDING}:{document.party_id}", NOTHING))
    if added > 0:
        work.kept[f"{_ADDED}:{document.id}"] = now, added
    if strength != "off" and excess > 0:
        yield Objection("credit.limit", _told(now, added, excess), Strength(strength), excess, _who(work, excess))


def _strength(work: Work, point: Point, added: Decimal) -> str:
    """The strictest of what the company asks at this point, and at an order when the document binds like one."""
    chosen: list[str] = [work.setting(CHECKED[point]), *([work.setting(AT_ORDER)] if added > 0 else [])]
    return max(chosen, key=ORDER_OF_STRENGTHS.index)


def _told(now: Standing, added: Decimal, excess: Decimal) -> Text:
    """The reckoning line by line, for people to check (CRD-04)."""
    parts = [_("{label} {amount}", label=part.label, amount=f"{part.amount:,.2f}") for part in now.parts]
    return _(
        "Over the credit limit by {excess}: {parts}; this document {added}; limit {limit}, temporary {temporary}.",
        excess=f"{excess:,.2f}",
        parts=parts or [_("nothing owed")],
        added=f"{added:,.2f}",
        limit=f"{now.limit:,.2f}",
        temporary=f"{now.temporary:,.2f}",
    )


def _who(work: Work, excess: Decimal) -> Role:
    """Who agrees to so much beyond the limit."""
    leader = work.setting(LEADER_FROM)
    return GENERAL_MANAGER if leader and excess >= leader else BY_KEY[work.setting(CONSENT_BY)]


def _late(work: Work, party_id: int, strength: str) -> Iterator[Objection]:
    late = overdue(work, party_id, work.setting(GRACE_DAYS))
    if late is None:
        return
    text = _(
        "{amount} is overdue, the oldest since {day}: {documents}",
        amount=f"{late.amount:,.2f}",
        day=late.oldest,
        documents=late.names[:MOST_NAMED],
    )
    yield Objection("credit.overdue", text, Strength(strength), late.amount, _who(work, late.amount))


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """An application that was agreed to changes the file; an order uses up what was granted for one, or returns it."""
    if isinstance(document, Application):
        if move.name == "submit":
            granting.grant(work, document)
    elif (checked := work.kept.pop(f"{_ADDED}:{document.id}", None)) is not None:
        now, added = checked
        granting.use_up(work, document, now, added)
        pending = f"{_PENDING}:{document.party_id}"
        work.kept[pending] = work.kept.get(pending, NOTHING) + added
    elif (move.revises or move.closes) and document.stage in BINDING:
        granting.give_back(work, document)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterator[Panel]:
    """On what a customer is to owe: what he owes by now, line by line, against his limit."""
    shown = isinstance(document, Application) or document.stage in SHOWN
    if shown and document.party_id and work.may(EXPOSURE):
        panel = watching.panel(work, document.party_id)
        if panel is not None:
            yield panel


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Customers near or over their limit, and applications in hand."""
    if work.may(f"{FILE}.read") and work.may(EXPOSURE):
        count = watching.near(work)
        note = _("Of them over the limit: {count}", count=count[1])
        tone = "red" if count[1] else "orange" if count[0] else "blue"
        yield Card(f"{FILE}.near", _("Near the credit limit"), count[0], FILE, (), note, tone, 60)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """What was applied for."""
    if not work.may(f"{APPLICATION}.read"):
        return
    for row in figures.some(work, Application, party_id=party_id, most=10):
        state = Application.workflow.state(row.state).label
        title = _("{type} {number}: {state}", type=Application.label, number=figures.title_of(row), state=state)
        ref = Ref(APPLICATION, row.id, figures.title_of(row))
        yield Moment(row.created_at, ref, title, _body(row), work.person(row.owner_id))


def _body(row: Any) -> str:
    return f"{row.amount:,.2f} {row.reason}".strip()
