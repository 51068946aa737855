"""Which service requests are open and for how long, and why goods came back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from core import reports
from core.documents import Document
from core.hooks.values import Ref
from core.reports import Chosen, Column, Listing, Report, Row, Statement
from core.roles import AFTER_SALES, GENERAL_MANAGER, QUALITY, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, TECHNICAL
from core.text import Text, _
from core.work import Work
from plugins.aftersales.documents import Case, Return
from plugins.aftersales.documents.case import KINDS
from plugins.aftersales.documents.return_request import REASONS
from plugins.aftersales.services import OPEN_CASES

CASE, RETURN = "aftersales.case", "aftersales.return"
READERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, AFTER_SALES, TECHNICAL, QUALITY)


def _open(work: Work, chosen: Chosen) -> Statement:
    """Every request whose customer has not heard the result."""
    statement = select(
        Case.id.label("id"),
        Case.number.label("number"),
        Case.date.label("date"),
        Case.deadline.label("deadline"),
        Case.party_name.label("party_name"),
        Case.case_kind.label("case_kind"),
        Case.subject.label("subject"),
        Case.state.label("state"),
        Case.owner_id.label("owner_id"),
    ).where(Case.state.in_(OPEN_CASES), reports.visible(work, Case, Case))
    if kind := chosen.text("case_kind"):
        statement = statement.where(Case.case_kind == kind)
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Case.party_id == party)
    return statement


def _kind(row: Row, _chosen: Chosen) -> Text:
    return dict(KINDS)[row["case_kind"]]


def _state(row: Row, _chosen: Chosen) -> Text:
    return Case.workflow.state(row["state"]).label


def _case(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(CASE, row["id"], row["number"] or str(row["id"]))


def _returns(work: Work, chosen: Chosen) -> Statement:
    """Approved returns and exchanges of the period, by their reason."""
    return (
        select(
            Return.reason_kind.label("reason_kind"),
            func.count().label("made"),
            reports.count_when(Return.exchanged.is_(True)).label("exchanged"),
            reports.total(reports.absolute(Document.base_gross)).label("amount"),
        )
        .where(Return.state == "approved", chosen.period().holds(Return.date), reports.visible(work, Return, Return))
        .group_by(Return.reason_kind)
    )


def _reason(row: Row, _chosen: Chosen) -> Text:
    return dict(REASONS)[row["reason_kind"]]


def _of_reason(work: Work, row: Row, chosen: Chosen) -> Any:
    asked = {name: text for name, text in chosen.given.items() if text}
    return Listing(RETURN, tuple({**asked, "state": "approved"}.items()))


REPORTS = (
    Report(
        key="aftersales.open",
        label=_("Open service requests"),
        about=_("Every request whose customer has not heard the result yet."),
        columns=(
            Column("number", _("Number")),
            Column("date", _("Date"), "date"),
            Column("deadline", _("Wanted by"), "date"),
            Column("party_name", _("Customer")),
            Column("kind", _("Kind of service"), reckon=_kind),
            Column("subject", _("Subject")),
            Column("step", _("State"), reckon=_state),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
        ),
        rows=_open,
        order=("date", "id"),
        filters=(reports.choice("case_kind", _("Kind of service"), KINDS), reports.party()),
        roles=READERS,
        drill=_case,
        icon="tool",
    ),
    Report(
        key="aftersales.reasons",
        label=_("Returns by reason"),
        about=_("Why goods came back: approved returns and exchanges of a period."),
        columns=(
            Column("reason", _("Reason for the return"), reckon=_reason),
            Column("made", _("Returns and exchanges"), "int", total=True),
            Column("exchanged", _("Exchange"), "int", total=True),
            Column("amount", _("Amount"), "amount", total=True, help=_("In the company's currency, with tax.")),
        ),
        rows=_returns,
        order=("-made", "reason_kind"),
        filters=(reports.period(default="year"),),
        roles=READERS,
        drill=_of_reason,
        icon="arrow-back-up",
    ),
)
