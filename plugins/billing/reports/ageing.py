"""Ageing of receivables, 账龄分析: by customer how long what was owed at the end of a day had been overdue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, literal, or_, select, union_all

from core import reports
from core.ageing import Buckets
from core.documents import Document
from core.documents.models import Claim, Settlement
from core.entities.party import Party
from core.operations.flow.claims import OWED
from core.reports import Another, Chosen, Column, Report, Row, Statement
from core.roles import Scope
from core.text import _
from core.work import Work
from plugins.billing.documents import Invoice, Receipt
from plugins.billing.reports.shared import CURRENCY, INVOICE, RECEIPT, ROLES, narrowed
from plugins.billing.services import standing

ZERO = Decimal(0)
AGES = Buckets((0, 30, 60, 90, 180, 365))
BUCKETS = ("not_due", "d30", "d60", "d90", "d180", "d365", "older")


def _ageing(work: Work, chosen: Chosen) -> Statement:
    """By customer what was open at the end of a day, by how long it was overdue, from claims and settlements."""
    day = chosen.day()
    parts = (_owed_now, _unused_now) if day >= work.today else (_owed, _unused)
    rows = union_all(*(part(work, chosen, day) for part in parts)).subquery("open")
    left, due, kind = rows.c.open, rows.c.due, rows.c.claim_kind
    held = and_(kind == "retention", or_(due.is_(None), due >= day))
    owed = and_(kind.in_(OWED), ~held)
    late = and_(owed, due < day)
    sums = {
        "balance": reports.total(left),
        **{
            key: reports.total_when(and_(owed, AGES.condition(place, due, day)), left)
            for place, key in enumerate(BUCKETS)
        },
        "overdue": reports.total_when(late, left),
        "retained": reports.total_when(held, left),
        "unused": reports.total_when(kind == "receipt", left),
        "oldest": func.min(case((late, due), else_=None)),
    }
    # Added up before customers are looked at: there are many times more claims than customers.
    found = (
        select(rows.c.company_id, rows.c.party_id, *(value.label(key) for key, value in sums.items()))
        .group_by(rows.c.company_id, rows.c.party_id)
        .subquery("by_party")
    )
    return select(
        Party.id.label("party_id"), Party.owner_id.label("owner_id"), *(found.c[key].label(key) for key in sums)
    ).join(found, and_(found.c.party_id == Party.id, found.c.company_id == Party.company_id))


def _owed_now(work: Work, chosen: Chosen, day: date) -> Any:
    """What each claim comes to by now, as its row keeps it; its document is read only for whose it is."""
    statement = select(
        Claim.company_id, Claim.party_id, Claim.claim_kind, Claim.due, (Claim.amount - Claim.settled).label("open")
    ).where(Claim.settled < Claim.amount, Claim.claim_kind != "milestone", Claim.currency == work.company.currency)
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Claim.party_id == party)
    if chosen.id("owner_id") is None and Scope.COMPANY in work.scopes(f"{INVOICE}.read"):
        return statement
    mine = and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id)
    return narrowed(statement.join(Document, mine).where(reports.visible(work, Invoice)), chosen)


def _unused_now(work: Work, chosen: Chosen, day: date) -> Any:
    """What of receipts and red letters stands against no receivable by now, as their rows keep it: negative."""
    statement = select(
        Document.company_id,
        Document.party_id,
        literal("receipt").label("claim_kind"),
        Document.date.label("due"),
        (-Document.unsettled).label("open"),
    ).where(
        Document.kind.in_((RECEIPT, "billing.credit_note")),
        Document.unsettled > 0,
        Document.currency == work.company.currency,
        reports.visible(work, Receipt),
    )
    return narrowed(statement, chosen)


def _owed(work: Work, chosen: Chosen, day: date) -> Any:
    """What each claim still came to: its amount, less the settlements that stood at the end of the day."""
    statement = standing.open_at(work, day).where(
        Claim.currency == work.company.currency, reports.visible(work, Invoice)
    )
    return narrowed(statement, chosen)


def _unused(work: Work, chosen: Chosen, day: date) -> Any:
    """What of receipts and red letters stood against no receivable at the end of the day: negative."""
    met = standing.met_at(work, day, Settlement.payment_id)
    # What turned out later not to have been paid was free until that day.
    failed = select(Receipt.id).where(Receipt.state == "dishonoured", Receipt.dishonoured_on > day)
    amount = case((Document.gross < 0, -Document.gross), else_=Document.gross)
    left = amount - func.coalesce(met.c.amount, 0, type_=Document.gross.type)
    statement = (
        select(
            Document.company_id,
            Document.party_id,
            literal("receipt").label("claim_kind"),
            Document.date.label("due"),
            (-left).label("open"),
        )
        .outerjoin(met, met.c.key == Document.id)
        .where(
            or_(
                and_(Document.kind == RECEIPT, Document.state.in_(("confirmed", "honoured"))),
                and_(Document.kind == "billing.credit_note", Document.state == "issued"),
                Document.id.in_(failed),
            ),
            Document.date <= day,
            Document.currency == work.company.currency,
            left > 0,
            reports.visible(work, Receipt),
        )
    )
    return narrowed(statement, chosen)


def _age(row: Row, chosen: Chosen) -> int | None:
    oldest = row.get("oldest")
    return (chosen.day() - oldest).days if isinstance(oldest, date) else None


def _open_invoices(work: Work, row: Row, chosen: Chosen) -> Another:
    return Another("billing.receivables", (("party_id", str(row["party_id"])), ("due_from", ""), ("due_to", "")))


AGEING = Report(
    key="billing.ageing",
    label=_("Ageing of receivables"),
    about=_("By customer, how long what was owed at the end of a day had been overdue."),
    icon="hourglass",
    columns=(
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("owner_id", _("Responsible"), "ref", references="core.account"),
        Column("balance", _("Balance"), "amount", total=True),
        *(Column(key, label, "amount", total=True) for key, label in zip(BUCKETS, AGES.labels(), strict=True)),
        Column("overdue", _("Overdue in all"), "amount", total=True),
        Column(
            "overdue_rate",
            _("Overdue rate"),
            "percent",
            total=True,
            reckon=lambda row, _chosen: reports.share(
                row["overdue"], (row["balance"] or ZERO) - (row["unused"] or ZERO)
            ),
        ),
        Column("days", _("Longest overdue (days)"), "int", reckon=_age),
        Column("retained", _("Retained money"), "amount", total=True),
        Column("unused", _("Receipts not set against anything"), "amount", total=True),
    ),
    rows=_ageing,
    order=("-overdue", "-balance", "party_id"),
    filters=(reports.as_of(), reports.party(), reports.person()),
    roles=ROLES,
    drill=_open_invoices,
    notes=(
        _("Counted from the due day; what stood at the end of the day is reckoned from the settlements."),
        CURRENCY,
    ),
)
