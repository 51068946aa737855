"""What is owed and by when, as of any day; what was invoiced; what came in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, literal, or_, select, union_all

from core import reports
from core.ageing import Buckets
from core.documents import Document
from core.documents.models import Claim, Settlement
from core.entities.party import Party
from core.hooks.values import Ref
from core.reports import Another, Chosen, Column, Report, Row, Statement
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, Scope
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, accounts
from plugins.billing.documents.accounts import INVOICED
from plugins.billing.documents.common import INVOICE_KINDS
from plugins.billing.documents.receipt import METHODS

ROLES = (FINANCE, GENERAL_MANAGER, SALES_MANAGER, SALES_CLERK, REPRESENTATIVE)
INVOICE, RECEIPT = "billing.invoice", "billing.receipt"
ZERO = Decimal(0)
AGES = Buckets((0, 30, 60, 90, 180, 365))
BUCKETS = ("not_due", "d30", "d60", "d90", "d180", "d365", "older")


# What is owed by which day -------------------------------------------------------------------------------------------


def _receivables(work: Work, chosen: Chosen) -> Any:
    """Every claim on an invoice that is still open, what is due first before the rest."""
    left = Claim.amount - Claim.settled
    statement = (
        select(
            Claim.id.label("claim_id"),
            Claim.due.label("due"),
            Document.party_id.label("party_id"),
            Document.number.label("number"),
            Document.date.label("date"),
            Claim.claim_kind.label("claim_kind"),
            Claim.amount.label("amount"),
            Claim.settled.label("settled"),
            left.label("left"),
            Document.owner_id.label("owner_id"),
            Document.id.label("document_id"),
        )
        .join(Document, and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id))
        .where(
            Claim.settled < Claim.amount,
            Claim.claim_kind != "milestone",
            Claim.currency == work.company.currency,
            Document.kind == INVOICE,
            chosen.period("due").holds(Claim.due),
            reports.visible(work, Invoice),
        )
    )
    return _narrowed(statement, chosen)


def _narrowed(statement: Any, chosen: Chosen) -> Any:
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Document.party_id == party)
    if (owner := chosen.id("owner_id")) is not None:
        statement = statement.where(Document.owner_id == owner)
    return statement


def _invoice(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(INVOICE, row["document_id"], row.get("number") or "")


# Ageing --------------------------------------------------------------------------------------------------------------


def _ageing(work: Work, chosen: Chosen) -> Statement:
    """By customer what was open at the end of a day, by how long it was overdue, from claims and settlements."""
    day = chosen.day()
    parts = (_owed_now, _unused_now) if day >= work.today else (_owed, _unused)
    rows = union_all(*(part(work, chosen, day) for part in parts)).subquery("open")
    left, due, kind = rows.c.open, rows.c.due, rows.c.claim_kind
    owed = kind == "receivable"
    late = and_(owed, due < day)
    buckets = [
        reports.total_when(and_(owed, AGES.condition(place, due, day)), left).label(key)
        for place, key in enumerate(BUCKETS)
    ]
    return (
        select(
            Party.id.label("party_id"),
            Party.owner_id.label("owner_id"),
            reports.total(left).label("balance"),
            *buckets,
            reports.total_when(late, left).label("overdue"),
            reports.total_when(kind == "retention", left).label("retained"),
            reports.total_when(kind == "receipt", left).label("unused"),
            func.min(case((late, due), else_=None)).label("oldest"),
        )
        .select_from(Party)
        .join(rows, and_(rows.c.party_id == Party.id, rows.c.company_id == Party.company_id))
        .group_by(Party.id, Party.owner_id)
    )


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
    return _narrowed(statement.join(Document, mine).where(reports.visible(work, Invoice)), chosen)


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
    return _narrowed(statement, chosen)


def _owed(work: Work, chosen: Chosen, day: date) -> Any:
    """What each claim still came to: its amount, less the settlements that stood at the end of the day."""
    met = _met(work, day, Settlement.claim_id)
    settled = func.coalesce(met.c.amount, 0, type_=Claim.amount.type)
    left = Claim.amount - settled
    statement = (
        select(
            Claim.company_id,
            Claim.party_id,
            Claim.claim_kind,
            Claim.due,
            left.label("open"),
        )
        .join(Document, and_(Document.id == Claim.document_id, Document.company_id == Claim.company_id))
        .outerjoin(met, met.c.key == Claim.id)
        .where(
            Document.kind == INVOICE,
            Document.state.in_(INVOICED),
            Document.date <= day,
            Claim.currency == work.company.currency,
            left > 0,
            reports.visible(work, Invoice),
        )
    )
    return _narrowed(statement, chosen)


def _unused(work: Work, chosen: Chosen, day: date) -> Any:
    """What of receipts and red letters stood against no receivable at the end of the day: negative."""
    met = _met(work, day, Settlement.payment_id)
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
            ),
            Document.date <= day,
            Document.currency == work.company.currency,
            left > 0,
            reports.visible(work, Receipt),
        )
    )
    return _narrowed(statement, chosen)


def _met(work: Work, day: date, key: Any) -> Any:
    """The settlements that stood at the end of a day, by claim or payment."""
    end = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(work.company.zone))
    return (
        select(key.label("key"), func.sum(Settlement.amount, type_=Settlement.amount.type).label("amount"))
        .where(
            Settlement.claim_id.is_not(None),
            Settlement.at < end,
            or_(Settlement.reversed_at.is_(None), Settlement.reversed_at >= end),
        )
        .group_by(key)
        .subquery()
    )


def _age(row: Row, chosen: Chosen) -> int | None:
    oldest = row.get("oldest")
    return (chosen.day() - oldest).days if isinstance(oldest, date) else None


def _open_invoices(work: Work, row: Row, chosen: Chosen) -> Another:
    return Another("billing.receivables", (("party_id", str(row["party_id"])), ("due_from", ""), ("due_to", "")))


# Registers -----------------------------------------------------------------------------------------------------------


def _register(work: Work, chosen: Chosen) -> Statement:
    """Every invoice and red letter that was issued in the period, by day and number."""
    return union_all(*(_issued(work, chosen, cls) for cls in (Invoice, CreditNote)))


def _issued(work: Work, chosen: Chosen, cls: Any) -> Any:
    handed = cls.handed_to if cls is Invoice else literal("")
    booked = cls.booked_on if cls is Invoice else literal(None, cls.date.type)
    statement = select(
        cls.id.label("document_id"),
        cls.date.label("date"),
        cls.number.label("number"),
        cls.invoice_code.label("invoice_code"),
        cls.invoice_number.label("invoice_number"),
        cls.invoice_kind.label("invoice_kind"),
        cls.party_id.label("party_id"),
        cls.buyer.label("buyer"),
        cls.net.label("net"),
        cls.tax.label("tax"),
        cls.gross.label("gross"),
        cls.created_by.label("created_by"),
        handed.label("handed_to"),
        booked.label("booked_on"),
    ).where(
        cls.state.in_(INVOICED),
        chosen.period().holds(cls.date),
        cls.currency == work.company.currency,
        reports.visible(work, cls, cls),
    )
    if kind := chosen.text("invoice_kind"):
        statement = statement.where(cls.invoice_kind == kind)
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(cls.party_id == party)
    return statement


def _receipts(work: Work, chosen: Chosen) -> Statement:
    """Every receipt that was confirmed in the period."""
    statement = select(
        Receipt.id.label("document_id"),
        Receipt.date.label("date"),
        Receipt.number.label("number"),
        Receipt.party_id.label("party_id"),
        Receipt.method.label("method"),
        Receipt.payer.label("payer"),
        Receipt.bank_reference.label("bank_reference"),
        Receipt.bill_number.label("bill_number"),
        Receipt.matures_on.label("matures_on"),
        Receipt.gross.label("gross"),
        Receipt.settled.label("settled"),
        (Receipt.gross - Receipt.settled).label("free"),
        Receipt.owner_id.label("owner_id"),
    ).where(
        Receipt.state.in_(("confirmed", "honoured")),
        chosen.period().holds(Receipt.date),
        Receipt.currency == work.company.currency,
        reports.visible(work, Receipt, Receipt),
    )
    if method := chosen.text("method"):
        statement = statement.where(Receipt.method == method)
    if (party := chosen.id("party_id")) is not None:
        statement = statement.where(Receipt.party_id == party)
    return statement


def _receipt(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref(RECEIPT, row["document_id"], row["number"] or "")


def _said(choices: Any, key: str) -> Any:
    labels = dict(choices)
    return lambda row, _chosen: labels.get(row.get(key) or "", "")


# Accounts ------------------------------------------------------------------------------------------------------------


def _accounts(work: Work, chosen: Chosen) -> Statement:
    """By customer what was owed before the period, what moved it, and what was owed at its end."""
    period = chosen.period()
    moved = accounts.posted(work, work.company.currency, chosen.id("party_id")).subquery("moved")
    within, before = period.holds(moved.c.on_day), moved.c.on_day < (period.first or date.min)
    until = moved.c.on_day <= (period.last or date.max)
    paid = moved.c.kind.in_((RECEIPT, accounts.REFUND))
    statement = (
        select(
            Party.id.label("party_id"),
            Party.owner_id.label("owner_id"),
            reports.total_when(before, moved.c.amount).label("opening"),
            reports.total_when(and_(within, moved.c.kind == INVOICE), moved.c.amount).label("charged"),
            reports.total_when(and_(within, moved.c.kind == accounts.CREDIT_NOTE), moved.c.amount).label("corrected"),
            reports.total_when(and_(within, paid), moved.c.amount).label("paid"),
            reports.total_when(until, moved.c.amount).label("closing"),
        )
        .join(moved, and_(moved.c.party_id == Party.id, moved.c.company_id == Party.company_id))
        .where(reports.visible(work, Party))
        .group_by(Party.id, Party.owner_id)
    )
    owner = chosen.id("owner_id")
    return statement if owner is None else statement.where(Party.owner_id == owner)


def _account(work: Work, chosen: Chosen) -> list[dict[str, Any]]:
    """What moved one customer's account in the period, with the balance after each; nothing until one is chosen."""
    party, period = chosen.id("party_id"), chosen.period()
    if party is None or not work.session.scalar(
        select(Party.id).where(Party.id == party, reports.visible(work, Party))
    ):
        return []
    first, last = period.first or date(1900, 1, 1), period.last or work.today
    found = accounts.of_period(work, party, work.company.currency, first, last)
    balance = found.opening
    rows = [{"place": 0, "kind_label": str(_("Opening balance")), "balance": balance, "document_id": None}]
    for place, one in enumerate(found.movements, 1):
        balance += one.amount
        label = _("Not paid after all") if one.undone else work.types.document(one.kind).label
        rows.append(
            {
                "place": place,
                "date": one.on,
                "kind_label": str(label),
                "number": one.number,
                "charged": one.amount if one.amount > 0 else None,
                "paid": -one.amount if one.amount < 0 else None,
                "balance": balance,
                "document_id": one.document_id,
                "kind": one.kind,
            }
        )
    return rows


def _moved(work: Work, row: Row, chosen: Chosen) -> Ref | None:
    key = row.get("document_id")
    return Ref(row["kind"], key, row.get("number") or "") if key else None


def _detail(work: Work, row: Row, chosen: Chosen) -> Another:
    period = chosen.period()
    days = (("date_from", period.first), ("date_to", period.last))
    written = ((name, day.isoformat() if day else "") for name, day in days)
    return Another("billing.account", (("party_id", str(row["party_id"])), *written))


CLAIMS = (("receivable", _("Receivable")), ("retention", _("Retained money")))
CURRENCY = _("Documents in the company's currency only.")

REPORTS = (
    Report(
        key="billing.accounts",
        label=_("Customer accounts"),
        about=_("By customer: owed before the period, invoiced, credited, received, and owed at its end."),
        icon="book",
        columns=(
            Column("party_id", _("Customer"), "ref", references="core.party"),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
            Column("opening", _("Opening balance"), "amount", total=True),
            Column("charged", _("Invoiced in the period"), "amount", total=True),
            Column("corrected", _("Credited in the period"), "amount", total=True),
            Column("paid", _("Received in the period"), "amount", total=True),
            Column("closing", _("Closing balance"), "amount", total=True),
        ),
        rows=_accounts,
        order=("-closing", "party_id"),
        filters=(reports.period(), reports.party(), reports.person()),
        roles=ROLES,
        drill=_detail,
        notes=(CURRENCY,),
    ),
    Report(
        key="billing.account",
        label=_("Customer statement"),
        about=_("What moved one customer's account in a period, with the balance after each; choose the customer."),
        icon="list-details",
        columns=(
            Column("date", _("Date"), "date"),
            Column("kind_label", _("Document")),
            Column("number", _("Number")),
            Column("charged", _("Charged"), "amount", total=True),
            Column("paid", _("Received"), "amount", total=True),
            Column("balance", _("Balance"), "amount"),
        ),
        rows=_account,
        order=("place",),
        filters=(reports.party(), reports.period()),
        roles=ROLES,
        drill=_moved,
        notes=(CURRENCY,),
    ),
    Report(
        key="billing.receivables",
        label=_("Receivables by due day"),
        about=_("What customers owe on each invoice and by when; retained money by its own day."),
        icon="calendar-due",
        columns=(
            Column("due", _("Due on"), "date"),
            Column("party_id", _("Customer"), "ref", references="core.party"),
            Column("number", _("Invoice")),
            Column("date", _("Date"), "date"),
            Column("kind_label", _("Claim"), reckon=_said(CLAIMS, "claim_kind")),
            Column("amount", _("Amount"), "amount", total=True),
            Column("settled", _("Paid"), "amount", total=True),
            Column("left", _("Outstanding"), "amount", total=True),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
        ),
        rows=_receivables,
        order=("due", "claim_id"),
        filters=(reports.period("due", _("Due"), default="all"), reports.party(), reports.person()),
        roles=ROLES,
        drill=_invoice,
        notes=(CURRENCY,),
    ),
    Report(
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
    ),
    Report(
        key="billing.register",
        label=_("Invoice register"),
        about=_("Every invoice and red letter that was issued, with its number, buyer, amounts and whereabouts."),
        icon="receipt",
        columns=(
            Column("date", _("Date"), "date"),
            Column("number", _("Number")),
            Column("invoice_code", _("Invoice code")),
            Column("invoice_number", _("Invoice number")),
            Column("kind_label", _("Invoice kind"), reckon=_said(INVOICE_KINDS, "invoice_kind")),
            Column("party_id", _("Customer"), "ref", references="core.party"),
            Column("buyer", _("Invoice title")),
            Column("net", _("Amount without tax"), "amount", total=True),
            Column("tax", _("Tax"), "amount", total=True),
            Column("gross", _("Total"), "amount", total=True),
            Column("created_by", _("Made by"), "ref", references="core.account"),
            Column("handed_to", _("Handed over to")),
            Column("booked_on", _("Booked on"), "date"),
        ),
        rows=_register,
        order=("date", "document_id"),
        filters=(reports.period(), reports.party(), reports.choice("invoice_kind", _("Invoice kind"), INVOICE_KINDS)),
        roles=ROLES,
        notes=(CURRENCY,),
    ),
    Report(
        key="billing.receipts",
        label=_("Receipts of a period"),
        about=_("What came in day by day, by which way, and what of it stands against nothing yet."),
        icon="cash",
        columns=(
            Column("date", _("Date"), "date"),
            Column("number", _("Number")),
            Column("party_id", _("Customer"), "ref", references="core.party"),
            Column("method_label", _("Way of payment"), reckon=_said(METHODS, "method")),
            Column("payer", _("Payer")),
            Column("bank_reference", _("Bank reference")),
            Column("bill_number", _("Bill number")),
            Column("matures_on", _("Matures on"), "date"),
            Column("gross", _("Amount received"), "amount", total=True),
            Column("settled", _("Set against it"), "amount", total=True),
            Column("free", _("Advance"), "amount", total=True),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
        ),
        rows=_receipts,
        order=("date", "document_id"),
        filters=(reports.period(), reports.party(), reports.choice("method", _("Way of payment"), METHODS)),
        roles=ROLES,
        drill=_receipt,
        notes=(CURRENCY,),
    ),
)
