"""The process that reads one spreadsheet: from standard input to a line of JSON a row.

Run by `sheets` under limits, with neither Django nor our settings in it.
"""

import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

NO_SUCH_SHEET, DAMAGED = 3, 4
PLAIN = (str, float, int, bool)


def main(sheet: str, memory: str, seconds: str) -> int:
    """Write the rows of the sheet to standard output; return the exit status."""
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    try:
        with open(0, "rb", closefd=False) as file:
            return _write(CalamineWorkbook.from_filelike(file), sheet)
    except CalamineError as error:
        sys.stderr.write(str(error))
        return DAMAGED


def _write(book: CalamineWorkbook, name: str) -> int:
    names = book.sheet_names
    if not names or (name and name not in names):
        return NO_SUCH_SHEET
    encoder = msgspec.json.Encoder()
    write = sys.stdout.buffer.write
    for row in book.get_sheet_by_name(name or names[0]).iter_rows():
        write(encoder.encode([cell if type(cell) in PLAIN else _told(cell) for cell in row]))
        write(b"\n")
    sys.stdout.buffer.flush()
    return 0


def _told(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return {"moment": cell.isoformat()}
    if isinstance(cell, date):
        return {"day": cell.isoformat()}
    return str(cell) if isinstance(cell, time | timedelta) else ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
