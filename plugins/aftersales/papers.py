"""The papers of service: the form of a service request, and the note by which goods come back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from core.documents import Document, DocumentLine
from core.documents.faces import faces
from core.money import half_up
from core.printing import forms
from core.printing.paper import Align, Column, Pair, Paper, Section
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.work import Work
from plugins.aftersales import services
from plugins.aftersales.documents import Case, Return

PRICE_PLACES = 8
BOXES = ("□", "■")


def case_paper(work: Work, case: Case, language: str) -> Paper:
    """The form of a service request, 售后服务申请表: products, what is wrong, what was done, the customer's word."""
    speech = Speech(language)
    return Paper(
        language=speech.main,
        title=speech.say(_("AFTER-SALES SERVICE REQUEST")),
        number=case.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(case, speech),
        parties=forms.to_and_from(work, case, speech),
        fields=_case_head(case, speech),
        sections=(
            _products(work, case, speech),
            Section(speech.say(_("What is wrong")), case.fault or case.subject, room=3),
            _handling(work, case, speech),
            Section(speech.say(_("Result")), case.result, room=3),
            _costs(case, speech),
            Section(speech.say(_("Satisfaction")), _boxes(case, speech), room=1),
        ),
        remarks=(speech.say(_("Remark")), case.remark) if case.remark else None,
        signatures=(
            speech.say(_("Requested by")),
            speech.say(_("Sales manager")),
            speech.say(_("Technician")),
            speech.say(_("Customer (signature)")),
        ),
        signed_on=speech.say(_("Date:")),
    )


def _case_head(case: Case, speech: Speech) -> tuple[Pair, ...]:
    known = faces(Case)
    return forms.said_pairs(
        (
            (speech.say(_("Kind of service")), forms.cell(case, known["case_kind"], speech)),
            (speech.say(_("Urgency")), forms.cell(case, known["urgency"], speech)),
            (speech.say(_("Your reference")), case.reference),
            (speech.say(_("Wanted by")), speech.day(case.deadline)),
            (speech.say(_("Address")), case.address),
            (speech.say(_("Serial or batch numbers")), case.serials),
        )
    )


def _products(work: Work, case: Case, speech: Speech) -> Section:
    columns = (
        Column("position", speech.say(_("Line no.")), 0.5, Align.CENTRE),
        Column("name", speech.say(_("Product name")), 3),
        Column("specification", speech.say(_("Specification")), 2),
        Column("quantity", speech.say(_("Quantity")), 1, Align.RIGHT),
        Column("begun", speech.say(_("Delivered on")), 1, Align.CENTRE),
        Column("until", speech.say(_("Warranty until")), 1, Align.CENTRE),
        Column("remark", speech.say(_("Remark")), 2),
    )
    latest: dict[int | None, services.Warranty] = {}
    for one in services.warranties(work, case):
        latest.setdefault(one.item_id, one)
    rows = []
    for line in case.lines:
        known = latest.get(line.item_id)
        rows.append(
            (
                str(line.position),
                speech.name(line.name, line.name_en),
                line.specification,
                quantity(line.quantity) if line.quantity else "",
                speech.day(known.begun) if known else "",
                speech.day(known.until) if known else "",
                line.remark,
            )
        )
    return Section(speech.say(_("Products")), columns=columns, rows=tuple(rows))


def _handling(work: Work, case: Case, speech: Speech) -> Section:
    columns = (
        Column("handling", speech.say(_("Handling")), 2),
        Column("technician", speech.say(_("Technician")), 1),
        Column("visit", speech.say(_("Visit on")), 1, Align.CENTRE),
        Column("cause", speech.say(_("Cause")), 3),
    )
    how = forms.cell(case, faces(Case)["handling"], speech)
    row = (how, forms.who(work, case.technician_id, speech), speech.day(case.visit_on), case.cause)
    return Section(speech.say(_("Opinion of the technical department")), columns=columns, rows=(row,))


def _costs(case: Case, speech: Speech) -> Section:
    columns = tuple(
        Column(key, speech.say(label), 1, Align.RIGHT)
        for key, label in (
            ("labour", _("Labour")),
            ("material", _("Parts")),
            ("travel", _("Travel")),
            ("sum", _("Sum")),
            ("charged", _("Charged to the customer")),
        )
    )
    total = case.labour + case.material + case.travel
    charged = speech.say(_("Yes") if case.charged else _("No"))
    row = (*(amount(one) for one in (case.labour, case.material, case.travel, total)), charged)
    return Section(speech.say(_("Costs")), columns=columns, rows=(row,))


def _boxes(case: Case, speech: Speech) -> str:
    """□很满意 □满意 □一般 □不满意, the one that was said filled in."""
    choices = faces(Case)["satisfaction"].field.choices
    return "   ".join(f"{BOXES[key == case.satisfaction]} {speech.say(label)}" for key, label in choices if key)


def return_paper(work: Work, request: Return, language: str) -> Paper:
    """The return note, 退货单: what comes back, from which document, why, and what happens to it."""
    speech = Speech(language)
    columns = _return_columns(speech)
    reason, disposal = (forms.cell(request, faces(Return)[n], speech) for n in ("reason_kind", "disposal"))
    sources = _sources(work, request)
    pieces = quantity(-sum((line.quantity for line in request.lines), Decimal(0)))
    sums = {"name": speech.say(_("Sum")), "quantity": pieces, "amount": amount(-request.gross)}
    return Paper(
        language=speech.main,
        title=speech.say(_("EXCHANGE NOTE") if request.exchanged else _("RETURN NOTE")),
        number=request.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(request, speech),
        parties=forms.to_and_from(work, request, speech),
        fields=_return_head(request, speech),
        columns=columns,
        rows=tuple(_return_row(line, sources, reason, disposal, speech) for line in request.lines),
        page_subtotal=speech.say(_("Page subtotal")),
        sum_row=tuple(sums.get(column.key, "") for column in columns),
        sections=(Section(speech.say(_("Finding")), request.finding, room=2), *forms.opinions(work, request, speech)),
        remarks=(speech.say(_("Remark")), request.remark) if request.remark else None,
        signatures=tuple(
            speech.say(one) for one in (_("Customer"), _("Sales"), _("Quality control"), _("Warehouse"), _("Finance"))
        ),
        signed_on=speech.say(_("Date:")),
    )


def _return_columns(speech: Speech) -> tuple[Column, ...]:
    def column(key: str, label: Text, width: float, align: Align = Align.LEFT, *, summed: bool = False) -> Column:
        return Column(key, speech.say(label, between="\n"), width, align, summed=summed)

    return (
        column("position", _("Line no."), 0.5, Align.CENTRE),
        column("code", _("Product code"), 1),
        column("name", _("Product name"), 2.4),
        column("specification", _("Specification"), 1.6),
        column("unit", _("Unit"), 0.6, Align.CENTRE),
        column("source", _("Original no."), 1.4),
        column("ordered", _("Original quantity"), 1, Align.RIGHT),
        column("quantity", _("Returned quantity"), 1, Align.RIGHT, summed=True),
        column("price", _("Unit price"), 1, Align.RIGHT),
        column("amount", _("Amount"), 1, Align.RIGHT, summed=True),
        column("reason", _("Reason for the return"), 1.2),
        column("disposal", _("Disposal"), 1.2),
    )


def _return_head(request: Return, speech: Speech) -> tuple[Pair, ...]:
    known = faces(Return)
    return forms.said_pairs(
        (
            (speech.say(_("Your reference")), request.reference),
            (speech.say(_("Who is responsible")), forms.cell(request, known["responsible"], speech)),
            (speech.say(_("Settlement")), forms.cell(request, known["settled_by"], speech)),
        )
    )


def _sources(work: Work, request: Return) -> dict[int, Any]:
    """Of each line the number of the document in which it began, and its quantity there."""
    origin = aliased(DocumentLine)
    rows: Any = work.session.execute(
        select(DocumentLine.id, Document.number, origin.quantity)
        .join(origin, origin.id == func.coalesce(DocumentLine.origin_id, DocumentLine.id))
        .join(Document, and_(Document.id == origin.document_id))
        .where(DocumentLine.document_id == request.id)
    )
    return {row.id: row for row in rows}


def _return_row(
    line: DocumentLine, sources: dict[int, Any], reason: str, disposal: str, speech: Speech
) -> tuple[str, ...]:
    source = sources.get(line.id)
    paid = half_up(line.gross_price * (1 - line.discount_rate), PRICE_PLACES)
    return (
        str(line.position),
        line.code,
        speech.name(line.name, line.name_en),
        line.specification,
        line.unit,
        (source.number or "") if source else "",
        quantity(source.quantity) if source else "",
        quantity(-line.quantity),
        price(paid),
        amount(-line.gross),
        reason,
        disposal,
    )


PAPERS = {"aftersales.case": case_paper, "aftersales.return": return_paper}
