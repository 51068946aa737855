"""The production order for the works, and the purchase follow-up for purchasing, on paper."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.documents import Document, DocumentLine
from core.printing import forms
from core.printing.paper import Align, Column, Pair, Paper, Section
from core.printing.speech import Speech, quantity
from core.text import Text, _
from core.work import Work
from plugins.production.documents.stages import STAGES

if TYPE_CHECKING:
    from plugins.production.documents import FollowUp, ProductionOrder


def production_paper(work: Work, order: ProductionOrder, language: str) -> Paper:
    """What the works make, with its stages; without prices."""
    speech = Speech(language)
    return _paper(
        work,
        order,
        speech,
        _("PRODUCTION ORDER"),
        fields=(
            (_("Workshop"), order.workshop),
            (_("Planned to begin"), speech.day(order.planned_start)),
            (_("Planned to be ready"), speech.day(order.planned_end)),
            (_("Day of delivery"), speech.day(order.deadline)),
        ),
        sections=_stages(work, order, speech),
        signatures=(_("Made by"), _("Workshop"), _("Quality")),
    )


def follow_up_paper(work: Work, follow_up: FollowUp, language: str) -> Paper:
    """What purchasing has to have, by when; without prices."""
    speech = Speech(language)
    return _paper(
        work,
        follow_up,
        speech,
        _("PURCHASE FOLLOW-UP"),
        fields=(
            (_("Purchase order no."), follow_up.purchase_number),
            (_("Day of delivery"), speech.day(follow_up.deadline)),
            (_("Expected on"), speech.day(follow_up.expected_on)),
            (_("Purchasing told on"), speech.day(follow_up.told_on)),
        ),
        signatures=(_("Made by"), _("Purchasing")),
    )


def _paper(
    work: Work,
    document: Document,
    speech: Speech,
    title: Text,
    *,
    fields: Iterable[tuple[Text, str]],
    signatures: Iterable[Text],
    sections: tuple[Section, ...] = (),
) -> Paper:
    """A paper without prices: for whom, what is to be known, and the lines."""
    known = (
        (_("Customer"), document.party_name),
        *fields,
        (_("Responsible"), forms.who(work, document.owner_id, speech)),
    )
    return Paper(
        language=speech.main,
        title=speech.say(title),
        number=document.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=forms.references(document, speech),
        fields=forms.said_pairs((speech.say(label), value) for label, value in known),
        columns=_columns(speech),
        rows=tuple(_row(line, document, speech) for line in document.lines),
        sections=sections,
        remarks=_remark(document, speech),
        signatures=tuple(speech.say(one) for one in signatures),
        signed_on=speech.say(_("Date:")),
    )


def _columns(speech: Speech) -> tuple[Column, ...]:
    def head(text: Text) -> str:
        return speech.say(text, between="\n")

    return (
        Column("position", head(_("Line no.")), 0.5, Align.CENTRE),
        Column("code", head(_("Product code")), 1),
        Column("name", head(_("Product name")), 2.4),
        Column("specification", head(_("Specification")), 2.4),
        Column("unit", head(_("Unit")), 0.6, Align.CENTRE),
        Column("quantity", head(_("Quantity")), 1, Align.RIGHT),
        Column("deadline", head(_("Day of delivery")), 1, Align.CENTRE),
        Column("remark", head(_("Remark")), 1.4),
    )


def _row(line: DocumentLine, document: Document, speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return ("", "", name, line.specification, "", "", "", line.remark)
    day = line.deadline or document.deadline
    return (
        str(line.position),
        line.code,
        name,
        line.specification,
        line.unit,
        quantity(line.quantity),
        day.isoformat() if day else "",
        line.remark,
    )


def _stages(work: Work, order: ProductionOrder, speech: Speech) -> tuple[Section, ...]:
    if not order.stages:
        return ()
    columns = (
        Column("stage", speech.say(_("Stage of the work")), 1.4),
        Column("planned", speech.say(_("Planned")), 1.6, Align.CENTRE),
        Column("real", speech.say(_("As it came")), 1.6, Align.CENTRE),
        Column("who", speech.say(_("Done by")), 1),
        Column("remark", speech.say(_("Remark")), 1.6),
    )
    labels = dict(STAGES)
    rows = tuple(
        (
            speech.say(labels[one.stage]),
            _days(one.planned_start, one.planned_end),
            _days(one.real_start, one.real_end),
            forms.who(work, one.done_by, speech),
            one.remark,
        )
        for one in order.stages
    )
    return (Section(speech.say(_("Stages")), columns=columns, rows=rows),)


def _days(first: object, last: object) -> str:
    return " – ".join(str(day) for day in (first, last) if day)


def _remark(document: Document, speech: Speech) -> Pair | None:
    return (speech.say(_("Remark")), document.remark) if document.remark else None


PAPERS = {"production.order": production_paper, "production.follow_up": follow_up_paper}
"""What builds the paper of each kind."""
