"""Reads single cells as files write them: texts, numbers, moments, countries.

Each public function returns a reader: given one cell, it returns the value or raises `BadCell`.
Files repeat most of what they say, so readers remember their last few thousand answers.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, TypeVar

from babel import Locale

from config.kernel import money
from orders.imports.mapping import Values

LARGEST_QUANTITY = 10_000_000
LARGEST_AMOUNT = Decimal(10) ** 12
PRICE_DIGITS = 6
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=24)

T = TypeVar("T")
Reader = Callable[[Any], T]

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,12})?")
_SHORT_NAMES = {"Hong Kong": "HK", "Macao": "MO", "Czech Republic": "CZ", "UK": "GB", "USA": "US"}
_remembered = lru_cache(maxsize=4096, typed=True)


class BadCell(Exception):
    """A cell that cannot be read: what is wrong, by code, with which value of which field."""

    def __init__(self, code: str, field: str, value: object = "") -> None:
        super().__init__(code)
        self.code, self.field, self.value = code, field, str(value)[:80]


def plain(cell: Any) -> str:
    """Return the text of a cell; a spreadsheet's 17850.0 is the number 17850."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def texts(
    field: str, length: int, *, required: bool = False, whole: bool = False, cut: bool = False
) -> Reader[str]:
    """Read a text, trimmed and composed; `whole` makes 17850 of 17850.0, `cut` shortens it."""

    @_remembered
    def read(cell: Any) -> str:
        text = _printable(plain(cell), field)
        if whole:
            text = _whole(text)
        if required and not text:
            raise BadCell("missing", field)
        if len(text) > length and not cut:
            raise BadCell("too_long", field, text)
        return text[:length]

    return read


def skus(length: int, fold: Callable[[str], str]) -> Reader[str]:
    """Read a SKU as the mapping writes them."""
    read = texts("sku", length, required=True)
    return lambda cell: fold(read(cell))


def numbers(field: str, style: Values, *, low: int, high: Decimal | int) -> Reader[Decimal | None]:
    """Read a number within bounds, None for an empty cell."""

    @_remembered
    def read(cell: Any) -> Decimal | None:
        if cell == "":
            return None
        value = _of_text(cell, style) if isinstance(cell, str) else _of_cell(cell)
        if value is None:
            raise BadCell("not_a_number", field, cell)
        if not low <= value <= high:
            raise BadCell("out_of_range", field, cell)
        return value

    return read


def prices(style: Values) -> Reader[Decimal]:
    """Read a price of up to six decimals; nothing costs less than nothing."""
    read_number = numbers("unit_price", style, low=-(10**12), high=LARGEST_AMOUNT)

    @_remembered
    def read(cell: Any) -> Decimal:
        value = read_number(cell)
        if value is None:
            raise BadCell("missing", "unit_price")
        if -int(value.as_tuple().exponent) > PRICE_DIGITS:
            raise BadCell("too_precise", "unit_price", cell)
        return value

    return read


def quantities(style: Values) -> Reader[int]:
    """Read a whole number of units, of either sign."""
    read_number = numbers("quantity", style, low=-LARGEST_QUANTITY, high=LARGEST_QUANTITY)

    @_remembered
    def read(cell: Any) -> int:
        value = read_number(cell)
        if value is None:
            raise BadCell("missing", "quantity")
        if value != int(value):
            raise BadCell("not_whole", "quantity", cell)
        return int(value)

    return read


def moments(style: Values, now: datetime) -> Reader[datetime]:
    """Read a moment into UTC; orders are not placed before 1970, nor a day after `now`."""
    zone, latest = style.zone(), now + AHEAD

    @_remembered
    def read(cell: Any) -> datetime:
        local = _parsed(cell, style.time_formats)
        if local is None:
            raise BadCell("not_a_time" if cell else "missing", "at", cell)
        moment = _in_utc(local, zone)
        if moment < EARLIEST:
            raise BadCell("too_long_ago", "at", cell)
        if moment > latest:
            raise BadCell("in_the_future", "at", cell)
        return moment

    return read


def countries(named: Mapping[str, str]) -> Reader[str]:
    """Read a country by its code, its English name or the mapping's own names into its code."""
    territories = {str(key): str(name) for key, name in Locale("en").territories.items()}
    codes = {code.casefold(): code for code in territories if len(code) == 2}
    codes |= {name.casefold(): code for code, name in territories.items() if len(code) == 2}
    codes |= {name.casefold(): code for name, code in (_SHORT_NAMES | dict(named)).items()}

    @_remembered
    def read(cell: Any) -> str:
        text = plain(cell).strip()
        code = codes.get(text.casefold()) if text else ""
        if code is None:
            raise BadCell("unknown_country", "country", text)
        return code

    return read


def currencies(default: str, taken: Container[str] | None) -> Reader[str]:
    """Read an ISO 4217 code of those taken; an empty cell means the mapping's currency."""

    @_remembered
    def read(cell: Any) -> str:
        code = plain(cell).strip().upper() or default
        if not money.is_currency(code) or (taken is not None and code not in taken):
            raise BadCell("unknown_currency", "currency", code)
        return code

    return read


def _printable(text: str, field: str) -> str:
    """Tabs and line breaks become blanks; what else cannot be printed makes the row unreadable."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    text = unicodedata.normalize("NFC", text)
    if text.isprintable():
        return text
    text = " ".join(text.split())
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise BadCell("control_character", field, ascii(text))
    return text


def _whole(text: str) -> str:
    head, _, tail = text.partition(".")
    return text if tail.strip("0") else head


def _of_text(text: str, style: Values) -> Decimal | None:
    text = text.strip().replace("\u00a0", " ").replace("\u202f", " ")
    if style.thousands_mark:
        text = text.replace(style.thousands_mark, "")
    if style.decimal_mark != ".":
        if "." in text:
            return None
        text = text.replace(style.decimal_mark, ".")
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _of_cell(cell: Any) -> Decimal | None:
    """A spreadsheet's number, without the noise of its binary fraction."""
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    try:
        value = round(Decimal(repr(cell)), PRICE_DIGITS)
    except InvalidOperation:
        return None
    return Decimal(format(value.normalize(), "f"))


def _parsed(cell: Any, formats: Sequence[str]) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - local, placed by the caller
    for form in formats:
        try:
            return datetime.strptime(str(cell).strip(), form)  # noqa: DTZ007 - local, or with offset
        except ValueError:
            continue
    return None


def _in_utc(local: datetime, zone: tzinfo) -> datetime:
    """The moment; of an hour that happens twice the first, and none for an hour left out."""
    try:
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) != local:
            raise BadCell("time_does_not_exist", "at", local)
    except OverflowError as error:
        raise BadCell("not_a_time", "at", local) from error
    return moment
