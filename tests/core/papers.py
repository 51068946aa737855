"""Two quotations to print, a Chinese and an English one, and what a reader sees in a PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream

from core import lazy
from core.printing.paper import Align, Block, Column, Letterhead, Paper
from core.printing.render import render

MADE_AT = datetime(2026, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=8)))

HOUSE = Letterhead(
    name="杭州掌灯光电有限公司",
    subname="Hangzhou Zhangdeng Lighting Co., Ltd.",
    contacts=(("地址", "杭州市临平区塘栖路 18 号"), ("电话", "0571-8600 1234")),
    bank_title="收款账户",
    bank=(("开户银行", "中国工商银行杭州临平支行"), ("账号", "1202 0000 1111 2222 333")),
)

COLUMNS = (
    Column("position", "序号", 0.5, Align.CENTRE),
    Column("name", "产品名称", 3),
    Column("specification", "规格型号", 2),
    Column("unit", "单位", 0.6, Align.CENTRE),
    Column("quantity", "数量", 1, Align.RIGHT, summed=True),
    Column("price", "含税单价(元)", 1, Align.RIGHT),
    Column("amount", "金额(元)", 1, Align.RIGHT, summed=True),
    Column("remark", "备注", 1),
)

CHINESE = Paper(
    language="zh_Hans_CN",
    title="报价单",
    number="BJ-20261122-0001",
    made_at=MADE_AT,
    company=HOUSE,
    page_label="第 {page} 页 / 共 {pages} 页",
    references=(("No.", "BJ-20261122-0001"), ("日期", "2026年11月22日")),
    parties=(
        Block("致 TO", (("公司", "上海浦江会展工程有限公司"), ("联系人", "单晓明"))),
        Block("自 FROM", (("公司", "杭州掌灯光电有限公司"), ("联系人", "翟㐱"))),
    ),
    columns=COLUMNS,
    rows=(
        ("1", "室内全彩显示屏", "ZD-P2.5", "平方米", "36.50", "4,280.00", "156,220.00", "含箱体"),
        ("2", "视频处理器", "ZD-VX600", "台", "2", "6,500.00", "13,000.00", ""),
    ),
    page_subtotal="本页小计",
    sum_row=("合计", "", "", "", "38.50", "", "169,220.00", ""),
    words=(("合计人民币（大写）：", "壹拾陆万玖仟贰佰贰拾元整"), ("（小写）：", "¥169,220.00")),
    terms_title="报价说明",
    terms=(("税率", "报价含 13% 增值税专用发票。"), ("有效期", "自报价之日起 30 天。")),
    remarks=("备注", "不含电源改造。"),
    signatures=("报价人", "审核", "客户确认（签字盖章）"),
    signed_on="日期：　　年　　月　　日",
)

ENGLISH = replace(
    CHINESE,
    language="en",
    title="Quotation",
    page_label="Page {page} of {pages}",
    company=replace(HOUSE, name=HOUSE.subname, subname=HOUSE.name, bank=()),
    references=(("No.", "BJ-20261122-0001"), ("Date", "22 November 2026")),
    parties=(Block("TO", (("Company", "Shanghai Pujiang Exhibition Co., Ltd."),)),),
    columns=tuple(
        replace(column, label=label)
        for column, label in zip(
            COLUMNS,
            ("No.", "Description", "Model", "Unit", "Quantity", "Unit price", "Amount", "Remark"),
            strict=True,
        )
    ),
    rows=(("1", "Indoor LED display", "ZD-P2.5", "m²", "36.50", "4,280.00", "156,220.00", "with cabinet"),),
    page_subtotal="Page subtotal",
    sum_row=(),
    totals=(("Untaxed amount", "138,247.79"), ("VAT 13%", "17,972.21"), ("Total", "¥156,220.00")),
    words=(("In words: ", "RMB one hundred and fifty-six thousand two hundred and twenty yuan only"),),
    terms_title="Terms",
    terms=(("Validity", "30 days."),),
    remarks=None,
    signatures=("Prepared by", "Accepted by"),
    signed_on="Date:",
)


def long_quotation(lines: int) -> Paper:
    """The Chinese quotation with so many lines of quantity 1 and amount 10.10."""
    rows = tuple(
        (str(i), f"第{i}种灯具" + "（室内小间距用）" * (i % 4), f"ZD-{i:04}", "套", "1", "10.10", "10.10", "")
        for i in range(1, lines + 1)
    )
    total = f"{lines * 1010 / 100:,.2f}"
    return replace(CHINESE, rows=rows, sum_row=("合计", "", "", "", str(lines), "", total, ""))


def pages_of(pdf: bytes) -> list[str]:
    """The text of every page, without the blanks that a reader of PDF guesses between glyphs."""
    return [page.extract_text().replace("\u00a0", " ") for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(paper: Paper) -> str:
    return "\n".join(pages_of(render(paper)))


def named(name: str) -> Paper:
    """The Chinese quotation for a thing of this name."""
    return replace(CHINESE, rows=(("1", name, "ZD-1", "台", "1", "1.00", "1.00", ""),))


@dataclass(frozen=True)
class Drawing:
    """One drawn glyph: the font's family, the glyph's number, and its outline."""

    family: str
    glyph: int
    outline: tuple[tuple[int, int], ...]


def drawings_in(pdf: bytes) -> set[Drawing]:
    """Every glyph that the pages of ``pdf`` draw, read from the embedded fonts."""
    reader = PdfReader(io.BytesIO(pdf))
    drawn: set[Drawing] = set()
    for page in reader.pages:
        resources: Any = page["/Resources"]
        fonts = {name: font.get_object() for name, font in resources["/Font"].items()}
        current = ""
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"Tf":
                current = operands[0]
            if operator in (b"Tj", b"TJ"):
                drawn |= {_drawing(fonts[current], glyph) for glyph in _glyphs(operands[0])}
    return drawn


def _glyphs(shown: object) -> list[int]:
    parts = shown if isinstance(shown, list) else [shown]
    codes = b"".join(getattr(part, "original_bytes", b"") for part in parts)
    return [int.from_bytes(codes[i : i + 2]) for i in range(0, len(codes), 2)]


def _drawing(font: Any, glyph: int) -> Drawing:
    family = str(font["/BaseFont"]).partition("+")[2]
    descendant = font["/DescendantFonts"][0].get_object()
    file = descendant["/FontDescriptor"]["/FontFile2"].get_object().get_data()
    outlines = lazy.font_tables().TTFont(io.BytesIO(file))["glyf"]
    shape = outlines[outlines.glyphOrder[glyph]]
    return Drawing(family, glyph, tuple(shape.coordinates) if shape.numberOfContours > 0 else ())
