"""The invoice register, 发票台账: every invoice and red letter that was issued in a period."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select, union_all

from core import reports
from core.reports import Chosen, Column, Report, Statement
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice
from plugins.billing.documents.accounts import INVOICED
from plugins.billing.documents.common import INVOICE_KINDS
from plugins.billing.reports.shared import CURRENCY, ROLES, said


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


REGISTER = Report(
    key="billing.register",
    label=_("Invoice register"),
    about=_("Every invoice and red letter that was issued, with its number, buyer, amounts and whereabouts."),
    icon="receipt",
    columns=(
        Column("date", _("Date"), "date"),
        Column("number", _("Number")),
        Column("invoice_code", _("Invoice code")),
        Column("invoice_number", _("Invoice number")),
        Column("kind_label", _("Invoice kind"), reckon=said(INVOICE_KINDS, "invoice_kind")),
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
)
