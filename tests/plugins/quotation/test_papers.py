"""Only what is approved is printed; the paper says what was agreed to, in Chinese, English or both."""

from __future__ import annotations

import io
import re
from hashlib import sha256
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from core.documents.reading import load
from core.errors import Conflict, Forbidden, Refused, Unknown
from core.operations.company import describe
from core.operations.printing import printed
from core.printing.documents import paper_of, print_document
from core.records.models import DocumentEdition, History
from core.testing.builders import Firm, line
from core.text import CHINESE, ENGLISH, speaking
from plugins.quotation.documents import Inquiry, Quotation

ABOUT = {
    "name_en": "Dahua Lighting Co., Ltd.",
    "address": "杭州市临平区塘栖路18号",
    "phone": "0571-86001234",
    "bank": "中国工商银行杭州临平支行",
    "bank_account": "1202000011112222333",
}


def approved(firm: Firm, **values: Any) -> Quotation:
    """A quotation over two products and a service that is not listed."""
    firm.as_program(lambda w: describe(w, ABOUT))
    lamp = firm.item("113", name="室外洗墙灯", name_en="Wall washer", specification="24W DC24V", brand="大华")
    party = firm.party(
        name="上海浦江会展工程有限公司", name_en="Pujiang Exhibition", payment_terms="预付30%，货到付70%"
    )
    lines = [
        line(lamp, "36.5", lead_time="15天"),
        line(lamp, "2", "120", discount_rate="0.05"),
        {"name": "现场调试", "unit": "项", "quantity": "1", "gross_price": "500"},
    ]
    given = {"project": "外滩亮化", "warranty": "两年", "contact_name": "单晓明", "remark": "不含电源改造", **values}
    return firm.move(firm.create(Quotation, party_id=party.id, lines=lines, **given), "submit")


def text_of(pdf: bytes) -> str:
    """What a reader sees, without the blanks and line ends that a PDF reader guesses."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages).replace("\u00a0", " "))


def paper(firm: Firm, quotation: Quotation, language: str, who: str = "rep") -> bytes:
    """The quotation printed by somebody."""
    return print_document(firm.program.works, firm.ask(who), Quotation, quotation.id, language)


def test_the_chinese_paper_has_the_usual_columns_the_words_and_the_terms(firm: Firm) -> None:
    quotation = approved(firm)
    found = text_of(paper(firm, quotation, "zh"))
    whole = found.replace(" ", "")
    columns = firm.read("rep", lambda w: paper_of(w, load(w, Quotation, quotation.id), CHINESE)).columns
    heads = ("序号", "产品名称", "规格型号", "品牌", "单位", "数量", "含税单价（元）", "金额（元）", "交货期", "备注")
    assert tuple(column.label for column in columns) == heads
    assert "室外洗墙灯" in whole
    assert "4,124.50" in found
    # 36.5 × 113 + 2 × 120 × 0.95 + 500, the discount in the price: quantity × price is the amount.
    assert "114.00" in found
    assert "4,852.50" in found
    assert "人民币肆仟捌佰伍拾贰元伍角" in whole
    assert "¥4,852.50" in found
    for said in (
        "报价说明",
        "报价含13%增值税",
        "预付30%，货到付70%",
        "质保期",
        "两年",
        "报价人",
        "客户确认（签字盖章）",
    ):
        assert said in whole, said
    assert "第1页/共1页" in whole
    assert str(quotation.number) in found


def test_the_english_paper_is_english_but_for_names_without_one(firm: Firm) -> None:
    found = text_of(paper(firm, approved(firm, warranty="Two years", remark="", project="Bund"), "en"))
    for said in (
        "QUOTATION",
        "Dahua Lighting Co., Ltd.",
        "Pujiang Exhibition",
        "Wall washer",
        "Say RMB four thousand eight hundred fifty-two and cents fifty only",
        "Prices include value-added tax at 13%.",
        "Page 1 of 1",
    ):
        assert said in found, said
    assert "报价" not in found
    assert "洗墙灯" not in found


def test_both_languages_stand_on_one_paper(firm: Firm) -> None:
    found = text_of(paper(firm, approved(firm), "both")).replace(" ", "")
    for said in ("报价单", "QUOTATION", "室外洗墙灯", "Wallwasher", "人民币肆仟捌佰伍拾贰元伍角", "SayRMBfourthousand"):
        assert said in found, said


def test_what_was_said_among_us_is_not_printed_for_the_customer(strict_firm: Firm) -> None:
    """QTN-05: an approved quotation is printed without the opinions and reasons of those who agreed."""
    firm = strict_firm
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item("120000"))])
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager", "同意，注意回款")
    firm.agree(quotation, "boss", "可以")
    whole = text_of(paper(firm, quotation, "zh")).replace(" ", "")
    assert "洗墙灯" in whole
    for said in ("注意回款", "可以", "销售经理审批"):
        assert said not in whole, said


def test_a_draft_is_not_printed(strict_firm: Firm) -> None:
    """QTN-05: neither a draft, nor what waits for consent, nor a revision, nor what was cancelled."""
    firm = strict_firm
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])

    def refuse(reason: str) -> None:
        with pytest.raises(Refused) as refused:
            paper(firm, quotation, "zh")
        assert refused.value.objections[0].code == "print.draft"
        with speaking(CHINESE):
            assert str(refused.value) == f"只有已审批的单据才能打印；本单状态为“{reason}”。"

    refuse("草稿")
    firm.move(quotation, "submit")
    refuse("草稿")
    firm.agree(quotation, "manager")
    assert paper(firm, quotation, "zh").startswith(b"%PDF")
    firm.move(quotation, "revise")
    refuse("草稿")
    firm.move(quotation, "cancel", reason="改做别的")
    with pytest.raises(Refused):
        paper(firm, quotation, "zh")


def test_every_print_is_in_the_history_with_the_hash_of_its_paper(firm: Firm) -> None:
    """QTN-05: who printed which revision in which language; the version stays, so an open page goes on."""
    quotation = approved(firm)
    papers = [paper(firm, quotation, "zh"), paper(firm, quotation, "en", "manager")]
    statement = select(History).where(History.document_id == quotation.id, History.what == "print").order_by(History.id)
    entries = firm.read("boss", lambda w: list(w.session.scalars(statement)))
    told = [(e.actor_id, e.changes["language"], e.changes["paper"]) for e in entries]
    assert told == [
        (firm.people["rep"], [None, CHINESE], [None, sha256(papers[0]).hexdigest()]),
        (firm.people["manager"], [None, ENGLISH], [None, sha256(papers[1]).hexdigest()]),
    ]
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert (again.prints, again.version) == (2, quotation.version)
    assert firm.move(quotation, "send", version=quotation.version).state == "sent"
    kept = firm.read("rep", lambda w: list(w.session.scalars(select(DocumentEdition))))
    assert [(e.revision, e.paper_hash) for e in kept] == [(1, sha256(papers[0]).hexdigest())]
    assert firm.move(quotation, "revise").revision == 2


def test_a_paper_whose_content_has_changed_meanwhile_does_not_count(firm: Firm) -> None:
    quotation = approved(firm)
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: printed(w, Quotation, quotation.id, edition=99, language="en", paper_hash="x"))
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).prints == 0


def test_who_may_not_print_gets_no_paper(firm: Firm, other_firm: Firm) -> None:
    quotation = approved(firm)
    with pytest.raises(Unknown):
        paper(firm, quotation, "zh", "rep2")
    with pytest.raises(Forbidden):
        paper(firm, quotation, "zh", "purchaser")
    with pytest.raises(Unknown):
        print_document(other_firm.program.works, other_firm.ask("boss"), Quotation, quotation.id, "zh")


def test_an_inquiry_prints_by_its_declaration_in_any_state(firm: Firm) -> None:
    lines = [{"name": "控制器", "specification": "DMX512", "quantity": "3", "unit": "台", "remark": "急"}]
    inquiry = firm.create(Inquiry, party_id=firm.party().id, project="体育馆", priority="urgent", lines=lines)
    pdf = print_document(firm.program.works, firm.ask("rep"), Inquiry, inquiry.id, "zh")
    found = text_of(pdf).replace(" ", "")
    for said in ("询价单", "体育馆", "控制器", "DMX512", "紧急", str(inquiry.number)):
        assert said in found, said
