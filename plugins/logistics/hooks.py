"""What logistics answers when others ask: what is there, what has to leave, what has left, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from core.documents import Document, DocumentLine, Stage, Transition
from core.hooks import hookimpl
from core.hooks.values import Availability, Card, Exposure, Moment, Panel, Ref
from core.operations import flow
from core.search import figures
from core.text import _
from core.work import Work
from plugins.logistics import services
from plugins.logistics.documents import Delivery, ReturnReceipt
from plugins.logistics.documents.goods import load_of

DELIVERY, STOCK_IN, RETURN = "logistics.delivery", "logistics.stock_in", "logistics.return_receipt"
# Whose deliveries are told: what binds, or what was offered where nothing else binds.
ORDERING = frozenset({Stage.OFFER, Stage.ORDER})
WAITING = ("confirmed", "shipped", "signed")


@hookimpl
def company_joined(work: Work) -> None:
    """A company begins with a warehouse and the usual ways of shipping."""
    services.begin(work)


@hookimpl
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """New documents begin with the usual warehouse, deliveries with the customer's address."""
    if kind == DELIVERY:
        return {**services.usual_warehouse(work), **services.usual_address(work, party_id)}
    return services.usual_warehouse(work) if kind in (STOCK_IN, RETURN) else {}


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """The stock follows what leaves, comes in and comes back (LOG-09)."""
    services.follow(work, document, move.name)


@hookimpl
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """What was made and what comes back becomes a draft at once; what is to leave only where the company wants it."""
    services.draft_of(work, target, source)


@hookimpl
def item_availability(work: Work, item_ids: Sequence[int]) -> Mapping[int, Availability]:
    """What lies in the warehouses that goods are sold from, and what is on its way into them."""
    return services.availability(work, item_ids)


@hookimpl
def party_exposure(work: Work, party_id: int) -> Iterator[Exposure]:
    """What was shipped without an order and is not invoiced yet."""
    return flow.uninvoiced(work, party_id, Stage.DELIVERY)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """The stock on a delivery's page; the deliveries on the page of what they were ordered by (LOG-07)."""
    if isinstance(document, Delivery):
        yield from _stock(work, document)
    elif document.stage in ORDERING and work.may(f"{DELIVERY}.read"):
        rows = tuple(services.deliveries_of(work, document))
        if rows or document.stage == Stage.ORDER:
            yield Panel(
                key="logistics.deliveries",
                title=_("Deliveries"),
                columns=(
                    _("Delivery order"),
                    _("Date"),
                    _("State"),
                    _("Quantity"),
                    _("Expected arrival"),
                    _("Signed on"),
                    _("Tracking number"),
                ),
                rows=rows,
                empty=_("Nothing has been delivered yet."),
                place=40,
            )


def _stock(work: Work, delivery: Delivery) -> Iterator[Panel]:
    if delivery.state not in ("draft", "confirmed"):
        return
    rows = tuple(
        (goods.name, goods.unit_quantity, goods.on_hand, goods.reserved, goods.free)
        for goods in load_of(work, delivery).goods.values()
    )
    yield Panel(
        key="logistics.stock",
        title=_("In the warehouse"),
        columns=(_("Product"), _("Needed"), _("On hand"), _("Reserved"), _("Free to promise")),
        rows=rows,
        empty=_("It names no goods yet."),
        place=30,
    )


# Figures -------------------------------------------------------------------------------------------------------------

CARDS = (
    ("confirmed", _("To be shipped"), "orange"),
    ("shipped", _("On the way, not signed for"), "orange"),
    ("signed", _("Signed for, not accepted"), "blue"),
)


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Deliveries by state."""
    if work.may(f"{DELIVERY}.read"):
        counted = figures.by_state(work, Delivery, WAITING)
        for place, (state, title, tone) in enumerate(CARDS, 40):
            count, _amount = counted.get(state, (0, 0))
            yield Card(f"{DELIVERY}.{state}", title, count, DELIVERY, (("state", state),), None, tone, place)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """What was delivered to the customer, and what came back."""
    for kind, cls in ((DELIVERY, Delivery), (RETURN, ReturnReceipt)):
        if not work.may(f"{kind}.read"):
            continue
        for row in figures.some(work, cls, party_id=party_id):
            state = cls.workflow.state(row.state).label
            title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
            who = work.person(row.owner_id)
            yield Moment(row.created_at, Ref(kind, row.id, figures.title_of(row)), title, row.subject, who)
