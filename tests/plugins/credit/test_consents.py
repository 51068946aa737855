"""Where a company asks for consent beyond the limit, the move waits for it, wherever the chain or a shipment begins."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents import Document, Point, Transition
from core.errors import Refused
from core.operations import flow, masters
from core.operations.flow.routes import posted_states
from core.testing.builders import Firm, line
from plugins.credit.hooks import point_of
from plugins.credit.masters import CreditFile
from plugins.logistics.documents import Delivery
from plugins.quotation.documents import Quotation
from tests.plugins.contract.agreements import ordered

BINDS = frozenset({Point.ORDER, Point.SUPPLY, Point.DELIVERY, Point.INVOICE})


def shop(program: Program, *areas: str, **settings: Any) -> Firm:
    """A company that uses these areas and credit, where nobody drafts by himself."""
    firm = Firm.founded(program, "consents", "小店有限公司", areas=[*areas, "credit"])
    firm.settings(**settings)
    return firm


def trusted(firm: Firm, amount: str, party: int | None = None, **values: Any) -> int:
    """A customer who may owe so much, from now on."""
    party = party or firm.party().id
    given = {"party_id": party, "amount": Decimal(amount), **values}
    firm.run("boss", lambda w: masters.save(w, CreditFile, given))
    return party


def beginning(firm: Firm) -> tuple[Document, str, str]:
    """Goods worth 150 that are on the point of beginning the chain; the move, and who makes it."""
    party, rows = trusted(firm, "100"), [line(firm.item("150"))]
    areas = firm.read("rep", lambda w: w.areas)
    if "quotation" in areas:
        offer = firm.create(Quotation, party_id=party, lines=rows)
        return firm.move(firm.move(offer, "submit"), "send"), "accept", "rep"
    delivery = firm.create(Delivery, "clerk", party_id=party, lines=rows)
    return firm.move(delivery, "confirm", "clerk"), "ship", "clerk"


def test_an_order_that_was_agreed_to_beyond_the_limit_is_released(program: Program) -> None:
    """CRD-04: with nothing set otherwise, an order beyond the limit waits for consent, once."""
    firm = shop(program, "contract", "logistics", "billing", contract__confirmation=False)
    order = ordered(firm, "1500", "1", party_id=trusted(firm, "1000"))
    assert firm.move(order, "submit").approval == "pending"
    assert firm.agree(order, "finance").state == "reviewed"
    assert firm.move(order, "release").state == "released"


def test_an_order_of_a_customer_frozen_since_is_not_released(program: Program) -> None:
    firm = shop(program, "contract", "logistics", "billing", contract__confirmation=False)
    order = firm.move(ordered(firm, "1500", "1"), "submit")
    trusted(firm, "10000", order.party_id, frozen=True, frozen_why="诉讼")
    with pytest.raises(Refused) as refused:
        firm.move(order, "release")
    assert [o.code for o in refused.value.objections] == ["credit.frozen"]


def test_a_shipment_beyond_the_limit_waits_for_consent(program: Program) -> None:
    """CRD-04: where the company asks for consent at shipment, the goods leave with it."""
    areas = ("contract", "logistics", "billing")
    firm = shop(program, *areas, contract__confirmation=False, credit__at_delivery="approve", logistics__drafts=False)
    firm.settings(logistics__negative_stock=True)
    order = firm.move(firm.move(ordered(firm, "1500", "1"), "submit"), "release")
    trusted(firm, "1000", order.party_id)
    delivery = firm.run("clerk", lambda w: flow.take_from(w, Delivery, order))
    firm.move(delivery, "confirm", "clerk")
    asked = firm.move(delivery, "ship", "clerk", values={"plate": "鲁B·12345"})
    assert (asked.state, asked.approval) == ("confirmed", "pending")
    left = firm.agree(asked, "finance")
    assert (left.state, left.plate) == ("shipped", "鲁B·12345")


@pytest.mark.parametrize("areas", [("quotation", "billing"), ("logistics", "billing")])
def test_wherever_the_chain_begins_the_consent_of_an_order_is_asked(program: Program, areas: tuple[str, ...]) -> None:
    """CRD-04: what binds like an order waits for consent like an order, and a refusal keeps it where it was."""
    firm = shop(program, *areas)
    if "logistics" in areas:
        firm.settings(logistics__negative_stock=True)
    document, name, who = beginning(firm)
    before = document.state
    asked = firm.move(document, name, who)
    assert (asked.state, asked.approval) == (before, "pending")
    assert firm.reject(asked, "finance").state == before
    assert firm.move(document, name, who).approval == "pending"
    assert firm.agree(asked, "finance").state != before


def test_every_move_that_credit_checks_can_wait_for_consent(program: Program) -> None:
    """CRD-04: whatever areas a company uses, "ask for consent" never refuses for want of somebody to ask."""
    types = program.registry.documents
    for place, area in enumerate((None, *sorted(program.registry.plugins))):
        areas = sorted(program.registry.plugins) if area is None else [area, "credit"]
        firm = Firm.founded(program, f"each-{place}", "小店有限公司", areas=dict.fromkeys(areas))
        mute = firm.read(
            "boss",
            lambda w: [
                f"{kind}.{move.name}"
                for kind, cls in types.items()
                for move in cls.workflow.transitions
                if point_of(w, cls, move) and not bound_before(cls, move) and not move.approval
            ],
        )
        assert mute == [], areas


def bound_before(cls: type[Document], move: Transition) -> bool:
    """Whether a document that makes the move has bound at an earlier one, and the move is no point of its own."""
    bound = posted_states(cls, BINDS)
    return move.point not in BINDS and not any(move.leaves(s.key) for s in cls.workflow.states if s.key not in bound)
