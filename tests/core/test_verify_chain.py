"""Whoever writes a wrong figure past the program is found out: every figure of the chain, named with its document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import Any

import pytest
from sqlalchemy import Connection, select, text, update

from core.documents.models import Document
from core.entities.company import ZERO
from core.operations import company, edit, flow
from core.operations.verifying import verify_chain
from core.operations.verifying.contents import verify_contents
from core.operations.verifying.questions import HISTORY
from core.records.chain import seal
from core.records.invariants import verify_figures
from core.records.verify import Finding, verify_history
from core.testing.actions import Actions, counts
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.testing.samples import Samples
from plugins.aftersales.documents import Return
from plugins.billing.documents import CreditNote, Invoice, Receipt
from plugins.billing.documents.credit_note import WRONG
from plugins.billing.services.drafts import red_letter_by_hand
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from tests.core.planting import HEADER, Planter, Planting, tables
from tests.scenarios.selling import AREAS, at_work


@dataclass(frozen=True, slots=True)
class Sold:
    """A chain that has gone far: ids by what the documents are."""

    actions: Actions
    planter: Planter
    ids: dict[str, int]

    def found(self) -> list[Finding]:
        """Everything that is wrong between the documents."""
        return self.actions.look(lambda w: list(verify_chain(w)))

    def everything(self) -> list[Finding]:
        """Everything that is wrong at all."""
        return self.actions.look(lambda w: [*verify_history(w), *verify_figures(w), *verify_chain(w)])

    def names(self, planting: Planting) -> dict[int, set[str]]:
        """What the documents of the rows are called now, in findings of any kind."""
        types = self.actions.firm.program.registry.documents
        found = {}
        for key, kind, number in self.planter.called(planting):
            label = types[kind].label if kind in types else kind
            found[key] = {f"{label} {number or key}", f"{kind} {key}"}
        return found


@pytest.fixture
def sold(firm: Firm, database: Database) -> Iterator[Sold]:
    """Ten ordered, four shipped and invoiced, three paid, one returned, two more in a draft delivery."""
    for area in ("production", "credit"):
        firm.as_program(lambda w, a=area: company.switch_off(w, a))  # type: ignore[misc]
    actions = at_work(firm, set(AREAS) - {"production", "credit"})
    party = firm.party().id
    order = _done(actions, actions.create(Order, [line(firm.item("33.33"), "10")], party_id=party))
    origin = actions.lines(order)[0].id
    delivery = _done(actions, actions.take(Delivery, [(origin, Decimal(4))]))
    invoice = _done(actions, actions.take(Invoice, [(actions.lines(delivery)[0].id, None)]))
    receipt = _done(actions, actions.create(Receipt, party_id=party, amount="100"))
    claim = next(row.id for row in actions.claims() if row.document_id == invoice)
    actions.settle("billing.receipt", receipt, [flow.claims.Use(Decimal("99.99"), claim)])
    _done(actions, actions.take_back(Return, [(origin, Decimal(1))]))
    _receive(actions)
    draft = actions.take(Delivery, [(origin, Decimal(2))])
    assert draft is not None
    ids = {"order": order, "line": origin, "delivery": delivery, "invoice": invoice, "receipt": receipt}
    planter = Planter(database, firm.id)
    yield Sold(actions, planter, {**ids, "claim": claim, "draft": draft.id, "company": firm.id, "party": party})
    planter.engine.dispose()


def _done(actions: Actions, document: Document | None) -> int:
    assert document is not None, actions.log
    kind = str(type(document).__mapper__.polymorphic_identity)
    assert actions.advance(kind, document.id, counts), actions.log[-3:]
    return document.id


def _receive(actions: Actions) -> None:
    for row in actions.documents("logistics.return_receipt"):
        assert actions.advance(row.kind, row.id, counts), actions.log


def test_a_chain_that_nobody_touched_is_sound(sold: Sold) -> None:
    assert sold.found() == []


LINE = "UPDATE document_line SET {0} WHERE id = :line"
ORDER = "UPDATE document SET {0} WHERE id = :order"
INVOICE = "UPDATE document SET {0} WHERE id = :invoice"
RECEIPT = "UPDATE document SET {0} WHERE id = :receipt"
OPEN = "UPDATE open_line SET {0} WHERE line_id = :line"
LINK = "UPDATE document_link SET {0} WHERE target_document_id = :delivery"
# What is written, and what is found with which document.
PLANTED: dict[str, tuple[str, str, str]] = {
    "more supplied than was": (LINE.format("supplied = supplied + 1"), "figure.supplied", "order"),
    "less delivered than was": (LINE.format("delivered = delivered - 1"), "figure.delivered", "order"),
    "more returned than came back": (LINE.format("returned = returned + 1"), "figure.returned", "order"),
    "more invoiced than was": (LINE.format("invoiced = invoiced + 1"), "figure.invoiced", "order"),
    "more credited than was": (LINE.format("credited = credited + 1"), "figure.credited", "order"),
    "a cent more invoiced": (LINE.format("invoiced_amount = invoiced_amount + 1"), "figure.invoiced_amount", "order"),
    "a cent credited": (LINE.format("credited_amount = credited_amount + 1"), "figure.credited_amount", "order"),
    "goods dropped in silence": (LINE.format("dropped = dropped + 1"), "goods.lost", "order"),
    "an open line that forgets": (OPEN.format("taken = taken - 1"), "open.taken", "order"),
    "a cent less taken": (OPEN.format("taken_amount = taken_amount - 1"), "open.taken_amount", "order"),
    "an open line that went": ("DELETE FROM open_line WHERE line_id = :line", "link.astray", "delivery"),
    "a line that is forced but open": (LINE.format("closure = 'forced'"), "closed.open", "order"),
    "a link of another quantity": (LINK.format("quantity = quantity + 1"), "link.quantity", "delivery"),
    "a link of another amount": (LINK.format("amount = amount + 1"), "link.amount", "delivery"),
    "another header: supplied": (ORDER.format("supplied = supplied + 1"), "header.supplied", "order"),
    "another header: delivered": (ORDER.format("delivered = delivered + 1"), "header.delivered", "order"),
    "another header: invoiced": (ORDER.format("invoiced = invoiced + 1"), "header.invoiced", "order"),
    "another header: not invoiced": (ORDER.format("uninvoiced = uninvoiced + 1"), "header.uninvoiced", "order"),
    "a claim that is met by nobody": (
        "UPDATE claim SET settled = settled + 1 WHERE id = :claim",
        "claim.settled",
        "invoice",
    ),
    "a claim over more": ("UPDATE claim SET amount = amount + 1 WHERE id = :claim", "claim.total", "invoice"),
    "an invoice that is met": (INVOICE.format("settled = settled + 1"), "document.settled", "invoice"),
    "an invoice that is owed": (INVOICE.format("unsettled = unsettled + 1"), "document.unsettled", "invoice"),
    "a payment that is used": (RECEIPT.format("settled = settled + 1"), "payment.used", "receipt"),
    "a payment that is free": (RECEIPT.format("unsettled = unsettled + 1"), "payment.rest", "receipt"),
    "an order that is owed": (ORDER.format("unsettled = unsettled + 1"), "document.unsettled", "order"),
    "goods sold in other money": (
        "UPDATE document SET currency = 'USD' WHERE id = :delivery",
        "line.astray",
        "delivery",
    ),
    "a payment in other money": (RECEIPT.format("currency = 'USD'"), "settlement.foreign", "receipt"),
    "approved by nobody": (ORDER.format("approval = 'approved'"), "consent.edition", "order"),
}


def test_every_wrong_figure_is_named_with_its_document(sold: Sold) -> None:
    """One after the other is written by the database's owner, found, and put right again."""
    names = {row.id: row.number or str(row.id) for row in sold.actions.documents()}
    missed = {}
    for what, (statement, code, document) in PLANTED.items():
        with sold.planter.writing() as connection:
            before = _kept(connection, sold)
            connection.execute(text(statement), sold.ids)
        found = {(one.code, one.record.rpartition(" ")[2]) for one in sold.found()}
        if (code, names[sold.ids[document]]) not in found:
            missed[what] = found
        with sold.planter.writing() as connection:
            _put_back(connection, sold, before)
    assert missed == {}
    assert sold.found() == []


TABLES = ("document", "document_line", "document_link", "open_line", "claim")
KEYS = {"document_link": ("source_id", "target_id")}


def _kept(connection: Connection, sold: Sold) -> dict[str, list[Any]]:
    return {table: list(connection.execute(text(f"SELECT * FROM {table}")).mappings()) for table in TABLES}  # noqa: S608  # our own tables


def _put_back(connection: Connection, sold: Sold, before: dict[str, list[Any]]) -> None:
    now = _kept(connection, sold)
    for table, rows in before.items():
        keys = KEYS.get(table, ("id",))
        there = {tuple(row[key] for key in keys): row for row in now[table]}
        for row in rows:
            mine = tuple(row[key] for key in keys)
            if mine not in there:
                columns = ", ".join(row)
                places = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), dict(row))  # noqa: S608  # ours
            elif there[mine] != row:
                changed = [name for name in row if there[mine][name] != row[name]]
                sets = ", ".join(f"{name} = :{name}" for name in changed)
                where = " AND ".join(f"{key} = :{key}" for key in keys)
                connection.execute(text(f"UPDATE {table} SET {sets} WHERE {where}"), dict(row))  # noqa: S608  # ours


# Every column ---------------------------------------------------------------------------------------------------------

# What may say something else without anybody noticing, and why that does no harm.
UNSEEN = {
    "document.version": "counts what was written, for those who write at the same time",
    "document.updated_at": "the last entry of the history says when",
    "document.updated_by": "the last entry of the history says who",
    "open_line.released_at": "only the order in which lines are shown that wait",
    "settlement.at": "the history of the payment says when",
    "settlement.by_id": "the history of the payment says who",
}
PLAN = [
    {"name": "货款", "event": "day", "day": "2026-12-31", "percent": "0.9"},
    {"name": "质保金", "event": "warranty", "percent": "0.1"},
]


@pytest.fixture
def busy(firm: Firm, database: Database) -> Iterator[Sold]:
    """A contract made, delivered, invoiced and paid in parts, some of it returned; and a sample of every other kind."""
    actions = at_work(firm, AREAS, contract__entry="contract")
    types = firm.program.registry.documents
    party = firm.party().id
    discount = {"name": "优惠", "line_kind": "discount", "quantity": "1", "gross_price": "-1.01"}
    rows = [line(firm.item("33.34"), "3"), discount]
    contract = actions.create(types["contract.contract"], rows, party_id=party, milestones=PLAN)
    assert contract is not None, actions.log
    while actions.advance("contract.contract", contract.id, counts):
        pass
    for kind in ("production.order", "logistics.delivery", "billing.invoice"):
        while waits := actions.waiting(types[kind]):
            _done(actions, actions.take(types[kind], [(row.line_id, min(row.left, Decimal(2))) for row in waits]))
    receipt = _done(actions, actions.create(Receipt, party_id=party, amount="70"))
    assert actions.move("billing.receipt", receipt, "settle"), actions.log
    _done(actions, actions.take_back(Return, [(actions.lines(contract.id)[0].id, Decimal(1))]))
    _receive(actions)
    samples = Samples(firm)
    for cls in types.values():
        samples.walk(samples.document(cls))
    planter = Planter(database, firm.id)
    yield Sold(actions, planter, {"contract": contract.id})
    planter.engine.dispose()


def test_no_column_of_a_posted_document_is_changed_past_the_program_unnoticed(busy: Sold) -> None:
    """Every column there is: of headers and what areas add, lines, parts, claims, links, open lines, settlements."""
    assert busy.everything() == []
    plantings = [one for table, owner in tables() for one in busy.planter.plantings(table, owner)]
    assert [str(one.column) for one in plantings if not one.rows] == []
    # What fits a hash still may be reckoned otherwise, such as the day of a milestone.
    unfit = [one for some in _at_once([one for one in plantings if _hashed(one)]) for one in _fitting(busy, some)]
    rest = [one for one in plantings if not _hashed(one)]
    missed = {str(one.column): found for one in [*unfit, *rest] if (found := _unnoticed(busy, one))}
    assert missed.keys() == UNSEEN.keys(), missed
    assert busy.everything() == []


def _hashed(planting: Planting) -> bool:
    """Whether the history of the document keeps a hash over the column."""
    return planting.section != "" and not planting.column.info.get("counted")


def _unnoticed(sold: Sold, planting: Planting) -> list[str]:
    """The documents whose column can say something else without their being named."""
    with sold.planter.planted(planting):
        found = {one.record for one in sold.everything()}
        return [min(names) for names in sold.names(planting).values() if not names & found]


def _fitting(sold: Sold, plantings: list[Planting]) -> list[Planting]:
    """Of some columns that say something else at once, those where a document's section still fits its history."""
    with ExitStack() as stack:
        for one in plantings:
            stack.enter_context(sold.planter.planted(one))
        found = {(one.code, one.record) for one in sold.actions.look(lambda w: list(verify_contents(w)))}
        return [
            one
            for one in plantings
            if any(
                not {(f"content.{one.section}", name) for name in names} & found for names in sold.names(one).values()
            )
        ]


def _at_once(plantings: list[Planting]) -> Iterator[list[Planting]]:
    """One column at a time of each section and table, together; header and what an area adds are one section."""
    by_table: dict[str, list[Planting]] = defaultdict(list)
    for one in plantings:
        by_table[str(one.column.table)].append(one)
    yield from ([one] for one in by_table.pop("document"))
    yield from ([one for one in some if one is not None] for some in zip_longest(*by_table.values()))


def test_what_differs_is_told_by_field(busy: Sold) -> None:
    """With what the history told last and what is found, line by line; and how many rows there should be."""
    with busy.planter.writing() as connection:
        for statement in (
            "UPDATE document SET subject = '别的' WHERE id = :contract",
            "UPDATE document_line SET quantity = 4000000 WHERE document_id = :contract AND position = 1",
            "DELETE FROM contract_milestone WHERE document_id = :contract AND position = 2",
        ):
            connection.execute(text(statement), busy.ids)
    told = {one.code: str(one.text) for one in busy.found() if one.code.startswith("content.")}
    assert told == {
        "content.header": "It says something else than its history: Subject – → 别的.",
        "content.lines": "It says something else than its history: 1: Quantity 3 → 4.",
        "content.milestones": "It says something else than its history: of 1 rows it knows 2.",
    }


def test_entries_from_before_contents_were_hashed_say_nothing_of_it(busy: Sold) -> None:
    """In a database as it was, entries are sealed without hashes, and what its documents say is taken as it is."""
    with busy.planter.writing() as connection:
        entries = (
            select(HISTORY).where(HISTORY.c.document_id.is_not(None)).order_by(HISTORY.c.document_id, HISTORY.c.id)
        )
        heads: dict[int, bytes] = {}
        for row in connection.execute(entries).mappings().all():
            prev = heads.get(row["document_id"], ZERO)
            heads[row["document_id"]] = seal(prev, {**row, "hashes": None})
            earlier = {"hashes": None, "prev": prev, "hash": heads[row["document_id"]]}
            connection.execute(update(HISTORY).where(HISTORY.c.id == row["id"]).values(**earlier))
        for key, head in heads.items():
            connection.execute(update(HEADER).where(HEADER.c.id == key).values(head=head, subject="别的"))
    assert busy.everything() == []


def test_the_hashes_of_an_entry_are_sealed_with_it(busy: Sold) -> None:
    """Whoever plants content, and takes the hashes away that tell of it, is found by the chain."""
    with busy.planter.writing() as connection:
        connection.execute(text("UPDATE document SET subject = '别的' WHERE id = :contract"), busy.ids)
        connection.execute(text("UPDATE history SET hashes = NULL WHERE document_id = :contract"), busy.ids)
    found = busy.everything()
    assert {one.code for one in found} == {"history.edited"}
    assert {one.record for one in found} == {f"contract.contract {busy.ids['contract']}"}


def test_a_search_that_leads_nowhere_is_found(sold: Sold) -> None:
    with sold.planter.writing() as connection:
        connection.execute(
            text("UPDATE search_entry SET record_id = 987654 WHERE kind = 'contract.order' AND record_id = :order"),
            sold.ids,
        )
    assert [(one.code, one.record) for one in sold.found()] == [("search.foreign", "contract.order 987654")]


def test_an_invoice_issued_by_mistake_holds_nothing_any_more(firm: Firm) -> None:
    """The whole of it is open again, and the invoice's own history says so."""
    for area in ("aftersales", "production", "logistics", "credit"):
        firm.as_program(lambda w, a=area: company.switch_off(w, a))  # type: ignore[misc]
    actions = at_work(firm, ("contract", "billing"))
    order = _done(actions, actions.create(Order, [line(firm.item("10"), "3")], party_id=firm.party().id))
    wanted = [(actions.lines(order)[0].id, None)]
    invoice = _done(actions, actions.take(Invoice, wanted))
    letter = firm.as_program(lambda w: red_letter_by_hand(w, invoice, reason=WRONG))
    said = {"invoice_number": "9" * 20, "confirmation": "01"}
    firm.as_program(lambda w: edit.edit(w, CreditNote, letter.id, said))
    _done(actions, letter)
    assert actions.wrong() == []
    assert _done(actions, actions.take(Invoice, wanted)) > invoice
    assert actions.wrong() == []
