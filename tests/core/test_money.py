"""Figures of a line add up, totals are sums, and no fen is lost or invented."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.money import BadNumber, Fixed, Totals, convert, exact, figures, half_up, spread, told, totals

VECTORS: dict[str, Any] = json.loads(Path(__file__).with_name("domain_vectors.json").read_text("utf-8"))
RATES = ["0", "0.01", "0.03", "0.05", "0.06", "0.09", "0.13", "0.16", "0.17"]
CENT = Decimal("0.01")
ZERO = Decimal(0)

cents = st.integers(-(10**14), 10**14).map(lambda units: Decimal(units).scaleb(-2))
line_amounts = st.integers(-(10**10), 10**10).map(lambda units: Decimal(units).scaleb(-2))
rates = st.sampled_from(RATES).map(Decimal)
quantities = st.integers(-(10**10), 10**10).map(lambda units: Decimal(units).scaleb(-6))
prices = st.integers(0, 10**13).map(lambda units: Decimal(units).scaleb(-8))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,234.50", "1234.50"),
        ("-1,234,567.89", "-1234567.89"),
        ("１２３４．５０", "1234.50"),
        ("−12", "-12"),
        (" 7 ", "7"),
        ("+3.", "3"),
        (".5", "0.5"),
        ("1E-8", "0.00000001"),
        ("2e3", "2000"),
        ("-0.00", "0"),
        ("１，２３４", "1234"),
        (5, "5"),
        (Decimal("0.1"), "0.1"),
        (Decimal("0E+999"), "0"),
        (2**63 - 1, str(2**63 - 1)),
    ],
)
def test_what_people_write_is_read_exactly(written: Any, meant: str) -> None:
    number = exact(written)
    assert number == Decimal(meant)
    assert not (number == 0 and number.is_signed())


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (0.1, "number.not_exact"),
        (True, "number.not_exact"),
        (None, "number.not_exact"),
        (b"1", "number.not_exact"),
        ("", "number.not_a_number"),
        (".", "number.not_a_number"),
        ("-", "number.not_a_number"),
        ("1,23", "number.not_a_number"),
        ("1,2345", "number.not_a_number"),
        ("1 000", "number.not_a_number"),
        ("e5", "number.not_a_number"),
        ("1_000", "number.not_a_number"),
        ("¥5", "number.not_a_number"),
        ("٣", "number.not_a_number"),
        ("NaN", "number.not_a_number"),
        ("Infinity", "number.not_a_number"),
        (Decimal("NaN"), "number.not_finite"),
        (Decimal("sNaN"), "number.not_finite"),
        (Decimal("-Infinity"), "number.not_finite"),
        ("1e9999", "number.out_of_range"),
        (Decimal("1E+999999"), "number.out_of_range"),
        (Decimal("1E-999999"), "number.out_of_range"),
        (10**4000, "number.out_of_range"),
        ("9" * 5000, "number.out_of_range"),
        ("1e99999", "number.not_a_number"),
    ],
)
def test_what_is_no_exact_number_is_refused_with_a_reason(written: Any, code: str) -> None:
    with pytest.raises(BadNumber) as refusal:
        exact(written)
    assert refusal.value.code == code
    assert refusal.value.message


@pytest.mark.parametrize(
    ("value", "places", "result"),
    [
        ("2.675", 2, "2.68"),
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("1.005", 2, "1.01"),
        ("0.004", 2, "0.00"),
        ("-0.004", 2, "0.00"),
        ("0.005", 2, "0.01"),
        ("1", 2, "1.00"),
        ("0.000000005", 8, "1E-8"),
        ("15", -1, "2E+1"),
    ],
)
def test_rounding_is_half_up_away_from_zero(value: str, places: int, result: str) -> None:
    assert str(half_up(value, places)) == result


def test_a_figure_that_does_not_fit_the_store_is_refused() -> None:
    assert half_up("92233720368547758.07", 2) == Decimal("92233720368547758.07")
    for value, places in (("92233720368547758.08", 2), ("-92233720368547758.08", 2), ("92233720369", 8)):
        with pytest.raises(BadNumber, match="too large"):
            half_up(value, places)


EXCLUSIVE = [
    ("3", "33.33", "0.13", "99.99", "13.00", "112.99"),
    ("7", "0.145", "0.13", "1.02", "0.13", "1.15"),
    ("1000", "1.2345", "0.13", "1234.50", "160.49", "1394.99"),
    ("1", "0.03", "0.13", "0.03", "0.00", "0.03"),
    ("12", "88.50", "0.09", "1062.00", "95.58", "1157.58"),
    *((*row["in"], *row["out"]) for row in VECTORS["vat_exclusive_line(qty,price,rate)->amount,tax,total"]),
]
INCLUSIVE = [
    ("1", "100", "0.13", "88.50", "11.50", "100.00"),
    ("3", "33.33", "0.13", "88.49", "11.50", "99.99"),
    ("100", "11.30", "0.13", "1000.00", "130.00", "1130.00"),
    ("10", "9.90", "0.13", "87.61", "11.39", "99.00"),
    ("7", "19.99", "0.06", "132.01", "7.92", "139.93"),
    ("1", "1000", "0.06", "943.40", "56.60", "1000.00"),
    ("1", "3000", "0.06", "2830.19", "169.81", "3000.00"),
    ("1", "103", "0.03", "100.00", "3.00", "103.00"),
    ("1", "101", "0.01", "100.00", "1.00", "101.00"),
    ("1", "0.01", "0.13", "0.01", "0.00", "0.01"),
    *((*row["in"], *row["out"]) for row in VECTORS["vat_inclusive_line(qty,price,rate)->amount,tax,total"]),
]


@pytest.mark.parametrize(
    ("fixed", "row"),
    [
        *((Fixed.PRICE, row) for row in EXCLUSIVE),
        *((Fixed.GROSS_PRICE, row) for row in INCLUSIVE),
    ],
)
def test_a_line_is_taxed_as_the_invoice_will_be(fixed: Fixed, row: tuple[str, ...]) -> None:
    quantity, price, rate, *expected = row
    line = figures(quantity, rate=rate, fixed=fixed, value=price)
    assert [str(line.net), str(line.tax), str(line.gross)] == expected


def test_a_returned_line_mirrors_the_delivered_one() -> None:
    for fixed in (Fixed.PRICE, Fixed.GROSS_PRICE):
        there = figures("7", rate="0.13", fixed=fixed, value="0.145", discount_rate="0.05")
        back = figures("-7", rate="0.13", fixed=fixed, value="0.145", discount_rate="0.05")
        assert (back.net, back.tax, back.gross) == (-there.net, -there.tax, -there.gross)
        assert (back.price, back.gross_price) == (there.price, there.gross_price)


def test_the_discount_is_taken_before_the_amount_is_rounded() -> None:
    excluding = figures("3", rate="0.13", fixed=Fixed.PRICE, value="33.335", discount_rate="0.15")
    assert (excluding.net, excluding.price) == (Decimal("85.00"), Decimal("33.335"))
    including = figures("1", rate="0.13", fixed=Fixed.GROSS_PRICE, value="100", discount_rate="0.15")
    assert (including.net, including.tax, including.gross) == (
        Decimal("75.22"),
        Decimal("9.78"),
        Decimal("85.00"),
    )


def test_whichever_figure_is_edited_the_others_follow_from_it() -> None:
    net = figures("3", rate="0.13", fixed=Fixed.NET, value="100")
    assert (net.net, net.tax, net.gross) == (Decimal("100.00"), Decimal("13.00"), Decimal("113.00"))
    assert (net.price, net.gross_price) == (Decimal("33.33333333"), Decimal("37.66666667"))
    gross = figures("3", rate="0.13", fixed=Fixed.GROSS, value="100")
    assert (gross.net, gross.tax, gross.gross) == (Decimal("88.50"), Decimal("11.50"), Decimal("100.00"))
    assert (gross.price, gross.gross_price) == (Decimal("29.50000000"), Decimal("33.33333333"))
    tax = figures("2", rate="0.13", fixed=Fixed.TAX, value="13", discount_rate="0.5")
    assert (tax.net, tax.tax, tax.gross) == (Decimal("100.00"), Decimal("13.00"), Decimal("113.00"))
    assert (tax.price, tax.gross_price) == (Decimal("100.00000000"), Decimal("113.00000000"))
    price = figures("3", rate="0.13", fixed=Fixed.PRICE, value="29.123456789")
    assert (price.price, price.gross_price) == (Decimal("29.12345679"), Decimal("32.90950617"))
    including = figures("3", rate="0.13", fixed=Fixed.GROSS_PRICE, value="100")
    assert including.price == Decimal("88.49557522")


def test_a_line_without_quantity_costs_nothing_and_keeps_its_price() -> None:
    line = figures("0", rate="0.13", fixed=Fixed.PRICE, value="10")
    assert (line.price, line.gross_price, line.gross) == (Decimal(10), Decimal("11.3"), Decimal(0))
    charge = figures("0", rate="0.13", fixed=Fixed.GROSS, value="113")
    assert (charge.net, charge.gross, charge.price, charge.gross_price) == (
        Decimal(100),
        Decimal(113),
        ZERO,
        ZERO,
    )


def test_a_line_given_away_whole_costs_nothing() -> None:
    line = figures("5", rate="0.13", fixed=Fixed.GROSS_PRICE, value="10", discount_rate="1")
    assert (line.gross_price, line.net, line.tax, line.gross) == (Decimal(10), ZERO, ZERO, ZERO)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rate": "13"}, "line.rate_out_of_range"),
        ({"rate": "-0.13"}, "line.rate_out_of_range"),
        ({"discount_rate": "1.01"}, "line.rate_out_of_range"),
        ({"discount_rate": "-0.1"}, "line.rate_out_of_range"),
        ({"rate": "0", "fixed": Fixed.TAX}, "line.tax_without_rate"),
        ({"value": "92233720369"}, "number.out_of_range"),
        ({"quantity": "9000000000000", "value": "90000000000"}, "number.out_of_range"),
        ({"value": 0.5}, "number.not_exact"),
        ({"quantity": "0.000001", "fixed": Fixed.NET, "value": "900000"}, "number.out_of_range"),
    ],
)
def test_a_line_nobody_could_invoice_is_refused(change: dict[str, Any], code: str) -> None:
    ask = {"quantity": "1", "rate": "0.13", "fixed": Fixed.PRICE, "value": "1", **change}
    with pytest.raises(BadNumber) as refusal:
        figures(ask.pop("quantity"), **ask)
    assert refusal.value.code == code


def test_document_totals_are_the_sums_of_its_lines() -> None:
    small = [figures("1", rate="0.13", fixed=Fixed.PRICE, value="0.05")] * 10
    assert totals(small) == Totals(Decimal("0.50"), Decimal("0.10"), Decimal("0.60"))
    assert totals([figures("1", rate="0.13", fixed=Fixed.PRICE, value="10.04")] * 5).tax == Decimal("6.55")
    assert totals([figures("1", rate="0.13", fixed=Fixed.GROSS_PRICE, value="1.00")] * 3).net == Decimal("2.64")
    assert totals([]) == Totals(Decimal(0), Decimal(0), Decimal(0))


@settings(deadline=None)  # a busy machine is no failure
@given(
    quantities,
    prices,
    rates,
    st.sampled_from([Fixed.PRICE, Fixed.GROSS_PRICE]),
    st.sampled_from(["0", "0.15", "0.3333"]),
)
def test_every_priced_line_adds_up_within_the_tax_bureaus_tolerance(
    quantity: Decimal, price: Decimal, rate: Decimal, fixed: Fixed, discount: str
) -> None:
    line = figures(quantity, rate=rate, fixed=fixed, value=price, discount_rate=discount)
    assert line.net + line.tax == line.gross
    assert abs(line.tax - line.net * rate) <= Decimal("0.06")
    assert line.net * line.tax >= 0
    exact_amount = quantity * price * (1 - Decimal(discount))
    assert abs((line.net if fixed is Fixed.PRICE else line.gross) - exact_amount) <= Decimal("0.005")


@settings(deadline=None)  # a busy machine is no failure
@given(line_amounts, rates.filter(bool), st.sampled_from([Fixed.NET, Fixed.TAX, Fixed.GROSS]))
def test_every_line_with_a_fixed_amount_keeps_it_and_adds_up(amount: Decimal, rate: Decimal, fixed: Fixed) -> None:
    line = figures(1, rate=rate, fixed=fixed, value=amount)
    assert getattr(line, fixed.value) == amount
    assert line.net + line.tax == line.gross
    assert abs(line.tax - line.net * rate) <= Decimal("0.06")
    assert (line.price, line.gross_price) == (line.net, line.gross)


@settings(deadline=None)  # a busy machine is no failure
@given(quantities, prices, rates)
def test_the_stored_figures_give_the_same_line_again(quantity: Decimal, price: Decimal, rate: Decimal) -> None:
    for fixed in (Fixed.PRICE, Fixed.GROSS_PRICE):
        line = figures(quantity, rate=rate, fixed=fixed, value=price)
        assert figures(quantity, rate=rate, fixed=line.fixed, value=getattr(line, fixed.value)) == line


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, 300000).map(lambda units: Decimal(units).scaleb(-2)), rates)
def test_net_first_or_tax_first_takes_the_same_tax_out_of_the_gross(gross: Decimal, rate: Decimal) -> None:
    line = figures(1, rate=rate, fixed=Fixed.GROSS, value=gross)
    assert line.tax == half_up(gross * rate / (1 + rate), 2)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        ("10.00", ["1", "1", "1"], ["3.33", "3.33", "3.34"]),
        ("10.00", ["2", "1"], ["6.67", "3.33"]),
        ("100.00", ["1", "5", "5", "1"], ["8.33", "41.67", "41.67", "8.33"]),
        ("0.01", ["1", "1", "1"], ["0.00", "0.00", "0.01"]),
        ("-10.00", ["1", "1", "1"], ["-3.33", "-3.33", "-3.34"]),
        ("9.00", ["0", "0", "0"], ["3.00", "3.00", "3.00"]),
        ("5.00", ["0", "3"], ["0.00", "5.00"]),
        ("10.00", ["-1", "-1", "-1"], ["3.33", "3.33", "3.34"]),
        ("6.00", ["3", "-1"], ["9.00", "-3.00"]),
        ("0.05", ["1"] * 10, ["0.00"] * 9 + ["0.05"]),
        ("0", ["4", "1"], ["0.00", "0.00"]),
        ("0", [], []),
    ],
)
def test_an_amount_is_shared_to_the_last_fen(total: str, weights: list[str], shares: list[str]) -> None:
    assert [str(share) for share in spread(total, weights)] == shares


def test_an_amount_nobody_can_take_is_not_lost_silently() -> None:
    for weights, code in (([], "spread.nobody"), (["1", "-1"], "spread.no_base")):
        with pytest.raises(BadNumber) as refusal:
            spread("1.00", weights)
        assert refusal.value.code == code


@settings(deadline=None)  # a busy machine is no failure
@given(cents, st.lists(st.integers(0, 10**9), min_size=1, max_size=40))
def test_shares_always_sum_to_the_total_and_never_change_its_sign(total: Decimal, weights: list[int]) -> None:
    shares = spread(total, weights)
    assert sum(shares) == total
    assert all(share * total >= 0 for share in shares)
    if any(weights):
        taker = max(range(len(weights)), key=lambda index: (weights[index], index))
        others = [
            (share, weight) for place, (share, weight) in enumerate(zip(shares, weights, strict=True)) if place != taker
        ]
        assert all(abs(share - total * weight / sum(weights)) <= CENT for share, weight in others)
        assert all(share == 0 for share, weight in others if weight == 0)


@pytest.mark.parametrize(
    ("amount", "rate", "base"),
    [
        ("100", "7.123456", "712.35"),
        ("-100", "7.123456", "-712.35"),
        ("0.01", "0.5", "0.01"),
        ("1", "1", "1.00"),
    ],
)
def test_a_foreign_amount_is_converted_half_up(amount: str, rate: str, base: str) -> None:
    assert str(convert(amount, rate)) == base


def test_an_exchange_rate_is_above_zero() -> None:
    for rate in ("0", "-1"):
        with pytest.raises(BadNumber) as refusal:
            convert("1", rate)
        assert refusal.value.code == "exchange.rate_not_positive"


@pytest.mark.parametrize(
    ("amount", "currency", "read"),
    [
        ("1234.5", "CNY", "¥1,234.50"),
        ("-0.05", "USD", "-$0.05"),
        ("7", "", "7.00"),
        ("1000000", "CHF", "CHF 1,000,000.00"),
    ],
)
def test_money_is_read_with_the_sign_of_its_currency(amount: str, currency: str, read: str) -> None:
    assert told(Decimal(amount), currency) == read
