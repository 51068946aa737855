"""The contract ledger, 合同台账: every numbered contract with its money and where it stands (CTR-09)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Label, Subquery, case, func, select

from core import reports
from core.documents import Document, DocumentLine
from core.documents.models import DocumentLink
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row, Statement
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.frames import FRAMEWORK, binding
from plugins.contract.masters import CONTRACT_KINDS
from plugins.contract.reports import money
from plugins.contract.services.owed import owed_by

CONTRACT = "contract.contract"
STATES = tuple((state.key, state.label) for state in Contract.workflow.states if state.key != "draft")


def _rows(work: Work, chosen: Chosen) -> Statement:
    """Numbered contracts by their date; in one currency."""
    figures, under = _figures(owed_by()), _under()
    statement = select(
        Contract.id.label("id"),
        Contract.number.label("number"),
        Contract.subject.label("subject"),
        Contract.contract_kind.label("contract_kind"),
        Contract.party_id.label("party_id"),
        Contract.signed_on.label("signed_on"),
        Contract.owner_id.label("owner_id"),
        Contract.department_id.label("department_id"),
        Contract.first_gross.label("first_gross"),
        Contract.gross.label("gross"),
        Contract.deadline.label("deadline"),
        Contract.payment_terms.label("payment_terms"),
        *(_with_orders(figure, under.c[figure.name]) for figure in figures),
        _comes().label("comes"),
        money.retained().label("retained"),
        money.retained_until().label("retained_until"),
        Contract.state.label("state"),
        Contract.archive_number.label("archive_number"),
        Contract.remark.label("remark"),
        Contract.date.label("date"),
    )
    statement = statement.outerjoin(under, under.c.agreement_id == Contract.id).where(
        Contract.number.is_not(None),
        Contract.currency == money.currency(work, chosen),
        chosen.period().holds(Contract.date),
        reports.visible(work, Contract),
    )
    for name in ("party_id", "owner_id"):
        if (key := chosen.id(name)) is not None:
            statement = statement.where(getattr(Contract, name) == key)
    for name in ("state", "contract_kind"):
        if word := chosen.text(name):
            statement = statement.where(getattr(Contract, name) == word)
    return statement


def _figures(owed: ColumnElement[Any]) -> tuple[Label[Any], ...]:
    """The money of the ``Document`` of the statement around it."""
    return (
        Document.delivered.label("delivered"),
        Document.invoiced.label("invoiced"),
        Document.uninvoiced.label("uninvoiced"),
        owed.label("owed"),
        Document.collected.label("received"),
    )


def _under() -> Subquery:
    """The sums of these figures over the binding orders under each framework agreement."""
    taken = (
        select(DocumentLink.source_document_id, DocumentLink.target_document_id)
        .join(Contract, Contract.id == DocumentLink.source_document_id)
        .where(Contract.contract_kind == FRAMEWORK)
        .distinct()
        .subquery("taken")
    )
    orders = (
        select(taken.c.source_document_id, *_figures(Document.invoiced + Document.uninvoiced))
        .join(taken, taken.c.target_document_id == Document.id)
        .where(*binding())
        .subquery("orders")
    )
    agreement, *figures = orders.c
    sums = (func.sum(figure, type_=Document.gross.type).label(figure.name) for figure in figures)
    return select(agreement.label("agreement_id"), *sums).group_by(agreement).subquery("under")


def _with_orders(own: Label[Any], theirs: ColumnElement[Any]) -> ColumnElement[Any]:
    """A figure of a contract; of a framework agreement, the sum over the orders under it."""
    summed = func.coalesce(theirs, 0, type_=Document.gross.type)
    return case((Contract.contract_kind == FRAMEWORK, summed), else_=own.element).label(own.name)


def _comes() -> ColumnElement[Any]:
    """How many lines are still waited for, in whole or in part."""
    arrived = DocumentLine.delivered - DocumentLine.returned
    return (
        select(func.count())
        .where(
            DocumentLine.document_id == Document.id,
            DocumentLine.line_kind != "text",
            arrived < DocumentLine.base_quantity - DocumentLine.dropped,
        )
        .correlate(Document)
        .scalar_subquery()
    )


def _less(left: str, right: str) -> Any:
    def reckoned(row: Row, chosen: Chosen) -> Decimal:
        return Decimal((row[left] or 0) - (row[right] or 0))

    return reckoned


def _change(row: Row, chosen: Chosen) -> Decimal:
    """What amendments have added since the first signatures; nothing before those."""
    return Decimal(row["gross"] - row["first_gross"]) if row["first_gross"] else Decimal(0)


def _first(row: Row, chosen: Chosen) -> Decimal:
    return Decimal(row["first_gross"] or row["gross"])


def _progress(row: Row, chosen: Chosen) -> str:
    if not row["delivered"]:
        return str(_("Not begun"))
    comes = row["delivered"] < row["gross"] if row["contract_kind"] == FRAMEWORK else row["comes"]
    return str(_("In part") if comes else _("In full"))


def _state(row: Row, chosen: Chosen) -> str:
    return str(Contract.workflow.state(row["state"]).label)


def _kind(row: Row, chosen: Chosen) -> str:
    return str(dict(CONTRACT_KINDS).get(row["contract_kind"], ""))


def _drill(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(CONTRACT, row["id"], row["number"] or "")


LEDGER = Report(
    key="contract.ledger",
    label=_("Contract ledger"),
    about=_("Every contract with its parties, days, money delivered, invoiced and received, and where it stands."),
    columns=(
        Column("number", _("Contract no.")),
        Column("subject", _("Subject of the contract")),
        Column("kind", _("Kind of contract"), reckon=_kind),
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("signed_on", _("Day of signing"), "date"),
        Column("owner_id", _("Responsible"), "ref", references="core.account"),
        Column("department_id", _("Department"), "ref", references="core.department"),
        Column("first", _("Contract amount"), "amount", reckon=_first),
        Column("change", _("Changed by"), "amount", reckon=_change),
        Column("gross", _("Present amount"), "amount", total=True),
        Column("owed", _("Owed by contract"), "amount", total=True, help=money.OWED),
        Column("deadline", _("Day of delivery"), "date"),
        Column("payment_terms", _("Payment terms")),
        Column("delivered", _("Delivered so far"), "amount", total=True),
        Column("invoiced", _("Invoiced so far"), "amount", total=True),
        Column("received", _("Received so far"), "amount", total=True),
        Column(
            "receivable",
            _("Receivable"),
            "amount",
            total=True,
            help=_("Invoiced less received."),
            reckon=_less("invoiced", "received"),
        ),
        Column(
            "unpaid",
            _("Contract amount not received"),
            "amount",
            total=True,
            help=_("Owed less received."),
            reckon=_less("owed", "received"),
        ),
        Column(
            "uninvoiced",
            _("Not invoiced"),
            "amount",
            total=True,
            help=_("What is still to be invoiced."),
        ),
        Column("retained", _("Retained"), "amount", total=True),
        Column("retained_until", _("Retained until"), "date"),
        Column("progress", _("Fulfilment"), reckon=_progress),
        Column("state_label", _("Contract state"), reckon=_state),
        Column("archive_number", _("File no.")),
        Column("remark", _("Remark")),
    ),
    rows=_rows,
    order=("-date", "-id"),
    filters=(
        reports.period(default="year"),
        reports.party(),
        reports.person(),
        reports.choice("state", _("Contract state"), STATES),
        reports.choice("contract_kind", _("Kind of contract"), CONTRACT_KINDS),
        reports.words("currency", _("Currency"), help=_("The company's own unless another is named.")),
    ),
    roles=money.READERS,
    drill=_drill,
    notes=(
        _("All contracts that have a number, by their date, in one currency."),
        _("Received is what milestones have met; without milestones, its part of what invoices were paid."),
    ),
    icon="book",
)
