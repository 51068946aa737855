"""What a contract says otherwise than the approved offer is shown line by line and agreed to once more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.documents.reading import load
from core.operations import flow
from core.testing.builders import Firm, line
from core.text import CHINESE, speaking
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.documents.deviations import deviations
from plugins.quotation.documents import Quotation


def agreed(firm: Firm) -> Contract:
    """The draft contract of an accepted offer over two products, complete but for what is changed."""
    lines = [line(firm.item("100"), "3"), line(firm.item("50"), "2")]
    terms = {"payment_terms": "货到付款", "delivery_terms": "送货上门", "warranty": "两年"}
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=lines, **terms)
    for move in ("submit", "send", "accept"):
        firm.move(quotation, move)
    key = firm.read("rep", lambda w: flow.chain(w, quotation.id)[1][0].id)
    contract = firm.read("rep", lambda w: load(w, Contract, key))
    return firm.edit(contract, deadline="2027-01-31")


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
        (extra, "报价中没有", "", "1 套"),
        (first.name, "数量", "3 套", "4 套"),
        (second.name, "未列入", "2 套", ""),
        ("收款条件", "条款", "货到付款", "预付三成"),
        ("质保期", "条款", "两年", "三年"),
    ]
    assert firm.move(contract, "submit").approval == "pending"
    assert firm.agree(contract, "manager").state == "approved"


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
