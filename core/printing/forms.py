"""The parts all papers share, and the paper of a type that has none of its own: derived from its columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from core.approvals import reading
from core.approvals.engine import COPY
from core.documents import sight
from core.documents.faces import Face, faces
from core.documents.models import Document, DocumentLine
from core.printing.paper import Align, Block, Column, Letterhead, Pair, Paper, Section
from core.printing.speech import Speech, amount, money, price, quantity, written
from core.text import CHINESE, _
from core.words import amount_in_words
from core.work import Work

ACCENTS = {"blue": "#1f3f6e", "green": "#1d5c3a", "red": "#8f1f28", "orange": "#8a4a12", "purple": "#4b2e83"}
HEADED = frozenset({"party_id", "date", "contact_name", "contact_phone", "internal_remark", "remark", "owner_id"})
NARROW, WIDE = 0.5, 3.0


def letterhead(work: Work, speech: Speech) -> Letterhead:
    """The company that issues the paper, with its address and its account."""
    row = work.company.row
    first, second = row["name"], row["name_en"]
    if speech.main != CHINESE:
        first, second = second or first, first if second else ""
    contacts = (
        (speech.say(_("Address")), speech.name(row["address"], row["address_en"])),
        (speech.say(_("Telephone")), row["phone"]),
    )
    bank = (
        (speech.say(_("Tax number")), row["tax_number"]),
        (speech.say(_("Bank")), row["bank"]),
        (speech.say(_("Account")), row["bank_account"]),
    )
    said = said_pairs(bank)
    return Letterhead(
        name=first,
        subname="" if second == first else second,
        contacts=said_pairs(contacts),
        bank_title=speech.say(_("Our account")) if said else "",
        bank=said,
        accent=ACCENTS.get(row["colour"], ACCENTS["blue"]),
    )


def said_pairs(pairs: Iterable[Pair]) -> tuple[Pair, ...]:
    """The pairs that say something."""
    return tuple(pair for pair in pairs if pair[1])


def to_and_from(work: Work, document: Document, speech: Speech) -> tuple[Block, ...]:
    """致 and 自: the customer as the document knows it, and who answers for it here."""
    about = document.party_details or {}
    company, contact, phone = speech.say(_("Company")), speech.say(_("Contact")), speech.say(_("Telephone"))
    theirs = (
        (company, speech.name(document.party_name, about.get("name_en"))),
        (contact, document.contact_name),
        (phone, document.contact_phone or about.get("phone") or ""),
        (speech.say(_("E-mail")), about.get("email") or ""),
    )
    row, ours = work.company.row, work.company.people.get(document.owner_id or 0)
    mine = (
        (company, speech.name(row["name"], row["name_en"])),
        (contact, speech.name(ours.name, ours.name_en) if ours else ""),
        (phone, row["phone"]),
    )
    return (
        Block(speech.say(_("TO")), said_pairs(theirs)),
        Block(speech.say(_("FROM")), said_pairs(mine)),
    )


def references(document: Document, speech: Speech) -> tuple[Pair, ...]:
    """Number and day, in the corner of the paper."""
    return ((speech.say(_("Document no.")), document.title), (speech.say(_("Date")), speech.day(document.date)))


def words(document: Document, speech: Speech) -> tuple[Pair, ...]:
    """The total in words and in figures."""
    in_words = [amount_in_words(document.gross, language=voice, currency=document.currency) for voice in speech.voices]
    return (
        (speech.say(_("Total in words: ")), "\n".join(in_words)),
        (speech.say(_("In figures: ")), money(document.gross, document.currency)),
    )


def money_heads(document: Document, speech: Speech) -> tuple[str, str]:
    """What the columns of prices and of amounts are called, with the currency and whether the prices include tax."""
    unit = _("yuan") if document.currency == "CNY" else document.currency
    price_head = _("Unit price without tax ({unit})", unit=unit)
    if document.prices_include_tax:
        price_head = _("Unit price with tax ({unit})", unit=unit)
    return speech.say(price_head, between="\n"), speech.say(_("Amount ({unit})", unit=unit), between="\n")


def opinions(work: Work, document: Document, speech: Speech) -> tuple[Section, ...]:
    """Who decided on this edition, seat by seat: step, name, day and opinion; nothing where nobody has.

    Consents that stand from before it was sent back are among them, refused ones only where others were enough; what
    was only sent for reading is not. Of a request that was refused or taken back nothing counts.
    """
    given = [task for task in reading.consents(work, document) if task.acted_at is not None and task.mode != COPY]
    if not given:
        return ()
    columns = (
        Column("step", speech.say(_("Step")), 2),
        Column("name", speech.say(_("Person")), 1.5),
        Column("opinion", speech.say(_("Opinion")), WIDE),
        Column("day", speech.say(_("Decided on")), 1.2, Align.CENTRE),
    )
    rows = tuple(
        (_step(one, speech), _decider(work, one, speech), _opinion(one, speech), speech.day(work.day_of(one.acted_at)))
        for one in given
    )
    return (Section(speech.say(_("Approval")), columns=columns, rows=rows),)


def _step(task: Any, speech: Speech) -> str:
    if not task.called:
        return str(task.name)
    if task.called == "advice":
        return speech.say(_("{step} (advice)", step=task.name))
    return speech.say(_("{step} (called in)", step=task.name))


def _decider(work: Work, task: Any, speech: Speech) -> str:
    """Who decided, and for whom; the program where nobody did in time."""
    if task.acted_by is None:
        return speech.say(_("The program"))
    name = who(work, task.acted_by, speech)
    if task.on_behalf_of:
        return speech.say(_("{name} for {principal}", name=name, principal=who(work, task.on_behalf_of, speech)))
    return name


def _opinion(task: Any, speech: Speech) -> str:
    """What was decided, and the words that went with it."""
    decided = speech.say(_("Rejected") if task.state == "rejected" else _("Agreed"))
    return f"{decided}\n{task.opinion}" if task.opinion else decided


def approval_sheet(work: Work, document: Document, language: str) -> Paper:
    """The paper that stays in the house: what the document says, and who decided on it with which words."""
    speech = Speech(language)
    return replace(
        _derived(work, document, speech, texts=False),
        title=speech.say(_("APPROVAL SHEET")),
        subtitle=speech.say(type(document).label),
        signatures=(),
        signed_on="",
    )


def who(work: Work, account_id: int | None, speech: Speech) -> str:
    """Somebody of ours by name."""
    found = work.company.people.get(account_id or 0)
    return speech.name(found.name, found.name_en) if found else ""


def page_label(speech: Speech) -> str:
    """How pages are counted."""
    return speech.say(_("Page {page} of {pages}"), between=" · ")


def skeleton(work: Work, document: Document, language: str) -> Paper:
    """Header fields, lines in the columns of the type, totals where there is an amount, and its texts in boxes."""
    return _derived(work, document, Speech(language), texts=True)


def _derived(work: Work, document: Document, speech: Speech, *, texts: bool) -> Paper:
    cls = type(document)
    known = faces(cls)
    shown = [
        known[name]
        for name in dict.fromkeys((*cls.header, *known))
        if name in known and name not in HEADED and _printed(work, known[name], name in cls.header, document)
    ]
    columns, rows = lines(work, document, cls.line_columns, speech) if cls.has_lines else ((), ())
    with_amount = bool(rows) and document.gross != 0
    long = [face for face in shown if face.kind == "long"] if texts else []
    return Paper(
        language=speech.main,
        title=speech.say(cls.label),
        number=document.title,
        made_at=work.now,
        company=letterhead(work, speech),
        page_label=page_label(speech),
        references=references(document, speech),
        parties=to_and_from(work, document, speech) if document.party_id else (),
        fields=tuple((speech.say(f.label), cell(document, f, speech)) for f in shown if f.kind != "long"),
        columns=columns,
        rows=rows,
        words=words(document, speech) if with_amount else (),
        sections=(
            *(Section(speech.say(f.label), text=getattr(document, f.name)) for f in long),
            *opinions(work, document, speech),
        ),
        remarks=(speech.say(_("Remark")), document.remark) if document.remark else None,
        signatures=(speech.say(_("Made by")), speech.say(_("Checked by")), speech.say(_("Customer"))),
        signed_on=speech.say(_("Date:")),
    )


def _printed(work: Work, face: Face, in_header: bool, document: Document) -> bool:
    own = face.name not in Document.__table__.columns
    said = getattr(document, face.name) not in (None, "", Decimal(0), False)
    return (in_header or own) and said and face.name in sight.shown(work, type(document)) and face.kind != "json"


def lines(
    work: Work, document: Document, names: Sequence[str], speech: Speech
) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """The lines as a table of the columns called ``names``, numbered."""
    known = faces(DocumentLine)
    shown = [known[name] for name in names if name in sight.shown(work, DocumentLine)]
    columns = [Column("position", speech.say(_("Line no.")), NARROW, Align.CENTRE)]
    columns += [_column(face, speech) for face in shown]
    rows = [(str(line.position), *(cell(line, face, speech) for face in shown)) for line in document.lines]
    return tuple(columns), tuple(rows)


def _column(face: Face, speech: Speech) -> Column:
    if face.kind == "decimal":
        return Column(face.name, speech.say(face.label), 1, Align.RIGHT)
    return Column(face.name, speech.say(face.label), WIDE if face.name in {"item_id", "name"} else 1)


def cell(record: Any, face: Face, speech: Speech) -> str:
    """A column of a document or a line, written out."""
    value = getattr(record, face.name)
    if face.name == "item_id":
        return speech.name(record.name, record.name_en)
    match value:
        case bool():
            return speech.say(_("Yes") if value else _("No"))
        case Decimal():
            return _figure(value, face)
        case date():
            return speech.day(value)
    return speech.say(face.choice(value)) if face.kind == "choice" else written(value)


def _figure(value: Decimal, face: Face) -> str:
    if face.name == "discount_rate":
        return f"{quantity(value * 100)}%" if value else ""
    return {2: amount, 8: price}.get(face.places or 0, quantity)(value)
