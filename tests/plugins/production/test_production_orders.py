"""What was ordered is scheduled, made, reported, tested, and then ready to ship."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.documents.models import DocumentLine
from core.documents.reading import load
from core.duties.reading import my_duties
from core.errors import Conflict, Invalid, Refused
from core.operations import company, flow
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.web.showing import money
from core.work import Work
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery, StockIn
from plugins.production.documents import FollowUp, ProductionOrder
from tests.core.administration_visitor import Visitor
from tests.plugins.contract.agreements import confirmed, day, ordered


@pytest.fixture
def works(firm: Firm) -> Firm:
    """A firm with somebody in the works."""
    return employed(firm)


def employed(firm: Firm) -> Firm:
    """The firm, with somebody who holds the role of production."""
    from core.operations import people
    from core.roles import PRODUCTION

    if "maker" not in firm.people:
        account = people.create_account(firm.program.works, f"maker@{firm.code}", "何师傅")
        firm.people["maker"] = account
        firm.as_program(lambda w: people.employ(w, account, roles=[PRODUCTION.key]))
    return firm


def planned(firm: Firm, **values: Any) -> tuple[Order, ProductionOrder]:
    """A released order and what the works have of it."""
    order = ordered(firm, **values)
    confirmed(firm, order)
    firm.move(order, "release")
    (key,) = firm.read("rep", lambda w: flow.descendants(w, order.id))
    return order, read(firm, key)


def read(firm: Firm, key: int) -> ProductionOrder:
    """A production order as it stands."""
    return firm.read("rep", lambda w: load(w, ProductionOrder, key))


def scheduled(firm: Firm, work: ProductionOrder) -> ProductionOrder:
    """Planned from tomorrow on, for a week."""
    start = day(firm) + timedelta(days=1)
    values = {"planned_start": start.isoformat(), "planned_end": (start + timedelta(days=7)).isoformat()}
    return firm.move(work, "schedule", "maker", values=values)


def started(firm: Firm, work: ProductionOrder) -> ProductionOrder:
    """In production."""
    scheduled(firm, work)
    return firm.move(work, "start", "maker")


def finished(firm: Firm, work: ProductionOrder) -> ProductionOrder:
    """Tested."""
    started(firm, work)
    return firm.move(work, "finish", "maker", values={"finished_on": day(firm).isoformat(), "tested_by": "质检"})


def origins(firm: Firm, order: Order) -> list[DocumentLine]:
    """The lines of the order, with their figures."""
    return list(firm.read("rep", lambda w: load(w, Order, order.id)).lines)


def duties(firm: Firm, who: str) -> list[str]:
    """What somebody has to do here."""
    return firm.read(who, lambda w: [str(d.title) for d in my_duties(w) if d.key.startswith("production.")])


def test_the_works_schedule_what_was_released(works: Firm) -> None:
    order, work = planned(works)
    assert duties(works, "maker") == [f"Schedule what {order.party_name} has ordered"]
    with pytest.raises(Invalid):
        works.move(work, "schedule", "maker", values={"planned_start": "2026-12-01"})
    values = {"planned_start": "2026-12-10", "planned_end": "2026-12-01"}
    with pytest.raises(Refused) as refused:
        works.move(work, "schedule", "maker", values=values)
    assert [o.code for o in refused.value.objections] == ["production.order"]
    done = scheduled(works, work)
    assert (done.state, bool(done.number)) == ("scheduled", True)


def test_progress_is_reported_to_who_answers_for_the_order(works: Firm) -> None:
    order, work = planned(works)
    started(works, work)
    works.move(work, "report", "maker", values={"progress": "40", "expected_on": "2026-12-20", "report": "磨加工"})
    seen = read(works, work.id)
    assert (seen.progress, seen.reported_on, seen.started_on) == (40, day(works), day(works))

    def panel(w: Work) -> Any:
        panels = w.hooks.document_panels(load(w, Order, order.id))
        return next(p.rows for p in panels if p.key == "production.progress")

    ((ref, _state, _deadline, expected, progress, _problem),) = works.read("rep", panel)
    assert (ref.id, expected, progress) == (work.id, date(2026, 12, 20), 40)


def test_a_problem_goes_to_the_representative_at_once_with_reason_and_proposal(works: Firm) -> None:
    """PRD-07: reason and proposal are needed, the representative has it on the desk, and the solution is kept."""
    order, work = planned(works)
    started(works, work)
    with pytest.raises(Invalid):
        works.move(work, "stop", "maker", values={"problem": "热处理炉故障"})
    works.move(work, "stop", "maker", values={"problem": "热处理炉故障", "proposal": "外协热处理，延期三天"})
    assert duties(works, "rep") == [f"Solve the problem with the goods for {order.party_name}: 热处理炉故障"]
    assert works.move(work, "resume", values={"solution": "同意外协", "expected_on": "2026-12-23"}).state == "started"
    assert duties(works, "rep") == []
    assert read(works, work.id).solution == "同意外协"


def test_a_customers_delay_moves_the_schedule_and_keeps_its_reason(works: Firm) -> None:
    """The plan is put back with the reason and the new day, and can be made anew."""
    _order, work = planned(works)
    started(works, work)
    with pytest.raises(Invalid):
        works.move(work, "delay", values={"needed_on": "2027-03-31"})
    done = works.move(work, "delay", reason="业主工程延期", values={"needed_on": "2027-03-31"})
    assert (done.state, done.delay_reason, done.needed_on) == ("planned", "业主工程延期", date(2027, 3, 31))
    assert scheduled(works, work).state == "scheduled"


def test_what_is_tested_counts_on_the_order_and_waits_for_delivery_and_store(works: Firm) -> None:
    """PRD-04: with the test passed the goods go to the store and, at the same time, wait to be shipped."""
    order, work = planned(works)
    finished(works, work)
    assert [x.supplied for x in origins(works, order)] == [Decimal(10)]
    (row,) = works.as_program(lambda w: flow.waiting(w, Delivery))
    assert row.left == Decimal(10)
    _up, down = works.as_program(lambda w: flow.chain(w, work.id))
    assert [(row.kind, row.state) for row in down] == [("logistics.stock_in", StockIn.workflow.initial)]
    assert read(works, work.id).progress == 100


@pytest.mark.parametrize(("made", "kept"), [("9", True), ("10.5", True), ("11", False)])
def test_the_quantity_may_differ_within_the_companys_tolerance(works: Firm, made: str, kept: bool) -> None:
    works.settings(core__tolerance_percent="5")
    order, work = planned(works)
    started(works, work)
    values = {"finished_on": day(works).isoformat()}
    fresh = read(works, work.id)
    rows = [{"id": fresh.lines[0].id, "quantity": made}]
    if not kept:
        with pytest.raises(Conflict):
            works.edit(fresh, "rep", lines=rows)
        return
    works.edit(fresh, "rep", lines=rows)
    works.move(work, "finish", "maker", values=values)
    assert [x.supplied for x in origins(works, order)] == [Decimal(made)]


def test_what_is_cancelled_waits_to_be_planned_again(works: Firm) -> None:
    _order, work = planned(works)
    works.move(work, "cancel", "manager", reason="改由外购")
    (row,) = works.read("rep", lambda w: flow.waiting(w, ProductionOrder))
    assert row.left == Decimal(10)


def test_services_are_planned_only_where_the_company_plans_them(works: Firm) -> None:
    goods, service = works.item("100"), works.item("300", item_kind="service", unit="次")
    _order, work = planned(works, lines=[line(goods, "2"), line(service, "1")])
    assert [x.name for x in work.lines] == [goods.name]
    works.settings(production__services="true")
    _order, work = planned(works, lines=[line(goods, "2"), line(service, "1")])
    assert [x.name for x in work.lines] == [goods.name, service.name]


# Purchase follow-up ---------------------------------------------------------------------------------------------------


def bought(firm: Firm, **values: Any) -> tuple[Order, FollowUp]:
    """A released order of a company that buys what it sells, and what purchasing is to have of it."""
    firm.settings(production__entry="follow_up")
    order = ordered(firm, **values)
    confirmed(firm, order)
    firm.move(order, "release")
    (key,) = firm.read("rep", lambda w: flow.descendants(w, order.id))
    return order, firm.read("rep", lambda w: load(w, FollowUp, key))


def test_purchasing_is_told_ten_days_before_the_delivery(firm: Firm) -> None:
    """PRD-05: told ten days ahead, the supplier urged, the arrival confirmed, problems go back with the reason."""
    deadline = day(firm) + timedelta(days=30)
    order, follow_up = bought(firm, deadline=deadline.isoformat())
    (duty,) = firm.read("rep", lambda w: [d for d in my_duties(w) if d.key.startswith("production.")])
    assert (str(duty.title), duty.due) == (
        f"Tell purchasing what {order.party_name} needs",
        deadline - timedelta(days=10),
    )
    firm.move(follow_up, "tell")
    assert duties(firm, "purchaser") == [f"Urge the supplier of the goods for {order.party_name}"]
    supplier = firm.party(is_supplier=True)
    answer = {"supplier_id": supplier.id, "expected_on": "2026-12-15", "answer": "本周发货"}
    firm.move(follow_up, "urge", "purchaser", values=answer)
    firm.move(follow_up, "stop", "purchaser", values={"problem": "供应商缺料", "proposal": "改用二供"})
    assert duties(firm, "rep") == [f"Solve the problem with the goods for {order.party_name}: 供应商缺料"]
    firm.move(follow_up, "resume", values={"solution": "同意改用二供"})
    done = firm.move(follow_up, "arrive", "purchaser", values={"finished_on": day(firm).isoformat()})
    assert (done.state, done.told_on, done.urged_on) == ("arrived", day(firm), day(firm))
    assert [x.supplied for x in origins(firm, order)] == [Decimal(10)]


def test_where_the_clerk_tells_purchasing_the_duty_is_the_clerks(firm: Firm) -> None:
    firm.settings(production__purchase_notice_by="sales_clerk")
    order, _follow_up = bought(firm)
    assert duties(firm, "rep") == []
    assert duties(firm, "clerk") == [f"Tell purchasing what {order.party_name} needs"]


def test_what_has_not_come_is_not_confirmed(firm: Firm) -> None:
    _order, follow_up = bought(firm)
    firm.move(follow_up, "tell")
    tomorrow = (day(firm) + timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as refused:
        firm.move(follow_up, "arrive", "purchaser", values={"finished_on": tomorrow})
    assert [o.code for o in refused.value.objections] == ["production.future"]


def test_the_works_see_prices_only_where_nothing_before_them_agrees_any(works: Firm, other_firm: Firm) -> None:
    """The price goes along with the line either way."""
    order, made = planned(works)
    assert made.gross == order.gross > 0
    assert not told(works, made)
    alone = employed(other_firm)
    for area in ("contract", "quotation"):
        alone.as_program(lambda w, a=area: company.switch_off(w, a))  # type: ignore[misc]
    lines = [line(alone.item(), "2", "1000")]
    begun = alone.create(ProductionOrder, "maker", party_id=alone.party().id, lines=lines)
    assert told(alone, begun)


def told(firm: Firm, made: ProductionOrder) -> bool:
    """Whether the page of a production order names its price."""
    page = Visitor(site_of(firm), firm, "maker").get(f"/production/production-orders/{made.id}/")
    assert page.status_code == 200
    return money(made.lines[0].gross_price) in page.text
