"""Reads a stock file: CSV with the columns `sku` and `quantity`, packed with gzip or not."""

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SKU, QUANTITY = "sku", "quantity"
SIZE_LIMIT = 256 * 1024 * 1024
QUANTITY_LIMIT = 2**31 - 1

_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ",;\t|"


class Unreadable(ValueError):
    """The file is not what it should be; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be booked, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


@dataclass(slots=True)
class Sheet:
    """What a file says: units per SKU as written, in the file's order, and what cannot be read."""

    digest: str
    quantities: dict[str, int] = field(default_factory=dict)
    bad: list[BadRow] = field(default_factory=list)


def read(path: Path) -> Sheet:
    """Return the content of a stock file; a SKU in several rows gets their sum.

    `digest` is that of the unpacked content, so that a file and its packed twin are the same.
    Raises `Unreadable` for a file that is missing, damaged, absurdly large or lacks a column.
    """
    content = _content(path)
    sheet = Sheet(hashlib.sha256(content).hexdigest())
    try:
        for line, sku, quantity in _rows(_text(content)):
            _take(sheet, line, sku.strip(), quantity.strip())
    except csv.Error as error:
        raise Unreadable(f"{path.name} is not CSV: {error}") from error
    return sheet


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if not raw.startswith(_GZIP):
            return raw
        with gzip.open(io.BytesIO(raw)) as unpacked:
            content = unpacked.read(SIZE_LIMIT + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "the file is damaged"
        raise Unreadable(f"{path} cannot be read: {reason}") from error
    if len(content) > SIZE_LIMIT:
        raise Unreadable(f"{path.name} is larger than {SIZE_LIMIT // 2**20} MiB when unpacked")
    return content


def _text(content: bytes) -> str:
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, str, str]]:
    head, _, _ = text.partition("\n")
    delimiter = max(_DELIMITERS, key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    names = [name.strip().casefold() for name in next(rows, [])]
    missing = [name for name in (SKU, QUANTITY) if name not in names]
    if missing:
        raise Unreadable(f"The first row names no column {' and no column '.join(missing)}")
    places = names.index(SKU), names.index(QUANTITY)
    for row in rows:
        if any(cell.strip() for cell in row):
            sku, quantity = (row[place] if place < len(row) else "" for place in places)
            yield rows.line_num, sku, quantity


def _take(sheet: Sheet, line: int, sku: str, quantity: str) -> None:
    if not sku:
        sheet.bad.append(BadRow(line, "no SKU"))
    elif not (quantity.isascii() and quantity.isdigit() and len(quantity) < 11):
        sheet.bad.append(BadRow(line, f"{quantity[:40]!r} is not a whole number from 0"))
    elif int(quantity) + sheet.quantities.get(sku, 0) > QUANTITY_LIMIT:
        sheet.bad.append(BadRow(line, f"more than {QUANTITY_LIMIT} units"))
    else:
        sheet.quantities[sku] = sheet.quantities.get(sku, 0) + int(quantity)
