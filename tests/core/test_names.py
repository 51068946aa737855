"""The same company is recognised, a similar one suspected, and any name found by what people type."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.names import ALIKE, fuzzy_key, grams, normal_name, query_tokens, readings, search_tokens, similarity

TOKEN = re.compile("[a-z0-9]+|[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
names = st.text(st.one_of(HAN, st.sampled_from("ABCxyz019 -（）")), min_size=1, max_size=30)


def found(query: str, name: str, *extra: str) -> bool:
    """Whether a record is found as a search index would find it: every token asked for is there."""
    asked = query_tokens(query)
    return bool(asked) and set(asked) <= set(search_tokens(name, *extra).split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("深圳市腾讯（集团）有限公司", "深圳市腾讯(集团)有限公司"),
        ("ＡＢＣ 科技有限公司", "abc科技有限公司"),
        ("华为 技术、有限公司", "华为技术有限公司"),
        ("O'Neill & Co., Ltd.", "ONEILL CO LTD"),
    ],
)
def test_the_same_name_in_other_dress_is_the_same_name(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


def test_the_legal_form_and_the_place_make_another_full_name() -> None:
    assert normal_name("长江有限公司") != normal_name("长江商行")
    assert normal_name("上海长江商行") != normal_name("长江商行")


def test_only_an_empty_name_is_empty() -> None:
    assert normal_name("***") == "***"
    assert normal_name(" \u3000") == ""


@settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_normalising_a_name_twice_changes_nothing_more(name: str) -> None:
    assert normal_name(normal_name(name)) == normal_name(name)
    assert bool(normal_name(name)) == bool(name.strip())


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("乐高玩具（上海）有限公司", "乐高玩具"),
        ("上海乐高玩具有限公司", "乐高玩具"),
        ("广东省佛山市美的集团股份有限公司", "美的"),
        ("海尔集团公司", "海尔"),
        ("新疆维吾尔自治区石河子市天业有限责任公司", "天业"),
        ("Acme Trading Co., Ltd.", "ACMETRADING"),
        ("ACME TRADING LIMITED", "ACMETRADING"),
        ("永辉超市（福州）有限公司", "永辉超市"),
        ("阿里巴巴（中国）有限公司", "阿里巴巴"),
        ("朝阳区红光五金店", "朝阳区红光五金"),
        ("北京", "北京"),
        ("北京店", "北京"),
        ("长江商贸有限公司（武汉）", "长江商贸"),
        ("上海公司", "上海"),
        ("公司", "公司"),
        ("李宁", "李宁"),
        ("", ""),
    ],
)
def test_the_fuzzy_key_drops_legal_forms_and_places_but_never_everything(name: str, key: str) -> None:
    assert fuzzy_key(name) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("乐高玩具（上海）有限公司", "上海乐高玩具有限公司"),
        ("华为技术有限公司", "华为技术有限责任公司"),
        ("深圳市腾讯计算机系统有限公司", "腾讯计算机系统"),
        ("苏州博众精工科技股份有限公司", "博众精工科技集团有限公司"),
        ("湖南广义智能信息科技有限公司", "湖南广议智能信息科技有限公司"),
        ("美的", "美的集团电器制造"),
        ("Acme Trading Co., Ltd.", "ACME TRADING"),
    ],
)
def test_probable_duplicates_deserve_a_warning(one: str, other: str) -> None:
    assert similarity(one, other) >= ALIKE
    assert similarity(other, one) == similarity(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华为技术有限公司", "中兴通讯股份有限公司"),
        ("上海大众汽车有限公司", "上海通用电气有限公司"),
        ("深圳市大疆创新科技有限公司", "深圳市大族激光科技有限公司"),
        ("有限公司", "！"),
        ("", ""),
    ],
)
def test_different_companies_of_one_place_and_form_are_not_taken_for_one(one: str, other: str) -> None:
    assert similarity(one, other) < ALIKE


@settings(deadline=None)  # a busy machine is no failure
@given(names, names)
def test_likeness_is_a_share_and_the_same_from_both_sides(one: str, other: str) -> None:
    assert 0.0 <= similarity(one, other) <= 1.0
    assert similarity(one, other) == similarity(other, one)
    assert similarity(one, one) in {0.0, 1.0}


def test_grams_are_characters_pairs_and_whole_words() -> None:
    assert grams("乐高（上海）ABC-12") == ["乐", "高", "乐高", "上", "高上", "海", "上海", "abc", "12"]
    assert grams("") == []


NAME = "深圳市厦电子科技（单）有限公司 ABC-Tech"
EXTRA = ("XS-20261122-0001", "13812345678", "0755-26012345")


@pytest.mark.parametrize(
    "query",
    [
        "深",
        "深圳",
        "电子科技",
        "科技单",
        "科技（单）有限",
        "深圳 有限公司",
        "szs",
        "szsxdzkj",
        "SZS",
        "ｓｚｓ",
        "shenzhen",
        "shenzhe",
        "ShenZhen",
        "深zhen",
        "深z",
        "电子ke",
        "kejidan",
        "kejishan",
        "shadianzi",
        "xiadianzi",
        "sh",
        "dz",
        "s",
        "a",
        "abc",
        "abctech",
        "ABC-Tech",
        "tech abc",
        "tech 深圳",
        "xs-2026",
        "XS20261122",
        "1122-0001",
        "138",
        "5678",
        "138 1234 5678",
        "2601",
        "0755",
        "１３８",
    ],
)
def test_whatever_people_type_finds_the_record(query: str) -> None:
    assert found(query, NAME, *EXTRA)


@pytest.mark.parametrize(
    "query",
    [
        "圳深",
        "上海",
        "szx",
        "zhendian",
        "深zhou",
        "9999",
        "xyz",
        "深圳 上海",
        "5679",
        "tecc",
        "（）",
        "",
        " ",
    ],
)
def test_what_the_record_does_not_have_does_not_find_it(query: str) -> None:
    assert not found(query, NAME, *EXTRA)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("danxiaoming", "单晓明"),
        ("shanxiaoming", "单晓明"),
        ("zengzong", "曾总"),
        ("lvyou", "旅游"),
        ("luyou", "旅游"),
        ("cq", "重庆"),
        ("zhaoyang", "厦门朝阳"),
        ("chaoyang", "厦门朝阳"),
        ("toyota", "トヨタ自動車"),
        ("газ", "Газпром"),
        ("muller", "Müller"),
        ("\U00020bb7", "\U00020bb7野家"),
    ],
)
def test_every_reading_and_every_script_finds_the_name(query: str, name: str) -> None:
    assert found(query, name)


@settings(deadline=None)  # a busy machine is no failure
@given(names, st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    chinese = "".join(re.findall("[\u4e00-\u9fa5]+|[A-Za-z0-9]+", part))
    if query_tokens(part):
        assert found(part, name), (part, name)
        assert found(chinese, name)


@settings(deadline=None)  # a busy machine is no failure
@given(names)
def test_the_initials_and_the_full_reading_find_the_name(name: str) -> None:
    read = readings(name)
    for form in (*read.full[:3], *read.initials[:3]):
        assert found(form, name)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(), st.text())
def test_tokens_are_safe_for_every_index(name: str, query: str) -> None:
    tokens = [*search_tokens(name, query).split(" "), *query_tokens(query), *grams(name)]
    assert [token for token in tokens if token and not TOKEN.fullmatch(token)] == []
    assert len(query_tokens(query)) <= 24


def test_a_very_long_text_costs_a_bounded_number_of_tokens() -> None:
    assert len(search_tokens("和行长乐都单曾" * 1000).split()) < 2000
    assert len(query_tokens("和行长乐" * 1000 + " abc" * 1000)) <= 24


def test_sqlites_full_text_index_takes_the_tokens_as_they_are() -> None:
    index = sqlite3.connect(":memory:")
    index.execute("CREATE VIRTUAL TABLE entry USING fts5(tokens, content='', detail=none)")
    for number, name in enumerate(["深圳电子", "上海乐高玩具", "Müller GmbH"], start=1):
        index.execute("INSERT INTO entry(rowid, tokens) VALUES (?, ?)", (number, search_tokens(name)))
    for query, number in (
        ("szdz", 1),
        ("深zhen", 1),
        ("乐高", 2),
        ("上", 2),
        ("legao", 2),
        ("mül", 3),
        ("g", 3),
    ):
        asked = " AND ".join(f'"{token}"' for token in query_tokens(query))
        rows = index.execute("SELECT rowid FROM entry WHERE entry MATCH ?", (asked,)).fetchall()
        assert (number,) in rows
    index.close()
