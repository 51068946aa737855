"""What this area answers when others ask: prices, drafts from inquiries, figures, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, select

from core.documents import Document, DocumentLine, Stage
from core.documents.access import rows
from core.hooks import hookimpl
from core.hooks.values import Card, Exposure, Moment, Panel, PriceAnswer, PriceQuery, Ref
from core.money import told
from core.operations import flow
from core.search import figures
from core.text import _
from core.work import Work
from plugins.quotation import services
from plugins.quotation.documents import Inquiry, Quotation
from plugins.quotation.masters import prices
from plugins.quotation.settings import VALID_DAYS

INQUIRY, QUOTATION = "quotation.inquiry", "quotation.quotation"
OPEN = ("received", "accepted")
OFFERED = ("approved", "sent", "accepted", "declined", "expired")
FEW = 10


@hookimpl
def company_joined(work: Work) -> None:
    """A company begins with the usual consents."""
    services.usual_consents(work)


@hookimpl
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """A new quotation is good for as many days as the company chose."""
    if kind != QUOTATION:
        return {}
    return {"valid_until": work.today + timedelta(days=work.setting(VALID_DAYS))}


@hookimpl
def line_prices(work: Work, queries: Sequence[PriceQuery]) -> Sequence[PriceAnswer | None]:
    """The prices of the approved lists (QTN-02)."""
    return prices.answer(work, queries)


@hookimpl
def lines_released(work: Work, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
    """An inquiry that is quoted becomes a draft quotation."""
    if target == QUOTATION:
        services.draft_from(work, source)


CARDS = (
    ("draft", _("Quotations in the making"), "blue"),
    ("approved", _("Approved, not yet sent"), "orange"),
    ("sent", _("Sent, waiting for an answer"), "orange"),
    ("accepted", _("Accepted in thirty days"), "green"),
)
RECENT = 30


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Open inquiries, and quotations by state with their amount."""
    if work.may(f"{INQUIRY}.read"):
        counted = figures.by_state(work, Inquiry, OPEN)
        waiting = sum(counted.get(state, (0, 0))[0] for state in OPEN)
        states = (("state", ",".join(OPEN)),)
        yield Card(f"{INQUIRY}.open", _("Inquiries to answer"), waiting, INQUIRY, states, place=20)
    if work.may(f"{QUOTATION}.read"):
        since = work.today - timedelta(days=RECENT)
        counted = figures.by_state(work, Quotation, ("draft", "approved", "sent"))
        counted |= figures.by_state(work, Quotation, ("accepted",), since=since)
        for place, (state, title, tone) in enumerate(CARDS, 21):
            count, amount = counted.get(state, (0, Decimal(0)))
            note = told(amount, work.company.currency) if amount else None
            recent = (("date_from", since.isoformat()),) if state == "accepted" else ()
            filters = (("state", state), *recent)
            yield Card(f"{QUOTATION}.{state}", title, count, QUOTATION, filters, note, tone, place)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """The customer's inquiries and quotations."""
    for kind, cls in ((INQUIRY, Inquiry), (QUOTATION, Quotation)):
        if not work.may(f"{kind}.read"):
            continue
        for row in figures.some(work, cls, party_id=party_id):
            state = cls.workflow.state(row.state).label
            title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
            money = told(row.gross, row.currency) if row.gross else ""
            body = " · ".join(part for part in (row.project or row.subject, money) if part)
            yield Moment(
                row.created_at, Ref(kind, row.id, figures.title_of(row)), title, body, work.person(row.owner_id)
            )


@hookimpl
def party_exposure(work: Work, party_id: int) -> Iterator[Exposure]:
    """What was accepted where no order follows, and is not invoiced yet."""
    return flow.uninvoiced(work, party_id, Stage.OFFER)


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """On a quotation: what these products were offered for to this customer before."""
    if not isinstance(document, Quotation) or not work.may(f"{QUOTATION}.read"):
        return
    items = {line.item_id for line in document.lines if line.item_id}
    if items and document.party_id:
        yield Panel(
            key="quotation.earlier",
            title=_("Offered to this customer before"),
            columns=(_("Product"), _("Quotation"), _("Date"), _("Quantity"), _("Price with tax"), _("State")),
            rows=tuple(_earlier(work, document, items)),
            empty=_("These products were never offered to this customer."),
        )


def _earlier(work: Work, document: Document, items: set[int]) -> Iterator[tuple[Any, ...]]:
    statement = (
        select(
            Document.id,
            Document.number,
            Document.date,
            Document.state,
            DocumentLine.name,
            DocumentLine.quantity,
            DocumentLine.gross_price,
        )
        .join(DocumentLine, and_(DocumentLine.document_id == Document.id))
        .where(
            Document.kind == QUOTATION,
            Document.party_id == document.party_id,
            Document.id != document.id,
            Document.state.in_(OFFERED),
            DocumentLine.item_id.in_(items),
        )
        .order_by(Document.date.desc(), Document.id.desc(), DocumentLine.position)
        .limit(FEW)
    )
    visible = rows(work, Quotation, at=Document)
    if visible is not None:
        statement = statement.where(visible)
    for row in work.session.execute(statement):
        state = Quotation.workflow.state(row.state).label
        ref = Ref(QUOTATION, row.id, row.number or str(row.id))
        yield row.name, ref, row.date, row.quantity, row.gross_price, state
