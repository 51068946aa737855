"""Work begins with the advance and the technical agreement; goods leave with what is due before; money is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.errors import Refused, Unconfirmed
from core.operations import flow
from core.operations.flow.claims import Use
from core.testing.builders import Firm, line
from plugins.billing.documents import Receipt
from plugins.billing.services import allocation
from plugins.contract.documents import Contract
from plugins.logistics.documents import Delivery
from plugins.production.documents import ProductionOrder
from tests.plugins.contract.agreements import USUAL, day, drafted, released
from tests.plugins.production.test_production_orders import employed


@pytest.fixture
def works(firm: Firm) -> Firm:
    """A firm with somebody in the works, that ships what is not in its own store."""
    firm.settings(logistics__negative_stock="true")
    return employed(firm)


def paid(firm: Firm, contract: Contract, place: int) -> None:
    """The milestone at ``place`` is met by a receipt."""
    claim = firm.read("finance", lambda w: flow.claims.of(w, [contract.id]))[place]
    receipt = firm.create(Receipt, "finance", party_id=contract.party_id, amount=str(claim.amount))
    firm.move(receipt, "confirm", "finance")
    uses = [Use(claim.amount, milestone_id=claim.id)]
    firm.run("finance", lambda w: allocation.allocate(w, receipt.id, uses))


def plan_of(firm: Firm, contract: Contract) -> ProductionOrder:
    """What the works are to make for a contract."""
    (key,) = firm.as_program(
        lambda w: [row.id for row in flow.chain(w, contract.id)[1] if row.kind == "production.order"]
    )
    return firm.read("rep", lambda w: load(w, ProductionOrder, key))


def schedule(firm: Firm, contract: Contract, **options: Any) -> ProductionOrder:
    """The works schedule the contract."""
    start = day(firm) + timedelta(days=1)
    values = {"planned_start": start.isoformat(), "planned_end": (start + timedelta(days=5)).isoformat()}
    return firm.move(plan_of(firm, contract), "schedule", "maker", values=values, **options)


def made(firm: Firm, contract: Contract) -> None:
    """Scheduled, made and tested."""
    schedule(firm, contract)
    plan = plan_of(firm, contract)
    firm.move(plan, "start", "maker")
    firm.move(plan, "finish", "maker", values={"finished_on": day(firm).isoformat()})


def delivered(firm: Firm, contract: Contract) -> Delivery:
    """A draft delivery of what is ready."""
    rows = firm.as_program(lambda w: flow.waiting(w, Delivery, party_id=contract.party_id))
    made = firm.as_program(lambda w: flow.take(w, Delivery, [(row.line_id, None) for row in rows]))
    return firm.read("clerk", lambda w: load(w, Delivery, made.id))


def refused(firm: Firm, *moved: Any, **options: Any) -> list[str]:
    """Why a move is refused."""
    with pytest.raises(Refused) as said:
        firm.move(*moved, **options)
    return [o.code for o in said.value.objections]


def test_nothing_is_scheduled_before_contract_agreement_and_advance(works: Firm) -> None:
    """PRD-01: contract and technical agreement are there and, where the terms ask, the advance has arrived."""
    works.settings(contract__technical_agreement="off")
    contract = drafted(works, milestones=USUAL, technical_needed=True)
    released(works, contract)
    with pytest.raises(Refused) as said:
        schedule(works, contract)
    assert [o.code for o in said.value.objections] == ["contract.advance", "contract.technical"]
    assert "3,000 CNY" in str(said.value)
    paid(works, contract, 0)
    with pytest.raises(Refused) as said:
        schedule(works, contract)
    assert [o.code for o in said.value.objections] == ["contract.technical"]


def test_a_paid_advance_lets_the_works_begin(works: Firm) -> None:
    contract = drafted(works, milestones=USUAL)
    released(works, contract)
    paid(works, contract, 0)
    assert schedule(works, contract).state == "scheduled"


def test_a_company_may_ask_the_leader_instead_or_only_warn(works: Firm) -> None:
    works.settings(contract__advance="approve")
    contract = drafted(works, milestones=USUAL)
    released(works, contract)
    plan = schedule(works, contract)
    assert (plan.state, plan.approval) == ("planned", "pending")
    assert works.agree(plan, "boss").state == "scheduled"
    works.settings(contract__advance="warn")
    other = drafted(works, milestones=USUAL)
    released(works, other)
    with pytest.raises(Unconfirmed):
        schedule(works, other)
    assert schedule(works, other, confirmed=["contract.advance"]).state == "scheduled"
    works.settings(contract__advance="off")
    third = drafted(works, milestones=USUAL)
    released(works, third)
    assert schedule(works, third).state == "scheduled"


def test_goods_leave_when_payment_before_shipment_is_here_or_the_leader_agrees(works: Firm) -> None:
    """LOG-02: what is due before shipment must have arrived, or the leader approves; or the company refuses it."""
    contract = drafted(works, milestones=USUAL)
    released(works, contract)
    paid(works, contract, 0)
    made(works, contract)
    delivery = delivered(works, contract)
    assert works.move(delivery, "confirm", "clerk").approval == "pending"
    assert works.agree(delivery, "boss", "老客户，同意先发").state == "confirmed"
    assert works.move(delivery, "ship", "clerk").state == "shipped"


def test_a_company_may_let_nothing_leave_unpaid(works: Firm) -> None:
    works.settings(contract__before_shipment="block")
    contract = drafted(works, milestones=USUAL)
    released(works, contract)
    paid(works, contract, 0)
    made(works, contract)
    delivery = delivered(works, contract)
    works.move(delivery, "confirm", "clerk")
    assert refused(works, delivery, "ship", "clerk") == ["contract.shipment"]
    paid(works, contract, 1)
    assert works.move(delivery, "ship", "clerk").state == "shipped"


def test_readiness_and_delivery_make_their_milestones_due(works: Firm) -> None:
    works.settings(contract__before_shipment="off")
    milestones: list[dict[str, Any]] = [
        {"event": "shipment", "percent": "0.5", "days": 3},
        {"event": "delivery", "percent": "0.4", "rule": "next_month", "days": 10},
        {"event": "warranty", "percent": "0.1"},
    ]
    contract = drafted(works, milestones=milestones, warranty_starts="delivery", warranty_months=12)
    released(works, contract)
    made(works, contract)

    def due() -> list[Any]:
        return [row.due for row in works.as_program(lambda w: flow.claims.of(w, [contract.id]))]

    assert due()[:2] == [day(works) + timedelta(days=3), None]
    delivery = delivered(works, contract)
    works.move(delivery, "confirm", "clerk")
    works.move(delivery, "ship", "clerk")
    after = works.read("rep", lambda w: load(w, Contract, contract.id))
    assert None not in due()
    assert due()[2] == after.warranty_until
    assert after.delivered == Decimal("10000.00")


def test_a_partial_delivery_does_not_begin_the_warranty(works: Firm) -> None:
    works.settings(contract__before_shipment="off")
    contract = drafted(works, milestones=[{"event": "delivery", "percent": "1"}], warranty_starts="delivery")
    released(works, contract)
    made(works, contract)
    rows = works.as_program(lambda w: flow.waiting(w, Delivery, party_id=contract.party_id))
    draft = works.as_program(lambda w: flow.take(w, Delivery, [(rows[0].line_id, Decimal(4))]))
    works.move(draft, "confirm", "clerk")
    works.move(draft, "ship", "clerk")
    after = works.read("rep", lambda w: load(w, Contract, contract.id))
    assert after.warranty_until is None
    assert [row.due for row in works.as_program(lambda w: flow.claims.of(w, [contract.id]))] == [None]


def test_a_free_delivery_asks_for_nothing(works: Firm) -> None:
    delivery = works.create(Delivery, "clerk", party_id=works.party().id, lines=[line(works.item(), "1")])
    codes = []
    try:
        works.move(delivery, "confirm", "clerk")
    except Refused as said:
        codes = [o.code for o in said.objections]
    assert not [code for code in codes if code.startswith("contract.")]
