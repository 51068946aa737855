"""Whoever writes a wrong figure past the program is found out: every figure of the chain, named with its document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text

from core.db.engine import is_sqlite, open_engine
from core.documents.models import Document
from core.operations import company, edit, flow
from core.operations.verifying import verify_chain
from core.records.verify import Finding
from core.testing.actions import Actions, counts
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from plugins.aftersales.documents import Return
from plugins.billing.documents import CreditNote, Invoice, Receipt
from plugins.billing.documents.credit_note import WRONG
from plugins.billing.services.drafts import red_letter_by_hand
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from tests.scenarios.selling import AREAS, at_work


@dataclass(frozen=True, slots=True)
class Sold:
    """A chain that has gone far: ids by what the documents are."""

    actions: Actions
    database: Database
    ids: dict[str, int]

    def found(self) -> list[Finding]:
        """Everything that is wrong between the documents."""
        return self.actions.look(lambda w: list(verify_chain(w)))

    def owner(self, statement: str, **values: Any) -> None:
        """Something that the owner of the database writes, with everything switched off that stands in the way."""
        with owning(self) as connection:
            connection.execute(text(statement), self.ids | values)


@contextmanager
def owning(sold: Sold) -> Iterator[Connection]:
    """The database as its owner sees it."""
    engine = open_engine(sold.database.owner_url)
    try:
        with engine.connect() as connection:
            if is_sqlite(connection):
                raw: Any = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys=OFF")
                raw.execute("PRAGMA ignore_check_constraints=ON")
            with connection.begin():
                _disarm(connection, sold.actions.firm.id)
                yield connection
    finally:
        engine.dispose()


def _disarm(connection: Connection, company_id: int) -> None:
    if is_sqlite(connection):
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    connection.execute(select(func.set_config("app.company", str(company_id), True)))
    for table in ("document", "document_line", "document_link", "open_line", "claim", "settlement", "approval_task"):
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    checks = text(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text "
        "IN ('document', 'document_line', 'open_line', 'claim', 'settlement', 'approval_task')"
    )
    for table, name in connection.execute(checks).all():
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


@pytest.fixture
def sold(firm: Firm, database: Database) -> Sold:
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
    return Sold(actions, database, {**ids, "claim": claim, "draft": draft.id, "company": firm.id, "party": party})


def _done(actions: Actions, document: Document | None) -> int:
    assert document is not None, actions.log
    kind = str(type(document).__mapper__.polymorphic_identity)
    assert actions.advance(kind, document.id, counts), actions.log
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
    "a payment in other money": (RECEIPT.format("currency = 'USD'"), "settlement.foreign", "receipt"),
    "approved by nobody": (ORDER.format("approval = 'approved'"), "consent.edition", "order"),
}


def test_every_wrong_figure_is_named_with_its_document(sold: Sold) -> None:
    """One after the other is written by the database's owner, found, and put right again."""
    names = {row.id: row.number or str(row.id) for row in sold.actions.documents()}
    with owning(sold):
        assert sold.ids["line"]
    missed = {}
    for what, (statement, code, document) in PLANTED.items():
        with owning(sold) as connection:
            before = _kept(connection, sold)
            connection.execute(text(statement), sold.ids)
        found = {(one.code, one.record.rpartition(" ")[2]) for one in sold.found()}
        if (code, names[sold.ids[document]]) not in found:
            missed[what] = found
        with owning(sold) as connection:
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


def test_a_search_that_leads_nowhere_is_found(sold: Sold) -> None:
    with owning(sold) as connection:
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
