"""The error file: the user's own rows that are wrong, with a column in front that says why."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.kernel import exports, workbooks
from config.kernel.jobs import Work
from config.kernel.models import Upload, UploadRow
from config.kernel.uploads import columns, guard, layouts, reading, reasons, staging
from config.kernel.uploads.layouts import Layout

NAME = "wrong-rows"

_BELOW_ZERO = re.compile(r"-(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?", re.ASCII)

Cell = str | int | Decimal | None


def name_for(upload: Upload) -> str:
    """Return the name of an upload's error file: a spreadsheet for a spreadsheet, else CSV."""
    is_sheet = Path(upload.file_name).suffix.lower() == guard.SPREADSHEET
    return NAME + (guard.SPREADSHEET if is_sheet else ".csv")


def write(*, upload: Upload, work: Work) -> None:
    """Write the error file into the job, if there are bad rows; put right, it can be uploaded."""
    if not UploadRow.objects.filter(upload=upload, outcome=staging.BAD).exists():
        return
    layout = layouts.of(upload.layout)
    path = reading.path_of(upload)
    name = name_for(upload)
    with reading.opened(path, upload.file_name, layout) as sheet, work.write(name) as file:
        own = [place for place, name in enumerate(sheet.header) if name != reading.WRONG]
        header = [reading.WRONG, *(sheet.header[place] for place in own)]
        rows = _rows(sheet, own, _wrong(upload, layout))
        if name.endswith(guard.SPREADSHEET):
            workbooks.write(file, sheet=str(layout.title), header=header, rows=rows)
        else:
            file.write(codecs.BOM_UTF8)
            for block in exports.csv_blocks(header, map(_safe, rows)):
                file.write(block.encode())


def _wrong(upload: Upload, layout: Layout) -> Iterator[tuple[int, str]]:
    """Yield the numbers of the bad rows in their order, with what is wrong with each."""
    bad = UploadRow.objects.filter(upload=upload, outcome=staging.BAD).order_by("row_number")
    for row in bad.iterator(chunk_size=1000):
        yield row.row_number, reasons.sentences(layout, staging.faults_of(row.faults))


def _rows(
    sheet: reading.Sheet, own: Sequence[int], wrong: Iterable[tuple[int, str]]
) -> Iterator[list[Cell]]:
    """Walk through the file and the bad rows together; neither is in memory."""
    lines = iter(sheet.lines)
    for wanted, sentence in wrong:
        cells = next(cells for number, cells in lines if number == wanted)
        yield [sentence, *(_cell(cells[place]) if place < len(cells) else "" for place in own)]


def _cell(cell: Any) -> Cell:
    """A number of a spreadsheet stays one; everything else is its text."""
    if isinstance(cell, float):
        return Decimal(columns.plain(cell))
    return cell if isinstance(cell, str) else columns.plain(cell)


def _safe(row: Sequence[Cell]) -> list[Cell]:
    """A number below zero is no formula."""
    return [
        Decimal(cell) if isinstance(cell, str) and _BELOW_ZERO.fullmatch(cell) else cell
        for cell in row
    ]
