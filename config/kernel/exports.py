"""Tables for people to open in a spreadsheet, which must never take a text for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

# What spreadsheets take for the start of a formula, in the wide forms too.
_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")

# What spreadsheets need to take a file for UTF-8.
BYTE_ORDER_MARK = "\ufeff"

Cell = str | int | Decimal | date | datetime | None


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV; texts that would be formulas are quoted, numbers stay numbers."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow([safe(name) for name in header])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return written.getvalue()


def csv_row(row: Sequence[Cell]) -> str:
    """Return one row as CSV, for tables that are written as they are read."""
    written = io.StringIO(newline="")
    csv.writer(written).writerow([safe(cell) for cell in row])
    return written.getvalue()


def safe(cell: Cell) -> str:
    """Return a cell's text; one that a spreadsheet would run gets an apostrophe in front."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS) else cell
    return cell.isoformat() if isinstance(cell, date) else str(cell)
