"""The strict types request bodies are made of: unknown names refused, all faults with paths."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

from config.kernel import money
from config.kernel.errors import Fault, Invalid

M = TypeVar("M", bound="Contract")

_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,20})?", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_CONTROL_BUT_NEWLINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKS = re.compile(r"[\u0300-\u036f\u20d0-\u20ff\ufe20-\ufe2f]{9,}")
YEARS = range(1990, 2101)


class Contract(BaseModel):
    """A body or a part of one: unknown names are refused, values are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


def check(contract: type[M], document: Any) -> M:
    """Return the body as its contract; raises `Invalid` with every fault and its JSON path."""
    try:
        return contract.model_validate(document)
    except ValidationError as error:
        raise Invalid([_fault(item) for item in error.errors(include_url=False)]) from error


def _fault(item: Any) -> Fault:
    path = "$" + "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]
    )
    if item["type"] == "extra_forbidden":
        detail = "Unknown field; put your own data into metadata."
        return Fault(path, "unknown_field", detail)
    if item["type"] == "missing":
        return Fault(path, "required", "This field is required.")
    return Fault(path, item["type"], item["msg"])


def _number(value: Any) -> Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        number = Decimal(value)
        if abs(number) < 10**15:
            return number
    raise PydanticCustomError("decimal", 'Send a decimal number such as "2.55".')


def _line_of_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value.isascii():
        value = _tamed(value)
    if _CONTROL.search(value):
        raise PydanticCustomError("control_character", "No control characters or line breaks here.")
    return value.strip()


def _paragraph(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if _CONTROL_BUT_NEWLINES.search(value):
        raise PydanticCustomError("control_character", "No control characters here.")
    return _tamed(value)


def _tamed(value: str) -> str:
    """Return the text composed (NFC), with stacks of combining marks cut to a readable height."""
    return unicodedata.normalize("NFC", _MARKS.sub(lambda run: run.group()[:8], value))


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value.upper())
        except ValueError:
            moment = None
        if moment is not None and moment.year in YEARS:
            return moment.astimezone(UTC)
    raise PydanticCustomError(
        "moment", "Send a moment with its offset, such as 2026-11-22T10:00:00Z, from 1990 to 2100."
    )


def _day(value: Any) -> date:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            day = None
        if day is not None and day.year in YEARS:
            return day
    raise PydanticCustomError("date", "Send a date such as 2026-11-22, from 1990 to 2100.")


def _moment_or_day(value: Any) -> datetime | date:
    return _day(value) if isinstance(value, str) and len(value) == 10 else _moment(value)


def _currency(value: Any) -> str:
    if isinstance(value, str) and money.is_currency(value):
        return value
    raise PydanticCustomError("currency", "Send an ISO 4217 code in capitals, such as GBP.")


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """Adds to a type's description what its reader insists on beside the limits."""

    more: Mapping[str, Any]

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), **self.more}


def _decimal_text(digits: int, decimals: int, example: str) -> WithJsonSchema:
    """Describe a decimal as the text it should be; a JSON number is read as well."""
    pattern = rf"^\d{{1,{digits}}}(\.\d{{1,{decimals}}})?$"
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


_LINE = Described({"pattern": r"^[^\x00-\x1f\x7f\u2028\u2029]*$"})
_TEXT = Described({"pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"})
_SPEAKING = Described({"pattern": r"^[^\x00-\x20\x7f\u2028\u2029][^\x00-\x1f\x7f\u2028\u2029]*$"})
_CURRENCY = Described({"pattern": "^[A-Z]{3}$", "examples": ["GBP"]})
SingleLine = BeforeValidator(_line_of_text)
MultipleLines = BeforeValidator(_paragraph)

# Limits stand before what reads the value: so pydantic checks them in its own fast code.

Text12 = Annotated[str, Field(max_length=12, strict=True), SingleLine, _LINE]
Text20 = Annotated[str, Field(max_length=20, strict=True), SingleLine, _LINE]
Text32 = Annotated[str, Field(max_length=32, strict=True), SingleLine, _LINE]
Text40 = Annotated[str, Field(max_length=40, strict=True), SingleLine, _LINE]
Text64 = Annotated[str, Field(max_length=64, strict=True), SingleLine, _LINE]
Text60 = Annotated[str, Field(max_length=60, strict=True), SingleLine, _LINE]
Text80 = Annotated[str, Field(max_length=80, strict=True), SingleLine, _LINE]
Text120 = Annotated[str, Field(max_length=120, strict=True), SingleLine, _LINE]
Text200 = Annotated[str, Field(max_length=200, strict=True), SingleLine, _LINE]
Text300 = Annotated[str, Field(max_length=300, strict=True), SingleLine, _LINE]
Paragraphs = Annotated[str, Field(max_length=4_000, strict=True), MultipleLines, _TEXT]
Name = Annotated[str, Field(min_length=1, max_length=80, strict=True), SingleLine, _SPEAKING]
Sku = Annotated[str, Field(min_length=1, max_length=64, strict=True), SingleLine, _SPEAKING]
Reference = Annotated[str, Field(min_length=1, max_length=120, strict=True), SingleLine, _SPEAKING]
Email = Annotated[
    str,
    Field(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$", strict=True),
    SingleLine,
]
CountryCode = Annotated[str, Field(pattern=r"^[A-Za-z]{2}$", strict=True)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
Position = Annotated[int, Field(strict=True, ge=1, le=1_000)]
Amount = Annotated[
    Decimal,
    Field(ge=0, le=Decimal(10) ** 13, decimal_places=3),
    BeforeValidator(_number),
    _decimal_text(13, 2, "9.95"),
]
UnitPrice = Annotated[
    Decimal,
    Field(ge=0, le=Decimal(10) ** 13, decimal_places=6),
    BeforeValidator(_number),
    _decimal_text(12, 6, "2.545"),
]
ListPrice = Annotated[
    Decimal,
    Field(ge=0, le=Decimal(10) ** 11, decimal_places=6),
    BeforeValidator(_number),
    _decimal_text(11, 6, "9.95"),
]
Rate = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=4),
    BeforeValidator(_number),
    _decimal_text(2, 4, "20.00"),
]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Day = Annotated[date, BeforeValidator(_day)]
MomentOrDay = Annotated[datetime | date, BeforeValidator(_moment_or_day)]
Currency = Annotated[str, BeforeValidator(_currency), _CURRENCY]
Flag = Annotated[bool, Field(strict=True)]
