"""Amounts and dates in words are what a bank and an accountant accept."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import BadNumber
from core.words import accepts_in_words, amount_in_words, date_in_words

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("domain_vectors.json").read_text("utf-8"))

TABLE = """
0.00 零元整 | 0.01 壹分 | 0.05 伍分 | 0.10 壹角整 | 1.00 壹元整 | 1.01 壹元零壹分 | 1.10 壹元壹角整
10.00 壹拾元整 | 10.05 壹拾元零伍分 | 10.50 壹拾元零伍角整 | 100.50 壹佰元零伍角整 | 325.04 叁佰贰拾伍元零肆分
1,005.00 壹仟零伍元整 | 1,010.10 壹仟零壹拾元零壹角整 | 1,409.50 壹仟肆佰零玖元伍角整
1,680.32 壹仟陆佰捌拾元零叁角贰分 | 6,007.14 陆仟零柒元壹角肆分 | 10,001.00 壹万零壹元整
10,100.00 壹万零壹佰元整
16,409.02 壹万陆仟肆佰零玖元零贰分 | 20,107.79 贰万零壹佰零柒元柒角玖分 | 100,000.00 壹拾万元整
101,000.00 壹拾万壹仟元整 | 107,000.53 壹拾万柒仟元零伍角叁分 | 1,000,010.01 壹佰万零壹拾元零壹分
10,000,001.00 壹仟万零壹元整 | 10,100,000.00 壹仟零壹拾万元整 | 12,000,340.56 壹仟贰佰万零叁佰肆拾元零伍角陆分
100,000,001.00 壹亿零壹元整 | 100,010,000.00 壹亿零壹万元整 | 100,002,000.00 壹亿零贰仟元整
1,010,000,000.00 壹拾亿壹仟万元整 | 1,000,100,010.10 壹拾亿零壹拾万零壹拾元零壹角整
999,999,999,999.99 玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分
1,000,000,000,000.00 壹万亿元整 | 1,000,000,010,000.00 壹万亿零壹万元整 | −1,234.50 负壹仟贰佰叁拾肆元伍角整
0.005 壹分 | 0.004 零元整 | 1.005 壹元零壹分 | 2.675 贰元陆角捌分 | -0.004 零元整 | 0.995 壹元整
3000 叁仟元整 | 1001001 壹佰万壹仟零壹元整 | 2002.02 贰仟零贰元零贰分
"""
CANONICAL = [pair.split() for line in TABLE.strip().splitlines() for pair in line.split(" | ") if " " in pair.strip()]

amounts = st.integers(-(10**17), 10**17).filter(lambda units: abs(units) < 10**18).map(lambda n: Decimal(n).scaleb(-2))
round_amounts = st.builds(
    lambda digits, power: Decimal(digits * 10**power).scaleb(-2), st.integers(-2000, 2000), st.integers(0, 13)
)


@pytest.mark.parametrize(("amount", "words"), CANONICAL)
def test_every_tricky_amount_has_its_canonical_wording(amount: str, words: str) -> None:
    assert amount_in_words(amount) == f"人民币{words}"
    assert accepts_in_words(words, amount)


@pytest.mark.parametrize("row", VECTORS["rmb_upper"])
def test_every_reference_amount_is_worded_as_the_reference_says(row: dict[str, str]) -> None:
    assert amount_in_words(row["amount"]) == row["expect"]
    assert accepts_in_words(row["expect"], row["amount"])


@pytest.mark.parametrize("row", VECTORS["rmb_upper_also_accept"])
def test_every_permitted_variant_is_accepted(row: dict[str, Any]) -> None:
    assert [text for text in row["accept"] if not accepts_in_words(text, row["amount"])] == []


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("10.50", "人民币壹拾元伍角整"),
        ("100", "人民币壹佰圓正"),
        ("226", "人民幣貳佰貳拾陸圓整"),
        ("1300000000", "壹拾參億圆整"),
        ("3", "叄元整"),
        ("20000", "貳萬元整"),
        ("0", "零元正"),
        ("0.10", "壹角"),
        ("101000", "壹拾万零壹仟元整"),
        ("1010000000", "壹拾亿零壹仟万元整"),
        ("-1234.50", "（负数）人民币壹仟贰佰叁拾肆元伍角"),
        ("-5", "(負數)伍元整"),
        ("1234500000000", "壹万贰仟叁佰肆拾伍亿元整"),
        ("1234500000000", "壹万亿贰仟叁佰肆拾伍亿元整"),
        ("1", " 人民币壹元整 "),
    ],
)
def test_other_ways_of_writing_the_same_amount_are_accepted(amount: str, text: str) -> None:
    assert accepts_in_words(text, amount)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("10", "人民币拾元整"),
        ("1", "人民币一元整"),
        ("1", "人民币壹元"),
        ("1.01", "人民币壹元壹分"),
        ("1.01", "人民币壹元零壹分整"),
        ("1005", "人民币壹仟伍元整"),
        ("1005", "人民币壹仟零零伍元整"),
        ("10001", "人民币壹万壹元整"),
        ("1.10", "人民币壹元零壹角整"),
        ("11000", "人民币壹万零壹仟元整"),
        ("1", "人民币 壹元整"),
        ("1", "美元壹元整"),
        ("-1", "人民币壹元整"),
        ("1", "人民币负壹元整"),
        ("2", "人民币两元整"),
        ("1", ""),
        ("100", "人民币壹佰元零整"),
    ],
)
def test_wordings_a_bank_would_refuse_are_refused(amount: str, text: str) -> None:
    assert not accepts_in_words(text, amount)


def test_other_currencies_stand_in_front_of_the_amount() -> None:
    assert amount_in_words("1200", currency="USD") == "美元壹仟贰佰元整"
    assert amount_in_words("1200", currency="eur") == "欧元壹仟贰佰元整"
    assert amount_in_words("0.5", currency="HKD", language="zh_Hans_CN") == "港元伍角整"
    assert amount_in_words("3", currency="BRL") == "BRL叁元整"
    assert accepts_in_words("日元壹佰圆整", 100, currency="JPY")


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("0", "CNY", "Say RMB zero only"),
        ("0.05", "CNY", "Say RMB cents five only"),
        ("1", "CNY", "Say RMB one only"),
        ("1234.50", "CNY", "Say RMB one thousand two hundred thirty-four and cents fifty only"),
        ("-21.01", "USD", "Say US dollars minus twenty-one and cents one only"),
        ("1000010", "USD", "Say US dollars one million ten only"),
        ("112.345", "EUR", "Say euros one hundred twelve and cents thirty-five only"),
        ("2000000000", "JPY", "Say Japanese yen two billion only"),
        ("40", "BRL", "Say BRL forty only"),
        (
            "999999999999.99",
            "CNY",
            "Say RMB nine hundred ninety-nine billion nine hundred ninety-nine million "
            "nine hundred ninety-nine thousand nine hundred ninety-nine and cents ninety-nine only",
        ),
    ],
)
def test_trade_papers_say_the_amount_in_english(amount: str, currency: str, words: str) -> None:
    assert amount_in_words(amount, language="en", currency=currency) == words


def test_an_amount_beyond_words_is_refused() -> None:
    assert amount_in_words("9999999999999999.99").startswith("人民币玖仟玖佰玖拾玖万亿玖仟")
    for language in ("zh", "en"):
        with pytest.raises(BadNumber) as refusal:
            amount_in_words("10000000000000000", language=language)
        assert refusal.value.code == "words.too_large"


def read_yuan(words: str) -> Decimal:
    """An accountant reading the words aloud and typing the figure, the other way round from the writing."""
    sign = -1 if "负" in words else 1
    words = words.removeprefix("人民币").removeprefix("负").removesuffix("整")
    whole, mark, rest = words.partition("元")
    if not mark:
        whole, rest = "", words
    total = 0
    for scale, unit in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        section, found, after = whole.partition(unit) if unit else (whole, "x", "")
        if not found:
            continue
        value = digit = 0
        for character in section:
            if character in "拾佰仟":
                value += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
                digit = 0
            else:
                digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        total += (value + digit) * scale
        whole = after
    cents = 0
    for unit, worth in (("角", 10), ("分", 1)):
        before, found, after = rest.partition(unit)
        if found:
            cents += "零壹贰叁肆伍陆柒捌玖".index(before[-1]) * worth
            rest = after
    return sign * Decimal(total * 100 + cents).scaleb(-2)


@settings(deadline=None)  # a busy machine is no failure
@given(st.one_of(amounts, round_amounts))
def test_reading_the_words_gives_the_amount_back(amount: Decimal) -> None:
    words = amount_in_words(amount)
    assert read_yuan(words) == amount
    assert accepts_in_words(words, amount)
    assert "零零" not in words
    assert words.endswith(("整", "分"))


@settings(deadline=None)  # a busy machine is no failure
@given(round_amounts, round_amounts)
def test_the_words_of_one_amount_are_never_accepted_for_another(one: Decimal, other: Decimal) -> None:
    assert accepts_in_words(amount_in_words(one), other) is (one == other)


DATES = """
2026-01-15 贰零贰陆年零壹月壹拾伍日 | 2026-10-20 贰零贰陆年零壹拾月零贰拾日
2026-02-10 贰零贰陆年零贰月零壹拾日 | 2026-11-22 贰零贰陆年壹拾壹月贰拾贰日
2026-12-30 贰零贰陆年壹拾贰月零叁拾日 | 2026-03-01 贰零贰陆年叁月零壹日
2026-12-31 贰零贰陆年壹拾贰月叁拾壹日 | 2026-06-19 贰零贰陆年陆月壹拾玖日 | 2000-09-09 贰零零零年玖月零玖日
"""
DATE_ROWS = [pair.split() for line in DATES.strip().splitlines() for pair in line.split(" | ")]


@pytest.mark.parametrize(
    ("day", "words"), [*DATE_ROWS, *([row["date"], row["expect"]] for row in VECTORS["date_upper"])]
)
def test_a_bill_is_dated_in_words(day: str, words: str) -> None:
    assert date_in_words(date.fromisoformat(day)) == words


def test_no_two_days_of_a_year_are_written_alike() -> None:
    first = date(2026, 1, 1).toordinal()
    assert len({date_in_words(date.fromordinal(first + offset)) for offset in range(365)}) == 365
