"""The papers of money in Chinese and English: request, receipt, statement."""

from __future__ import annotations

from datetime import date

import pytest

from core.printing.paper import Paper
from core.testing.builders import Firm, line
from core.text import CHINESE
from plugins.billing.documents import Request, Statement
from plugins.billing.papers import receipt_paper, request_paper, statement_paper
from tests.plugins.billing.money import TITLE, again, confirmed
from tests.plugins.billing.test_statements import moved, sent


def cells(paper: Paper, key: str) -> list[str]:
    """One column of a paper."""
    place = [column.key for column in paper.columns].index(key)
    return [row[place] for row in paper.rows]


@pytest.mark.parametrize("language", [CHINESE, "en", "both"])
def test_a_request_shows_the_title_and_what_is_to_be_invoiced(firm: Firm, language: str) -> None:
    request = firm.create(Request, "clerk", party_id=firm.party().id, lines=[line(firm.item("50"), "3")], **TITLE)
    paper = firm.read("clerk", lambda w: request_paper(w, again(firm, request), language))
    assert TITLE["buyer"] in [value for _label, value in paper.parties[0].pairs]
    assert cells(paper, "amount") == ["150.00"]


def test_a_receipt_says_the_amount_in_words(firm: Firm) -> None:
    payment = confirmed(firm, "1681.32", party_id=firm.party(name="青岛海蓝").id)
    paper = firm.read("finance", lambda w: receipt_paper(w, again(firm, payment), CHINESE))
    assert paper.title == "收款收据"
    assert any("壹仟陆佰捌拾壹元叁角贰分" in value for _label, value in paper.words)
    assert "青岛海蓝" in [value for _label, value in paper.fields]


def test_a_statement_tells_every_movement_with_its_balance(firm: Firm) -> None:
    party = moved(firm)
    done: Statement = again(firm, sent(firm, party))
    assert done.period_to == date(2026, 10, 31)
    paper = firm.read("finance", lambda w: statement_paper(w, done, CHINESE))
    assert cells(paper, "balance") == ["1,500.00", "1,300.00", "600.00", "650.00"]
    assert cells(paper, "owed") == ["1,000.00", "-200.00", "", ""]
    assert cells(paper, "paid") == ["", "", "700.00", "-50.00"]
    assert ("期末余额", "650.00") in paper.fields
