"""What is printed of a delivery, and what is told of the stock and of what has left."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.app import Program
from core.documents.reading import load
from core.errors import Refused, Unknown
from core.printing.documents import paper_of, print_document
from core.printing.paper import Paper
from core.reports import running
from core.reports.choosing import choose
from core.testing.builders import Firm
from core.text import CHINESE
from core.work import Work
from plugins.logistics.documents import Delivery
from tests.plugins.logistics.goods import raised, shipped, shop, sold, stored, taken


@pytest.fixture
def firm(program: Program) -> Firm:
    """A company that quotes and delivers."""
    return shop(program, "quotation", "logistics")


def delivered(firm: Firm) -> Delivery:
    """A delivery of two lamps that has left."""
    lamp = firm.item("113", name="洗墙灯", specification="24W")
    stored(firm, lamp, "10")
    return shipped(firm, taken(firm, sold(firm, (lamp, "2")), address="青岛市市南区一号"))


def paper(firm: Firm, delivery: Delivery, key: str = "") -> Paper:
    return firm.read("clerk", lambda w: paper_of(w, load(w, Delivery, delivery.id), CHINESE, key))


def test_the_delivery_note_has_the_columns_buyers_expect_with_prices_or_without(firm: Firm) -> None:
    delivery = delivered(firm)
    note, plain = paper(firm, delivery), paper(firm, delivery, "plain")
    assert [c.label for c in note.columns] == [
        "序号", "产品名称", "规格型号", "单位", "数量", "单价", "金额", "备注",
    ]  # fmt: skip
    assert note.rows[0][:7] == ("1", "洗墙灯", "24W", "套", "2", "113.00", "226.00")
    assert note.words[0][1] == "人民币贰佰贰拾陆元整"
    assert [c.label for c in plain.columns] == ["序号", "产品名称", "规格型号", "单位", "数量", "备注"]
    assert "226" not in str(plain)
    assert note.signatures[-1] == "收货单位及经手人（签章）"
    assert note.footnote == "请当面清点验收，如有异议请于3日内书面提出。"


def test_the_outbound_slip_says_from_which_warehouse_and_leaves_room_for_what_was_issued(firm: Firm) -> None:
    slip = paper(firm, delivered(firm), "slip")
    assert slip.title == "出库单"
    assert [c.label for c in slip.columns][5:8] == ["应发数量", "实发数量", "仓库"]
    assert slip.rows[0][5:8] == ("2", "", "主仓库")


def test_only_what_was_confirmed_is_printed(firm: Firm) -> None:
    lamp = firm.item("113")
    draft = taken(firm, sold(firm, (lamp, "2")))
    works, ask = firm.program.works, firm.ask("clerk")
    raised(lambda: print_document(works, ask, Delivery, draft.id, "zh", "slip"), Refused)
    delivery = delivered(firm)
    assert print_document(works, ask, Delivery, delivery.id, "both", "slip").startswith(b"%PDF")
    raised(lambda: print_document(works, ask, Delivery, delivery.id, "zh", "none"), Unknown)


def rows(firm: Firm, key: str, who: str = "boss", **chosen: str) -> list[dict[str, object]]:
    """The rows of a report."""

    def look(work: Work) -> list[dict[str, object]]:
        report = work.types.reports[key]
        return [dict(row) for row in running.page(work, report, choose(work, report.filters, chosen)).rows]

    return firm.read(who, look)


def test_the_stock_is_told_by_warehouse_and_product(firm: Firm) -> None:
    delivered(firm)
    lamp = firm.item("50")
    stored(firm, lamp, "7")
    firm.move(taken(firm, sold(firm, (lamp, "3"))), "confirm", "clerk")
    told = rows(firm, "logistics.stock")
    assert [(row["on_hand"], row["reserved"], row["free"]) for row in told] == [
        (Decimal(8), Decimal(0), Decimal(8)),
        (Decimal(7), Decimal(3), Decimal(4)),
    ]
    assert len(rows(firm, "logistics.stock", code=str(told[1]["code"]))) == 1


def test_what_has_left_is_told_line_by_line(firm: Firm) -> None:
    delivery = delivered(firm)
    taken(firm, sold(firm, (firm.item("50"), "3")))
    (row,) = rows(firm, "logistics.delivered")
    assert (row["number"], row["quantity"], row["gross"]) == (delivery.number, Decimal(2), Decimal(226))
    assert rows(firm, "logistics.delivered", who="rep2") == [], "a representative sees his own"
