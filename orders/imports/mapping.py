"""The mapping file: which column is what, how values are written, what tells rows apart."""

import codecs
import hashlib
import tomllib
from collections.abc import Sequence
from datetime import timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from config.kernel import money
from config.kernel.uploads.tables import Layout
from orders.imports.errors import BadMapping

Sign = Literal["positive", "negative", "zero"]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
REQUIRED_COLUMNS = ("reference", "at", "sku", "quantity", "unit_price")


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSection(_Section):
    """How the table is written down; what is left out is found out."""

    encoding: str = ""
    delimiter: str = Field(default="", max_length=1)
    sheet: str = ""
    header_row: int = Field(default=1, ge=1, le=100)

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name if name else ""
        except LookupError as error:
            raise ValueError(f"there is no encoding {name!r}") from error


class Columns(_Section):
    """The heading of the column that holds each value; a column not named is not read."""

    reference: str
    at: str
    sku: str
    quantity: str
    unit_price: str
    description: str | None = None
    customer: str | None = None
    name: str | None = None
    company: str | None = None
    email: str | None = None
    phone: str | None = None
    vat_number: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    currency: str | None = None
    tax_rate: str | None = None
    discount_amount: str | None = None
    shipping_amount: str | None = None
    shipping_method: str | None = None
    customer_order_number: str | None = None
    note: str | None = None

    def named(self) -> dict[str, str]:
        """Return the headings by what their columns hold."""
        return {field: heading for field, heading in self if heading is not None}


class Values(_Section):
    """How numbers, moments and amounts are written, and what holds for every row."""

    time_formats: Texts = ("%Y-%m-%d %H:%M:%S",)
    time_zone: str = "UTC"
    decimal_mark: Literal[".", ","] = "."
    thousands_mark: Literal["", ".", ",", " ", "'"] = ""
    whole_numbers: Texts = ()
    currency: str = ""
    tax_rate: Decimal = Field(default=Decimal(0), ge=0, le=100)
    prices_include_tax: bool = True

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"there is no time zone {name!r}") from error
        return name

    @field_validator("currency")
    @classmethod
    def _currency_exists(cls, code: str) -> str:
        if code and not money.is_currency(code):
            raise ValueError(f"there is no currency {code!r}")
        return code

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal_mark == self.thousands_mark:
            raise ValueError("decimal_mark and thousands_mark must differ")
        return self

    def zone(self) -> tzinfo:
        """Return the time zone in which the file's moments are written."""
        return timezone(timedelta()) if self.time_zone == "UTC" else ZoneInfo(self.time_zone)


class Skus(_Section):
    """How SKUs are written, which are charges, and whether unknown ones become products."""

    fold: Literal["none", "upper", "lower"] = "none"
    non_stock: Texts = ()
    create_products: bool = False


class Payment(_Section):
    """What is known of payments; without it the orders count as not paid."""

    method: str = Field(min_length=1, max_length=40)
    status: Literal["pending", "authorized", "paid"] = "paid"


class When(_Section):
    """Conditions on a row, all of which must hold; none at all holds always."""

    reference_prefix: Texts = ()
    sku: Texts = ()
    quantity: Sign | None = None
    unit_price: Sign | None = None
    customer: bool | None = None
    stocked: bool | None = None
    cells: dict[str, Texts] = {}

    @field_validator("reference_prefix", "sku", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("cells", mode="before")
    @classmethod
    def _one_or_many_each(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: (one,) if isinstance(one, str) else one for name, one in value.items()}


class Rule(_Section):
    """What a row is when the conditions hold. The first rule that fits decides."""

    when: When = When()
    then: Literal["order", "credit", "correction", "refuse"]
    reason: str = Field(default="", max_length=160)

    @model_validator(mode="after")
    def _refusals_have_reasons(self) -> Self:
        if self.then == "refuse" and not self.reason:
            raise ValueError("a refusal needs a reason")
        return self


class Mapping(_Section):
    """Everything that makes a file readable: what differs between files lives here, not in code."""

    file: FileSection = FileSection()
    columns: Columns
    values: Values = Values()
    skus: Skus = Skus()
    countries: dict[str, str] = {}
    payment: Payment | None = None
    rules: tuple[Rule, ...] = (Rule(then="order"),)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if not self.values.currency and not self.columns.currency:
            raise ValueError("name a currency, or the column that holds it")
        unknown = set(self.values.whole_numbers) - self.columns.named().keys()
        if unknown:
            raise ValueError(f"whole_numbers names no column: {', '.join(sorted(unknown))}")
        return self

    def layout(self) -> Layout:
        """Return how the table is written down."""
        section = self.file
        return Layout(section.encoding, section.delimiter, section.sheet, section.header_row)

    def digest(self) -> str:
        """Return the same text for mappings that say the same."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def parse(text: str) -> Mapping:
    """Return the mapping a TOML text holds. Raises `BadMapping` with everything that is wrong."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping([f"not TOML: {error}"]) from error
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        raise BadMapping([_sentence(one["loc"], one["msg"]) for one in error.errors()]) from error


def _sentence(place: Sequence[int | str], message: str) -> str:
    path = ".".join(str(step) for step in place)
    message = message.removeprefix("Value error, ")
    return f"{path}: {message}" if path else message
