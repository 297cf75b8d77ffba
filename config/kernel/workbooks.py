"""Writes a spreadsheet row by row: texts stay texts, numbers numbers, nothing is a formula."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

from config.kernel import errors

Cell = str | int | Decimal | date | datetime | None

MOST_ROWS = 1_048_576
MOST_LETTERS = 32_767
BLOCK = 64 * 1024

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BOLD, _TEXT = 1, 2

_PARTS = {
    "[Content_Types].xml": f"""{_HEAD}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>""",
    "_rels/.rels": f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/_rels/workbook.xml.rels": f"""{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>""",
    # Cells are plain, bold (the header) or text: a text cell stays one when somebody edits it.
    "xl/styles.xml": f"""{_HEAD}<styleSheet xmlns="{_MAIN}">
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="1"><fill><patternFill patternType="none"/></fill></fills>
<borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>""",
}


class TooManyRows(errors.DomainError):
    """More rows than a sheet has room for."""

    code, status = "too_many_rows_for_a_sheet", 422
    title = "A spreadsheet ends after 1,048,576 rows; take CSV."


def write(
    file: IO[bytes], *, sheet: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> int:
    """Write a workbook of one sheet and return how many rows stand below its header.

    Nothing is in memory as a whole. Raises `TooManyRows` when a sheet cannot hold them.
    """
    counted = 0

    def lines() -> Iterator[str]:
        nonlocal counted
        yield _opening(header)
        for counted, row in enumerate(rows, 1):
            if counted >= MOST_ROWS:
                raise TooManyRows
            yield f"<row>{''.join(map(_cell, row))}</row>"
        yield "</sheetData></worksheet>"

    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in {**_PARTS, "xl/workbook.xml": _workbook(sheet)}.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            _write_blocks(part, lines())
    return counted


def _write_blocks(part: IO[bytes], lines: Iterable[str]) -> None:
    block: list[str] = []
    size = 0
    for line in lines:
        block.append(line)
        size += len(line)
        if size > BLOCK:
            part.write("".join(block).encode())
            block, size = [], 0
    part.write("".join(block).encode())


def _workbook(sheet: str) -> str:
    title = escape(re.sub(r"[\[\]:*?/\\']", " ", sheet)[:31], {'"': "&quot;"})
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        f'<sheet name="{title}" sheetId="1" r:id="r1"/></sheets></workbook>'
    )


def _opening(header: Sequence[str]) -> str:
    """The header stays in sight while the rows below it are scrolled."""
    titles = "".join(_text(name, _BOLD) for name in header)
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        '</sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" defaultColWidth="18"/>'
        f"<sheetData><row>{titles}</row>"
    )


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, str):
        return _text(cell, _TEXT)
    if isinstance(cell, date):
        return _text(cell.isoformat(), _TEXT)
    return f"<c><v>{cell}</v></c>"


def _text(text: str, style: int) -> str:
    shown = escape(_UNPRINTABLE.sub("", text[:MOST_LETTERS]))
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
