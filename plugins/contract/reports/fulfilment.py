"""The fulfilment sheet, 合同履行一览表: line by line what is made, delivered, invoiced and paid, and what is late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true, type_coerce
from sqlalchemy.orm import aliased

from core import reports
from core.db.shares import Share
from core.documents import Document, DocumentLine
from core.documents.stage import Stage
from core.hooks.values import Ref
from core.money import half_up, share
from core.reports import Chosen, Column, Report, Row, Statement
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.frames import FRAMEWORK, NOT_BINDING
from plugins.contract.reports import money

CONTRACT, ORDER = "contract.contract", "contract.order"
KINDS = ((CONTRACT, _("Contracts")), (ORDER, _("Customer orders")))
PLACES = 6


def _rows(work: Work, chosen: Chosen) -> Statement:
    """The lines of binding contracts and orders by their date; in one currency."""
    signed = aliased(Contract, flat=True)
    readable = [
        and_(Document.kind == kind, reports.visible(work, cls)) for kind, cls in ((CONTRACT, Contract), (ORDER, Order))
    ]
    statement = (
        select(
            DocumentLine.id.label("id"),
            Document.id.label("document_id"),
            Document.kind.label("kind"),
            Document.number.label("number"),
            Document.party_id.label("party_id"),
            Document.date.label("date"),
            signed.signed_on.label("signed_on"),
            Document.gross.label("document_gross"),
            _reaching(_owed, whole=True).label("document_owed"),
            DocumentLine.name.label("name"),
            DocumentLine.specification.label("specification"),
            DocumentLine.unit.label("unit"),
            DocumentLine.factor.label("factor"),
            DocumentLine.quantity.label("quantity"),
            DocumentLine.base_quantity.label("base_quantity"),
            DocumentLine.gross_price.label("gross_price"),
            DocumentLine.gross.label("gross"),
            func.coalesce(DocumentLine.deadline, Document.deadline).label("deadline"),
            _planned(work).label("planned_base"),
            DocumentLine.supplied.label("supplied_base"),
            DocumentLine.delivered.label("delivered_base"),
            DocumentLine.returned.label("returned_base"),
            DocumentLine.dropped.label("dropped_base"),
            (DocumentLine.invoiced_amount - DocumentLine.credited_amount).label("invoiced"),
            type_coerce(_owed(DocumentLine), DocumentLine.gross.type).label("owed"),
            Document.collected.label("document_received"),
            _reaching(_owed).label("reaching"),
            _reaching(_gross).label("reaching_gross"),
            money.first_unpaid().label("first_unpaid"),
            DocumentLine.remark.label("remark"),
        )
        .join(Document, and_(Document.id == DocumentLine.document_id, Document.company_id == DocumentLine.company_id))
        .outerjoin(signed, signed.id == Document.id)
        .where(
            or_(*readable),
            DocumentLine.line_kind != "text",
            Document.state.not_in(NOT_BINDING),
            or_(signed.contract_kind.is_(None), signed.contract_kind != FRAMEWORK),
            Document.currency == money.currency(work, chosen),
            chosen.period().holds(Document.date),
        )
    )
    for name in ("party_id", "owner_id"):
        if (key := chosen.id(name)) is not None:
            statement = statement.where(getattr(Document, name) == key)
    if kind := chosen.text("kind"):
        statement = statement.where(Document.kind == kind)
    if chosen.text("left") == "undelivered":
        statement = statement.where(
            DocumentLine.delivered - DocumentLine.returned < DocumentLine.base_quantity - DocumentLine.dropped
        )
    return statement


def _planned(work: Work) -> ColumnElement[Any]:
    """What of a line is planned: on supply documents that have a number and were not closed."""
    kinds = [kind for kind, cls in work.types.documents.items() if cls.stage is Stage.SUPPLY and not cls.brings_back]
    line, document = aliased(DocumentLine), aliased(Document)
    return (
        select(
            func.coalesce(func.sum(line.base_quantity, type_=line.base_quantity.type), 0, type_=line.base_quantity.type)
        )
        .join(document, and_(document.id == line.document_id, document.company_id == line.company_id))
        .where(
            line.origin_id == DocumentLine.id,
            document.kind.in_(kinds),
            document.number.is_not(None),
            document.closure == "open",
        )
        .correlate(DocumentLine)
        .scalar_subquery()
    )


def _owed(line: Any) -> ColumnElement[Any]:
    """What is owed by a line in the end: what was invoiced, or is to be, of what is expected or came beyond it."""
    expected, arrived = line.base_quantity - line.dropped, line.delivered - line.returned
    whole = case((and_(line.base_quantity > 0, arrived > expected), arrived), else_=expected)
    worth = Share(line.gross, whole, line.base_quantity) - line.conceded
    invoiced = line.invoiced_amount - line.credited_amount
    left = case((line.gross < 0, invoiced - worth), else_=worth - invoiced)
    return case((left > 0, worth), else_=invoiced)


def _reaching(of: Callable[[Any], ColumnElement[Any]], *, whole: bool = False) -> ColumnElement[Any]:
    """What the document's lines come to by ``of``, up to this one or in all."""
    line = aliased(DocumentLine)
    return (
        select(func.sum(of(line), type_=line.gross.type))
        .where(
            line.document_id == DocumentLine.document_id,
            line.line_kind != "text",
            true() if whole else line.position <= DocumentLine.position,
        )
        .correlate(DocumentLine)
        .scalar_subquery()
    )


def _gross(line: Any) -> ColumnElement[Any]:
    found: ColumnElement[Any] = line.gross
    return found


# What is reckoned from a row ------------------------------------------------------------------------------------------


def _arrived(row: Row) -> Decimal:
    return Decimal(row["delivered_base"] - row["returned_base"])


def _left(row: Row) -> Decimal:
    """What is still to come, in base units; never less than nothing."""
    return max(Decimal(row["base_quantity"] - row["dropped_base"]) - _arrived(row), Decimal(0))


def _in_unit(value: Decimal, row: Row) -> Decimal:
    return half_up(value / row["factor"], PLACES)


def _late(day: date | None, chosen: Chosen) -> int | None:
    days = (chosen.day() - day).days if day else 0
    return days if days > 0 else None


def _received(row: Row, chosen: Chosen) -> Decimal:
    """The line's part of what was received for the whole, by what is owed; the parts of all lines come to it."""
    money, whole, reaching, part = row["document_received"], row["document_owed"], row["reaching"], row["owed"]
    if not whole:
        # All has come back, and the money is still here.
        whole, reaching, part = row["document_gross"], row["reaching_gross"], row["gross"]
    return share(money, reaching, whole) - share(money, reaching - part, whole)


def _unpaid(row: Row, chosen: Chosen) -> Decimal:
    return Decimal(row["owed"]) - _received(row, chosen)


def _done(row: Row, chosen: Chosen) -> Decimal | None:
    return reports.share(_arrived(row), row["base_quantity"])


FULFILMENT = Report(
    key="contract.fulfilment",
    label=_("Contract fulfilment"),
    about=_("Line by line what is planned, made, delivered, invoiced and received, and how late it is."),
    columns=(
        Column("number", _("Contract no.")),
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("signed_on", _("Day of signing"), "date"),
        Column("name", _("Product name")),
        Column("specification", _("Specification")),
        Column("unit", _("Unit")),
        Column("quantity", _("Contract quantity"), "quantity"),
        Column("gross_price", _("Price with tax"), "price"),
        Column("gross", _("Contract amount"), "amount", total=True),
        Column("owed", _("Owed by contract"), "amount", total=True, help=money.OWED),
        Column("deadline", _("Day of delivery"), "date"),
        Column("planned", _("Planned quantity"), "quantity", reckon=lambda r, _c: _in_unit(r["planned_base"], r)),
        Column("supplied", _("Made or arrived"), "quantity", reckon=lambda r, _c: _in_unit(r["supplied_base"], r)),
        Column("delivered", _("Delivered quantity"), "quantity", reckon=lambda r, _c: _in_unit(_arrived(r), r)),
        Column("left", _("Not delivered"), "quantity", reckon=lambda r, _c: _in_unit(_left(r), r)),
        Column(
            "delivered_amount",
            _("Amount delivered"),
            "amount",
            reckon=lambda r, _c: share(r["gross"], _arrived(r), r["base_quantity"]),
        ),
        Column("invoiced", _("Invoiced so far"), "amount", total=True),
        Column(
            "uninvoiced",
            _("Not invoiced"),
            "amount",
            total=True,
            reckon=lambda r, _c: Decimal(r["owed"] - r["invoiced"]),
        ),
        Column(
            "received",
            _("Received so far"),
            "amount",
            help=_("The line's part of what was received for the whole contract."),
            reckon=_received,
        ),
        Column("unpaid", _("Contract amount not received"), "amount", reckon=_unpaid),
        Column(
            "late",
            _("Delivery late by (days)"),
            "int",
            reckon=lambda r, c: _late(r["deadline"], c) if _left(r) else None,
        ),
        Column("payment_late", _("Payment late by (days)"), "int", reckon=lambda r, c: _late(r["first_unpaid"], c)),
        Column("done", _("Fulfilled"), "percent", help=_("Delivered quantity of the contract's."), reckon=_done),
        Column("remark", _("Remark")),
    ),
    rows=_rows,
    order=("-date", "-id"),
    filters=(
        reports.period(default="year"),
        reports.as_of(help=_("The day from which delays are counted.")),
        reports.party(),
        reports.person(),
        reports.choice("kind", _("Document type"), KINDS),
        reports.choice("left", _("Show"), (("undelivered", _("Only what is not delivered in full")),)),
        reports.words("currency", _("Currency"), help=_("The company's own unless another is named.")),
    ),
    roles=money.READERS,
    drill=lambda _work, row, _chosen: Ref(row["kind"], row["document_id"], row["number"] or ""),
    notes=(_("All binding contracts and orders, by their date, in one currency."),),
    icon="list-check",
)
