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


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "'=1",
        "''=1",
        " '=1",
        "' =1",
        "plain",
        "'quoted'",
        "'",
        "",
        "O'Neill",
        "-5",
        "'-5",
        "\t",
    ],
)
def test_what_was_written_safely_comes_back_as_it_was(text):
    assert exports.restored(exports.safe(text)) == text


def test_no_two_texts_are_written_the_same():
    texts = {mark + body for mark in ("", "'", "''", "' ") for body in ("=1", "x", " =1", "-1")}
    assert len({exports.safe(text) for text in texts}) == len(texts)


def test_a_long_table_comes_in_pieces():
    rows = [[f"SKU-{number}", number] for number in range(20_000)]
    blocks = list(exports.csv_blocks(["sku", "units"], rows))
    assert len(blocks) > 3
    assert max(map(len, blocks)) < 70_000
    assert "".join(blocks) == exports.csv_text(["sku", "units"], rows)
