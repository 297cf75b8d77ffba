"""Exports in the very layout of the uploads: handed in again, they change nothing."""

import codecs
import io
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import IO

from config.kernel import exports, workbooks
from config.kernel.jobs import Work
from config.kernel.uploads import columns
from config.kernel.uploads.columns import Column, Plain
from config.kernel.uploads.layouts import Behalf, Layout, Values

CSV, XLSX = "csv", "xlsx"
AT_ONCE = 5000
EXACT = 15

CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def at_once(*, layout: Layout, behalf: Behalf, form: str) -> bytes | None:
    """Return the whole export, or None when it is so long that a job should write it."""
    stream = iter(layout.export(behalf))
    found = list(islice(stream, AT_ONCE + 1))
    if len(found) > AT_ONCE:
        return None
    written = io.BytesIO()
    _write(written, layout, found, form)
    return written.getvalue()


def write(*, layout: Layout, behalf: Behalf, work: Work) -> Iterator[None]:
    """Write an export of any length into the job; yields once, before it begins."""
    yield
    form = CSV if work.params.get("form") == CSV else XLSX
    with work.write(f"{layout.code}.{form}") as file:
        _write(file, layout, layout.export(behalf), form)


def template(*, layout: Layout, form: str) -> bytes:
    """Return a file of the layout with its example rows."""
    written = io.BytesIO()
    _write(written, layout, map(dict, layout.examples), form)
    return written.getvalue()


def _write(file: IO[bytes], layout: Layout, rows: Iterable[Values], form: str) -> None:
    if form == XLSX:
        cells = (
            [_typed(column, row.get(column.name)) for column in layout.columns] for row in rows
        )
        workbooks.write(file, sheet=str(layout.title), header=layout.names, rows=cells)
        return
    texts = ([_text(column, row.get(column.name)) for column in layout.columns] for row in rows)
    file.write(codecs.BOM_UTF8)
    for block in exports.csv_blocks(layout.names, texts):
        file.write(block.encode())


def _text(column: Column, value: Plain) -> exports.Cell:
    """A number below zero is no formula and stays a number."""
    told = columns.shown(value)
    return Decimal(told) if column.kind.is_number and told else told


def _typed(column: Column, value: Plain) -> exports.Cell:
    """A spreadsheet keeps fifteen digits of a number; longer ones are written as text."""
    told = columns.shown(value)
    if column.kind.is_number and told and len(told) <= EXACT:
        return Decimal(told)
    return exports.typed(told)
