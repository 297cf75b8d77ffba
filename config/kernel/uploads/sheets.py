"""Reads a spreadsheet in a process of its own, whose memory and time are limited.

A spreadsheet is a program's worth of formats inside an archive; whatever it does to its reader,
it does there. Cells come back as JSON, a line a row.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from config.kernel.uploads.errors import Unreadable

READER = Path(__file__).with_name("sheet_process.py")
MEMORY = 1536 * 1024 * 1024
SECONDS = 120
NO_SUCH_SHEET, DAMAGED = 3, 4
_DETAIL = 200


def rows(stream: IO[bytes], name: str, sheet: str = "") -> Iterator[Sequence[Any]]:
    """Yield the rows of a sheet (the first, if none is named): texts, numbers, moments, booleans.

    Raises `Unreadable`, also midway: the spreadsheet is damaged, has no such sheet, or takes more
    memory or time than is given to it.
    """
    with _as_file(stream) as file:
        process = subprocess.Popen(  # noqa: S603 - our own reader
            [sys.executable, "-I", str(READER), sheet, str(MEMORY), str(SECONDS)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
        )
    clock = threading.Timer(SECONDS, process.kill)
    clock.start()
    try:
        yield from _lines(process)
        _check(process, name, sheet)
    finally:
        clock.cancel()
        process.kill()
        process.communicate()


def _lines(process: "subprocess.Popen[bytes]") -> Iterator[Sequence[Any]]:
    decoder = msgspec.json.Decoder(list[Any])
    for line in process.stdout or ():
        yield [_cell(one) if type(one) is dict else one for one in decoder.decode(line)]


def _cell(told: dict[str, str]) -> date | datetime:
    """Dates and moments of a spreadsheet know no time zone."""
    if "day" in told:
        return date.fromisoformat(told["day"])
    return datetime.fromisoformat(told["moment"])


def _check(process: "subprocess.Popen[bytes]", name: str, sheet: str) -> None:
    told = process.stderr.read().decode(errors="replace") if process.stderr else ""
    status = process.wait()
    if status == NO_SUCH_SHEET:
        raise Unreadable("no_sheet", name=name, sheet=sheet)
    if status == DAMAGED:
        raise Unreadable("damaged", name=name, cause=told[:_DETAIL].strip())
    if status:
        raise Unreadable("too_much_to_read", name=name)


def _as_file(stream: IO[bytes]) -> IO[bytes]:
    """Return the content as an open file that another process can read from its beginning."""
    spooled = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    stream.seek(0)
    while block := stream.read(1024 * 1024):
        spooled.write(block)
    spooled.seek(0)
    return spooled
