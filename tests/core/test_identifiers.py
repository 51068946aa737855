"""Codes and numbers are read as people paste them, and what cannot be right is refused with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import identifiers
from core.identifiers import (
    CREDIT_CODE_CHARACTERS,
    InvalidIdentifier,
    credit_code,
    credit_code_for,
    make_credit_code,
    masked_phone,
    mobile,
    old_tax_number,
    organisation_code_checks,
    phone,
    shown_phone,
)

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("domain_vectors.json").read_text("utf-8"))

VALID_CODES = [
    "91350100M000100Y43",
    "914403001922038216",
    "9144030071526726XG",
    "91110000802100433B",
    "91330100799655058B",
    "91440400192548256N",
    "9152000071430580XT",
    "91440606722473344C",
    "911000001000013428",
    "91110108551385082Q",
    "91320500MA2BEAR30B",
    "91110108MA3TECH49K",
    "91370200MA4FEED56L",
    "91510100MA5PHAR6XM",
    "91150100MA6DARY71L",
    "92330100MA7GTHH821",
    "12440300455766547C",
    "5111000050001234XG",
]

INVALID_CODES = [
    ("91350100M000100Y4Z", "credit_code.charset"),
    ("9135010OM000100Y43", "credit_code.charset"),
    ("91350100M000100Y4", "credit_code.length"),
    ("91350200M000100Y43", "credit_code.check"),
    ("19350100M000100Y43", "credit_code.check"),
    ("91310115MA1H8R7C6D", "credit_code.check"),
    ("91440101MA59Q1WX5K", "credit_code.check"),
    ("9135A100M000100Y43", "credit_code.region"),
    ("", "credit_code.length"),
    ("9" * 10000, "credit_code.length"),
    ("９１３５０１００M０００１００Ｙ４٣", "credit_code.charset"),
]

WHY = {"len": "credit_code.length", "charset": "credit_code.charset"}


def refusal(reader: Callable[[str], str], text: str) -> str:
    """The code with which the reader refuses the text."""
    with pytest.raises(InvalidIdentifier) as refused:
        reader(text)
    assert refused.value.message == str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("code", VALID_CODES)
def test_a_valid_credit_code_is_kept(code: str) -> None:
    assert credit_code(code) == code


@pytest.mark.parametrize(("code", "why"), INVALID_CODES)
def test_an_invalid_credit_code_is_refused_with_its_reason(code: str, why: str) -> None:
    assert refusal(credit_code, code) == why


@pytest.mark.parametrize("row", VECTORS["uscc"])
def test_every_reference_credit_code_is_judged_as_the_reference_says(row: dict[str, Any]) -> None:
    if row["ok"]:
        assert credit_code(row["code"]) == row["code"]
    else:
        assert refusal(credit_code, row["code"]) == WHY.get(row["why"], "credit_code.check")


def test_the_refusal_never_gives_the_right_check_digit_away() -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        credit_code("91350200M000100Y43")
    assert "8" not in refused.value.message


@pytest.mark.parametrize(
    "pasted",
    [
        " 91350100m000100y43 ",
        "9135 0100 M000 100Y 43",
        "913501-00M000100Y-43",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "\u200b91350100M000100Y43\ufeff",
        "91350100–M000100Y43",
        "91350100M000100Y43\n",
        "91350100\u3000M000100Y43",
    ],
)
def test_a_credit_code_is_recognised_however_it_was_pasted(pasted: str) -> None:
    assert credit_code(pasted) == "91350100M000100Y43"


def test_authorities_written_as_letters_are_accepted_as_the_standard_has_them() -> None:
    code = make_credit_code("Y1350100M000100Y4")
    assert credit_code(code) == code


def test_the_organisation_code_within_is_checked_for_a_warning_only() -> None:
    assert organisation_code_checks("91110108551385082Q")
    assert organisation_code_checks("914403001922038216")
    off = make_credit_code("91110108551385083")
    assert credit_code(off) == off
    assert not organisation_code_checks(off)


def test_invented_companies_get_codes_that_pass_both_checks() -> None:
    assert make_credit_code("91350100M000100Y4") == "91350100M000100Y43"
    assert credit_code_for("MA2BEAR3", "320500") == "91320500MA2BEAR30B"
    assert credit_code_for("45576654", "440300", authority="1", kind="2") == "12440300455766547C"
    assert refusal(make_credit_code, "91350100") == "credit_code.length"
    assert refusal(make_credit_code, "91350100M000100YO") == "credit_code.charset"
    assert refusal(lambda text: credit_code_for(text, "320500"), "MA2BEAR") == "credit_code.length"
    assert refusal(lambda text: credit_code_for("MA2BEAR3", text), "32O500") == "credit_code.charset"
    assert refusal(lambda text: credit_code_for("MA2BEAR3", text), "32A500") == "credit_code.region"


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(CREDIT_CODE_CHARACTERS, min_size=8, max_size=8), st.integers(100000, 999999))
def test_every_invented_code_is_valid_and_any_single_typing_error_is_caught(body: str, region: int) -> None:
    code = credit_code_for(body, str(region))
    assert credit_code(code) == code
    assert organisation_code_checks(code)
    for place in range(18):
        wrong = CREDIT_CODE_CHARACTERS[(CREDIT_CODE_CHARACTERS.index(code[place]) + 1) % 31]
        assert refusal(credit_code, code[:place] + wrong + code[place + 1 :]) in {
            "credit_code.check",
            "credit_code.region",
        }


def test_old_tax_numbers_are_told_apart_by_length_and_characters() -> None:
    assert old_tax_number("4403 0119 2203 821") == "440301192203821"
    assert old_tax_number("44030119900101123") == "44030119900101123"
    assert old_tax_number("4403011990010112341x") == "4403011990010112341X"
    assert refusal(old_tax_number, "44030119220382") == "old_tax_number.length"
    assert refusal(old_tax_number, "91350100M000100Y43") == "old_tax_number.length"
    assert refusal(old_tax_number, "44030A192203821") == "old_tax_number.charset"
    assert refusal(old_tax_number, "44030119220382中") == "old_tax_number.charset"


@pytest.mark.parametrize(
    "pasted",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "+86 13812345678",
        "8613812345678",
        "１３８１２３４５６７８",
    ],
)
def test_a_mobile_number_is_kept_in_eleven_digits(pasted: str) -> None:
    assert mobile(pasted) == "13812345678"
    assert phone("+86" + pasted if pasted.startswith("13") else "13812345678") == "13812345678"


@pytest.mark.parametrize("text", ["12812345678", "1381234567", "138123456789", "", "1381234567a", "+85213812345678"])
def test_what_is_no_mobile_number_is_refused(text: str) -> None:
    assert refusal(mobile, text) == "mobile.format"


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("13912345678", "13912345678"),
        ("+86 139-1234-5678", "13912345678"),
        ("0086 139 1234 5678", "13912345678"),
        ("02112345678", "021-12345678"),
        ("021-12345678", "021-12345678"),
        ("021 1234 5678", "021-12345678"),
        ("(0755) 2601-2345", "0755-26012345"),
        ("（0755）26012345", "0755-26012345"),
        ("0755-26012345-801", "0755-26012345-801"),
        ("0755-26012345转801", "0755-26012345-801"),
        ("0755 26012345 ext. 801", "0755-26012345-801"),
        ("07552601234", "0755-2601234"),
        ("010-88886666", "010-88886666"),
        ("+86 755 2601 2345", "0755-26012345"),
        ("+86-21-62345678", "021-62345678"),
        ("+86 (0)755 26012345", "0755-26012345"),
        ("26012345", "26012345"),
        ("2601234-12", "2601234-12"),
        ("4008001234", "400-800-1234"),
        ("400-800-1234", "400-800-1234"),
        ("4008-001-234", "400-800-1234"),
        ("800 810 8888", "800-810-8888"),
        ("+86 400 800 1234", "400-800-1234"),
        ("+852 21234567", "+852 2123 4567"),
        ("00852 2123 4567", "+852 2123 4567"),
        ("+1 (650) 253-0000", "+1 650-253-0000"),
        ("０７５５－２６０１２３４５", "0755-26012345"),
    ],
)
def test_every_kind_of_telephone_number_has_one_stored_form(pasted: str, stored: str) -> None:
    assert phone(pasted) == stored
    assert phone(stored) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "10086",
        "110",
        "abc",
        "0755",
        "123456",
        "+",
        "+999 1234",
        "+1 1",
        "19999999999999",
        "0000000000",
        "1" * 5000,
    ],
)
def test_what_is_no_telephone_number_is_refused(text: str) -> None:
    assert refusal(phone, text) == "phone.format"


def test_numbers_are_shown_in_groups_and_masked_for_those_who_may_not_see_them() -> None:
    assert shown_phone("13812345678") == "138 1234 5678"
    assert shown_phone("0755-26012345") == "0755-26012345"
    assert masked_phone("13812345678") == "138****5678"
    assert masked_phone("0755-26012345") == "0755-******45"
    assert masked_phone("0755-26012345-801") == "0755-********-*01"
    assert masked_phone("400-800-1234") == "400-***-**34"
    assert masked_phone("+852 2123 4567") == "+852 **** **67"
    assert masked_phone("26012345") == "******45"
    assert masked_phone("12345") == "****"
    assert masked_phone("") == "****"


@pytest.mark.parametrize(
    ("reader", "pasted", "stored"),
    [
        ("postal_code", " 518000 ", "518000"),
        ("postal_code", "５１８０００", "518000"),
        ("bank_account", "6222 0240 0000 1234 567", "6222024000001234567"),
        ("bank_account", "4000-0212-3456", "400002123456"),
        ("email", " Zhang.San@Example.COM ", "Zhang.San@example.com"),
        ("email", "sales@公司.中国", "sales@公司.中国"),
        ("email", "a+b@mail.company.com.cn", "a+b@mail.company.com.cn"),
        ("email", "ｓａｌｅｓ＠example.cn", "sales@example.cn"),
        ("qq", "10001", "10001"),
        ("qq", " 123456789012 ", "123456789012"),
        ("wechat", "zhang_san-1", "zhang_san-1"),
        ("wechat", "13812345678", "13812345678"),
        ("wechat", "10001", "10001"),
        ("licence_plate", "粤b·12345", "粤B12345"),
        ("licence_plate", "粤BD12345", "粤BD12345"),
        ("licence_plate", "沪A1234挂", "沪A1234挂"),
        ("identity_number", "11010519491231002x", "11010519491231002X"),
        ("identity_number", "440524 18800101 0014", "440524188001010014"),
    ],
)
def test_other_numbers_are_kept_in_one_form(reader: str, pasted: str, stored: str) -> None:
    assert getattr(identifiers, reader)(pasted) == stored
    assert getattr(identifiers, reader)(stored) == stored


@pytest.mark.parametrize(
    ("reader", "text", "code"),
    [
        ("postal_code", "51800", "postal_code.format"),
        ("postal_code", "5180000", "postal_code.format"),
        ("postal_code", "51800a", "postal_code.format"),
        ("bank_account", "1234567", "bank_account.format"),
        ("bank_account", "1" * 31, "bank_account.format"),
        ("bank_account", "62220240O0001234", "bank_account.format"),
        ("email", "name", "email.format"),
        ("email", "name@host", "email.format"),
        ("email", "a b@example.com", "email.format"),
        ("email", "a@b@example.com", "email.format"),
        ("email", ".a@example.com", "email.format"),
        ("email", "a..b@example.com", "email.format"),
        ("email", "a@-example.com", "email.format"),
        ("email", "a@example.com\nBcc: x@example.com", "email.format"),
        ("email", "a" * 65 + "@example.com", "email.format"),
        ("email", "a@" + "b." * 4000 + "com", "email.format"),
        ("qq", "0123456", "qq.format"),
        ("qq", "1234", "qq.format"),
        ("wechat", "ab", "wechat.format"),
        ("wechat", "1abcdef", "wechat.format"),
        ("licence_plate", "粤I12345", "licence_plate.format"),
        ("licence_plate", "B12345", "licence_plate.format"),
        ("identity_number", "110105194912310021", "identity_number.check"),
        ("identity_number", "11010519491331002X", "identity_number.format"),
        ("identity_number", "1101051949123100", "identity_number.format"),
    ],
)
def test_other_numbers_that_cannot_be_right_are_refused(reader: str, text: str, code: str) -> None:
    assert refusal(getattr(identifiers, reader), text) == code


READERS = [
    "bank_account",
    "credit_code",
    "email",
    "identity_number",
    "licence_plate",
    "mobile",
    "old_tax_number",
    "phone",
    "postal_code",
    "qq",
    "wechat",
]


@settings(deadline=None)  # a busy machine is no failure
@given(st.sampled_from(READERS), st.one_of(st.text(), st.text("+0123456789-()转x .@aX", max_size=20)))
def test_whatever_is_typed_is_either_stored_for_good_or_refused(reader: str, text: str) -> None:
    read = getattr(identifiers, reader)
    try:
        stored = read(text)
    except InvalidIdentifier:
        return
    assert read(stored) == stored
    assert stored.strip() == stored
