"""Files as Chinese offices send them: whatever program, encoding and way of writing; and files that mean harm."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from core.documents.faces import faces
from core.entities.item import Item
from core.entities.party import Party
from core.errors import Invalid
from core.exchange.assembling import Plan
from core.exchange.cells import FORMULA, Wrong, day, figure, header_key, value
from core.exchange.fields import all_columns, guessed
from core.exchange.reading import form_of, rows
from core.exchange.sheets import harmless
from core.exchange.templates import written
from core.extension.loader import load
from core.text import CHINESE, speaking
from tests.core.importing import csv_file, workbook

load()


def read(content: bytes) -> list[tuple[int, list[str]]]:
    """All rows of a file."""
    return list(rows(content, *form_of(content)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_text_is_read_whatever_its_encoding_and_separator(encoding: str, separator: str) -> None:
    content = csv_file(["客户名称", "电话"], ["青岛照明有限公司", "0532-1"], encoding=encoding, separator=separator)
    assert read(content) == [(1, ["客户名称", "电话"]), (2, ["青岛照明有限公司", "0532-1"])]


def test_a_comma_inside_quotes_separates_nothing_and_a_line_break_ends_no_row() -> None:
    assert read(b'a,b\n"x,\ny","1,234.50"\n') == [(1, ["a", "b"]), (2, ["x,\ny", "1,234.50"])]


def test_a_workbook_says_figures_days_and_truths_plainly() -> None:
    content = workbook(
        ["编码", "日期", "数", "是"], ["0012", date(2026, 3, 5), 1234.5, True], ["x", None, 0.1 + 0.2, None]
    )
    assert read(content) == [
        (1, ["编码", "日期", "数", "是"]),
        (2, ["0012", "2026-03-05", "1234.5", "TRUE"]),
        (3, ["x", "", "0.3"]),
    ]


def test_empty_rows_and_columns_cost_nothing_and_keep_the_numbers_of_the_sheet() -> None:
    assert read(workbook(["a"], [None], [None], ["b"])) == [(1, ["a"]), (4, ["b"])]


def test_a_formula_counts_by_its_result_and_one_without_is_told() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet()
    sheet.write_formula(0, 0, "=1+1", None, 2)
    sheet.write_formula(0, 1, "=A1", None, "")
    book.close()
    assert read(target.getvalue()) == [(1, ["2", FORMULA])]
    with pytest.raises(Wrong, match="formula"):
        value(faces(Item)["list_price"], FORMULA)


def test_only_the_first_visible_sheet_counts() -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    book.add_worksheet("hidden").write(0, 0, "no")
    shown = book.add_worksheet("shown")
    shown.write(0, 0, "yes")
    shown.activate()
    shown.set_first_sheet()
    book.worksheets()[0].hide()
    book.close()
    assert read(target.getvalue()) == [(1, ["yes"])]


@pytest.mark.parametrize(
    ("written_as", "meant"),
    [
        ("1,234.50", "1234.50"),
        ("￥1 234.5", "1234.5"),
        ("（12.5）", "-12.5"),
        ("12%", "0.12"),
        ("１２％", "0.12"),
        ("1.2万元", "12000"),
        ("-3", "-3"),
        ("1.5e3", "1500"),
    ],
)
def test_figures_are_read_as_offices_write_them(written_as: str, meant: str) -> None:
    assert figure(written_as) == Decimal(meant)


@pytest.mark.parametrize("written_as", ["1,23,4", "12..5", "NaN", "inf", "1-2", "abc", "0x10", ""])
def test_what_is_no_figure_is_none(written_as: str) -> None:
    with pytest.raises(Wrong):
        figure(written_as)


@pytest.mark.parametrize(
    "written_as",
    [
        "2026年3月5日",
        "2026-03-05",
        "2026/3/5",
        "2026.3.5",
        "20260305",
        "2026-3-5 00:00:00",
        "２０２６年３月５日",
        "46086",
    ],
)
def test_days_are_read_as_offices_write_them(written_as: str) -> None:
    assert day(written_as) == date(2026, 3, 5)


@pytest.mark.parametrize("written_as", ["2026-02-30", "5/3/26", "soon", "20261399"])
def test_what_is_no_day_is_none(written_as: str) -> None:
    with pytest.raises(Wrong):
        day(written_as)


def test_a_choice_is_named_by_its_label_in_either_language_and_a_truth_by_its_word() -> None:
    kind, active = faces(Item)["item_kind"], faces(Item)["active"]
    assert {value(kind, text) for text in ("服务", "Service", "service")} == {"service"}
    assert [value(active, text) for text in ("是", "Yes", "√", "否", "no", "0")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(Wrong, match="not one of the choices"):
        value(kind, "东西")


def test_an_error_of_the_spreadsheet_is_told() -> None:
    with pytest.raises(Wrong, match="error of the spreadsheet"):
        value(faces(Party)["phone"], "#REF!")


# Headings ---------------------------------------------------------------------------------------------------------


def fields_of(*headers: str) -> list[str]:
    """The field that each heading is read as; empty where it is none."""
    known = {column.path: column for column in all_columns(Party)}
    found = guessed(known, Party, headers, {})
    return [found.get(place, "") for place in range(len(headers))]


def test_headings_are_understood_in_chinese_english_and_as_fields() -> None:
    assert fields_of("客户名称*", "统一社会信用代码", "联系人", "手机", "电话") == [
        "name",
        "credit_code",
        "contacts.name",
        "contacts.mobile",
        "phone",
    ]
    assert fields_of("Full name", "Customer code", "contacts.name") == ["name", "code", "contacts.name"]
    assert fields_of("天气", "") == ["", ""]


def test_no_field_is_given_to_two_columns_by_itself() -> None:
    assert sorted(fields_of("名称", "公司名称", "企业名称"))[:2] == ["", ""]


def test_hints_in_brackets_and_full_width_letters_do_not_matter() -> None:
    assert header_key("客户编码（必填）*") == header_key("客户编码")
    assert header_key("Ｃｏｄｅ") == header_key("code")


def test_rows_belong_together_while_what_heads_them_is_repeated_or_blank() -> None:
    known = {column.path: column for column in all_columns(Party)}
    plan = Plan.of(Party, {"0": "code", "1": "name", "2": "contacts.name"}, known)
    first = ["K1", "甲", "王"]
    assert plan.begins(first, None)
    assert not plan.begins(["K1", "甲", "李"], first)
    assert not plan.begins(["", "", "李"], first)
    assert plan.begins(["K2", "乙", "赵"], first)
    assert plan.begins(["K1", "甲"], first)


# Files that mean harm ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "old form"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe", "neither a workbook"),
        (b"PK\x03\x04 no zip at all", "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(content)
    assert said in str(refused.value.faults[0].text)


def zipped(**files: bytes) -> bytes:
    """A workbook of these parts, and what every workbook needs beside them."""
    parts = {
        "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="a" r:id="i1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Types><Relationship Id="i1" Target="worksheets/s.xml"/></Types>',
        **{name.replace("__", "/") + ".xml": content for name, content in files.items()},
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


def sheet(inner: str) -> bytes:
    """A sheet with this between its rows' tags."""
    return f"<worksheet><sheetData>{inner}</sheetData></worksheet>".encode()


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(xl__worksheets__s=sheet("<row><c t='str'><v>a</v></c></row>"), bomb=b"0" * (401 << 20))
    assert len(bomb) < 1 << 20
    with pytest.raises(Invalid):
        read(bomb)


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>',
    ],
)
def test_no_entity_is_ever_expanded(doctype: bytes) -> None:
    with pytest.raises(Invalid):
        read(zipped(xl__worksheets__s=doctype + sheet("<row><c t='str'><v>&x;</v></c></row>")))


def test_a_cell_at_the_end_of_the_world_costs_no_memory() -> None:
    inner = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="XFD1" t="str"><v>z</v></c></row>'
    assert read(zipped(xl__worksheets__s=sheet(inner))) == [(1, ["a"])]
    with pytest.raises(Invalid):
        read(zipped(xl__worksheets__s=sheet('<row r="99999999"><c t="str"><v>a</v></c></row>')))


def test_what_goes_back_is_no_formula_and_comes_in_again_as_it_was() -> None:
    cells = ["=cmd|' /C calc'!A0", "+1", "-5", "@x", "plain"]
    content = written("csv", [["a", "b", "c", "d", "e"], cells])
    assert b",+1" not in content
    assert harmless("=1") == "'=1"
    assert read(content)[1] == (2, cells)
    assert read(written("xlsx", [["a"], ["=1+1"]]))[1] == (2, ["=1+1"])


def test_sentences_are_in_the_readers_language() -> None:
    with speaking(CHINESE), pytest.raises(Wrong) as refused:
        figure("abc")
    with speaking(CHINESE):
        assert str(refused.value.text) == "不是有效的数字。"
