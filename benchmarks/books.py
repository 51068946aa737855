"""A company's books: very many sales, each with contract, delivery, invoice and what was received for it.

They are copies of one real sale, made inside the database. Customers, days and amounts differ; of five invoices two are
not paid, one is paid by half; of twenty one is over lines of two contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.places import Place
from benchmarks.selling import AREAS, ready, sale, walk, within
from core.db.engine import is_sqlite
from core.documents.models import Claim, Document, DocumentLine, Settlement
from core.documents.reading import load
from core.operations.flow.collecting import reckon
from core.testing import bulk
from core.testing.builders import Firm
from core.work import Work
from plugins.billing.documents import Invoice, Receipt
from plugins.contract.documents import Contract
from plugins.logistics.documents import Delivery

CUSTOMERS, LINES, TERM, STEP = 2_000, 2, 30, 25_000
# The newest id before the documents of each type.
Before = Mapping[type[Document], int]
CHAIN: tuple[type[Document], ...] = (Contract, Delivery, Invoice, Receipt)
# Of a sale by its count, in cents: even, so that it goes into lines and halves.
GROSS = "(n % 9973 + 1) * 20000"
PAID = f"CASE n % 5 WHEN 0 THEN 0 WHEN 1 THEN 0 WHEN 2 THEN {GROSS} / 2 ELSE {GROSS} END"


@dataclass(slots=True)
class Books:
    """The firm with the sales, its customers' ids, and how many documents it has."""

    place: Place
    firm: Firm
    like: dict[type[Document], Document]
    parties: list[int]
    items: list[int]
    documents: int = 0

    @classmethod
    def begun(cls, place: Place) -> Books:
        """A firm with one real sale, and customers for more."""
        firm = Firm.founded(place.program, "books", "账簿照明有限公司", areas=AREAS)
        items = [firm.item().id for _n in range(LINES)]
        first = firm.party(credit_code="91350100M000100Y43")
        ready(firm, [first.id], items)
        today, signatory = firm.as_program(lambda w: w.today), firm.people["manager"]
        made = walk(sale(first.id, items, today, signatory), within(firm))
        like = {
            one: firm.as_program(lambda w, c=one: load(w, c, made[c.__name__.lower()]))  # type: ignore[misc]
            for one in CHAIN
        }
        firm.as_program(lambda w: bulk.masters(w.connection, first, CUSTOMERS))
        wanted = text("SELECT id FROM party WHERE company_id = :company AND id > :first ORDER BY id")
        given = {"company": firm.id, "first": first.id}
        parties = firm.as_program(lambda w: list(w.connection.execute(wanted, given).scalars()))
        return cls(place, firm, like, parties, items)

    def grow(self, size: int) -> None:
        """Have so many documents."""
        sales = (size - self.documents) // len(CHAIN)
        self._sell(sales, self.parties)
        self.documents = size
        self.place.analyse()

    def indebted(self, count: int) -> int:
        """A customer with so many documents that are still open; his id."""
        party = self.parties.pop()
        self._sell(count // 2, [party], paid="0")
        self.place.analyse()
        return party

    def _sell(self, sales: int, parties: list[int], paid: str = PAID) -> None:
        """So many sales like the real one, in steps: what guards rows looks up what the step before has made."""
        people = [self.firm.people[who] for who in ("rep", "rep2", "manager")]
        for count in [STEP] * (sales // STEP) + [sales % STEP]:
            before = self.firm.as_program(
                lambda w, n=count: _documents(w, self.like, n, parties, people, paid)  # type: ignore[misc]
            )
            for step in (_lines, _claims, _settlements):
                self.place.analyse()
                self.firm.as_program(lambda w, s=step, b=before: s(w.connection, self.like, b))  # type: ignore[misc]
        self.firm.as_program(reckon)


def _documents(
    work: Work, like: Mapping[type[Document], Document], sales: int, parties: list[int], people: list[int], paid: str
) -> Before:
    """The documents of so many sales, by type one run of ids; gives back the newest id before each."""
    return {
        cls: bulk.documents(
            work.connection, one, sales, people=people, parties=parties, changed=_header(cls, one, paid)
        )
        for cls, one in like.items()
    }


def _lines(link: Connection, like: Mapping[type[Document], Document], before: Before) -> None:
    """The lines, that begin in the contract of the sale; one of twenty in the contract after it."""
    gross = f"d.gross / {LINES}"
    values = {"document_id": "d.id", "net": gross, "tax": "0", "gross": gross}
    begun = {**values, "invoiced_amount": gross, "credited_amount": "0"}
    bulk.rows_of(link, _table(DocumentLine), like[Contract], before[Contract], begun)
    next_one = f"CASE WHEN d.id % 20 = 0 AND r.position = {LINES} THEN 1 ELSE 0 END"
    for cls in (Delivery, Invoice):
        contract = f"d.id - {before[cls] - before[Contract]} + {next_one}"
        line = f"o.company_id = d.company_id AND o.document_id = {contract} AND o.position = r.position"
        taken = {**values, "origin_id": f"(SELECT o.id FROM document_line o WHERE {line})"}
        bulk.rows_of(link, _table(DocumentLine), like[cls], before[cls], taken)


def _claims(link: Connection, like: Mapping[type[Document], Document], before: Before) -> None:
    """What is owed on the invoices, and how much of it is met."""
    due = f"date(d.date, '+{TERM} days')" if is_sqlite(link) else f"d.date + {TERM}"
    owed = {"document_id": "d.id", "party_id": "d.party_id", "due": due, "amount": "d.gross", "settled": "d.settled"}
    bulk.rows_of(link, _table(Claim), like[Invoice], before[Invoice], owed)


def _settlements(link: Connection, like: Mapping[type[Document], Document], before: Before) -> None:
    """What the receipts are set against."""
    invoice = f"d.id - {before[Receipt] - before[Invoice]}"
    claim = f"(SELECT c.id FROM claim c WHERE c.company_id = d.company_id AND c.document_id = {invoice})"
    met = {"payment_id": "d.id", "claim_id": claim, "milestone_id": "NULL", "amount": "d.settled"}
    bulk.rows_of(link, _table(Settlement), like[Receipt], before[Receipt], met, where="d.settled > 0")


def _header(cls: type[Document], like: Document, paid: str) -> dict[str, str]:
    """The figures of the documents of a type, over its count ``n``; who has not paid has a draft receipt."""
    gross = paid if cls is Receipt else GROSS
    figures = dict.fromkeys(("net", "gross", "base_gross"), gross) | {"state": f"'{like.state}'"}
    if cls is Contract:
        figures |= {"collected": "NULL"}  # reckoned once all is there
        figures |= {"delivered": gross, "invoiced": gross, "uninvoiced": gross if paid == "0" else "0"}
    elif cls is Invoice:
        figures |= {"settled": paid, "unsettled": f"{gross} - ({paid})"}
    elif cls is Receipt:
        state = f"CASE WHEN {paid} > 0 THEN '{like.state}' ELSE 'draft' END"
        figures |= {"settled": paid, "unsettled": "0", "state": state}
    return figures


def _table(cls: Any) -> Any:
    return cls.__table__
