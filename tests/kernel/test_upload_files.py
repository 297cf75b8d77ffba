"""Files: what is opened, what is refused before it is unpacked, how tables are read."""

import bz2
import gzip
import io
import lzma
import zipfile
from datetime import datetime

import openpyxl
import pytest

from config.kernel.uploads import files, tables
from config.kernel.uploads.errors import MEBIBYTE, Unreadable
from config.kernel.uploads.tables import Layout

EIGHT = datetime(2010, 12, 1, 8, 26)  # noqa: DTZ001 - a spreadsheet knows no zones

TEXT = "No,Name,Price\n1,Tea,2.55\n2,Käse,3.00\n"
ROWS = (["No", "Name", "Price"], [(2, ["1", "Tea", "2.55"]), (3, ["2", "Käse", "3.00"])])


def read(content, name, layout=None):
    with files.opened(io.BytesIO(content), name) as source:
        table = tables.table(source, layout or Layout())
        return list(table.header), [(number, list(cells)) for number, cells in table.rows]


def refusal(content, name, layout=None):
    with pytest.raises(Unreadable) as raised:
        read(content, name, layout)
    return str(raised.value)


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return packed.getvalue()


def workbook(*rows, sheet="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", TEXT.encode()),
        ("a.csv.gz", gzip.compress(TEXT.encode(), mtime=0)),
        ("a.csv.bz2", bz2.compress(TEXT.encode())),
        ("a.csv.xz", lzma.compress(TEXT.encode())),
        ("A.CSV.ZIP", zipped(a_csv=TEXT.encode())),
        ("a.csv", b"\xef\xbb\xbf" + TEXT.encode()),
        ("a.csv", TEXT.encode("utf-16")),
        ("a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")),
        ("a.csv.gz", gzip.compress(TEXT.encode("utf-16"), mtime=0)),
        ("a.csv", TEXT.replace(",", ";").encode()),
        ("a.txt", TEXT.replace(",", "|").encode()),
        ("a.tsv", TEXT.replace(",", "\t").encode()),
        ("a.csv", TEXT.replace("\n", "\r\n").encode()),
        ("a.csv", TEXT.rstrip("\n").encode()),
    ],
)
def test_the_same_table_however_it_is_packed_and_written(name, content):
    assert read(content, name) == ROWS


def test_a_named_encoding_and_delimiter_win():
    content = TEXT.replace(",", "#").encode("latin-1")
    assert read(content, "a.csv", Layout(encoding="latin-1", delimiter="#")) == ROWS


def test_quoted_fields_may_hold_delimiters_quotes_and_line_breaks():
    content = b'No,Name\n1,"a ""b"", c\nd"\n'
    assert read(content, "a.csv") == (["No", "Name"], [(2, ["1", 'a "b", c\nd'])])


def test_rows_without_content_are_left_out_and_still_counted():
    assert read(b"No,Name\n\n1,Tea\n,\n2,Milk\n", "a.csv")[1] == [
        (3, ["1", "Tea"]),
        (5, ["2", "Milk"]),
    ]


def test_the_header_may_stand_below_a_title():
    assert read(b"Sales 2026\n\nNo,Name\n1,Tea\n", "a.csv", Layout(header_row=3)) == (
        ["No", "Name"],
        [(4, ["1", "Tea"])],
    )


def test_a_spreadsheet_gives_typed_cells():
    content = workbook(["No", "When", "Price"], [17850, EIGHT, 2.55])
    header, rows = read(content, "a.xlsx")
    assert header == ["No", "When", "Price"]
    assert rows == [(2, [17850.0, EIGHT, 2.55])]


def test_a_spreadsheet_may_be_packed_and_its_sheet_named():
    content = workbook(["No"], ["1"], sheet="Orders")
    assert read(gzip.compress(content), "a.xlsx.gz")[1] == [(2, ["1"])]
    assert read(zipped(a_xlsx=content), "a.zip", Layout(sheet="Orders"))[1] == [(2, ["1"])]
    assert "no sheet “Other”" in refusal(content, "a.xlsx", Layout(sheet="Other"))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"MZ\x90\x00\x03\x00program", "not text"),
        ("a.csv", zipped(a_csv=b"x"), "not text"),
        ("a.exe", b"MZ\x90\x00", "CSV, TSV and XLSX are read"),
        ("a.csv.gz", TEXT.encode(), "not what the name says"),
        ("a.xlsx", TEXT.encode(), "not what the name says"),
        ("a.xlsx", zipped(a_csv=TEXT.encode()), "not what the name says"),
        ("a.csv.gz", gzip.compress(TEXT.encode() * 999, mtime=0)[:-40], "damaged"),
        ("a.csv.bz2", bz2.compress(TEXT.encode())[:-9] + b"xxxxxxxxx", "damaged"),
        ("a.csv.xz", lzma.compress(TEXT.encode())[:-20], "damaged"),
        ("a.zip", zipped(a_csv=b"x")[:-30], "damaged"),
        ("a.zip", zipped(a_csv=b"x", b_csv=b"y"), "holds 2 files"),
        ("a.zip", zipped(a_zip=zipped(a_csv=b"x")), "neither CSV, TSV nor XLSX"),
        ("a.csv", b"No,Name\n1,K\xe4se\n", "is not utf-8"),
        ("a.csv", b'No,Name\n1,"Tea\n', "line 2"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(name, content, reason):
    assert reason in refusal(content, name)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.csv.gz", gzip.compress),
        ("a.csv.bz2", bz2.compress),
        ("a.csv.xz", lzma.compress),
        ("a.zip", lambda content: zipped(a_csv=content)),
    ],
)
def test_a_bomb_is_refused_before_it_bursts(name, pack):
    bomb = pack(b"No,Name\n" + b"0" * 32 * MEBIBYTE)
    assert len(bomb) < 200_000
    assert "unpacks to more than" in refusal(bomb, name)


def test_a_spreadsheet_that_unpacks_to_gigabytes_is_refused_by_what_its_archive_states():
    bomb = zipped(xl__workbook_xml=b"<x/>", xl__sheet_xml=b"0" * 32 * MEBIBYTE)
    assert "unpacks to more than" in refusal(bomb, "a.xlsx")


def test_a_spreadsheet_that_lies_about_its_size_is_refused_by_what_comes_out():
    size = 32 * MEBIBYTE
    bomb = zipped(xl__workbook_xml=b"<x/>", xl__sheet_xml=b"0" * size)
    lying = bomb.replace(size.to_bytes(4, "little"), (999).to_bytes(4, "little"))
    assert lying != bomb
    assert "damaged" in refusal(lying, "a.xlsx") or "unpacks" in refusal(lying, "a.xlsx")


def test_a_locked_archive_is_refused():
    content = bytearray(zipped(a_csv=b"x"))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    assert "password" in refusal(bytes(content), "a.zip")


def test_reading_says_how_far_it_is():
    content = TEXT.encode() + b"3,x,1\n" * 200_000
    with files.opened(io.BytesIO(content), "a.csv") as source:
        rows = tables.table(source, Layout()).rows
        next(rows)
        early = source.fraction()
        for _ in rows:
            pass
        assert 0 < early < 0.5
        assert source.fraction() == 1.0


NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_an_external_entity_in_a_spreadsheet_is_not_fetched():
    sheet = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'
        b"<worksheet " + NAMESPACE + b'><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        b"<t>sku&secret;</t></is></c></row></sheetData></worksheet>"
    )
    content = _with_member(workbook(["text"]), "xl/worksheets/sheet1.xml", sheet)
    assert "root:" not in _told(content)


def test_a_sheet_of_two_far_cells_bursts_the_process_that_reads_it_and_no_other():
    cell = b'<row r="%d"><c r="%s"><v>1</v></c></row>'
    sheet = (
        b"<worksheet "
        + NAMESPACE
        + b"><sheetData>"
        + cell % (1, b"A1")
        + cell % (1048576, b"XFD1048576")
        + b"</sheetData></worksheet>"
    )
    content = _with_member(workbook(["text"]), "xl/worksheets/sheet1.xml", sheet)
    assert len(content) < 10_000
    assert "too much memory" in refusal(content, "a.xlsx")


def _told(content):
    """Everything that reading a spreadsheet says, be it its cells or why it is refused."""
    try:
        return str(read(content, "a.xlsx"))
    except Unreadable as refused:
        return str(refused)


def _with_member(content, name, replaced):
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, replaced if member == name else old.read(member))
    return written.getvalue()
