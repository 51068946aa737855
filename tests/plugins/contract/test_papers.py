"""Contracts and orders on paper read as Chinese buyers expect them, in both languages."""

from __future__ import annotations

from core.documents.reading import load
from core.operations import flow
from core.printing.documents import paper_of, print_document
from core.printing.paper import Paper
from core.testing.builders import Firm
from plugins.contract.documents import Contract, Order
from plugins.production.documents import ProductionOrder
from tests.plugins.contract.agreements import USUAL, confirmed, drafted, ordered, released, signed


def paper(firm: Firm, contract: Contract | Order | ProductionOrder, language: str = "zh_Hans_CN") -> Paper:
    """The paper as it would be printed."""
    return firm.read("rep", lambda w: paper_of(w, load(w, type(contract), contract.id), language))


def test_the_contract_names_goods_clauses_payments_and_both_parties(firm: Firm) -> None:
    contract = drafted(firm, milestones=USUAL, subject="年度供货", signing_place="青岛")
    signed(firm, contract)
    printed = paper(firm, contract)
    assert [column.label.replace("\n", "") for column in printed.columns] == [
        "序号",
        "产品名称",
        "规格型号（牌号商标）",
        "生产厂家",
        "单位",
        "数量",
        "含税单价（元）",
        "金额（元）",
        "交（提）货时间及数量",
        "备注",
    ]
    assert printed.title == "购销合同"
    assert [name for name, _text in printed.terms][:4] == ["标的与价款", "双方权利义务", "质量标准", "包装"]
    (payments,) = printed.sections
    assert [row[-2:] for row in payments.rows] == [("30%", "3,000.00"), ("70%", "7,000.00")]
    buyer, supplier = printed.closing
    assert (buyer.title, supplier.title) == ("需方（甲方）", "供方（乙方）")
    facts = dict(buyer.pairs)
    assert (facts["单位名称（章）"], facts["委托代理人"]) == (contract.party_name, "林总")
    assert dict(supplier.pairs)["委托代理人"] == "陈总"
    assert printed.words[0][1] == "人民币壹万元整"


def test_every_paper_can_be_set_in_every_language(firm: Firm) -> None:
    contract = drafted(firm, milestones=USUAL, payment_terms="三七")
    firm.settings(contract__advance="off")
    released(firm, contract)
    order = ordered(firm)
    confirmed(firm, order)
    (key,) = firm.as_program(lambda w: flow.descendants(w, contract.id))
    plan = firm.read("rep", lambda w: load(w, ProductionOrder, key))
    for document in (contract, order, plan):
        for language in ("zh_Hans_CN", "en", "both"):
            pdf = print_document(firm.program.works, firm.ask("rep"), type(document), document.id, language)
            assert pdf.startswith(b"%PDF"), (type(document), language)
