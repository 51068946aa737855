"""What is printed of service and returns, and what is told of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app import Program
from core.documents.reading import load
from core.operations.flow import offers
from core.printing.documents import paper_of, print_document
from core.testing.builders import Firm, line
from core.text import CHINESE
from plugins.aftersales.documents import Case, Return
from tests.plugins.logistics.goods import again, shipped, shop, sold, stored, taken
from tests.plugins.logistics.test_papers_and_reports import rows


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes, delivers and serves."""
    return shop(program, "quotation", "logistics", "aftersales")


def returned(firm: Firm, *, exchanged: bool = False) -> Return:
    """An approved return of two of five lamps."""
    lamp = firm.item("113", name="洗墙灯")
    stored(firm, lamp, "5")
    delivery = again(firm, shipped(firm, taken(firm, sold(firm, (lamp, "5")))))
    wanted = [(delivery.lines[0].id, Decimal(2))]
    given = {"reason_kind": "quality"}
    request = firm.run("rep", lambda w: offers.begin(w, Return, wanted, given, exchanged=exchanged))
    firm.move(request, "confirm", "manager")
    firm.move(request, "examine", "engineer", values={"finding": "驱动故障", "disposal": "maker"})
    return firm.move(request, "approve", "manager")


def test_the_return_note_says_from_which_document_how_many_of_how_many_and_why(firm: Firm) -> None:
    request = returned(firm)
    paper = firm.read("clerk", lambda w: paper_of(w, load(w, Return, request.id), CHINESE))
    assert paper.title == "退货单"
    row = dict(zip([c.label for c in paper.columns], paper.rows[0], strict=True))
    assert row["原数量"] == "5"
    assert row["退货数量"] == "2"
    assert row["金额"] == "226.00"
    assert (row["退货原因"], row["处置方式"]) == ("质量问题", "返厂")
    assert row["原单号"].startswith("BJ-")
    pdf = print_document(firm.program.works, firm.ask("clerk"), Return, request.id, "both")
    assert pdf.startswith(b"%PDF")


def test_the_form_of_a_service_request_has_its_boxes_and_the_warranty(firm: Firm) -> None:
    lamp = firm.item("113", name="洗墙灯")
    stored(firm, lamp, "5")
    party = firm.party().id
    shipped(firm, taken(firm, sold(firm, (lamp, "5"), party_id=party)))
    case = firm.create(Case, party_id=party, fault="灯珠不亮", lines=[line(lamp, "1")])
    paper = firm.read("clerk", lambda w: paper_of(w, load(w, Case, case.id), CHINESE))
    assert paper.title == "售后服务申请表"
    products = paper.sections[0]
    row = dict(zip([c.label for c in products.columns], products.rows[0], strict=True))
    assert row["产品名称"] == "洗墙灯"
    assert row["保修期至"]
    assert "□ 很满意" in paper.sections[-1].text
    assert print_document(firm.program.works, firm.ask("clerk"), Case, case.id, "zh").startswith(b"%PDF")


def test_open_requests_are_told_until_the_customer_was_informed(firm: Firm) -> None:
    case = firm.create(Case, party_id=firm.party().id, fault="不亮", case_kind="repair")
    firm.create(Case, party_id=firm.party().id, fault="要培训", case_kind="training")
    assert len(rows(firm, "aftersales.open")) == 2
    (row,) = rows(firm, "aftersales.open", case_kind="repair")
    assert row["number"] == case.number
    firm.move(case, "refuse", "manager", reason="不属于本公司产品")
    assert rows(firm, "aftersales.open", case_kind="repair") == []


def test_returns_are_counted_by_their_reason(firm: Firm) -> None:
    returned(firm)
    returned(firm, exchanged=True)
    (row,) = rows(firm, "aftersales.reasons")
    assert (row["made"], row["exchanged"], row["amount"]) == (2, 1, Decimal(452))
    assert str(row["reason"]) in ("质量问题", "Quality defect")
