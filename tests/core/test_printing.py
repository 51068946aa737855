"""Papers say what they are given, page by page, and the same paper is always the same file."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from pypdf import PdfReader

from core.printing.paper import NOTE_241, Align, Column, Section
from core.printing.render import render
from tests.core.papers import (
    CHINESE,
    ENGLISH,
    HOUSE,
    long_quotation,
    named,
    pages_of,
    text_of,
)

# What is on the paper


def test_a_chinese_quotation_carries_the_amount_in_words_and_figures() -> None:
    text = text_of(CHINESE)
    assert "合计人民币（大写）：壹拾陆万玖仟贰佰贰拾元整" in text
    assert "（小写）：¥169,220.00" in text
    for expected in (
        "杭州掌灯光电有限公司",
        "上海浦江会展工程有限公司",
        "2026年11月22日",
        "室内全彩显示屏",
        "客户确认（签字盖章）",
    ):
        assert expected in text
    assert "第 1 页 / 共 1 页" in text


def test_an_english_quotation_is_english_throughout() -> None:
    text = text_of(ENGLISH)
    assert "RMB one hundred and fifty-six thousand two hundred and twenty yuan only" in text
    assert "Page 1 of 1" in text
    assert re.search(r"Total\s+¥156,220.00", text)
    assert "页" not in text


def test_a_long_quotation_repeats_its_head_and_counts_its_pages() -> None:
    pages = pages_of(render(long_quotation(200)))
    assert len(pages) > 4
    for number, page in enumerate(pages, 1):
        assert f"第 {number} 页 / 共 {len(pages)} 页" in page
    with_lines = [page for page in pages if re.search(r"ZD-\d{4}", page)]
    assert all("产品名称" in page and "含税单价" in page for page in with_lines)
    assert re.findall(r"ZD-(\d{4})", "".join(pages)) == [f"{i:04}" for i in range(1, 201)]


def test_the_subtotals_of_the_pages_add_up_to_the_total() -> None:
    pages = pages_of(render(long_quotation(200)))
    subtotals = re.findall(r"本页小计\s+(\d+)\s+([\d,]+\.\d\d)", "\n".join(pages))
    assert len(subtotals) == sum("ZD-" in page for page in pages)
    assert sum(int(quantity) for quantity, _amount in subtotals) == 200
    assert sum(Decimal(amount.replace(",", "")) for _quantity, amount in subtotals) == Decimal("2020.00")


def test_a_single_page_has_no_subtotal() -> None:
    assert "本页小计" not in text_of(CHINESE)


@pytest.mark.parametrize("lines", range(14, 40))
def test_the_total_never_stands_on_a_page_without_a_line(lines: int) -> None:
    pages = pages_of(render(long_quotation(lines)))
    (closing,) = [page for page in pages if "合计人民币" in page]
    assert re.search(rf"ZD-{lines:04}", closing)
    assert re.search(rf"合计\s+{lines}\s", closing)


def test_signatures_stay_together() -> None:
    for lines in range(14, 40):
        pages = pages_of(render(long_quotation(lines)))
        (signed,) = [page for page in pages if "报价人" in page]
        assert "审核" in signed
        assert "客户确认（签字盖章）" in signed
        assert signed.count("日期：") == 3


def test_a_form_shows_its_fields_and_boxes() -> None:
    people = (Column("name", "姓名", 1, Align.CENTRE), Column("post", "职务", 2))
    form = replace(
        CHINESE, title="客户洽谈记录表", parties=(), columns=(), rows=(), sum_row=(), words=(), terms=(),
        fields=(("客户名称", "上海浦江会展工程有限公司"), ("方式", "上门拜访"), ("地点", "三楼会议室")),
        sections=(
            Section("参加人员", columns=people, rows=(("单晓明", "采购经理"), ("翟㐱", "销售经理"))),
            Section("洽谈内容", "第一点。\n第二点。", room=6),
        ),
    )  # fmt: skip
    text = text_of(form)
    for expected in ("客户名称", "上门拜访", "三楼会议室", "参加人员", "采购经理", "洽谈内容", "第二点。"):
        assert expected in text


def test_a_delivery_note_repeats_head_and_signatures_on_every_sheet() -> None:
    note = replace(
        long_quotation(10), title="送货单", format=NOTE_241, copy="第一联 存根（白）",
        company=replace(HOUSE, bank=()), terms=(), remarks=None,
    )  # fmt: skip
    pages = pages_of(render(note))
    assert len(pages) == 2
    for page in pages:
        assert "上海浦江会展工程有限公司" in page
        assert "客户确认（签字盖章）" in page
        assert "第一联 存根（白）" in page
    assert [len(re.findall(r"ZD-\d{4}", page)) for page in pages] == [8, 2]
    assert "大写" not in pages[0]


def test_a_watermark_lies_over_every_page() -> None:
    assert "作废" not in text_of(long_quotation(60))
    pages = pages_of(render(replace(long_quotation(60), watermark="作废")))
    assert len(pages) > 1
    assert all("作废" in re.sub(r"\s", "", page) for page in pages)


def test_a_long_figure_is_never_broken_into_lines() -> None:
    figure = "123,456,789,012.00"
    assert figure in text_of(replace(CHINESE, rows=(("1", "灯", "ZD", "台", "1", figure, figure, ""),)))


def test_rows_that_do_not_match_the_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="one text per column"):
        replace(CHINESE, rows=(("1", "too short"),))
    with pytest.raises(ValueError, match="time zone"):
        replace(CHINESE, made_at=datetime(2026, 11, 22))  # noqa: DTZ001 - the missing zone is what is tested
    with pytest.raises(ValueError, match="accent"):
        replace(CHINESE, company=replace(HOUSE, accent='red"'))


# The same paper, the same bytes


def test_equal_papers_give_equal_bytes_and_other_papers_others() -> None:
    first = render(CHINESE)
    assert render(replace(CHINESE)) == first
    assert render(replace(CHINESE, remarks=("备注", "含电源改造。"))) != first
    assert render(replace(CHINESE, made_at=CHINESE.made_at.replace(minute=31))) != first


def test_the_file_names_its_paper_company_and_moment() -> None:
    about = PdfReader(io.BytesIO(render(CHINESE))).metadata
    assert about is not None
    assert about.title == "报价单 BJ-20261122-0001"
    assert about.author == HOUSE.name
    assert about.creation_date == CHINESE.made_at


def test_four_people_may_print_at_the_same_time() -> None:
    papers = [CHINESE, ENGLISH, long_quotation(50), named("并发")]
    alone = [render(paper) for paper in papers]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(render, papers * 4))
    assert together == alone * 4
