"""Turns the cells of a row into what they mean, or says which cell is wrong and why."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from config.kernel.uploads.errors import Unreadable
from orders.imports import values
from orders.imports.mapping import Mapping, Skus
from orders.imports.rules import Facts, Rulebook
from orders.imports.values import BadCell, Reader

LENGTHS = {
    "reference": 120, "sku": 64, "customer": 200, "name": 200, "company": 200, "email": 254,
    "phone": 32, "vat_number": 32, "line1": 200, "line2": 200, "city": 120, "region": 120,
    "postal_code": 20, "shipping_method": 60, "customer_order_number": 80, "note": 2000,
}  # fmt: skip
DESCRIPTION_LENGTH = 300
REFUSED = "refused"


class Line(msgspec.Struct, omit_defaults=True, frozen=True):
    """The values of one row that its order, credit or correction needs."""

    sku: str
    quantity: int
    unit_price: Decimal
    charge: bool = False
    currency: str = ""
    tax_rate: Decimal | None = None
    discount_amount: Decimal | None = None
    shipping_amount: Decimal | None = None
    description: str = ""
    customer: str = ""
    name: str = ""
    company: str = ""
    email: str = ""
    phone: str = ""
    vat_number: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    shipping_method: str = ""
    customer_order_number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read: an order line, a credit line, a stock correction, or refused.

    `error` is `rule` for a refusal the mapping asks for; any other code says what cannot be read.
    """

    number: int
    kind: str
    reference: str = ""
    at: datetime | None = None
    line: Line | None = None
    error: str = ""
    detail: dict[str, str] | None = None

    @property
    def is_bad(self) -> bool:
        """Tell whether the row could not be read, as opposed to being unwanted."""
        return bool(self.error) and self.error != "rule"


class RowReader:
    """Reads the rows of one table by a mapping; nothing can have happened a day after `now`.

    `currencies` are those that are taken (all, if not given). Raises `Unreadable` when the table
    lacks a column that the mapping names, or when its one currency is not taken.
    """

    def __init__(
        self,
        mapping: Mapping,
        header: Sequence[str],
        now: datetime,
        currencies: Container[str] | None = None,
    ) -> None:
        self._headings = mapping.columns.named()
        places = _places(set(self._headings.values()), header)
        readers = dict(_readers(mapping, now, currencies))
        self._columns = [
            (field, places[heading], readers[field]) for field, heading in self._headings.items()
        ]
        self._constants = _constants(mapping, currencies)
        self._watched = _places(
            {heading for rule in mapping.rules for heading in rule.when.cells}, header
        )
        self._rules = Rulebook(mapping.rules, mapping.skus, folding(mapping.skus))

    def read(self, number: int, cells: Sequence[Any]) -> Row:
        """Return what the row is; a row that cannot be read comes back refused, with its reason."""
        read: dict[str, Any] = {}
        try:
            for field, place, reader in self._columns:
                read[field] = reader(cells[place] if place < len(cells) else "")
            return self._judged(number, read, cells)
        except BadCell as bad:
            detail = {"field": self._headings.get(bad.field, bad.field), "value": bad.value}
            reference = read.get("reference", "")
            return Row(number, REFUSED, reference, error=bad.code, detail=detail)

    def _judged(self, number: int, read: dict[str, Any], cells: Sequence[Any]) -> Row:
        reference, at = read.pop("reference"), read.pop("at")
        line = Line(**read, **self._constants, charge=self._rules.is_charge(read["sku"]))
        watched = {
            heading: values.plain(cells[place]) if place < len(cells) else ""
            for heading, place in self._watched.items()
        }
        facts = Facts(reference, line.sku, line.quantity, line.unit_price, line.customer, watched)
        rule = self._rules.decide(facts)
        if rule is None:
            raise BadCell("no_rule", "reference", reference)
        if rule.then == "refuse":
            return Row(number, REFUSED, reference, at, line, "rule", {"reason": rule.reason})
        _check_sense(rule.then, line)
        return Row(number, rule.then, reference, at, line)


def folding(skus: Skus) -> Callable[[str], str]:
    """Return how the mapping writes SKUs."""
    if skus.fold == "none":
        return str
    return str.upper if skus.fold == "upper" else str.lower


def _readers(
    mapping: Mapping, now: datetime, currencies: Container[str] | None
) -> Iterator[tuple[str, Reader[Any]]]:
    style = mapping.values
    for field, length in LENGTHS.items():
        required, whole = field == "reference", field in style.whole_numbers
        yield field, values.texts(field, length, required=required, whole=whole)
    yield "description", values.texts("description", DESCRIPTION_LENGTH, cut=True)
    yield "sku", values.skus(LENGTHS["sku"], folding(mapping.skus))
    yield "at", values.moments(style, now)
    yield "quantity", values.quantities(style)
    yield "unit_price", values.prices(style)
    yield "country", values.countries(mapping.countries)
    yield "currency", values.currencies(style.currency, currencies)
    yield "tax_rate", values.numbers("tax_rate", style, low=0, high=100)
    for field in ("discount_amount", "shipping_amount"):
        yield field, values.numbers(field, style, low=0, high=values.LARGEST_AMOUNT)


def _constants(mapping: Mapping, currencies: Container[str] | None) -> dict[str, Any]:
    code = mapping.values.currency
    if mapping.columns.currency:
        return {}
    if currencies is not None and code not in currencies:
        raise Unreadable("currency_not_taken", currency=code)
    return {"currency": code}


def _check_sense(kind: str, line: Line) -> None:
    """A rule may call a row what it cannot be."""
    if line.unit_price < 0:
        raise BadCell("negative_price", "unit_price", line.unit_price)
    if line.discount_amount and line.discount_amount > abs(line.quantity) * line.unit_price:
        raise BadCell("discount_too_large", "discount_amount", line.discount_amount)
    if line.quantity == 0:
        raise BadCell("no_quantity", "quantity", line.quantity)
    if kind == "order" and line.quantity < 0:
        raise BadCell("negative_quantity", "quantity", line.quantity)
    if kind == "correction" and line.charge:
        raise BadCell("not_stocked", "sku", line.sku)


def _places(headings: set[str], header: Sequence[str]) -> dict[str, int]:
    wrong = sorted(heading for heading in headings if header.count(heading) != 1)
    if wrong:
        found = ", ".join(header)[:200]
        raise Unreadable("columns_not_once", columns=", ".join(wrong), found=found)
    return {heading: header.index(heading) for heading in headings}
