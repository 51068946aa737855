"""When payments fall due and warranties begin: with the last of the goods, and its acceptance, whatever way it took."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from core.app import Program
from core.db.engine import is_sqlite, open_engine
from core.db.migrate import downgrade, upgrade
from core.db.revisions import CORE
from core.testing.actions import Actions
from core.testing.builders import line
from core.testing.fixtures import Database
from plugins.contract.documents import Contract
from plugins.credit.services.standing import overdue
from tests.plugins.billing.money import looked
from tests.plugins.contract.test_owed import sent_back, signed, taken
from tests.scenarios.selling import company

CONTRACT, DELIVERY, INVOICE = "contract.contract", "logistics.delivery", "billing.invoice"
PLAN = [
    {"event": "delivery", "percent": "0.6"},
    {"event": "acceptance", "percent": "0.3"},
    {"event": "warranty", "percent": "0.1"},
]
FIRST, SECOND, THIRD = date(2026, 1, 10), date(2026, 2, 10), date(2026, 3, 10)
ENDS = date(2027, 3, 10)


@pytest.fixture
def trade(program: Program) -> Actions:
    """A company whose contracts are delivered, accepted and invoiced."""
    areas = ("contract", "logistics", "billing", "credit", "aftersales")
    trade = company(program, areas, contract__entry="contract", contract__before_shipment="off")
    trade.firm.today = FIRST
    return trade


def agreed(trade: Actions, **values: Any) -> int:
    """A contract over ten pieces at 100 that is being fulfilled."""
    return signed(trade, line(trade.firm.item("100"), "10"), **{"milestones": PLAN, "warranty_months": 12, **values})


def accepted(trade: Actions, delivery: int) -> None:
    assert trade.advance(DELIVERY, delivery, lambda step: step.name == "accept"), trade.log[-1]


def days(trade: Actions, kind: str = "milestone") -> list[date | None]:
    """By which days is owed what is claimed, in order."""
    return [row.due for row in sorted(trade.claims(), key=lambda row: row.id) if row.claim_kind == kind]


def on(trade: Actions, key: int) -> tuple[date | None, date | None]:
    """When a contract was accepted, and until when its warranty runs."""
    found: Any = trade.look(lambda w: w.session.get(Contract, key))
    return found.accepted_on, found.warranty_until


def test_a_contract_is_accepted_with_the_last_of_its_deliveries(trade: Actions) -> None:
    """What the customer has not accepted yet is not paid for as if he had, nor does its warranty run."""
    contract = agreed(trade)
    first, second = taken(trade, DELIVERY, at_1="4"), taken(trade, DELIVERY, at_1="6")
    trade.firm.today = SECOND
    accepted(trade, first)
    assert days(trade) == [FIRST, None, None]
    assert on(trade, contract) == (None, None)
    trade.firm.today = THIRD
    accepted(trade, second)
    # The day of a delivery counts, as it does for its arrival.
    assert days(trade)[0] == FIRST
    assert None not in days(trade)
    assert None not in on(trade, contract)
    assert trade.wrong() == []


def test_a_delivery_that_came_back_whole_is_not_waited_for(trade: Actions) -> None:
    contract = signed(
        trade,
        line(trade.firm.item("100"), "4"),
        line(trade.firm.item("100"), "6"),
        milestones=PLAN,
        warranty_months=12,
    )
    first, _second = taken(trade, DELIVERY, at_1="4"), taken(trade, DELIVERY, at_2="6")
    sent_back(trade, trade.lines(contract)[1].id, "6")
    accepted(trade, first)
    assert None not in days(trade)


@pytest.mark.parametrize("then", [False, True])
def test_when_the_rest_will_not_come_what_has_come_is_all(trade: Actions, then: bool) -> None:
    """Closed by hand, the contract is delivered, and accepted as far as its deliveries are: before it, or ``then``."""
    contract = agreed(trade)
    delivery = taken(trade, DELIVERY, at_1="4")
    if not then:
        accepted(trade, delivery)
    assert days(trade) == [None, None, None]
    trade.firm.today = SECOND
    trade.close(CONTRACT, contract)
    assert days(trade) == [SECOND, None, None] if then else None not in days(trade)
    if then:
        accepted(trade, delivery)
    assert None not in days(trade)
    assert None not in on(trade, contract)
    assert trade.wrong() == []


def test_nothing_is_due_for_a_contract_that_was_closed_before_anything_came(trade: Actions) -> None:
    trade.close(CONTRACT, agreed(trade))
    assert days(trade) == [None, None, None]


def test_retained_money_is_due_when_the_warranty_ends_whenever_it_was_invoiced(trade: Actions) -> None:
    """Invoiced before the warranty began it has no day yet; then it has, is collected, and is overdue later."""
    agreed(trade)
    delivery = taken(trade, DELIVERY)
    taken(trade, INVOICE)
    assert days(trade, "retention") == [None]
    trade.firm.today = THIRD
    accepted(trade, delivery)
    (until,) = days(trade, "retention")
    assert until == days(trade)[2]
    assert until is not None
    assert trade.wrong() == []
    party = trade.documents(CONTRACT)[0].party_id
    for day, late in ((until, 900), (date(2027, 12, 1), 1000)):
        trade.firm.today = day
        found: Any = trade.firm.read("boss", lambda w: overdue(w, party, 0))
        assert found.amount == late
        for given in ({}, {"as_of": day.isoformat()}):
            (row,) = looked(trade.firm, "billing.ageing", **given).rows
            assert (row["overdue"], row["retained"], row["balance"]) == (late, 1000 - late, 1000)
            assert sum(row[key] for key in ("not_due", "d30", "d60", "d90", "d180", "d365", "older")) == late


def test_each_contract_lets_go_of_its_own_retained_money(trade: Actions) -> None:
    """Of one invoice over two contracts, what each retains waits for its own warranty."""
    party = trade.firm.party().id
    cls = trade.firm.program.registry.documents[CONTRACT]
    keys = []
    for price in ("100", "50"):
        rows = [line(trade.firm.item(price), "10")]
        made = trade.create(cls, rows, party_id=party, milestones=PLAN, warranty_months=12)
        assert made is not None
        assert trade.advance(CONTRACT, made.id, lambda step: step.releases is True), trade.log[-1]
        keys.append(made.id)
    sent = []
    for key in keys:
        goods = trade.waiting(trade.firm.program.registry.documents[DELIVERY], document_id=key)
        draft = trade.take(trade.firm.program.registry.documents[DELIVERY], [(row.line_id, None) for row in goods])
        assert draft is not None
        assert trade.advance(DELIVERY, draft.id, lambda step: step.name == "ship"), trade.log[-1]
        sent.append(draft.id)
    taken(trade, INVOICE)
    accepted(trade, sent[1])
    held = {row.amount: row.due for row in trade.claims() if row.claim_kind == "retention"}
    assert set(held) == {Decimal(100), Decimal(50)}
    assert held[Decimal(100)] is None
    assert held[Decimal(50)] is not None
    assert trade.wrong() == []


def test_what_must_be_paid_before_goods_leave_is_due_when_they_lie_ready(program: Program) -> None:
    """Where somebody makes or buys them, when that is done; else with the release, for nothing leaves before."""
    plan = [{"event": "shipment", "percent": "1"}]
    for n, areas in enumerate((("contract", "logistics"), ("contract", "production", "logistics"))):
        trade = company(program, areas, f"ready{n}", contract__entry="contract")
        trade.firm.today = FIRST
        agreed(trade, milestones=plan)
        assert days(trade) == ([None] if "production" in areas else [FIRST])
    trade.firm.today = SECOND
    taken(trade, "production.order")
    assert days(trade) == [SECOND]


def test_what_was_retained_before_gets_the_day_of_its_milestone(trade: Actions, database: Database) -> None:
    """The script lets retained money without a day follow, and gives it the day that has come meanwhile."""
    agreed(trade)
    delivery = taken(trade, DELIVERY)
    taken(trade, INVOICE)
    waits = [row for row in trade.claims() if row.claim_kind == "retention"]
    _up_and_down(trade, database, "")
    assert [row for row in trade.claims() if row.claim_kind == "retention"] == waits
    accepted(trade, delivery)
    (until,) = days(trade, "retention")
    _up_and_down(trade, database, "UPDATE claim SET due = NULL WHERE claim_kind = 'retention'")
    assert days(trade, "retention") == [until]
    assert trade.wrong() == []


def _up_and_down(trade: Actions, database: Database, before: str) -> None:
    """The database as it was, what somebody finds there, and the script."""
    packages = trade.firm.program.registry.packages
    owner = open_engine(database.owner_url)
    downgrade(owner, packages, CORE, "core_0016")
    if before:
        with owner.begin() as connection:
            if not is_sqlite(connection):
                connection.execute(select(func.set_config("app.company", str(trade.firm.id), True)))
            connection.execute(text(before))
    assert upgrade(owner, packages, app_role=None) == [CORE]
    owner.dispose()
