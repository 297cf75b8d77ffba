"""Columns of a layout: what a cell may hold, and how it is read into a plain value.

A plain value is what JSON can hold (decimals as strings without trailing zeros, days and moments in
ISO 8601), so that what a file says and what the books hold are compared as they are.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from config.kernel import exports, money

Text = Any  # a str, or one that is translated when shown
Plain = Any  # str, int, bool, None, or a list of str


class BadCell(Exception):
    """A cell that cannot be read: what is wrong, by code, with facts for its sentence."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class _Keep:
    """What an empty cell means where nothing may be emptied: leave it as it is."""

    def __repr__(self) -> str:
        return "KEEP"


KEEP = _Keep()
Read = Callable[[Any], Plain]


@dataclass(frozen=True, slots=True)
class Kind:
    """What cells of a column hold, in words, and the function that reads one that is not empty."""

    told: Text
    read: Read
    is_number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a layout.

    `blank` is what an empty cell means. A `required` column must be in the file and never empty.
    `is_info` marks a column that is exported for its readers and not read back.
    """

    name: str
    kind: Kind
    help: Text
    example: str = ""
    blank: Plain = KEEP
    required: bool = False
    is_info: bool = False

    @property
    def empties(self) -> bool:
        """Tell whether an empty cell empties what is there."""
        return self.blank in (None, "", [])

    def read(self, cell: Any) -> Plain:
        """Return the plain value of a cell, KEEP when it says nothing. Raises `BadCell`."""
        if cell is None or cell == "" or (type(cell) is str and not cell.strip()):
            if self.required:
                raise BadCell("missing")
            return self.blank
        return self.kind.read(cell)


_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,12})?", re.ASCII)
_GROUPED_BY_COMMA = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+", re.ASCII)
_GROUPED_BY_DOT = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+", re.ASCII)
_COMMA = re.compile(r"[+-]?\d{1,15},\d{1,12}", re.ASCII)
_THREE_AFTER_COMMA = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+", re.ASCII)
_COUNTRY = re.compile("[A-Z]{2}")
_YES = frozenset({"yes", "y", "true", "1", "ja", "oui", "x", "on"})
_NO = frozenset({"no", "n", "false", "0", "nein", "non", "off"})
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn"})
_remembered = lru_cache(maxsize=8192, typed=True)


def text(length: int) -> Kind:
    """A text in one line; line breaks become blanks."""

    def read(cell: Any) -> str:
        told = _printable(plain(cell))
        if len(told) > length:
            raise BadCell("too_long", most=length)
        return told

    return Kind(format_lazy(_("text of up to {most} characters"), most=length), read)


def paragraphs(length: int) -> Kind:
    """A text that may have line breaks."""

    def read(cell: Any) -> str:
        lines = plain(cell).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        told = "\n".join(_printable(line) for line in lines).strip()
        if len(told) > length:
            raise BadCell("too_long", most=length)
        return told

    return Kind(
        format_lazy(_("text of up to {most} characters, with line breaks"), most=length), read
    )


def whole(low: int = 0, high: int = 2**31 - 1) -> Kind:
    """A whole number within bounds."""

    @_remembered
    def read(cell: Any) -> int:
        value = _number(cell)
        if value != value.to_integral_value():
            raise BadCell("not_whole")
        if not low <= value <= high:
            raise BadCell("out_of_range", low=low, high=high)
        return int(value)

    if low == 0:
        return Kind(_("whole number from 0"), read, is_number=True)
    return Kind(format_lazy(_("whole number from {low}"), low=low), read, is_number=True)


def number(digits: int, low: int = 0, high: Decimal | int = 10**12) -> Kind:
    """A number with some decimals; no amount is rounded."""

    @_remembered
    def read(cell: Any) -> str:
        value = _number(cell)
        if not low <= value <= high:
            raise BadCell("out_of_range", low=low, high=str(high))
        if -int(value.normalize().as_tuple().exponent) > digits:
            raise BadCell("too_precise", most=digits)
        return decimal(value)

    told = format_lazy(_("number with up to {digits} decimals"), digits=digits)
    return Kind(told, read, is_number=True)


def yes_no() -> Kind:
    """Yes or no, in the ways people and programs write it."""

    def read(cell: Any) -> bool:
        told = plain(cell).strip().casefold()
        if told in _YES or told in _NO:
            return told in _YES
        raise BadCell("not_yes_or_no")

    return Kind(_("yes or no"), read)


def choice(values: Collection[str]) -> Kind:
    """One of a few words."""
    known = {value.casefold(): value for value in values}
    shown = ", ".join(values)

    def read(cell: Any) -> str:
        value = known.get(plain(cell).strip().casefold())
        if value is None:
            raise BadCell("not_a_choice", choices=shown)
        return value

    return Kind(format_lazy(_("one of: {choices}"), choices=shown), read)


def words(length: int) -> Kind:
    """Words with commas between them; their order does not matter."""

    def read(cell: Any) -> list[str]:
        told = sorted({word for one in plain(cell).split(",") if (word := _printable(one))})
        if any(len(word) > length for word in told):
            raise BadCell("too_long", most=length)
        return told

    return Kind(_("words with commas between them"), read)


def currency() -> Kind:
    """A currency."""

    def read(cell: Any) -> str:
        code = plain(cell).strip().upper()
        if not money.is_currency(code):
            raise BadCell("unknown_currency")
        return code

    return Kind(_("ISO 4217 code"), read)


def code(length: int) -> Kind:
    """A SKU, a barcode, a reference: a text that a spreadsheet may have taken for a number."""

    def read(cell: Any) -> str:
        told = _printable(plain(cell))
        if len(told) > length:
            raise BadCell("too_long", most=length)
        if _SHORTENED.fullmatch(told):
            raise BadCell("shortened")
        return told

    return Kind(format_lazy(_("code of up to {most} characters"), most=length), read)


def country() -> Kind:
    """A country."""

    def read(cell: Any) -> str:
        told = plain(cell).strip().upper()
        if not _COUNTRY.fullmatch(told):
            raise BadCell("unknown_country")
        return told

    return Kind(_("ISO 3166 code of two letters"), read)


def email() -> Kind:
    """One e-mail address."""

    def read(cell: Any) -> str:
        told = plain(cell).strip()
        if len(told) > 254 or not told.isprintable() or not _EMAIL.fullmatch(told):
            raise BadCell("not_an_email")
        return told

    return Kind(_("e-mail address"), read)


def key() -> Kind:
    """The key of a record, as it was exported."""

    def read(cell: Any) -> str:
        try:
            return str(UUID(plain(cell).strip()))
        except ValueError as error:
            raise BadCell("not_a_key") from error

    return Kind(_("key of the record, as exported"), read)


def day() -> Kind:
    """A day of the calendar."""

    def read(cell: Any) -> str:
        if isinstance(cell, datetime):
            return cell.date().isoformat()
        if isinstance(cell, date):
            return cell.isoformat()
        try:
            return date.fromisoformat(plain(cell).strip()).isoformat()
        except ValueError as error:
            raise BadCell("not_a_day") from error

    return Kind(_("day, as 2026-11-30"), read)


def moment(ahead: timedelta, now: Callable[[], datetime]) -> Kind:
    """A moment from 1970 to so far ahead of now; without an offset it is meant in UTC."""

    def read(cell: Any) -> str:
        try:
            value = _moment(cell)
        except (ValueError, OverflowError) as error:
            raise BadCell("not_a_time") from error
        if not datetime(1970, 1, 1, tzinfo=UTC) <= value <= now() + ahead:
            raise BadCell("time_out_of_range")
        return value.isoformat()

    return Kind(_("moment, as 2026-11-30 17:05 (UTC) or with its offset"), read)


def plain(cell: Any) -> str:
    """Return the text of a cell as staff would write it; an apostrophe against formulas goes."""
    if isinstance(cell, str):
        return exports.restored(cell.strip())
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def tame(told: str, most: int = 80) -> str:
    """Return the beginning of any text in a form that can be stored and shown."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in told[:most])


def decimal(value: Decimal) -> str:
    """Return a decimal as its plain value: no exponent, no trailing zeros, no minus on zero."""
    if not value:
        return "0"
    return format(value.normalize(), "f")


def shown(value: Plain) -> str:
    """Return a plain value as a cell of text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _moment(cell: Any) -> datetime:
    if isinstance(cell, date) and not isinstance(cell, datetime):
        cell = datetime.combine(cell, time())
    value = cell if isinstance(cell, datetime) else datetime.fromisoformat(plain(cell).strip())
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _number(cell: Any) -> Decimal:
    """Read a number; the decimal mark is a dot, or a comma where nothing else can be meant."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_float(cell)
    told = plain(cell).replace("\u00a0", "").replace("\u202f", "").strip()
    if _NUMBER.fullmatch(told):
        return Decimal(told)
    if _THREE_AFTER_COMMA.fullmatch(told):
        raise BadCell("ambiguous_number")
    if _GROUPED_BY_COMMA.fullmatch(told):
        return Decimal(told.replace(",", ""))
    if _GROUPED_BY_DOT.fullmatch(told) or _COMMA.fullmatch(told):
        return Decimal(told.replace(".", "").replace(",", "."))
    raise BadCell("not_a_number")


def _of_float(cell: float) -> Decimal:
    """A spreadsheet's number, without the noise of its binary fraction."""
    try:
        value = round(Decimal(repr(cell)), 9)
    except InvalidOperation as error:
        raise BadCell("not_a_number") from error
    if not value.is_finite():
        raise BadCell("not_a_number")
    return value


def _printable(told: str) -> str:
    """Blanks are tidied, letters composed; what cannot be printed makes the cell unreadable."""
    told = " ".join(told.split())
    if told.isascii() and told.isprintable():
        return told
    told = unicodedata.normalize("NFC", told)
    if any(unicodedata.category(letter) in _UNPRINTABLE for letter in told):
        raise BadCell("control_character")
    return told


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: a code with its facts, in which column, and what the cell said."""

    code: str
    column: str = ""
    value: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
