"""Reads a table out of an open file: the header, then one list of cells a row."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from itertools import islice
from typing import Any, cast

from config.kernel.uploads import files, sheets
from config.kernel.uploads.errors import Unreadable

DELIMITERS = ",;\t|"

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER_PEEK = 65536


@dataclass(frozen=True, slots=True)
class Layout:
    """How the table is written down; empty means: find out."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """The column names and the rows below them, numbered as a spreadsheet shows them, from 1.

    Text files give text cells; spreadsheets also numbers, booleans and moments.
    """

    header: Sequence[str]
    rows: Iterator[tuple[int, Sequence[Any]]]


def table(source: files.Source, layout: Layout) -> Table:
    """Return the table in the file; rows without any content are left out.

    Raises `Unreadable`, also while rows are read: text in another encoding, broken quoting.
    Nothing is in memory as a whole, but a spreadsheet in the process that reads it.
    """
    if source.kind == files.SPREADSHEET:
        lines = sheets.rows(source.stream, source.name, layout.sheet)
    else:
        lines = _text(source, layout)
    header = next(islice(lines, layout.header_row - 1, None), None)
    if header is None:
        raise Unreadable("no_header", name=source.name, row=layout.header_row)
    return Table([str(cell).strip() for cell in header], _numbered(lines, layout.header_row + 1))


def _numbered(lines: Iterator[Sequence[Any]], first: int) -> Iterator[tuple[int, Sequence[Any]]]:
    for number, cells in enumerate(lines, first):
        if any(cell != "" for cell in cells):
            yield number, cells


def _text(source: files.Source, layout: Layout) -> Iterator[Sequence[Any]]:
    stream = cast("BufferedReader", source.stream)
    head = stream.peek(_HEADER_PEEK)
    encoding = layout.encoding or _encoding(head)
    text = TextIOWrapper(stream, encoding=encoding, newline="")
    delimiter = layout.delimiter or _delimiter(head.decode(encoding, "replace"), source.suffix)
    lines = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        yield from lines
    except UnicodeError as error:
        raise Unreadable(
            "encoding", name=source.name, line=lines.line_num, encoding=encoding
        ) from error
    except csv.Error as error:
        raise Unreadable(
            "not_csv", name=source.name, line=lines.line_num, cause=str(error)
        ) from error


def _encoding(head: bytes) -> str:
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


def _delimiter(head: str, suffix: str) -> str:
    """The one that the first line holds most of."""
    if suffix in {".tsv", ".tab"}:
        return "\t"
    first = head.split("\n", 1)[0]
    return max(DELIMITERS, key=first.count)
