"""Money: rounding, minor units and splits, with the figures other shops got wrong."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel import money

D = Decimal
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
WEIGHTS = st.lists(
    st.one_of(st.integers(0, 10**6), st.decimals(0, 10**6, places=3)), min_size=1, max_size=12
)


def amount_of(units, currency):
    return units * money.minor_unit(currency)


def numbers(*texts):
    return [D(text) for text in texts]


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("GBP", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("TND", 3)]
)
def test_minor_digits_follow_iso_4217(currency, digits):
    assert money.minor_digits(currency) == digits
    assert money.minor_unit(currency) == D(1).scaleb(-digits)


def test_only_money_in_capitals_is_a_currency():
    assert all(money.is_currency(code) for code in ("EUR", "GBP", "USD", "JPY", "KWD", "BGN"))
    assert not any(money.is_currency(code) for code in ("eur", "EURO", "", "XXX", "XTS", "XAU"))


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("2.005", "EUR", "2.01"),
        ("-2.005", "EUR", "-2.01"),
        ("2.0049999", "EUR", "2.00"),
        ("0.5", "JPY", "1"),
        ("0.0005", "KWD", "0.001"),
        ("24.975", "GBP", "24.98"),
    ],
)
def test_quantize_rounds_halves_away_from_zero(amount, currency, expected):
    assert money.text(money.quantize(D(amount), currency)) == expected


@pytest.mark.parametrize(
    ("net", "percent", "tax"), [("402.50", "19", "76.48"), ("12.50", "5", "0.63")]
)
def test_tax_rounds_where_floats_went_wrong(net, percent, tax):
    assert money.quantize(D(net) * D(percent) / 100, "EUR") == D(tax)


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("1E+3", "1000"), ("-0.00", "0.00"), ("0E-6", "0.000000"), ("1.50", "1.50"), ("-3", "-3")],
)
def test_text_is_plain(amount, expected):
    assert money.text(D(amount)) == expected


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10.00", [100, 100, 100], ["3.34", "3.33", "3.33"]),  # ERPNext 58042 gave 9.98
        ("2.00", [5, 5, 5], ["0.67", "0.67", "0.66"]),  # Broadleaf 1113 gave 2.02
        ("10.00", [1, 1, 1], ["3.34", "3.33", "3.33"]),  # Statamic cargo 168 gave 9.99
        ("1.03", [D("1.00"), D("1.00")], ["0.52", "0.51"]),  # Spree 14467 gave 1.04
        ("0.01", [0, 1, 1], ["0.00", "0.01", "0.00"]),  # Autumn 3201 crashed
        ("-1.03", [1, 1], ["-0.52", "-0.51"]),
        ("0.02", [0, 0, 0], ["0.01", "0.01", "0.00"]),  # nothing to go by: evenly
        ("1.00", [D("0.5"), D("1.25"), D("0.75")], ["0.20", "0.50", "0.30"]),  # Medusa 13734
        ("1.00", [4, 1, 1], ["0.67", "0.17", "0.16"]),
        ("0.00", [3, 1], ["0.00", "0.00"]),
    ],
)
def test_allocate_by_largest_remainder(total, weights, parts):
    assert money.allocate(D(total), weights, "CHF") == numbers(*parts)


def test_equal_remainders_compare_exactly():
    # 4/3 and 1/3 of a penny leave the same third, though 28 digits of 4/3 end one place earlier.
    assert money.allocate(D("0.02"), [4, 1, 1], "EUR") == numbers("0.02", "0.00", "0.00")
    assert money.allocate(D("0.02"), [1, 4, 1], "EUR") == numbers("0.01", "0.01", "0.00")


def test_allocate_knows_the_minor_unit():
    assert money.allocate(D(100), [1, 1, 1], "JPY") == numbers("34", "33", "33")
    assert money.allocate(D("0.100"), [1, 1, 1], "KWD") == numbers("0.034", "0.033", "0.033")


def test_allocate_keeps_weights_of_both_signs():
    assert money.allocate(D("1.00"), [3, -1], "EUR") == numbers("1.50", "-0.50")
    assert money.allocate(D("1.00"), [-3, 1], "EUR") == numbers("1.50", "-0.50")


def test_allocate_over_nothing():
    assert money.allocate(D("0.00"), [], "EUR") == []
    with pytest.raises(ValueError, match="over no weights"):
        money.allocate(D("0.01"), [], "EUR")


def test_allocate_refuses_parts_of_a_minor_unit():
    with pytest.raises(ValueError, match="whole units"):
        money.allocate(D("0.5"), [1], "JPY")


@given(units=st.integers(-(10**9), 10**9), weights=WEIGHTS, currency=CURRENCIES)
def test_allocate_never_loses_a_unit(units, weights, currency):
    total = amount_of(units, currency)
    parts = money.allocate(total, weights, currency)
    assert sum(parts) == total
    assert parts == [-part for part in money.allocate(-total, weights, currency)]
    whole = sum(map(D, weights))
    for part, weight in zip(parts, weights, strict=True):
        if whole:
            assert abs(part - total * D(weight) / whole) < money.minor_unit(currency)
            assert weight or not part


@given(
    units=st.integers(0, 10**9),
    whole=st.integers(1, 1000),
    steps=st.lists(st.integers(0, 1000)),
    currency=CURRENCIES,
)
def test_any_steps_of_a_share_add_up(units, whole, steps, currency):
    total = amount_of(units, currency)
    marks = [0, *sorted(min(step, whole) for step in steps), whole]
    shares = [money.share(total, mark, whole, currency) for mark in marks]
    parts = [after - before for before, after in pairwise(shares)]
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)


@pytest.mark.parametrize(("pieces", "whole"), [(1, 0), (0, 0), (-1, 3), (4, 3)])
def test_share_refuses_pieces_that_are_not_there(pieces, whole):
    with pytest.raises(ValueError, match="pieces"):
        money.share(D(1), pieces, whole, "EUR")
