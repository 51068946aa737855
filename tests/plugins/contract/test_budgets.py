"""How many statements contracts and production cost, however many lines there are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.documents.reading import load
from core.operations import flow
from core.testing.builders import Firm, line
from core.testing.counting import counted
from plugins.contract.documents import Contract
from plugins.production.documents import ProductionOrder
from tests.plugins.contract.agreements import day, drafted, released, sealed, signed
from tests.plugins.production.test_production_orders import employed

LINES = (1, 50)


def agreed(firm: Firm, count: int) -> Contract:
    """A draft over so many products."""
    item = firm.item("10")
    milestones = [{"event": "signing", "percent": "0.3"}, {"event": "acceptance", "percent": "0.7"}]
    return drafted(firm, lines=[line(item, "1")] * count, milestones=milestones)


@pytest.mark.parametrize("count", LINES)
def test_signing_stays_within_seven_statements(firm: Firm, count: int) -> None:
    contract = agreed(firm, count)
    sealed(firm, contract)
    values = {"customer_signatory": "林总", "customer_signed_on": day(firm).isoformat()}
    with counted(firm.program.works.engine) as found:
        firm.move(contract, "countersign", values=values)
    assert len(found) <= 7, str(found)


@pytest.mark.parametrize("count", LINES)
def test_releasing_with_its_draft_stays_within_its_bound(firm: Firm, count: int) -> None:
    contract = agreed(firm, count)
    signed(firm, contract)
    with counted(firm.program.works.engine) as found:
        firm.move(contract, "release")
    assert len(found) <= 18, str(found)


@pytest.mark.parametrize("count", LINES)
def test_scheduling_behind_the_gate_stays_within_eleven_statements(firm: Firm, count: int) -> None:
    employed(firm).settings(contract__advance="warn")
    contract = agreed(firm, count)
    released(firm, contract)
    (key,) = firm.read("rep", lambda w: flow.descendants(w, contract.id))
    plan = firm.read("rep", lambda w: load(w, ProductionOrder, key))
    values = {
        "planned_start": day(firm).isoformat(),
        "planned_end": (day(firm) + timedelta(days=5)).isoformat(),
    }
    firm.read("maker", lambda w: w.roles())
    with counted(firm.program.works.engine) as found:
        firm.move(plan, "schedule", "maker", values=values, confirmed=["contract.advance"])
    assert len(found) <= 11, str(found)
