"""Numbers of invoices and bills are read as people paste them, and refused with the reason if they cannot be right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extension.loader import load
from core.identifiers import InvalidIdentifier, bill_kind, bill_number, bill_range, invoice_code, invoice_number
from core.text import CHINESE, Text, speaking
from core.vouchers import BILL_KINDS, BillKind, SubRange, divisible

BILL = "5" + "313100000018" + "20260701" + "00000042" + "7"


@pytest.fixture(autouse=True, scope="module")
def catalogues() -> None:
    """The texts in every language."""
    load()


def refusal(reader: Callable[..., Any], *given: Any) -> str:
    """The code with which a reader refuses; the reason is said in Chinese as well."""
    with pytest.raises(InvalidIdentifier) as refused:
        reader(*given)
    with speaking(CHINESE):
        assert str(Text(refused.value.message)) != refused.value.message
    return refused.value.code


@pytest.mark.parametrize(
    "pasted", ["26440000000012345678", " 2644 0000 0000 1234 5678 ", "２６４４００００００００１２３４５６７８"]
)
def test_a_digital_invoice_has_twenty_digits(pasted: str) -> None:
    assert invoice_number(pasted) == "26440000000012345678"


def test_a_paper_invoice_has_a_code_and_eight_digits() -> None:
    assert invoice_number("01234567", "4403201130") == "01234567"
    assert invoice_number("0123 4567", "044 0319 00111") == "01234567"
    assert invoice_code("044031900111") == "044031900111"


@pytest.mark.parametrize(
    ("number", "code", "why"),
    [
        ("2644000000001234567", "", "invoice_number.digital"),
        ("264400000000123456789", "", "invoice_number.digital"),
        ("2644000000001234567X", "", "invoice_number.digital"),
        ("01234567", "", "invoice_number.digital"),
        ("", "", "invoice_number.digital"),
        ("26440000000012345678", "4403201130", "invoice_number.paper"),
        ("1234567", "4403201130", "invoice_number.paper"),
        ("01234567", "44032011301", "invoice_number.paper"),
        ("01234567", "440320113", "invoice_number.paper"),
    ],
)
def test_an_invoice_number_that_cannot_be_is_refused(number: str, code: str, why: str) -> None:
    assert refusal(invoice_number, number, code) == why


def test_a_bill_has_thirty_digits_with_its_kind_first_and_a_day_within() -> None:
    assert bill_number(f" {BILL[:10]} {BILL[10:]} ") == BILL
    assert bill_kind(BILL) is BillKind.BANK
    kinds = {first: bill_kind(first + BILL[1:]) for first in "125678"}
    assert kinds == BILL_KINDS
    assert (kinds["6"], kinds["7"], kinds["8"]) == (
        BillKind.COMMERCIAL, BillKind.CHAIN_COMMERCIAL, BillKind.CHAIN_BANK,
    )  # fmt: skip
    assert [divisible(first + BILL[1:]) for first in "125678"] == [False, False, True, True, True, True]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (BILL[:-1], "bill_number.length"),
        (BILL + "1", "bill_number.length"),
        (BILL[:-1] + "X", "bill_number.length"),
        ("", "bill_number.length"),
        ("3" + BILL[1:], "bill_number.kind"),
        ("0" + BILL[1:], "bill_number.kind"),
        (BILL[:13] + "20260230" + BILL[21:], "bill_number.day"),
        (BILL[:13] + "00000101" + BILL[21:], "bill_number.day"),
    ],
)
def test_a_bill_number_that_cannot_be_is_refused(number: str, why: str) -> None:
    assert refusal(bill_number, number) == why


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1-1", "0.01"), ("1-10000000", "100000.00"), ("10000001 - 15000000", "50000.00"), ("１—１００", "1.00")],
)
def test_a_sub_range_is_worth_a_cent_for_each_unit(written: str, amount: str) -> None:
    found = bill_range(written)
    assert found is not None
    assert found.amount == Decimal(amount)


def test_a_bill_that_is_not_divisible_has_no_sub_range() -> None:
    assert bill_range("0") is None


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "bill_range.format"),
        ("5", "bill_range.format"),
        ("2-1", "bill_range.format"),
        ("0-5", "bill_range.format"),
        ("1-1234567890123", "bill_range.format"),
        ("1--5", "bill_range.format"),
        ("a-b", "bill_range.format"),
        ("1-100000000001", "bill_range.most"),
    ],
)
def test_a_sub_range_that_cannot_be_is_refused(written: str, why: str) -> None:
    assert refusal(bill_range, written) == why


@given(st.integers(1, 10**10), st.integers(2, 10**9), st.data())
def test_parts_of_a_pack_join_and_make_the_whole(first: int, units: int, data: st.DataObject) -> None:
    """An endorsement of a part leaves the rest: no unit is lost or given twice."""
    whole = SubRange(first, first + units - 1)
    amount = data.draw(st.integers(1, units - 1)) * Decimal("0.01")
    given, rest = whole.split(amount)
    assert given.amount == amount
    assert given.amount + rest.amount == whole.amount
    assert (given.first, given.last + 1, rest.last) == (whole.first, rest.first, whole.last)
    assert bill_range(str(given)) == given


@pytest.mark.parametrize("amount", ["0", "0.005", "1.00", "2", "-0.01"])
def test_nothing_and_the_whole_are_no_part(amount: str) -> None:
    assert refusal(SubRange(1, 100).split, Decimal(amount)) == "bill_range.part"
