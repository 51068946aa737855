"""A company in full trade, for tests: its orders, deliveries, invoices and receipts are brought so far in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from core.app import Program
from core.approvals.models import ApprovalPolicy
from core.documents import Document, DocumentLine
from core.documents.models import Claim
from core.entities.item import Item
from core.entities.party import Party
from core.operations import create, decide, edit, flow, masters
from core.operations import move as moves
from core.operations.flow import offers
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.work import Work
from plugins.billing.documents import Invoice, Receipt
from plugins.billing.services import allocation
from plugins.contract.documents import Contract, Order
from plugins.credit.masters import CreditFile
from plugins.logistics.documents import Delivery, ReturnReceipt

D = TypeVar("D", bound=Document)
T = TypeVar("T")
CLAUSES = {
    "duties": "按合同履行",
    "quality": "国家标准",
    "breach": "按民法典",
    "delivery_terms": "送货上门",
    "payment_terms": "月结30天",
}
# Orders go through without paper or stock, so that what is raced for is what the test says.
CHOSEN = {
    "core__tolerance_percent": "0",
    "contract__entry": "order",
    "contract__confirmation": "false",
    "contract__drafts": "false",
    "contract__major_amount": "1000000000",
    "logistics__negative_stock": "true",
    "credit__at_order": "block",
}
SHEET = {"contact_name": "王经理", "contact_phone": "13800000000", "address": "青岛市香港路1号"}


# What is done in one work: named here, so that other processes know it as well ------------------------------------


def made(work: Work, cls: type[D], **given: Any) -> D:
    """A new document, as somebody would give it through the API."""
    typed = inputs.read(cls, given)
    return create.create(work, cls, typed, typed.pop("lines", ()))


def moved(work: Work, cls: type[D], key: int, name: str, **options: Any) -> D:
    """A move."""
    return moves.move(work, cls, key, name, **options)


def moved_in_turn(work: Work, steps: Sequence[tuple[type[Document], int, str]]) -> None:
    """Several moves of several documents, in this order."""
    for cls, key, name in steps:
        moves.move(work, cls, key, name, reason="改期")


def agreed(work: Work, task_id: int) -> None:
    """A consent."""
    decide.agree(work, task_id)


def taken(work: Work, cls: type[D], wanted: Sequence[tuple[int, str | None]], **values: Any) -> D:
    """A draft of open lines."""
    return flow.take(work, cls, [(key, Decimal(q) if q is not None else None) for key, q in wanted], **values)


def taken_and_moved(work: Work, cls: type[D], line_id: int, quantity: str, names: Sequence[str]) -> D:
    """A document of one open line that makes these moves at once."""
    document = offers.begin(work, cls, [(line_id, Decimal(quantity))], {}, moves=names)
    moves.go_on(work, document, [moves.Asked(name) for name in names])
    return document


def taken_back(work: Work, line_id: int, quantity: str) -> ReturnReceipt:
    """A return receipt over what the customer has."""
    return flow.take_back(work, ReturnReceipt, [(line_id, Decimal(quantity))])


def set_quantity(work: Work, cls: type[Document], key: int, line_id: int, quantity: str) -> None:
    """Another quantity on the only line of a draft."""
    typed = inputs.read(cls, {"lines": [{"id": line_id, "quantity": quantity}]}, partial=True)
    edit.edit(work, cls, key, {}, typed["lines"])


def closed(work: Work, cls: type[Document], key: int) -> None:
    """Force-close what is open."""
    flow.close(work, cls, key, reason="客户取消")


def allocated(work: Work, receipt: int, uses: Sequence[tuple[str, int]]) -> None:
    """Set parts of a receipt against claims."""
    allocation.allocate(work, receipt, [flow.claims.Use(Decimal(amount), claim) for amount, claim in uses])


# The company ------------------------------------------------------------------------------------------------------


class Shop:
    """A firm with customers and a product, whose documents are made many at a time."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        self.item: Item = firm.item("100")
        self.party: Party = firm.party()
        areas = firm.as_program(lambda w: w.areas)
        firm.settings(**{key: value for key, value in CHOSEN.items() if key.partition("__")[0] in {"core", *areas}})

    @classmethod
    def founded(cls, program: Program, code: str, areas: Iterable[str] | None = None) -> Shop:
        """A new company."""
        return cls(Firm.founded(program, code, f"{code} 照明有限公司", areas=areas))

    def ask_manager(self, kind: str, transition: str) -> None:
        """Let one move need the sales manager's consent from now on."""
        firm = self.firm
        role = firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == SALES_MANAGER.key))
        steps = [{"name": "销售经理", "role_id": role}]
        policy = {"name": "测试审批", "document_kind": kind, "transition": transition, "steps": steps}
        firm.run("admin", lambda w: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, policy)))

    def each(self, who: str, act: Callable[[Work, Any], T], keys: Iterable[Any]) -> list[T]:
        """``act`` for each, all in one work."""
        return self.firm.run(who, lambda work: [act(work, key) for key in keys])

    def parties(self, count: int) -> list[int]:
        """New customers."""
        names = [{"name": f"客户 {self.firm.next('shop')} 有限公司"} for _n in range(count)]
        return [one.id for one in self.each("rep", _party, names)]

    def trusted(self, count: int, limit: str) -> list[int]:
        """New customers who may owe so much."""
        parties = self.parties(count)
        self.each(
            "boss", lambda w, one: masters.save(w, CreditFile, {"party_id": one, "amount": Decimal(limit)}), parties
        )
        return parties

    def orders(
        self, parties: Sequence[int], quantity: str = "4", *, lines: int = 1, days: Sequence[date] = ()
    ) -> list[Order]:
        """Drafts of orders over so many lines at 100 each, one order for each customer named."""
        today = self.firm.as_program(lambda w: w.today)
        rows = [line(self.item, quantity)] * lines
        given = [
            {"party_id": party, "deadline": today.isoformat(), "lines": rows, **SHEET}
            | ({"date": days[place].isoformat()} if days else {})
            for place, party in enumerate(parties)
        ]
        return self.each("rep", lambda w, one: made(w, Order, **one), given)

    def contracts(self, parties: Sequence[int], quantity: str = "4") -> list[Contract]:
        """Drafts of contracts, likewise."""
        today = self.firm.as_program(lambda w: w.today)
        lines = [line(self.item, quantity)]
        given = [{"party_id": p, "deadline": today.isoformat(), "lines": lines, **CLAUSES} for p in parties]
        return self.each("rep", lambda w, one: made(w, Contract, **one), given)

    def move(self, documents: Sequence[D], *names: str, who: str = "clerk", **options: Any) -> list[D]:
        """The same moves of all documents."""
        found = list(documents)
        for name in names:
            found = self.each(who, lambda w, one, name=name: moved(w, type(one), one.id, name, **options), found)  # type: ignore[misc]
        return found

    def released(self, parties: Sequence[int], quantity: str = "4") -> list[Order]:
        """Orders over one line each that are being fulfilled."""
        return self.move(self.orders(parties, quantity), "submit", "release", who="rep")

    def long_order(self, quantity: str, lines: int) -> Order:
        """One order over many lines that is being fulfilled."""
        orders = self.orders([self.party.id], quantity, lines=lines)
        return self.move(orders, "submit", "release", who="rep")[0]

    def take(self, cls: type[D], lines: Sequence[DocumentLine], quantity: str | None = None, **values: Any) -> list[D]:
        """A draft from each line."""
        return self.each("clerk", lambda w, one: taken(w, cls, [(one.id, quantity)], **values), lines)

    def shipped(self, lines: Sequence[DocumentLine], quantity: str | None = None) -> Delivery:
        """One delivery of all these lines that has left."""
        draft = self.firm.run("clerk", lambda w: taken(w, Delivery, [(one.id, quantity) for one in lines]))
        return self.move([draft], "confirm", "ship")[0]

    def issued(self, parties: Sequence[int], quantity: str = "4") -> list[Invoice]:
        """Invoices at 100 each that belong to no order, one for each customer named."""
        lines = [line(self.item, quantity)]
        given = [{"party_id": party, "invoice_kind": "receipt", "lines": lines} for party in parties]
        return self.move(self.each("clerk", lambda w, one: made(w, Invoice, **one), given), "issue", who="finance")

    def receipts(self, parties: Sequence[int], amount: str, days: Sequence[date] = ()) -> list[Receipt]:
        """Drafts of receipts."""
        given = [
            {"party_id": party, "amount": amount} | ({"date": days[place].isoformat()} if days else {})
            for place, party in enumerate(parties)
        ]
        return self.each("finance", lambda w, one: made(w, Receipt, **one), given)

    def claims(self, documents: Sequence[Document]) -> list[Claim]:
        """The first claim on each document."""

        def look(work: Work) -> Mapping[int, Any]:
            return {row.document_id: row for row in reversed(flow.claims.of(work, [one.id for one in documents]))}

        found = self.firm.as_program(look)
        return [found[one.id] for one in documents]


def _party(work: Work, given: Mapping[str, Any]) -> Party:
    return masters.save(work, Party, inputs.read(Party, given))
