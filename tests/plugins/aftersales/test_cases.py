"""Service after the sale: every step by who may take it, and whether a product is in warranty at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.duties.reading import my_duties
from core.entities.item import Item
from core.errors import Forbidden, IllegalMove, Invalid, Refused
from core.hooks.values import Panel
from core.operations import flow
from core.records.reading import entries
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import ENGLISH, speaking
from plugins.aftersales.documents import Case, Return
from plugins.logistics.documents import Delivery, ReturnReceipt
from tests.plugins.contract.agreements import confirmed, drafted, ordered, released
from tests.plugins.logistics.goods import again, codes, findings, raised, shipped, shop, sold, stored, taken

STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("confirm", "manager", {}),
    ("file", "clerk", {}),
    ("decide", "engineer", {"handling": "visit", "visit_on": "2026-12-01", "cause": "驱动老化"}),
    ("report", "engineer", {"outcome": "solved", "result": "已更换驱动", "material": "35"}),
    ("inform", "clerk", {"satisfaction": "very"}),
)


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes, delivers and serves."""
    return shop(program, "quotation", "logistics", "aftersales")


def asked(firm: Firm, item: Item | None = None, party_id: int | None = None, **values: Any) -> Case:
    """A service request of a representative."""
    given = {"fault": "灯珠不亮", "party_id": party_id or firm.party().id, **values}
    return firm.create(Case, lines=[line(item, "1")] if item else [], **given)


def test_a_request_goes_from_the_managers_word_to_the_customers(firm: Firm) -> None:
    """AFS-01: manager, clerk, technical department twice, clerk; each step with who took it and when."""
    case = asked(firm)
    for move, who, values in STEPS:
        firm.move(case, move, who, values=values)
    done = again(firm, case)
    assert (done.state, done.handling, done.result, done.satisfaction) == ("closed", "visit", "已更换驱动", "very")
    told = firm.run("boss", lambda w: entries(w, Case, case.id))
    steps = [(row["what"], row["actor_id"]) for row in reversed(told) if row["what"] != "create"]
    assert steps == [(move, firm.people[who]) for move, who, _values in STEPS]
    assert all(row["at"] for row in told)


def test_each_step_is_taken_by_its_own_people_only(firm: Firm) -> None:
    case = asked(firm)
    strangers = {"confirm": "rep", "file": "engineer", "decide": "clerk", "report": "manager", "inform": "rep"}
    for move, who, values in STEPS:
        raised(lambda m=move, v=values: firm.move(case, m, strangers[m], values=v), Forbidden)  # type: ignore[misc]
        firm.move(case, move, who, values=values)


def test_the_next_step_is_a_duty_of_those_who_take_it(firm: Firm) -> None:
    case = asked(firm)
    for move, who, values in STEPS:
        assert f"aftersales.case.{move}:{case.id}" in duties(firm, who)
        assert f"aftersales.case.{move}:{case.id}" not in duties(firm, "rep")
        firm.move(case, move, who, values=values)
    assert not [key for key in duties(firm, "clerk") if key.endswith(f":{case.id}")]


def duties(firm: Firm, who: str) -> list[str]:
    return firm.read(who, lambda w: [duty.key for duty in my_duties(w)])


def test_nobody_is_sent_without_knowing_why(firm: Firm) -> None:
    case = asked(firm, fault="")
    assert codes(raised(lambda: firm.move(case, "confirm", "manager"), Refused).objections) == ["aftersales.fault"]


def test_the_technical_department_says_how_and_with_which_result(firm: Firm) -> None:
    case = asked(firm)
    firm.move(case, "confirm", "manager")
    firm.move(case, "file", "clerk")
    assert raised(lambda: firm.move(case, "decide", "engineer"), Invalid).faults[0].path == "handling"
    stranger = shop(firm.program, "aftersales", code="other").people["engineer"]
    wrong = {"handling": "visit", "technician_id": stranger}
    assert (
        raised(lambda: firm.move(case, "decide", "engineer", values=wrong), Invalid).faults[0].path == "technician_id"
    )
    firm.move(case, "decide", "engineer", values={"handling": "remote"})
    refusal = raised(lambda: firm.move(case, "report", "engineer"), Invalid)
    assert {fault.path for fault in refusal.faults} == {"outcome", "result"}


def test_what_is_not_solved_goes_on_and_what_was_told_is_over(firm: Firm) -> None:
    case = asked(firm)
    for move, who, values in STEPS[:4]:
        firm.move(case, move, who, values=values)
    assert firm.move(case, "resume", "clerk", reason="客户反映仍有一盏不亮").state == "handled"
    firm.move(case, "report", "engineer", values={"outcome": "replaced", "result": "整灯更换"})
    firm.move(case, "inform", "clerk")
    raised(lambda: firm.move(case, "resume", "clerk", reason="晚了"), IllegalMove)


def warranty(firm: Firm, case: Case, who: str = "rep") -> Panel:
    loaded = again(firm, case, who)
    return next(p for p in firm.read(who, lambda w: w.hooks.document_panels(loaded)) if p.key == "aftersales.warranty")


def answers(firm: Firm, case: Case) -> list[tuple[str, str]]:
    """Until when, and whether it is in warranty, as an English reader sees it."""
    with speaking(ENGLISH):
        return [(str(row[4]), str(row[5])) for row in warranty(firm, case).rows]


def delivered(firm: Firm, item: Item, party_id: int, day: str) -> Delivery:
    """Goods that left on a day."""
    stored(firm, item, "1")
    draft = taken(firm, sold(firm, (item, "1"), party_id=party_id))
    firm.edit(draft, "clerk", date=day)
    return shipped(firm, draft)


def test_warranty_is_answered_at_once_for_every_delivery_of_the_product(firm: Firm) -> None:
    """AFS-08: in or out, counted from each delivery to this customer, by the product's months or the company's."""
    lamp, party = firm.item("100"), firm.party().id
    delivered(firm, lamp, party, "2025-06-30")
    delivered(firm, lamp, party, "2024-02-29")
    delivered(firm, lamp, firm.party().id, "2026-01-01")
    case = asked(firm, lamp, party, date="2026-06-29")
    assert answers(firm, case) == [("2026-06-29", "In warranty"), ("2025-02-27", "Out of warranty")]
    late = asked(firm, lamp, party, date="2026-06-30")
    assert answers(firm, late)[0] == ("2026-06-29", "Out of warranty")
    firm.settings(aftersales__warranty_months="24")
    assert answers(firm, late)[0] == ("2027-06-29", "In warranty")
    has_months(firm, lamp, 3)
    assert answers(firm, late)[0] == ("2025-09-29", "Out of warranty")
    has_months(firm, lamp, 0)
    assert answers(firm, late)[0] == ("2025-06-29", "Out of warranty")
    has_months(firm, lamp, None)
    assert answers(firm, late)[0] == ("2027-06-29", "In warranty")


def has_months(firm: Firm, item: Item, months: int | None) -> None:
    """The product says of its own how long its warranty is, as a program writes it through the interface."""
    api = api_for(firm, "clerk")
    path = f"/core/items/{item.id}"
    told = said(api.patch(path, {"warranty_months": months}, said(api.get(path))["version"]))
    assert told["warranty_months"] == months


def test_what_came_back_for_good_is_in_no_warranty(firm: Firm) -> None:
    """AFS-08: of two deliveries, that of which everything came back is left out."""
    lamp, party = firm.item("100"), firm.party().id
    first = delivered(firm, lamp, party, "2026-01-31")
    delivered(firm, lamp, party, "2026-03-31")
    case = asked(firm, lamp, party, date="2026-06-29")
    assert len(answers(firm, case)) == 2
    wanted = [(first.lines[0].id, Decimal(1))]
    request = firm.run("rep", lambda w: flow.take_back(w, Return, wanted, reason_kind="quality"))
    firm.move(request, "confirm", "manager")
    firm.move(request, "examine", "engineer", values={"finding": "坏了"})
    firm.move(request, "approve", "manager")
    assert len(answers(firm, case)) == 2, "it is still on its way"
    key = firm.read("clerk", lambda w: flow.chain(w, request.id)[1][0].id)
    receipt = firm.read("clerk", lambda w: load(w, ReturnReceipt, key))
    firm.move(receipt, "inspect", "clerk", values={"disposal": "scrap"})
    firm.move(receipt, "store", "clerk")
    assert answers(firm, case) == [("2027-03-30", "In warranty")]


def test_what_was_agreed_in_a_contract_holds(program: Program) -> None:
    """AFS-08: 36 months by the contract, whatever the product and the company say; an order says nothing of it."""
    firm = shop(program, "contract", "aftersales")
    firm.today = date(2026, 1, 5)
    lamp, party = firm.item("100", warranty_months=6), firm.party().id
    order = ordered(firm, party_id=party, lines=[line(lamp, "1")])
    firm.move(confirmed(firm, order), "release")
    case = asked(firm, lamp, party, date="2026-07-05")
    assert answers(firm, case) == [("2026-07-04", "Out of warranty")]
    firm.today = date(2026, 2, 1)
    given: dict[str, Any] = {
        "party_id": party,
        "lines": [line(lamp, "1")],
        "warranty_months": 36,
        "warranty_starts": "acceptance",
    }
    contract = released(firm, drafted(firm, **given))
    late = asked(firm, lamp, party, date="2027-10-01")
    assert answers(firm, late)[0] == ("2029-01-31", "In warranty")
    firm.today = date(2026, 5, 9)
    firm.move(contract, "accept", values={"accepted_on": "2026-05-09", "accepted_by": "林总"})
    assert answers(firm, late) == [("2029-05-09", "In warranty"), ("2026-07-04", "Out of warranty")]
    assert [row[3] for row in warranty(firm, late).rows] == [36, 6]


def test_without_a_delivery_of_ours_the_day_on_which_it_was_bought_counts(firm: Firm) -> None:
    lamp = firm.item("100")
    unknown = asked(firm, lamp)
    assert answers(firm, unknown)[0][1].startswith("Not known")
    bought = asked(firm, lamp, bought_on="2026-03-01", date="2027-02-28")
    assert answers(firm, bought) == [("2027-02-28", "In warranty")]


def test_warranty_is_answered_where_nobody_keeps_deliveries(program: Program) -> None:
    """Without logistics what was sold counts as delivered."""
    firm = shop(program, "quotation", "aftersales")
    lamp, party = firm.item("100"), firm.party().id
    sold(firm, (lamp, "1"), party_id=party)
    today = firm.as_program(lambda w: w.today)
    case = asked(firm, lamp, party)
    assert [one for _until, one in answers(firm, case)] == ["In warranty"]
    assert warranty(firm, case).rows[0][2] == today


@pytest.mark.parametrize("count", [1, 50])
def test_the_answer_takes_the_same_statements_for_any_number_of_products(firm: Firm, count: int) -> None:
    items = [firm.item("100") for _n in range(count)]
    case = firm.create(Case, party_id=firm.party().id, fault="不亮", lines=[line(item, "1") for item in items])
    loaded = again(firm, case, "rep")
    with counted(firm.program.engine) as statements:
        panels = firm.read("rep", lambda w: w.hooks.document_panels(loaded))
    assert len(panels[0].rows) == count
    assert len(statements) <= 5, statements
    assert findings(firm) == []


def test_the_deadline_of_an_answer_is_the_companys(firm: Firm) -> None:
    firm.settings(aftersales__answer_days="5")
    case = asked(firm, date="2026-03-02")
    assert case.deadline is not None
    assert isinstance(case.deadline, date)
    assert (case.deadline - firm.as_program(lambda w: w.today)).days == 5
