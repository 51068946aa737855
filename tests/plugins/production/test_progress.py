"""How work goes on is planned and told stage by stage, at the company's rhythm, and closer for key orders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.documents.reading import load
from core.duties.reading import my_duties
from core.roles import CONTRACT_ADMINISTRATOR
from core.testing.builders import Firm
from plugins.contract.documents import Order
from plugins.production.documents import ProductionOrder
from plugins.production.documents.stages import STAGES
from tests.plugins.contract.agreements import day
from tests.plugins.contract.test_reviews import employed
from tests.plugins.production.test_production_orders import planned, read, works

__all__ = ["works"]


def reporting(firm: Firm, who: str, work: ProductionOrder) -> list[Any]:
    """By which days somebody has to report on an order of the works, within the next month."""
    firm.today, before = day(firm) + timedelta(days=30), firm.today
    try:
        duties = firm.read(who, lambda w: my_duties(w))
    finally:
        firm.today = before
    return [duty.due for duty in duties if duty.key.startswith("production.order.report") and duty.record.id == work.id]


@pytest.mark.parametrize("key", [False, True])
def test_work_is_planned_and_reported_stage_by_stage(works: Firm, key: bool) -> None:
    """PRD-02: design, material, manufacture, test and packing have planned and real days; at the company's rhythm the
    contract administrator writes how far it is, which the representative reads on the order; what is urgent or special
    is marked, and reported twice as often.
    """
    employed(works, "office", "合同管理员郑", CONTRACT_ADMINISTRATOR)
    works.settings(production__report_days="10")
    order, work = planned(works, priority="urgent" if key else "normal")
    assert work.key_order is key
    start = day(works)
    rows = [
        {
            "stage": stage,
            "planned_start": (start + timedelta(days=2 * n)).isoformat(),
            "planned_end": (start + timedelta(days=2 * n + 1)).isoformat(),
        }
        for n, (stage, _label) in enumerate(STAGES)
    ]
    work = works.edit(work, "office", stages=rows)
    assert [one.stage for one in work.stages] == ["design", "material", "manufacture", "test", "pack"]
    days = {"planned_start": start.isoformat(), "planned_end": (start + timedelta(days=9)).isoformat()}
    works.move(work, "schedule", "maker", values=days)
    works.move(work, "start", "maker")
    assert reporting(works, "office", work) == [start + timedelta(days=5 if key else 10)]
    said = {"progress": "35", "report": "设计完成，锻件已到", "expected_on": (start + timedelta(days=9)).isoformat()}
    works.move(work, "report", "office", values=said)
    seen = read(works, work.id)
    assert (seen.report, seen.progress, seen.reported_on) == ("设计完成，锻件已到", 35, start)
    panels = works.read("rep", lambda w: list(w.hooks.document_panels(load(w, Order, order.id))))
    (row,) = next(panel.rows for panel in panels if panel.key == "production.progress")
    assert row[4] == 35
    real = {"real_start": start.isoformat(), "real_end": start.isoformat()}
    told = [{"id": one.id, **(real if one.stage == "design" else {})} for one in seen.stages]
    now = works.edit(seen, "office", stages=told)
    assert [(one.real_start, one.real_end) for one in now.stages][:2] == [(start, start), (None, None)]
