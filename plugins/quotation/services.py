"""What a company does with quotations beyond single moves: drafts, copies, expiry, the usual consents."""

from __future__ import annotations

from typing import Any

from core.documents import Document
from core.documents.reading import load
from core.operations import create, flow, move
from core.operations.consents import FirstStep, begin_with
from core.roles import GENERAL_MANAGER, SALES_MANAGER
from core.search import figures
from core.text import _
from core.work import Work
from plugins.quotation.documents import Inquiry, Quotation
from plugins.quotation.settings import MAJOR_AMOUNT

MOST_AT_ONCE = 200
COPIED = (
    "party_id",
    "project",
    "subject",
    "contact_name",
    "contact_phone",
    "currency",
    "exchange_rate",
    "prices_include_tax",
    "payment_terms",
    "delivery_terms",
    "freight_terms",
    "packing",
    "warranty",
    "remark",
    "internal_remark",
)
COPIED_LINE = (
    "line_kind",
    "item_id",
    "name",
    "name_en",
    "specification",
    "unit",
    "quantity",
    "tax_rate_id",
    "lead_time",
    "remark",
)


def draft_from(work: Work, source: Document) -> Quotation:
    """A draft quotation of everything that ``source`` has open for one, priced from the lists (QTN-02)."""
    values: dict[str, Any] = {"remark": source.remark, "internal_remark": source.internal_remark}
    if isinstance(source, Inquiry):
        values["project"] = source.project
    return flow.take_from(work, Quotation, source, **values)


def copy(work: Work, key: int, *, party_id: int | None = None) -> Quotation:
    """A new draft that says what quotation ``key`` says, for the same customer or another one.

    Products are priced anew for that customer and today; lines without a product keep their price. Raises as ``load``
    and ``create`` do.
    """
    old = load(work, Quotation, key)
    values = {name: getattr(old, name) for name in COPIED}
    if party_id is not None and party_id != old.party_id:
        values |= {"party_id": party_id, "contact_name": None, "contact_phone": None, "payment_terms": None}
    rows = []
    for line in old.lines:
        row = {name: getattr(line, name) for name in COPIED_LINE if getattr(line, name) not in (None, "")}
        if line.item_id is None:
            row |= {"fixed": line.fixed, line.fixed: getattr(line, line.fixed)}
        rows.append(row)
    return create.create(work, Quotation, values, rows)


def expire_due(work: Work) -> int:
    """Let every sent quotation expire whose last day is over; gives back how many, ``MOST_AT_ONCE`` at most."""
    yesterday = work.today.fromordinal(work.today.toordinal() - 1)
    due = figures.some(
        work, Quotation, states={"sent"}, approval=None, until=("valid_until", yesterday), most=MOST_AT_ONCE
    )
    for row in due:
        move.move(work, Quotation, row.id, "expire")
    return len(due)


def usual_consents(work: Work) -> None:
    """The sales manager always, the leader for major ones (QTN-05)."""
    leader = FirstStep(
        _("Consent of the general manager to a major quotation"), GENERAL_MANAGER, work.setting(MAJOR_AMOUNT)
    )
    steps = (FirstStep(_("Consent of the sales manager"), SALES_MANAGER), leader)
    begin_with(work, "quotation.quotation", _("Consent to quotations"), steps)
