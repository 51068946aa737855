"""What after-sales service answers when others ask: warranty at once, what came back, and who must act next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from core.documents import Document
from core.hooks import hookimpl
from core.hooks.values import Card, Moment, Panel, Ref
from core.search import figures
from core.text import Text, _
from core.work import Work
from plugins.aftersales import services
from plugins.aftersales.documents import Case, Return
from plugins.aftersales.settings import ANSWER_DAYS

CASE, RETURN = "aftersales.case", "aftersales.return"


@hookimpl
def document_defaults(work: Work, kind: str, party_id: int | None) -> Mapping[str, Any]:
    """A service request is answered within the days the company chose."""
    return {"deadline": work.today + timedelta(days=work.setting(ANSWER_DAYS))} if kind == CASE else {}


# Panels --------------------------------------------------------------------------------------------------------------


@hookimpl
def document_panels(work: Work, document: Document) -> Iterable[Panel]:
    """In or out of warranty on a service request; what came back on the page of what was ordered or delivered."""
    if isinstance(document, Case):
        yield _warranty(work, document)
    elif not isinstance(document, Return) and document.stage is not None and work.may(f"{RETURN}.read"):
        rows = tuple(services.returns_of(work, document))
        if rows:
            yield Panel(
                key="aftersales.returned",
                title=_("Returned"),
                columns=(_("Return or exchange"), _("Kind"), _("Date"), _("Product"), _("Quantity"), _("State")),
                rows=rows,
                empty=_("Nothing came back."),
                place=60,
            )


def _warranty(work: Work, case: Case) -> Panel:
    return Panel(
        key="aftersales.warranty",
        title=_("Warranty"),
        columns=(_("Product"), _("Delivered with"), _("Delivered on"), _("Months"), _("Until"), _("Warranty")),
        rows=tuple(
            (one.name, one.source, one.begun, one.months, one.until, _answer(work, case, one))
            for one in services.warranties(work, case)
        ),
        empty=_("Name the product and save: whether it is in warranty is answered here."),
        place=20,
    )


def _answer(work: Work, case: Case, one: services.Warranty) -> Text:
    if one.until is None:
        return _("Not known: no delivery of ours, and no day on which it was bought.")
    return _("In warranty") if one.holds(case.date) else _("Out of warranty")


# Figures -------------------------------------------------------------------------------------------------------------


@hookimpl
def dashboard_cards(work: Work) -> Iterator[Card]:
    """Open service requests, and returns that wait for a decision."""
    if work.may(f"{CASE}.read"):
        counted = figures.by_state(work, Case, services.OPEN_CASES)
        count = sum(number for number, _amount in counted.values())
        states = (("state", ",".join(services.OPEN_CASES)),)
        yield Card(f"{CASE}.open", _("Open service requests"), count, CASE, states, None, "orange", 60)
    if work.may(f"{RETURN}.read"):
        counted = figures.by_state(work, Return, services.ASKED)
        count = sum(number for number, _amount in counted.values())
        states = (("state", ",".join(services.ASKED)),)
        yield Card(f"{RETURN}.open", _("Returns to decide on"), count, RETURN, states, None, "orange", 61)


@hookimpl
def party_timeline(work: Work, party_id: int) -> Iterator[Moment]:
    """The customer's service requests and returns."""
    for kind, cls in ((CASE, Case), (RETURN, Return)):
        if not work.may(f"{kind}.read"):
            continue
        for row in figures.some(work, cls, party_id=party_id):
            state = cls.workflow.state(row.state).label
            title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
            ref = Ref(kind, row.id, figures.title_of(row))
            yield Moment(row.created_at, ref, title, row.subject, work.person(row.owner_id))
