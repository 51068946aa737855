"""What comes back, will not come or is given up is owed no more, by milestones and in reports."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.testing.actions import Actions, counts
from core.testing.builders import line
from plugins.contract.documents import Contract
from plugins.contract.reports import FULFILMENT, LEDGER
from plugins.contract.services.claims import contracts_of, payments
from plugins.contract.services.owed import asked
from tests.plugins.contract.test_reports import told
from tests.scenarios.selling import company

CONTRACT, DELIVERY, INVOICE = "contract.contract", "logistics.delivery", "billing.invoice"
PLAN = [{"event": "delivery", "percent": "0.6"}, {"event": "acceptance", "percent": "0.4"}]
ZERO = Decimal(0)


@pytest.fixture
def trade(program: Program) -> Actions:
    """A company whose contracts are delivered and invoiced."""
    areas = ("contract", "logistics", "billing", "aftersales")
    trade = company(program, areas, contract__entry="contract", contract__before_shipment="off")
    trade.firm.today = date(2026, 11, 25)
    return trade


def signed(trade: Actions, *rows: dict[str, Any], **values: Any) -> int:
    """A contract that is being fulfilled."""
    cls = trade.firm.program.registry.documents[CONTRACT]
    given: dict[str, Any] = {"milestones": PLAN, "warranty_months": 0, **values}
    made = trade.create(cls, rows, party_id=trade.firm.party().id, **given)
    assert made is not None, trade.log[-1]
    assert trade.advance(CONTRACT, made.id, lambda step: step.releases is True), trade.log[-1]
    return int(made.id)


def taken(trade: Actions, kind: str, **parts: str) -> int:
    """What waits for a type, or these parts of it by the position of the line, brought on until it counts."""
    cls = trade.firm.program.registry.documents[kind]
    rows = [row for row in trade.waiting(cls) if not parts or f"at_{row.position}" in parts]
    draft = trade.take(cls, [(r.line_id, Decimal(parts[f"at_{r.position}"]) if parts else None) for r in rows])
    assert draft is not None, trade.log[-1]
    assert trade.advance(kind, draft.id, counts), trade.log[-1]
    return int(draft.id)


def sent_back(trade: Actions, key: int, quantity: str) -> None:
    """Goods of a line that came back, with the red letter for them."""
    types = trade.firm.program.registry.documents
    asked_for = trade.take_back(types["aftersales.return"], [(key, Decimal(quantity))])
    assert asked_for is not None, trade.log[-1]
    while trade.advance("aftersales.return", asked_for.id, counts):
        pass
    for kind in ("logistics.return_receipt", "billing.credit_note"):
        for row in trade.documents(kind):
            if row.state == types[kind].workflow.initial:
                trade.fill(kind, row.id)
                assert trade.advance(kind, row.id, counts), trade.log[-1]


def paid(trade: Actions, contract: int, amount: str) -> None:
    """Money that meets the customer's invoices."""
    party = next(row.party_id for row in trade.documents(CONTRACT) if row.id == contract)
    cls = trade.firm.program.registry.documents["billing.receipt"]
    receipt = trade.create(cls, party_id=party, amount=amount)
    assert receipt is not None
    trade.advance("billing.receipt", receipt.id, counts)
    assert trade.move("billing.receipt", receipt.id, "settle") is not None, trade.log[-1]


def left(trade: Actions, contract: int) -> list[tuple[Decimal, Decimal]]:
    """What each milestone asks for, and what of it is not met, on the page; the gates reckon with the same."""

    def look(work: Any) -> list[tuple[Decimal, Decimal]]:
        found = load(work, Contract, contract)
        rows = payments(work, found, found.milestones)
        return [(one.amount, one.open) for one in rows]

    return trade.firm.read("finance", look)


def reported(trade: Actions, contract: int) -> tuple[Any, list[Any]]:
    """Its row of the ledger, and its lines on the fulfilment sheet, half a year later."""
    (row,) = [row for row in told(trade.firm, LEDGER).rows if row["id"] == contract]
    lines = [x for x in told(trade.firm, FULFILMENT, as_of="2027-06-01").rows if x["document_id"] == contract]
    for name in ("received", "unpaid", "uninvoiced"):
        assert sum((line[name] for line in lines), ZERO) == row[name], name
    return row, lines


def rested(trade: Actions, contract: int) -> str:
    """The state of the contract after somebody wanted it in the archive, years later."""
    assert trade.move(CONTRACT, contract, "complete") is not None, trade.log[-1]
    trade.firm.today = date(2032, 1, 1)
    trade.move(CONTRACT, contract, "archive")
    return str(next(row.state for row in trade.documents(CONTRACT) if row.id == contract))


@pytest.mark.parametrize(
    ("amounts", "whole", "left"),
    [
        ((600, 400), 1000, (600, 400)),
        ((600, 400), 900, (600, 300)),
        ((600, 400), 500, (500, 0)),
        ((600, 400), 0, (0, 0)),
        ((600, 400), 1100, (600, 400)),
        ((), 5, ()),
    ],
)
def test_the_last_milestones_give_way_first(amounts: Any, whole: int, left: Any) -> None:
    assert asked([Decimal(x) for x in amounts], Decimal(whole)) == [Decimal(x) for x in left]


@pytest.mark.parametrize("plan", [PLAN, []])
def test_what_came_back_is_not_waited_for_in_money(trade: Actions, plan: list[dict[str, str]]) -> None:
    """CTR-13: all that is owed is paid, so the contract may rest in the end."""
    contract = signed(trade, line(trade.firm.item("100"), "10"), milestones=plan)
    taken(trade, DELIVERY)
    taken(trade, INVOICE)
    sent_back(trade, trade.lines(contract)[0].id, "1")
    paid(trade, contract, "800")
    trade.move(CONTRACT, contract, "accept")
    assert [open_ for _amount, open_ in left(trade, contract)] == ([ZERO, Decimal(100)] if plan else [])
    row, (sheet,) = reported(trade, contract)
    assert (row["unpaid"], row["uninvoiced"], row["receivable"]) == (100, 0, 100)
    assert (row["progress"], sheet["planned"]) == ("In full", 0)
    assert (sheet["payment_late"] is None) == (not plan)
    paid(trade, contract, "100")
    row, (sheet,) = reported(trade, contract)
    assert (row["unpaid"], row["uninvoiced"], sheet["payment_late"]) == (0, 0, None)
    assert left(trade, contract) == ([(Decimal(600), ZERO), (Decimal(300), ZERO)] if plan else [])
    assert rested(trade, contract) == "archived"


def test_what_is_still_owed_keeps_a_contract_out_of_the_archive(trade: Actions) -> None:
    """CTR-13: also where the contract has no milestones."""
    contract = signed(trade, line(trade.firm.item("100"), "10"), milestones=[])
    taken(trade, DELIVERY)
    taken(trade, INVOICE)
    paid(trade, contract, "999.99")
    assert rested(trade, contract) == "completed"
    assert "0.01 is not paid yet" in trade.log[-1]


def test_what_will_not_come_any_more_is_not_waited_for(trade: Actions) -> None:
    """CTR-13, of several lines: closed by hand after a part, the rest is owed by nobody."""
    contract = signed(trade, line(trade.firm.item("100"), "9"), line(trade.firm.item("50"), "2"))
    taken(trade, DELIVERY, at_1="4", at_2="1")
    taken(trade, INVOICE)
    trade.close(CONTRACT, contract)
    paid(trade, contract, "450")
    row, lines = reported(trade, contract)
    assert (row["gross"], row["unpaid"], row["uninvoiced"], row["progress"]) == (1000, 0, 0, "In full")
    assert sorted(one["received"] for one in lines) == [50, 400]
    assert [one["payment_late"] for one in lines] == [None, None]
    assert left(trade, contract) == [(Decimal(450), ZERO), (ZERO, ZERO)]
    assert rested(trade, contract) == "archived"


def test_goods_do_not_wait_for_money_that_nobody_owes(trade: Actions) -> None:
    plan = [{"event": "shipment", "percent": "1"}]
    contract = signed(trade, line(trade.firm.item("100"), "10"), milestones=plan)
    delivery = taken(trade, DELIVERY, at_1="4")
    trade.close(CONTRACT, contract)
    types = trade.firm.program.registry.documents
    (begun,) = trade.firm.read("finance", lambda w: contracts_of(w, load(w, types[DELIVERY], delivery)))
    assert [one.amount for one in begun.plan] == [Decimal(400)]


@pytest.mark.parametrize(
    ("amounts", "held", "whole", "left"),
    [
        ((60, 30, 10), (0, 0, 1), 100, (60, 30, 10)),
        ((60, 30, 10), (0, 0, 1), 50, (45, 0, 5)),
        ((60, 30, 10), (0, 1, 1), 50, (30, 15, 5)),
        ((60, 30, 10), (0, 0, 1), 0, (0, 0, 0)),
        ((60, 30, 10), (0, 0, 1), 110, (60, 30, 10)),
    ],
)
def test_what_is_retained_is_less_in_proportion(amounts: Any, held: Any, whole: int, left: Any) -> None:
    found = asked([Decimal(x) for x in amounts], Decimal(whole), [bool(x) for x in held])
    assert found == [Decimal(x) for x in left]


def test_the_ledger_retains_what_the_invoices_do(trade: Actions) -> None:
    """After some came back, contract, ledger and invoices tell one figure, and nothing is asked for before its day."""
    plan = [{"event": "delivery", "percent": "0.93"}, {"event": "warranty", "percent": "0.07"}]
    begins: dict[str, Any] = {"warranty_months": 12, "warranty_starts": "delivery"}
    contract = signed(trade, line(trade.firm.item("14.29"), "7"), milestones=plan, **begins)
    taken(trade, DELIVERY)
    (row,) = trade.waiting(trade.firm.program.registry.documents[INVOICE])
    for quantity in ("2", "3", "2"):
        cls = trade.firm.program.registry.documents[INVOICE]
        draft = trade.take(cls, [(row.line_id, Decimal(quantity))])
        assert draft is not None
        assert trade.advance(INVOICE, draft.id, counts), trade.log[-1]
    sent_back(trade, trade.lines(contract)[0].id, "2")
    held = sum((x.amount - x.settled for x in trade.claims() if x.claim_kind == "retention"), ZERO)
    assert (
        [amount for amount, _open in left(trade, contract)]
        == [Decimal("66.45"), held]
        == [Decimal("66.45"), Decimal(5)]
    )
    ledger, _lines = reported(trade, contract)
    assert (ledger["retained"], ledger["owed"]) == (held, Decimal("71.45"))
    paid(trade, contract, "66.45")
    _ledger, lines = reported(trade, contract)
    assert [x["payment_late"] for x in lines] == [None]
