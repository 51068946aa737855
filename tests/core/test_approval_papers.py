"""The approval sheet: step, person, opinion and day of every consent to the present edition, in both languages."""

from __future__ import annotations

import io
from datetime import date

import pytest
from pypdf import PdfReader

from core.documents.reading import load
from core.operations import decide, standing_in, turning
from core.printing import forms
from core.printing.documents import paper_of, papers_of, print_document
from core.roles import FINANCE, GENERAL_MANAGER, PURCHASING, SALES_MANAGER
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.text import CHINESE, ENGLISH
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import offered, policy, step
from tests.core.test_approval_turns import turn


@pytest.fixture
def today(firm: Firm) -> date:
    """The company's day."""
    return firm.as_program(lambda w: w.today)


def rows(firm: Firm, quotation: Quotation, language: str = CHINESE) -> list[tuple[str, ...]]:
    """The table of consents on the sheet."""

    def look(work: Work) -> list[tuple[str, ...]]:
        sheet = forms.approval_sheet(work, load(work, Quotation, quotation.id), language)
        return [row for section in sheet.sections for row in section.rows]

    return firm.read("rep", look)


def test_every_seat_that_decided_is_on_it_with_its_words(firm: Firm, today: date) -> None:
    """PLT-06: 审批意见: whoever stands in with both names, advice as such, and not who only read it."""
    copied = step(PURCHASING, mode="copy")
    policy(
        firm,
        step(SALES_MANAGER, name="经理审核"),
        copied,
        step(FINANCE, name="财务"),
        step(GENERAL_MANAGER, name="总经理"),
    )
    quotation = offered(firm)
    firm.move(quotation, "submit")
    turn(firm, "manager", quotation, turning.call_in, [firm.people["engineer"]], "advice")
    firm.reject(quotation, "engineer", "交期偏紧")
    firm.agree(quotation, "manager", "同意，注意交期")
    firm.run("purchaser", lambda w: decide.read(w, quotation.id))
    assert rows(firm, quotation)[0][:3] == ("经理审核", "张伟", "已同意\n同意，注意交期")
    firm.run("finance", lambda w: standing_in.stand_in(w, firm.people["clerk"], today, today))
    firm.agree(quotation, "clerk")
    firm.agree(quotation, "boss", "准")
    found = rows(firm, quotation)
    assert [row[0] for row in found] == ["经理审核", "经理审核（征求意见）", "财务", "总经理"]
    assert [row[1] for row in found] == ["张伟", "周工", "刘洋（代赵敏）", "陈总"]
    assert found[1][2].endswith("交期偏紧")
    assert found[3][3] == f"{today.year}年{today.month}月{today.day}日"
    english = rows(firm, quotation, ENGLISH)
    assert english[0][1:3] == ("Zhang Wei", "Agreed\n同意，注意交期")


def test_only_the_present_edition_and_no_refused_round(firm: Firm) -> None:
    """PLT-06: what was refused, taken back, or said to an earlier version is not on the paper of this one."""
    policy(firm, step(SALES_MANAGER), step(FINANCE), step(GENERAL_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager", "第一轮")
    firm.reject(quotation, "finance", "账期太长")
    assert rows(firm, quotation) == []
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager", "第二轮")
    firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id))
    assert rows(firm, quotation) == []
    firm.move(quotation, "submit")
    for who in ("manager", "finance", "boss"):
        firm.agree(quotation, who, "第三轮")
    assert [row[2] for row in rows(firm, quotation)] == ["已同意\n第三轮"] * 3
    firm.move(quotation, "revise")
    assert rows(firm, quotation) == []


def test_consents_that_stand_after_it_was_sent_back_are_on_it(firm: Firm) -> None:
    """PLT-06: 直达退回人: the manager's consent stands, with the words and the day that he gave it."""
    policy(firm, step(SALES_MANAGER), step(FINANCE))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager", "同意")
    back = turn(firm, "finance", quotation, turning.send_back, opinion="请补账期", resume="straight")
    firm.move(firm.edit(back, subject="账期30天"), "submit")
    firm.agree(quotation, "finance", "可")
    assert [row[1:3] for row in rows(firm, quotation)] == [("张伟", "已同意\n同意"), ("赵敏", "已同意\n可")]


def test_it_stays_in_the_house_beside_the_customers_paper(firm: Firm) -> None:
    """PLT-06: the customer's paper says nothing of consents; the sheet is printed from the page."""
    policy(firm, step(SALES_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager", "注意回款")

    def look(work: Work) -> tuple[list[str], list[str]]:
        document = load(work, Quotation, quotation.id)
        theirs = paper_of(work, document, CHINESE)
        return [section.title for section in theirs.sections], list(papers_of(work, Quotation))

    sections, keys = firm.read("rep", look)
    assert sections == []
    assert keys == ["quotation", "approval"]
    for cls in (Contract, Order):
        assert firm.read("rep", lambda w, c=cls: list(papers_of(w, c)))[-1] == "approval"  # type: ignore[misc]
    for language in ("zh_Hans_CN", "en", "both"):
        pdf = print_document(firm.program.works, firm.ask("rep"), Quotation, quotation.id, language, "approval")
        assert "注意回款" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    page = Visitor(site_of(firm), firm, "rep").get(f"/quotation/quotations/{quotation.id}/").text
    assert "form=approval" in page
