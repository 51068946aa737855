"""What became of the quotations: how many each person made, how many customers accepted, and what they were worth."""

from __future__ import annotations

from sqlalchemy import func, select

from core import reports
from core.documents import Document
from core.reports import Chosen, Column, Listing, Report, Row, Statement
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from core.work import Work
from plugins.quotation.documents import Quotation

QUOTATION = "quotation.quotation"


def _success(work: Work, chosen: Chosen) -> Statement:
    """What was offered within the period: numbered, and not cancelled."""
    accepted = Document.state == "accepted"
    statement = select(
        Document.owner_id.label("owner_id"),
        func.count().label("made"),
        reports.total(Document.base_gross).label("amount"),
        reports.count_when(accepted).label("accepted"),
        reports.total_when(accepted, Document.base_gross).label("accepted_amount"),
    ).where(
        Document.kind == QUOTATION,
        Document.number.is_not(None),
        Document.state != "cancelled",
        chosen.period().holds(Document.date),
        reports.visible(work, Quotation),
    )
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Document.party_id == party)
    if (owner := chosen.id("owner_id")) is not None:
        statement = statement.where(Document.owner_id == owner)
    return statement.group_by(Document.owner_id)


def _quotations(work: Work, row: Row, chosen: Chosen) -> Listing | None:
    """The quotations behind a row."""
    if row["owner_id"] is None:
        return None
    asked = {name: text for name, text in chosen.given.items() if text} | {"owner_id": str(row["owner_id"])}
    return Listing(QUOTATION, tuple(asked.items()))


REPORTS = (
    Report(
        key="quotation.success",
        label=_("Quotation success"),
        about=_("How many quotations each person made in a period, and how many of them customers accepted."),
        columns=(
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
            Column("made", _("Quotations made"), "int", total=True),
            Column("amount", _("Amount quoted"), "amount", total=True, help=_("In the company's currency, with tax.")),
            Column("accepted", _("Quotations accepted"), "int", total=True),
            Column("accepted_amount", _("Amount accepted"), "amount", total=True),
            Column(
                "rate",
                _("Success rate"),
                "percent",
                total=True,
                help=_("Accepted quotations among those made."),
                reckon=lambda row, _chosen: reports.share(row["accepted"], row["made"]),
            ),
            Column(
                "amount_rate",
                _("Success rate by amount"),
                "percent",
                total=True,
                reckon=lambda row, _chosen: reports.share(row["accepted_amount"], row["amount"]),
            ),
        ),
        rows=_success,
        order=("-amount", "owner_id"),
        filters=(reports.period(default="year"), reports.party(), reports.person()),
        roles=(REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER),
        drill=_quotations,
        notes=(_("Counted by the date of the quotation: all that have a number, but for the cancelled ones."),),
    ),
)
