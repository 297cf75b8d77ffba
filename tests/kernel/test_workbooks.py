"""Spreadsheets we write: what other programs read in them."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from config.kernel import workbooks
from config.kernel.uploads import sheets

ROWS = [
    ["00123", 5, Decimal("2.50"), None, "=HYPERLINK(1)"],
    ["<&>\"'", -5, Decimal("-0.0001"), date(2026, 11, 22), " two\nlines "],
]


def written(rows, header=("sku", "units", "price", "day", "note"), sheet="Products"):
    file = io.BytesIO()
    assert workbooks.write(file, sheet=sheet, header=header, rows=iter(rows)) == len(rows)
    return file


def test_cells_are_what_they_were():
    assert list(sheets.rows(written(ROWS), "a.xlsx")) == [
        ["sku", "units", "price", "day", "note"],
        ["00123", 5.0, 2.5, "", "=HYPERLINK(1)"],
        ["<&>\"'", -5.0, -0.0001, "2026-11-22", " two\nlines "],
    ]


def test_another_program_finds_texts_and_no_formula():
    sheet = openpyxl.load_workbook(written(ROWS)).active
    assert sheet.title == "Products"
    assert sheet.freeze_panes == "A2"
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "s"]
    assert sheet["E2"].value == "=HYPERLINK(1)"
    assert sheet["A2"].number_format == "@"


def test_what_xml_cannot_hold_is_left_out():
    assert list(sheets.rows(written([["a\x00b\x1bc\ufffe"]], ["x"]), "a.xlsx"))[1] == ["abc"]


def test_a_sheet_has_a_name_that_programs_accept():
    long = "Stock: what/lies [in] 'which' bin, and more of it"
    title = openpyxl.load_workbook(written([], ["x"], sheet=long)).active.title
    assert title == "Stock  what lies  in   which  b"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "MOST_ROWS", 3)
    with pytest.raises(workbooks.TooManyRows):
        written([["1"], ["2"], ["3"]], ["x"])
