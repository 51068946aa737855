"""The contract as it is sealed: goods as clause one, the other clauses, payments, and both parties side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from core.documents import Document, DocumentLine
from core.entities.item import Item
from core.entities.party import TaxTitle
from core.money import half_up
from core.printing import forms
from core.printing.paper import Align, Block, Column, Pair, Paper, Section
from core.printing.speech import Speech, amount, price, quantity
from core.text import Text, _
from core.work import Work
from plugins.contract.documents.payment import EVENTS, RULES, amounts
from plugins.contract.masters.templates import CLAUSES

if TYPE_CHECKING:
    from plugins.contract.documents import Contract

PRICE_PLACES = 8
KINDS: Mapping[str, Text] = {
    "sale": _("SALES CONTRACT"),
    "processing": _("PROCESSING CONTRACT"),
    "service": _("SERVICE CONTRACT"),
    "project": _("PROJECT CONTRACT"),
    "framework": _("FRAMEWORK AGREEMENT"),
    "supplement": _("SUPPLEMENTARY AGREEMENT"),
}


def contract_paper(work: Work, contract: Contract, language: str) -> Paper:
    """The paper of a reviewed contract; the columns of clause one stand as Chinese buyers expect them."""
    speech = Speech(language)
    columns = _columns(contract, speech)
    return Paper(
        language=speech.main,
        title=speech.say(KINDS.get(contract.contract_kind, KINDS["sale"])),
        subtitle=contract.subject,
        number=contract.title,
        made_at=work.now,
        company=forms.letterhead(work, speech),
        page_label=forms.page_label(speech),
        references=_references(contract, speech),
        parties=_parties(work, contract, speech),
        fields=_fields(contract, speech),
        columns=columns,
        rows=tuple(_row(line, contract, brands_of(work, contract), speech) for line in contract.lines),
        page_subtotal=speech.say(_("Page subtotal")),
        sum_row=_sum_row(contract, columns, speech),
        words=forms.words(contract, speech),
        sections=_milestones(contract, speech),
        terms_title=speech.say(_("The parties agree as follows:")),
        terms=tuple(_terms(contract, speech)),
        remarks=(speech.say(_("Remark")), contract.remark) if contract.remark else None,
        closing=_closing(work, contract, speech),
        signatures=(
            speech.say(_("Buyer: seal, authorised signature")),
            speech.say(_("Supplier: seal, authorised signature")),
        ),
        signed_on=speech.say(_("Date:")),
    )


def _references(contract: Contract, speech: Speech) -> tuple[Pair, ...]:
    return forms.said_pairs(
        (
            (speech.say(_("Contract no.")), contract.title),
            (speech.say(_("Day of signing")), speech.day(contract.signed_on)),
            (speech.say(_("Place of signing")), contract.signing_place),
        )
    )


def _parties(work: Work, contract: Document, speech: Speech) -> tuple[Block, ...]:
    about = contract.party_details or {}
    row = work.company.row
    name = speech.say(_("Name"))
    return (
        Block(speech.say(_("Buyer (party A)")), ((name, speech.name(contract.party_name, about.get("name_en"))),)),
        Block(speech.say(_("Supplier (party B)")), ((name, speech.name(row["name"], row["name_en"])),)),
    )


def _fields(contract: Contract, speech: Speech) -> tuple[Pair, ...]:
    return forms.said_pairs(
        (
            (speech.say(_("Project")), contract.project),
            (speech.say(_("Your reference")), contract.reference),
            (speech.say(_("Direct customer")), contract.direct_customer),
            (speech.say(_("Model of the host machine")), contract.host_model),
            (speech.say(_("Technical agreement no.")), contract.technical_number),
            (speech.say(_("Currency")), "" if contract.currency == "CNY" else contract.currency),
        )
    )


def _columns(contract: Document, speech: Speech) -> tuple[Column, ...]:
    def head(text: Text) -> str:
        return speech.say(text, between="\n")

    price_head, amount_head = forms.money_heads(contract, speech)
    return (
        Column("position", head(_("Line no.")), 0.5, Align.CENTRE),
        Column("name", head(_("Product name")), 2.4),
        Column("specification", head(_("Specification, brand")), 2),
        Column("maker", head(_("Maker")), 1),
        Column("unit", head(_("Unit")), 0.6, Align.CENTRE),
        Column("quantity", head(_("Quantity")), 0.9, Align.RIGHT),
        Column("price", price_head, 1, Align.RIGHT),
        Column("amount", amount_head, 1, Align.RIGHT, summed=True),
        Column("deadline", head(_("Delivery day and quantity")), 1.2),
        Column("remark", head(_("Remark")), 1),
    )


def brands_of(work: Work, document: Document) -> Mapping[int, str]:
    """The brand of each product on a document, read once."""
    known: dict[int, Mapping[int, str]] = work.kept.setdefault("contract.brands", {})
    if document.id not in known:
        keys = {line.item_id for line in document.lines if line.item_id}
        rows: Any = work.session.execute(select(Item.id, Item.brand).where(Item.id.in_(keys))) if keys else ()
        known[document.id] = {row.id: row.brand for row in rows}
    return known[document.id]


def _row(line: DocumentLine, contract: Document, brands: Mapping[int, str], speech: Speech) -> tuple[str, ...]:
    name = speech.name(line.name, line.name_en)
    if line.line_kind == "text":
        return ("", name, line.specification, "", "", "", "", "", "", line.remark)
    full = line.gross_price if contract.prices_include_tax else line.price
    day = line.deadline or contract.deadline
    return (
        str(line.position),
        name,
        line.specification,
        brands.get(line.item_id or 0, ""),
        line.unit,
        quantity(line.quantity),
        price(half_up(full * (1 - line.discount_rate), PRICE_PLACES)),
        amount(line.gross if contract.prices_include_tax else line.net),
        day.isoformat() if day else line.lead_time,
        line.remark,
    )


def _sum_row(contract: Document, columns: tuple[Column, ...], speech: Speech) -> tuple[str, ...]:
    total = contract.gross if contract.prices_include_tax else contract.net
    said = {"name": speech.say(_("Sum")), "amount": amount(total)}
    return tuple(said.get(column.key, "") for column in columns)


def _milestones(contract: Contract, speech: Speech) -> tuple[Section, ...]:
    if not contract.milestones:
        return ()
    columns = (
        Column("name", speech.say(_("Milestone")), 2),
        Column("event", speech.say(_("Due after")), 2),
        Column("when", speech.say(_("Due")), 2),
        Column("share", speech.say(_("Share")), 0.8, Align.RIGHT),
        Column("amount", speech.say(_("Amount")), 1, Align.RIGHT),
    )
    events, rules = dict(EVENTS), dict(RULES)
    rows = tuple(
        (
            one.name or speech.say(events[one.event]),
            speech.say(events[one.event]),
            speech.day(one.day) or (f"{speech.say(rules[one.rule])}: {one.days}" if one.days else ""),
            f"{quantity(one.percent * 100)}%" if one.percent else "",
            amount(due),
        )
        for one, due in zip(contract.milestones, amounts(contract.gross, contract.milestones), strict=True)
    )
    return (Section(speech.say(_("Payment milestones")), columns=columns, rows=rows),)


def _terms(contract: Contract, speech: Speech) -> Iterator[Pair]:
    """The clauses that say something, in their order; the goods above are the first."""
    goods = _("Goods, quantity, price and days of delivery are those of the table above.")
    yield speech.say(_("Goods and price")), speech.say(goods)
    for name, label in CLAUSES:
        text = getattr(contract, name)
        if name == "settlement":
            text = "\n".join(part for part in (contract.payment_terms, text) if part)
        if name == "delivery_terms" and contract.address:
            text = "\n".join(part for part in (text, contract.address) if part)
        if text:
            yield speech.say(label), text
    if contract.special_demands:
        yield speech.say(_("Special demands")), contract.special_demands


def _closing(work: Work, contract: Contract, speech: Speech) -> tuple[Block, ...]:
    """Both parties with everything an invoice or a letter to them needs, room for what is not known."""
    about, row = contract.party_details or {}, work.company.row
    title = _tax_title(work, contract)
    theirs = {
        "name": speech.name(contract.party_name, about.get("name_en")),
        "address": (title.address if title else "") or about.get("address") or "",
        "agent": contract.customer_signatory,
        "phone": (title.phone if title else "") or about.get("phone") or "",
        "bank": title.bank if title else "",
        "account": title.account if title else "",
        "tax_number": (title.tax_number if title else "") or about.get("credit_code") or "",
    }
    ours = {
        "name": speech.name(row["name"], row["name_en"]),
        "address": speech.name(row["address"], row["address_en"]),
        "agent": forms.who(work, contract.our_signatory_id, speech),
        "phone": row["phone"],
        "bank": row["bank"],
        "account": row["bank_account"],
        "tax_number": row["tax_number"],
    }
    return (
        Block(speech.say(_("Buyer (party A)")), tuple((speech.say(text), theirs.get(key, "")) for key, text in FACTS)),
        Block(speech.say(_("Supplier (party B)")), tuple((speech.say(text), ours.get(key, "")) for key, text in FACTS)),
    )


FACTS = (
    ("name", _("Name (seal)")),
    ("address", _("Address")),
    ("legal", _("Legal representative")),
    ("agent", _("Authorised agent")),
    ("phone", _("Telephone")),
    ("fax", _("Fax")),
    ("bank", _("Bank")),
    ("account", _("Account")),
    ("tax_number", _("Tax number")),
    ("postcode", _("Postcode")),
)


def _tax_title(work: Work, contract: Document) -> TaxTitle | None:
    statement = (
        select(TaxTitle)
        .where(TaxTitle.party_id == contract.party_id)
        .order_by(TaxTitle.is_default.desc(), TaxTitle.position, TaxTitle.id)
    )
    return work.session.scalars(statement).first()
