"""An order is filled in, reviewed, repeated to the customer, and only then worked on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.duties.reading import my_duties
from core.errors import Invalid, Refused
from core.operations import flow
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from plugins.contract.documents import Contract, Order
from plugins.quotation.documents import Quotation
from tests.plugins.contract.agreements import CONFIRMED, confirmed, day, ordered

GAPS: dict[str, tuple[dict[str, Any], str]] = {
    "contact": ({"contact_name": ""}, "联系人"),
    "phone": ({"contact_phone": ""}, "联系电话"),
    "day": ({"deadline": None}, "交货日期或提货时间"),
    "place": ({"address": ""}, "交货地点"),
    "goods": ({"lines": []}, "标的（产品或服务）"),
    "quantity": ({"lines": [{"quantity": "0"}]}, "数量"),
    "price": ({"lines": [{"gross_price": "0"}]}, "单价"),
}


@pytest.mark.parametrize("gap", GAPS)
def test_an_order_sheet_with_a_gap_is_not_submitted(firm: Firm, gap: str) -> None:
    """CTR-01: each of what the sheet has to say is missed by its name, and nothing else is."""
    order = ordered(firm)
    given, missing = GAPS[gap]
    rows = {"lines": [{"id": order.lines[0].id, **row} for row in given["lines"]]} if "lines" in given else {}
    firm.edit(order, **(given | rows))
    with pytest.raises(Refused) as refused:
        firm.move(order, "submit")
    (told,) = [o for o in refused.value.objections if o.code == "order.incomplete"]
    with speaking(CHINESE):
        said = {word for _given, word in GAPS.values() if word in str(told.text)}
    # Without goods there is no quantity and no price; without a quantity no amount.
    also = {"goods": {"数量", "单价"}, "quantity": {"单价"}}.get(gap, set())
    assert said == {missing} | also


def test_the_order_is_repeated_to_the_customer_before_anybody_works_on_it(firm: Firm) -> None:
    """CTR-01, CTR-18: who confirmed what was repeated to him, when and how, is kept; then the release, not before."""
    said = {"special_demands": "外圈打字 HJ", "contact_name": "林工", "pick_up_time": "下午"}
    order = ordered(firm, **said)
    firm.move(order, "submit")
    with pytest.raises(Refused) as refused:
        firm.move(order, "release")
    assert [o.code for o in refused.value.objections] == ["order.unconfirmed"]
    with pytest.raises(Invalid):
        firm.move(order, "confirm", values={"confirmed_on": day(firm).isoformat()})
    firm.move(order, "confirm", values={"confirmed_on": day(firm).isoformat(), **CONFIRMED})
    assert firm.move(order, "release").state == "released"
    kept = firm.read("rep", lambda w: load(w, Order, order.id))
    assert (kept.confirmed_on, kept.confirmed_by, kept.confirmed_way) == (day(firm), "林工", "phone")
    assert {name: getattr(kept, name) for name in said} == said


def test_a_company_may_release_without_a_confirmation(firm: Firm) -> None:
    firm.settings(contract__confirmation="false")
    order = ordered(firm)
    firm.move(order, "submit")
    assert firm.move(order, "release").state == "released"


def test_a_revised_order_is_repeated_anew(firm: Firm) -> None:
    order = ordered(firm)
    confirmed(firm, order)
    firm.move(order, "revise")
    firm.move(order, "submit")
    with pytest.raises(Refused) as refused:
        firm.move(order, "release")
    assert [o.code for o in refused.value.objections] == ["order.unconfirmed"]


def test_pick_up_needs_a_time_and_no_place(firm: Firm) -> None:
    order = ordered(firm, pick_up=True, pick_up_time="周五上午")
    order = firm.edit(order, deadline=None, address="")
    assert firm.move(order, "submit").state == "reviewed"


def test_an_order_by_phone_needs_the_manager_and_where_necessary_the_leader(firm: Firm) -> None:
    """CTR-07: executed only after the manager's, where necessary the leader's confirmation."""
    for way in ("phone", "fax"):
        order = ordered(firm, way=way)
        assert firm.move(order, "submit").approval == "pending"
        assert firm.agree(order, "manager").state == "reviewed"
    order = ordered(firm, way="phone", leader_review=True)
    firm.move(order, "submit")
    assert firm.agree(order, "manager").approval == "pending"
    assert firm.agree(order, "boss").state == "reviewed"
    assert firm.move(ordered(firm, way="signed"), "submit").state == "reviewed"


def test_departments_that_are_convened_review_an_order_too(firm: Firm) -> None:
    order = ordered(firm, technical_review=True, finance_review=True)
    firm.move(order, "submit")
    assert firm.agree(order, "engineer").approval == "pending"
    assert firm.agree(order, "finance").state == "reviewed"


def test_findings_go_back_to_the_representative(strict_firm: Firm) -> None:
    order = ordered(strict_firm)
    strict_firm.move(order, "submit")
    done = strict_firm.reject(order, "manager", "交期太紧，请与客户商定")
    assert (done.state, done.approval) == ("draft", "rejected")
    titles = strict_firm.read("rep", lambda w: [str(d.title) for d in my_duties(w)])
    assert f"Mend the refused order of {order.party_name}" in titles


@pytest.mark.parametrize(("entry", "cls"), [("contract", Contract), ("order", Order)])
def test_an_accepted_offer_becomes_what_the_company_begins_with(
    firm: Firm, entry: str, cls: type[Contract] | type[Order]
) -> None:
    firm.settings(contract__entry=entry)
    quotation = firm.create(
        Quotation, party_id=firm.party().id, project="桥梁", warranty="两年", lines=[line(firm.item("100"), "3")]
    )
    for move in ("submit", "send", "accept"):
        firm.move(quotation, move)
    _up, down = firm.read("rep", lambda w: flow.chain(w, quotation.id))
    (row,) = down
    made = firm.read("rep", lambda w: load(w, cls, row.id))
    assert (made.state, made.project, made.warranty, made.gross) == ("draft", "桥梁", "两年", Decimal("300.00"))


def test_a_company_may_put_drafts_together_by_hand(firm: Firm) -> None:
    firm.settings(contract__drafts="false")
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item("100"), "3")])
    for move in ("submit", "send", "accept"):
        firm.move(quotation, move)
    (row,) = firm.read("rep", lambda w: flow.waiting(w, Contract))
    assert row.left == Decimal(3)
    made = firm.run("rep", lambda w: flow.take(w, Contract, [(row.line_id, Decimal(2))]))
    assert made.gross == Decimal("200.00")


def test_an_order_counts_as_exposure_until_it_is_invoiced_or_ends(firm: Firm) -> None:
    order = ordered(firm)
    confirmed(firm, order)
    party_id = order.party_id or 0

    def exposure() -> list[tuple[str, Decimal]]:
        return firm.read(
            "finance",
            lambda w: [(e.key, e.amount) for e in w.hooks.party_exposure(party_id) if e.key.startswith("contract.")],
        )

    assert exposure() == [("contract.order.ordered", Decimal("10000.00"))]
    firm.move(order, "cancel", reason="客户取消")
    assert exposure() == []
