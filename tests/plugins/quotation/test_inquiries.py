"""Inquiries reach the manager at once, are decided on where the company wants it, and become quotations."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from core.documents.reading import load
from core.duties.reading import my_duties
from core.errors import Forbidden, IllegalMove, Invalid, Refused, Unknown
from core.operations.flow import chain
from core.search import figures
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from plugins.quotation.documents import Inquiry, Quotation
from tests.plugins.quotation.test_price_lists import price_list


def received(firm: Firm, who: str = "rep", **values: object) -> Inquiry:
    """An inquiry for twelve lamps and something we do not list."""
    lines = [line(firm.item("120"), "12"), {"name": "控制器", "specification": "DMX512", "quantity": "1", "unit": "台"}]
    given = {"party_id": firm.party(who).id, "project": "体育馆亮化", "lines": lines, **values}
    return firm.create(Inquiry, who, **given)  # type: ignore[arg-type]


def titles(firm: Firm, who: str, *, ahead: int | None = None) -> list[str]:
    """What somebody has to do, in Chinese; within so many days ahead."""
    with speaking(CHINESE):
        return [str(duty.title) for duty in firm.read(who, lambda w: my_duties(w, ahead=ahead))]


def drafted(firm: Firm, who: str = "rep") -> Quotation:
    """The only quotation there is."""
    (row,) = firm.read(who, lambda w: figures.some(w, Quotation))
    return firm.read(who, lambda w: load(w, Quotation, row.id))


def test_an_inquiry_is_numbered_and_with_the_manager_at_once(firm: Firm) -> None:
    """QTN-01: without another step the manager has it among his duties, and so has who answers for it."""
    inquiry = received(firm)
    assert str(inquiry.number).startswith("XJ-")
    assert inquiry.gross == 0
    for who in ("rep", "manager", "boss"):
        assert titles(firm, who) == [f"请报价：{inquiry.party_name}，体育馆亮化"], who
    assert titles(firm, "rep2") == []
    assert titles(firm, "finance") == []


def test_where_the_company_decides_first_nothing_is_quoted_before(firm: Firm) -> None:
    """QTN-01: the manager decides whether to take part; who received the inquiry does not."""
    firm.settings(quotation__go_no_go=True)
    inquiry = received(firm)
    assert titles(firm, "manager") == [f"请决定是否参与：{inquiry.party_name}，体育馆亮化"]
    with pytest.raises(Refused) as refused:
        firm.move(inquiry, "quote")
    assert [o.code for o in refused.value.objections] == ["inquiry.undecided"]
    with pytest.raises(Forbidden):
        firm.move(inquiry, "accept")
    assert firm.move(inquiry, "accept", "manager").state == "accepted"
    assert titles(firm, "manager") == []
    assert firm.move(inquiry, "quote").state == "quoted"


def test_a_major_inquiry_is_decided_by_the_leader_as_well(firm: Firm) -> None:
    """QTN-01: from the amount on, equality included, the general manager is asked after the manager."""
    firm.settings(quotation__go_no_go=True, quotation__major_amount="50000")
    minor = received(firm, expected_amount="49999.99")
    assert firm.move(minor, "accept", "manager").state == "accepted"
    major = received(firm, expected_amount="50000")
    assert firm.move(major, "accept", "manager").approval == "pending"
    with pytest.raises(Forbidden):
        firm.agree(major, "manager")
    assert firm.agree(major, "boss", "参加").state == "accepted"
    assert firm.move(received(firm, expected_amount="90000"), "accept", "boss").state == "accepted"


def test_an_inquiry_becomes_a_draft_priced_from_the_lists(firm: Firm) -> None:
    """QTN-02: what was asked for comes over with quantities; prices are the list's, not the customer's wish."""
    lamp, party = firm.item("120"), firm.party(party_class="B")
    price_list(firm, "B26", lamp, ("10", "99"), party_class="B")
    lines = [line(lamp, "12", "1"), {"name": "控制器", "specification": "DMX512", "quantity": "2", "unit": "台"}]
    inquiry = firm.create(Inquiry, party_id=party.id, project="桥梁", contact_name="林工", lines=lines)
    assert firm.move(inquiry, "quote").state == "quoted"
    quotation = drafted(firm)
    assert (quotation.state, quotation.project, quotation.contact_name) == ("draft", "桥梁", "林工")
    assert [(x.name, x.quantity, x.gross_price, x.price_source) for x in quotation.lines] == [
        (lamp.name, Decimal(12), Decimal(99), "B26 价目表B26 ≥ 10"),
        ("控制器", Decimal(2), Decimal(0), ""),
    ]
    assert quotation.valid_until == quotation.date + timedelta(days=30)
    assert quotation.owner_id == inquiry.owner_id
    up, _down = firm.read("rep", lambda w: chain(w, quotation.id))
    assert [row.number for row in up] == [inquiry.number]


def test_an_inquiry_is_quoted_once(firm: Firm) -> None:
    inquiry = received(firm)
    firm.move(inquiry, "quote")
    with pytest.raises(IllegalMove):
        firm.move(inquiry, "quote")
    assert drafted(firm).state == "draft"


def test_an_inquiry_without_a_product_is_not_quoted(firm: Firm) -> None:
    inquiry = firm.create(Inquiry, party_id=firm.party().id, project="空")
    with pytest.raises(Refused) as refused:
        firm.move(inquiry, "quote")
    assert refused.value.objections[0].code == "inquiry.empty"


def test_dropping_an_inquiry_takes_a_reason_that_stays_on_it(firm: Firm) -> None:
    inquiry = received(firm)
    with pytest.raises(Invalid):
        firm.move(inquiry, "drop")
    done = firm.move(inquiry, "drop", "manager", reason="指定了别家品牌")
    assert done.state == "dropped"
    assert firm.read("rep", lambda w: load(w, Inquiry, inquiry.id)).outcome == "指定了别家品牌"
    assert titles(firm, "manager") == []


def test_a_late_inquiry_stays_with_the_manager(firm: Firm) -> None:
    """QTN-01: accepted ones are the representative's, until the deadline has passed."""
    today = firm.read("rep", lambda w: w.today)
    on_time = received(firm, deadline=str(today))
    late = received(firm, deadline=str(today - timedelta(days=1)), project="迟到的项目")
    for inquiry in (on_time, late):
        firm.move(inquiry, "accept", "manager")
    assert titles(firm, "manager") == [f"王小明逾期：请报价：{late.party_name}，迟到的项目"]
    assert len(titles(firm, "rep")) == 2


def test_an_inquiry_of_another_company_is_not_there(firm: Firm, other_firm: Firm) -> None:
    inquiry = received(firm)
    with pytest.raises(Unknown):
        other_firm.move(inquiry, "quote", "manager")
    assert titles(other_firm, "manager") == []
