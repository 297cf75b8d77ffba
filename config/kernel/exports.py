"""Tables for people to open in a spreadsheet, which must never take a text for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

# What spreadsheets take for the start of a formula, in the wide forms too.
_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")
MARK = "'"
BLOCK = 64 * 1024

# What spreadsheets need to take a file for UTF-8.
BYTE_ORDER_MARK = "\ufeff"

Cell = str | int | Decimal | date | datetime | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV; texts that would be formulas are quoted, numbers stay numbers."""
    return "".join(csv_blocks(header, rows))


def csv_blocks(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the same table in pieces of some 64 kB, so that it is never in memory as a whole."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([safe(name) for name in header])
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
        if written.tell() > BLOCK:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()


def csv_row(row: Sequence[Cell]) -> str:
    """Return one row as CSV, for tables that are written as they are read."""
    written = io.StringIO(newline="")
    csv.writer(written).writerow([safe(cell) for cell in row])
    return written.getvalue()


def safe(cell: Cell) -> str:
    """Return a cell's text; one that a spreadsheet would run gets an apostrophe in front.

    So does a text that begins with apostrophes and goes on like a formula: `restored` gives back
    exactly what was written.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return MARK + cell if _would_run(cell) else cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def typed(text: str) -> str:
    """Return a text for a cell that cannot be a formula, so that `restored` gives it back."""
    return MARK + text if text.startswith(MARK) and _would_run(text) else text


def restored(text: str) -> str:
    """Return the text that `safe` wrote; what it left alone stays as it is."""
    return text[1:] if text.startswith(MARK) and _would_run(text) else text


def _would_run(text: str) -> bool:
    return text.lstrip("' ").startswith(_STARTS)
