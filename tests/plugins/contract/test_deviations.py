"""What a contract says otherwise than the approved offer is shown line by line and agreed to once more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from core.documents.reading import load
from core.entities.tax import TaxRate
from core.operations import discard, flow
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.deviations import deviations
from plugins.quotation.documents import Quotation

TERMS: dict[str, Any] = {"payment_terms": "货到付款", "delivery_terms": "送货上门", "warranty": "两年"}


def offered(firm: Firm, rows: list[dict[str, Any]], **values: Any) -> Quotation:
    """An offer that the customer has been sent."""
    quotation = firm.create(Quotation, lines=rows, **TERMS, **values)
    for move in ("submit", "send"):
        firm.move(quotation, move)
    return quotation


def agreed(firm: Firm, **said: str) -> Contract:
    """The draft contract of an accepted offer over two products, complete but for what is changed."""
    lamp = firm.item("100", units=[{"unit": "箱", "factor": "10"}])
    lines = [line(lamp, "3", **said), line(firm.item("50"), "2")]
    quotation = offered(firm, lines, party_id=firm.party().id)
    firm.move(quotation, "accept")
    key = firm.read("rep", lambda w: flow.chain(w, quotation.id)[1][0].id)
    contract = firm.read("rep", lambda w: load(w, Contract, key))
    return firm.edit(contract, deadline="2027-01-31")


def agreed_from_two(firm: Firm) -> Contract:
    """The draft contract of two accepted offers over one product each."""
    party = firm.party().id
    rows = [line.id for price in ("100", "50") for line in accepted(firm, party, price).lines]
    contract = firm.run("rep", lambda w: flow.take(w, Contract, [(row, None) for row in rows]))
    clauses: dict[str, Any] = {"duties": "供方按期交货", "quality": "国标", "breach": "每日万分之五"}
    return firm.edit(contract, deadline="2027-01-31", **TERMS, **clauses)


def accepted(firm: Firm, party: int, price: str) -> Quotation:
    """An offer that was accepted, and whose draft contract was thrown away."""
    quotation = offered(firm, [line(firm.item(price), "3")], party_id=party)
    firm.move(quotation, "accept")
    key = firm.read("rep", lambda w: flow.chain(w, quotation.id)[1][0].id)
    firm.run("rep", lambda w: discard.discard(w, Contract, key))
    return quotation


def found(firm: Firm, contract: Contract) -> list[tuple[str, str, str, str]]:
    """The differences as the page shows them."""

    def look(work: Work) -> list[tuple[str, str, str, str]]:
        return [
            (str(one.name), str(one.what), one.offered, one.agreed)
            for one in deviations(work, load(work, Contract, contract.id))
        ]

    with speaking(CHINESE):
        return firm.read("rep", look)


def test_a_contract_that_keeps_to_the_offer_needs_no_renewed_consent(firm: Firm) -> None:
    contract = agreed(firm)
    assert found(firm, contract) == []
    assert firm.move(contract, "submit").state == "approved"


def test_every_difference_is_shown_and_needs_the_managers_renewed_consent(firm: Firm) -> None:
    """CTR-06: price, quantity, product, terms, what was left out and what nobody offered, line by line."""
    contract = agreed(firm)
    first, second = contract.lines
    rows: list[dict[str, Any]] = [
        {"id": first.id, "gross_price": "95", "quantity": "4"},
        line(firm.item("7"), "1"),
    ]
    contract = firm.edit(contract, lines=rows, warranty="三年", payment_terms="预付三成")
    extra = contract.lines[1].name
    assert found(firm, contract) == [
        (first.name, "含税单价", "100", "95"),
        (first.name, "数量", "3 套", "4 套"),
        (second.name, "未列入", "2 套", ""),
        (extra, "报价中没有", "", "1 套"),
        ("收款条件", "条款", "货到付款", "预付三成"),
        ("质保期", "条款", "两年", "三年"),
    ]
    assert firm.move(contract, "submit").approval == "pending"
    assert firm.agree(contract, "manager").state == "approved"


def test_what_none_of_several_offers_said_needs_renewed_consent(firm: Firm) -> None:
    """CTR-06: a product beside those of two offers is shown once, and asks for consent as beside one offer."""
    contract = agreed_from_two(firm)
    assert found(firm, contract) == []
    rows: list[dict[str, Any]] = [{"id": x.id} for x in contract.lines]
    contract = firm.edit(contract, lines=[*rows, line(firm.item("999"), "5")])
    assert found(firm, contract) == [(contract.lines[-1].name, "报价中没有", "", "5 套")]
    assert firm.move(contract, "submit").approval == "pending"
    assert firm.agree(contract, "manager").state == "approved"


@pytest.mark.parametrize(
    ("said", "changed", "shown"),
    [
        ({"lead_time": "30天"}, {"lead_time": "180天"}, ("交货期", "30天", "180天")),
        ({"lead_time": "30天"}, {"lead_time": ""}, ("交货期", "30天", "")),
        ({"remark": "IP67"}, {"remark": "IP20"}, ("备注", "IP67", "IP20")),
        ({}, {"remark": "含安装"}, ("备注", "", "含安装")),
        ({}, {"specification": "二米"}, ("规格型号", "", "二米")),
        ({}, {"unit": "箱", "gross_price": "1000", "quantity": "0.3"}, ("单位", "套", "箱")),
        ({"deadline": "2026-12-01"}, {"deadline": None}, ("截止日期", "2026-12-01", "2027-01-31")),
    ],
)
def test_every_word_of_a_line_that_changed_is_a_difference(
    firm: Firm, said: dict[str, str], changed: dict[str, Any], shown: tuple[str, str, str]
) -> None:
    """CTR-06: technical or commercial, whatever the offer said of a product."""
    contract = agreed(firm, **said)
    assert found(firm, contract) == []
    first, second = contract.lines
    contract = firm.edit(contract, lines=[{"id": first.id, **changed}, {"id": second.id}])
    assert found(firm, contract) == [(first.name, *shown)]
    assert firm.move(contract, "submit").approval == "pending"


def test_another_tax_is_a_difference(firm: Firm) -> None:
    """CTR-06: the price with tax stays, the tax in it does not."""
    contract = agreed(firm)
    first, second = contract.lines
    rates = firm.read("rep", lambda w: {t.code: t.id for t in w.session.scalars(select(TaxRate))})
    rows: list[dict[str, Any]] = [{"id": first.id, "tax_rate_id": rates["9"]}, {"id": second.id}]
    contract = firm.edit(contract, lines=rows)
    assert found(firm, contract) == [(first.name, "税率", "13 %", "9 %")]
    rows[0]["tax_rate_id"] = rates["exempt"]
    contract = firm.edit(contract, lines=rows)
    assert found(firm, contract) == [(first.name, "税率", "13 %", "免税")]


def test_prices_that_no_longer_include_tax_are_a_difference(firm: Firm) -> None:
    """CTR-06: the customer was offered prices with tax."""
    contract = firm.edit(agreed(firm), prices_include_tax=False)
    assert ("单价含税", "条款", "是", "否") in found(firm, contract)


def test_the_page_shows_the_differences(firm: Firm) -> None:
    contract = agreed(firm)
    contract = firm.edit(contract, lines=[{"id": x.id, "gross_price": "90"} for x in contract.lines])

    def panel(work: Work) -> tuple[tuple[object, ...], ...]:
        panels = work.hooks.document_panels(load(work, Contract, contract.id))
        return next(p.rows for p in panels if p.key == "contract.deviations")

    rows = firm.read("rep", panel)
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (contract.lines[0].name, "100", "90"),
        (contract.lines[1].name, "50", "90"),
    ]


def test_a_discount_counts_as_the_price_it_leaves(firm: Firm) -> None:
    contract = agreed(firm)
    first = contract.lines[0]
    rows: list[dict[str, Any]] = [{"id": first.id, "discount_rate": "0.1"}, {"id": contract.lines[1].id}]
    contract = firm.edit(contract, lines=rows)
    assert found(firm, contract) == [(first.name, "含税单价", "100", "90")]


def test_a_contract_written_freely_departs_from_nothing(firm: Firm) -> None:
    contract = firm.create(Contract, party_id=firm.party().id, lines=[line(firm.item("100"), "3")])
    assert found(firm, contract) == []
    assert contract.gross == Decimal("300.00")


def test_an_agreement_with_somebody_else_is_a_deviation(firm: Firm) -> None:
    """CTR-06: what was offered to one customer is not signed with another without the manager's consent."""
    contract = agreed(firm)
    other = firm.party(name="青岛第二建设有限公司")
    named = contract.party_name
    changed = firm.edit(contract, party_id=other.id)
    (found,) = firm.read("rep", lambda w: deviations(w, load(w, Contract, contract.id)))
    assert (str(found.name), found.offered, found.agreed) == ("Customer", named, "青岛第二建设有限公司")
    asked = firm.move(changed, "submit")
    assert (asked.state, asked.approval) == ("draft", "pending")
    assert firm.agree(asked, "manager").state == "approved"
