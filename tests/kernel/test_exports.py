"""Tables for spreadsheets: no text becomes a formula, numbers stay numbers."""

from datetime import date
from decimal import Decimal

import pytest

from config.kernel import exports


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\uff1d1",
        "-5",
    ],
)
def test_a_text_that_would_be_a_formula_gets_an_apostrophe(text):
    assert exports.safe(text) == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (-5, "-5"),
        (Decimal("-2.50"), "-2.50"),
        (None, ""),
        ("", ""),
        ("a=b", "a=b"),
        ("O'Neill", "O'Neill"),
        (date(2026, 11, 22), "2026-11-22"),
    ],
)
def test_everything_else_stays_as_it_is(cell, text):
    assert exports.safe(cell) == text


def test_a_table_is_csv_with_quoted_separators():
    table = exports.csv_text(["SKU", "-"], [["A,B", -1], ['say "hi"', "=1"]])
    assert table == 'SKU,\'-\r\n"A,B",-1\r\n"say ""hi""",\'=1\r\n'
